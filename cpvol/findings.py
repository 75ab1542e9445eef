"""What is wrong in the data, as a value: a log records what happened, and a finding says which rule it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to somebody who has to answer for it."""

    BREACH = "breach"
    """A rule of the sources is broken now."""
    WARNING = "warning"
    """A rule is about to be broken, or one of our own is."""
    NOTE = "note"
    """Worth knowing; nothing has to be done."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule that one record, or the register as a whole, does not meet.

    :param rule: the rule's own name, stable for ever, for example ``ecrb-before-training``.
    :param log: the log of the record, or ``""`` when the finding is about the whole register.
    :param id: the record's id, or ``""``.
    :param message: one plain sentence; holds no personal data beyond handles and ids.
    :param source: the rows of the requirements that the rule comes from, for example ``("E-3.6",)``.
    """

    rule: str
    severity: Severity
    log: str
    id: str
    message: str
    source: tuple[str, ...]
