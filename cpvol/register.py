"""The register: the one place where the vault's keys meet the ledger's history.

A :class:`Register` is a records repository as one person sees it at one moment. Reading goes to git's objects, never to
the working files. Writing makes, for each record version, a fresh key, seals the text to it, puts the key into the
keyring files of everyone who reads that log, and hands one :class:`~cpvol.ledger.transaction.Plan` to the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.files import remove_folder, write_file
from cpvol.ledger import commits, layout, members, sshsig, transaction
from cpvol.ledger.chain import Draft, Head, link, plan, read_head
from cpvol.ledger.git import KEYRING, MAIN, Git, MissingObject, make_repository
from cpvol.ledger.members import RECOVERY, Keys, Member, Members
from cpvol.ledger.objects import FOLDER, Entry, Tree, object_id
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Record
from cpvol.logs.schema import json_schema
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation, from_stored
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity
from cpvol.vault.many import openers
from cpvol.vault.ring import Fresh, Ring

#: How far our clock may be behind the last entry before we refuse to sign (design: 10 minutes).
CLOCK_SLACK_SECONDS = 600

Progress = Callable[[int, int], None]
R = TypeVar("R")

_SPOILT = (codec.NotCanonical, envelope.DamagedRecord, envelope.WrongKey)


class NotRecords(CpvolError):
    """The folder is no records repository."""

    def __init__(self) -> None:
        super().__init__(
            "this folder holds no cpvol records",
            "make them with `init`, or name the right folder in CPVOL_RECORDS",
        )


class Occupied(CpvolError):
    """The folder for new records is in use."""

    def __init__(self) -> None:
        super().__init__(
            "the folder for the records is not empty",
            "choose another folder, or move it away first",
        )


class Damaged(CpvolError):
    """What stands in the repository cannot have been written by cpvol."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is damaged", "restore these records from another copy")


class NotAMember(CpvolError):
    """The credential belongs to nobody in these records."""

    def __init__(self) -> None:
        super().__init__(
            "your keys belong to no present member of these records",
            "check that CPVOL_HOME names your own folder, or ask an admin to add you",
        )


class NotAllowed(CpvolError):
    """The member's role does not cover what was asked."""


class Closed(CpvolError):
    """The entry is closed to this member."""

    def __init__(self, id: str) -> None:
        super().__init__(f"entry {id} is closed to you", "a member who reads it can tell you more")


class UnknownRecord(CpvolError):
    """No entry, or more than one, has an id that begins so."""


class ClockBehind(CpvolError):
    """Our clock is behind the last entry."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"this computer's clock is {minutes} minutes behind the last entry",
            "set the clock, then try again; nothing was changed",
        )


class Overtaken(CpvolError):
    """Somebody changed the same entry in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            "this entry was changed in the meantime", "look at it again, then repeat your change"
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written. ``records`` are (log, id)."""

    commit: str
    records: tuple[tuple[str, str], ...]

    def paths(self) -> list[str]:
        """The paths of the records on main."""
        return [layout.record_path(log, id) for log, id in self.records]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record, sealed and not written yet.

    :param commitment: ``Key-SHA256`` of its key.
    """

    record: Record
    key: str
    sealed: bytes
    commitment: str


def _opened(log: str, id: str, sealed: bytes, keys: Sequence[str]) -> Record:
    for key in reversed(keys):
        try:
            return parse(log, id, envelope.open_(sealed, key))
        except envelope.WrongKey:
            continue
        except (codec.NotCanonical, envelope.DamagedRecord):
            break
    raise Damaged(f"entry {id} of the log {log}")


def _changed(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {name: sealed for name, sealed in (dict(files) | dict(changes)).items() if sealed}


class Register:
    """A records repository, opened.

    :param folder: the folder that holds ``.git``.
    :param identity: the unlocked credential, or ``None`` to look at what needs no key.
    """

    def __init__(self, folder: Path, identity: Identity | None = None) -> None:
        self.folder = folder
        self.git = Git(folder)
        self.identity = identity
        #: The credential before, while a change of keys is under way that the meeting place does not have yet.
        self.former: Identity | None = None
        #: (log, id) of the entries that :meth:`records` left out because they are closed to this member.
        self.closed_to_me: list[tuple[str, str]] = []
        #: Whether this person lets an age key read what they enter: they compared its words, or made it.
        self.trusts: Callable[[str], bool] = lambda key: True
        # By path: the version of a record that was handed out first, which a new version is taken to be made from.
        self._handed_out: dict[str, str] = {}
        self._sealed: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.git.close()

    # -- what needs no key ------------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path, identity: Identity | None = None) -> Register:
        """Open a records repository.

        :raises NotRecords: when the folder is not one.
        :raises UnknownFormat: when a newer program wrote it.
        """
        if not (folder / ".git").is_dir():
            raise NotRecords
        register = cls(folder, identity)
        if (folder / ".git" / "cpvol" / "journal.json").exists():
            with transaction.locked(register.git):
                pass
        head = register.git.find(MAIN)
        if head is None or head.kind != "commit":
            register.git.close()
            raise NotRecords
        top = register.git.tree(transaction.tree_of(head.data))
        if layout.ORGANISATION not in top:
            register.git.close()
            raise NotRecords
        if not register.git.read(top[layout.ORGANISATION].oid).data.startswith(layout.FORMAT_LINE):
            register.git.close()
            raise layout.UnknownFormat
        return register

    @cached_property
    def head(self) -> Head:
        """Where main stands now."""
        return read_head(self.git, MAIN)

    @cached_property
    def members(self) -> Members:
        """The members in force."""
        return members.decode(self._top(layout.MEMBERS))

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation's details."""
        return from_stored(codec.decode(self._top(layout.ORGANISATION)))

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        return Policy.from_stored(codec.decode(self._top(layout.POLICY)))

    @cached_property
    def me(self) -> Member:
        """The present member whose credential this is.

        :raises NotAMember: when it is nobody's.
        """
        if self.identity is None:
            raise NotAMember
        found = self.members.holding(Keys(self.identity.age_public, self.identity.signing_public))
        if found is None:
            raise NotAMember
        return found

    @cached_property
    def founding(self) -> str:
        """The id of the founding commit, which names these records wherever they are."""
        # Kept beside the records: to find it takes a walk through the whole history.
        place = self.git.dir / "cpvol" / "founding"
        with suppress(OSError, ValueError):
            kept = place.read_text(encoding="ascii")
            if re.fullmatch(r"[0-9a-f]{40}", kept):
                return kept
        listed = self.git.run("rev-list", "--max-parents=0", self.head.oid)
        found = listed.decode("ascii").split()[-1]
        with suppress(OSError):
            write_file(place, found.encode("ascii"))
        return found

    def anchor(self) -> str:
        """``cpvol-anchor-1:<founding commit>:<fingerprint of the founder's key>``: what an auditor pins."""
        founding = self.founding
        first = self.git.tree(commits.decode(self.git.read(founding).data).tree)
        founder = members.decode(self.git.read(first[layout.MEMBERS].oid).data).members[0]
        return f"cpvol-anchor-1:{founding}:{sshsig.fingerprint(founder.keys.signing)}"

    def ids(self, *logs: str) -> list[tuple[str, str]]:
        """(log, id) of every record, or of those in some logs."""
        return [parsed for path in self._files(*logs) if (parsed := layout.parse_record_path(path))]

    def find(self, prefix: str) -> tuple[str, str]:
        """The one record whose id begins so.

        :param prefix: at least three characters of an id.
        :raises UnknownRecord: when there is none, or more than one.
        """
        wanted = prefix.strip().lower()
        if len(wanted) < 3 or not set(wanted) <= set("0123456789abcdefghjkmnpqrstvwxyz"):
            raise UnknownRecord(
                "that is not the number of an entry", "give at least its first three characters"
            )
        found = [(log, id) for log, id in self.ids() if id.startswith(wanted)]
        if not found:
            raise UnknownRecord(
                "there is no entry with that number", "see `list` for the entries of a log"
            )
        if len(found) > 1:
            some = ", ".join(f"{id} ({log})" for log, id in sorted(found)[:5])
            raise UnknownRecord(
                "several entries have a number that begins so", f"give more of it: {some}"
            )
        return found[0]

    # -- reading -----------------------------------------------------------------------------------------------

    def record(self, log: str, id: str) -> Record:
        """One record, as it stands now."""
        return self._settled(lambda: self._record(log, id))

    def _record(self, log: str, id: str) -> Record:
        path = layout.record_path(log, id)
        entry = self._file(path)
        if entry is None:
            raise UnknownRecord(
                "there is no entry with that number", "see `list` for the entries of a log"
            )
        self._handed_out.setdefault(path, entry.oid)
        return self._unseal(log, id, self.git.read(entry.oid).data)

    def records(self, *logs: str, progress: Progress | None = None) -> list[Record]:
        """Every record of some logs (of all that may be read, when none is named), as they stand now.

        :param progress: told (done, of how many) now and then.
        """
        found, closed = self._settled(lambda: self._records(logs, progress))
        self.closed_to_me += closed
        return found

    def _records(
        self, logs: Sequence[str], progress: Progress | None
    ) -> tuple[list[Record], list[tuple[str, str]]]:
        wanted = logs or tuple(log.name for log in LOGS if self.me.may_read(log.name))
        named = [
            (parsed, entry)
            for path, entry in self._files(*wanted).items()
            if (parsed := layout.parse_record_path(path))
        ]
        found: list[Record] = []
        mine: list[tuple[str, str]] = []
        closed: list[tuple[str, str]] = []

        def sealed() -> Iterator[tuple[bytes, str]]:
            blobs = self.git.read_many([entry.oid for _, entry in named])
            for ((log, id), entry), blob in zip(named, blobs, strict=True):
                self._handed_out.setdefault(layout.record_path(log, id), entry.oid)
                try:
                    key = self._key(log, id)
                except Closed:
                    closed.append((log, id))
                else:
                    mine.append((log, id))
                    yield blob.data, key

        with openers(len(named)) as vault:
            try:
                for text in vault.open(sealed()):
                    found.append(parse(*mine[len(found)], text))
                    if progress is not None and len(found) % 250 == 1:
                        progress(len(found) - 1, len(named))
            except _SPOILT as error:
                log, id = mine[len(found)]
                raise Damaged(f"entry {id} of the log {log}") from error
        return found, closed

    def _settled(self, read: Callable[[], R]) -> R:
        """Read; when what is read looks damaged, again while no other task can be in the middle of a change.

        Reading takes no lock, so another task may replace the keyring between our first look and our last.
        """
        try:
            return read()
        except (Damaged, MissingObject) as fault:
            try:
                with transaction.locked(self.git):
                    self.refresh()
                    return read()
            except transaction.CannotWrite:
                raise fault from None

    def _key(self, log: str, id: str) -> str:
        """The key of a record's newest version.

        :raises Closed: when it is for others.
        """
        try:
            keys = self.ring.keys(log, id)
        except keyring.NotForYou:
            raise Closed(id) from None
        if not keys:
            raise Damaged(f"the key of entry {id}")
        return keys[-1]

    def _unseal(self, log: str, id: str, sealed: bytes) -> Record:
        key = self._key(log, id)
        try:
            return parse(log, id, envelope.open_(sealed, key))
        except _SPOILT as error:
            raise Damaged(f"entry {id} of the log {log}") from error

    @cached_property
    def ring(self) -> Ring:
        """The keyring, as far as this member can open it."""
        if self.identity is None:
            raise NotAMember
        files = self._keyring_files
        return Ring(files, lambda name: self._sealed_files(files[name].oid)[0], self.identity)

    def _sealed_files(self, *oids: str) -> list[bytes]:
        """Keyring files by their ids, which name the content: one that was read before a change is not read again."""
        missing = [oid for oid in oids if oid not in self._sealed]
        for oid, blob in zip(missing, self.git.read_many(missing), strict=True):
            self._sealed[oid] = blob.data
        return [self._sealed[oid] for oid in oids]

    @cached_property
    def _keyring_files(self) -> Tree:
        found = self.git.find(KEYRING)
        if found is None:
            raise CpvolError(
                "the keys of these records are not here",
                "run `git fetch origin keyring:keyring` in the records folder",
            )
        return self.git.tree(transaction.tree_of(found.data))

    def _files(self, *logs: str) -> dict[str, Entry]:
        wanted = logs or BY_NAME
        return {
            path: entry
            for path, entry in self._everything.items()
            if path.partition("/")[0] in wanted
        }

    @cached_property
    def _everything(self) -> dict[str, Entry]:
        return self.git.files(self.head.commit.tree)

    def _file(self, path: str) -> Entry | None:
        """One file on main, found by going down its folders alone."""
        here = self.head.top
        *folders, name = path.split("/")
        for folder in folders:
            found = here.get(folder)
            if found is None or found.mode != FOLDER:
                return None
            here = self.git.tree(found.oid)
        return here.get(name)

    def _top(self, name: str) -> bytes:
        entry = self.head.top.get(name)
        if entry is None:
            raise Damaged(f"the file {name}")
        return self.git.read(entry.oid).data

    # -- writing -----------------------------------------------------------------------------------------------

    def enter(
        self,
        records: Sequence[Record],
        action: str,
        *,
        entered: int,
        now: int | None = None,
        progress: Progress | None = None,
    ) -> Receipt:
        """Write new records, or new versions of records.

        :param records: each whole; a new version of a record that is here must have been made from what
            :meth:`record` gave.
        :param action: one word: ``add``, ``amend``, ``void``, or the name of a follow-up step.
        :param entered: when the entry was made, seconds since 1970.
        :param now: the time of acceptance; the same unless an entry is replayed.
        :raises NotAllowed: when the member may not enter into one of the logs.
        :raises Overtaken: when a record changed since this register read it.
        """
        me = self.me
        for log in {record.log for record in records}:
            if not me.may_enter(log):
                raise NotAllowed(
                    f"your role does not let you enter into the log {log}",
                    "ask a coordinator to enter it",
                )
        with transaction.locked(self.git):
            self.refresh()
            self._check_not_overtaken(records)
            return self._write_records(
                records, action, entered, entered if now is None else now, progress
            )

    def _write_records(
        self,
        records: Sequence[Record],
        action: str,
        entered: int,
        now: int,
        progress: Progress | None,
    ) -> Receipt:
        ordered = sorted(records, key=lambda record: (record.log, record.id))
        fresh: list[Fresh] = []
        files: dict[str, bytes] = {}
        written: list[commits.Written] = []
        for number, record in enumerate(ordered):
            key = envelope.new_key()
            closed = (
                self._reader_keys(record.readers, record.log, self.members)
                if record.readers
                else ()
            )
            fresh.append(Fresh(record.log, record.id, key, closed))
            files[layout.record_path(record.log, record.id)] = envelope.seal(
                codec.encode(record.content()), key
            )
            written.append(commits.Written(f"{record.log}/{record.id}", envelope.commitment(key)))
            if progress is not None and number % 250 == 0:
                progress(number, len(ordered))
        logs = sorted({record.log for record in ordered})
        what = ordered[0].id if len(ordered) == 1 else f"{len(ordered)} entries"
        subject = f"{logs[0] if len(logs) == 1 else 'records'}: {action} {what}"
        oid = self.write(
            self._draft(subject, action, entered, now, files, self._keyring_with(fresh)),
            written=tuple(written),
        )
        self._handed_out |= {path: object_id("blob", sealed) for path, sealed in files.items()}
        return Receipt(oid, tuple((record.log, record.id) for record in ordered))

    def sealed_keyring(self) -> dict[str, bytes]:
        """Every keyring file as it is, by name.

        :raises Damaged: when it is not the keyring that main names.
        """
        oids = [entry.oid for entry in self._keyring_files.values()]
        sealed = self._sealed_files(*oids)
        self._sealed = dict(zip(oids, sealed, strict=True))
        ring = dict(zip(self._keyring_files, sealed, strict=True))
        if keyring.digest(ring) != self.head.commit.message.keyring:
            raise Damaged("the set of keys")
        return ring

    def _keyring_with(self, fresh: Sequence[Fresh]) -> dict[str, bytes]:
        """The keyring's files after keys were added; untouched files as they are."""
        changed = self.ring.adding(fresh, self.members.version, self.readers)
        ring = self.sealed_keyring() | changed
        return {name: sealed for name, sealed in ring.items() if sealed is not None}

    def _reader_keys(self, handles: Sequence[str], log: str, everyone: Members) -> tuple[str, ...]:
        """The public keys that open a closed record: of those named who may still read the log, and the page's."""
        named = (everyone.get(handle) for handle in handles)
        keys = [member.keys.age for member in named if member and member.may_read(log)]
        return tuple(key for key in (*keys, everyone.recovery.age) if self.seals_to(key))

    def readers(self, log: str, everyone: Members | None = None) -> list[str]:
        """The age keys that a log is sealed to: of its readers, those that this person lets read.

        :param everyone: the members to go by, when not those in force.
        """
        return [key for key in (everyone or self.members).readers(log) if self.seals_to(key)]

    def seals_to(self, key: str) -> bool:
        """Whether what is entered here is sealed to an age key, when its holder may read: one's own, or a trusted one."""
        mine = self.identity is not None and key == self.identity.age_public
        return mine or self.trusts(key)

    def _readers_after(self, file: keyring.KeyringFile, after: Members) -> Sequence[str] | None:
        if not file.record:
            return self.readers(file.log, after)
        try:
            record = self.record(file.log, file.record)
        except Closed:
            return None
        return self._reader_keys(record.readers, file.log, after)

    def change_members(self, after: Members, action: str, subject: str, *, now: int) -> str:
        """Put another list of members in force, and seal the keyring to it as far as this member can open it.

        :param after: made from :attr:`members`, its version one higher.
        :param action: one word, such as ``join`` or ``remove``.
        :returns: the id of the commit.
        :raises Overtaken: when the members changed since this register read them.
        """
        with transaction.locked(self.git):
            self.refresh()
            if after.version != self.members.version + 1:
                raise Overtaken
            files = {layout.MEMBERS: after.encode(), layout.SIGNERS: after.allowed_signers()}
            return self.write(self._draft(subject, action, now, now, files, self._ring_for(after)))

    # -- what syncing needs ------------------------------------------------------------------------------------

    def ring_over(self, files: Mapping[str, bytes]) -> Ring:
        """Other keyring files than those in force, opened with this member's keys.

        :param files: sealed bytes by name.
        """
        return Ring(files, files.__getitem__, self.former or self.signer())

    def version(self, log: str, id: str, sealed: bytes, ring: Ring) -> Record:
        """One version of a record, now or earlier.

        :raises Closed: when its keys are in a file for others.
        :raises Damaged: when no key that is here opens it.
        """
        try:
            keys = ring.keys(log, id)
        except keyring.NotForYou:
            raise Closed(id) from None
        return _opened(log, id, sealed, keys)

    def seal_version(self, record: Record) -> Version:
        """A new version of a record under a fresh key; nothing is written."""
        key = envelope.new_key()
        sealed = envelope.seal(codec.encode(record.content()), key)
        return Version(record, key, sealed, envelope.commitment(key))

    def ring_after(
        self,
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
            Fresh(v.record.log, v.record.id, v.key, self._closed_to(v.record, before))
            for v in versions
        ]
        may = partial(self.readers, everyone=before)
        ring = _changed(files, self.ring_over(files).adding(fresh, before.version, may))
        ring = _changed(ring, self.ring_over(ring).removing(gone, before.version, may))
        if after.version == before.version:
            return ring

        def who(file: keyring.KeyringFile) -> Sequence[str] | None:
            if not file.record:
                return self.readers(file.log, after)
            handles = readers_of(file.log, file.record)
            return None if handles is None else self._reader_keys(handles, file.log, after)

        return self.ring_over(ring).for_members(after.version, who)

    def _closed_to(self, record: Record, everyone: Members) -> tuple[str, ...]:
        return self._reader_keys(record.readers, record.log, everyone) if record.readers else ()

    def lost_keys(
        self,
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
        theirs, ours = self.ring_over(files), self.ring
        lost: dict[tuple[str, str], str] = {}
        for log, id in live:
            try:
                found = theirs.keys(log, id)
                have = ours.keys(log, id)
            except keyring.NotForYou:
                continue
            committed = (
                {envelope.commitment(key) for key in found} if written.get((log, id)) else set()
            )
            missing = [each for each in written.get((log, id), ()) if each not in committed]
            if missing:
                lost[log, id] = missing[0]
            elif not set(have) <= set(found):
                lost[log, id] = ""
        return lost

    def united(
        self,
        files: Mapping[str, bytes],
        head: Head,
        live: Mapping[tuple[str, str], str],
        written: Mapping[tuple[str, str], Sequence[str]],
    ) -> dict[str, bytes] | None:
        """A keyring made anew from ours and another, of keys that match what was signed.

        :param head: the commit that it is for.
        :param live: the ids of the records' files, by (log, id).
        :param written: as for :meth:`lost_keys`.
        :returns: sealed files, or ``None`` when this member cannot open all that it takes.
        """
        theirs, ours = self.ring_over(files), self.ring
        everyone = members.decode(self.git.read(head.top[layout.MEMBERS].oid).data)
        fresh: list[Fresh] = []
        for (log, id), oid in live.items():
            try:
                have = list(ours.keys(log, id))
                offered = {envelope.commitment(key): key for key in theirs.keys(log, id)}
                have += [key for each in written.get((log, id), ()) if (key := offered.get(each))]
                record = _opened(log, id, self.git.read(oid).data, have)
            except (keyring.NotForYou, Damaged):
                return None
            closed = self._closed_to(record, everyone)
            fresh += [Fresh(log, id, key, closed) for key in have]
        made = Ring((), dict[str, bytes]().__getitem__, self.signer()).adding(
            fresh, everyone.version, lambda log: self.readers(log, everyone)
        )
        return {name: sealed for name, sealed in made.items() if sealed is not None}

    def stale_files(self) -> list[str]:
        """The keyring files that this member can open and has to seal anew.

        Somebody who may read lacks a stanza there; or the file was sealed before somebody left.
        """
        found = []
        earlier: dict[int, Members] = {}
        for name, sealed in self.sealed_keyring().items():
            file = keyring.parse_name(name)
            try:
                self.ring.open(name)
                who = self._readers_after(file, self.members)
            except keyring.NotForYou:
                continue
            if file.version < self.members.version and not earlier:
                earlier = self._earlier_members()
            then = earlier.get(file.version, self.members)
            left = set(then.readers(file.log)) - set(self.members.readers(file.log))
            if who is not None and (keyring.recipients_count(sealed) < len(who) or left):
                found.append(name)
        return found

    def _earlier_members(self) -> dict[int, Members]:
        commits_ = self.git.history(layout.MEMBERS, self.head.oid)
        found = [members.decode(self.git.read(f"{oid}:{layout.MEMBERS}").data) for oid in commits_]
        return {each.version: each for each in found}

    def seal(self, *, now: int) -> str | None:
        """Seal anew what is not sealed for exactly its readers: newcomers can read then, leavers cannot.

        :returns: the id of the commit, or ``None`` when there was nothing to do.
        """
        with transaction.locked(self.git):
            self.refresh()
            stale = self.stale_files()
            if not stale:
                return None
            files = self.sealed_keyring()
            part = self.ring_over({name: files.pop(name) for name in stale})
            files |= part.for_members(
                self.members.version, lambda file: self._readers_after(file, self.members)
            )
            return self.write(self._draft("members: seal the keys", "seal", now, now, {}, files))

    def sealing(self, onto: Head, files: Mapping[str, bytes], *, now: int) -> str:
        """A change on top of another commit that names a keyring made anew; stored, and in force nowhere yet.

        :returns: the id of the commit.
        """
        at = max(now, onto.commit.accepted)
        draft = self._draft("members: seal the keys", "seal", at, at, {}, files)
        made = link(self.git, onto, draft)
        self.git.store([*made.objects, made.main])
        return made.main.oid

    @staticmethod
    def digest(files: Mapping[str, bytes]) -> str:
        """``Keyring-SHA256`` of keyring files."""
        return keyring.digest(files)

    def _ring_for(self, after: Members) -> dict[str, bytes]:
        return self.ring.for_members(after.version, lambda file: self._readers_after(file, after))

    def write(
        self,
        draft: Draft,
        *,
        written: tuple[commits.Written, ...] = (),
        removed: tuple[str, ...] = (),
    ) -> str:
        """Put a draft on top of main; the caller holds the lock.

        :returns: the id of the commit.
        :raises ClockBehind: when our clock is too far behind the last entry.
        """
        behind = self.head.commit.accepted - draft.accepted
        if behind > CLOCK_SLACK_SECONDS:
            raise ClockBehind(behind // 60)
        accepted = max(draft.accepted, self.head.commit.accepted)
        draft = replace(draft, accepted=accepted, written=written, removed=removed)
        made = plan(self.git, self.head, draft)
        transaction.write(self.git, made)
        self.refresh()
        return made.main.oid

    def _draft(
        self,
        subject: str,
        action: str,
        entered: int,
        now: int,
        files: Mapping[str, bytes | None],
        ring: Mapping[str, bytes],
    ) -> Draft:
        return draft_of(self.me.handle, self.signer(), subject, action, (entered, now), files, ring)

    def signer(self) -> Identity:
        """The credential that signs.

        :raises NotAMember: when there is none.
        """
        if self.identity is None:
            raise NotAMember
        return self.identity

    def refresh(self) -> None:
        """Forget what was read; the next look sees the records as they are now."""
        for name in (
            *("head", "members", "organisation", "policy", "me"),
            *("_everything", "_keyring_files", "ring"),
        ):
            self.__dict__.pop(name, None)

    def _check_not_overtaken(self, records: Iterable[Record]) -> None:
        for record in records:
            path = layout.record_path(record.log, record.id)
            handed_out = self._handed_out.get(path)
            if handed_out is None:
                continue
            now = self._file(path)
            if now is None or now.oid != handed_out:
                raise Overtaken

    # -- founding and recovery -----------------------------------------------------------------------------------

    @classmethod
    def found(
        cls,
        folder: Path,
        identity: Identity,
        handle: str,
        recovery: Keys,
        organisation: Organisation,
        policy: Policy,
        *,
        now: int,
    ) -> Register:
        """Make a records repository with one member, admin and coordinator.

        :param recovery: the public keys of the recovery page.
        :param now: seconds since 1970.
        :raises Occupied: when the folder holds anything.
        :raises CpvolError: when they cannot be made; nothing of them is left then.
        """
        if folder.exists() and any(folder.iterdir()):
            raise Occupied
        try:
            folder.mkdir(parents=True, exist_ok=True)
            make_repository(folder)
            register = cls(folder, identity)
            register._found(identity, handle, recovery, organisation, policy, now)
        except BaseException as error:
            with suppress(OSError):
                remove_folder(folder)
            if isinstance(error, OSError):
                raise transaction.CannotWrite(error) from None
            raise
        return register

    def _found(
        self,
        identity: Identity,
        handle: str,
        recovery: Keys,
        organisation: Organisation,
        policy: Policy,
        now: int,
    ) -> None:
        founder = Member(
            handle,
            ("admin", "coordinator"),
            (members.ALL,),
            Keys(identity.age_public, identity.signing_public),
        )
        everyone = Members(1, (founder,), recovery)
        files = {
            **layout.fixed_files(),
            layout.ORGANISATION: codec.encode(organisation.stored()),
            layout.POLICY: codec.encode(policy.stored()),
            layout.MEMBERS: everyone.encode(),
            layout.SIGNERS: everyone.allowed_signers(),
            **{layout.schema_path(log.name, log.schema): json_schema(log) for log in LOGS},
        }
        with transaction.locked(self.git):
            draft = draft_of(
                handle, identity, "organisation: found", "found", (now, now), files, {}
            )
            transaction.write(self.git, plan(self.git, None, draft))

    def check_page(self, page: Identity) -> None:
        """Whether a recovery page is the one in force.

        :raises NotAllowed: when it is not.
        """
        if self.members.recovery != Keys(page.age_public, page.signing_public):
            raise NotAllowed(
                "this recovery page is not the one in force",
                "use the newest page; an older one no longer works",
            )

    def recover(self, page: Identity, handle: str, new: Keys, new_page: Keys, *, now: int) -> str:
        """Replace one member's keys with the recovery page, and renew the page.

        The register must have been opened with the page's identity, which reads every log.

        :param page: the identity on the recovery page.
        :param handle: whose keys are replaced.
        :param new: the member's new public keys.
        :param new_page: the public keys of the new recovery page.
        :returns: the id of the commit.
        """
        with transaction.locked(self.git):
            self.refresh()
            self.check_page(page)
            after = self.members.with_keys(handle, new).with_recovery(new_page)
            draft = draft_of(
                RECOVERY,
                page,
                f"members: recover {handle}",
                "recover",
                (now, now),
                {layout.MEMBERS: after.encode(), layout.SIGNERS: after.allowed_signers()},
                self._ring_for(after),
            )
            return self.write(draft)


def is_keyring(files: Mapping[str, bytes]) -> bool:
    """Whether files have the names and the sealed form of keyring files, told without a key."""
    try:
        for name, sealed in files.items():
            keyring.parse_name(name)
            keyring.recipients_count(sealed)
    except keyring.DamagedKeyring:
        return False
    return True


def parse(log: str, id: str, text: bytes) -> Record:
    """A record from its padded text.

    :raises NotCanonical: when the text is not as cpvol writes it.
    :raises Damaged: when it does not fit the log's form, or stands in another log or under another id than it says.
    """
    data: Any = codec.decode(text.rstrip(b"\n") + b"\n")
    try:
        record = BY_NAME[log].model.model_validate(data)
    except ValidationError:
        raise Damaged(f"entry {id} of the log {log}") from None
    if record.log != log or record.id != id or record.content() != data:
        raise Damaged(f"entry {id} of the log {log}")
    return record


def draft_of(
    handle: str,
    signer: Identity,
    subject: str,
    action: str,
    times: tuple[int, int],
    files: Mapping[str, bytes | None],
    ring: Mapping[str, bytes],
) -> Draft:
    """A draft with the digest of its keyring.

    :param times: when it was entered, and when it takes its place; seconds since 1970.
    """
    entered, accepted = times
    digest = keyring.digest(ring)
    return Draft(handle, signer.sign, subject, action, entered, accepted, files, ring, digest)
