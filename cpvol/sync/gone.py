"""What a sync brought together and never belonged together: an entry, and the disposal of what it is about.

Nobody could know of both: the one was made in a copy that did not know the other yet. Neither is wrong by itself, so
both stand, and whoever syncs is told at once, since nothing else than a check would find the entry.
"""

from __future__ import annotations

from collections.abc import Iterable

from cpvol import disposal
from cpvol.register import Closed, Damaged, Register, UnknownRecord
from cpvol.retention import references

#: So many entries are named; whoever has more is sent to `check`.
_NAMED = 5


def about_the_gone(register: Register, places: Iterable[str]) -> list[str]:
    """A sentence for whoever syncs when entries refer to what was disposed of; nothing when none does.

    :param places: ``log/id`` of the entries that came in or were entered again.
    """
    done = (each.certificate for each in disposal.everything(register))
    gone = {place.partition("/")[2] for each in done if each for place in each.entries}
    if not gone:
        return []
    found = [place for place in dict.fromkeys(places) if _refers(register, place, gone)]
    if not found:
        return []
    named = ", ".join(" ".join(place.split("/")) for place in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    subject = f"entry {named} is" if len(found) == 1 else f"entries {named}{more} are"
    told = f"{subject} about somebody or something that was destroyed already"
    return [f"{told}; look with `show`, then correct it with `amend` or strike it out with `void`"]


def _refers(register: Register, place: str, gone: set[str]) -> bool:
    log, _, id = place.partition("/")
    try:
        record = register.record(log, id)
    except (Closed, Damaged, UnknownRecord):
        # Whoever may read it is told by their own sync; and it may have been destroyed since.
        return False
    return not record.voided and not gone.isdisjoint(references(record))
