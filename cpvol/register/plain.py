"""Entries in plain text for ``git log -p`` and ``git diff``, for a member who asked for it.

git hands over one sealed version in a file of its own, and shows what is printed for it. Its setting lies in the
repository's own configuration, which no copy of the repository takes along::

    diff.cpvol.textconv         the program; absent while it is off
    diff.cpvol.cachetextconv    false: git must never keep what was opened
"""

from __future__ import annotations

import re

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger import transaction
from cpvol.ledger.git import Git
from cpvol.register import uniting
from cpvol.register.errors import Closed
from cpvol.register.writing import Register

_PROGRAM = "diff.cpvol.textconv"
_CACHE = "diff.cpvol.cachetextconv"
#: Where git keeps what it was allowed to keep.
_KEPT = "refs/notes/textconv/cpvol"
_NAME = re.compile(r"([0-9a-hjkmnp-tv-z]{10})\.yaml\.age\Z")


def switch(register: Register, program: str | None) -> None:
    """Have git show entries in plain text from now on, or no longer.

    :param program: the command that git's shell runs with a file's name behind it; ``None`` switches it off.
    """
    with transaction.locked(register.git):
        register.git.set_setting(_CACHE, "false")
        register.git.set_setting(_PROGRAM, program)
        forget_kept(register.git)


def forget_kept(git: Git) -> bool:
    """Delete what git kept of opened entries, and have it keep no more.

    :returns: whether there was any, or it would have kept some.
    """
    kept = git.find(_KEPT) is not None
    if kept:
        listed = git.run("rev-list", "--objects", _KEPT).decode("ascii", "replace")
        git.drop_ref(_KEPT)
        transaction.forget(git, [line.split(" ")[0] for line in listed.splitlines()])
    allowed = git.setting(_CACHE) not in (None, "false")
    if allowed:
        git.set_setting(_CACHE, "false")
    return kept or allowed


def shown(register: Register, name: str, sealed: bytes) -> str:
    """What one sealed file says, or in brackets why that cannot be shown.

    :param name: the name of the file; git keeps its last part when it makes a copy.
    """
    match = _NAME.search(name)
    if match is None:
        return "(a file of keys, which is never shown)\n"
    id = match[1]
    log = next((log for log, each in register.ids() if each == id), None)
    if log is None:
        return f"({id} was destroyed, or is not in these records)\n"
    try:
        record = uniting.version(log, id, sealed, register.ring)
    except Closed:
        return f"({id} is closed to you)\n"
    except CpvolError:
        return f"(none of your keys opens this version of {id})\n"
    return codec.encode(record.content()).decode()
