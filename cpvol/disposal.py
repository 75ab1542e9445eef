"""Disposal: propose, approve, destroy; and what can be said of it afterwards.

Destroying an entry takes its file off main and its keys out of the keyring, in one signed change, and then makes the old
keyrings really gone from this copy (:mod:`cpvol.ledger.erase`). The history stays whole; the text in it cannot be opened
any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cpvol import granting, retention
from cpvol.errors import CpvolError
from cpvol.ledger import disposals, layout, members, transaction
from cpvol.ledger.chain import Head, read_head
from cpvol.ledger.disposals import (
    Approval,
    Certificate,
    Disposal,
    Item,
    Proposal,
    Reason,
    Signed,
)
from cpvol.ledger.erase import Erasure as Erasure  # noqa: PLC0414 - handed on to the tasks, which show it
from cpvol.ledger.erase import erase, note_erasure
from cpvol.ledger.holders import Holder, Life, Listed, Reckoning
from cpvol.ledger.holders import strongest as strongest  # noqa: PLC0414 - handed on, like the erasure
from cpvol.ledger.holders import verdict as verdict  # noqa: PLC0414
from cpvol.ledger.members import Members
from cpvol.logs import BY_NAME
from cpvol.logs.book import Records
from cpvol.register import NotAllowed, Register, draft_of
from cpvol.retention import Expiry, references

#: So much of a number is needed to find an entry by it.
SHORTEST = 3


class NotDue(CpvolError):
    """Something may not be destroyed, or not yet."""


class NotApproved(CpvolError):
    """A disposal lacks the approval it needs."""


class UnknownDisposal(CpvolError):
    """No disposal, or more than one, has a number that begins so."""


@dataclass(frozen=True, slots=True)
class Review:
    """The records as they stood after one change, and which of them have been kept long enough on a day.

    :param head: the id of that change.
    :param due: those whose time is over, the held ones among them.
    :param held: the ids of what a hold keeps.
    """

    head: str
    on: date
    book: Records
    due: list[Expiry]
    held: frozenset[str]

    @property
    def free(self) -> dict[str, Expiry]:
        """What may go, by id."""
        return {each.id: each for each in self.due if not each.held}


def review(register: Register, on: date, within: int = 0) -> Review:
    """Look through all records.

    :param within: count what will have been kept long enough so many days later, too.
    :raises NotAllowed: when this member does not read everything, and so cannot tell what hangs on what.
    """
    unread = [name for name in BY_NAME if not register.me.may_read(name)]
    if unread:
        raise NotAllowed(
            f"you do not read the log {unread[0]}, so you cannot tell what hangs on what",
            "ask a coordinator who reads every log",
        )
    book = Records(register.records())
    held = retention.held(book, on)
    due = retention.due(book, register.policy, on, within, held)
    return Review(register.head.oid, on, book, due, held)


def _reviewed(register: Register, on: date, seen: Review | None) -> Review:
    """What was seen before, when nothing changed since; otherwise the records looked through anew."""
    if seen is not None and (seen.head, seen.on) == (register.head.oid, on):
        return seen
    return review(register, on)


def propose(
    register: Register,
    *,
    ids: Collection[str],
    reason: Reason,
    on: date,
    now: int,
    seen: Review | None = None,
) -> Disposal:
    """Propose entries for disposal.

    :param ids: the entries; empty for everything that is due.
    :param reason: ``expired``, or why before their time.
    :raises NotDue: when there is nothing, or one of them may not go.
    """
    seen = _reviewed(register, on, seen)
    free = seen.free
    ids = list(dict.fromkeys(ids))
    if reason == "expired":
        wanted = [free[id] for id in ids if id in free] if ids else list(free.values())
        if missing := [id for id in ids if id not in free]:
            raise NotDue(f"entry {missing[0]} is not due for disposal", "see `retention.due`")
        items = [Item(log=e.log, id=e.id, rule=e.rule, source=e.source) for e in wanted]
    else:
        items = [_early(seen.book, id, reason) for id in ids]
    items.sort(key=lambda item: item.place)
    if not items:
        raise NotDue(
            "nothing is due for disposal", "see `retention.due --within 180` for what comes"
        )
    in_progress = {i.id for d in everything(register) if d.open for i in d.proposal.entries}
    if taken := [item.id for item in items if item.id in in_progress]:
        raise NotDue(
            f"entry {taken[0]} is proposed already", "approve or withdraw that proposal first"
        )
    _refuse_blocked(register, seen, [item.id for item in items])
    made = Disposal(
        id=layout.new_id(),
        proposal=Proposal(
            by=register.me.handle,
            on=on.isoformat(),
            reason=reason,
            members_needed=needed(register),
            entries=tuple(items),
        ),
    )
    _write(register, made, "propose", now)
    return made


def needed(register: Register) -> Literal[1, 2]:
    """How many different members a disposal takes now: as many as policy says, or as there are who may."""
    may = [m for m in register.members.members if m.present and "coordinator" in m.roles]
    return 2 if min(register.policy.approvers.value, len(may)) > 1 else 1


def approve(
    register: Register,
    disposal: Disposal,
    *,
    without: Collection[str],
    on: date,
    now: int,
    seen: Review | None = None,
) -> Disposal:
    """Approve a proposal, less the entries taken off.

    :raises NotApproved: when this member may not approve it.
    """
    me = may_approve(register, disposal)
    ids = [item.id for item in disposal.proposal.entries]
    if strange := [id for id in without if id not in ids]:
        raise NotApproved(
            f"entry {strange[0]} is not in this proposal", "see `retention.certificates`"
        )
    off = tuple(id for id in ids if id in set(without))
    if len(off) == len(ids):
        raise NotApproved("that would leave nothing", "withdraw the proposal instead")
    seen = _reviewed(register, on, seen)
    _refuse_blocked(register, seen, [id for id in ids if id not in off])
    yes = Approval(by=me, on=on.isoformat(), digest=disposal.digest(off), without=off)
    if (
        disposal.approvals
        and (last := disposal.approvals[-1]).by == me
        and last.digest == yes.digest
    ):
        # Entered twice, one member's word would read like two people's.
        return disposal
    changed = disposal.model_copy(update={"approvals": (*disposal.approvals, yes)})
    _write(register, changed, "approve", now)
    return changed


def may_approve(register: Register, disposal: Disposal) -> str:
    """Give the handle of this member, who may approve a proposal.

    :raises NotApproved: when they may not, or when there is nothing to approve any more.
    """
    _still_open(disposal)
    me = _coordinator(register)
    if disposal.proposal.members_needed == 2 and me == disposal.proposal.by:
        raise NotApproved(
            "you proposed this, and two different members are needed",
            "ask another coordinator to approve it",
        )
    _present(register, disposal.proposal.by, "proposed")
    return me


def withdraw(register: Register, disposal: Disposal, *, on: date, now: int) -> Disposal:
    """Give a proposal up."""
    _still_open(disposal)
    signed = Signed(by=_coordinator(register), on=on.isoformat())
    logs = sorted({item.log for item in disposal.proposal.entries})
    if unread := [log for log in logs if not register.me.may_read(log)]:
        # Nobody would take it from them, nor anything that they enter after it.
        raise NotAllowed(
            f"you do not read the log {unread[0]}, which this proposal is about",
            "ask a coordinator who does",
        )
    changed = disposal.model_copy(update={"withdrawn": signed})
    _write(register, changed, "withdraw", now)
    return changed


@dataclass(frozen=True, slots=True)
class Decision:
    """What carrying a disposal out would do; the dry run shows it, and the real run does exactly it."""

    disposal: Disposal
    items: tuple[Item, ...]


def decide(
    register: Register, disposal: Disposal, on: date, seen: Review | None = None
) -> Decision:
    """Check everything once more: approval, members, rules, holds.

    :raises NotApproved: when the approval does not count (any more).
    :raises NotDue: when an entry may not go (any more).
    """
    _still_open(disposal)
    _coordinator(register)
    approval = disposal.approved()
    if approval is None:
        if disposal.approvals:
            raise NotApproved(
                "the proposal was changed after it was approved", "withdraw it and propose again"
            )
        raise NotApproved(
            "this proposal is not approved", f"approve it with `retention.approve {disposal.id}`"
        )
    _present(register, disposal.proposal.by, "proposed")
    _present(register, approval.by, "approved")
    items = disposal.approved_entries()
    seen = _reviewed(register, on, seen)
    if disposal.proposal.reason == "expired":
        free = seen.free
        if changed := [item.id for item in items if item.id not in free]:
            raise NotDue(
                f"entry {changed[0]} is not due any more, or is held",
                "look at it; approve again without it, or withdraw the proposal",
            )
    elif gone := [item.id for item in items if seen.book.get(item.id) is None]:
        raise NotDue(f"entry {gone[0]} is not there", "withdraw the proposal and propose again")
    _refuse_blocked(register, seen, [item.id for item in items])
    return Decision(disposal, items)


def dispose(
    register: Register, disposal_id: str, *, on: date, now: int, seen: Review | None = None
) -> tuple[Disposal, Erasure]:
    """Destroy what was approved, then make the old keyrings gone from this copy.

    :param seen: what was looked through for the decision that was shown; used when nothing changed since.
    :returns: the disposal with its certificate, and what the erasure of this copy found.
    """
    # Not while something is taken in: it may hold the keys that go.
    with transaction.guest(register.git), transaction.locked(register.git):
        register.refresh()
        decision = decide(register, one(register, disposal_id), on, seen)
        note_erasure(register.git)
        done = _carry_out(register, decision, on, now)
        return done, erase(register.git)


def clean(register: Register) -> Erasure:
    """Make the old keyrings gone from this copy, once more or for the first time."""
    with transaction.guest(register.git), transaction.locked(register.git):
        return erase(register.git)


def _carry_out(register: Register, decision: Decision, on: date, now: int) -> Disposal:
    places = tuple(sorted(item.place for item in decision.items))
    certificate = Certificate(
        by=register.me.handle, on=on.isoformat(), method="keys-destroyed", entries=places
    )
    done = decision.disposal.model_copy(update={"certificate": certificate})
    gone = [(item.log, item.id) for item in decision.items]
    changed = register.ring.removing(gone, register.members.version, register.readers)
    ring = register.sealed_keyring() | changed
    files: dict[str, bytes | None] = {layout.record_path(log, id): None for log, id in gone}
    draft = draft_of(
        register.me.handle,
        register.signer(),
        f"disposals: dispose {done.id}",
        "dispose",
        (now, now),
        files | {done.path: done.encode()},
        {name: sealed for name, sealed in ring.items() if sealed is not None},
    )
    register.write(draft, removed=places)
    return done


def _early(book: Records, id: str, reason: Reason) -> Item:
    record = book.get(id)
    if record is None:
        raise NotDue(f"there is no entry {id}", "give the whole number of an entry")
    return Item(log=record.log, id=id, rule=reason)


def _refuse_blocked(register: Register, seen: Review, ids: Sequence[str]) -> None:
    """Refuse what a hold keeps, and what something that stays refers to."""
    going = set(ids)
    for record in seen.book:
        if record.id in seen.held and record.id in going:
            raise NotDue(f"a hold keeps entry {record.id}", "see `list hold`")
        if record.id not in going and (hanging := going & set(references(record))):
            raise NotDue(
                f"entry {min(hanging)} is still needed by entry {record.id} ({record.log})",
                "dispose of that one first, or together with it",
            )
    closed = {log for log, _ in register.closed_to_me}
    if "hold" in closed:
        raise NotAllowed(
            "a hold is closed to you, and may keep some of these", "ask a member who reads it"
        )
    if closed and any(
        record is not None and record.log == "person" for record in map(seen.book.get, ids)
    ):
        raise NotAllowed(
            "some entries are closed to you, and may need this person's entry",
            "ask a member who reads them",
        )


def _coordinator(register: Register) -> str:
    me = register.me
    if not me.present or "coordinator" not in me.roles:
        raise NotAllowed("only a coordinator takes part in a disposal", "ask one of them")
    return me.handle


def _present(register: Register, handle: str, did: str) -> None:
    member = register.members.get(handle)
    if member is None or not member.present or "coordinator" not in member.roles:
        raise NotApproved(
            f"the member who {did} this is no longer a coordinator", "withdraw it and propose again"
        )


def _still_open(disposal: Disposal) -> None:
    if disposal.certificate is not None:
        raise NotApproved("this disposal is done already", "see `retention.certificates`")
    if disposal.withdrawn is not None:
        raise NotApproved("this proposal was withdrawn", "propose again")


def _write(register: Register, disposal: Disposal, action: str, now: int) -> None:
    _coordinator(register)
    with transaction.locked(register.git):
        register.refresh()
        before = next((d for d in everything(register) if d.id == disposal.id), None)
        if before is not None and not before.open:
            _still_open(before)
        draft = draft_of(
            register.me.handle,
            register.signer(),
            f"disposals: {action} {disposal.id}",
            action,
            (now, now),
            {disposal.path: disposal.encode()},
            register.sealed_keyring(),
        )
        register.write(draft)


# -- reading -----------------------------------------------------------------------------------------------------


def everything(register: Register) -> list[Disposal]:
    """Every disposal there is, oldest proposal first. Needs no key."""
    top = register.head.top
    if disposals.FOLDER not in top:
        return []
    tree = register.git.tree(top[disposals.FOLDER].oid)
    found = [
        disposals.decode(blob.data)
        for blob in register.git.read_many([entry.oid for entry in tree.values()])
    ]
    return sorted(found, key=lambda each: (each.proposal.on, each.id))


def destroyed(register: Register) -> dict[str, str]:
    """The numbers of all entries that were destroyed, each with the number of its disposal. Needs no key."""
    return numbers(everything(register))


def numbers(found: Iterable[Disposal]) -> dict[str, str]:
    """The numbers of the entries that some disposals destroyed, each with the number of its disposal."""
    return {
        place.partition("/")[2]: each.id
        for each in found
        if each.certificate
        for place in each.certificate.entries
    }


def one(register: Register, prefix: str) -> Disposal:
    """The one disposal whose number begins so.

    :raises UnknownDisposal: when there is none, or more than one.
    """
    found = [d for d in everything(register) if d.id.startswith(prefix.strip().lower())]
    if len(found) != 1:
        raise UnknownDisposal(
            "there is no single disposal with that number", "see `retention.certificates`"
        )
    return found[0]


def executed_by(register: Register, disposal: Disposal) -> str:
    """The id of the change that carried a disposal out."""
    return register.git.history(disposal.path, register.head.oid)[-1]


def of_record(register: Register, prefix: str) -> tuple[Disposal, str] | None:
    """The disposal that destroyed the one entry whose number begins so, and its place; or ``None``."""
    wanted = prefix.strip().lower()
    found = [
        (disposal, place)
        for disposal in everything(register)
        for place in (disposal.certificate.entries if disposal.certificate else ())
        if place.partition("/")[2].startswith(wanted)
    ]
    return found[0] if len(found) == 1 and len(wanted) >= SHORTEST else None


def standing(register: Register, disposal: Disposal) -> list[Holder]:
    """Every credential that could open one of the destroyed entries, and what became of it, told from the chain alone."""
    gone = set(disposal.certificate.entries) if disposal.certificate else set()
    written: dict[str, list[tuple[int, int]]] = {record: [] for record in gone}
    lives: list[Life] = []
    lists: list[Listed] = []
    for place, (head, everyone) in enumerate(_history(register), start=1):
        commit = head.commit
        if not lists or lists[-1].members is not everyone:
            lists.append(Listed(place, commit.entered, commit.accepted, everyone))
        for each in commit.message.written:
            if each.record in gone:
                written[each.record].append((place, commit.accepted))
        lives += [
            Life(record, tuple(written[record]), place, commit.accepted)
            for record in gone.intersection(commit.message.removed)
        ]
    return Reckoning(lists, granting.everything(register)).holders(lives)


def _history(register: Register) -> Iterator[tuple[Head, Members]]:
    """Every change of main, oldest first, with the members after it."""
    known: dict[str, Members] = {}
    for oid in register.git.chain(None, register.head.oid):
        head = read_head(register.git, oid)
        blob = head.top[layout.MEMBERS].oid
        if blob not in known:
            known[blob] = members.decode(register.git.read(blob).data)
        yield head, known[blob]
