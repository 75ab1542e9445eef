"""``accreditation``: the declaration, with the evidence held under each section."""

from __future__ import annotations

from typing import Any

from invoke.tasks import Task

from cpvol.guidance.rows import rows
from cpvol.letters import LETTERS
from cpvol.letters.base import Matter
from cpvol.letters.declaration import LETTER as DECLARATION
from cpvol.letters.page import part
from cpvol.logs.book import Records
from cpvol.reports.accreditation import Section, page, reach
from cpvol.reports.accreditation import accreditation as sections_of
from cpvol.tasks.build import FOUND_SOMETHING, JSON, ON, Param, make_task
from cpvol.tasks.letters import own_templates
from cpvol.tasks.papers import new_file
from cpvol.tasks.session import Session


def accreditation(session: Session, *, on: str | None, to: str | None, json: bool) -> int:
    """The body of ``accreditation``."""
    day = session.day(on)
    place = (
        new_file(session, to, (".html",), suggested="accreditation.html", option="--to")
        if to
        else None
    )
    with session.register() as register:
        organisation, policy = register.organisation, register.policy
        book = Records(register.records())
        words = {id: row.text for id, row in rows().items()}
        forms = {letter.name: letter.title for letter in LETTERS}
        sections = sections_of(book, policy, organisation, day, words, forms)
    if place:
        cards = [reach(card) for card in organisation.contacts]
        matter = Matter(None, book, policy, organisation, day)
        declaration = part(DECLARATION, matter, own_templates(session, DECLARATION))
        path = place.put(page(sections, organisation.name, cards, day, declaration))
        session.out(f"The accreditation file is in {path}: print it, and have it signed twice.")
    elif json:
        session.json([_plain(section) for section in sections])
    else:
        session.out(f"Accreditation file of {organisation.name}, as on {day:%d/%m/%Y}")
        for section in sections:
            _show(session, section)
        session.out(
            "\nDeclaration: to be signed by the chief officer and by the chair of trustees."
        )
        session.out("Use --to FILE.html for a page to print.")
    return FOUND_SOMETHING if any(section.missing for section in sections) else 0


def _show(session: Session, section: Section) -> None:
    session.out(f"\n{section.number}. {section.title}")
    for held in section.held:
        latest = f", latest {held.latest:%d/%m/%Y}" if held.latest else ""
        entries = "1 entry" if held.entries == 1 else f"{held.entries} entries"
        session.out(f"   held: {held.title}, {entries}{latest}")
    if section.elsewhere:
        session.out(f"   kept elsewhere: {section.elsewhere}")
    for missing in section.missing:
        session.out(f"   MISSING: {missing}")
    if not section.missing:
        session.out("   nothing missing")


def _plain(section: Section) -> dict[str, Any]:
    return {
        "section": section.number,
        "title": section.title,
        "asked": [
            {"row": asked.row, "words": asked.words, "met": list(asked.met)}
            for asked in section.asked
        ],
        "numbers": list(section.numbers),
        "held": [
            {"log": held.title, "entries": held.entries, "latest": held.latest}
            for held in section.held
        ],
        "elsewhere": section.elsewhere,
        "missing": list(section.missing),
    }


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "accreditation",
        "The accreditation file: what is held under each section, and what is missing.",
        [ON, Param("to", "Write a page to print into this file (HTML)."), JSON],
        accreditation,
    ),
)
