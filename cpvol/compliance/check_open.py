"""Checks of brokered contacts, disputes, searches, spot checks and changes of systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.hands import by
from cpvol.compliance.standing import person_of
from cpvol.findings import Severity
from cpvol.logs.brokering import Brokering
from cpvol.logs.change import Change
from cpvol.logs.dispute import Dispute
from cpvol.logs.spotcheck import Spotcheck
from cpvol.logs.usage import Usage


@check("brokering-refusal", "A refusal has signed reasons", Severity.BREACH, "S-8.3")
def _refusal(case: Case) -> Iterator[Hit]:
    """Whoever was refused writes down why, signs and dates it; that is what a later question is answered from."""
    for brokering in cast("list[Brokering]", case.book.of("brokering")):
        if brokering.decision != "refused" or by(brokering.decided_on, case.on) is None:
            continue
        if brokering.refusal is None:
            yield Hit(brokering, "the reasons for the refusal are not recorded")
        if brokering.signed_by is None or by(brokering.signed_on, case.on) is None:
            yield Hit(brokering, "the reasons for the refusal are not signed and dated")


@check("name-documents", "A legal name is changed on documents", Severity.BREACH, "E-19.5")
def _documents(case: Case) -> Iterator[Hit]:
    """A legal name changes only when the legal documents were seen; otherwise it is one that the person is known by."""
    for dispute in cast("list[Dispute]", case.book.of("dispute")):
        changed = by(dispute.changed_on, case.on)
        if dispute.kind != "legal_name" or changed is None or dispute.known_as == "yes":
            continue
        if dispute.documents_seen_on is None or dispute.documents_seen_on > changed:
            yield Hit(dispute, "the name was changed before its legal documents were seen")


@check(
    "search-limit",
    "A search shows no more records than it may",
    Severity.BREACH,
    "S-14.1",
    "S-14.2",
    "C18",
)
def _limit(case: Case) -> Iterator[Hit]:
    """Many records in one search look like trawling. Whoever may shield needs more of them than others."""
    for usage in cast("list[Usage]", case.book.of("usage")):
        for search in usage.searches:
            person = person_of(case.book, search.person)
            shielder = person is not None and person.shielder == "yes"
            limit = (
                case.policy.search_limit_shielder.value
                if shielder
                else case.policy.search_limit.value
            )
            if search.on <= case.on and search.records > limit:
                said = "" if search.explanation else ", and no explanation is recorded"
                yield Hit(
                    usage, f"one search showed {search.records} records, {limit} are allowed{said}"
                )


@check("spotcheck-told", "A breach on a workstation is told", Severity.WARNING, "E-16.5")
def _told(case: Case) -> Iterator[Hit]:
    """The local directory manager hears of what is not as it must be, even where it was put right at once."""
    for found in cast("list[Spotcheck]", case.book.of("spotcheck")):
        told = by(found.directory_manager_told_on, case.on)
        if found.unmet() and found.on < case.on and told is None:
            yield Hit(found, "not every point was met, and the directory manager was not told")


@check(
    "change-told", "The directory's team hears of a change of systems", Severity.WARNING, "E-17.6"
)
def _change(case: Case) -> Iterator[Hit]:
    """An upgrade may change what the directory is sent, so its data manager is told."""
    for change in cast("list[Change]", case.book.of("change")):
        if change.on < case.on and by(change.manager_told_on, case.on) is None:
            yield Hit(change, "that the directory's data manager was told is not recorded")


CHECKS: tuple[Check, ...] = (_refusal, _documents, _limit, _told, _change)
