"""Opening very many records, on as many processors as there are.

Decrypting is most of what reading takes, and the library does it without letting another thread in; so from some number
of records on, other processes do it. They are handed sealed records with their keys and hand back texts, through pipes;
nothing is written anywhere. They end with the last record, and with whoever asked, however that ends.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.vault import envelope

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: Below this many records, starting a process takes longer than it saves.
MANY = 2000
#: Records that are handed over at a time.
_LOT = 200
# Where a copy of this process can be had, it need not import anything again.
_START = "fork" if sys.platform == "linux" else "spawn"

Sealed = tuple[bytes, str]
"""A sealed record and its key."""


class Openers:
    """The processes that open records; without any, it is done here.

    :param connections: one to each.
    """

    def __init__(self, connections: Iterable[Connection] = ()) -> None:
        self._connections = list(connections)

    def open(self, sealed: Iterable[Sealed]) -> Iterator[bytes]:
        """The texts, padding included, in order.

        :raises DamagedRecord: as :func:`~cpvol.vault.envelope.open_`, when it is that record's turn.
        :raises WrongKey: likewise.
        """
        if not self._connections:
            for each in sealed:
                yield envelope.open_(*each)
            return
        rest = iter(sealed)
        waiting: deque[tuple[list[Sealed], Connection]] = deque()
        idle = deque(self._connections)
        while True:
            # One lot for each process at a time, or both sides could wait for the other to take something.
            while idle and (lot := list(islice(rest, _LOT))):
                waiting.append((lot, idle.popleft()))
                _send(*waiting[-1])
            if not waiting:
                return
            lot, connection = waiting.popleft()
            texts = _receive(lot, connection)
            if more := list(islice(rest, _LOT)):
                waiting.append((more, connection))
                _send(more, connection)
            for each, text in zip(lot, texts, strict=True):
                # What was not opened is tried again here, so that the error is raised where it is asked for.
                yield envelope.open_(*each) if text is None else text


@contextmanager
def openers(count: int) -> Iterator[Openers]:
    """As many processes as so many records are worth. To be entered before a program with pipes of its own starts."""
    processes = min(4, os.cpu_count() or 1)
    if count < MANY or processes == 1:
        yield Openers()
        return
    with ExitStack() as ends:
        yield Openers([_start(ends) for _ in range(processes)])


def _start(ends: ExitStack) -> Connection:
    import multiprocessing

    context = multiprocessing.get_context(_START)
    ours, theirs = context.Pipe()
    # mypy knows only what all contexts have in common.
    process = context.Process(target=_serve, args=(theirs, ours), daemon=True)  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    ends.callback(process.join)
    ends.callback(ours.close)
    return ours


def _serve(connection: Connection, other: Connection) -> None:
    """Open what comes until nobody is there any more."""
    # Ctrl-C is heard by the process that asks; this one ends when that does, which it sees only once it has let go of
    # that one's end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other.close()
    with suppress(EOFError, OSError):
        while True:
            connection.send([_try(*each) for each in connection.recv()])


def _try(sealed: bytes, key: str) -> bytes | None:
    try:
        return envelope.open_(sealed, key)
    except CpvolError:
        return None


def _send(lot: list[Sealed], connection: Connection) -> None:
    with suppress(OSError):
        connection.send(lot)


def _receive(lot: list[Sealed], connection: Connection) -> list[bytes | None]:
    try:
        texts: list[bytes | None] = connection.recv()
    except (EOFError, OSError):
        return [None] * len(lot)
    return texts
