"""When a backup is all there is: an admin's signed act on top of it, which every other member confirms once.

A meeting place that has less than it had is refused, and rightly: that is how somebody would make entries vanish. When
the meeting place and every newer copy are gone for good, an admin says so in the history itself::

    before     A - B - C - D - E        E: the last that the others know was published
    backup     A - B
    restored   A - B - X                X: ``Action: disaster``; it changes nothing, and every audit shows it

A copy that still has C to E takes the restored history only from an admin that it knows, and after its person confirmed
it; what they entered themselves comes on top again, and what others entered leaves as a hand-over file. A copy that
knows that something was disposed of never takes its key back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpvol.errors import CpvolError
from cpvol.ledger import commits, layout, transaction
from cpvol.ledger.chain import Head, read_head
from cpvol.ledger.git import Git
from cpvol.ledger.members import Keys, Members, decode
from cpvol.register import NotAllowed, Register, draft_of
from cpvol.sync.judge import DISASTER, Judged, live_records

ACTION = DISASTER
#: What nobody can do again without the others: it is done anew, if it is still wanted.
NOT_AGAIN = frozenset(("propose", "approve", "withdraw", "dispose"))


class NoNeed(CpvolError):
    """Nothing is lost, so nothing has to be given up."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"there is no need to give anything up: {why}",
            "restore without --disaster, then name a meeting place with `share`",
        )


class NotByThem(CpvolError):
    """The act is not by an admin of ours."""

    def __init__(self, handle: str, why: str) -> None:
        super().__init__(
            f"{handle} declared that a backup is all there is, and {why}",
            "ask an admin by telephone; `sync --put-back` sends again what is here",
        )


class Unconfirmed(CpvolError):
    """Nobody confirmed the act."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"{handle} declared that a backup is all there is, which you have not confirmed",
            "ask them by telephone, then run `sync` in a terminal, or with --disaster",
        )


class Missing(CpvolError):
    """The meeting place lacks what it is known to have had, and so does this copy."""

    def __init__(self) -> None:
        super().__init__(
            "the meeting place lacks changes that it had when you synced last",
            "ask an admin; if a backup was all there was, their `restore --disaster` has to say so",
        )


class WouldBringBack(CpvolError):
    """The backup has keys of what was destroyed since."""

    def __init__(self, entries: Sequence[str]) -> None:
        some = ", ".join(sorted(entries)[:5])
        super().__init__(
            f"the backup still has the keys of {len(entries)} entries that were destroyed: {some}",
            "have them disposed of again in the restored records first; nothing was changed here",
        )


class Kept(CpvolError):
    """What others entered, and only this copy has, was put nowhere."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} change{'' if count == 1 else 's'} by others would be given up with this copy's",
            "name a file for them: `sync --handover FILE` seals them for those who may enter them",
        )


@dataclass(frozen=True, slots=True)
class Act:
    """An admin's declaration.

    :param oid: of its commit.
    :param at: when, seconds since 1970.
    :param keys: the admin's keys at that moment.
    :param stranger: whether this copy has never seen these keys, so that their words have to be compared.
    :param given_up: by handle: how many changes the meeting place had, and this copy has, that are given up.
    """

    oid: str
    handle: str
    at: int
    keys: Keys
    stranger: bool = False
    given_up: tuple[tuple[str, int], ...] = ()


def acts(git: Git, upto: str) -> Iterator[Head]:
    """The declarations on a chain that was verified, newest first."""
    found = git.run("rev-list", f"--grep=^Action: {ACTION}$", upto).decode("ascii").split()
    for oid in found:
        head = read_head(git, oid)
        if head.commit.message.action == ACTION:
            yield head


def declare(register: Register, *, backup: str, published: str | None, now: int) -> str:
    """Say that the backup that these records were restored from is all there is; signed by an admin.

    :param backup: where main stands in the backup.
    :param published: the last tip that the meeting place is known to have had.
    :returns: the id of the commit.
    :raises NotAllowed: when it is no admin who says so.
    :raises NoNeed: when this copy has more than the backup, or the backup lacks nothing.
    """
    git, me = register.git, register.me
    if not me.admin:
        raise NotAllowed(
            "only an admin declares that a backup is all there is",
            "ask an admin; if none is left, `recover` first, with the recovery page",
        )
    if register.head.commit.message.action == ACTION:
        raise NoNeed("it was declared already")
    beyond = [read_head(git, oid).commit for oid in git.chain(backup, register.head.oid)]
    if any(each.handle not in (me.handle, "recovery") for each in beyond):
        raise NoNeed("this copy has more than the backup")
    if published and git.find(published) is not None:
        raise NoNeed("the backup has all that was ever sent")
    with transaction.locked(git):
        register.refresh()
        draft = draft_of(
            me.handle,
            register.signer(),
            f"organisation: {ACTION} a backup is all there is",
            ACTION,
            (now, now),
            {},
            register.sealed_keyring(),
        )
        return register.write(draft)


def claimed(register: Register, judged: Judged, here: Sequence[Head]) -> Act | None:
    """The act among what came in by which it would take the place of what is here, looked at from this copy.

    :param here: what this copy has instead.
    :raises NotByThem: when whoever signed it is no admin of ours, or used keys that were replaced.
    :raises WouldBringBack: when keys would come back that were destroyed.
    """
    step = next((each for each in judged.steps if each.action == ACTION), None)
    signer = step.before.get(step.handle) if step else None
    if step is None or signer is None:
        return None
    stranger = _known(register.members, step.handle, signer.keys)
    back = _destroyed(register.git, register.head.oid) - _destroyed(register.git, judged.valid)
    if alive := back & {f"{log}/{id}" for log, id in live_records(register.git, judged.valid)}:
        raise WouldBringBack(sorted(alive))
    counted: dict[str, int] = {}
    for head in here:
        counted[head.commit.handle] = counted.get(head.commit.handle, 0) + 1
    at = read_head(register.git, step.oid).commit.accepted
    given_up = tuple(sorted(counted.items()))
    return Act(step.oid, step.handle, at, signer.keys, stranger, given_up)


def remembered(register: Register, upto: str, published: str | None) -> Act | None:
    """The act by which a chain may lack what the meeting place is known to have had; ``None`` when it lacks nothing.

    :param upto: the end of a chain that was verified.
    :param published: the last tip that the meeting place is known to have had.
    :raises Missing: when it lacks that, and nobody declared so.
    """
    if published is None or register.git.find(published) is not None:
        return None
    head = next(acts(register.git, upto), None)
    if head is None:
        raise Missing
    parent = head.commit.parent or head.oid
    then = decode(register.git.read(f"{parent}:{layout.MEMBERS}").data)
    signer = then.get(head.commit.handle)
    if signer is None:
        raise Missing
    return Act(head.oid, signer.handle, head.commit.accepted, signer.keys, stranger=True)


def _known(everyone: Members, handle: str, keys: Keys) -> bool:
    """Whether the keys of an admin of ours are new to this copy."""
    member = everyone.get(handle)
    if member is None or not member.admin:
        raise NotByThem(handle, "is no admin in this copy")
    if keys in member.former:
        raise NotByThem(handle, "signed it with keys that were replaced since")
    return keys != member.keys


def _destroyed(git: Git, upto: str) -> set[str]:
    found = git.run("rev-list", "--grep=^Action: dispose$", upto).decode("ascii").split()
    return {
        record for oid in found for record in commits.decode(git.read(oid).data).message.removed
    }


def divided(git: Git, valid: str, here: Sequence[Head], mine: str) -> tuple[list[Head], list[Head]]:
    """What this copy has beyond the backup: what its person enters again, and the entries to hand over.

    One's own change of an entry that somebody else made meanwhile goes with that entry. What somebody entered again
    themselves is there already.

    :param valid: what is accepted in its place.
    """
    there = {f"{log}/{id}" for log, id in live_records(git, valid)}
    again: list[Head] = []
    over: list[Head] = []
    for head in here:
        message = head.commit.message
        written = {each.record for each in message.written}
        own = head.commit.handle == mine
        new = message.action in ("add", "import", "handover")
        if own and (new or written <= there):
            there |= written
            again.append(head)
        elif written and not (new and written <= there):
            over.append(head)
    return again, over
