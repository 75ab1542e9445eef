"""A git command that reads what somebody made who may mean ill, bounded in time, room and memory, and in what it says.

A host, or a folder that was handed over, can be slow on purpose, send without end, or describe an object of gigabytes
in a few bytes. The time and the room are watched from here, so that they hold everywhere; memory is bounded where
:mod:`cpvol.ledger.bounded` can.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from cpvol.ledger import bounded
from cpvol.ledger.git import NoGit, program

#: How often the room is looked at, in seconds.
PAUSE_SECONDS = 0.5
#: Bytes of its output, and as many of its messages, that are kept; the rest is read and forgotten.
MAX_SAID = 1 << 18


class TooLong(Exception):
    """The time is over."""


class TooMuch(Exception):
    """It takes more room than it may."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a command may take.

    :param seconds: its time.
    :param folder: the folder that grows by it.
    :param room: the bytes that the folder may have in the end; 0 when it does not grow.
    :param memory: bytes of memory, for it and each process that it starts.
    """

    seconds: float
    folder: Path
    room: int = 0
    memory: int = bounded.MAX_MEMORY


def run(
    words: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    bounds: Bounds,
    *,
    prompt: bool = False,
) -> tuple[int, bytes, str]:
    """Run git, and end it with all that it started when it goes beyond its bounds.

    :param prompt: whether it may ask for a password on the terminal.
    :returns: its status, its output and its messages, the last two cut off at :data:`MAX_SAID` bytes.
    :raises TooLong: when the time is over.
    :raises TooMuch: when the folder grew too large.
    """
    try:
        running = subprocess.Popen(
            bounded.bounded([program(), *words], bounds.memory),
            stdin=None if prompt else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            # Somebody who is asked for a password must stay on their own terminal.
            start_new_session=not prompt,
        )
    except FileNotFoundError:
        raise NoGit from None
    bounded.bound(running, bounds.memory)
    heard = [_Heard(stream) for stream in (running.stdout, running.stderr) if stream is not None]
    try:
        _watch(running, heard, bounds)
    except BaseException:
        _end(running, group=not prompt)
        raise
    output, said = (bytes(each.kept) for each in heard)
    return running.returncode, output, said.decode(errors="replace")


class _Heard:
    """The beginning of what a stream says; the rest is read, so that nobody waits, and forgotten."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.kept = bytearray()
        self._stream = stream
        self.thread = Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        with suppress(OSError, ValueError), self._stream:
            while data := os.read(self._stream.fileno(), 1 << 16):
                self.kept += data[: MAX_SAID - len(self.kept)]


def _watch(running: subprocess.Popen[bytes], heard: Sequence[_Heard], bounds: Bounds) -> None:
    until = time.monotonic() + bounds.seconds
    ended = False
    while not ended:
        left = until - time.monotonic()
        if left <= 0:
            raise TooLong
        ended = _ended(running, heard, time.monotonic() + min(PAUSE_SECONDS, left))
        if bounds.room and size(bounds.folder) > bounds.room:
            raise TooMuch


def _ended(running: subprocess.Popen[bytes], heard: Sequence[_Heard], until: float) -> bool:
    """Whether it ends in time, with everything that it started and that may still say something."""
    for each in heard:
        each.thread.join(max(0.0, until - time.monotonic()))
        if each.thread.is_alive():
            return False
    with suppress(subprocess.TimeoutExpired):
        running.wait(max(0.0, until - time.monotonic()))
        return True
    return False


def _end(running: subprocess.Popen[bytes], *, group: bool) -> None:
    # Those that git started would go on by themselves, and take room that nobody sees.
    others = _started_by(running.pid) if hasattr(os, "killpg") else []
    if group and hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    running.kill()
    for each in others:
        with suppress(OSError):
            os.kill(each, signal.SIGKILL)
    running.wait()


def _started_by(pid: int) -> list[int]:
    """The processes that one started, and those that they started; none where the system does not tell."""
    children: dict[int, list[int]] = {}
    for child, parent in _processes():
        children.setdefault(parent, []).append(child)
    found, left = list[int](), [pid]
    while left:
        new = children.pop(left.pop(), [])
        found += new
        left += new
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Every process of this computer that can be seen, and the one that started it."""
    if Path("/proc/self/stat").exists():
        for place in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError, ValueError, IndexError):
                # A program's name stands in brackets, and may itself hold any.
                yield (
                    int(place.parent.name),
                    int(place.read_text("utf-8", "replace").rpartition(")")[2].split()[1]),
                )
        return
    with suppress(OSError):
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=False)
        for line in listed.stdout.decode(errors="replace").splitlines():
            with suppress(ValueError):
                child, parent = map(int, line.split())
                yield child, parent


def size(folder: Path) -> int:
    """The bytes of the files in a folder and below."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            # What is only there for a moment may be gone already.
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total
