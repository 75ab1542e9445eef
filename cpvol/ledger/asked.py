"""A git process that answers questions for as long as there are any: how it is started, bounded and ended.

What is asked and how the answer is read belongs to who asks (:mod:`cpvol.ledger.stream`, :mod:`cpvol.ledger.differ`).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Self

from cpvol.ledger.bounded import bound
from cpvol.ledger.git import Git, NoGit, environment, program


class Asked:
    """One such process, started with the first question and again when it has ended.

    Whoever asks takes the whole answer before asking again.

    :param git: the repository.
    :param words: the command.
    :param buffer: bytes of an answer that are taken at a time; ``-1`` leaves it to Python.
    """

    def __init__(self, git: Git, words: Sequence[str], *, buffer: int = -1) -> None:
        self._git = git
        self._words = words
        self._buffer = buffer
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if one was started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        process.wait()

    def streams(self) -> tuple[IO[bytes], IO[bytes]]:
        """Where questions go in, and where answers come out."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            try:
                self._process = subprocess.Popen(
                    [program(), *self._words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=self._buffer,
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
