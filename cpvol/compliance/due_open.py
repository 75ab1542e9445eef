"""Due dates of what is open: brokered contacts, support requests, disputes, and what a spot check or a change asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.logs.brokering import Brokering
from cpvol.logs.change import Change
from cpvol.logs.dispute import Dispute
from cpvol.logs.spotcheck import Spotcheck
from cpvol.logs.support import Support


@due_rule("brokering-open", "A brokered contact is decided", "S-8.1", "S-8.2", "B-24")
def _brokering(case: Case) -> Iterator[Date]:
    """The professional behind a shield decides; while nobody has decided, the work that needed it stands still."""
    for brokering in cast("list[Brokering]", case.book.of("brokering")):
        if brokering.requested_on <= case.on and by(brokering.decided_on, case.on) is None:
            since = by(brokering.passed_on, case.on) or brokering.requested_on
            yield Date(
                brokering,
                case.policy.brokering_chase.after(since),
                "ask the directory's team what was decided",
            )


def _support_open(case: Case) -> Iterator[Support]:
    for support in cast("list[Support]", case.book.of("support")):
        if support.opened_on <= case.on and by(support.closed_on, case.on) is None:
            yield support


@due_rule("support-open", "A support request is followed to its end", "E-18.3")
def _support(case: Case) -> Iterator[Date]:
    """Requests are tracked until they are finished; one that lies too long is asked about."""
    for support in _support_open(case):
        since = by(support.escalated_on, case.on) or support.opened_on
        yield Date(
            support, case.policy.support_chase.after(since), "finish the support request, or ask"
        )


@due_rule("support-password", "A lost password goes to user administration", "E-13.1", "C14")
def _password(case: Case) -> Iterator[Date]:
    """Whoever has lost a password may not be the only one who has it, so the directory's team hears of it at once."""
    for support in _support_open(case):
        if support.kind == "password" and by(support.escalated_on, case.on) is None:
            yield Date(
                support,
                case.policy.tell_at_once.after(support.opened_on),
                "pass the lost password to the directory's user administration",
            )


@due_rule("dispute-open", "A dispute is looked into", "E-19.1", "E-19.3", "B-21")
def _dispute(case: Case) -> Iterator[Date]:
    """What is disputed comes to us to be looked into, and it shows as disputed until that is done."""
    for dispute in cast("list[Dispute]", case.book.of("dispute")):
        if dispute.raised_on <= case.on and by(dispute.closed_on, case.on) is None:
            yield Date(
                dispute, case.policy.dispute_chase.after(dispute.raised_on), "settle the dispute"
            )


@due_rule("complaint-acknowledge", "A complaint is acknowledged", "B-21")
def _complaint(case: Case) -> Iterator[Date]:
    """Where the policy has a time for it, whoever complains about the handling of data hears that we have the complaint."""
    limit = case.policy.complaint_acknowledge
    for dispute in cast("list[Dispute]", case.book.of("dispute")) if limit else ():
        pending = by(dispute.acknowledged_on or dispute.closed_on, case.on) is None
        if limit and dispute.kind == "complaint" and dispute.raised_on <= case.on and pending:
            yield Date(
                dispute,
                limit.last_day(dispute.raised_on),
                "tell whoever complained that we have the complaint",
                limit.cited,
            )


@due_rule("spotcheck-remedy", "What a spot check found is put right", "E-16.5", "E-16.9")
def _remedy(case: Case) -> Iterator[Date]:
    """A spot check that finds something and changes nothing is no check."""
    for check in cast("list[Spotcheck]", case.book.of("spotcheck")):
        if check.on <= case.on and check.unmet() and by(check.remedied_on, case.on) is None:
            yield Date(
                check, case.policy.remedy.after(check.on), "put right what the spot check found"
            )


@due_rule("change-tell", "The directory's team hears of a change of systems", "E-17.6")
def _change(case: Case) -> Iterator[Date]:
    """The directory's data manager is told of a change, so that what then comes through the connection surprises nobody."""
    for change in cast("list[Change]", case.book.of("change")):
        if by(change.manager_told_on, case.on) is None:
            yield Date(change, change.on, "tell the directory's data manager of the change")


RULES: tuple[DueRule, ...] = (
    _brokering,
    _support,
    _password,
    _dispute,
    _complaint,
    _remedy,
    _change,
)
