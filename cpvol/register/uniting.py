"""Two copies' keyrings made one: what a sync needs of the keys, beyond reading and writing entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from cpvol.ledger import commits, layout, members
from cpvol.ledger.chain import Head, link
from cpvol.ledger.members import Members
from cpvol.logs.base import Record
from cpvol.register.errors import Closed, Damaged
from cpvol.register.versions import Version, opened
from cpvol.register.writing import Register, draft_of
from cpvol.vault import envelope, keyring
from cpvol.vault.ring import Fresh, Ring


def version(log: str, id: str, sealed: bytes, ring: Ring) -> Record:
    """One version of a record, now or earlier.

    :raises Closed: when its keys are in a file for others.
    :raises Damaged: when no key that is here opens it.
    """
    try:
        keys = ring.keys(log, id)
    except keyring.NotForYou:
        raise Closed(id) from None
    return opened(log, id, sealed, keys)


def ring_after(
    register: Register,
    files: Mapping[str, bytes],
    before: Members,
    after: Members,
    versions: Sequence[Version],
    gone: Iterable[tuple[str, str]],
    readers_of: Callable[[str, str], Sequence[str] | None],
) -> dict[str, bytes]:
    """A keyring after several changes at once.

    :param before: the members that the files are sealed for.
    :param after: the members at the end.
    :param versions: new versions of records, oldest first.
    :param gone: (log, id) of what was disposed of.
    :param readers_of: (log, id) to the handles that a closed record is for, or ``None`` when that is unknown here.
    """
    fresh = [
        Fresh(v.record.log, v.record.id, v.key, register.closed_to(v.record, before))
        for v in versions
    ]
    may = partial(register.readers, everyone=before)
    ring = _changed(files, register.ring_over(files).adding(fresh, before.version, may))
    ring = _changed(ring, register.ring_over(ring).removing(gone, before.version, may))
    if after.version == before.version:
        return ring

    def who(file: keyring.KeyringFile) -> Sequence[str] | None:
        if not file.record:
            return register.readers(file.log, after)
        handles = readers_of(file.log, file.record)
        return None if handles is None else register.reader_keys(handles, file.log, after)

    return register.ring_over(ring).for_members(after.version, who)


def lost_keys(
    register: Register,
    files: Mapping[str, bytes],
    live: Iterable[tuple[str, str]],
    written: Mapping[tuple[str, str], Sequence[str]],
) -> dict[tuple[str, str], str]:
    """Which keys another keyring lacks, as far as this member can tell.

    :param files: that keyring.
    :param live: the records that are on main with it.
    :param written: the commitments of the versions written since our own keyring, oldest first.
    :returns: the records concerned, with the commitment that no key matches, or ``""`` for a key that we have.
    """
    theirs, ours = register.ring_over(files), register.ring
    lost: dict[tuple[str, str], str] = {}
    for log, id in live:
        try:
            found = theirs.keys(log, id)
            have = ours.keys(log, id)
        except keyring.NotForYou:
            continue
        committed = {envelope.commitment(key) for key in found} if written.get((log, id)) else set()
        missing = [each for each in written.get((log, id), ()) if each not in committed]
        if missing:
            lost[log, id] = missing[0]
        elif not set(have) <= set(found):
            lost[log, id] = ""
    return lost


def united(
    register: Register,
    files: Mapping[str, bytes],
    head: Head,
    live: Mapping[tuple[str, str], str],
    written: Mapping[tuple[str, str], Sequence[str]],
) -> dict[str, bytes] | None:
    """A keyring made anew from ours and another, of keys that match what was signed.

    :param head: the commit that it is for.
    :param live: the ids of the records' files, by (log, id).
    :param written: as for :func:`lost_keys`.
    :returns: sealed files, or ``None`` when this member cannot open all that it takes.
    """
    theirs, ours = register.ring_over(files), register.ring
    everyone = members.decode(register.git.read(head.top[layout.MEMBERS].oid).data)
    fresh: list[Fresh] = []
    for (log, id), oid in live.items():
        try:
            have = list(ours.keys(log, id))
            offered = {envelope.commitment(key): key for key in theirs.keys(log, id)}
            # What was destroyed here by a disposal that is not sent yet has no key of ours; it is destroyed again on top.
            since = written.get((log, id), ()) if have else _committed(register, log, id, head)
            have += [key for each in since if (key := offered.get(each))]
            record = opened(log, id, register.git.read(oid).data, have)
        except (keyring.NotForYou, Damaged):
            return None
        closed = register.closed_to(record, everyone)
        fresh += [Fresh(log, id, key, closed) for key in have]
    made = Ring((), dict[str, bytes]().__getitem__, register.signer()).adding(
        fresh, everyone.version, lambda log: register.readers(log, everyone)
    )
    return {name: sealed for name, sealed in made.items() if sealed is not None}


def _committed(register: Register, log: str, id: str, head: Head) -> list[str]:
    """The commitments of all versions of a record, oldest first, as the history up to a commit signs them."""
    git, name = register.git, f"{log}/{id}"
    return [
        each.key
        for oid in git.history(layout.record_path(log, id), head.oid)
        for each in commits.decode(git.read(oid).data).message.written
        if each.record == name
    ]


def sealing(register: Register, onto: Head, files: Mapping[str, bytes], *, now: int) -> str:
    """A change on top of another commit that names a keyring made anew; stored, and in force nowhere yet.

    :returns: the id of the commit.
    """
    at = max(now, onto.commit.accepted)
    draft = draft_of(
        register.me.handle, register.signer(), "members: seal the keys", "seal", (at, at), {}, files
    )
    made = link(register.git, onto, draft)
    register.git.store([*made.objects, made.main])
    return made.main.oid


def digest(files: Mapping[str, bytes]) -> str:
    """``Keyring-SHA256`` of keyring files."""
    return keyring.digest(files)


def is_keyring(files: Mapping[str, bytes]) -> bool:
    """Whether files have the names and the sealed form of keyring files, told without a key."""
    try:
        for name, sealed in files.items():
            keyring.parse_name(name)
            keyring.recipients_count(sealed)
    except keyring.DamagedKeyring:
        return False
    return True


def _changed(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {name: sealed for name, sealed in (dict(files) | dict(changes)).items() if sealed}
