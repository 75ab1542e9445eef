"""Checks of registers that went stale, and of declarations that are not signed (C23, E-D.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_round import ACCURACY, DECLARATION, SPOT_CHECK, USAGE, Round
from cpvol.compliance.hands import by
from cpvol.findings import Severity
from cpvol.logs import BY_NAME
from cpvol.logs.declaration import Declaration


def _stale(each: Round, *source: str) -> Check:
    title = BY_NAME[each.log].title

    @check(f"{each.log}-stale", f"{title}: kept up", Severity.WARNING, *source)
    def stale(case: Case) -> Iterator[Hit]:
        """A register in which nothing was entered for longer than the work comes round is no proof of that work."""
        due_on = each.next(case)
        if due_on is not None and due_on < case.on:
            yield Hit(each.last(case), f"nothing was entered in time in the log: {title.lower()}")

    return stale


@check("declaration-signed", "A declaration has both signatures", Severity.BREACH, "E-D.1")
def _signed(case: Case) -> Iterator[Hit]:
    """It is signed by the chief officer and by the chair of trustees; with one signature it declares nothing."""
    for declaration in cast("list[Declaration]", case.book.of("declaration")):
        if declaration.made_on >= case.on:
            continue
        officer = by(declaration.officer_signed_on, case.on)
        chair = by(declaration.chair_signed_on, case.on)
        if officer is None and chair is None:
            yield Hit(declaration, "the declaration lacks both signatures")
        elif officer is None:
            yield Hit(declaration, "the declaration lacks the chief officer's signature")
        elif chair is None:
            yield Hit(declaration, "the declaration lacks the signature of the chair of trustees")


#: Whether a register is stale is asked of the whole, not of the entry that is just made.
OF_THE_WHOLE: tuple[Check, ...] = (
    _stale(SPOT_CHECK, "E-16.9", "C23"),
    _stale(USAGE, "E-8.1", "E-8.2", "C23"),
    _stale(ACCURACY, "E-12.2", "C23"),
    _stale(DECLARATION, "E-8.1", "E-D.1", "C23"),
)
CHECKS: tuple[Check, ...] = (_signed,)
