"""How hard a page is to read: the Flesch-Kincaid grade of its prose."""

from __future__ import annotations

import re

#: Parts of a page that nobody reads as sentences.
_LEFT_OUT = re.compile(
    r"\A---\n.*?\n---\n|```.*?```|<footer.*|^\|[^\n]*|<[^>]+>|\{[:#][^}]*\}|^#+ [^\n]*|\[TOC\]|`[^`]*`",
    re.DOTALL | re.MULTILINE,
)
_CITATION = re.compile(r"\\\[(?:\[[^\]]*\]\([^)]*\)(?:, )?)+\\\]")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def sentences(markdown: str) -> list[list[str]]:
    """The words of each sentence of a staged page; headings, tables and marks are left out."""
    prose = _LINK.sub(r"\1", _CITATION.sub("", _LEFT_OUT.sub("\n\n", markdown)))
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|(?<=[.?!:])[*\s]+", prose)
    found = [re.findall(r"[A-Za-z][A-Za-z'-]*", part) for part in parts]
    return [words for words in found if words]


def grade(markdown: str) -> float:
    """The Flesch-Kincaid grade of a staged page: 8 means that somebody of thirteen can follow it."""
    said = sentences(markdown)
    words = [word for sentence in said for word in sentence]
    syllables = sum(_syllables(word.lower()) for word in words)
    return 0.39 * len(words) / len(said) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    """Groups of vowels, less an e that is not spoken: right for most words, and seldom off by more than one."""
    spoken = re.sub(r"(?<=[^aeiouyl])e(?:s|d)?$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", spoken)))
