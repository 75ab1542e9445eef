"""Backup and restore: one file with both branches, as git's own bundle; records and keys are sealed in it already.

A backup counts as made only after it was read back: a copy is taken from it, the whole chain verified, and every entry
opened that the person can read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cpvol.audit.anchor import read_anchor
from cpvol.errors import CpvolError
from cpvol.files import scratch
from cpvol.ledger.foreign import is_bundle
from cpvol.ledger.remote import Meeting, write_bundle
from cpvol.logs import BY_NAME
from cpvol.register import Register
from cpvol.sync.clone import clone
from cpvol.sync.run import Outcome, take_in


class BackupFailed(CpvolError):
    """The backup was read back and is not what it should be."""

    def __init__(self) -> None:
        super().__init__(
            "the backup was read back and is not whole",
            "try another place; nothing was left there, and these records are as they were",
        )


class BackupNotWritten(CpvolError):
    """There is no room for the backup where it should lie, or no right to write there."""

    def __init__(self) -> None:
        super().__init__(
            "the backup cannot be written", "name a file where you may write, with room for it"
        )


def tip_of(register: Register, path: Path) -> str:
    """Where main stands in a backup.

    :raises NoBackup: when the file is none.
    """
    tips = Meeting(register.git, str(path.absolute())).tips()
    if tips.main is None:
        raise NoBackup
    return tips.main


class NoBackup(CpvolError):
    """The file is no backup."""

    def __init__(self) -> None:
        super().__init__(
            "that file is no backup of these records", "name a file that `backup` wrote"
        )


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read back.

    :param entries: how many entries were opened from it.
    :param closed: how many are closed to whoever made it; they are in it, and were not opened.
    :param size: of the file, in bytes.
    """

    entries: int
    closed: int
    size: int


def backup(register: Register, path: Path, *, now: int) -> Backup:
    """Write a backup and read it back.

    :param path: the file; one that is there is replaced, once the new one is known to be good.
    :param now: seconds since 1970.
    :raises BackupFailed: when it cannot be opened again.
    :raises BackupNotWritten: when it cannot lie there.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        write_bundle(register.git, beside)
        found = _read_back(register, beside, now)
        beside.replace(path)
    except OSError:
        raise BackupNotWritten from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return found


def _read_back(register: Register, path: Path, now: int) -> Backup:
    with scratch() as place:
        anchor = read_anchor(register.anchor())
        copy = clone(place, str(path.absolute()), anchor=anchor, now=now, keep=False)
        with copy:
            copy.identity = register.identity
            logs = [log for log in BY_NAME if register.me.may_read(log)]
            entries = len(copy.records(*logs)) if logs else 0
            closed = len(copy.ids()) - entries
            unread = len(copy.closed_to_me) + len(copy.ids()) - len(copy.ids(*logs) if logs else [])
            if copy.head.oid != register.head.oid or closed != unread:
                raise BackupFailed
            return Backup(entries, closed, path.stat().st_size)


def restore(
    folder: Path, path: Path, *, unlock: Callable[[Register], None], clock: Callable[[], int]
) -> tuple[Register, Outcome]:
    """Make the records again from a backup, or take into a copy what only the backup has.

    A copy that has gone further stays as it is: a key that was destroyed never comes back from a backup.

    :param folder: where the records are, or shall be.
    :param unlock: gives a copy that is there its credential.
    :returns: the records, and what came in.
    :raises NoBackup: when the file is none.
    """
    if not path.exists():
        raise CpvolError("there is no such file", "look for a typing mistake in its place or name")
    if not is_bundle(path):
        raise NoBackup
    address = str(path.absolute())
    if not folder.exists() or not any(folder.iterdir()):
        register = clone(folder, address, anchor=None, now=clock(), keep=False)
        return register, Outcome(register.head.oid, received=len(register.ids()))
    register = Register.open(folder)
    try:
        unlock(register)
        return register, take_in(register, Meeting(register.git, address), clock=clock)
    except BaseException:
        register.git.close()
        raise
