"""Every row of the requirements and every ruling, as the site shows them.

A row is one obligation, number, form field or decision rule of a source document, in our own words. Its
id starts with the document's letter; what stands before the first dot names the section (``E-10.6`` is in
section ``E-10``). Rows without a dot (``B-7``) belong to a document that has no numbered sections.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Document:
    """One of the five source documents.

    :param letter: the first letter of its rows.
    :param slug: the name of its page.
    :param name: what we call it.
    :param what: what kind of document it is, and whom it was written for; Markdown.
    :param sections: the section's prefix (``E-10``) and what it is about, in our words.
    """

    letter: str
    slug: str
    name: str
    what: str
    sections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its id, its kinds (letters of :data:`KINDS`) and what it asks, in our own words."""

    id: str
    kinds: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What we decided where the sources disagree or are silent."""

    id: str
    question: str
    ruling: str


KINDS: Mapping[str, str] = {
    "O": "duty",
    "R": "how long to keep",
    "D": "deadline",
    "P": "condition first",
    "F": "form or log field",
    "X": "rule",
    "L": "log",
    "A": "action asked for",
    "I": "information",
    "T": "technical",
}

DOCUMENTS: tuple[Document, ...] = (
    Document(
        "E",
        "essex",
        "Essex",
        "Accreditation procedures: a template in 19 sections, closed by a declaration that two people sign. It was"
        " written for schools. Where it says school, headteacher or governors, we read organisation, chief officer"
        " or trustees. That reading is ours.",
        (
            ("E-1", "1. What the directory is"),
            ("E-2", "2. Records of employees and contractors"),
            ("E-3", "3. Induction and job description"),
            ("E-4", "4. Leaving"),
            ("E-5", "5. Enhanced checks (eCRB)"),
            ("E-6", "6. Training"),
            ("E-7", "7. Misuse and breaches"),
            ("E-8", "8. Internal audit"),
            ("E-9", "9. Shielding"),
            ("E-10", "10. Mediated access"),
            ("E-11", "11. Tokens"),
            ("E-12", "12. Accurate data"),
            ("E-13", "13. Lost passwords"),
            ("E-14", "14. Subject access"),
            ("E-15", "15. Override of a shield"),
            ("E-16", "16. Workstations"),
            ("E-17", "17. Networks"),
            ("E-18", "18. First-line support"),
            ("E-19", "19. Disputed data"),
            ("E-D", "Declaration"),
        ),
    ),
    Document(
        "B",
        "bedfordshire",
        "Bedfordshire",
        "Questions and answers for voluntary organisations. It is the only one of the five that sets query-based"
        " and mediated access side by side.",
    ),
    Document(
        "S",
        "suffolk",
        "Suffolk",
        "A shielding policy: 16 sections and 4 appendices, among them a decision chart and a request form. It was a"
        " draft when it was issued, and it leaves some questions open.",
        (
            ("S-1", "1. What the directory is, and who sees what"),
            ("S-2", "2. Principles"),
            ("S-3", "3. Criteria"),
            ("S-4", "4. Asking for a shield"),
            ("S-5", "5. Several shields on one record"),
            ("S-6", "6. Reviews"),
            ("S-7", "7. Removing a shield"),
            ("S-8", "8. Brokering"),
            ("S-9", "9. Override"),
            ("S-10", "10. Children who live together"),
            ("S-11", "11. Possible duplicates"),
            ("S-12", "12. Subject access to shielded records"),
            ("S-13", "13. Printing"),
            ("S-14", "14. Searching too widely"),
            ("S-15", "15. The authority's shielding log"),
            ("S-16", "16. Open questions"),
            ("S-A1", "Appendix 1. Example cases"),
            ("S-A2", "Appendix 2. Decision chart"),
            ("S-A3", "Appendix 3. Named contacts"),
            ("S-A4", "Appendix 4. Request form"),
        ),
    ),
    Document(
        "N",
        "nottinghamshire",
        "Nottinghamshire",
        "A leaflet for families on how sensitive information is looked after.",
    ),
    Document(
        "W",
        "worcestershire",
        "Worcestershire",
        "A newsletter of April 2008 for the people who were getting ready: what was coming, and when.",
    ),
)

#: A row (``E-10.6``, ``S-A4.1``, ``E-7.11a``, ``B-7``) or a ruling (``C12``).
ID = r"[EBSNW]-[A-D]?\d*(?:\.\d+[a-z]?)?|C\d+"


@cache
def rows() -> Mapping[str, Row]:
    """Every row by its id, in the order of the documents."""
    return {r["id"]: Row(r["id"], tuple(r["kind"].split()), r["text"]) for r in _table("rows.tsv")}


@cache
def rulings() -> Mapping[str, Ruling]:
    """Every ruling by its id."""
    return {r["id"]: Ruling(r["id"], r["question"], r["ruling"]) for r in _table("rulings.tsv")}


def known(id: str) -> bool:
    """Whether there is a row or a ruling of that id."""
    return id in rows() or id in rulings()


def section_of(id: str) -> str:
    """The section that a row stands in: ``E-10`` for ``E-10.6``, ``B`` for ``B-7``."""
    dotted = re.match(r"([EBSNW]-[A-D]?\d*)(?:\.|$)", id)
    document = next(d for d in DOCUMENTS if d.letter == id[0])
    return dotted[1] if dotted and document.sections else document.letter


def anchor(id: str) -> str:
    """The name of the place on its page where a row or ruling stands: ``e-10-6``."""
    return id.lower().replace(".", "-")


@cache
def place(id: str) -> str:
    """Where a row or ruling stands on the site, below the folder of pages: ``sources/essex.md#e-10-6``."""
    if id in rulings():
        return f"sources/rulings.md#{anchor(id)}"
    document = next(d for d in DOCUMENTS if d.letter == id[0])
    return f"sources/{document.slug}.md#{anchor(id)}"


def _table(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), dialect="excel-tab", quoting=csv.QUOTE_NONE))
