"""A terminal with somebody at it: waits for what a program asks and types the answer."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ENTER = "\r"
DOWN = "\x1b[B"
UP = "\x1b[A"
ESCAPE = "\x1b"
CONTROL_C = "\x03"
CONTROL_D = "\x04"
#: Rubs out what stands on the line.
CONTROL_U = "\x15"

# A terminal sends Ctrl and C to those whose controlling terminal it is. They heed it, even where the tests were started
# in the background by a shell that has everything there ignore it.
_TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
_PATIENCE_SECONDS = 60
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-Z\\-_])")


class Terminal:
    """A program running in a terminal of its own.

    :param command: the program and its arguments.
    :ivar text: all that was shown so far, without colours and movements.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        *,
        # Wide enough that nothing that is waited for is broken in two.
        width: int = 240,
        height: int = 50,
    ) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._ours, theirs = pty.openpty()
        size = struct.pack("HHHH", height, width, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", _TAKE_TERMINAL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**env, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)
        self._raw = b""
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """What was shown so far."""
        return _ESCAPES.sub("", self._raw.decode(errors="replace")).replace("\r", "")

    def wait_for(self, pattern: str) -> str:
        """Wait until something new was shown that matches.

        :returns: what was shown since the last time, up to and with the match.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            if match := re.compile(pattern).search(self.text, self._seen):
                fresh = self.text[self._seen : match.end()]
                self._seen = match.end()
                return fresh
            assert time.monotonic() < until, self.text[self._seen :]
            assert self._read(), f"ended without asking {pattern!r}:\n{self.text}"

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question, then type a line."""
        self.wait_for(question)
        self.type(answer + ENTER)

    def end(self) -> int:
        """Wait for the end of the program.

        :returns: its exit status.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._read():
            assert time.monotonic() < until, self.text[self._seen :]
        return self._process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 1.0)
        if not ready:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so when the last one has hung up
            return False
        self._raw += data
        return bool(data)
