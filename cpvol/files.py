"""Replacing a file whole: nobody ever reads half of one, whenever the power goes."""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, data: bytes, *, flush: bool = False, private: bool = False) -> None:
    """Write a file beside the old one, then rename it.

    :param flush: have it on the disk before this returns.
    :param private: let nobody else on this computer read it.
    :raises OSError: when the folder does not let us; the old file is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    mode = 0o600 if private else 0o666
    try:
        with open(  # noqa: PTH123 - a Path cannot be opened with a mode of its own
            os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), mode
            ),
            "wb",
        ) as file:
            file.write(data)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if flush and hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
