"""A folder in which git is run although somebody else may have written its settings: a shared drive, a stick.

Git obeys a repository's own configuration, and much of it starts programs: filters when files are put out, a remote that
fetches what is missing, and whatever a later git adds. So it is not searched for what is known to be harmful. It may hold
what :data:`HARMLESS` names and nothing else, and is read as a file, by a git that stands elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.files import read_start
from cpvol.ledger.git import Git, GitFailed

#: Settings that only say how the folder keeps its data, and whom it takes changes from.
HARMLESS = re.compile(
    r"core\.(repositoryformatversion|filemode|bare|ignorecase|precomposeunicode|symlinks|sharedrepository"
    r"|logallrefupdates|compression|loosecompression|fsync|fsyncmethod|fsyncobjectfiles|autocrlf|eol|safecrlf"
    r"|protecthfs|protectntfs|longpaths|bigfilethreshold)"
    r"|receive\.(denynonfastforwards|denydeletes|fsckobjects|unpacklimit|autogc|maxinputsize|advertiseatomic)"
    r"|transfer\.(fsckobjects|unpacklimit|hiderefs)|fetch\.(fsckobjects|unpacklimit)"
    r"|(gc|pack|repack|user|init)\.[a-z]+"
    r"|http\.(receivepack|uploadpack)|remote\..*\.(url|fetch|mirror)|branch\..*\.(remote|merge)"
)

_BUNDLE = re.compile(rb"# v[23] git bundle\n")
# Two branches are named at its beginning; whoever made it with git may have put in more.
_HEAD_BYTES = 1 << 20


class StrangeSettings(CpvolError):
    """The folder's settings go beyond those of a plain meeting place."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the meeting place has settings that could start programs on this computer ({what})",
            "do not use it like this; ask whoever looks after it to take them out, or `share` a new folder",
        )


def check_folder(git: Git, folder: Path) -> None:
    """Refuse a folder whose settings could make git do more than keep data.

    :param git: these records, where git stands while it reads.
    :raises StrangeSettings: naming what was found.
    """
    if folder.is_file() and is_pointer(folder):
        raise StrangeSettings("the file leads elsewhere")
    for place in _places(folder):
        if place.is_file():
            raise StrangeSettings(f"{place.name} leads elsewhere")
        for name in ("commondir", "config.worktree", "gitdir"):
            if (place / name).exists():
                raise StrangeSettings(name)
        if (place / "config").exists():
            for key in _keys(git, place / "config"):
                if not HARMLESS.fullmatch(key):
                    plain = re.fullmatch(r"[a-z0-9.-]{1,60}", key)
                    raise StrangeSettings(key if plain else "a setting of no usual name")


def is_pointer(file: Path) -> bool:
    """Whether a file that should be a copy of records only names a place where git would look instead."""
    try:
        with file.open("rb") as opened:
            return opened.read(16).lstrip().startswith(b"gitdir:")
    except OSError:
        return False


def leads_elsewhere(folder: Path) -> bool:
    """Whether a folder's references and objects are those of another place, as in one of git's further work trees."""
    return any((place / "commondir").exists() for place in (folder / ".git", folder))


def is_bundle(file: Path) -> bool:
    """Whether a file begins as records in one file do: of anything else git would read any length, for a first line."""
    try:
        head = read_start(file, _HEAD_BYTES)
    except OSError:
        return False
    return _BUNDLE.match(head) is not None and b"\n\n" in head


def _places(folder: Path) -> Iterator[Path]:
    """Wherever git would look for a repository, given that folder."""
    beside = folder.with_name(folder.name + ".git")
    for each in (folder / ".git", beside / ".git", beside):
        if each.exists() or each.is_symlink():
            yield each
    if folder.is_dir():
        yield folder


def _keys(git: Git, config: Path) -> list[str]:
    try:
        said = git.run(
            *("config", "--file", str(config), "--no-includes", "--name-only", "-z", "--list")
        )
    except GitFailed:
        raise StrangeSettings("they cannot be read") from None
    return [key for key in said.decode(errors="replace").split("\0") if key]
