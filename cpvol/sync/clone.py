"""A first copy of the records, taken from a meeting place."""

from __future__ import annotations

from pathlib import Path

from cpvol.audit.anchor import Anchor
from cpvol.audit.verify import verify
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.ledger import transaction
from cpvol.ledger.chain import keyring_objects, read_head
from cpvol.ledger.git import Git, make_repository
from cpvol.ledger.remote import (
    INCOMING_KEYRING,
    INCOMING_MAIN,
    Meeting,
    NoMeetingPlace,
    address_from,
    set_meeting_address,
)
from cpvol.register import Occupied, Register, uniting
from cpvol.sync import judge


class NotSound(CpvolError):
    """What is at the meeting place is not what it should be."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"these records cannot be relied on: {message}",
            "ask whoever invited you to sync, and compare the anchor with them",
        )


def clone(
    folder: Path,
    address: str,
    *,
    anchor: Anchor | None,
    now: int,
    prompt: bool = False,
    keep: bool = True,
) -> Register:
    """Take a copy, verified from its founding commit on; nothing is left behind when it is not sound.

    :param folder: where it goes; must not hold anything.
    :param anchor: what the invitation names; ``None`` takes the founding commit on trust.
    :param now: seconds since 1970.
    :param keep: whether the address stays the meeting place of the copy.
    :raises BadAddress: when it is kept and cannot be the address of a meeting place.
    :raises NotSound: when the audit does not hold, or the keyring is not the one that main names.
    """
    if keep:
        # Whoever wrote the invitation wrote this, too.
        address = address_from(address)
    if folder.exists() and any(folder.iterdir()):
        raise Occupied
    new = not folder.exists()
    try:
        make_repository(folder)
        _fill(folder, address, anchor, now, prompt=prompt)
        if keep:
            with Git(folder) as git:
                set_meeting_address(git, address)
    except BaseException:
        _take_away(folder, whole=new)
        raise
    return Register.open(folder)


def _fill(folder: Path, address: str, anchor: Anchor | None, now: int, *, prompt: bool) -> None:
    with Git(folder) as git:
        meeting = Meeting(git, address, prompt=prompt)
        there = meeting.tips()
        if there.main is None:
            raise NoMeetingPlace
        meeting.fetch(there)
        verdict = verify(git, there.main, anchor=anchor, now=now, most=1)
        breach = next((p for p in verdict.problems if p.severity is Severity.BREACH), None)
        if breach is not None:
            raise NotSound(breach.message)
        files = judge.keyring_at(git, INCOMING_KEYRING)
        head = read_head(git, there.main)
        if uniting.digest(files) != head.commit.message.keyring:
            raise NotSound("the keys there do not go with the entries")
        with transaction.locked(git):
            keyring, objects, _ = keyring_objects(git, files)
            every = git.files(there.main)
            blobs = git.read_many([entry.oid for entry in every.values()])
            working = {path: (entry, next(blobs).data) for path, entry in every.items()}
            main = git.read(there.main)
            transaction.write(
                git, transaction.Plan(main, None, keyring, None, [*objects, main], working)
            )
        for name in (INCOMING_MAIN, INCOMING_KEYRING):
            git.drop_ref(name)


def _take_away(folder: Path, *, whole: bool) -> None:
    import shutil

    for each in list(folder.iterdir()) if folder.is_dir() else []:
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
    if whole and folder.is_dir():
        folder.rmdir()
