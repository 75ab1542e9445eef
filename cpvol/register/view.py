"""A records repository as one person sees it: what they can read, and to whom what they write is sealed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.files import write_file
from cpvol.ledger import commits, layout, members, sshsig, transaction
from cpvol.ledger.chain import Head, read_head
from cpvol.ledger.git import KEYRING, MAIN, Git, MissingObject
from cpvol.ledger.members import Keys, Member, Members
from cpvol.ledger.objects import FOLDER, Entry, Tree, tree_of
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Record
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation, from_stored
from cpvol.register.errors import Closed, Damaged, NotAMember, NotRecords, UnknownRecord
from cpvol.register.versions import opened, parse
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity
from cpvol.vault.many import openers
from cpvol.vault.ring import Ring

Progress = Callable[[int, int], None]
R = TypeVar("R")

#: So many places fit into one command line, on Windows too.
_AT_ONCE = 200
_SPOILT = (codec.NotCanonical, envelope.DamagedRecord, envelope.WrongKey)


class View:
    """A records repository, opened to be read.

    :param folder: the folder that holds ``.git``.
    :param identity: the unlocked credential, or ``None`` to look at what needs no key.
    """

    def __init__(self, folder: Path, identity: Identity | None = None) -> None:
        self.folder = folder
        self.git = Git(folder)
        self.identity = identity
        #: The credential before, while a change of keys is under way that the meeting place does not have yet.
        self.former: Identity | None = None
        #: The recovery page's keys, while somebody has it at hand: they open what this member's own do not.
        self.page: Identity | None = None
        #: (log, id) of the entries that :meth:`records` left out because they are closed to this member.
        self.closed_to_me: list[tuple[str, str]] = []
        #: Told (done, of how many) now and then while many entries are read.
        self.progress: Progress = lambda done, of: None
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
    def open(cls, folder: Path, identity: Identity | None = None) -> Self:
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
        top = register.git.tree(tree_of(head.data))
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

    # -- reading ----------------------------------------------------------------------------------------------

    def record(self, log: str, id: str) -> Record:
        """One record, as it stands now."""
        return self._settled(lambda: self._record(log, id))

    def _record(self, log: str, id: str) -> Record:
        path = layout.record_path(log, id)
        entry = self.file(path)
        if entry is None:
            raise UnknownRecord(
                "there is no entry with that number", "see `list` for the entries of a log"
            )
        self._handed_out.setdefault(path, entry.oid)
        return self._unseal(log, id, self.git.read(entry.oid).data)

    def earlier(self, *wanted: tuple[str, str]) -> dict[str, list[Record]]:
        """The versions of some records before the present ones, by id, oldest first.

        :param wanted: (log, id) of records that this member may read.
        """
        found: dict[str, list[Record]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            places = wanted[start : start + _AT_ONCE]
            for (log, id), written in self._versions(places).items():
                keys = self.ring.keys(log, id)
                found[id] = [opened(log, id, self.git.read(oid).data, keys) for oid in written[:-1]]
        return found

    def _versions(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
        """The ids of the sealed versions of some records, oldest first, by (log, id)."""
        by_path = {layout.record_path(*each): each for each in places}
        # Renames are not looked for: a record stays where it is.
        told = self.git.run(
            *("log", "--reverse", "--format=", "--raw", "--no-abbrev", "--no-renames"),
            *(self.head.oid, "--", *by_path),
        )
        written: dict[tuple[str, str], list[str]] = {each: [] for each in places}
        for line in told.decode("ascii").splitlines():
            change, _, path = line.partition("\t")
            _, _, _, oid, status = change.split(" ")
            if status != "D":
                written[by_path[path]].append(oid)
        return written

    def before_closing(self, log: str, id: str) -> Record | None:
        """What stood in a record last before it was closed to this member; ``None`` when they never could read it."""
        try:
            keys = self.ring.open_keys(log, id)
        except keyring.NotForYou:
            return None
        for oid in reversed(self._versions([(log, id)])[log, id] if keys else []):
            with suppress(Damaged):
                return opened(log, id, self.git.read(oid).data, keys)
        return None

    def records(self, *logs: str) -> list[Record]:
        """Every record of some logs (of all that may be read, when none is named), as they stand now."""
        found, closed = self._settled(lambda: self._records(logs))
        self.closed_to_me += closed
        return found

    def _records(self, logs: Sequence[str]) -> tuple[list[Record], list[tuple[str, str]]]:
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
                    if len(found) % 250 == 0:
                        self.progress(len(found), len(named))
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
        return Ring(
            files, lambda name: self._sealed_files(files[name].oid)[0], self.identity, self.page
        )

    def ring_over(self, files: Mapping[str, bytes]) -> Ring:
        """Other keyring files than those in force, opened with this member's keys.

        :param files: sealed bytes by name.
        """
        return Ring(files, files.__getitem__, self.former or self.signer())

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
                "make a fresh copy with `join`",
            )
        return self.git.tree(tree_of(found.data))

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

    def file(self, path: str) -> Entry | None:
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

    # -- who may open what -------------------------------------------------------------------------------------

    def readers(self, log: str, everyone: Members | None = None) -> list[str]:
        """The age keys that a log is sealed to: of its readers, those that this person lets read.

        :param everyone: the members to go by, when not those in force.
        """
        return [key for key in (everyone or self.members).readers(log) if self.seals_to(key)]

    def seals_to(self, key: str) -> bool:
        """Whether what is entered here is sealed to an age key, when its holder may read: one's own, or a trusted one."""
        mine = self.identity is not None and key == self.identity.age_public
        return mine or self.trusts(key)

    def reader_keys(self, handles: Sequence[str], log: str, everyone: Members) -> tuple[str, ...]:
        """The public keys that open a closed record: of those named who may still read the log, and the page's."""
        named = (everyone.get(handle) for handle in handles)
        keys = [member.keys.age for member in named if member and member.may_read(log)]
        return tuple(key for key in (*keys, everyone.recovery.age) if self.seals_to(key))

    def closed_to(self, record: Record, everyone: Members) -> tuple[str, ...]:
        """The public keys that alone open a record; empty when everyone who reads its log may."""
        return self.reader_keys(record.readers, record.log, everyone) if record.readers else ()
