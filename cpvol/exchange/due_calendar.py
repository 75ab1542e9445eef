"""Due dates as a calendar that other programs read (iCalendar, RFC 5545), and that updates when it is written again.

A due date keeps its UID for as long as it is due, so a calendar program knows it again. What changed since the file was
written last gets a higher SEQUENCE and a new DTSTAMP; what did not keeps both; what is no longer due is cancelled, and
leaves the file some time later. All of that is told from the file itself, so nothing about it is kept anywhere else, and
the same due dates on the same day over the same file give the same bytes.

Each event::

    UID        <SHA-256 of records, rule, log, entry; 32 characters>@cpvol.invalid
    DTSTART    the last day on which it is in time, a whole day
    SUMMARY    what is to be done; a name only when names were asked for
    VALARM     for what is ours to do, as many days before as the policy says, in the morning
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cpvol.compliance import Due
from cpvol.compliance.explain import RULES
from cpvol.errors import CpvolError

if TYPE_CHECKING:
    from icalendar import Calendar, Event

_PRODUCT = "-//cpvol//due dates//EN"
#: By this the file is known again as the calendar of these records.
_MARK = "X-CPVOL-RECORDS"
#: The entry that an event is about, its log first.
_ENTRY = "X-CPVOL-ENTRY"
_UID = re.compile(r"[0-9a-f]{32}@cpvol\.invalid")
#: A calendar of ten thousand events has half of this.
MOST_BYTES = 10_000_000
#: Alarms ring at nine: somebody is up, and the day is still ahead.
_MORNING = timedelta(hours=9)
#: A cancelled event stays in the file for this long, so that whoever opens it now and then hears of it.
_GONE_AFTER = timedelta(days=90)
#: Sequences count from this day on, so that a file that is written anew is never behind one that was lost.
_FIRST_DAY = date(2000, 1, 1)


class NotThisCalendar(CpvolError):
    """A file that is there already and is no calendar of these records."""

    def __init__(self) -> None:
        super().__init__(
            "the file that is there is no calendar of these records",
            "choose another name, or move that file away",
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One due date, and the name that goes with it when names were asked for."""

    due: Due
    who: str = ""


@dataclass(slots=True)
class Made:
    """A calendar, and how many of its events are new, changed and cancelled since it was written last."""

    data: bytes = b""
    counts: dict[str, int] = field(
        default_factory=lambda: {"events": 0, "new": 0, "changed": 0, "cancelled": 0}
    )


def make(
    entries: Iterable[Entry],
    *,
    records: str,
    title: str,
    alarms: Sequence[int],
    on: date,
    until: date,
    before: bytes | None = None,
    unseen: Callable[[str], bool] = lambda entry: False,
) -> Made:
    """The calendar.

    :param entries: everything that falls due, beyond ``until`` too; what is not among it any more is over.
    :param records: what names these records and no others.
    :param title: what the calendar is called.
    :param alarms: how many days before a due date of ours it rings.
    :param on: the day of writing.
    :param until: the last day that is taken in, unless the file has a later one already.
    :param before: what the file held.
    :param unseen: whether an entry (``breach 3nna814d3w``) is one that whoever writes cannot read: what the file says of
        it, written by somebody who can, stays as it is.
    :raises NotThisCalendar: when that is no calendar of these records.
    """
    mark = sha256(records.encode()).hexdigest()[:32]
    earlier = _events(before, mark) if before is not None else {}
    made = Made()
    kept: dict[str, Event] = {}
    for uid, entry in _named(entries, records):
        was = earlier.get(uid)
        if entry.due.due_on > until and (was is None or _cancelled(was)):
            continue
        kept[uid] = _written(uid, entry, alarms, was, on, made)
    for uid, was in earlier.items():
        if uid in kept:
            continue
        if not _cancelled(was) and unseen(str(was.get(_ENTRY, ""))):
            made.counts["events"] += 1
            kept[uid] = was
        elif (gone := _over(uid, was, on, made)) is not None:
            kept[uid] = gone
    calendar = _calendar(mark, title)
    for event in sorted(kept.values(), key=lambda each: (_day(each), str(each["UID"]))):
        calendar.add_component(event)
    made.data = calendar.to_ical()
    return made


def _named(entries: Iterable[Entry], records: str) -> Iterable[tuple[str, Entry]]:
    """Each entry with its UID; where one rule has several dates for one record, they are counted."""
    seen: dict[str, int] = {}
    for entry in entries:
        due = entry.due
        what = f"{records}/{due.rule}/{due.log}/{due.id}"
        seen[what] = seen.get(what, -1) + 1
        digest = sha256(f"{what}/{seen[what]}".encode()).hexdigest()
        yield f"{digest[:32]}@cpvol.invalid", entry


def _written(
    uid: str, entry: Entry, alarms: Sequence[int], was: Event | None, on: date, made: Made
) -> Event:
    """The event; with the numbers of the one that is there already when it says the same."""
    made.counts["events"] += 1
    if was is not None:
        same = _event(uid, entry, alarms, _sequence(was), _stamp(was))
        if same.to_ical() == was.to_ical():
            return same
    made.counts["changed" if was is not None else "new"] += 1
    return _event(uid, entry, alarms, _next(was, on), _at(on))


def _over(uid: str, was: Event, on: date, made: Made) -> Event | None:
    """What stands in the file of an event that is no longer due."""
    if _cancelled(was):
        stamp = _stamp(was)
        return _gone(uid, was, _sequence(was), stamp) if on - stamp.date() <= _GONE_AFTER else None
    made.counts["cancelled"] += 1
    return _gone(uid, was, _next(was, on), _at(on))


def _event(uid: str, entry: Entry, alarms: Sequence[int], sequence: int, stamp: datetime) -> Event:
    from icalendar import Alarm

    due = entry.due
    # After the colon stands how things are today, which changes from day to day; what is to be done does not.
    what = due.what.partition(": ")[0]
    ours = due.owner == "us"
    whose = "us" if ours else "the directory's team"
    event = _bare(uid, due.due_on, sequence, stamp, "CONFIRMED")
    event.add("summary", f"{what}: {entry.who}" if entry.who else what)
    named = f"{due.log} {due.id}".strip()
    event.add(
        "description",
        f"{RULES[due.rule].title}.\nEntry: {named}\nWhose: {whose}\n"
        f"Source: {', '.join(due.source)}",
    )
    event.add(_ENTRY, named)
    event.add("categories", ["ours" if ours else "the directory's team"])
    for days in alarms if ours else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", what)
        alarm.add("trigger", _MORNING - timedelta(days=days))
        event.add_component(alarm)
    return event


def _gone(uid: str, was: Event, sequence: int, stamp: datetime) -> Event:
    # Nothing of what it said is carried over: it may have held a name.
    event = _bare(uid, _day(was), sequence, stamp, "CANCELLED")
    event.add("summary", "done, or no longer due")
    return event


def _bare(uid: str, day: date, sequence: int, stamp: datetime, status: str) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("sequence", sequence)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("status", status)
    # A due date takes up nobody's time.
    event.add("transp", "TRANSPARENT")
    return event


def _calendar(mark: str, title: str) -> Calendar:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add(_MARK, mark)
    return calendar


# -- what the file held -----------------------------------------------------------------------------------------------


def _events(data: bytes, mark: str) -> Mapping[str, Event]:
    """The events of an earlier calendar of these records, by UID."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(data)
        if str(calendar.get("PRODID")) != _PRODUCT or str(calendar.get(_MARK)) != mark:
            raise NotThisCalendar
        events = {str(each["UID"]): each for each in calendar.events}
        for uid, event in events.items():
            if not _UID.fullmatch(uid):
                raise NotThisCalendar
            _day(event), _stamp(event), _sequence(event)
    except (ValueError, KeyError, AttributeError, TypeError, IndexError):
        # Whatever the reader stumbles over: it is not what was written here.
        raise NotThisCalendar from None
    return events


def _day(event: Event) -> date:
    found = event.decoded("DTSTART")
    if not isinstance(found, date) or isinstance(found, datetime):
        raise NotThisCalendar
    return found


def _stamp(event: Event) -> datetime:
    found = event.decoded("DTSTAMP")
    if not isinstance(found, datetime) or found.utcoffset() != timedelta(0):
        raise NotThisCalendar
    return found


def _sequence(event: Event) -> int:
    found = int(event.decoded("SEQUENCE"))
    if not 0 <= found < 2**31 - 1:
        raise NotThisCalendar
    return found


def _cancelled(event: Event) -> bool:
    return str(event.get("STATUS")) == "CANCELLED"


def _next(was: Event | None, on: date) -> int:
    counted = (on - _FIRST_DAY).days
    return counted if was is None else max(counted, _sequence(was) + 1)


def _at(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)
