"""One sync from beginning to end.

1. Ask the meeting place where it stands, and fetch what is new into references of our own.
2. Judge it: nothing here has changed so far, and a refusal leaves it so.
3. Accept it, and enter again what was entered here since: one change of this copy, under the lock, with the journal.
4. Seal the keys anew where a newcomer waits or somebody left.
5. Send both branches in one go, if the meeting place still stands where it did; otherwise begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Timer
from typing import Self

from cpvol.errors import CpvolError
from cpvol.ledger import refusals, transaction
from cpvol.ledger.chain import Head, keyring_objects, read_head
from cpvol.ledger.erase import deletable, drop_unfinished, erase, note_erasure, stay
from cpvol.ledger.git import KEYRING, Git
from cpvol.ledger.members import RECOVERY, Keys, Members
from cpvol.ledger.objects import tree_of
from cpvol.ledger.remote import INCOMING_KEYRING, INCOMING_MAIN, LostRace, Meeting, Tips
from cpvol.register import Register, uniting
from cpvol.sync import correction, disaster, gone, handover, shut
from cpvol.sync import judge as judging
from cpvol.sync.correction import Correction
from cpvol.sync.disaster import Act
from cpvol.sync.handover import Packed
from cpvol.sync.judge import Judged
from cpvol.sync.merge import Conflict
from cpvol.sync.replay import Replay

#: How often one sync begins again because somebody else was faster.
TRIES = 8
#: How long one waits for the meeting place without a word.
QUIET_SECONDS = 2.0
_CLOCK = "date-ahead"


class ClockInDoubt(CpvolError):
    """Something is dated ahead, and it may be our clock that is wrong."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"a change by {handle} is dated more than a day ahead of this computer's clock",
            "look whose clock is wrong; if yours is right, run `sync` in a terminal or with --yes",
        )


@dataclass(frozen=True, slots=True)
class Voice:
    """How a sync asks and tells. By default nobody is there: the careful answer is taken each time.

    :param settle: whether our value of a field stands that somebody else changed too.
    :param trust: (handle, keys) to whether they may read what is sealed here; asked after their words are shown.
    :param took_over: told of an age key that follows one that was trusted.
    :param clock_is_right: whether this computer's clock is right, when somebody's entry is dated ahead of it.
    :param refuse: (author, who changed the keys last) to whether a change by the one is refused, with all that follows,
        because its key is missing.
    :param corrected: whether a change goes that cannot be looked at here, because somebody says so who can.
    :param tell: told what is going on.
    :param disaster: whether it is confirmed that a backup is all there is, by whoever asked the admin.
    :param hand_over: takes a file of what may not be sent any more, and says whether it is safe on the disk.
    """

    settle: Callable[[Conflict], bool] = lambda conflict: False
    trust: Callable[[str, Keys], bool] = lambda handle, keys: False
    took_over: Callable[[str], None] = lambda key: None
    clock_is_right: Callable[[str], bool] = lambda handle: False
    refuse: Callable[[str, str], bool] = lambda author, last: False
    corrected: Callable[[Correction], bool] = lambda correction: False
    tell: Callable[[str], None] = lambda text: None
    disaster: Callable[[Act], bool] = lambda act: False
    hand_over: Callable[[Packed], bool] = lambda packed: False


@dataclass(slots=True)
class Outcome:
    """What a sync did.

    :param tip: where main stands now, here and there.
    :param received: how many changes came in.
    :param sent: how many were sent.
    :param waiting: handles of readers whose keys were not accepted here.
    :param notices: what the person has to be told, a sentence each.
    """

    tip: str = ""
    received: int = 0
    sent: int = 0
    waiting: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def sync(
    register: Register,
    meeting: Meeting,
    *,
    published: str | None,
    clock: Callable[[], int],
    voice: Voice | None = None,
    put_back: bool = False,
) -> Outcome:
    """Make this copy and the meeting place one.

    :param published: the last tip of main that the meeting place is known to have had.
    :param clock: gives the time, seconds since 1970.
    :param put_back: send what is here again although the meeting place lost or replaced it.
    :raises CpvolError: with a reason of its own for everything that is refused; this copy is then as it was.
    """
    outcome = Outcome()
    with (
        transaction.guest(register.git),
        _Sync(register, meeting, voice or Voice(), clock, outcome, put_back=put_back) as run,
    ):
        for _ in range(TRIES):
            try:
                run.once(published)
            except LostRace:
                continue
            outcome.tip = register.head.oid
            return outcome
        raise LostRace


def take_in(register: Register, meeting: Meeting, *, clock: Callable[[], int]) -> Outcome:
    """Accept what somewhere has beyond this copy, and send nothing.

    Where this copy has more, nothing changes: what was disposed of here does not come back.
    """
    outcome = Outcome()
    with (
        transaction.guest(register.git),
        _Sync(register, meeting, Voice(), clock, outcome, put_back=False) as run,
    ):
        run.receive(None)
    outcome.tip = register.head.oid
    return outcome


@dataclass(slots=True)
class _Sync:
    register: Register
    meeting: Meeting
    voice: Voice
    clock: Callable[[], int]
    outcome: Outcome
    put_back: bool
    asked: dict[str, bool] = field(default_factory=dict)
    refused: str = ""
    corrected: set[str] = field(default_factory=set)
    act: Act | None = None
    over: list[Head] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._forget_incoming()
        return self

    def __exit__(self, *_: object) -> None:
        self._forget_incoming()

    @property
    def _git(self) -> Git:
        return self.register.git

    def once(self, published: str | None) -> None:
        """One try.

        :raises LostRace: when somebody else was faster.
        """
        self.refused = ""
        there = self.receive(published)
        self._say_refused()
        self._ask_about(self.register.members)
        self._seal()
        here = self._here()
        if here != there:
            self.voice.tell("Sending …")
            sent = self._count(there.main, here.main)
            self.meeting.push(here, there)
            self.outcome.sent += sent

    def receive(self, published: str | None) -> Tips:
        """Take in what the meeting place has.

        :returns: where its branches stand.
        """
        with self._patience():
            there = self.meeting.tips()
        self.register.refresh()
        # A keyring that is not whole must not go anywhere from here.
        self.register.sealed_keyring()
        if there.main is None:
            if published and not self.put_back:
                raise judging.RolledBack(self._count(None, published))
        elif there == self._here():
            self._recall(self.register.head.oid, published)
        else:
            self.voice.tell("Fetching …")
            if self.meeting.fetch(there) != there:
                raise LostRace
            self._take(there, published)
        return there

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Say what is being waited for, when it does not come at once."""
        text = f"Waiting for the meeting place, for {self.meeting.limit:.0f} seconds at most …"
        waiting = Timer(QUIET_SECONDS, lambda: self.voice.tell(text))
        waiting.daemon = True
        waiting.start()
        try:
            yield
        finally:
            waiting.cancel()

    def _here(self) -> Tips:
        keyring = self._git.find(KEYRING)
        return Tips(self.register.head.oid, keyring.oid if keyring else None)

    def _count(self, old: str | None, new: str | None) -> int:
        if new is None or old == new:
            return 0
        base = self._git.base(old, new) if old else None
        return len(self._git.chain(base, new))

    # -- taking in ---------------------------------------------------------------------------------------------

    def _take(self, there: Tips, published: str | None) -> None:
        git = self._git
        judged = judging.judge(self.register, there, now=self.clock())
        if judged.problem is not None:
            judging.keep_evidence(git, judged)
            if judged.problem.rule == _CLOCK and not self.voice.clock_is_right(judged.culprit):
                raise ClockInDoubt(judged.culprit)
        self._recall(judged.valid, published)
        try:
            judged = self._take_judged(judged, published)
        except judging.KeysAstray:
            if not self.put_back:
                raise
            judged = judging.without_keys(judged, judging.author_of(git, judged.tip))
            judging.keep_evidence(git, judged)
        if judged.problem is not None:
            if judged.problem.rule in judging.OF_CONTENT:
                self.refused = git.chain(judged.valid, judged.tip)[0]
            self.outcome.notices.append(
                f"a change in the name of {judged.culprit} was refused and is not sent on:"
                f" {judged.problem.message}"
            )

    def _take_judged(self, judged: Judged, published: str | None) -> Judged:
        """Take in what can be accepted once the keys are looked at.

        :returns: how far that was.
        """
        git, register = self._git, self.register
        if self._own(judged, published) is not None:
            theirs = judging.keyring_at(git, INCOMING_KEYRING)
            judged, remade = judging.with_keys(
                register,
                judging.readable(register, judged, theirs),
                theirs,
                refuse=self.voice.refuse,
                given_up=self.act is not None,
            )
            judging.keep_evidence(git, judged)
            operations = self._own(judged, published)
            if operations is not None:
                files = theirs if remade is None else remade
                self._take_in(judged, files, operations, remade=remade is not None)
        return judged

    def _take_in(
        self,
        judged: Judged,
        files: Mapping[str, bytes],
        operations: list[Head],
        *,
        remade: bool,
    ) -> None:
        git, register = self._git, self.register
        if judged.valid == judged.fork and not judging.sound_at(register, judged.fork, files):
            raise judging.KeysAstray(judging.author_of(git, judged.tip))
        self._meet(judged)
        before = register.head.oid
        with transaction.locked(git):
            register.refresh()
            if register.head.oid != before:
                raise LostRace
            self._accept(judged, files, operations, remade=remade)
        self.outcome.received += len(judged.steps)

    def _own(self, judged: Judged, published: str | None) -> list[Head] | None:
        """What was entered here and has to be entered again; ``None`` when what is here stays as it is."""
        register, mine = self.register, self._me()
        if judging.dated_ahead(own := judging.own_since(register, judged, mine), self.clock()):
            # Nobody takes what is dated ahead, so it is entered again under the right date.
            return own
        try:
            operations = judging.refuse_loss(register, judged, mine, published)
        except (judging.RolledBack, judging.Rewritten) as refusal:
            if self.put_back:
                return None
            operations = self._given_up(judged, refusal)
        except judging.OthersWork as refusal:
            operations = self._given_up(judged, refusal)
        return operations if judged.valid != judged.fork else None

    def _recall(self, upto: str, published: str | None) -> None:
        """Ask, when nothing that is here or there has what the meeting place is known to have had."""
        if self.put_back or self.act is not None:
            return
        act = disaster.remembered(self.register, upto, published)
        if act is not None:
            self._confirm(act)

    def _given_up(self, judged: Judged, refusal: CpvolError) -> list[Head]:
        """What is entered again after something else took the place of what is here; others' entries are set aside.

        :raises CpvolError: the refusal, when nobody said why that may be.
        """
        git, register, mine = self._git, self.register, self._me()
        here = [read_head(git, oid) for oid in git.chain(judged.fork, register.head.oid)]
        if mine is not None and (found := correction.claimed(register, judged, here)) is not None:
            return self._corrected(judged, found, here, mine)
        act = disaster.claimed(register, judged, here)
        if act is None or mine is None:
            raise refusal
        if self.act is None:
            self._confirm(act)
        again, self.over = disaster.divided(git, judged.valid, here, mine)
        return again

    def _corrected(
        self, judged: Judged, found: Correction, here: list[Head], mine: str
    ) -> list[Head]:
        """What is entered again after somebody took out a change that this copy had taken; others' is set aside."""
        git = self._git
        if found.oid not in self.corrected:
            if not found.seen and not self.voice.corrected(found):
                raise correction.Doubted(found)
            self.corrected.add(found.oid)
            judging.keep(git, here[-1].oid)
            self.outcome.notices.append(
                f"a change by {found.author}, which {found.handle} took out, is gone from this copy too"
            )
        again, self.over = disaster.divided(git, judged.valid, here[1:], mine)
        return again

    def _confirm(self, act: Act) -> None:
        if not self.voice.disaster(act):
            raise disaster.Unconfirmed(act.handle)
        self.act = act

    def _me(self) -> str | None:
        """The handle of whoever syncs, as this copy knows it; a newcomer has none yet."""
        identity = self.register.identity
        if identity is None:
            return None
        keys = Keys(identity.age_public, identity.signing_public)
        member = self.register.members.holding(keys)
        return member.handle if member else None

    def _meet(self, judged: Judged) -> None:
        """Let the person compare the words of everybody who is new among the readers."""
        for step in judged.steps:
            if step.action in ("rotate", "recover"):
                for old, new in _replaced(step.before, step.after):
                    if self.register.seals_to(old):
                        self.voice.took_over(new)
        if judged.steps:
            self._ask_about(judged.steps[-1].after)

    def _ask_about(self, everyone: Members) -> None:
        for handle, keys in _readers(everyone):
            if not self.register.seals_to(keys.age) and keys.age not in self.asked:
                self.asked[keys.age] = self.voice.trust(handle, keys)
        self.outcome.waiting = [
            handle for handle, keys in _readers(everyone) if not self.register.seals_to(keys.age)
        ]

    def _accept(
        self,
        judged: Judged,
        files: Mapping[str, bytes],
        operations: list[Head],
        *,
        remade: bool,
    ) -> None:
        """Put what came in, and what was entered here on top of it, in the place of what is here."""
        git, register, now = self._git, self.register, self.clock()
        old, onto = register.head, read_head(git, judged.valid)
        tip = onto.oid
        self._set_aside(judged, now)
        readable = shut.readable(register, judged.written)
        if operations:
            replay = Replay(
                register,
                judged,
                onto,
                files,
                self._me() or RECOVERY,
                self.voice.settle,
                self.voice.hand_over,
                given_up=self.act is not None,
            )
            replay.take(operations, now=now)
            tip, files = replay.finish(now=now)
            self.outcome.notices += replay.notices
        if remade and tip == onto.oid:
            tip = uniting.sealing(register, onto, files, now=now)
        removed = [place for step in judged.steps for place in step.removed]
        if removed:
            note_erasure(git)
        _replace(git, old, tip, files)
        register.refresh()
        self._forget_incoming()
        self.outcome.notices += shut.about_the_shut(
            register, judged, register.members.get(self._me() or ""), readable
        )
        self.outcome.notices += self._about_the_gone(judged, operations)
        if removed:
            erasure = erase(git)
            self.outcome.notices += erasure.left
            self.outcome.notices.append(
                f"{'1 entry was' if len(removed) == 1 else f'{len(removed)} entries were'} disposed of by others;"
                " the keys are gone from this copy too"
                if erasure.done
                else "the keys of entries that others disposed of could not all be deleted here; see `doctor`"
            )
            self.outcome.notices.append(
                "new keys make sure that no old copy opens with yours: `key.rotate`, then a new backup"
            )

    def _about_the_gone(self, judged: Judged, operations: list[Head]) -> list[str]:
        """What to say of entries that meet a disposal; nothing to those who read none."""
        if self._me() is None:
            return []
        written = [each.record for step in judged.steps for each in step.written]
        own = [each.record for head in operations for each in head.commit.message.written]
        return gone.about_the_gone(self.register, [*written, *own])

    def _set_aside(self, judged: Judged, now: int) -> None:
        """Hand over what others entered and only this copy still has, before it is given up here."""
        if not self.over:
            return
        on = datetime.fromtimestamp(now, UTC).date()
        packed = handover.pack(self.register, self.over, judged.steps[-1].after, on)
        if packed.count and not self.voice.hand_over(packed):
            raise disaster.Kept(len(self.over))
        if packed.unread:
            self.outcome.notices.append(
                f"{len(packed.unread)} entries by others, which are closed to you, are given up here"
            )

    def _say_refused(self) -> None:
        """Let those know who cannot see why a change was refused here, and may have taken it."""
        git, member = self._git, self.register.members.get(self._me() or "")
        if not self.refused or member is None or not member.reads:
            return
        base = git.base(self.refused, self.register.head.oid)
        said = (read_head(git, oid) for oid in git.chain(base, self.register.head.oid))
        if self.refused not in [refusals.refused(head.commit.message) for head in said]:
            self.register.refuse(self.refused, now=self.clock())

    def _seal(self) -> None:
        """Seal the keys anew where a newcomer waits, or where somebody left."""
        me = self._me()
        if me is None:
            return
        member = self.register.members.get(me)
        if member is not None and member.reads and self.register.seal(now=self.clock()):
            self.outcome.notices.append("the keys were sealed anew for those who may read now")

    def _forget_incoming(self) -> None:
        """Take away what was fetched: references, and the keyring's objects that are not in force here."""
        git = self._git
        going: list[str] = []
        if git.find(INCOMING_KEYRING) is not None:
            kept = _keyring_ids(git, KEYRING)
            incoming = [o for o in _keyring_ids(git, INCOMING_KEYRING) if o not in kept]
            going = deletable(git, incoming)
            transaction.forget(git, going)
        for name in (INCOMING_KEYRING, INCOMING_MAIN):
            git.drop_ref(name)
        if going and stay(git, going):
            # What comes out of a backup comes in a pack, and would stay there.
            with transaction.locked(git):
                drop_unfinished(git, packed=True)
        git.close()


def _replace(git: Git, old: Head, tip: str, files: Mapping[str, bytes]) -> None:
    keyring, objects, keyring_old = keyring_objects(git, files)
    changed = git.differences(old.oid, tip)
    blobs = git.read_many([entry.oid for entry in changed.values() if entry])
    working = {
        path: (entry, next(blobs).data) if entry else None for path, entry in changed.items()
    }
    main = git.read(tip)
    plan = transaction.Plan(main, old.oid, keyring, keyring_old, [*objects, main], working)
    transaction.write(git, plan)


def _keyring_ids(git: Git, name: str) -> list[str]:
    found = git.find(name)
    if found is None or found.kind != "commit":
        return []
    tree = tree_of(found.data)
    try:
        entries = git.tree(tree)
    except CpvolError:
        return [found.oid]
    return [found.oid, tree, *(entry.oid for entry in entries.values())]


def _replaced(before: Members, after: Members) -> list[tuple[str, str]]:
    """The age keys that a change of keys replaced: (old, new)."""
    found = [
        (old.keys.age, new.keys.age)
        for new in after.members
        if (old := before.get(new.handle)) and old.keys.age != new.keys.age
    ]
    if before.recovery.age != after.recovery.age:
        found.append((before.recovery.age, after.recovery.age))
    return found


def _readers(everyone: Members) -> list[tuple[str, Keys]]:
    found = [(m.handle, m.keys) for m in everyone.members if m.present and m.reads]
    return [*found, (RECOVERY, everyone.recovery)]
