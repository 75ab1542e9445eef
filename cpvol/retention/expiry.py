"""The clock of each record, and what hangs on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from cpvol.logs import BY_NAME
from cpvol.logs.base import Book, Record
from cpvol.logs.book import Records
from cpvol.policy import Kept, Policy
from cpvol.retention.references import references

_FOR_EVER = date.max


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long one record is kept, once its clock runs.

    :param trigger: what started the clock, in words without personal data.
    :param trigger_on: the day on which it did.
    :param expires_on: the last day on which the record is kept: the anniversary (C27).
    :param rule: the rule's stable name, for example ``retention-training``.
    :param source: the rows of the requirements it comes from.
    :param held: whether a legal hold keeps the record, whatever its clock says.
    """

    log: str
    id: str
    trigger: str
    trigger_on: date
    expires_on: date
    rule: str
    source: tuple[str, ...]
    held: bool

    def due(self, on: date) -> bool:
        """Whether the record's own period has run by that day; what refers to it is not looked at."""
        return on > self.expires_on


def expiry(
    record: Record, book: Book, policy: Policy, holds: AbstractSet[str] = frozenset()
) -> Expiry | None:
    """The clock of one record.

    :param holds: ids of records that a legal hold keeps.
    :returns: ``None`` while the record is open: what starts its clock has not happened, or cannot be known because
        the person is not in the register.
    """
    return _expiry(record, book, policy.keep(BY_NAME[record.log]), holds)


def _expiry(record: Record, book: Book, kept: Kept, holds: AbstractSet[str]) -> Expiry | None:
    trigger = BY_NAME[record.log].trigger(record, book)
    if trigger.on is None:
        return None
    return Expiry(
        log=record.log,
        id=record.id,
        trigger=trigger.what,
        trigger_on=trigger.on,
        expires_on=kept.last_day(trigger.on),
        rule=f"retention-{record.log}",
        source=kept.rows,
        held=record.id in holds,
    )


def due(
    book: Records,
    policy: Policy,
    on: date,
    within: int = 0,
    holds: AbstractSet[str] = frozenset(),
) -> list[Expiry]:
    """The records whose period has run and on which nothing hangs that remains, soonest first.

    Struck-out records fall due by their own clock like any other. A held record is listed as held; what it refers to
    remains with it and is not listed.

    :param within: so many days after ``on`` are looked at too.
    """
    horizon = on + timedelta(days=within)
    return sorted(
        (found for found, last in _last_days(book, policy, holds) if horizon > last),
        key=lambda found: (found.expires_on, found.log, found.id),
    )


def preview(
    book: Records, policy: Policy, on: date, holds: AbstractSet[str] = frozenset()
) -> dict[int, dict[str, int]]:
    """How many records of each log fall due in each year; what is due already counts in the year of ``on``.

    :returns: year to log to number, years ascending, logs as they first stand in the register; open and held records
        are left out.
    """
    years: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(BY_NAME, 0))
    for found, last in _last_days(book, policy, holds):
        if not found.held and last < _FOR_EVER:
            years[max(last + timedelta(days=1), on).year][found.log] += 1
    return dict(sorted(years.items()))


def _last_days(
    book: Records, policy: Policy, holds: AbstractSet[str]
) -> Iterator[tuple[Expiry, date]]:
    """Each record whose clock runs, with the last day on which it, or anything that refers to it, is kept."""
    kept = {name: policy.keep(log) for name, log in BY_NAME.items()}
    clocks = {record.id: _expiry(record, book, kept[record.log], holds) for record in book}
    own = {
        id: _FOR_EVER if found is None or found.held else found.expires_on
        for id, found in clocks.items()
    }
    # From the longest-kept down, so that the first that reaches a record is the last that hangs on it.
    hanging: dict[str, date] = {}
    for start in sorted(own, key=own.__getitem__, reverse=True):
        waiting = [start]
        while waiting:
            record = book.get(waiting.pop())
            for target in references(record) if record else ():
                if target not in hanging:
                    hanging[target] = own[start]
                    waiting.append(target)
    for id, found in clocks.items():
        if found is not None:
            yield found, max(found.expires_on, hanging.get(id, found.expires_on))
