"""Checks of shield requests: who decided, who agreed, and that the directory's team knows."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_shield import shields, team_knows
from cpvol.compliance.hands import by
from cpvol.findings import Severity


@check("shield-senior", "A senior representative agrees to a shield", Severity.BREACH, "S-2.2")
def _senior(case: Case) -> Iterator[Hit]:
    """Each shield is decided case by case, and not by one person alone."""
    for shield in shields(case):
        if shield.agreed_by is None:
            yield Hit(shield, "no senior representative is recorded as having agreed")


@check(
    "shield-role",
    "Who decides on a shield is named",
    Severity.WARNING,
    "E-9.3",
    "S-4.1",
    "C8",
)
def _role(case: Case) -> Iterator[Hit]:
    """The organisation names the roles that decide; an entry by somebody else is reported, and stands."""
    named = case.organisation.shield_roles if case.organisation is not None else None
    known = {_plain(role) for role in named or ()}
    for shield in shields(case):
        if shield.decided_by is None:
            yield Hit(shield, "who decided on the shield is not recorded")
        elif named is not None and not known:
            yield Hit(shield, "the organisation has not named the roles that decide on shields")
        elif named is not None and _plain(shield.decided_by) not in known:
            yield Hit(shield, "the role that decided is none that the organisation named for it")


def _plain(role: str) -> str:
    return " ".join(role.casefold().split())


@check(
    "shield-consulted",
    "Another strong reason is agreed with the directory's team",
    Severity.BREACH,
    "S-A2.2",
    "C6",
)
def _consulted(case: Case) -> Iterator[Hit]:
    """Where none of the listed reasons applies, the directory's team is consulted and agrees, or there is no shield."""
    for shield in shields(case):
        if set(shield.criteria) == {"other"} and shield.consulted != "yes":
            yield Hit(
                shield,
                "the only reason is another strong one, and no agreement of the directory's team is recorded",
                None if shield.consulted == "no" else Severity.WARNING,
            )


@check(
    "shield-told",
    "The directory's team hears of a shield at once",
    Severity.BREACH,
    "E-9.7",
    "E-9.8",
    "S-2.10",
)
def _told(case: Case) -> Iterator[Hit]:
    """Until the directory's team knows, whoever must not be found can be found."""
    for shield in shields(case):
        last = case.policy.tell_at_once.after(shield.requested_on)
        if last >= case.on:
            continue
        if not team_knows(shield, case.on):
            yield Hit(shield, "that the directory's team was told is not recorded")
        elif shield.team_told_on is not None and shield.team_told_on > last:
            yield Hit(shield, "the directory's team was told later than at once", Severity.WARNING)


@check(
    "shield-household", "Others in the household are thought of", Severity.NOTE, "E-9.11", "S-2.4"
)
def _household(case: Case) -> Iterator[Hit]:
    """An open record of a brother or sister leads to the same door."""
    for shield in shields(case):
        if by(shield.ended_on(), case.on) is None and shield.household != "yes":
            yield Hit(shield, "that others in the household were thought of is not recorded")


CHECKS: tuple[Check, ...] = (_senior, _role, _consulted, _told, _household)
