"""Every check, and how to run and explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cpvol.compliance import (
    check_access,
    check_alone,
    check_breach,
    check_ecrb,
    check_open,
    check_override,
    check_person,
    check_policy,
    check_reference,
    check_round,
    check_sar,
    check_session,
    check_shield,
    check_token,
    check_training,
)
from cpvol.compliance.base import Case, Check
from cpvol.findings import Finding, Severity
from cpvol.logs.book import Records
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation

#: What is looked for in the entries.
OF_ENTRIES: tuple[Check, ...] = (
    *check_access.CHECKS,
    *check_ecrb.CHECKS,
    *check_training.CHECKS,
    *check_token.CHECKS,
    *check_session.CHECKS,
    *check_breach.CHECKS,
    *check_sar.CHECKS,
    *check_shield.CHECKS,
    *check_override.CHECKS,
    *check_open.CHECKS,
    *check_round.CHECKS,
    *check_person.CHECKS,
    *check_reference.CHECKS,
)
CHECKS: tuple[Check, ...] = (
    *OF_ENTRIES,
    *check_round.OF_THE_WHOLE,
    *check_policy.CHECKS,
    *check_alone.CHECKS,
)

_GRAVEST_FIRST = list(Severity)


def check(
    book: Records,
    policy: Policy,
    on: date,
    checks: Sequence[Check] = CHECKS,
    organisation: Organisation | None = None,
    by_one: Sequence[str] = (),
    unseen: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Every rule that is not met on a day: gravest first, then by rule, log and id.

    :param checks: :data:`OF_ENTRIES` to leave out what no entry can change.
    :param organisation: whose records they are; without it, nothing is asked that rests on what it says of itself.
    :param by_one: what hangs on one member alone, a sentence each.
    :param unseen: entries that are not in the book, as :class:`Case` has them.
    """
    case = Case(book, policy, on, organisation=organisation, alone=by_one, unseen=unseen or {})
    found = [finding for one in checks for finding in one.findings(case)]
    return sorted(
        found, key=lambda f: (_GRAVEST_FIRST.index(f.severity), f.rule, f.log, f.id, f.message)
    )
