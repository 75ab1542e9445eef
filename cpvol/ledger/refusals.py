"""That a change was refused for what only some can see: an entry that nobody can read, or one without its key.

Whoever reads a log can tell, and their sync takes in nothing from there on; whoever does not read it cannot, and may
have taken the change. A commit of its own, which changes nothing, lets them know::

    members: refuse <id of the first commit that is refused>

    Action: refuse
"""

from __future__ import annotations

import re

from cpvol.ledger.commits import Message

ACTION = "refuse"
_SUBJECT = re.compile(r"members: refuse ([0-9a-f]{40})")


def subject(oid: str) -> str:
    """The first line that names a refused commit."""
    return f"members: {ACTION} {oid}"


def refused(message: Message) -> str:
    """The id of the commit that a message says was refused; empty when it says nothing of the kind."""
    match = _SUBJECT.fullmatch(message.subject) if message.action == ACTION else None
    return match[1] if match else ""
