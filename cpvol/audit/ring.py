"""Point 8, as far as it goes without a key: the keyring that lies here is the one that the tip names.

The keyring branch is one commit without parent, date or signature; what binds it is ``Keyring-SHA256`` in the tip of
main: the SHA-256 of the lines ``<sha256> <name>``, sorted by bytes, each ending in LF.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cpvol.audit import sealed
from cpvol.audit.problem import Problem
from cpvol.audit.verify import State
from cpvol.findings import Severity
from cpvol.ledger import commits
from cpvol.ledger.git import KEYRING, Git, GitFailed, MissingObject
from cpvol.ledger.members import Members
from cpvol.ledger.objects import FILE, DamagedObject, Tree, decode_tree
from cpvol.ledger.stream import Stream, TooLarge

_NAME = re.compile(
    r"(?P<log>[a-z]{2,20})(?:-(?P<part>[0-9a-hjkmnp-tv-z]|[0-9a-hjkmnp-tv-z]{10}))?"
    r"\.(?P<version>[1-9][0-9]{0,8})\.age\Z"
)
#: Characters that the number of a record has.
_ID = 10
_TREE = re.compile(rb"tree ([0-9a-f]{40})\n")
#: More files than a keyring has in any use, and more bytes: a hundred thousand keys take eight million.
MAX_FILES, MAX_BYTES = 20_000, 96 << 20


#: The one finding that a copy made in good faith has as well: git copies the branch that is checked out, and no other.
_NO_RING = (
    "The keyring is not here, so nothing opens. A plain git clone leaves it behind: ask for the folder itself, a backup,"
    " or the address."
)


@dataclass(frozen=True, slots=True)
class RingFile:
    """One keyring file.

    :param part: the first character of the ids in it, or the id of the one record in it, or ``""``.
    :param data: the sealed bytes.
    """

    name: str
    log: str
    part: str
    version: int
    data: bytes


def read(git: Git, state: State) -> tuple[list[RingFile], list[Problem]]:
    """The keyring files, and what is wrong with them.

    :param state: where the walk along main ended.
    :returns: no files when they are not those that main names.
    """
    try:
        tip = git.run("rev-parse", "--verify", "--quiet", KEYRING).decode("ascii").strip()
    except GitFailed:
        return [], [_breach("keyring-missing", _NO_RING)]
    try:
        with Stream(git) as stream:
            files = _files(stream, _tree(stream, tip))
    except _NotInForm as odd:
        return [], [_breach("keyring-form", f"The keyring {odd}.")]
    except TooLarge:
        return [], [_breach("keyring-form", "The keyring holds something larger than it can be.")]
    except (MissingObject, DamagedObject):
        return [], [_breach("keyring-missing", "Part of the keyring is missing or damaged.")]
    lines = sorted(f"{hashlib.sha256(f.data).hexdigest()} {f.name}\n".encode() for f in files)
    named = commits.decode(state.data).message.keyring
    if hashlib.sha256(b"".join(lines)).hexdigest() != named:
        words = (
            "The keyring is not the one that the newest change names: it is old, or was changed."
        )
        return [], [_breach("keyring-digest", words)]
    return files, [problem for file in files for problem in _of_file(file, state)]


class _NotInForm(Exception):
    """The keyring is not in its one form; the message ends a sentence."""


def _tree(stream: Stream, tip: str) -> Tree:
    (found,) = stream.read([tip])
    match = _TREE.match(found.data)
    if match is None or commits.keyring_commit(match[1].decode()).oid != found.oid:
        raise _NotInForm("has a branch that is not in its one form")
    (tree,) = stream.read([match[1].decode()])
    return decode_tree(tree.data)


def _files(stream: Stream, tree: Tree) -> list[RingFile]:
    names = {name: _NAME.match(name) for name in tree}
    if not all(names.values()) or any(entry.mode != FILE for entry in tree.values()):
        raise _NotInForm("holds something that is no keyring file")
    if len(tree) > MAX_FILES:
        raise _NotInForm("holds more files than it can have")
    found, room = [], MAX_BYTES
    blobs = stream.read([entry.oid for entry in tree.values()])
    for (name, match), blob in zip(names.items(), blobs, strict=True):
        room -= len(blob.data)
        if room < 0:
            raise _NotInForm("is larger than it can be")
        if match is not None:
            version = int(match["version"])
            found.append(RingFile(name, match["log"], match["part"] or "", version, blob.data))
    return found


def _of_file(file: RingFile, state: State) -> Iterator[Problem]:
    now = state.members
    head = sealed.head_of(file.data)
    if head is None or len(file.data) > sealed.MAX_KEYRING:
        yield _breach("keyring-form", f"The keyring file {file.name} is not in its one form.")
        return
    if now is None or file.version > now.version:
        yield _breach("keyring-version", f"The keyring file {file.name} is from the future.")
        return
    then = state.versions.get(file.version)
    if then is None:
        return
    allowed = len(then.readers(file.log))
    if head.readers > allowed:
        yield _breach(
            "keyring-readers",
            f"The keyring file {file.name} opens with {head.readers} keys, and only {allowed} may.",
        )
    elif len(file.part) == _ID and head.readers < 2:
        yield Problem(
            "",
            "keyring-alone",
            f"The keyring file {file.name} opens with one key alone, so with that of a reader or of the"
            " recovery page and not with both.",
            0,
            Severity.WARNING,
        )
    elif head.readers < allowed and len(file.part) != _ID:
        yield Problem(
            "",
            "keyring-waiting",
            f"The keyring file {file.name} waits to be opened to {allowed - head.readers} more.",
            0,
            Severity.NOTE,
        )
    if gone := _gone(then, now, file.log):
        yield Problem(
            "",
            "keyring-stale",
            f"The keyring file {file.name} may still open for {', '.join(gone)}, who should not read"
            f" the log {file.log} any more.",
            0,
            Severity.WARNING,
        )


def _gone(then: Members, now: Members, log: str) -> list[str]:
    """Those whose keys read a log then and do not now."""
    reading = now.readers(log)
    gone = [m.handle for m in then.members if m.may_read(log) and m.keys.age not in reading]
    return gone + (["the former recovery page"] if then.recovery.age not in reading else [])


def _breach(rule: str, message: str) -> Problem:
    return Problem("", rule, message, 8)
