"""Everything that falls due, soonest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cpvol.compliance import (
    due_alone,
    due_breach,
    due_disposal,
    due_ecrb,
    due_open,
    due_override,
    due_person,
    due_round,
    due_sar,
    due_session,
    due_shield,
    due_token,
    due_training,
)
from cpvol.compliance.base import Case, Due, DueRule
from cpvol.logs.book import Records
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation

DUE_RULES: tuple[DueRule, ...] = (
    *due_ecrb.RULES,
    *due_person.RULES,
    *due_training.RULES,
    *due_token.RULES,
    *due_session.RULES,
    *due_breach.RULES,
    *due_sar.RULES,
    *due_shield.RULES,
    *due_override.RULES,
    *due_open.RULES,
    *due_round.RULES,
    *due_disposal.RULES,
    *due_alone.RULES,
)


def due(
    book: Records,
    policy: Policy,
    on: date,
    within: int = 90,
    organisation: Organisation | None = None,
    by_one: Sequence[str] = (),
) -> list[Due]:
    """What is overdue on a day or falls due soon.

    :param within: so many days after ``on`` are looked at too.
    :param organisation: whose records they are; without it, what was never done is not asked for.
    :param by_one: what hangs on one member alone, a sentence each.
    :returns: soonest first.
    """
    case = Case(book, policy, on, within, organisation, by_one)
    horizon = on + timedelta(days=within)
    found = (
        (one.due_on, place, one.log, one.id, one)
        for place, rule in enumerate(DUE_RULES)
        for one in rule.dues(case)
        if one.due_on <= horizon
    )
    # What falls due on one day comes in the order of the rules, which is the order in which things are done.
    return [one for *_, one in sorted(found, key=lambda each: each[:4])]
