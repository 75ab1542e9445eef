"""What became of every credential that could read an entry before it was destroyed, told from the chain alone.

Nobody can know whether an old copy of the keys was kept somewhere. What the chain knows is who could have kept one, and
whether the credential that would open it is still in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from cpvol.ledger.grants import Grant
from cpvol.ledger.members import RECOVERY, Members

STRONGEST = (
    "no current credential opens any copy; the destruction of old ones is declared by their holders"
)
WEAKER = (
    "some credentials that could read these entries are still in use, left with what they had,"
    " or are outside"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of members, and the change that put it in force.

    :param place: which change of the chain that was; the first is 1.
    :param entered: when it was made; earlier than ``accepted`` when it was made offline.
    :param accepted: when it took its place in the chain.
    """

    place: int
    entered: int
    accepted: int
    members: Members


@dataclass(frozen=True, slots=True)
class Life:
    """One entry, from the change that brought it to the one that destroyed it.

    :param record: ``log/id``.
    :param written: the place of each change that wrote a version of it, and when that was accepted.
    :param gone: the place of the change that destroyed it.
    :param ended: when that was accepted.
    """

    record: str
    written: tuple[tuple[int, int], ...]
    gone: int
    ended: int

    @property
    def log(self) -> str:
        """The log's name."""
        return self.record.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Holder:
    """One credential that could open an entry between its making and its disposal.

    :param handle: whose it is; ``recovery`` for a recovery page.
    :param state: ``in use``, ``replaced``, ``left``, or ``given`` for a key outside that keys were given to.
    :param on: since when, for all but the first.
    """

    handle: str
    state: str
    on: date | None

    @property
    def words(self) -> str:
        """What can be said about old copies that this credential would open."""
        who = "recovery page" if self.handle == RECOVERY else self.handle
        if self.state == "replaced":
            return f"{who}: the keys of that time were replaced on {self.on:%d/%m/%Y}"
        if self.state == "given":
            return (
                f"somebody outside ({who}): given on {self.on:%d/%m/%Y}, which cannot be taken back"
            )
        if self.state == "left":
            return f"{who}: left on {self.on:%d/%m/%Y}; what they kept cannot be known"
        return (
            f"{who}: the keys of that time are still in use, and open an old copy if there is one"
        )


def holders(lists: Sequence[Listed], lives: Sequence[Life], given: Iterable[Grant]) -> list[Holder]:
    """Every credential that could read one of the entries, and what became of it.

    :param lists: every list of members there was, oldest first.
    :param given: keys that were given to somebody outside.
    """
    fate = _fates(lists)
    could: dict[str, str] = {}
    for life in lives:
        for listed in _in_force(lists, life):
            could |= _readers(listed.members, life.log)
    found = {fate.get(key, Holder(handle, "in use", None)) for key, handle in could.items()}
    found |= {
        Holder(f"{grant.to[:12]}…", "given", date.fromisoformat(grant.on))
        for grant in given
        if any(_covers(grant, life) for life in lives)
    }
    return sorted(found, key=lambda holder: (holder.handle, holder.on or date.max))


def strongest(found: Iterable[Holder]) -> bool:
    """Whether the chain supports the strongest words there are."""
    return all(holder.state == "replaced" for holder in found)


def verdict(found: Iterable[Holder]) -> str:
    """The strongest thing that can be said."""
    return STRONGEST if strongest(found) else WEAKER


def _in_force(lists: Sequence[Listed], life: Life) -> Iterator[Listed]:
    """The lists of members for which the keyring held a key of the entry, somewhere.

    New keys that were made in a copy which did not know of the disposal yet opened that copy's keyring too, although
    they take their place in the chain after it.
    """
    born = life.written[0][0] if life.written else life.gone
    for number, listed in enumerate(lists):
        end = lists[number + 1].place if number + 1 < len(lists) else None
        during = listed.place < life.gone and (end is None or end > born)
        if during or (listed.place > life.gone and listed.entered <= life.ended):
            yield listed


def _covers(grant: Grant, life: Life) -> bool:
    """Whether somebody outside was given the key of a version, before the entry was destroyed."""
    return any(
        place <= grant.changes < life.gone and grant.scope.covers(life.record, accepted)
        for place, accepted in life.written
    )


def _readers(everyone: Members, log: str) -> dict[str, str]:
    found = {m.keys.age: m.handle for m in everyone.members if m.may_read(log)}
    return found | {everyone.recovery.age: RECOVERY}


def _fates(lists: Sequence[Listed]) -> Mapping[str, Holder]:
    """What became of every age key that is no longer in use."""
    fate: dict[str, Holder] = {}
    for before, now in pairwise(lists):
        day = datetime.fromtimestamp(now.accepted, UTC).date()
        for key, holder in _changes(before.members, now.members, day):
            fate.setdefault(key, holder)
    return fate


def _changes(before: Members, now: Members, day: date) -> Iterator[tuple[str, Holder]]:
    for old in before.members:
        new = now.get(old.handle)
        if new is not None and new.keys.age != old.keys.age:
            yield old.keys.age, Holder(old.handle, "replaced", day)
        elif new is not None and old.present and not new.present:
            yield old.keys.age, Holder(old.handle, "left", day)
    if before.recovery.age != now.recovery.age:
        yield before.recovery.age, Holder(RECOVERY, "replaced", day)
