"""Due dates while something hangs on one member alone (C22, C23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.dates import later

#: From this day on the reminders are counted, so that they come on the same days everywhere.
_COUNTED_FROM = date(2000, 1, 1)


@due_rule("alone-reminder", "Whether it still hangs on one member alone is looked at", "C22", "C23")
def _reminder(case: Case) -> Iterator[Date]:
    """While something hangs on one member alone, the trustees hear of it each time this comes round."""
    if case.alone:
        yield Date(
            None, _next(case), f"find a second person for what hangs on one: {case.alone[0]}"
        )


def _next(case: Case) -> date:
    every = case.policy.single_admin_reminder
    day = _COUNTED_FROM
    while day < case.on:
        day = later(day, every.value, every.unit)
    return day


RULES: tuple[DueRule, ...] = (_reminder,)
