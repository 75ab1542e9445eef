"""Checks of the user register: leavers, double entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.standing import people
from cpvol.findings import Severity
from cpvol.logs.person import Person, plain_name


@check("leaver-account", "No open account for a leaver", Severity.BREACH, "E-4.1", "C1")
def _leaver(case: Case) -> Iterator[Hit]:
    """Somebody who left has no work that makes the directory necessary.

    Suspended is safe; but only a closed account lets the time run for which their entries are kept.
    """
    for person in people(case.book):
        if person.here(case.on) or not person.account_open(case.on):
            continue
        if person.suspended(case.on):
            yield Hit(
                person,
                "the person left; the account is suspended and not closed, so their entries stay open",
                Severity.NOTE,
            )
        else:
            yield Hit(person, "the person left, and the account is open and not suspended")


@check("person-twice", "Each person stands in the register once", Severity.WARNING, "E-5.2")
def _twice(case: Case) -> Iterator[Hit]:
    """With two entries for one person, each shows half of what was checked, and the clocks of both run wrongly."""
    same: dict[tuple[str, date], list[Person]] = {}
    for person in people(case.book):
        same.setdefault((plain_name(person.name), person.joined_on), []).append(person)
    for entries in same.values():
        for person in entries if len(entries) > 1 else ():
            yield Hit(person, "another entry has the same name and the same day of joining")


CHECKS: tuple[Check, ...] = (_leaver, _twice)
