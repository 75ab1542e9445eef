"""Checks of overrides: the three facts, the right, the two steps, and our report in time (C4, C5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_override import overrides
from cpvol.compliance.standing import person_of
from cpvol.findings import Severity
from cpvol.logs.override import Override


@check(
    "override-facts",
    "The three facts that allow an override",
    Severity.BREACH,
    "S-9.1",
    "S-9.2",
    "E-15.1",
    "C5",
)
def _facts(case: Case) -> Iterator[Hit]:
    """A shield is overridden only by somebody with the right, on a serious and immediate threat, with the team out of reach.

    An override that lacks one of them happened all the same; it is recorded as it was, and reported.
    """
    for override in overrides(case):
        facts = (
            (override.team_unavailable, "the directory's team could be reached"),
            (override.threat, "there was no serious and immediate threat"),
            (override.holds_right, "the person did not have the right to override"),
        )
        for fact, words in facts:
            if fact == "no":
                yield Hit(override, words)
            elif fact == "unknown":
                yield Hit(override, f"it is not known whether {words}", Severity.WARNING)


@check("override-right", "The right to override stands in the register", Severity.BREACH, "E-15.1")
def _right(case: Case) -> Iterator[Hit]:
    """The right is given to named people. Where the user register does not say so, one of the two entries is wrong."""
    for override in overrides(case):
        person = person_of(case.book, override.person)
        if person is not None and override.holds_right == "yes" and person.override != "yes":
            yield Hit(override, "the user register does not give the person the right to override")


@check("override-confirmed", "An override is asked for twice", Severity.WARNING, "E-15.3")
def _confirmed(case: Case) -> Iterator[Hit]:
    """The request is explicit and then confirmed, so that nobody overrides a shield by a slip."""
    for override in overrides(case):
        if override.confirmed == "no":
            yield Hit(override, "the override was not confirmed")


@check("override-reported", "An override is reported in time", Severity.BREACH, "E-15.5", "C4")
def _reported(case: Case) -> Iterator[Hit]:
    """The organisation's own report follows within hours of the override."""
    for override in overrides(case):
        last = case.policy.override_report.after(override.date)
        reported = override.reported()
        if override.reported_on is None or reported is None or override.reported_on > case.on:
            if last < case.on:
                yield Hit(override, "no report to the directory's team is recorded")
        elif _late(override, case):
            yield Hit(override, "the report to the directory's team came too late")


def _late(override: Override, case: Case) -> bool:
    allowed, reported = case.policy.override_report, override.reported()
    if reported is None:
        return False
    if allowed.unit == "hours":
        return reported > override.at() + timedelta(hours=allowed.value)
    return reported.date() > allowed.after(override.date)


CHECKS: tuple[Check, ...] = (_facts, _right, _confirmed, _reported)
