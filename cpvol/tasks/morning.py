"""The morning look (``due --brief``) and the sheet of the week on paper (``due --sheet``)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cpvol.logs.shown import name_of
from cpvol.tasks.papers import new_file
from cpvol.tasks.session import Session

if TYPE_CHECKING:
    from cpvol.compliance import Due
    from cpvol.logs.base import Book
    from cpvol.policy.organisation import Organisation

#: How many kinds of things are said; whoever has more looks at all of them.
_SAID = 5
#: How many days ahead a morning looks.
AHEAD = 7


def brief(session: Session, found: list[Due], book: Book, day: date) -> None:
    """Say in a few lines what is overdue and what comes within a week; a sentence for each thing.

    :param found: what falls due within a week, soonest first.
    """
    ours = [each for each in found if each.owner == "us"]
    late = [each for each in ours if each.overdue(day)]
    now = [each for each in ours if each.due_on == day]
    soon = [each for each in ours if each.due_on > day]
    session.out(
        f"{day:%A} {day:%d/%m/%Y}. Overdue: {_number(late)}. Due today: {_number(now)}."
        f" Due by {day + timedelta(days=AHEAD):%d/%m/%Y}: {_number(soon)}."
    )
    # What is due today stands before what has waited for long already.
    groups = [group for some in (now, late, soon) for group in _alike(some)]
    for group in groups[:_SAID]:
        session.out(_sentence(group, book, day))
    if more := sum(len(group) for group in groups[_SAID:]):
        session.out(f"And {more} more: see `due`.")
    if waiting := len(found) - len(ours):
        session.out(f"Not ours, and expected by then: {waiting}.")


def _alike(dues: list[Due]) -> list[list[Due]]:
    """The due dates, those together that ask for the same; in the order of the first of each."""
    found: dict[str, list[Due]] = {}
    for each in dues:
        found.setdefault(_what(each), []).append(each)
    return list(found.values())


def _what(due: Due) -> str:
    # Why stands after the colon.
    return due.what.partition(": ")[0]


def _sentence(group: list[Due], book: Book, day: date) -> str:
    first = group[0]
    when = "today" if first.due_on == day else f"{first.due_on:%d/%m/%Y}"
    mark = "Overdue since" if first.overdue(day) else "Due"
    if len(group) > 1:
        later = " and later" if group[-1].due_on > first.due_on else ""
        return f"{mark} {when}{later}: {_what(first)}, {len(group)} times."
    who = name_of(book.get(first.id), book)
    of = ", ".join(part for part in (who, f"{first.log} {first.id}".strip()) if part)
    return f"{mark} {when}: {first.what}{f' ({of})' if of else ''}."


def _number(dues: list[Due]) -> str:
    return str(len(dues)) if dues else "nothing"


def sheet(
    session: Session, file: str, found: list[Due], organisation: Organisation, day: date
) -> None:
    """Write the sheet of the week into a file."""
    from cpvol.reports.week_sheet import page

    place = new_file(session, file, (".html",), suggested="week.html", option="--sheet")
    path = place.put(page(found, organisation.name, day))
    session.out(f"The sheet of the week is in {path}: print it, and tick off what is done.")
