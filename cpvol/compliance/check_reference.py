"""Checks of what entries refer to, for every log."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.findings import Severity
from cpvol.logs import LOGS
from cpvol.logs.base import Record
from cpvol.retention import references


@check("missing-reference", "What an entry refers to is there", Severity.WARNING, "E-5.2", "C1")
def _missing(case: Case) -> Iterator[Hit]:
    """An entry about somebody who is not in the register has no end, so it stays open for ever.

    An entry that was struck out, or destroyed, is as good as missing. One that is closed to whoever asks is there.
    """
    for log in LOGS:
        for record in case.book.of(log.name):
            for id in references(record):
                if why := _why(case, id):
                    yield Hit(record, f"it refers to an entry {why}")


def _why(case: Case, id: str) -> str:
    """What is wrong with an entry that is referred to; ``""`` when nothing is."""
    found: Record | None = case.book.get(id)
    if found is not None:
        return f"of the {found.log} log that was struck out" if found.voided else ""
    if id not in case.unseen:
        return "that is not there"
    certificate = case.unseen[id]
    return f"that was destroyed, under disposal {certificate}" if certificate else ""


CHECKS: tuple[Check, ...] = (_missing,)
