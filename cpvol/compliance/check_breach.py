"""Checks of the breach log: who was told, what was done, and the account of whoever is concerned."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_breach import at_large, authority_knows, breaches
from cpvol.compliance.hands import by
from cpvol.findings import Severity


@check("breach-told", "A breach is told", Severity.BREACH, "E-7.3", "C15")
def _told(case: Case) -> Iterator[Hit]:
    """A breach goes to the manager, or somebody in their place, and to the directory's team.

    What only the person who entered it knows of, nobody looks into.
    """
    for breach in breaches(case):
        knows = authority_knows(breach, case.on)
        if breach.reported_to is None and not knows:
            yield Hit(breach, "nobody is told of the breach")
        elif breach.reported_to is None:
            yield Hit(
                breach, "to whom here the breach was reported is not recorded", Severity.WARNING
            )
        elif not knows:
            yield Hit(
                breach,
                "neither the directory's team nor the directory manager is told of the breach",
                Severity.WARNING,
            )


@check("breach-concluded", "A case ends with something done", Severity.WARNING, "E-7.5")
def _concluded(case: Case) -> Iterator[Hit]:
    """The log holds what was done about every breach; a case that ended with nothing noted shows nothing."""
    for breach in breaches(case):
        if by(breach.concluded_on, case.on) is not None and not breach.actions:
            yield Hit(breach, "the case is concluded, and nothing that was done is recorded")


@check("breach-account", "No account in use during an investigation", Severity.BREACH, "E-7.9")
def _account(case: Case) -> Iterator[Hit]:
    """Nobody looks in the directory while it is found out what they did there.

    The user register is what counts: where only the breach log says that the account was suspended, the two
    have to be made to agree.
    """
    for breach in breaches(case):
        if not at_large(breach, case.book, case.on):
            continue
        if by(breach.suspended_on, case.on) is None:
            yield Hit(
                breach,
                "an account of somebody concerned is open and not suspended while the investigation runs",
            )
        else:
            yield Hit(
                breach,
                "the account of somebody concerned is not suspended in the user register as it is here",
                Severity.WARNING,
            )


CHECKS: tuple[Check, ...] = (_told, _concluded, _account)
