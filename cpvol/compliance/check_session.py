"""Checks of the log of mediated sessions: the end, the colleague who looked, the caller's own log-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_session import unended
from cpvol.compliance.standing import people, person_of
from cpvol.findings import Severity
from cpvol.logs.person import Person
from cpvol.logs.session import Session


def _sessions(case: Case) -> Iterator[Session]:
    found = cast("list[Session]", case.book.of("session"))
    return (session for session in found if session.date <= case.on)


@check("session-ended", "A mediated session has ended", Severity.BREACH, "E-10.6")
def _ended(case: Case) -> Iterator[Hit]:
    """That the session has ended is confirmed on its day; before, nobody can say that nobody went on looking.

    An end before the beginning may be one after midnight, and is more often a slip.
    """
    for session in _sessions(case):
        if session.ended is not None and session.ended < session.start:
            yield Hit(session, "the end is earlier in the day than the beginning", Severity.NOTE)
        if session.date < case.on and unended(session, case.on):
            what = (
                "no end of the session is recorded"
                if session.ended is None
                else "nobody confirmed that the session has ended"
            )
            yield Hit(session, what)


@check("session-own-login", "One's own log-in is at hand", Severity.BREACH, "E-10.2")
def _own_login(case: Case) -> Iterator[Hit]:
    """The directory's team looks for somebody whose own technology failed, not for somebody without an account."""
    for session in _sessions(case):
        if session.route != "authority" or session.own_login == "yes":
            continue
        if session.own_login == "no":
            yield Hit(session, "the caller did not have their own log-in at hand")
        else:
            yield Hit(
                session,
                "whether the caller had their own log-in at hand is not recorded",
                Severity.WARNING,
            )


@check("session-colleague", "A colleague looks for a nominated user", Severity.BREACH, "B-9", "C12")
def _colleague(case: Case) -> Iterator[Hit]:
    """A colleague looks with their own account, and only for somebody whom the organisation chose.

    It is asked how both stood on the day of the session; where that was changed since, it cannot be
    told and is not objected to.
    """
    changed = _access_changed(case)
    for session in _sessions(case):
        if session.route != "colleague" or session.mediator is None:
            continue
        mediator = _then(case, session.mediator, session.date)
        if mediator is not None:
            yield from _mediating(session, mediator, changed)
        caller = _then(case, session.person, session.date)
        if (
            caller is not None
            and caller.access != "nominated"
            and not _since(caller, session, changed)
        ):
            yield Hit(session, "the caller is not nominated for mediated access")


def _mediating(session: Session, mediator: Person, changed: dict[str, date]) -> Iterator[Hit]:
    day = session.date
    if not mediator.account_open(day) or not mediator.here(day):
        yield Hit(session, "the colleague who looked had no open account on that day")
    elif mediator.suspended(day):
        yield Hit(session, "the account of the colleague who looked was suspended on that day")
    if mediator.access not in {"mediator", "query"} and not _since(mediator, session, changed):
        yield Hit(session, "the colleague who looked is neither a mediator nor a user")


def _then(case: Case, id: str, day: date) -> Person | None:
    """Somebody as they stood on a day; ``None`` when they joined again since, which clears what stood before."""
    found = person_of(case.book, id)
    return found if found is not None and found.joined_on <= day else None


def _access_changed(case: Case) -> dict[str, date]:
    """The day on which each person's access was last changed in the register."""
    return {
        person.id: change.on
        for person in people(case.book)
        for change in sorted(person.amendments, key=lambda one: one.on)
        if "access" in change.fields
    }


def _since(person: Person, session: Session, changed: dict[str, date]) -> bool:
    return changed.get(person.id, date.min) > session.date


CHECKS: tuple[Check, ...] = (_ended, _own_login, _colleague)
