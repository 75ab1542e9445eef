"""What became of every credential that could read an entry before it was destroyed, told from the chain alone.

Nobody can know whether an old copy of the keys was kept somewhere. What the chain knows is who could have kept one, and
whether the credential that would open it is still in use.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise

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


class Reckoning:
    """Who could read what, for as many disposals as there are.

    :param lists: every list of members there was, oldest first.
    :param given: keys that were given to somebody outside.
    """

    def __init__(self, lists: Sequence[Listed], given: Sequence[Grant]) -> None:
        self._lists, self._given = lists, given
        self._fates = _fates(lists)
        self._read: dict[tuple[int, str], dict[str, str]] = {}

    def holders(self, lives: Sequence[Life]) -> list[Holder]:
        """Every credential that could read one of the entries, and what became of it."""
        could: dict[str, str] = {}
        for log in sorted({life.log for life in lives}):
            own = _Lives([life for life in lives if life.log == log])
            for number in _in_force(self._lists, own):
                could |= self._readers(number, log)
        found = {
            self._fates.get(key, Holder(handle, "in use", None)) for key, handle in could.items()
        }
        found |= {
            Holder(f"{grant.to[:12]}…", "given", date.fromisoformat(grant.on))
            for grant in self._given
            if any(_covers(grant, life) for life in lives)
        }
        return sorted(found, key=lambda holder: (holder.handle, holder.on or date.max))

    def _readers(self, number: int, log: str) -> dict[str, str]:
        if (number, log) not in self._read:
            self._read[number, log] = _readers(self._lists[number].members, log)
        return self._read[number, log]


class _Lives:
    """Entries of one log, asked at once whether any of them was there: somebody may have made very many to compare."""

    def __init__(self, lives: Sequence[Life]) -> None:
        by_birth = sorted((e.written[0][0] if e.written else e.gone, e.gone) for e in lives)
        self._born = [born for born, _ in by_birth]
        self._last_gone = list(accumulate((gone for _, gone in by_birth), max))
        by_end = sorted((e.gone, e.ended) for e in lives)
        self._gone = [gone for gone, _ in by_end]
        self._last_ended = list(accumulate((ended for _, ended in by_end), max))

    def during(self, start: int, end: int | None) -> bool:
        """Whether one was there after a change and before another took the place of what it brought."""
        count = len(self._born) if end is None else bisect_left(self._born, end)
        return count > 0 and self._last_gone[count - 1] > start

    def ended_after(self, place: int, moment: int) -> bool:
        """Whether one that was gone before a change was destroyed at a moment or later."""
        count = bisect_left(self._gone, place)
        return count > 0 and self._last_ended[count - 1] >= moment


def strongest(found: Iterable[Holder]) -> bool:
    """Whether the chain supports the strongest words there are."""
    return all(holder.state == "replaced" for holder in found)


def verdict(found: Iterable[Holder]) -> str:
    """The strongest thing that can be said."""
    return STRONGEST if strongest(found) else WEAKER


def _in_force(lists: Sequence[Listed], lives: _Lives) -> Iterator[int]:
    """The numbers of the lists of members for which the keyring held a key of one of the entries, somewhere.

    New keys that were made in a copy which did not know of the disposal yet opened that copy's keyring too, although
    they take their place in the chain after it.
    """
    for number, listed in enumerate(lists):
        end = lists[number + 1].place if number + 1 < len(lists) else None
        if lives.during(listed.place, end) or lives.ended_after(listed.place, listed.entered):
            yield number


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
