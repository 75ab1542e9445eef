"""Files that people ask for and that are not encrypted: where they may be written, and what is said about them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.tasks.folders import is_synced
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput


def new_file(
    session: Session,
    given: str | None,
    endings: Sequence[str],
    *,
    suggested: str = "",
    private: bool = True,
    replace: bool = False,
) -> Path:
    """The file that somebody named, or names when asked on a terminal; there is none of that name yet.

    :param endings: how its name may end.
    :param suggested: what is offered to whoever is asked; without it nobody is.
    :param private: whether it will hold what the records hold: then it may not lie among them.
    :param replace: whether one that is there may be written anew.
    :raises BadInput: when it cannot be written there.
    """

    def usable(text: str) -> Path:
        path = Path(text).expanduser()
        _refuse_unusable(session, path, endings, private=private, replace=replace)
        return path

    if not given and suggested and session.terminal:
        from cpvol.tasks.ask import typed

        offered = str(free(Path.home() / suggested))
        given = dropped(
            typed(
                "Where shall the file be put?",
                default=offered,
                check=lambda text: usable(dropped(text)),
            )
        )
    if not given:
        raise BadInput("not given: --file", f"name a file that ends in {' or '.join(endings)}")
    return usable(given)


def dropped(text: str) -> str:
    """The file that somebody dragged into the window: some put quotes around it, some a backslash before a blank."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if re.search(r"\\[^\w\\]", text) and not Path(text).exists():
        return re.sub(r"\\(.)", r"\1", text)
    return text


def _refuse_unusable(
    session: Session, path: Path, endings: Sequence[str], *, private: bool, replace: bool
) -> None:
    if path.suffix.lower() not in endings:
        raise BadInput(
            f"the file's name has to end in {' or '.join(endings)}",
            "choose one of the two" if len(endings) > 1 else "name it so",
        )
    if not replace and (path.exists() or path.is_symlink()):
        raise BadInput(
            "there is a file of that name already", "choose another name, or move it away"
        )
    if private and _among_records(session, path):
        raise BadInput("that is inside the records folder", "name a file somewhere else")


def refuse_other(session: Session, path: Path, begins: bytes, *, option: str) -> None:
    """Let a file be written anew only where an earlier one of its kind stands, and none where records or keys are.

    :param begins: how every file of its kind begins.
    :param option: the option that named it.
    :raises BadInput: when something else is there, such as the only file of somebody's keys.
    """
    if _among_records(session, path):
        raise BadInput(f"{option}: that is inside the records folder", "name a file somewhere else")
    from cpvol.files import read_start

    try:
        other = read_start(path, len(begins)) != begins
    except FileNotFoundError:
        return
    except OSError:
        other = True
    if other:
        raise BadInput(f"{option}: there is another file of that name", "choose another name")


def free(path: Path) -> Path:
    """The path, or one beside it with a number, such that there is no file yet."""
    found, number = path, 1
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


def _among_records(session: Session, path: Path) -> bool:
    try:
        folder = session.folder
    except CpvolError:
        return False
    return path.parent.resolve().is_relative_to(folder.resolve())


def write_new(path: Path, data: bytes, *, private: bool = True) -> None:
    """Write a file that was not there; one that appears in between is left alone.

    :param private: let nobody else on this computer read it.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags, 0o600 if private else 0o666), "wb") as file:  # noqa: PTH123 - with a mode
            file.write(data)
    except FileExistsError:
        raise BadInput(
            "there is a file of that name already", "choose another name, or move it away"
        ) from None
    except OSError:
        raise BadInput(
            "the file cannot be written there", "check that the folder is there and has room"
        ) from None


def warn_open(session: Session, path: Path, after: str) -> None:
    """Say that a file is not encrypted, and what a file-sync service would do with it.

    :param after: when it is to be deleted, for example ``after use``.
    """
    session.tell(
        "warning: this file is not locked; whoever gets it can read it."
        f" Delete it, and every copy, {after}."
    )
    if is_synced(path.parent):
        session.tell(
            "warning: that folder is kept in step by a file-sync service, which keeps copies of it elsewhere"
        )
