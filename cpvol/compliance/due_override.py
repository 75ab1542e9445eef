"""Due dates of overrides: our report within its hours, and the directory's investigation (C4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.logs.override import Override


def overrides(case: Case) -> Iterator[Override]:
    """The overrides up to the day."""
    found = cast("list[Override]", case.book.of("override"))
    return (override for override in found if override.date <= case.on)


@due_rule("override-report", "An override is reported to the directory's team", "E-15.5", "C4")
def _report(case: Case) -> Iterator[Date]:
    """Whoever looked behind a shield, the organisation looks into it itself and reports within hours.

    The hours run from the override, so on the last day they end at its time.
    """
    for override in overrides(case):
        if by(override.reported_on, case.on) is None:
            yield Date(
                override,
                case.policy.override_report.after(override.date),
                f"look into the override and report to the directory's team, by {override.time:%H:%M}",
            )


@due_rule(
    "override-investigation",
    "The directory's team looks into an override",
    "E-15.4",
    "S-2.7",
    "S-9.3",
    "C4",
    owner="authority",
)
def _investigation(case: Case) -> Iterator[Date]:
    """Every override is investigated by the directory's team, on its next working day; we only watch for it."""
    for override in overrides(case):
        if by(override.concluded_on, case.on) is None:
            yield Date(
                override,
                case.policy.override_investigation.after(override.date),
                "the directory's investigation of the override is expected",
            )


RULES: tuple[DueRule, ...] = (_report, _investigation)
