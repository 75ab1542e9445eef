"""Checks that nothing hangs on one member alone, whose absence would stop it (C22, C23)."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.findings import Severity


@check("alone", "Nothing hangs on one member alone", Severity.WARNING, "C22", "C23")
def _alone(case: Case) -> Iterator[Hit]:
    """Illness, a forgotten passphrase or a quarrel must not stop the organisation.

    With one admin nobody else takes out whoever leaves; with one approver nobody looks at a disposal with a second pair
    of eyes; and about the only member nothing can be reported in confidence.
    """
    for sentence in case.alone:
        yield Hit(None, sentence)


CHECKS: tuple[Check, ...] = (_alone,)
