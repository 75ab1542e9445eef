"""Two copies' keyrings made one: what a sync needs of the keys, beyond reading and writing entries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from cpvol import codec
from cpvol.ledger import commits, layout, members
from cpvol.ledger.chain import Head, link
from cpvol.ledger.git import Git
from cpvol.ledger.members import Members
from cpvol.logs.base import Record
from cpvol.register.errors import Closed, Damaged
from cpvol.register.versions import Version, newer, opened, parse
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
        # What was written before it was closed can still be read.
        with suppress(Damaged):
            return opened(log, id, sealed, _open(ring, log, id))
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
    live: Collection[tuple[str, str]],
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
    wrong = dict.fromkeys(_stray(theirs, files, live), "")
    wrong |= dict.fromkeys(_withheld(theirs, ours, live, written, _reads(register, head)), "")
    doubtful: dict[tuple[str, str], tuple[list[str], set[str]]] = {}
    moved = dict(_moved(theirs, ours, live))
    for log, id in live:
        found, have = held(theirs, log, id), held(ours, log, id)
        if found is None or have is None:
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
    # Ours may hold a key that no signed version ever had, so it is the history that tells.
    signed = _commitments(register, head) if doubtful or moved else {}
    for each, (there, known) in doubtful.items():
        if there != [commitment for commitment in signed.get(each, ()) if commitment in known]:
            wrong[each] = ""
    for each, (before, after) in moved.items():
        if after != _left_open(register, each, (*before, *after), signed):
            wrong.setdefault(each, "")
    return wrong


def unreadable(
    register: Register, files: Mapping[str, bytes], commit: str, made: Iterable[commits.Written]
) -> bool:
    """Whether a commit writes an entry that its own key does not open, or that nobody can read.

    One such entry would be in the way of whoever reads its log, for good.

    :param files: the keyring that has the keys.
    :param commit: the id.
    :param made: what it writes.
    :raises UnknownFormat: when a newer program wrote it.
    """
    ring = register.ring_over(files)
    return any(looked_at(register.git, ring, commit, each) is False for each in made)


def looked_at(git: Git, ring: Ring, commit: str, made: commits.Written) -> bool | None:
    """Whether a version of a record can be read by those who have its key; ``None`` when it is not there to tell.

    :param commit: the id of the commit that writes it.
    :raises UnknownFormat: when a newer program wrote it.
    """
    log, _, id = made.record.partition("/")
    keys = [k for k in held(ring, log, id) or () if envelope.commitment(k) == made.key]
    if not keys:
        return None
    sealed = git.read(f"{commit}:{layout.record_path(log, id)}").data
    try:
        text = envelope.open_(sealed, keys[0])
        if newer(log, text):
            raise layout.UnknownFormat
        parse(log, id, text)
    except (envelope.WrongKey, envelope.DamagedRecord, codec.NotCanonical, Damaged):
        return False
    return True


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
    signed, reads = _commitments(register, head), _reads(register, head)
    sound = digest(files) == head.commit.message.keyring
    touched = {log for log, _ in written}
    fresh: list[Fresh] = []
    whole: dict[str, bytes] = {}
    for (log, id), oid in live.items():
        have = held(ours, log, id) or ()
        known = {envelope.commitment(key): key for key in (*(held(theirs, log, id) or ()), *have)}
        keys = [known[each] for each in signed.get((log, id), ()) if each in known]
        either = (*_open(ours, log, id), *_open(theirs, log, id))
        try:
            record = opened(log, id, register.git.read(oid).data, keys)
        except Damaged:
            if have and reads(log) and not theirs.closed(log, id):
                return None
            if sound and (name := theirs.closed_file(log, id)):
                whole[name] = files[name]
            elif log not in touched and (name := ours.closed_file(log, id)):
                whole[name] = register.sealed_keyring()[name]
            else:
                return None
            fresh += [
                Fresh(log, id, key) for key in _left_open(register, (log, id), either, signed)
            ]
        else:
            closed = register.closed_to(record, everyone)
            still = _left_open(register, (log, id), either, signed) if closed else keys
            fresh += [Fresh(log, id, key, () if key in still else closed) for key in keys]
    made = Ring((), dict[str, bytes]().__getitem__, register.signer()).adding(
        fresh, everyone.version, lambda log: register.readers(log, everyone)
    )
    made_files = {name: sealed for name, sealed in made.items() if sealed is not None}
    return None if _overlap(made_files, whole) else made_files | whole


def held(ring: Ring, log: str, id: str) -> tuple[str, ...] | None:
    """The keys of a record, or ``None`` when they are in a file that this member cannot open."""
    try:
        return ring.keys(log, id)
    except (keyring.NotForYou, keyring.DamagedKeyring):
        return None


def _open(ring: Ring, log: str, id: str) -> tuple[str, ...]:
    """The keys of a record in the log's own file; none when this member cannot open that."""
    try:
        return ring.open_keys(log, id)
    except (keyring.NotForYou, keyring.DamagedKeyring):
        return ()


def _moved(
    theirs: Ring, ours: Ring, live: Iterable[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Closed records with other keys in the log's own file than we have there: (log, id), and both keys."""
    for log, id in live:
        if theirs.closed(log, id):
            before, after = _open(ours, log, id), _open(theirs, log, id)
            if before != after:
                yield (log, id), (before, after)


def _left_open(
    register: Register,
    place: tuple[str, str],
    keys: Iterable[str],
    signed: Mapping[tuple[str, str], Mapping[str, str]],
) -> tuple[str, ...]:
    """Of some keys of a closed record, those of its versions from before it was closed, oldest first.

    :param signed: the commit that wrote each version of every record, by the commitment of its key.
    """
    log, id = place
    by, found = {envelope.commitment(key): key for key in keys}, list[str]()
    for commitment, commit in signed.get(place, {}).items():
        if commitment not in by:
            continue
        sealed = register.git.read(f"{commit}:{layout.record_path(log, id)}").data
        with suppress(Damaged):
            if not opened(log, id, sealed, [by[commitment]]).readers:
                found.append(by[commitment])
    return tuple(found)


def _reads(register: Register, head: Head) -> Callable[[str], bool]:
    """Whether this member may read a log, by the members in force at a commit."""
    identity = register.former or register.signer()
    everyone = members.decode(register.git.read(head.top[layout.MEMBERS].oid).data)
    mine = [each for each in everyone.members if each.keys.age == identity.age_public]
    return lambda log: any(each.may_read(log) for each in mine)


def sealed_out(
    register: Register, files: Mapping[str, bytes], head: Head, which: Iterable[tuple[str, str]]
) -> bool:
    """Whether some of these records are sealed without us, though we may read their log."""
    ring, reads = register.ring_over(files), _reads(register, head)
    return any(reads(log) and held(ring, log, id) is None for log, id in which)


def _withheld(
    theirs: Ring,
    ours: Ring,
    live: Iterable[tuple[str, str]],
    written: Container[tuple[str, str]],
    reads: Callable[[str], bool],
) -> Iterator[tuple[str, str]]:
    """What we have keys of, and the other keyring has not, or has sealed without us who may read it."""
    for log, id in live:
        # Only what is new in an entry can have closed it.
        closed = (log, id) in written and theirs.closed(log, id)
        sealed = held(ours, log, id) and held(theirs, log, id) is None
        gone = ours.file_of(log, id) and not theirs.file_of(log, id)
        if gone or (sealed and reads(log) and not closed):
            yield log, id


def _stray(
    ring: Ring, names: Iterable[str], live: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """What a keyring holds keys of, and is not on main with it: what was destroyed, above all."""
    places: set[tuple[str, str]] = set()
    for name in names:
        file = keyring.parse_name(name)
        if (file.log, file.record or file.shard) in places:
            yield file.log, file.record
        places.add((file.log, file.record or file.shard))
        try:
            inside = {(file.log, id) for id in ring.open(name)}
        except (keyring.NotForYou, keyring.DamagedKeyring):
            inside = {(file.log, file.record)} if file.record else set()
        yield from (each for each in inside if each not in live)


def _overlap(made: Iterable[str], whole: Iterable[str]) -> bool:
    """Whether the keys of one record, or of one log, would be in a file of each kind."""
    places = [
        {(file.log, file.record) for file in map(keyring.parse_name, names)}
        for names in (made, whole)
    ]
    return not places[0].isdisjoint(places[1])


def _commitments(register: Register, head: Head) -> dict[tuple[str, str], dict[str, str]]:
    """All versions of every record, oldest first, as the history up to a commit signs them.

    :returns: by (log, id): the commitment of each version's key, and the commit that wrote it.
    """
    git = register.git
    found: dict[tuple[str, str], dict[str, str]] = {}
    for each in git.read_many(git.chain(None, head.oid)):
        for version in commits.decode(each.data).message.written:
            log, _, id = version.record.partition("/")
            found.setdefault((log, id), {})[version.key] = each.oid
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
