"""Which steps of a disposal are allowed, and to whom.

A file under ``disposals/`` grows by one step at a time, each signed by whom it names: proposal, approval, then the
certificate or the withdrawal, after which nothing changes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cpvol.ledger import disposals
from cpvol.ledger.disposals import Disposal
from cpvol.ledger.members import Members

#: The actions that change a disposal's file.
ACTIONS = frozenset(("propose", "approve", "withdraw", "dispose"))

Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one disposal.

    :param old: the file before, ``None`` when it is new.
    :param new: the file after.
    :param handle: who signed the step.
    :param members: the members in force before it.
    :param needed: how many members policy and membership ask for at that moment.
    :param gone: the records that the step takes out, ``log/id``, in order.
    """

    action: str
    old: Disposal | None
    new: Disposal
    handle: str
    members: Members
    needed: int
    gone: Sequence[str]


def read(data: bytes) -> Disposal | None:
    """A disposal's file; ``None`` when it is not in its form."""
    try:
        return disposals.decode(data)
    except disposals.BadDisposal:
        return None


def faults(step: Step) -> Iterator[Fault]:
    """What a step does that it may not, each as the end of a sentence: "This change …"."""
    if not _coordinator(step.members, step.handle):
        yield "disposal-role", "takes part in a disposal without being a coordinator"
    elif unread := _unread(step):
        yield (
            "disposal-role",
            f"takes part in a disposal from the log {unread}, which its author does not read",
        )
    if step.old is not None and not step.old.open:
        yield "disposal-closed", "changes a disposal that was finished, certificate and all"
        return
    yield from _STEPS[step.action](step)


def _propose(step: Step) -> Iterator[Fault]:
    new = step.new
    if step.old is not None or new.approvals or not new.open:
        yield "disposal-step", "does more than propose a disposal"
    if new.proposal.by != step.handle:
        yield "disposal-signer", "proposes a disposal in another's name"
    if new.proposal.members_needed < step.needed:
        yield "disposal-members", "asks for fewer members than policy does for a disposal"


def _approve(step: Step) -> Iterator[Fault]:
    old, new = step.old, step.new
    if old is None or not _adds(old, new, approvals=new.approvals) or not new.approvals:
        yield "disposal-step", "does more than approve a disposal"
        return
    approval = new.approvals[-1]
    if new.approvals[:-1] != old.approvals:
        yield "disposal-step", "changes an approval that was given before"
    if approval.by != step.handle:
        yield "disposal-signer", "approves a disposal in another's name"
    if approval.digest != old.digest(approval.without):
        yield "disposal-digest", "approves something other than what was proposed"
    if old.proposal.members_needed > 1 and approval.by == old.proposal.by:
        yield "disposal-two", "approves what the same member proposed, where two are needed"


def _withdraw(step: Step) -> Iterator[Fault]:
    old, new = step.old, step.new
    if old is None or new.withdrawn is None or not _adds(old, new, withdrawn=new.withdrawn):
        yield "disposal-step", "does more than withdraw a disposal"
    elif new.withdrawn.by != step.handle:
        yield "disposal-signer", "withdraws a disposal in another's name"


def _dispose(step: Step) -> Iterator[Fault]:
    old, new = step.old, step.new
    certificate = new.certificate
    if old is None or certificate is None or not _adds(old, new, certificate=certificate):
        yield "disposal-step", "does more than carry out a disposal"
        return
    if certificate.by != step.handle:
        yield "disposal-signer", "carries out a disposal in another's name"
    approval = old.approved()
    if approval is None:
        yield "disposal-approval", "carries out a disposal that was not approved as it stands"
        return
    for handle in (old.proposal.by, approval.by):
        if not _coordinator(step.members, handle):
            yield (
                "disposal-approval",
                "carries out a disposal whose proposer or approver is no coordinator any more",
            )
            break
    approved = sorted(item.place for item in old.approved_entries())
    if not list(certificate.entries) == approved == list(step.gone):
        yield "disposal-entries", "destroys other entries than those that were approved"


def _adds(old: Disposal, new: Disposal, **added: object) -> bool:
    return new == old.model_copy(update=added)


def _unread(step: Step) -> str:
    """A log whose entries are to be destroyed and that the signer does not read; ``""`` when there is none."""
    member = step.members.get(step.handle)
    logs = sorted({item.log for item in step.new.proposal.entries})
    return next((log for log in logs if member is None or not member.may_read(log)), "")


def _coordinator(members: Members, handle: str) -> bool:
    member = members.get(handle)
    return member is not None and member.present and "coordinator" in member.roles


_STEPS: dict[str, Callable[[Step], Iterator[Fault]]] = {
    "propose": _propose,
    "approve": _approve,
    "withdraw": _withdraw,
    "dispose": _dispose,
}
