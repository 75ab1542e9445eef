"""What the meeting place has: how far it can be accepted, and why it cannot be any further.

Nothing here is changed by judging, except that a refused end of the chain is kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cpvol import codec
from cpvol.audit.problem import Problem
from cpvol.audit.rules import Case
from cpvol.audit.verify import AHEAD_SECONDS, state_at, verify
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.ledger import commits, layout, refusals
from cpvol.ledger.chain import Head, read_head
from cpvol.ledger.git import Git, MissingObject
from cpvol.ledger.members import Members
from cpvol.ledger.objects import FILE, DamagedObject, tree_of
from cpvol.ledger.remote import REFUSED, Tips
from cpvol.register import Register, uniting

#: The action by which an admin declares that a backup is all there is; see :mod:`cpvol.sync.disaster`.
DISASTER = "disaster"
#: Why a change is refused that somebody else may have had to take, because they cannot see as much.
OF_CONTENT = frozenset(("unreadable", "key-missing", "keys-astray"))
#: Bytes that all keyring files together may have; three million keys.
MAX_KEYRING = 1 << 28
_COMMITMENT = re.compile(r"^Key-SHA256: ([0-9a-f]{64})$", re.MULTILINE)


class OtherRecords(CpvolError):
    """The meeting place is that of other records."""

    def __init__(self) -> None:
        super().__init__(
            "the meeting place holds the records of another organisation",
            "name the right one with `share`; nothing was changed here",
        )


class RolledBack(CpvolError):
    """The meeting place has less than it had."""

    def __init__(self, count: int) -> None:
        super().__init__(
            "the meeting place was set back: "
            + ("a change that it had is" if count == 1 else f"{count} changes that it had are")
            + " missing there",
            "find out who did that; then `sync --put-back` sends them again from here",
        )


class Rewritten(CpvolError):
    """The meeting place has another history than it had."""

    def __init__(self, count: int) -> None:
        super().__init__(
            "the history at the meeting place was replaced from"
            f" {'one change' if count == 1 else f'{count} changes'} back",
            "find out who did that; then `sync --put-back` puts back what is here",
        )


class OthersWork(CpvolError):
    """Somebody else's unsent entries are in this copy."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"{handle} has entries on this computer that were not sent yet",
            f"{handle} has to run `sync` here first; nobody can send them in their name",
        )


class KeysAstray(CpvolError):
    """The keyring at the meeting place is not the one that main names, and we cannot make it."""

    def __init__(self, handle: str, problem: str = "", hint: str = "") -> None:
        super().__init__(
            problem or "the keys at the meeting place do not go with the entries there",
            hint
            or f"ask {handle}, or whoever synced last, to run `sync`;"
            " if that does not help, `sync --put-back` sends again what is here",
        )


class SealedOut(KeysAstray):
    """The keys were sealed without somebody who may read them."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            handle,
            f"{handle}, who synced last, has sealed the keys without you",
            f"ask {handle} to run `sync` and to accept your words, or an admin to run `sync`;"
            " nothing was changed here",
        )


class KeysTaken(CpvolError):
    """Somebody's change came without its key, and somebody else has changed the keys since."""

    def __init__(self, author: str, last: str) -> None:
        super().__init__(
            f"the key of a change by {author} is missing, and {last} has changed the keys since",
            f"ask {author} to run `sync`, which puts it right, then sync again; nothing was changed here",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """An incoming change that was verified."""

    oid: str
    handle: str
    action: str
    written: tuple[commits.Written, ...]
    removed: tuple[str, ...]
    before: Members
    after: Members


@dataclass(frozen=True, slots=True)
class Judged:
    """What can be accepted.

    :param fork: the last commit that both have.
    :param valid: the last commit that can be accepted; the fork when there is none.
    :param steps: the commits from the one after the fork to the valid one.
    :param tip: where main stands at the meeting place.
    :param problem: why not all of it, or ``None``.
    :param culprit: whom the first refused commit names as its author.
    """

    fork: str
    valid: str
    steps: tuple[Step, ...]
    tip: str
    problem: Problem | None = None
    culprit: str = ""

    def upto(self, oid: str, problem: Problem, culprit: str) -> Judged:
        """The same, accepted only so far."""
        ids = [step.oid for step in self.steps]
        kept = self.steps[: ids.index(oid) + 1] if oid in ids else ()
        return replace(self, valid=oid, steps=kept, problem=problem, culprit=culprit)

    @property
    def written(self) -> dict[tuple[str, str], list[str]]:
        """The commitments of the versions written, by (log, id), oldest first."""
        found: dict[tuple[str, str], list[str]] = {}
        for step in self.steps:
            for each in step.written:
                log, _, id = each.record.partition("/")
                found.setdefault((log, id), []).append(each.key)
        return found


@dataclass(slots=True)
class _Seen:
    steps: list[Step] = field(default_factory=list)

    def __call__(self, oid: str, case: Case) -> None:
        message = case.commit.message
        self.steps.append(
            Step(
                oid,
                case.commit.handle,
                message.action,
                message.written,
                message.removed,
                case.before,
                case.after,
            )
        )


def judge(register: Register, there: Tips, *, now: int) -> Judged:
    """Verify what the meeting place has beyond what is here.

    :param there: what was fetched.
    :raises OtherRecords: when there is nothing in common.
    :raises UnknownFormat: when a newer program wrote there.
    """
    git, tip = register.git, there.main or ""
    fork = git.base(register.head.oid, tip)
    if fork is None:
        raise OtherRecords
    if fork == tip:
        return Judged(fork, fork, (), tip)
    _refuse_newer(git, tip)
    since = state_at(git, fork)
    # A key of what was destroyed must not come back as that of something new.
    since.keys |= _keys_used(git, fork)
    seen = _Seen()
    verdict = verify(git, tip, anchor=None, since=since, now=now, witness=seen, most=1)
    judged = Judged(fork, tip, tuple(seen.steps), tip)
    breach = next((p for p in verdict.problems if p.severity is Severity.BREACH), None)
    if breach is None:
        return judged
    return judged.upto(verdict.valid_tip, breach, author_of(git, breach.commit or tip))


def dated_ahead(heads: Sequence[Head], now: int) -> bool:
    """Whether something was entered here while this computer's clock was far ahead."""
    return any(
        max(head.commit.accepted, head.commit.entered) > now + AHEAD_SECONDS for head in heads
    )


def own_since(register: Register, judged: Judged, mine: str | None) -> list[Head]:
    """What is here beyond the fork, when all of it is one's own; empty otherwise."""
    git = register.git
    here = [read_head(git, oid) for oid in git.chain(judged.fork, register.head.oid)]
    return here if all(head.commit.handle == mine for head in here) else []


def keep_evidence(git: Git, judged: Judged) -> None:
    """Keep a refused end of the chain in this copy."""
    if judged.problem is not None:
        keep(git, judged.tip)


def keep(git: Git, tip: str) -> None:
    """Keep what is given up from this copy, or was never taken into it."""
    git.set_refs([(f"{REFUSED}/{tip}", tip, _there(git, tip))])


def _keys_used(git: Git, upto: str) -> set[bytes]:
    """The commitments of all versions that were ever written up to a commit, of what is destroyed too."""
    said = git.run("log", "--first-parent", "--format=%B", upto).decode("ascii", "replace")
    return {bytes.fromhex(each) for each in _COMMITMENT.findall(said)}


def _there(git: Git, tip: str) -> str | None:
    found = git.find(f"{REFUSED}/{tip}")
    return found.oid if found else None


def author_of(git: Git, oid: str) -> str:
    """Whom a commit names as its author; nothing vouches for it when the commit was refused."""
    found = git.find(oid)
    words = found.data.partition(b"\nauthor ")[2].split(b" ", 1)[0] if found else b""
    name = words.decode("ascii", "replace")
    return name if name.replace("-", "").isalnum() and len(name) <= 32 else "somebody"


def _refuse_newer(git: Git, tip: str) -> None:
    try:
        data = codec.decode(git.read(f"{tip}:{layout.ORGANISATION}").data)
    except (MissingObject, codec.NotCanonical):
        return
    written = data.get("format")
    if isinstance(written, int) and written > layout.FORMAT:
        raise layout.UnknownFormat


def refuse_loss(
    register: Register, judged: Judged, mine: str | None, published: str | None
) -> list[Head]:
    """What was entered here since the two parted, to be entered again.

    :param mine: the handle of whoever syncs, if they are a member.
    :param published: the last tip that the meeting place is known to have had.
    :raises RolledBack: when the meeting place lost what others had published there.
    :raises Rewritten: when it has something else in its place.
    :raises OthersWork: when somebody else's entries here were never sent.
    """
    git = register.git
    here = [read_head(git, oid) for oid in git.chain(judged.fork, register.head.oid)]
    # That something was refused is no loss where it came back, or where another says so instead.
    entered = [head for head in here if head.commit.message.action != refusals.ACTION]
    lost = [head for head in _upto(here, published) if head in entered]
    own = all(head.commit.handle == mine for head in entered)
    if here and own and here[0].commit.message.action == DISASTER:
        # There is more than the backup after all, so nothing has to be given up.
        lost = []
    if judged.tip == judged.fork:
        # Nothing came in: all that is here is sent. Only what the meeting place had before must not be missing.
        if lost:
            raise RolledBack(len(lost))
        return here
    if judged.valid == judged.fork:
        return here
    if lost:
        # Not even when all of it is one's own: whoever left could bring their copy of before in between.
        raise Rewritten(len(lost))
    if others := [head for head in entered if head.commit.handle != mine]:
        raise OthersWork(others[0].commit.handle)
    came = {step.oid for step in judged.steps}
    return [
        head
        for head in here
        if head.commit.handle == mine and refusals.refused(head.commit.message) not in came
    ]


def _upto(here: Sequence[Head], published: str | None) -> list[Head]:
    ids = [head.oid for head in here]
    return list(here[: ids.index(published) + 1]) if published in ids else []


def keyring_at(git: Git, name: str) -> dict[str, bytes]:
    """The files of a fetched keyring; empty when it is not in the one form."""
    found = git.find(name)
    if found is None or found.kind != "commit" or not found.data.startswith(b"tree "):
        return {}
    tree = tree_of(found.data)
    try:
        if commits.keyring_commit(tree).oid != found.oid:
            return {}
        entries = git.tree(tree)
        if any(entry.mode != FILE for entry in entries.values()):
            return {}
        files: dict[str, bytes] = {}
        room = MAX_KEYRING
        blobs = git.read_many([entry.oid for entry in entries.values()])
        for path, blob in zip(entries, blobs, strict=True):
            files[path], room = blob.data, room - len(blob.data)
            if room < 0:
                return {}
        return files
    except (MissingObject, DamagedObject):
        return {}


def live_records(git: Git, oid: str) -> dict[tuple[str, str], str]:
    """The ids of the records' files at a commit, by (log, id)."""
    return {
        parsed: entry.oid
        for path, entry in git.files(oid).items()
        if (parsed := layout.parse_record_path(path))
    }


def with_keys(
    register: Register,
    judged: Judged,
    theirs: Mapping[str, bytes],
    *,
    refuse: Callable[[str, str], bool],
    given_up: bool = False,
) -> tuple[Judged, dict[str, bytes] | None]:
    """The keyring for what is accepted, and how far that is once the keys are looked at.

    :param theirs: the keyring that was fetched.
    :param refuse: (author, who changed the keys last) to whether a change is refused whose key one of them took away.
    :param given_up: whether versions that are here are given up, with their keys.
    :returns: what is accepted, and a keyring made anew, or ``None`` when the fetched one is right as it is.
    :raises KeysAstray: when keys are missing that cannot be made good here.
    :raises KeysTaken: when a change came without its key that is not refused.
    """
    git = register.git
    tip = _digest_at(git, judged.tip)
    offered = uniting.digest(theirs)
    unsent = _written_since(git, judged.fork, register.head.oid)
    while judged.valid != judged.fork:
        head = read_head(git, judged.valid)
        sound = offered == head.commit.message.keyring
        if not uniting.is_keyring(theirs):
            raise KeysAstray(head.commit.handle)
        live, written = live_records(git, judged.valid), judged.written
        wrong = uniting.wrong_keys(register, theirs, head, live, written, unsent)
        if given_up and not sound:
            raise KeysAstray(head.commit.handle)
        if given_up:
            wrong = {record: commitment for record, commitment in wrong.items() if commitment}
        if sound and not wrong:
            return judged, None
        missing = {commitment for commitment in wrong.values() if commitment}
        if not missing:
            files = uniting.united(register, theirs, head, live, written)
            if files is None:
                out = uniting.sealed_out(register, theirs, head, wrong)
                raise (SealedOut if out else KeysAstray)(head.commit.handle)
            return judged, files
        if offered != tip:
            raise KeysAstray(head.commit.handle)
        author, last = _without_key(judged, missing).handle, head.commit.handle
        # Whoever signed for these keys answers for what is missing; what others entered must not be lost by it.
        if author != last and not refuse(author, last):
            raise KeysTaken(author, last)
        judged = _before(judged, missing)
    return judged, None


def readable(register: Register, judged: Judged, theirs: Mapping[str, bytes]) -> Judged:
    """What can be accepted before the first change that writes what nobody can read.

    :param theirs: the keyring that was fetched.
    """
    previous = judged.fork
    if not uniting.is_keyring(theirs):
        return judged
    for step in judged.steps:
        if uniting.unreadable(register, theirs, step.oid, step.written):
            why = "This change writes an entry that its own key does not open, or that is none."
            problem = Problem(step.oid, "unreadable", why, 8)
            return judged.upto(previous, problem, step.handle)
        previous = step.oid
    return judged


def _written_since(git: Git, fork: str, tip: str) -> set[str]:
    """The commitments of the versions that were written between two commits."""
    heads = (read_head(git, oid) for oid in git.chain(fork, tip))
    return {each.key for head in heads for each in head.commit.message.written}


def sound_at(register: Register, oid: str, files: Mapping[str, bytes]) -> bool:
    """Whether a keyring is the one that a commit names."""
    return uniting.digest(files) == _digest_at(register.git, oid)


def _digest_at(git: Git, oid: str) -> str:
    try:
        return commits.decode(git.read(oid).data).message.keyring
    except commits.BadCommit:
        return ""


def _without_key(judged: Judged, missing: set[str]) -> Step:
    """The first change that wrote an entry without its key."""
    return next(s for s in judged.steps if any(each.key in missing for each in s.written))


def _before(judged: Judged, missing: set[str]) -> Judged:
    """What can be accepted before the first change that wrote an entry without its key."""
    step = _without_key(judged, missing)
    at = judged.steps.index(step)
    why = "This change writes an entry without its key, or a later one took the key away."
    problem = Problem(step.oid, "key-missing", why, 8)
    return judged.upto(judged.steps[at - 1].oid if at else judged.fork, problem, step.handle)


def without_keys(judged: Judged, handle: str) -> Judged:
    """Nothing of what came in, as its keys do not go with it."""
    why = "The keys that were sent do not go with the entries."
    return judged.upto(judged.fork, Problem(judged.tip, "keys-astray", why, 8), handle)
