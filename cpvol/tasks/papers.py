"""Files that people ask for and that are not encrypted: where they may be written, and what is said about them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from cpvol.tasks.folders import is_synced
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

_WHERE = "Where shall the file be put?"
_CANNOT = "the file cannot be written there", "check that the folder is there and has room"


class Place:
    """Where a file goes that somebody asked for. One that cannot be is refused; at a terminal, asked for again.

    :param given: what was typed, or ``None``.
    :param refuse: raises :class:`BadInput` for a place that cannot be.
    :param option: the option that names it, or ``""`` where it stands without one.
    :param suggested: the file's name, as it is offered to whoever is asked; ``""`` for a folder.
    :param question: what they are asked.
    :ivar path: the place; another one after :meth:`write`, when the first could not be written.
    :raises BadInput: when there is nobody to ask for another.
    """

    def __init__(
        self,
        session: Session,
        given: str | None,
        refuse: Callable[[Path], None],
        *,
        suggested: str,
        option: str = "",
        question: str = _WHERE,
    ) -> None:
        self._session = session
        self._refuse = refuse
        self._option = option
        self._suggested = suggested
        self._question = question
        self.path = self._settled(given)

    def write(self, write: Callable[[Path], object]) -> Path:
        """Write the file; where it cannot be written, at a terminal, somewhere else.

        :param write: writes it; what it raises as :class:`OSError` or :class:`BadInput` is the place's fault.
        """
        while True:
            try:
                write(self.path)
            except OSError:
                self.path = self._another(BadInput(*_CANNOT))
            except BadInput as error:
                self.path = self._another(error)
            else:
                return self.path

    def put(self, data: bytes, *, private: bool = True) -> Path:
        """Write a file that was not there; see :func:`write_new`."""
        return self.write(lambda path: write_new(path, data, private=private))

    def _settled(self, given: str | None) -> Path:
        if given:
            try:
                return self._usable(given)
            except BadInput as error:
                return self._another(error)
        if not self._session.terminal:
            raise BadInput(
                f"not given: {self._option or 'the file'}",
                f"name a file, for example {self._suggested}",
            )
        return self._asked()

    def _usable(self, text: str) -> Path:
        path = Path(dropped(text)).expanduser()
        self._refuse(path)
        return path

    def _another(self, error: BadInput) -> Path:
        if not self._session.terminal:
            option = f"{self._option}: " if self._option else ""
            raise BadInput(f"{option}{error.problem}", error.hint) from None
        self._session.tell(f"{error.problem[:1].upper()}{error.problem[1:]}; {error.hint}.")
        return self._asked()

    def _asked(self) -> Path:
        from cpvol.tasks.ask import typed

        home = Path.home()
        offered = str(free(home / self._suggested) if self._suggested else home)
        return self._usable(typed(self._question, default=offered, check=self._usable, needed=True))


def new_file(
    session: Session,
    given: str | None,
    endings: Sequence[str] = (),
    *,
    suggested: str,
    option: str = "",
    replace: bool = False,
    question: str = _WHERE,
) -> Place:
    """The place for a file that is not there yet.

    :param endings: how its name may end; any way when there are none.
    :param replace: whether one that is there may be written anew.
    """
    return Place(
        session,
        given,
        lambda path: refuse_unusable(session, path, endings, replace=replace),
        suggested=suggested,
        option=option,
        question=question,
    )


def dropped(text: str) -> str:
    """The file that somebody dragged into the window: some put quotes around it, some a backslash before a blank."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if re.search(r"\\[^\w\\]", text) and not Path(text).exists():
        return re.sub(r"\\(.)", r"\1", text)
    return text


def refuse_unusable(
    session: Session, path: Path, endings: Sequence[str] = (), *, replace: bool = False
) -> None:
    """Refuse a place where a file cannot or must not be written.

    :param replace: whether a file that is there may be written anew.
    :raises BadInput: with what to do about it.
    """
    name = path.name.lower()
    if endings and not any(name.endswith(end) and name != end for end in endings):
        raise BadInput(
            f"the file's name has to end in {' or '.join(endings)}",
            "choose one of the two" if len(endings) > 1 else "name it so",
        )
    # Before anything else is said of what is there: nobody learns by this what the records hold.
    refuse_records(session, path.parent)
    if (path.exists() or path.is_symlink()) and not (
        replace and path.is_file() and not path.is_symlink()
    ):
        raise BadInput(
            "there is a file of that name already", "choose another name, or move it away"
        )
    if not path.absolute().parent.is_dir():
        raise BadInput("that folder is not there", "name a file in a folder that is")
    _try_folder(path.absolute().parent)


def _try_folder(folder: Path) -> None:
    """See whether a file can be written there, before anybody is asked for the rest."""
    from tempfile import TemporaryFile

    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError:
        raise BadInput(*_CANNOT) from None


def refuse_other(session: Session, path: Path, begins: bytes) -> None:
    """Let a file be written anew only where an earlier one of its kind stands, and none where records are.

    :param begins: how every file of its kind begins.
    :raises BadInput: when something else is there, such as the only file of somebody's keys.
    """
    from cpvol.files import read_start

    refuse_records(session, path.parent)
    try:
        other = read_start(path, len(begins)) != begins
    except FileNotFoundError:
        other = False
    except OSError:
        other = True
    if other:
        raise BadInput("there is another file of that name", "choose another name")
    refuse_unusable(session, path, replace=True)


def refuse_records(session: Session, folder: Path) -> None:
    """Refuse to put anything unencrypted among the records, where it would be kept and sent with them.

    :raises BadInput: when the folder is theirs, or lies inside it.
    """
    if any(folder.resolve().is_relative_to(each.resolve()) for each in _records(session)):
        raise BadInput("that is inside the records folder", "name a place somewhere else")


def _records(session: Session) -> list[Path]:
    """The folders where records are, or would be made."""
    found = (session.own_folder, session.new_folder, session.demo_folder)
    return [each for each in found if each is not None]


def free(path: Path) -> Path:
    """The path, or one beside it with a number, such that there is no file yet."""
    found, number = path, 1
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


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
        raise BadInput(*_CANNOT) from None


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
