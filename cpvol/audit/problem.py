"""What an audit finds, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from cpvol.findings import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that an audit finds.

    :param commit: the id of the commit, or ``""`` when it is about the repository as a whole.
    :param rule: the rule's own name, stable for ever, for example ``key-in-force``.
    :param message: one plain sentence; holds nothing from the repository but handles, numbers and ids.
    :param point: which of the nine points of "the audit holds" is not met; 0 for a note that belongs to none.
    :param severity: a breach when the audit does not hold because of it.
    """

    commit: str
    rule: str
    message: str
    point: int
    severity: Severity = Severity.BREACH
