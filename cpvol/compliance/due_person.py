"""Due dates of the user register: the steps when somebody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.standing import people, was_user
from cpvol.logs.person import Person


def _leavers(case: Case) -> Iterator[tuple[Person, date]]:
    """Everybody with access to end who has left or is known to leave, with their last day."""
    for person in people(case.book):
        if person.left_on is not None and was_user(person):
            yield person, person.left_on


@due_rule("leaver-tell", "The directory's team is told that a user leaves", "E-4.1")
def _tell(case: Case) -> Iterator[Date]:
    """The account is not ours. Nobody who can end it knows that a user leaves until we say so."""
    for person, left in _leavers(case):
        if person.team_told_on is None:
            yield Date(person, left, "tell the directory's team that this user leaves")


@due_rule("leaver-suspend", "A leaver's account is suspended", "E-4.1")
def _suspend(case: Case) -> Iterator[Date]:
    """From the day after the last one, nothing in their work makes the directory necessary."""
    for person, left in _open(case):
        if not person.suspended(max(left, case.on)):
            yield Date(person, left, "have the leaver's account suspended")


@due_rule("leaver-close", "A leaver's account is closed", "E-4.1", "C1")
def _close(case: Case) -> Iterator[Date]:
    """While an account stays open, the entries about its holder stay open too and never fall due for disposal."""
    for person, left in _open(case):
        yield Date(person, left, "have the leaver's account closed")


def _open(case: Case) -> Iterator[tuple[Person, date]]:
    for person, left in _leavers(case):
        if person.account_opened_on is not None and person.account_closed_on is None:
            yield person, left


@due_rule("leaver-notice", "A leaver is told that further use may be an offence", "E-4.6")
def _notice(case: Case) -> Iterator[Date]:
    """Somebody who was told cannot say that they thought it was still allowed."""
    for person, left in _leavers(case):
        if person.notice_given_on is None:
            yield Date(
                person, left, "give the leaver the notice that further use may be an offence"
            )


@due_rule("leaver-acknowledged", "A leaver confirms the notice", "E-4.6")
def _acknowledged(case: Case) -> Iterator[Date]:
    """The notice is proved by the day on which the leaver confirmed it, not by the day on which it was sent."""
    for person, left in _leavers(case):
        if person.notice_acknowledged_on is None:
            yield Date(
                person,
                left,
                "have the leaver confirm the notice that further use may be an offence",
            )


RULES: tuple[DueRule, ...] = (_tell, _suspend, _close, _notice, _acknowledged)
