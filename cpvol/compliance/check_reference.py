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

    An entry that was struck out is as good as missing.
    """
    for log in LOGS:
        for record in case.book.of(log.name):
            for found in (case.book.get(id) for id in references(record)):
                if found is None:
                    yield Hit(record, "it refers to an entry that is not there")
                elif found.voided:
                    yield Hit(record, _struck_out(found))


def _struck_out(found: Record) -> str:
    return f"it refers to an entry of the {found.log} log that was struck out"


CHECKS: tuple[Check, ...] = (_missing,)
