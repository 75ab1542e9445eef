"""Checks of the check register: lapsed, failed, never seen."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.standing import (
    checks_of,
    failed,
    is_user,
    known_on,
    last_valid,
    people,
    standing,
)
from cpvol.findings import Severity
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person


def _users(case: Case) -> Iterator[tuple[Person, Ecrb]]:
    for person in people(case.book):
        ecrb = standing(person.id, case.book, case.on) if is_user(person, case.on) else None
        if ecrb is not None:
            yield person, ecrb


@check("ecrb-lapsed", "No use on a lapsed check", Severity.BREACH, "E-5.7", "C2", "C3")
def _lapsed(case: Case) -> Iterator[Hit]:
    """A check counts until the day before it reaches its greatest age. From then on the account is suspended until the renewal is there."""
    for person, ecrb in _users(case):
        if (
            not failed(ecrb, case.on)
            and case.on > last_valid(ecrb, case.policy)
            and person.account_open(case.on)
            and not person.suspended(case.on)
        ):
            yield Hit(ecrb, "the enhanced check lapsed, and the account is open and not suspended")


@check("ecrb-failed", "No use after a failed check", Severity.BREACH, "E-5.8")
def _failed(case: Case) -> Iterator[Hit]:
    """After a failed check, use is withdrawn, the directory's team told and the token returned at once.

    It is not the way of a lapsed check, which only waits for its renewal.
    """
    for person, ecrb in _users(case):
        if not failed(ecrb, case.on):
            continue
        if ecrb.use_withdrawn_on is None:
            yield Hit(ecrb, "the enhanced check failed, and use of the directory is not withdrawn")
        elif person.account_open(case.on) and not person.suspended(case.on):
            yield Hit(ecrb, "the enhanced check failed, and the account is open and not suspended")
        if ecrb.team_told_on is None:
            yield Hit(ecrb, "the enhanced check failed, and the directory's team is not told")


@check("ecrb-seen", "A check counts when it was seen", Severity.WARNING, "E-5.1")
def _seen(case: Case) -> Iterator[Hit]:
    """A certificate that nobody saw proves nothing, so it counts for nothing here until the day is recorded."""
    for person in people(case.book):
        counting = standing(person.id, case.book, case.on)
        for ecrb in checks_of(person.id, case.book):
            newer = counting is None or ecrb.issued_on > counting.issued_on
            if known_on(ecrb) is None and newer and is_user(person, case.on):
                yield Hit(ecrb, "the day on which the certificate was seen is not recorded")


CHECKS: tuple[Check, ...] = (_lapsed, _failed, _seen)
