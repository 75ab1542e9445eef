"""All keyring files of a repository together: which file holds a record's keys, and the files after a change.

A closed record's own file has the keys of all its versions. Those of the versions that were written while it was open
stay in the log's file too: whoever could read them has them, and closing must not be a way to take keys from others.

Bytes in, bytes out: the files come from wherever the caller keeps them, and go back there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cpvol.vault import keyring
from cpvol.vault.credential import Identity
from cpvol.vault.keyring import KeyringFile, Keys


@dataclass(frozen=True, slots=True)
class Fresh:
    """The key of a new version of a record.

    :param readers: the public keys that alone may open it, when the record is closed; else empty.
    """

    log: str
    id: str
    key: str
    readers: tuple[str, ...] = ()


class Ring:
    """The keyring files, opened one by one as they are needed.

    :param names: the names of the files there are.
    :param load: the sealed bytes of a file, by name.
    :param identity: whose keys open them.
    :param spare: keys that open what those do not, such as the recovery page's.
    """

    def __init__(
        self,
        names: Iterable[str],
        load: Callable[[str], bytes],
        identity: Identity,
        spare: Identity | None = None,
    ) -> None:
        self._files = {name: keyring.parse_name(name) for name in names}
        self._name = {(f.log, f.record or f.shard): name for name, f in self._files.items()}
        self._load = load
        self._identity = identity
        self._spare = spare
        self._opened: dict[str, Keys] = {}

    def open(self, name: str) -> Keys:
        """The keys in one file.

        :raises NotForYou: when it is for others.
        """
        if name not in self._opened:
            self._opened[name] = self._unsealed(self._load(name))
        return self._opened[name]

    def _unsealed(self, sealed: bytes) -> Keys:
        try:
            return keyring.open_(sealed, self._identity)
        except keyring.NotForYou:
            if self._spare is None:
                raise
            return keyring.open_(sealed, self._spare)

    def closed(self, log: str, id: str) -> bool:
        """Whether a record has a file of its own."""
        return (log, id) in self._name

    def keys(self, log: str, id: str) -> tuple[str, ...]:
        """The keys of one record, oldest version first; empty when there are none.

        :raises NotForYou: when they are in a file for others.
        """
        name = self.file_of(log, id)
        return self.open(name).get(id, ()) if name else ()

    def open_keys(self, log: str, id: str) -> tuple[str, ...]:
        """The keys of one record that the log's own file has: of the versions from before it was closed, if it is.

        :raises NotForYou: when that file is for others.
        """
        name = self._name.get((log, id[0])) or self._name.get((log, ""))
        return self.open(name).get(id, ()) if name else ()

    def file_of(self, log: str, id: str) -> str:
        """The name of the file that holds a record's keys, if any does; empty when there is no such file."""
        parts = (id, id[0], "")
        return next((self._name[log, part] for part in parts if (log, part) in self._name), "")

    def closed_file(self, log: str, id: str) -> str:
        """The name of the file that would hold a record's keys, if it is for others; else empty."""
        name = self.file_of(log, id)
        try:
            return "" if name and self.open(name) is not None else name
        except (keyring.NotForYou, keyring.DamagedKeyring):
            return name

    def adding(
        self, fresh: Sequence[Fresh], version: int, readers: Callable[[str], list[str]]
    ) -> dict[str, bytes | None]:
        """The files that change when keys are added.

        :param version: of the members that the new files are sealed for.
        :param readers: the public keys of everybody who reads a log.
        :returns: sealed bytes by name; ``None`` for a file that goes.
        """
        changed: dict[str, bytes | None] = {}
        by_log: dict[str, list[Fresh]] = defaultdict(list)
        for each in fresh:
            by_log[each.log].append(each)
        for log, new in by_log.items():
            apart = {each.id for each in new if each.readers or self.closed(log, each.id)}
            for id in sorted(apart):
                changed |= self._add_alone([each for each in new if each.id == id], version)
            together = [each for each in new if not each.readers and not self.closed(log, each.id)]
            changed |= self._add_together(log, together, version, readers)
        return changed

    def _add_alone(self, versions: Sequence[Fresh], version: int) -> dict[str, bytes | None]:
        """The file of a closed record after one or more versions were added; it is closed to all but the last's."""
        each = versions[-1]
        keys = {each.id: (*self.keys(each.log, each.id), *(one.key for one in versions))}
        changed: dict[str, bytes | None] = {}
        if old := self._name.get((each.log, each.id)):
            changed[old] = None
        name = keyring.file_name(each.log, version, record=each.id)
        changed[name] = keyring.seal(keys, each.readers)
        return changed

    def _add_together(
        self, log: str, new: Sequence[Fresh], version: int, readers: Callable[[str], list[str]]
    ) -> dict[str, bytes | None]:
        if not new:
            return {}
        mine = {
            name: file for name, file in self._files.items() if file.log == log and not file.record
        }
        split = any(file.shard for file in mine.values())
        touched = {each.id[0] for each in new}
        keys: Keys = {}
        changed: dict[str, bytes | None] = {}
        for name, file in mine.items():
            if not split or file.shard in touched:
                keys |= self.open(name)
                changed[name] = None
        for each in new:
            keys[each.id] = (*keys.get(each.id, ()), each.key)
        for shard, part in keyring.layout(keys, already_split=split).items():
            name = keyring.file_name(log, version, shard=shard)
            changed[name] = keyring.seal(part, readers(log))
        return changed

    def for_members(
        self, version: int, readers: Callable[[KeyringFile], Sequence[str] | None]
    ) -> dict[str, bytes]:
        """Every file after a change of members.

        :param readers: who may open a file from now on; ``None`` for one that cannot be opened here and stays as it is.
        """
        files: dict[str, bytes] = {}
        for name, file in self._files.items():
            try:
                keys = self.open(name)
            except keyring.NotForYou:
                # A member who reads it seals it anew with their next sync.
                files[name] = self._load(name)
                continue
            who = readers(file)
            if who is None:
                files[name] = self._load(name)
            else:
                fresh = keyring.file_name(file.log, version, shard=file.shard, record=file.record)
                files[fresh] = keyring.seal(keys, who)
        return files

    def removing(
        self, gone: Iterable[tuple[str, str]], version: int, readers: Callable[[str], list[str]]
    ) -> dict[str, bytes | None]:
        """The files that change when the keys of records are destroyed.

        A record's own file goes unopened, so that it can be destroyed by somebody to whom it is closed.

        :param gone: (log, id) of each record.
        :returns: sealed bytes by name; ``None`` for a file that goes.
        """
        changed: dict[str, bytes | None] = {}
        apart: dict[str, set[str]] = defaultdict(set)
        wanted: dict[str, set[str]] = defaultdict(set)
        for log, id in gone:
            wanted[log].add(id)
            if self.closed(log, id):
                apart[log].add(id)
                changed[self._name[log, id]] = None
        for log, ids in wanted.items():
            for name, file in self._files.items():
                if file.log != log or file.record:
                    continue
                try:
                    held = self.open(name)
                except keyring.NotForYou:
                    if ids == apart[log]:
                        continue
                    raise
                if ids & held.keys():
                    left = {id: versions for id, versions in held.items() if id not in ids}
                    changed[name] = None
                    if left:
                        fresh = keyring.file_name(log, version, shard=file.shard)
                        changed[fresh] = keyring.seal(left, readers(log))
        return changed
