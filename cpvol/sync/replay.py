"""What was entered here, entered again on top of what came in: by the same person, with fresh keys.

The times of entry are kept. What others did comes first; where the two meet in one entry, :mod:`cpvol.sync.merge`
decides, and nothing that was confirmed here goes without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from cpvol.errors import CpvolError
from cpvol.ledger import layout
from cpvol.ledger.chain import Draft, Head, link, read_head
from cpvol.ledger.commits import Message, Written
from cpvol.ledger.git import Git
from cpvol.ledger.members import RECOVERY, Keys, Members, decode
from cpvol.ledger.objects import Entry
from cpvol.logs.base import Record
from cpvol.register import (
    CLOCK_SLACK_SECONDS,
    ClockBehind,
    Closed,
    Damaged,
    Register,
    Version,
    seal_version,
    uniting,
)
from cpvol.retention import references
from cpvol.sync import disaster, handover
from cpvol.sync.judge import Judged, OthersWork
from cpvol.sync.merge import Settle, merge

_OF_MEMBERS = frozenset(("join", "remove", "lost", "roles", "rotate", "renew"))
_OF_ADMINS = (_OF_MEMBERS - {"rotate"}) | {"policy", "organisation", "upgrade"}
_OF_COORDINATORS = frozenset(("propose", "approve", "withdraw", "dispose"))
_HOLD = "hold"
_PERSON = "person/"


HandOver = Callable[[handover.Packed], bool]
"""Takes a file of what may not be sent any more, and says whether it is safe on the disk."""


class NoLongerAllowed(CpvolError):
    """What was entered here is no longer for this person to enter."""

    def __init__(self, count: int, why: str) -> None:
        super().__init__(
            f"{why}, and {count} change{'' if count == 1 else 's'} of yours had not been sent before",
            "they stay in this copy; `sync --handover FILE` seals them for a member who may enter them",
        )


class Left(CpvolError):
    """What was entered here was handed over, and this copy stays as it was."""

    def __init__(self, why: str, whom: Sequence[str]) -> None:
        names = " or ".join(whom) or "the trustees, who have the recovery page"
        super().__init__(
            f"{why}; what you had not sent is in the hand-over file",
            f"give it to {names}; this copy stays as it is until you delete it",
        )


class PageUnsent(CpvolError):
    """The recovery page was used here, and others were faster."""

    def __init__(self) -> None:
        super().__init__(
            "the recovery page was used here and others changed the records meanwhile",
            "fetch a fresh copy with `join`, and use `recover` there",
        )


class KeyGone(CpvolError):
    """A change of keys cannot be signed again."""

    def __init__(self) -> None:
        super().__init__(
            "your change of keys was not sent, and the old keys are gone",
            "ask an admin for `member.lost` and then `member.add` with your new card",
        )


class Signer(Protocol):
    """A credential, as far as signing goes."""

    def sign(self, message: bytes, namespace: str) -> str:
        """An armored signature."""


@dataclass(frozen=True, slots=True)
class _Step:
    subject: str
    action: str
    entered: int
    files: Mapping[str, bytes | None]
    written: tuple[Written, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(slots=True)
class Replay:
    """The changes made here, one by one on top of another commit; nothing is written before :meth:`finish`.

    :param onto: the last accepted commit.
    :param files: the keyring that goes with it, sealed.
    :param hand_over: takes a file of what may not be sent any more, and says whether it is safe on the disk.
    :param given_up: whether a backup takes the place of what was published here.
    :param notices: what the person has to be told.
    """

    register: Register
    judged: Judged
    onto: Head
    files: Mapping[str, bytes]
    mine: str
    settle: Settle
    hand_over: HandOver = lambda packed: False
    given_up: bool = False
    notices: list[str] = field(default_factory=list)
    _there: dict[str, Entry] = field(init=False)
    _ring: Any = field(init=False)
    _members: Members = field(init=False)
    _before: Members = field(init=False)
    _records: dict[tuple[str, str], Record] = field(default_factory=dict)
    _versions: list[Version] = field(default_factory=list)
    _gone: set[tuple[str, str]] = field(default_factory=set)
    _steps: list[_Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._there = self._git.files(self.onto.oid)
        self._members = decode(self._git.read(f"{self.onto.oid}:{layout.MEMBERS}").data)
        self._before = self._members
        self._ring = self.register.ring_over(self.files)

    @property
    def _git(self) -> Git:
        return self.register.git

    def take(self, operations: Sequence[Head], *, now: int) -> None:
        """Enter again what was entered here, oldest first; what may not be entered any more is handed over.

        :raises OthersWork: when one of them is somebody else's.
        :raises NoLongerAllowed: when this person may not enter it any more, and it was not handed over.
        :raises Left: when it was handed over by somebody who is no member any more.
        """
        barred: list[tuple[Head, str]] = []
        own_gone = {place for each in operations for place in each.commit.message.removed}
        for operation in operations:
            message = operation.commit.message
            if operation.commit.handle == RECOVERY:
                raise PageUnsent
            if operation.commit.handle != self.mine:
                raise OthersWork(operation.commit.handle)
            if why := self._pointless(message):
                self.notices.append(why)
            elif why := self._bar(operation):
                barred.append((operation, why))
            elif message.action in _OF_MEMBERS:
                self._take_members(operation)
            elif message.written:
                self._take_records(operation, own_gone)
            elif message.action != "seal":
                self._take_files(operation)
        if barred:
            self._hand_over(barred, now)

    def _pointless(self, message: Message) -> str:
        """Why nobody needs a change again; empty when it is to be made."""
        if message.action == disaster.ACTION:
            return "the meeting place has more than the backup: nothing is given up"
        if self.given_up and message.action in disaster.NOT_AGAIN:
            return f"“{message.subject}” is given up: do it again if it is to be"
        return ""

    def _bar(self, operation: Head) -> str:
        """Why this person may not make a change any more; empty when they may."""
        me = self._members.get(self.mine)
        if me is None or not me.present:
            return "you are no longer a member"
        identity = self.register.former or self.register.signer()
        if (before := self._before.get(self.mine)) and before.keys.age != identity.age_public:
            return "your keys on this computer are no longer in force"
        message = operation.commit.message
        if message.action in _OF_ADMINS and not me.admin:
            return "you are no longer an admin"
        if message.action in _OF_COORDINATORS and "coordinator" not in me.roles:
            return "you are no longer a coordinator"
        logs = {each.record.partition("/")[0] for each in message.written}
        closed = [log for log in sorted(logs) if not me.may_enter(log)]
        return f"you may no longer enter into the log {closed[0]}" if closed else ""

    def _hand_over(self, barred: Sequence[tuple[Head, str]], now: int) -> None:
        why = barred[0][1]
        entries = [head for head, _ in barred if head.commit.message.written]
        if entries:
            on = datetime.fromtimestamp(now, UTC).date()
            packed = handover.pack(self.register, entries, self._members, on)
            if packed.unread or not self.hand_over(packed):
                raise NoLongerAllowed(len(barred), why)
            identity = self.register.former or self.register.signer()
            if self._before.holding(Keys(identity.age_public, identity.signing_public)) is None:
                raise Left(why, packed.readers)
            self.notices.append(f"{why}: what you had entered is in the hand-over file")
        for head, reason in barred:
            if not head.commit.message.written:
                self.notices.append(f"“{head.commit.message.subject}” was dropped: {reason}")

    # -- entries -----------------------------------------------------------------------------------------------

    def _take_records(self, operation: Head, own_gone: set[str]) -> None:
        made: list[Record] = []
        for each in operation.commit.message.written:
            log, _, id = each.record.partition("/")
            try:
                record = self._record(operation, log, id)
            except Damaged:
                if each.record in own_gone:
                    continue
                raise
            if record is not None:
                made.append(record)
        if not made:
            return
        versions = [seal_version(record) for record in made]
        self._versions += versions
        self._records |= {(r.log, r.id): r for r in made}
        action = operation.commit.message.action
        logs = sorted({record.log for record in made})
        what = made[0].id if len(made) == 1 else f"{len(made)} entries"
        self._steps.append(
            _Step(
                f"{logs[0] if len(logs) == 1 else 'records'}: {action} {what}",
                action,
                operation.commit.entered,
                {layout.record_path(v.record.log, v.record.id): v.sealed for v in versions},
                written=tuple(
                    Written(f"{v.record.log}/{v.record.id}", v.commitment) for v in versions
                ),
            )
        )

    def _record(self, operation: Head, log: str, id: str) -> Record | None:
        path = layout.record_path(log, id)
        ours = self._version(operation.oid, path, log, id)
        before = self._git.find(f"{operation.commit.parent}:{path}")
        theirs = self._now(log, id)
        if ours is None:
            raise Damaged(f"entry {id} of the log {log}")
        if before is None:
            if theirs is None and path not in self._there:
                return ours
            if theirs != ours:
                # A number comes twice only where two people enter what somebody else had sealed or handed over.
                self.notices.append(
                    f"{id} ({log}) was entered by somebody else too; theirs stands, yours was left out"
                )
            return None
        if (log, id) in self._gone or (theirs is None and path not in self._there):
            self.notices.append(f"your change of {id} ({log}) was dropped: it was disposed of")
            return None
        if theirs is None:
            self.notices.append(
                f"your change of {id} ({log}) was dropped: it was closed to you meanwhile;"
                " tell a member who reads it what you changed"
            )
            return None
        base = self._version(operation.commit.parent or "", path, log, id)
        return ours if base is None or theirs == base else merge(base, ours, theirs, self.settle)

    def _version(self, commit: str, path: str, log: str, id: str) -> Record | None:
        found = self._git.find(f"{commit}:{path}")
        if found is None:
            return None
        return uniting.version(log, id, found.data, self.register.ring)

    def _now(self, log: str, id: str) -> Record | None:
        """The entry as it stands on top; ``None`` when it is not there or closed to us."""
        if (log, id) in self._records:
            return self._records[log, id]
        entry = self._there.get(layout.record_path(log, id))
        if entry is None:
            return None
        try:
            return uniting.version(log, id, self._git.read(entry.oid).data, self._ring)
        except Closed:
            return None

    # -- members and everything else ---------------------------------------------------------------------------

    def _take_members(self, operation: Head) -> None:
        was, became = (
            decode(self._git.read(f"{oid}:{layout.MEMBERS}").data)
            for oid in (operation.commit.parent, operation.oid)
        )
        now = self._members
        for member in became.members:
            if member == was.get(member.handle):
                continue
            if now.get(member.handle) != was.get(member.handle):
                if now.get(member.handle) != member:
                    self.notices.append(
                        f"what you changed about {member.handle} was not taken over:"
                        " somebody else changed it meanwhile; see `member.list`"
                    )
                continue
            listed = tuple(member if m.handle == member.handle else m for m in now.members)
            if now.get(member.handle) is None:
                listed = (*listed, member)
            now = replace(now, members=listed)
        if became.recovery != was.recovery:
            if now.recovery == was.recovery:
                now = now.with_recovery(became.recovery)
            else:
                self.notices.append(
                    "your new recovery page is not in force: another was made meanwhile"
                )
        if now == self._members:
            return
        if not any(member.admin for member in now.members):
            self.notices.append("your change of the members was dropped: no admin would be left")
            return
        self._members = replace(now, version=self._members.version + 1)
        message = operation.commit.message
        files = {
            layout.MEMBERS: self._members.encode(),
            layout.SIGNERS: self._members.allowed_signers(),
        }
        self._steps.append(_Step(message.subject, message.action, operation.commit.entered, files))

    def _take_files(self, operation: Head) -> None:
        message = operation.commit.message
        changed = self._git.differences(operation.commit.parent or "", operation.oid)
        if message.removed and any(log == _HOLD for log, _ in self.judged.written):
            self.notices.append(
                f"“{message.subject}” was dropped: a hold was placed meanwhile; look, then propose again"
            )
            return
        if needed := self._needed_by_what_came_in(message.removed):
            self.notices.append(
                f"“{message.subject}” was dropped: entry {needed} came in meanwhile and refers to what would go"
            )
            return
        for path in changed:
            before = self._git.find(f"{self.judged.fork}:{path}")
            entry = self._there.get(path)
            if (before.oid if before else None) != (entry.oid if entry else None):
                self.notices.append(
                    f"“{message.subject}” was dropped: somebody else changed the same meanwhile"
                )
                return
        files = {
            path: self._git.read(entry.oid).data if entry else None
            for path, entry in changed.items()
        }
        for place in message.removed:
            log, _, id = place.partition("/")
            self._gone.add((log, id))
            self._records.pop((log, id), None)
        self._steps.append(
            _Step(
                message.subject,
                message.action,
                operation.commit.entered,
                files,
                removed=message.removed,
            )
        )

    def _needed_by_what_came_in(self, removed: Sequence[str]) -> str:
        """The number of an entry that came in and refers to one that we destroyed; ``""`` when there is none.

        One that is closed to us may refer to any person.
        """
        gone = {place.partition("/")[2] for place in removed}
        person = any(place.startswith(_PERSON) for place in removed)
        for log, id in self.judged.written if removed else ():
            record = self._now(log, id)
            hidden = record is None and layout.record_path(log, id) in self._there
            if (hidden and person) or (record is not None and gone & set(references(record))):
                return id
        return ""

    # -- the end -----------------------------------------------------------------------------------------------

    def finish(self, *, now: int) -> tuple[str, dict[str, bytes]]:
        """Sign the changes anew and store them; references stay as they are.

        :returns: the id of the last commit, and the keyring that goes with it.
        :raises ClockBehind: when our clock is too far behind what came in.
        """
        if not self._steps:
            return self.onto.oid, dict(self.files)
        behind = self.onto.commit.accepted - now
        if behind > CLOCK_SLACK_SECONDS:
            raise ClockBehind(behind // 60)
        kept = [v for v in self._versions if (v.record.log, v.record.id) not in self._gone]
        known = {place for place in self._gone if layout.record_path(*place) in self._there}
        files = uniting.ring_after(
            self.register, self.files, self._before, self._members, kept, known, self._readers_of
        )
        digest = uniting.digest(files)
        head, signer = self.onto, self.register.signer()
        rotates = any(step.action == "rotate" for step in self._steps)
        if rotates:
            # The new keys are in force only after this very step.
            if self.register.former is None:
                raise KeyGone
            signer = self.register.former
        for step in self._steps:
            head = self._sign(head, step, digest, signer, now)
            if step.action == "rotate":
                signer = self.register.signer()
        return head.oid, files

    def _sign(self, head: Head, step: _Step, digest: str, signer: Signer, now: int) -> Head:
        draft = Draft(
            self.mine,
            signer.sign,
            step.subject,
            step.action,
            min(step.entered, now),
            max(now, head.commit.accepted),
            step.files,
            {},
            digest,
            step.written,
            step.removed,
        )
        made = link(self._git, head, draft)
        self._git.store([*made.objects, made.main])
        return read_head(self._git, made.main.oid)

    def _readers_of(self, log: str, id: str) -> Sequence[str] | None:
        record = self._now(log, id)
        return None if record is None else record.readers
