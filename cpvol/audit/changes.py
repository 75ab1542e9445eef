"""What each commit changes: only folders that differ from the parent's are read, and each is read once.

Many commits are compared at a time, level by level, so that the reading process is asked five times for hundreds of
commits rather than five times for each. Of the trees, those of the newest commit so far are kept: a few megabytes for
tens of thousands of records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import lt
from typing import Protocol

from cpvol.ledger.objects import Object

_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0/]+)\0(.{20})", re.DOTALL)
_FOLDER = b"40000"
FILE = b"100644"

_LETTER = rb"[0-9a-hjkmnp-tv-z]"
_FOLDERS = re.compile(rb"[a-z]{2,20}/(?:" + _LETTER + rb"/){0,2}\Z")
_RECORD = re.compile(
    rb"(?P<log>[a-z]{2,20})/(?P<a>.)/(?P<b>.)/(?P<id>(?P=a)(?P=b)" + _LETTER + rb"{8})"
    rb"\.yaml\.age\Z",
    re.DOTALL,
)
_OTHER = re.compile(
    rb"(?:README\.md|\.gitattributes|organisation\.yaml|policy\.yaml|members\.yaml|allowed_signers"
    rb"|schemas/[a-z]{2,20}-[1-9][0-9]{0,3}\.json|(?:disposals|grants)/"
    + _LETTER
    + rb"{10}\.yaml)\Z"
)
_KINDS = {b"120000": "a link", b"160000": "another repository", b"100755": "a program"}

_Entries = frozenset[tuple[bytes, bytes, bytes]]


class Reader(Protocol):
    """What objects are read from."""

    def read(self, names: Sequence[str]) -> Iterator[Object]:
        """The objects of those ids, in their order, each id recomputed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a commit changes.

    :param path: its path on main, in the form that a path of this format has.
    :param old: the id of its content before, ``""`` when it is new.
    :param new: the id of its content after, ``""`` when it is gone.
    :param record: ``log/id`` when it is a record.
    """

    path: str
    old: str
    new: str
    record: str


class Odd(Exception):
    """Something in a commit's folders that no folder of this format holds; the message ends a sentence."""


Found = list[Change] | Odd


class Comparer:
    """Compares commits of one chain, in order.

    :param reader: where trees are read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: dict[str, _Entries] = {}

    def compare(self, before: str, roots: Sequence[str]) -> list[Found]:
        """What each of these commits changes against the one before it.

        :param before: the id of the tree that the first is compared with, ``""`` for none.
        :param roots: the ids of the commits' trees.
        :returns: for each the changed files, or what is odd about it; nothing after the first odd one.
        :raises MissingObject: when a tree cannot be read.
        """
        found: list[Found] = [[] for _ in roots]
        pairs = zip([before, *roots], roots, strict=False)
        level = [(n, b"", old, new) for n, (old, new) in enumerate(pairs) if old != new]
        superseded: list[str] = []
        while level:
            self._fetch({oid for _, _, *both in level for oid in both if oid})
            below: list[tuple[int, bytes, str, str]] = []
            for number, prefix, old, new in level:
                at = found[number]
                if isinstance(at, Odd):
                    continue
                if old:
                    superseded.append(old)
                try:
                    for path, *ids in self._step(prefix, old, new, at):
                        below.append((number, path, ids[0], ids[1]))
                except Odd as odd:
                    found[number] = odd
            level = below
        for oid in superseded:
            self._kept.pop(oid, None)
        end = next((n for n, each in enumerate(found) if isinstance(each, Odd)), len(found))
        return found[: end + 1]

    def _fetch(self, wanted: Iterable[str]) -> None:
        missing = [oid for oid in wanted if oid not in self._kept]
        for each in self._reader.read(missing):
            self._kept[each.oid] = _entries(each.data) if each.kind == "tree" else frozenset()

    def _step(
        self, prefix: bytes, old: str, new: str, changes: list[Change]
    ) -> Iterator[tuple[bytes, str, str]]:
        """Note the files that differ in one folder, and give the folders below that do."""
        before, after = (self._kept[oid] if oid else frozenset() for oid in (old, new))
        if new and not after:
            raise Odd("has a folder that is empty or cannot be read")
        gone = {name: (mode, oid) for mode, name, oid in before - after}
        for mode, name, oid in sorted(after - before, key=lambda entry: entry[1]):
            was, had = gone.pop(name, (b"", b""))
            if mode == _FOLDER:
                path = prefix + name + b"/"
                if not _FOLDERS.match(path):
                    raise Odd("puts something where nothing belongs")
                if was == FILE:
                    changes.append(_change(prefix + name, had, b""))
                yield path, had.hex() if was == _FOLDER else "", oid.hex()
            elif mode == FILE:
                changes.append(_change(prefix + name, had if was == FILE else b"", oid))
                if was == _FOLDER:
                    yield prefix + name + b"/", had.hex(), ""
            else:
                raise Odd(f"puts {_KINDS.get(mode, 'something strange')} in the place of a file")
        for name, (mode, oid) in gone.items():
            if mode == _FOLDER:
                yield prefix + name + b"/", oid.hex(), ""
            else:
                changes.append(_change(prefix + name, oid, b""))


def _entries(data: bytes) -> _Entries:
    """The entries of a tree; empty for bytes that are not in the one form of one."""
    found = _ENTRY.findall(data)
    keys = [name + b"/" if mode == _FOLDER else name for mode, name, _ in found]
    size = 22 * len(found) + sum(len(mode) + len(name) for mode, name, _ in found)
    names = {name for _, name, _ in found}
    if size != len(data) or len(names) != len(found) or not all(map(lt, keys, keys[1:])):
        return frozenset()
    return frozenset(found)


def _change(path: bytes, old: bytes, new: bytes) -> Change:
    match = _RECORD.match(path)
    if match is not None:
        record = f"{match['log'].decode()}/{match['id'].decode()}"
    elif _OTHER.match(path):
        record = ""
    else:
        raise Odd("puts something where nothing belongs")
    return Change(path.decode("ascii"), old.hex(), new.hex(), record)
