"""``calendar``: due dates as a file that calendar programs read, written again to bring it up to date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.files import write_file
from cpvol.logs import BY_NAME
from cpvol.logs.book import Records
from cpvol.logs.shown import name_of
from cpvol.tasks.build import JSON, ON, CpvolTask, Param, make_task
from cpvol.tasks.overview import by_one, days
from cpvol.tasks.papers import new_file, warn_open
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.register import Register

#: So far ahead lies the last due date that is looked for, in days: what is not found by then is over.
_ALL = 36_600


def calendar(
    session: Session, *, file: str, within: str | None, names: bool, on: str | None, json: bool
) -> None:
    """The body of ``calendar``."""
    from cpvol import compliance
    from cpvol.exchange import due_calendar

    day = session.day(on)
    ahead = days(within, 365)
    place = new_file(session, file, (".ics",), suggested="due-dates.ics", replace=True)
    with session.register() as register:
        book = Records(register.records())
        found = compliance.due(
            book, register.policy, day, _ALL, register.organisation, by_one(register)
        )
        make = partial(
            due_calendar.make,
            [
                due_calendar.Entry(each, name_of(book.get(each.id), book) if names else "")
                for each in found
            ],
            records=register.founding,
            title=f"Due dates: {register.organisation.name}",
            alarms=register.policy.calendar_alarms.value,
            on=day,
            until=day + timedelta(days=ahead),
            unseen=_unseen(register),
        )
    counts: dict[str, int] = {}

    def write(path: Path) -> None:
        try:
            made = make(before=_read(path) if path.exists() else None)
        except due_calendar.NotThisCalendar as error:
            raise BadInput(error.problem, error.hint) from None
        write_file(path, made.data, private=True)
        counts.update(made.counts)

    path = place.write(write)
    late = sum(each.overdue(day) for each in found)
    if json:
        session.json({**counts, "overdue": late})
    else:
        session.out(
            f"{path} has {counts['events']} due dates: {counts['new']} new, {counts['changed']} changed,"
            f" {counts['cancelled']} taken out since it was written last."
        )
    if late:
        session.tell(f"note: {late} of them are overdue, and lie in the past: see `due`")
    session.tell(
        "note: open it with your calendar program; write the same file again later, and open it again"
    )
    if names:
        warn_open(session, path, "once your calendar has it")


def _unseen(register: Register) -> Callable[[str], bool]:
    """Which entries this member cannot read, as a calendar names them."""
    closed = {f"{log} {id}" for log, id in register.closed_to_me}

    def unseen(entry: str) -> bool:
        log = entry.partition(" ")[0]
        return entry in closed or (log in BY_NAME and not register.me.may_read(log))

    return unseen


def _read(path: Path) -> bytes:
    from cpvol.exchange.due_calendar import MOST_BYTES, NotThisCalendar

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        raise NotThisCalendar from None
    if len(data) > MOST_BYTES:
        raise NotThisCalendar
    return data


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "calendar",
        "Write what falls due into a file for calendar programs, or bring it up to date.",
        [
            Param("file", "The file; its name ends in .ics.", positional=True, of="itself"),
            Param("within", "Look so many days ahead; 365 when left out."),
            Param("names", "Write the names of people into it.", flag=True),
            ON,
            JSON,
        ],
        calendar,
    ),
)
