"""Reading very many objects from a repository that may be hostile, through one process and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha1
from threading import Thread
from typing import IO

from cpvol.ledger.asked import Asked
from cpvol.ledger.git import Git, MissingObject
from cpvol.ledger.objects import Kind, Object

#: The most bytes that an object of a kind may have; beyond them nothing is read.
LIMITS: Mapping[Kind, int] = {"commit": 16 << 20, "tree": 4 << 20, "blob": 16 << 20}

_KINDS: Mapping[bytes, Kind] = {b"commit": "commit", b"tree": "tree", b"blob": "blob"}


class TooLarge(MissingObject):
    """An object is larger than any that cpvol writes."""


class Stream(Asked):
    """One reading process.

    :param git: the repository.
    """

    def __init__(self, git: Git) -> None:
        super().__init__(git, ("cat-file", "--batch-command", "--buffer"), buffer=1 << 18)

    def read(self, names: Sequence[str]) -> Iterator[Object]:
        """The objects of those ids, in their order, each id recomputed from the content.

        :raises MissingObject: when one is not there, or its content does not give its id.
        :raises TooLarge: when one is larger than its kind may be.
        """
        if not names:
            return
        stdin, stdout = self.streams()
        asking = Thread(target=_ask, args=(stdin, names), daemon=True)
        asking.start()
        whole = False
        try:
            for name in names:
                yield _reply(name, stdout)
            whole = True
        finally:
            # What is left of the answer must not be taken for that to the next question.
            if not whole:
                self.close()
            asking.join()


def _ask(stdin: IO[bytes], names: Sequence[str]) -> None:
    # When nobody wants the rest, the process has ended.
    with suppress(OSError, ValueError):
        stdin.write("".join(f"contents {name}\n" for name in names).encode() + b"flush\n")
        stdin.flush()


def _reply(name: str, stdout: IO[bytes]) -> Object:
    head = stdout.readline()
    kind = _KINDS.get(head[41:-1].partition(b" ")[0])
    if kind is None:
        raise MissingObject(name)
    size = int(head[42 + len(kind) :])
    if size > LIMITS[kind]:
        raise TooLarge(name)
    data = stdout.read(size + 1)[:-1]
    # git itself does not compare an object with its name when it is only asked for its content.
    digest = sha1(head[41:-1] + b"\0", usedforsecurity=False)
    digest.update(data)
    oid = digest.hexdigest()
    if len(data) != size or oid != name:
        raise MissingObject(name)
    return Object(kind, data, oid)
