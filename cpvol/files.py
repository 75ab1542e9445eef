"""Reading the start of a file that may be none; replacing one whole, so that nobody ever reads half of it; removing a folder."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

_SCRATCH, _HELD = "cpvol-copy-", "held"


def write_file(path: Path, data: bytes, *, flush: bool = False, private: bool = False) -> None:
    """Write a file beside the old one, then rename it.

    :param flush: have it on the disk before this returns.
    :param private: let nobody else on this computer read it.
    :raises OSError: when the folder does not let us; the old file is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    mode = 0o600 if private else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # In a folder of many, what stands there may be somebody else's to read, or lead to another file of ours.
    beside.unlink(missing_ok=True)
    try:
        with open(os.open(beside, flags, mode), "wb") as file:  # noqa: PTH123 - a mode of its own
            file.write(data)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if flush and hasattr(os, "O_DIRECTORY"):
        # The file is whole by now; and there are network folders that cannot be flushed.
        with suppress(OSError):
            _flush_folder(path.parent)


def read_start(path: Path, most: int) -> bytes:
    """The first bytes of a file that somebody named, or was handed: a pipe or a device in its place may never end.

    :param most: so many bytes at most.
    :raises OSError: when it cannot be read, or is no file.
    """
    # Opened like this, a pipe that nobody writes to is not waited for.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - with flags
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no file")
        return file.read(most)


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder for a copy of records, which goes when it was looked at.

    A copy holds sealed keys, which must not outlive a disposal. So what a process that was killed left of an earlier one
    goes first.
    """
    import portalocker

    clear_scratch()
    with TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True) as place:
        inside = Path(place) / "in"
        # Whoever finds the folder before it is locked leaves it: it is not empty then.
        with portalocker.Lock(Path(place) / _HELD, mode="a", timeout=0):
            inside.mkdir()
            yield inside


def clear_scratch() -> None:
    """Take away what was left by processes that were killed, this user's own alone."""
    for each in Path(gettempdir()).glob(f"{_SCRATCH}*"):
        with suppress(OSError):
            ours = not hasattr(os, "getuid") or each.lstat().st_uid == os.getuid()
            if ours and not each.is_symlink() and (each / "in").is_dir() and not _in_use(each):
                remove_folder(each)


def _in_use(folder: Path) -> bool:
    import portalocker

    try:
        with portalocker.Lock(folder / _HELD, mode="a", timeout=0, fail_when_locked=True):
            return False
    except portalocker.exceptions.LockException:
        return True


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that is in it, read-only files as git writes them included."""

    def writable(function: Callable[..., Any], path: str, _: object) -> None:
        Path(path).chmod(stat.S_IWRITE)
        function(path)

    if folder.exists():
        shutil.rmtree(folder, onerror=writable)
