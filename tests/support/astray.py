"""A member who means ill: signs for a keyring of their own making, and sends it to where members meet."""

from __future__ import annotations

from collections.abc import Mapping

from cpvol.ledger.chain import keyring_objects, link
from cpvol.ledger.git import KEYRING, MAIN
from cpvol.register import draft_of
from tests.support.people import Someone


def publish(
    by: Someone, ring: Mapping[str, bytes], *, sent: Mapping[str, bytes] | None = None
) -> None:
    """Have somebody sign for a keyring, and put it at the meeting place, or another one with the same signature."""
    with by.open() as register:
        git, time = register.git, by.clock()
        draft = draft_of(
            by.handle, by.identity, "members: seal the keys", "seal", (time, time), {}, ring
        )
        made = link(git, register.head, draft)
        branch, objects, _ = keyring_objects(git, ring if sent is None else sent)
        git.store([*made.objects, made.main, *objects])
        git.run("push", "-q", str(by.place), f"+{made.main.oid}:{MAIN}", f"+{branch.oid}:{KEYRING}")


def without(someone: Someone, *gone: str) -> dict[str, bytes]:
    """The keyring of a copy without the keys of some entries about persons."""
    with someone.open() as register:
        version = register.members.version
        change = register.ring.removing([("person", id) for id in gone], version, register.readers)
        files = dict(register.sealed_keyring()) | change
        return {name: sealed for name, sealed in files.items() if sealed}
