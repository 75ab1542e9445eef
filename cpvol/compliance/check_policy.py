"""Checks of the policy itself."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.findings import Severity
from cpvol.policy import load, misattributed, profiles


@check("policy-source", "A number that claims a source is the source's", Severity.WARNING, "C22")
def _source(case: Case) -> Iterator[Hit]:
    """An organisation may decide on another number, but it is then its own, with its own reason.

    Readers of the policy have to be able to tell what a document asks for from what we decided.
    """
    if case.policy.profile not in profiles():
        yield Hit(None, "the policy names a profile that this cpvol does not know")
        return
    for key in misattributed(case.policy, load(case.policy.profile)):
        yield Hit(None, f"the policy's {key} claims a source, and the source has another number")


CHECKS: tuple[Check, ...] = (_source,)
