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
#: A zero byte and the id stand after a name; a space and those, besides mode and name.
_AFTER_NAME, _BESIDES_NAME = 21, 22
#: Bytes of trees that are compared at a time. A single change of a hundred thousand records has six million.
MAX_TREES = 8 << 20

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

_Entry = tuple[bytes, bytes, bytes]
"""Mode, name and the twenty bytes of the id."""


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


class Crowded(Exception):
    """More is to be compared at a time than fits into the memory that an audit may take."""


class Odd(Exception):
    """Something in a commit's folders that no folder of this format holds; the message ends a sentence."""


Found = list[Change] | Odd


class Comparer:
    """Compares commits of one chain, in order.

    :param reader: where trees are read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: dict[str, bytes] = {"": b""}

    def compare(self, before: str, roots: Sequence[str]) -> list[Found]:
        """What each of these commits changes against the one before it.

        :param before: the id of the tree that the first is compared with, ``""`` for none.
        :param roots: the ids of the commits' trees.
        :returns: for each the changed files, or what is odd about it; nothing after the first odd one.
        :raises MissingObject: when a tree cannot be read.
        :raises Crowded: when these are too many at a time, or a single one changes too much.
        """
        fetched: list[str] = []
        try:
            return self._compare(before, roots, fetched)
        except Crowded:
            for oid in fetched:
                self._kept.pop(oid, None)
            raise

    def _compare(self, before: str, roots: Sequence[str], fetched: list[str]) -> list[Found]:
        found: list[Found] = [[] for _ in roots]
        pairs = zip([before, *roots], roots, strict=False)
        level = [(n, b"", old, new) for n, (old, new) in enumerate(pairs) if old != new]
        superseded: list[str] = []
        room = MAX_TREES
        while level:
            room = self._fetch({oid for _, _, *both in level for oid in both if oid}, fetched, room)
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

    def _fetch(self, wanted: Iterable[str], fetched: list[str], room: int) -> int:
        """Read the trees that are not here yet.

        :returns: for how many bytes of trees there is room afterwards.
        """
        missing = [oid for oid in wanted if oid not in self._kept]
        for each in self._reader.read(missing):
            room -= len(each.data)
            if room < 0:
                raise Crowded
            fetched.append(each.oid)
            self._kept[each.oid] = each.data if each.kind == "tree" else b""
        return room

    def _step(
        self, prefix: bytes, old: str, new: str, changes: list[Change]
    ) -> Iterator[tuple[bytes, str, str]]:
        """Note the files that differ in one folder, and give the folders below that do."""
        after = self._kept[new]
        if new and not after:
            raise Odd("has a folder that is empty or cannot be read")
        before, now = _difference(self._kept[old], after)
        gone = {name: (mode, oid) for mode, name, oid in before}
        for mode, name, oid in now:
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


def _difference(old: bytes, new: bytes) -> tuple[list[_Entry], list[_Entry]]:
    """The entries that only one of two trees has; ``old`` was found to be in the one form before.

    What two trees begin and end with alike is not taken apart again: mostly one entry of many differs.

    :raises Odd: when ``new`` is not in the one form of a tree.
    """
    if old and len(old) == len(new) and (one := _one_id(old, new)) is not None:
        return one
    last, start, end = _apart(old, new)
    rest = len(new) - (len(old) - end)
    changed = _entries(new[start:rest])
    if changed is None or not _in_order(old, last, end, changed):
        # Where the common end is no whole number of entries of the new tree, it is taken apart from the beginning.
        changed, start, end = _entries(new), 0, len(old)
        if changed is None or not _in_order(b"", -1, 0, changed):
            raise Odd("has a folder that is empty or cannot be read")
    before = _entries(old[start:end]) or []
    same = set(before) & set(changed)
    if same:
        return [e for e in before if e not in same], [e for e in changed if e not in same]
    return before, changed


def _one_id(old: bytes, new: bytes) -> tuple[list[_Entry], list[_Entry]] | None:
    """The difference of two trees of one size that differ in nothing but one entry's id; ``None`` when it is more.

    This is what most folders on the way to an entry look like. Form and order are then those of the old tree.
    """
    differing = int.from_bytes(old, "big") ^ int.from_bytes(new, "big")
    if not differing:
        return [], []
    first = len(old) - _bytes_of(differing)
    start, find = 0, old.index
    while (end := find(b"\0", start) + _AFTER_NAME) <= first:
        start = end
    name_end = end - _AFTER_NAME
    if first <= name_end or old[end:] != new[end:]:
        return None
    mode, _, name = old[start:name_end].partition(b" ")
    return [(mode, name, old[name_end + 1 : end])], [(mode, name, new[name_end + 1 : end])]


def _apart(old: bytes, new: bytes) -> tuple[int, int, int]:
    """Where two trees differ, in the old one.

    :returns: where the last entry of the common beginning begins (-1 for none), where that beginning ends, and where
        the common end begins.
    """
    size = min(len(old), len(new))
    first = size - _bytes_of(int.from_bytes(old[:size], "big") ^ int.from_bytes(new[:size], "big"))
    tail = size - _bytes_of(
        int.from_bytes(old[len(old) - size :], "little")
        ^ int.from_bytes(new[len(new) - size :], "little")
    )
    last, start, find = -1, 0, old.index
    while start < len(old) and (following := find(b"\0", start) + _AFTER_NAME) <= first:
        last, start = start, following
    # The common beginning and the common end may not overlap in the shorter of the two.
    least = len(old) - min(tail, size - start)
    end = start
    while end < least:
        end = find(b"\0", end) + _AFTER_NAME
    return last, start, end


def _bytes_of(number: int) -> int:
    return (number.bit_length() + 7) // 8


def _entries(data: bytes) -> list[_Entry] | None:
    """The entries in part of a tree; ``None`` when it is not made of whole ones."""
    found: list[_Entry] = _ENTRY.findall(data)
    size = _BESIDES_NAME * len(found)
    for mode, name, _ in found:
        size += len(mode) + len(name)
    return found if size == len(data) else None


def _in_order(old: bytes, last: int, end: int, changed: Sequence[_Entry]) -> bool:
    """Whether entries stand in git's order, each once, between those that stay before and after them."""
    keys = [name + b"/" if mode == _FOLDER else name for mode, name, _ in changed]
    if end < len(old):
        keys.append(_key_at(old, end))
    if last >= 0:
        keys.insert(0, _key_at(old, last))
    return len(keys) < 2 or all(map(lt, keys, keys[1:]))


def _key_at(tree: bytes, at: int) -> bytes:
    mode, _, name = tree[at : tree.index(b"\0", at)].partition(b" ")
    return name + b"/" if mode == _FOLDER else name


def _change(path: bytes, old: bytes, new: bytes) -> Change:
    match = _RECORD.match(path)
    if match is not None:
        record = f"{match['log'].decode()}/{match['id'].decode()}"
    elif _OTHER.match(path):
        record = ""
    else:
        raise Odd("puts something where nothing belongs")
    return Change(path.decode("ascii"), old.hex(), new.hex(), record)
