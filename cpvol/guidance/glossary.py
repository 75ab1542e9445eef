"""The glossary: words that a reader may not know, as a page.

``site_src/data/glossary.yaml`` is a list; each entry has ``term`` and ``means``, and may have ``also`` (other words for
it) and ``rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cpvol.guidance.cite import links
from cpvol.guidance.rows import known


@dataclass(frozen=True, slots=True)
class Term:
    """One word: what it means in one or two sentences, and what else people call it."""

    term: str
    means: str
    also: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def read_terms(data: object) -> tuple[Term, ...]:
    """The terms of a glossary file, in the order of the alphabet.

    :param data: the file as it was read.
    :raises ValueError: an entry is not as it should be; the message says which and why.
    """
    if not isinstance(data, list):
        raise ValueError("it is not a list")  # noqa: TRY004 - one kind of error for a wrong file
    terms = []
    for number, entry in enumerate(data, 1):
        if not isinstance(entry, dict) or not {"term", "means"} <= entry.keys() <= {
            "term",
            "means",
            "also",
            "rows",
        }:
            raise ValueError(f"entry {number} needs term and means, and may have also and rows")
        wrong = [row for row in entry.get("rows", ()) if not known(str(row))]
        if wrong:
            raise ValueError(f"entry {number} names {wrong[0]}, which is no row of the sources")
        terms.append(
            Term(
                entry["term"],
                entry["means"],
                tuple(entry.get("also", ())),
                tuple(entry.get("rows", ())),
            )
        )
    return tuple(sorted(terms, key=lambda term: term.term.lower()))


def body(terms: Sequence[Term], path: str) -> str:
    """The text of the glossary page."""
    parts = ["# Glossary", "Words that this guidance uses, and what they mean here."]
    for term in terms:
        also = f" Also called: {', '.join(term.also)}." if term.also else ""
        parts.append(f"## {term.term}\n\n{term.means}{also} {links(term.rows, path)}".rstrip())
    return "\n\n".join(parts)
