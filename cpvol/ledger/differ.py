"""What differs between folders in the history, told by one git process: pairs of trees in, the entries that differ out.

Which trees are compared is said here, never found by git: one level, no folder is gone into, no likeness is looked for,
and nothing that a repository's settings could say changes the answer. That a tree is in git's one form was checked by
git (fsck) when it came in; see ``cpvol/ledger/quarantine.py`` and ``cpvol/ledger/remote.py``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import IO

from cpvol.ledger.asked import Asked
from cpvol.ledger.git import Git, MissingObject

#: Modes as git tells them: of what is not there, of a folder, of a file.
NOTHING, FOLDER, FILE = "000000", "040000", "100644"

_WORDS = ("diff-tree", "--stdin", "--raw", "-z", "--no-renames", "--ignore-submodules=none")
_PIECE = 1 << 18
# Two ids, a space and a line's end stand before what differs.
_BEFORE = 82
# git keeps every tree that it was asked about; after so many pairs another process goes on.
_MOST_PAIRS = 25_000

Row = tuple[str, str, str, str, str]
"""Mode before and after, id before and after, and name, in which a letter stands for a byte."""


class TooMuch(Exception):
    """The answer is longer than it may be."""


class Differ(Asked):
    """One comparing process.

    :param git: the repository.
    """

    def __init__(self, git: Git) -> None:
        super().__init__(git, _WORDS)
        self._asked = 0

    def rows(self, pairs: Sequence[tuple[str, str]], most: int) -> tuple[list[list[Row]], int]:
        """The entries in which each second tree differs from the first, without going into folders.

        :param pairs: ids of trees, the one before and the one after.
        :param most: bytes that the answer may have.
        :returns: for each pair its rows, and how many bytes they took.
        :raises MissingObject: when a tree is not there, or is none.
        :raises TooMuch: when the answer is longer than that.
        """
        answer = self._answer(pairs, most)
        parts, at = answer.split("\0"), 0
        found: list[list[Row]] = []
        for old, new in pairs:
            # Trees of two ids differ in something, or one of them is not in git's form.
            if not parts[at].startswith(f"{old} {new}\n:"):
                self.close()
                raise MissingObject(new)
            head, rows = parts[at][_BEFORE:], list[Row]()
            while head.startswith(":"):
                rows.append((head[1:7], head[8:14], head[15:55], head[56:96], parts[at + 1]))
                at += 2
                head = parts[at]
            found.append(rows)
        return found, len(answer)

    def _answer(self, pairs: Sequence[tuple[str, str]], most: int) -> str:
        self._asked += len(pairs)
        if self._asked > _MOST_PAIRS:
            self.close()
            self._asked = len(pairs)
        stdin, stdout = self.streams()
        # git repeats a line that names nothing, and then hands out what it has. Nobody can foresee this one.
        end = f"end {secrets.token_hex(16)}\n".encode()
        asking = Thread(target=_ask, args=(stdin, pairs, end), daemon=True)
        asking.start()
        answer = None
        try:
            answer = _until(stdout, end, most)
        finally:
            # What is left of the answer must not be taken for that to the next question.
            if answer is None:
                self.close()
            asking.join()
        if answer is None:
            raise MissingObject(pairs[-1][1])
        return answer


def _until(stdout: IO[bytes], end: bytes, most: int) -> str | None:
    """What comes before an ending; ``None`` when that never comes.

    :raises TooMuch: when it is longer than that.
    """
    answer = bytearray()
    while not answer.endswith(end):
        piece = os.read(stdout.fileno(), _PIECE)
        if not piece:
            return None
        answer += piece
        if len(answer) > most:
            raise TooMuch
    return answer[: -len(end)].decode("latin-1")


def _ask(stdin: IO[bytes], pairs: Sequence[tuple[str, str]], end: bytes) -> None:
    # When nobody wants the rest, the process has ended.
    with suppress(OSError, ValueError):
        stdin.write("".join([f"{old} {new}\n" for old, new in pairs]).encode() + end)
        stdin.flush()
