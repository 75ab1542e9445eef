"""The demonstration's story fits the logs on whatever day it is told, and shows what it promises."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cpvol import compliance, retention
from cpvol.demo.story import PEOPLE, story
from cpvol.logs import BY_NAME
from cpvol.policy import load
from tests.support.told import TODAY, told


@given(st.dates(date(2009, 1, 1), date(2060, 12, 31)))
def test_the_story_fits_every_form_on_any_day(on: date) -> None:
    book = told(on)
    assert len(list(book.of("person"))) == len(PEOPLE) == 12
    assert all(event.on <= on for event in story(on))


def test_the_same_day_tells_the_same_story() -> None:
    assert story(TODAY) == story(TODAY)
    assert [r.content() for r in told(TODAY)] == [r.content() for r in told(TODAY)]


def test_the_story_is_a_whole_life() -> None:
    events = story(TODAY)
    assert len(events) >= 140
    assert {event.log for event in events} == set(BY_NAME) - {"hold"}
    assert (events[-1].on - events[0].on).days > 7 * 365
    actions = {(event.log, event.action) for event in events}
    assert {
        ("person", "move"),
        ("person", "leave"),
        ("person", "suspend"),
        ("person", "restore"),
        ("ecrb", "fail"),
        ("token", "lose"),
        ("token", "confirm"),
        ("session", "end"),
        ("breach", "conclude"),
        ("sar", "close"),
        ("shield", "withdraw"),
        ("override", "report"),
        ("brokering", "decide"),
        ("spotcheck", "remedy"),
        ("support", "close"),
        ("dispute", "close"),
        ("declaration", "sign"),
    } <= actions


def test_the_checks_find_what_the_story_left_undone() -> None:
    found = {each.rule for each in compliance.check(told(TODAY), load(), TODAY)}
    assert {
        "access-email",
        "brokering-refusal",
        "search-limit",
        "breach-told",
        "ecrb-lapsed",
        "leaver-account",
        "leaver-token",
        "sar-tracing",
        "session-ended",
    } <= found


def test_something_has_been_kept_long_enough_and_something_is_shielded() -> None:
    book = told(TODAY)
    assert {each.log for each in retention.due(book, load(), TODAY)} >= {
        "person",
        "ecrb",
        "training",
        "token",
        "sar",
    }
    assert any(getattr(record, "shielded", "") == "yes" for record in book.of("sar"))
