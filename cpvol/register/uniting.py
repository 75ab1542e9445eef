"""Two copies' keyrings made one: what a sync needs of the keys, beyond reading and writing entries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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


def wrong_keys(
    register: Register,
    files: Mapping[str, bytes],
    head: Head,
    live: Iterable[tuple[str, str]],
    written: Mapping[tuple[str, str], Sequence[str]],
    unsent: Collection[str],
) -> dict[tuple[str, str], str]:
    """Where another keyring has not the keys of exactly the signed versions, as far as this member can tell.

    :param files: that keyring.
    :param head: the commit that it is for.
    :param live: the records that are on main with it.
    :param written: the commitments of the versions written since our own keyring, oldest first.
    :param unsent: the commitments of the versions that are here alone, so that no other keyring can have their keys.
    :returns: the records concerned, with the commitment that no key matches, or ``""`` where our keys put it right.
    """
    theirs, ours = register.ring_over(files), register.ring
    wrong: dict[tuple[str, str], str] = {}
    doubtful: dict[tuple[str, str], tuple[list[str], set[str]]] = {}
    for log, id in live:
        if ours.file_of(log, id) and not theirs.file_of(log, id):
            wrong[log, id] = ""
        try:
            found = theirs.keys(log, id)
            have = ours.keys(log, id)
        except keyring.NotForYou:
            continue
        new = list(written.get((log, id), ()))
        if found == have and not new:
            continue
        there, here = (
            [envelope.commitment(k) for k in found],
            [envelope.commitment(k) for k in have],
        )
        if missing := [each for each in new if each not in there]:
            wrong[log, id] = missing[0]
        elif there != [each for each in here if each not in unsent] + new:
            doubtful[log, id] = there, {*there, *here}
    if doubtful:
        # Ours may hold a key that no signed version ever had, so it is the history that tells.
        signed = _commitments(register, head)
        for each, (there, known) in doubtful.items():
            if there != [commitment for commitment in signed.get(each, ()) if commitment in known]:
                wrong[each] = ""
    return wrong


def united(
    register: Register,
    files: Mapping[str, bytes],
    head: Head,
    live: Mapping[tuple[str, str], str],
    written: Iterable[tuple[str, str]],
) -> dict[str, bytes] | None:
    """A keyring made anew from ours and another: the keys of every version that was signed, and no others.

    What is closed to this member is taken as it is: from the other keyring if that is the one that the commit names, or
    from ours if nothing was written there since.

    :param head: the commit that it is for.
    :param live: the ids of the records' files, by (log, id).
    :param written: the records written since our own keyring.
    :returns: sealed files, or ``None`` when this member cannot tell all that it takes.
    """
    theirs, ours = register.ring_over(files), register.ring
    everyone = members.decode(register.git.read(head.top[layout.MEMBERS].oid).data)
    signed = _commitments(register, head)
    sound = digest(files) == head.commit.message.keyring
    touched = {log for log, _ in written}
    fresh: list[Fresh] = []
    whole: dict[str, bytes] = {}
    for (log, id), oid in live.items():
        known = {
            envelope.commitment(key): key
            for key in (*_held(theirs, log, id), *_held(ours, log, id))
        }
        keys = [known[each] for each in signed.get((log, id), ()) if each in known]
        try:
            record = opened(log, id, register.git.read(oid).data, keys)
        except Damaged:
            if sound and (name := theirs.closed_file(log, id)):
                whole[name] = files[name]
            elif log not in touched and (name := ours.closed_file(log, id)):
                whole[name] = register.sealed_keyring()[name]
            else:
                return None
        else:
            closed = register.closed_to(record, everyone)
            fresh += [Fresh(log, id, key, closed) for key in keys]
    made = Ring((), dict[str, bytes]().__getitem__, register.signer()).adding(
        fresh, everyone.version, lambda log: register.readers(log, everyone)
    )
    made_files = {name: sealed for name, sealed in made.items() if sealed is not None}
    return None if _overlap(made_files, whole) else made_files | whole


def _held(ring: Ring, log: str, id: str) -> tuple[str, ...]:
    try:
        return ring.keys(log, id)
    except keyring.NotForYou:
        return ()


def _overlap(made: Iterable[str], whole: Iterable[str]) -> bool:
    """Whether the keys of one record, or of one log, would be in a file of each kind."""
    places = [
        {(file.log, file.record) for file in map(keyring.parse_name, names)}
        for names in (made, whole)
    ]
    return not places[0].isdisjoint(places[1])


def _commitments(register: Register, head: Head) -> dict[tuple[str, str], list[str]]:
    """The commitments of all versions of every record, oldest first, as the history up to a commit signs them."""
    git = register.git
    found: dict[tuple[str, str], list[str]] = {}
    for each in git.read_many(git.chain(None, head.oid)):
        for version in commits.decode(each.data).message.written:
            log, _, id = version.record.partition("/")
            found.setdefault((log, id), []).append(version.key)
    return found


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
