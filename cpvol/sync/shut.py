"""What somebody else closed to whoever syncs: entries that they could read until now.

No task of ours closes an entry that was open, or closes one to fewer, so this is what a member made with other means,
and whoever loses something by it is told whom to ask. What stood in an open entry before it was closed can still be
read; see :mod:`cpvol.vault.ring`.
"""

from __future__ import annotations

from collections.abc import Iterable

from cpvol.ledger.members import Member
from cpvol.register import Register, uniting
from cpvol.sync.judge import Judged

#: So many entries are named, each in a sentence of its own.
_NAMED = 5


def readable(register: Register, places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of some records that are here and open to this member.

    :param places: (log, id).
    """
    return [place for place in places if register.identity and uniting.held(register.ring, *place)]


def about_the_shut(
    register: Register, judged: Judged, me: Member | None, before: Iterable[tuple[str, str]]
) -> list[str]:
    """A sentence for each entry that came in closed to whoever syncs.

    :param before: (log, id) of what they could read.
    """
    found = [
        (log, id)
        for log, id in before
        if me and me.may_read(log) and uniting.held(register.ring, log, id) is None
    ]
    told = [_sentence(register, judged, *place) for place in found[:_NAMED]]
    if len(found) > _NAMED:
        told.append(f"{len(found) - _NAMED} more entries were closed to you in the same way")
    return told


def _sentence(register: Register, judged: Judged, log: str, id: str) -> str:
    place = f"{log}/{id}"
    by = next(
        step.handle
        for step in reversed(judged.steps)
        if any(each.record == place for each in step.written)
    )
    left = (
        f"what stood in it before can still be read with `show {id}`"
        if register.before_closing(log, id)
        else "only a backup from before still opens it for you"
    )
    return f"{by} closed entry {id} ({log}) to you: ask them why, and tell the others; {left}"
