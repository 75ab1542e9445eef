"""A fresh copy of a repository that nobody trusts: fetched as a stranger would, into a place where nothing of it runs.

What comes over is objects and two references. Its configuration, hooks, attributes, replaced objects, grafts, index and
working files stay where they are. The stored objects of an ordinary folder are taken over as bytes, so that git does not
run in it at all (``cpvol/ledger/takeover.py``); anything else, and a folder in which something is out of the ordinary or
that git then refuses, is read through git's own wire protocol, which says best what is wrong. Either way the copy's own
git computes the id of every object anew and checks its form (fsck). Time and room are bounded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.files import read_start, remove_folder
from cpvol.ledger import bounded, outside, takeover
from cpvol.ledger.foreign import is_bundle, is_pointer
from cpvol.ledger.git import KEYRING, MAIN, Git, network_environment
from cpvol.ledger.outside import Bounds

#: Beyond these a copy is given up. The largest repository this format was made for is a tenth of that.
MAX_BYTES = 8 << 30
MAX_SECONDS = 1800

_MESSAGE = re.compile(r"\b(?:object [0-9a-f]{40}|[0-9a-f]{40}): ([A-Za-z]{3,40}):")
_ADDRESS = re.compile(r"(?:https?|ssh)://|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:")
_SETTINGS: Mapping[str, str] = {
    "fetch.fsckObjects": "true",
    "transfer.fsckObjects": "true",
    # Otherwise a mere remark; what compares folders relies on it.
    "fetch.fsck.badFilemode": "error",
    # One pack, whatever its size; and what is large is checked without being taken into memory.
    "fetch.unpackLimit": "1",
    # The copy is thrown away: it need not survive a power cut.
    "core.fsync": "none",
    "core.bigFileThreshold": "16m",
    "core.deltaBaseCacheLimit": "32m",
    # A pack is looked at through a window, not taken into memory whole.
    "core.packedGitWindowSize": "16m",
    "core.packedGitLimit": "64m",
    "fetch.writeCommitGraph": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.showForcedUpdates": "false",
    "http.followRedirects": "initial",
}


_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head"),
    *("--no-recurse-submodules", "--"),
)


class CannotCopy(CpvolError):
    """The repository could not be fetched at all."""


class Refused(CpvolError):
    """git's own checks refuse what the repository holds: a finding about it, not about this computer.

    :param rule: git's name for what it found, or ``""``.
    """

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(problem, "do not trust this copy; ask for another")
        self.rule = rule


def quarantine(
    source: str,
    into: Path,
    *,
    most_bytes: int = MAX_BYTES,
    seconds: float = MAX_SECONDS,
    most_memory: int = bounded.MAX_MEMORY,
) -> Git:
    """Fetch main and the keyring of a repository.

    :param source: a folder, a bundle file, or an address that begins with https:, http: or ssh:.
    :param into: an empty folder for the copy.
    :param most_memory: bytes that git may take for it, where the system lets that be bounded.
    :raises CannotCopy: when there is none, or it takes too much time or room.
    :raises Refused: when git refuses what it holds.
    """
    where, local = _source(source), not _ADDRESS.match(source)
    git = Git(into)
    bounds = Bounds(seconds, into, room=most_bytes, memory=most_memory)
    if not local:
        _fetch(git, where, _environment(git.dir, None), bounds)
        return git
    _refuse_traps(Path(where))
    config = into / "config"
    # Settings for the process that reads the folder, to which our environment is not handed on. That a folder may belong
    # to another user is taken from a file alone, and such a folder is what an auditor is given.
    config.write_bytes(
        b"[safe]\n\tdirectory = *\n[core]\n\tcommitGraph = false\n\tpackedGitWindowSize = 16m\n"
        b"\tpackedGitLimit = 64m\n[pack]\n\twindow = 0\n"
    )
    ours = _environment(git.dir, config)
    try:
        _take_over(git, Path(where), ours, bounds)
    except _GivenUp:
        raise
    except (takeover.Unusual, CpvolError, OSError):
        remove_folder(git.dir)
        try:
            _fetch(git, where, ours, bounds)
        except _NoReason:
            # There is no network in between that could be to blame.
            raise Refused("damaged", _DAMAGED) from None
    return git


def _take_over(git: Git, folder: Path, ours: Mapping[str, str], bounds: Bounds) -> None:
    """Take the objects over as bytes, and have the copy's git check each.

    :raises Unusual: when the folder is to be read by git, which :class:`CpvolError` and :class:`OSError` call for too.
    """
    place = folder / ".git" if (folder / ".git").is_dir() else folder
    if not place.is_dir():
        raise takeover.Unusual
    found = takeover.look(place, _look(place / "config"), bounds.room)
    clean = {name: value for name, value in ours.items() if name != "GIT_DIR"}
    words = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main"]
    _run([*words, "--", str(git.dir)], clean, git.folder, bounds)
    pack = git.dir / "objects" / "pack" / "pack-taken.pack"
    takeover.write(found, pack)
    _run(["index-pack", "--strict=badFilemode=error", str(pack)], ours, git.folder, bounds)
    git.set_refs([(name, oid, None) for name, oid in found.refs.items()])


def _fetch(git: Git, where: str, ours: Mapping[str, str], bounds: Bounds) -> None:
    """Fetch both branches through git's wire protocol."""
    # Of git's ways to take a copy over, this one follows every reference while it unpacks, and not once more after it.
    words = [
        "clone",
        "--quiet",
        "--bare",
        "--no-local",
        "--no-tags",
        "--template=",
        "--reject-shallow",
    ]
    branch = MAIN.removeprefix("refs/heads/")
    clean = {name: value for name, value in ours.items() if name != "GIT_DIR"}
    _run(
        [*words, "--single-branch", "--branch", branch, "--", where, str(git.dir)],
        clean,
        git.folder,
        bounds,
    )
    with suppress(_NotThere):
        _run([*_FETCH, where, f"+{KEYRING}:{KEYRING}"], ours, git.folder, bounds)


def _source(given: str) -> str:
    if _ADDRESS.match(given):
        return given
    path = _path(given)
    if not path.exists():
        raise CannotCopy("there is no such folder", "name the folder that holds the records")
    if not os.access(path, os.R_OK):
        raise CannotCopy("you may not read what is there", "ask whoever gave it to you to let you")
    if path.is_file() and is_pointer(path):
        raise CannotCopy(
            "the file holds no records, it names another place",
            "ask for the folder or the copy itself",
        )
    if not path.is_dir() and not is_bundle(path):
        raise CannotCopy("that place holds no records", "name the folder that holds them")
    # Absolute, so that it is never read as an option or as another computer's name.
    return str(path.resolve())


def _path(given: str) -> Path:
    """A folder or a file, which may be written as an address of this computer."""
    if not given.lower().startswith("file://"):
        return Path(given)
    host, _, way = given[len("file://") :].partition("/")
    if host not in ("", "localhost"):
        raise CannotCopy("that address is on another computer", "name a folder of this one")
    from urllib.request import url2pathname

    return Path(url2pathname(f"/{way}"))


def _environment(git_dir: Path, config: Path | None) -> dict[str, str]:
    """What git runs in; ``config`` is the file that stands for the user's settings when a folder is read."""
    if config is None:
        made = network_environment(git_dir, _SETTINGS, prompt=False, config=None)
        return made | {"GIT_ALLOW_PROTOCOL": "https:http:ssh"}
    made = network_environment(git_dir, _SETTINGS, prompt=False, config=config)
    return made | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
        # What the folder says is elsewhere is not fetched from there, by whatever program it names.
        "GIT_NO_LAZY_FETCH": "1",
    }


def _refuse_traps(folder: Path) -> None:
    """Refuse a folder in which git would wait for ever, or read what lies elsewhere.

    A pipe or a device in the place of a file never ends; settings may name one anywhere; and a file in the place of the
    repository's own folder leads to another.

    :raises Refused: when there is such a thing.
    """
    if (folder / ".git").is_file():
        raise Refused("elsewhere", "that folder only says where its records are")
    place = folder / ".git" if (folder / ".git").is_dir() else folder
    if not (place / "HEAD").exists() or not place.is_dir():
        # Nothing that git would read as a repository; a bundle file, say.
        return
    for name in ("config", "config.worktree"):
        if _INCLUDE.search(_look(place / name)):
            raise Refused("includes", "the settings of that folder name other files to be read")
    waiting = [str(place)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    # Its programs are not looked at: nothing of git's that reads a folder runs them.
                    waiting += [entry.path] if entry.name != "hooks" else []
                elif not entry.is_file(follow_symlinks=False):
                    raise Refused("no-file", "that folder holds something that is no file")


class _NotThere(CannotCopy):
    """The repository has no such branch."""


class _NoReason(CannotCopy):
    """git ended and said nothing that we know."""


class _GivenUp(CannotCopy):
    """Copying takes too much time or room."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"copying these records takes too much {what}",
            "they may be made to; ask where they come from",
        )


def _run(words: list[str], ours: Mapping[str, str], into: Path, bounds: Bounds) -> None:
    try:
        status, _, said = outside.run(words, ours, into, bounds)
    except outside.TooLong:
        raise _GivenUp("time") from None
    except outside.TooMuch:
        raise _GivenUp("room") from None
    if status != 0:
        raise _reason(said)


_DAMAGED = "part of these records is missing or damaged"
_REFUSALS = (
    ("is shallow", "shallow", "these records are cut off: their beginning is missing"),
    (
        "out of memory|[mc]alloc failed|mmap failed",
        "memory",
        "these records hold something too large to be theirs",
    ),
)


def _reason(said: str) -> CpvolError:
    """Why git ended, in our words: nothing of what it repeats from the repository is shown."""
    # This alone is said of a host that does not answer or does not let anybody in.
    text = said.lower().replace("could not read from remote repository", "")
    if "couldn't find remote ref" in text or "remote branch main not found" in text:
        return _NotThere(
            "that place has no records: there is no branch main",
            "name the folder that holds them; if somebody renamed the branch, ask why",
        )
    if re.search("not appear to be a git repo|not a git repo|repository .* does not exist", text):
        return CannotCopy("that place holds no records", "name the folder that holds them")
    for pattern, rule, problem in _REFUSALS:
        if re.search(pattern, text):
            return Refused(rule, problem)
    if match := _MESSAGE.search(said):
        return Refused(match[1], f"git itself refuses what these records hold ({match[1]})")
    if any(
        word in text
        for word in (
            "fsck",
            "corrupt",
            "missing",
            "did not send all",
            "bad object",
            "bad tree",
            "inflate",
            "loose object",
            "packfile",
            "unable to read",
            "could not read",
            "hash mismatch",
            "pack-objects died",
            "invalid",
            "not a valid object",
            "non-commit object",
            "unpack",
        )
    ):
        return Refused("damaged", _DAMAGED)
    return _NoReason(
        "the records could not be copied from there", "check the folder or address, and the network"
    )


_PROGRAMS = re.compile(
    rb"fsmonitor|sshcommand|askpass|textconv|external|hookspath|program|pager|editor|command"
    rb"|\bclean\b|\bsmudge\b|\bprocess\b|helper|packobjectshook|uploadpack|receivepack|alias",
    re.IGNORECASE,
)
_INCLUDE = re.compile(rb"\[\s*include", re.IGNORECASE)
_LOOK_BYTES = 1 << 20


def oddities(source: str) -> list[str]:
    """What a folder holds that would steer git, told without running git in it.

    :returns: of ``grafts``, ``replace``, ``alternates``, ``hooks``, ``config``; none of an address.
    """
    folder = Path(source)
    place = folder / ".git" if (folder / ".git").is_dir() else folder
    if not place.is_dir():
        return []
    hooks = place / "hooks"
    looks = {
        "grafts": (place / "info" / "grafts").is_file(),
        "replace": (place / "refs" / "replace").is_dir()
        or b" refs/replace/" in _look(place / "packed-refs"),
        "alternates": any(
            (place / "objects" / "info" / name).is_file()
            for name in ("alternates", "http-alternates")
        ),
        "hooks": hooks.is_dir()
        and any(each.suffix != ".sample" and each.is_file() for each in hooks.iterdir()),
        "config": _PROGRAMS.search(_look(place / "config")) is not None,
    }
    return [name for name, there in looks.items() if there]


def _look(path: Path) -> bytes:
    try:
        return read_start(path, _LOOK_BYTES)
    except OSError:
        return b""
