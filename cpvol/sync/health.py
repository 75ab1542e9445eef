"""What may be wrong with a copy of the records, and what was put right on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cpvol.errors import CpvolError
from cpvol.ledger import transaction
from cpvol.ledger.git import Git, GitFailed
from cpvol.ledger.remote import REFUSED, meeting_address
from cpvol.membership import alone
from cpvol.register import Register, plain


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that is not as it should be.

    :param what: one line.
    :param remedy: what to do; empty when it was put right already.
    """

    what: str
    remedy: str


def ailments(register: Register, published: str | None) -> Iterator[Ailment]:
    """Look a copy over; what can be mended without harm is mended.

    :param published: the last tip that the meeting place is known to have had.
    """
    git = register.git
    yield from _journal(git)
    yield from _objects(git)
    yield from _keys(register)
    yield from _files(git)
    yield from _kept(git)
    yield from _sending(register, published)
    for sentence in alone(register.members, register.organisation.logs):
        yield Ailment(
            sentence, "add somebody with `member.add`, or widen roles with `member.roles`"
        )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _journal(git: Git) -> Iterator[Ailment]:
    waiting = (git.dir / "cpvol" / "journal.json").exists()
    with transaction.locked(git):
        pass
    if waiting:
        yield Ailment("a change had been interrupted; it was finished or taken back", "")


def _objects(git: Git) -> Iterator[Ailment]:
    try:
        git.run("fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    except GitFailed:
        yield Ailment(
            "part of what is stored here is missing or damaged",
            "move this folder away, then take a fresh copy with `join`, or `restore` a backup",
        )


def _keys(register: Register) -> Iterator[Ailment]:
    try:
        register.sealed_keyring()
    except CpvolError:
        yield Ailment(
            "the keys here do not go with the entries",
            "move this folder away, then take a fresh copy with `join`, or `restore` a backup",
        )


def _files(git: Git) -> Iterator[Ailment]:
    try:
        with transaction.locked(git):
            wrong = transaction.follow_main(git)
    except CpvolError:
        yield Ailment("the files in the folder cannot be compared", "see the line above")
        return
    if wrong:
        yield Ailment(
            f"{_many(len(wrong), 'file')} in the folder: changed by hand, and put back", ""
        )


def _kept(git: Git) -> Iterator[Ailment]:
    with transaction.locked(git):
        found = plain.forget_kept(git)
    if found:
        yield Ailment(
            "this copy had been told to keep entries in plain text; it was told not to, and what it kept was deleted",
            "",
        )


def _sending(register: Register, published: str | None) -> Iterator[Ailment]:
    git = register.git
    if meeting_address(git) is None:
        yield Ailment(
            "there is no meeting place: this copy is the only one",
            "name one with `share`, or make a `backup` often",
        )
    elif published is None or git.find(published) is None:
        yield Ailment("nothing was ever sent to the meeting place from here", "run `sync`")
    elif unsent := len(git.chain(published, register.head.oid)):
        yield Ailment(f"not sent yet: {_many(unsent, 'change')}", "run `sync`")
    refused = git.run("for-each-ref", "--format=%(refname)", REFUSED).split()
    if refused:
        yield Ailment(
            f"{_many(len(refused), 'refused change')} kept here as evidence",
            "show them to whoever oversees you; `audit` can read them",
        )
