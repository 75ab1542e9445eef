"""What each commit changes: only folders that differ from the parent's are looked into.

Many commits are compared at a time, level by level, so that the comparing process is asked four times for hundreds of
commits rather than four times for each, and so that nothing is looked for deeper than a folder of this format can be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cpvol.ledger.differ import FILE, FOLDER, NOTHING, Row, TooMuch
from cpvol.ledger.objects import EMPTY_TREE

#: Bytes in which the differences of commits that are compared at a time are told. A single change of a hundred thousand
#: records has twelve million.
MAX_ANSWER = 16 << 20

_LETTER = r"[0-9a-hjkmnp-tv-z]"
_FOLDERS = re.compile(r"[a-z]{2,20}/(?:" + _LETTER + r"/){0,2}\Z")
_RECORD = re.compile(
    r"(?P<log>[a-z]{2,20})/(?P<a>.)/(?P<b>.)/(?P<id>(?P=a)(?P=b)" + _LETTER + r"{8})"
    r"\.yaml\.age\Z",
    re.DOTALL,
)
_OTHER = re.compile(
    r"(?:README\.md|\.gitattributes|organisation\.yaml|policy\.yaml|members\.yaml|allowed_signers"
    r"|schemas/[a-z]{2,20}-[1-9][0-9]{0,3}\.json|(?:disposals|grants)/" + _LETTER + r"{10}\.yaml)\Z"
)
_KINDS = {"120000": "a link", "160000": "another repository", "100755": "a program"}


class Source(Protocol):
    """What says in which entries trees differ; :class:`cpvol.ledger.differ.Differ` is the one there is."""

    def rows(self, pairs: Sequence[tuple[str, str]], most: int) -> tuple[list[list[Row]], int]:
        """For each pair of trees the entries that differ, and how many bytes the answer took."""


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

    :param source: what compares trees.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def compare(self, before: str, roots: Sequence[str]) -> list[Found]:
        """What each of these commits changes against the one before it.

        :param before: the id of the tree that the first is compared with, ``""`` for none.
        :param roots: the ids of the commits' trees.
        :returns: for each the changed files, or what is odd about it; nothing after the first odd one.
        :raises MissingObject: when a tree cannot be read.
        :raises Crowded: when these are too many at a time, or a single one changes too much.
        """
        found: list[Found] = [
            [] if root != EMPTY_TREE else Odd("has a folder that is empty") for root in roots
        ]
        pairs = zip([before or EMPTY_TREE, *roots], roots, strict=False)
        level = [(n, "", old, new) for n, (old, new) in enumerate(pairs) if old != new]
        room = MAX_ANSWER
        while level:
            try:
                answers, took = self._source.rows([(old, new) for _, _, old, new in level], room)
            except TooMuch:
                raise Crowded from None
            room -= took
            below: list[_Pair] = []
            for (number, prefix, _, _), rows in zip(level, answers, strict=True):
                at = found[number]
                if isinstance(at, Odd):
                    continue
                try:
                    _step(number, prefix, rows, at, below)
                except Odd as odd:
                    found[number] = odd
            level = below
        end = next((n for n, each in enumerate(found) if isinstance(each, Odd)), len(found))
        return found[: end + 1]


_Pair = tuple[int, str, str, str]
"""A folder to be compared: the number of its commit, its path, its id before and after."""


def _step(
    number: int, prefix: str, rows: Sequence[Row], changes: list[Change], below: list[_Pair]
) -> None:
    """Note the files that differ in one folder, and the folders in it that do."""
    for was, mode, old, new, name in rows:
        path = prefix + name
        if mode == FOLDER:
            if new == EMPTY_TREE:
                raise Odd("has a folder that is empty")
            path += "/"
            if not _FOLDERS.match(path):
                raise Odd("puts something where nothing belongs")
            below.append((number, path, old if was == FOLDER else EMPTY_TREE, new))
        elif mode == FILE:
            changes.append(_change(path, "" if was == NOTHING else old, new))
        elif mode != NOTHING:
            raise Odd(f"puts {_KINDS.get(mode, 'something strange')} in the place of a file")
        elif was == FOLDER:
            below.append((number, f"{path}/", old, EMPTY_TREE))
        else:
            changes.append(_change(path, old, ""))


def _change(path: str, old: str, new: str) -> Change:
    match = _RECORD.match(path)
    if match is not None:
        return Change(path, old, new, f"{match['log']}/{match['id']}")
    if _OTHER.match(path):
        return Change(path, old, new, "")
    raise Odd("puts something where nothing belongs")
