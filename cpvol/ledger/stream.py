"""Reading very many objects from a repository that may be hostile, through one process and in bounded memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha1
from threading import Thread
from typing import IO, Self

from cpvol.ledger.bounded import bound
from cpvol.ledger.git import Git, MissingObject, NoGit, environment, program
from cpvol.ledger.objects import Kind, Object

#: The most bytes that an object of a kind may have; beyond them nothing is read.
LIMITS: Mapping[Kind, int] = {"commit": 16 << 20, "tree": 4 << 20, "blob": 16 << 20}

_KINDS: Mapping[bytes, Kind] = {b"commit": "commit", b"tree": "tree", b"blob": "blob"}


class TooLarge(MissingObject):
    """An object is larger than any that cpvol writes."""


class Stream:
    """One reading process. Whoever asks takes the whole answer before asking again.

    :param git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process, if one was started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        process.wait()

    def read(self, names: Sequence[str]) -> Iterator[Object]:
        """The objects of those ids, in their order, each id recomputed from the content.

        :raises MissingObject: when one is not there, or its content does not give its id.
        :raises TooLarge: when one is larger than its kind may be.
        """
        if not names:
            return
        stdin, stdout = self._streams()
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

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    [program(), "cat-file", "--batch-command", "--buffer"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=1 << 18,
                    cwd=self._git.folder,
                    env=environment(self._git.dir),
                )
            except FileNotFoundError:
                raise NoGit from None
            bound(self._process)
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise NoGit
        return stdin, stdout


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
