"""Points 8 and 9 with a key: every version of every record that the key may read.

What opens is injected; the audit never imports the vault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from cpvol.audit import sealed
from cpvol.audit.problem import Problem
from cpvol.audit.ring import RingFile
from cpvol.audit.rules import Case
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.ledger.git import Git
from cpvol.ledger.grants import Given
from cpvol.ledger.members import Members
from cpvol.ledger.stream import Stream
from cpvol.logs.base import Record
from cpvol.logs.hold import Hold

_LOT = 500
#: Characters that the number of a record has.
_ID = 10


class Opener(Protocol):
    """What opens keyring files and records."""

    #: The public half of the key that reads, ``age1…``.
    public: str

    def keys(self, sealed: bytes) -> Mapping[str, tuple[str, ...]] | None:
        """The keys in a keyring file by record; ``None`` when it is for others."""

    def commitment(self, key: str) -> str:
        """What the history says of a key."""

    def record(self, log: str, id: str, sealed: bytes, key: str) -> Record:
        """One version of one record."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one record, as the chain tells of it.

    :param commit: the change that wrote it, and ``number`` its place on the chain.
    :param sealed: the id of its content.
    :param key: the commitment to its key.
    """

    commit: str
    number: int
    sealed: str
    key: str
    action: str
    handle: str
    accepted: int


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One disposal that was carried out, and the place of its change on the chain."""

    commit: str
    number: int
    on: date
    records: tuple[str, ...]


@dataclass(slots=True)
class Versions:
    """Every version of every record; told of each commit by the walk.

    :param of: by ``log/id``, oldest first; destroyed records are not in it.
    """

    of: dict[str, list[Version]] = field(default_factory=dict)
    destroyed: list[Destroyed] = field(default_factory=list)
    number: int = 0

    def __call__(self, oid: str, case: Case) -> None:
        """Take note of one commit."""
        self.number += 1
        commit = case.commit
        message = commit.message
        keys = {each.record: each.key for each in message.written}
        for change in case.changes:
            if change.record and change.new:
                self.of.setdefault(change.record, []).append(
                    Version(
                        oid,
                        self.number,
                        change.new,
                        keys.get(change.record, ""),
                        message.action,
                        commit.handle,
                        commit.accepted,
                    )
                )
        for record in message.removed:
            self.of.pop(record, None)
        if message.removed:
            day = datetime.fromtimestamp(commit.accepted, UTC).date()
            self.destroyed.append(Destroyed(oid, self.number, day, message.removed))


@dataclass(frozen=True, slots=True)
class Opened:
    """What a key opened.

    :param problems: what was found.
    :param records: every version that opened, by ``log/id``, with the time of its acceptance.
    :param closed: how many records the key does not open, and need not.
    """

    problems: list[Problem]
    records: dict[str, list[tuple[int, Record]]]
    closed: int

    def at(self, moment: int) -> list[Record]:
        """The records as they stood at a moment, seconds since 1970."""
        found = []
        for versions in self.records.values():
            known = [record for accepted, record in versions if accepted <= moment]
            found += known[-1:]
        return found


def check(
    git: Git,
    versions: Versions,
    removed: Iterable[str],
    ring: Sequence[RingFile],
    opener: Opener,
    lists: Mapping[int, Members],
) -> Opened:
    """Open everything that can be opened, and compare it with what the chain says.

    :param removed: every record that was destroyed, ``log/id``.
    :param lists: every list of members, by version.
    """
    problems: list[Problem] = []
    keys, laid_open, closed_files = _keys(ring, opener, problems)
    problems += _not_mine(closed_files, opener, lists)
    problems += _unwanted({**laid_open, **keys}, versions, set(removed))
    wanted: list[tuple[str, Version, str]] = []
    closed = 0
    for record, listed in versions.of.items():
        held = keys.get(record)
        if held is None:
            if _covered(record, closed_files):
                closed += 1
            else:
                words = f"There is no key for {record}: it can never be read."
                problems.append(_breach(listed[-1].commit, "key-missing", words, 8))
            continue
        if [opener.commitment(key) for key in held] != [each.key for each in listed]:
            words = f"The keys of {record} are not those that the history names."
            problems.append(_breach(listed[-1].commit, "key-commitment", words, 8))
        wanted += [(record, *pair) for pair in zip(listed, held, strict=False)]
    records = _open(git, wanted, opener, problems)
    for record, opened in records.items():
        problems += _amended(record, versions.of[record], [each for _, each in opened])
    problems += _held(records, versions)
    problems += _open_to_all(records, versions, laid_open, opener)
    return Opened(problems, records, closed)


def check_given(
    git: Git, versions: Versions, removed: Iterable[str], given: Sequence[Given], opener: Opener
) -> Opened:
    """Open what keys that were given to somebody outside open, and compare it with what the chain says.

    :param given: the key of each version, as the file has it.
    """
    problems: list[Problem] = []
    gone, wanted, lost = set(removed), list[tuple[str, Version, str]](), set[str]()
    for each in given:
        commitment = opener.commitment(each.key)
        version = next((v for v in versions.of.get(each.record, ()) if v.key == commitment), None)
        if version is not None:
            wanted.append((each.record, version, each.key))
        elif each.record in gone:
            lost.add(each.record)
        else:
            words = "The file of keys holds a key that fits no version of what it names."
            problems.append(_breach(each.commit, "grant-key", words, 8))
    if lost:
        what = "one entry that was" if len(lost) == 1 else f"{len(lost):,} entries that were"
        words = (
            f"The file of keys still opens old copies of {what} destroyed since: destroy it, and ask"
            " for another."
        )
        problems.append(Problem("", "grant-of-destroyed", words, 0, Severity.WARNING))
    records = _open(git, wanted, opener, problems)
    for record, opened in records.items():
        problems += _amended(record, versions.of[record], [each for _, each in opened])
    return Opened(problems, records, len(versions.of) - len(records))


def _not_mine(
    closed: Sequence[RingFile], opener: Opener, lists: Mapping[int, Members]
) -> Iterator[Problem]:
    """Keyring files that should open with this key, and are sealed to as many keys as may read all the same."""
    for file in closed:
        then = lists.get(file.version)
        head = sealed.head_of(file.data)
        if then is None or head is None or len(file.part) == _ID:
            continue
        readers = then.readers(file.log)
        if opener.public in readers and head.readers >= len(readers):
            words = (
                f"The keyring file {file.name} should open with your key and does not, though as many"
                " keys open it as may: somebody else's is in the place of yours."
            )
            yield _breach("", "keyring-not-yours", words, 8)


def _open_to_all(
    records: Mapping[str, Sequence[tuple[int, Record]]],
    versions: Versions,
    laid_open: Mapping[str, Sequence[str]],
    opener: Opener,
) -> Iterator[Problem]:
    """Records that are closed to some readers, and whose keys lie where all of them find them.

    The keys of versions from before a record was closed stay there.
    """
    for name, opened in records.items():
        found = {opener.commitment(key) for key in laid_open.get(name, ())}
        closed = [
            version
            for version, (_, record) in zip(versions.of[name], opened, strict=False)
            if record.readers
        ]
        if any(version.key in found for version in closed):
            words = (
                f"The keys of {name}, which is closed to some, lie open to every reader of its log."
            )
            yield _breach(versions.of[name][-1].commit, "closed-to-nobody", words, 8)


def _keys(
    ring: Sequence[RingFile], opener: Opener, problems: list[Problem]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], list[RingFile]]:
    """The keys of each record; those that lie in the file of its log; and the files that do not open.

    A closed record has a file of its own with all its keys. Of a version that was written before it was closed, the
    file of the log has the key too.
    """
    alone: dict[str, tuple[str, ...]] = {}
    together: dict[str, tuple[str, ...]] = {}
    closed = []
    for file in ring:
        try:
            opened = opener.keys(file.data)
        except CpvolError:
            words = f"The keyring file {file.name} is damaged."
            problems.append(_breach("", "keyring-damaged", words, 8))
            continue
        if opened is None:
            closed.append(file)
            continue
        found = alone if len(file.part) == _ID else together
        for id, held in opened.items():
            record = f"{file.log}/{id}"
            if record in found or (file.part and not id.startswith(file.part)):
                words = f"The keyring has keys of {record} where they do not belong."
                problems.append(_breach("", "keyring-place", words, 8))
            found[record] = held
    shut = {f"{file.log}/{file.part}" for file in closed}
    whole = {record: held for record, held in together.items() if record not in shut}
    return whole | alone, together, closed


def _covered(record: str, closed: Sequence[RingFile]) -> bool:
    """Whether a record's keys may lie in a file that this key does not open."""
    log, _, id = record.partition("/")
    return any(file.log == log and id.startswith(file.part) for file in closed)


def _unwanted(
    keys: Mapping[str, object], versions: Versions, removed: set[str]
) -> Iterator[Problem]:
    for record in keys:
        if record in removed:
            words = f"The key of {record}, which was destroyed, is still in the keyring."
            yield _breach("", "key-of-destroyed", words, 8)
        elif record not in versions.of:
            words = f"The keyring has a key of {record}, which was never entered."
            yield _breach("", "key-of-nothing", words, 8)


def _open(
    git: Git,
    wanted: Sequence[tuple[str, Version, str]],
    opener: Opener,
    problems: list[Problem],
) -> dict[str, list[tuple[int, Record]]]:
    found: dict[str, list[tuple[int, Record]]] = {}
    with Stream(git) as stream:
        for start in range(0, len(wanted), _LOT):
            lot = wanted[start : start + _LOT]
            blobs = stream.read([version.sealed for _, version, _ in lot])
            for (record, version, key), blob in zip(lot, blobs, strict=True):
                log, _, id = record.partition("/")
                try:
                    opened = opener.record(log, id, blob.data, key)
                except CpvolError:
                    words = f"A version of {record} does not open, or is not what it has to be."
                    problems.append(_breach(version.commit, "record", words, 9))
                    continue
                found.setdefault(record, []).append((version.accepted, opened))
    return found


def _amended(name: str, versions: Sequence[Version], opened: Sequence[Record]) -> Iterator[Problem]:
    """Whether what a record says of its changes is what the chain says."""
    if len(versions) != len(opened):
        return
    first = versions[0]
    if opened[0].amendments and not _on_behalf(first, opened[0]):
        words = f"The first version of {name} says that it was changed before."
        yield Problem(first.commit, "amended-before", words, 9, Severity.WARNING)
    for version, before, after in zip(versions[1:], opened, opened[1:], strict=False):
        notes = after.amendments[len(before.amendments) :]
        said = {name for note in notes for name in note.fields}
        did = {
            name
            for name in type(after).model_fields
            if name != "amendments" and getattr(before, name) != getattr(after, name)
        }
        last = notes[-1] if notes else None
        if (
            last is None
            or after.amendments[: len(before.amendments)] != before.amendments
            or (last.by, last.action) != (version.handle, version.action)
            # What was handed over brings along what its author noted.
            or (version.action != "handover" and {note.by for note in notes} != {last.by})
            or not did <= said
        ):
            words = f"What {name} says of its changes is not what the history says."
            yield _breach(version.commit, "amendments", words, 9)


def _on_behalf(version: Version, record: Record) -> bool:
    """Whether a first version's last note says, truly, that it was entered on somebody's behalf."""
    last = record.amendments[-1]
    return version.action == last.action == "handover" and last.by == version.handle


def _held(
    records: Mapping[str, Sequence[tuple[int, Record]]], versions: Versions
) -> Iterator[Problem]:
    """Whether something was destroyed that a hold kept at that moment."""
    holds = [
        list(zip(versions.of[name], (each for _, each in opened), strict=False))
        for name, opened in records.items()
        if name.startswith("hold/")
    ]
    for gone in versions.destroyed:
        ids = {record.partition("/")[2] for record in gone.records}
        for listed in holds:
            known = [hold for version, hold in listed if version.number < gone.number]
            hold = known[-1] if known else None
            if (
                isinstance(hold, Hold)
                and not hold.voided
                and hold.placed_on <= gone.on
                and (hold.lifted_on is None or gone.on < hold.lifted_on)
                and (kept := ids & set(hold.entries))
            ):
                words = f"Entry {min(kept)} was destroyed while a hold ({hold.id}) kept it."
                yield _breach(gone.commit, "hold-broken", words, 9)


def _breach(commit: str, rule: str, message: str, point: int) -> Problem:
    return Problem(commit, rule, message, point)
