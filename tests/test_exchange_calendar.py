"""The calendar of due dates: read by a second library, updated rather than doubled, and the same from the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus

from cpvol import compliance
from cpvol.compliance import DUE_RULES, Due
from cpvol.exchange.due_calendar import Entry, Made, NotThisCalendar, make
from cpvol.policy import load, profiles
from tests.support.told import TODAY, organisation, told

BOOK = told()
NAMES = [getattr(each, "name", "") for each in BOOK.of("person")]


def written(
    entries: Sequence[Entry], on: date = TODAY, before: bytes | None = None, **changes: Any
) -> Made:
    given: dict[str, Any] = {
        "records": "a" * 40,
        "title": "Due dates: Harbour & Hill",
        "alarms": (7, 1),
        "until": on + timedelta(days=365),
    }
    return make(entries, on=on, before=before, **(given | changes))


def everything(profile: str = "contactpoint", on: date = TODAY) -> list[Entry]:
    found = compliance.due(BOOK, load(profile), on, 36_600, organisation())
    return [Entry(each) for each in found]


def read(data: bytes) -> Any:
    """The file as another library reads it."""
    return IcsCalendarStream.calendar_from_ics(data.decode())


def due(number: int = 1, on: date = TODAY, what: str = "do it", **changes: Any) -> Due:
    given: dict[str, Any] = {
        "what": what,
        "log": "person",
        "id": f"{number:010}",
        "due_on": on,
        "owner": "us",
        "rule": "leaver-tell",
        "source": ("E-4.1",),
    }
    return Due(**(given | changes))


@pytest.mark.parametrize("profile", profiles())
def test_another_library_reads_what_falls_due(profile: str) -> None:
    entries = everything(profile)
    until = TODAY + timedelta(days=365)
    made = written(entries)
    calendar = read(made.data)
    expected = sorted(each.due.due_on for each in entries if each.due.due_on <= until)
    assert sorted(event.dtstart for event in calendar.events) == expected
    assert made.counts == {
        "events": len(expected),
        "new": len(expected),
        "changed": 0,
        "cancelled": 0,
    }
    assert len({event.uid for event in calendar.events}) == len(expected)
    for event in calendar.events:
        assert event.dtend == event.dtstart + timedelta(days=1)
        assert event.transparency == "TRANSPARENT"
        assert [each.trigger for each in event.alarm] == (
            [timedelta(days=-7, hours=9), timedelta(days=-1, hours=9)]
            if event.categories == ["ours"]
            else []
        )


def test_no_name_and_no_countdown_stands_in_it_unasked() -> None:
    text = written(everything()).data.decode()
    assert not [name for name in NAMES if name in text]
    assert "days are left" not in text
    who = [Entry(each.due, "Robin Example") for each in everything()]
    assert "Robin Example" in written(who).data.decode()


def test_every_line_is_as_short_and_ended_as_calendars_want() -> None:
    long = "tell the authority of something that is hard to say in a few words, \u00e9v\u00e9nement; \\ and so on"
    data = written([Entry(due(what=long))]).data
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    (event,) = read(data).events
    assert event.summary == long


def test_the_same_from_the_same() -> None:
    first = written(everything()).data
    assert written(everything()).data == first
    again = written(everything(), before=first)
    assert again.data == first
    assert (again.counts["new"], again.counts["changed"], again.counts["cancelled"]) == (0, 0, 0)


def test_on_another_day_what_did_not_change_is_left_as_it_was() -> None:
    """Words that say how things stand today are left out, so that a calendar is not told of them each day."""
    first = written(everything()).data
    later = TODAY + timedelta(days=3)
    again = written(everything(on=later), on=later, before=first)
    assert again.counts["changed"] == 0
    was = {event.uid: event for event in read(first).events}
    for event in read(again.data).events:
        if event.uid in was and event.status == EventStatus.CONFIRMED:
            assert event == was[event.uid]


def test_a_due_date_that_moves_is_the_same_event_with_a_higher_sequence() -> None:
    first = written([Entry(due(1)), Entry(due(2))]).data
    moved = written([Entry(due(1, TODAY + timedelta(days=9))), Entry(due(2))], before=first)
    assert (moved.counts["new"], moved.counts["changed"]) == (0, 1)
    before = {event.uid: event for event in read(first).events}
    after = {event.uid: event for event in read(moved.data).events}
    assert set(before) == set(after)
    (uid,) = [uid for uid in after if after[uid] != before[uid]]
    assert after[uid].sequence > before[uid].sequence
    assert after[uid].dtstart == TODAY + timedelta(days=9)


def test_what_is_done_is_cancelled_then_leaves_the_file() -> None:
    first = written([Entry(due(1), "Robin Example"), Entry(due(2))]).data
    day = TODAY + timedelta(days=1)
    second = written([Entry(due(2))], on=day, before=first)
    assert second.counts == {"events": 1, "new": 0, "changed": 0, "cancelled": 1}
    (gone,) = [e for e in read(second.data).events if e.status == EventStatus.CANCELLED]
    (was,) = [e for e in read(first).events if e.uid == gone.uid]
    assert gone.sequence > was.sequence
    assert gone.alarm == []
    assert b"Robin" not in second.data
    assert written([Entry(due(2))], on=day, before=second.data).data == second.data
    soon = written([Entry(due(2))], on=day + timedelta(days=90), before=second.data)
    assert len(read(soon.data).events) == 2
    late = written([Entry(due(2))], on=day + timedelta(days=91), before=second.data)
    assert len(read(late.data).events) == 1
    back = written([Entry(due(1)), Entry(due(2))], on=day, before=second.data)
    (again,) = [e for e in read(back.data).events if e.uid == gone.uid]
    assert again.status == EventStatus.CONFIRMED
    assert again.sequence > gone.sequence


def test_what_somebody_else_reads_is_not_cancelled_by_who_does_not() -> None:
    theirs = due(7, log="breach", rule="breach-manager")
    first = written([Entry(due(1)), Entry(theirs), Entry(due(2))]).data
    second = written(
        [Entry(due(1))], before=first, unseen=lambda entry: entry.startswith("breach ")
    )
    assert second.counts == {"events": 2, "new": 0, "changed": 0, "cancelled": 1}
    left = {e.uid: e for e in read(second.data).events if e.status == EventStatus.CONFIRMED}
    was = {event.uid: event for event in read(first).events}
    assert len(left) == 2
    assert all(left[uid] == was[uid] for uid in left)
    third = written([Entry(due(1))], before=second.data)
    assert third.counts["cancelled"] == 1


def test_looking_less_far_ahead_cancels_nothing() -> None:
    first = written([Entry(due(1, TODAY + timedelta(days=200)))]).data
    near = TODAY + timedelta(days=30)
    assert (
        written([Entry(due(1, TODAY + timedelta(days=200)))], before=first, until=near).data
        == first
    )
    fresh = written([Entry(due(1, TODAY + timedelta(days=200)))], until=near)
    assert read(fresh.data).events == []


def test_a_file_that_was_lost_is_written_with_sequences_that_are_not_behind() -> None:
    first = written([Entry(due())]).data
    day = TODAY + timedelta(days=2)
    moved = written([Entry(due(on=day))], on=day).data
    (was,), (now,) = read(first).events, read(moved).events
    assert (now.uid, now.sequence > was.sequence) == (was.uid, True)


def test_two_records_never_share_an_event() -> None:
    uids = {
        event.uid
        for records in ("a" * 40, "b" * 40)
        for event in read(written([Entry(due())], records=records).data).events
    }
    assert len(uids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}@cpvol\.invalid", uid) for uid in uids)


MINE = written([Entry(due())]).data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        MINE.replace(b"cpvol//due", b"other//due"),
        written([Entry(due())], records="b" * 40).data,
        MINE.replace(b"SEQUENCE:", b"SEQUENCE:x"),
        MINE.replace(b"UID:", b"X-UID:"),
        MINE.replace(b"DTSTART;VALUE=DATE:20261121", b"DTSTART:20261121T000000Z"),
        MINE.replace(b"DTSTAMP:20261121T000000Z", b"DTSTAMP;VALUE=DATE:20261121"),
        MINE.replace(b"DTSTAMP:", b"X-STAMP:"),
        MINE[: len(MINE) // 2],
        b"\xff\xfe" + MINE,
    ],
)
def test_a_file_that_is_something_else_is_left_alone(data: bytes) -> None:
    with pytest.raises(NotThisCalendar):
        written([Entry(due())], before=data)


@given(st.binary(max_size=200), st.integers(0, len(MINE)))
def test_whatever_the_file_holds_it_is_refused_or_read(junk: bytes, at: int) -> None:
    try:
        made = written([Entry(due())], before=MINE[:at] + junk + MINE[at:])
    except NotThisCalendar:
        return
    read(made.data)


def test_no_rule_says_what_changes_from_day_to_day_before_the_colon() -> None:
    """Otherwise a calendar would be told of a change each day."""
    said: dict[tuple[str, str, str, date], set[str]] = {}
    for days in range(0, 60, 7):
        on = TODAY - timedelta(days=days)
        for each in everything(on=on):
            one = each.due
            key = (one.rule, one.log, one.id, one.due_on)
            said.setdefault(key, set()).add(one.what.partition(": ")[0])
    assert {rule.rule for rule in DUE_RULES} >= {key[0] for key in said}
    assert [key for key, words in said.items() if len(words) > 1] == []
