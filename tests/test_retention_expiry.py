"""When a record may be destroyed: the edges of each log's clock, and what goes before what (C1, C22, C27)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.hold import Hold
from cpvol.policy import Policy
from cpvol.retention import Expiry, due, expiry, held, preview, references
from tests.support.entries import POLICY, book, day, ecrb, id_of, person, training

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


def left(on: str | None, who: str = "a", **fields: Any) -> Any:
    """Somebody who left, with their account closed on the last day."""
    return person(who, left_on=on, account_closed_on=on, **fields)


def clock(entry: Record, *others: Any, policy: Policy = POLICY) -> Expiry:
    found = expiry(entry, Records([entry, *others]), policy)
    assert found is not None
    return found


def due_ids(entries: Records, on: str, **given: Any) -> set[str]:
    return {found.id for found in due(entries, POLICY, day(on), **given)}


@pytest.mark.parametrize(
    ("left_on", "last"),
    [
        ("2009-03-31", "2015-03-31"),
        ("2010-01-01", "2016-01-01"),
        ("2009-12-31", "2015-12-31"),
        ("2012-02-28", "2018-02-28"),
        ("2012-02-29", "2018-03-01"),  # C27
        ("2012-03-01", "2018-03-01"),
        ("2010-02-28", "2016-02-28"),  # the anniversary is in a leap year: not the 29th
    ],
)
@pytest.mark.parametrize("make", [left, ecrb, training], ids=["E-5.3", "E-5.6", "E-3.2"])
def test_six_years_after_leaving(make: Any, left_on: str, last: str) -> None:
    """Kept through the anniversary, disposable the day after (C27)."""
    leaver = left(left_on)
    entry = leaver if make is left else make()
    found = clock(entry, leaver)
    assert found.trigger_on == day(left_on)
    assert found.expires_on == day(last)
    assert not found.due(day(last) - timedelta(days=1))
    assert not found.due(day(last))
    assert found.due(day(last) + timedelta(days=1))
    everything = book(leaver, entry)
    assert due_ids(everything, last) == set()
    after = day(last) + timedelta(days=1)
    assert due_ids(everything, after.isoformat()) == {leaver.id, entry.id}


def test_an_expiry_says_its_rule_and_its_source() -> None:
    found = clock(training(), left("2009-03-31"))
    assert (found.log, found.rule, found.held) == ("training", "retention-training", False)
    assert found.source == ("E-3.2", "E-6.1", "C1")
    assert "post" in found.trigger


@pytest.mark.parametrize("who_left", [False, True])
def test_an_open_account_keeps_everything_about_its_holder_open(who_left: bool) -> None:
    """C1: but for the check, whose clock is the leaving alone and which the person then holds."""
    holder = person("a", left_on="2009-03-31" if who_left else None)
    entries = book(holder, ecrb(), training())
    assert expiry(holder, entries, POLICY) is None
    assert due_ids(entries, "2150-01-01") <= {ecrb().id, training().id}
    if not who_left:
        assert due_ids(entries, "2150-01-01") == set()


@pytest.mark.parametrize(
    ("posts", "access", "left_on", "trigger_on"),
    [
        # Moved within the organisation to work without access: the training's clock starts with the move (E-3.2).
        ([("2008-09-01", "2010-06-30"), ("2010-07-01", None)], "none", None, "2010-06-30"),
        # Left later: the later of the two (C1).
        (
            [("2008-09-01", "2010-06-30"), ("2010-07-01", "2011-05-31")],
            "none",
            "2011-05-31",
            "2011-05-31",
        ),
        # The post ends after the leaving, by a slip of the pen or a notice period: still the later.
        ([("2008-09-01", "2010-06-30")], "none", "2010-06-01", "2010-06-30"),
        # The post goes on, or there is none: open until they leave.
        ([("2008-09-01", None)], "none", None, None),
        ([], "none", None, None),
        ([], "none", "2011-05-31", "2011-05-31"),
        # Access goes on in the new post: the training is what it stands on (C1).
        ([("2008-09-01", "2010-06-30"), ("2010-07-01", None)], "query", None, None),
        ([("2008-09-01", "2010-06-30"), ("2010-07-01", None)], "nominated", None, None),
    ],
)
def test_training_after_a_move(
    posts: list[tuple[str, str | None]], access: str, left_on: str | None, trigger_on: str | None
) -> None:
    """E-3.2, E-6.1, C1."""
    holder = person(
        "a",
        access=access,
        left_on=left_on,
        account_opened_on=None,
        posts=[
            {"title": "worker", "start": start, **({"end": end} if end else {})}
            for start, end in posts
        ],
    )
    found = expiry(training(), book(holder, training()), POLICY)
    assert (found.trigger_on if found else None) == (day(trigger_on) if trigger_on else None)


def test_moving_does_not_start_the_clock_of_the_register_and_the_check() -> None:
    """E-5.3 and E-5.6 name the leaving alone."""
    moved = person(
        "a",
        access="none",
        account_opened_on=None,
        posts=[{"title": "worker", "start": "2008-09-01", "end": "2009-06-30"}],
    )
    entries = book(moved, ecrb(), training())
    assert expiry(moved, entries, POLICY) is None
    assert expiry(ecrb(), entries, POLICY) is None
    assert due_ids(entries, "2015-07-01") == {training().id}


def test_somebody_who_came_back_is_open_again() -> None:
    assert expiry(person("a", left_on=None), book(person("a")), POLICY) is None


def test_a_person_goes_last() -> None:
    """Their training is kept longer, because the post ended after the leaving."""
    leaver = left(
        "2009-03-31", posts=[{"title": "worker", "start": "2008-09-01", "end": "2009-06-30"}]
    )
    entries = book(leaver, ecrb(), training())
    assert due_ids(entries, "2015-04-01") == {ecrb().id}
    assert due_ids(entries, "2015-06-30") == {ecrb().id}
    assert due_ids(entries, "2015-07-01") == {ecrb().id, training().id, leaver.id}


def test_a_check_goes_after_the_one_that_replaces_it_or_with_it() -> None:
    first, second = ecrb(), ecrb(number=1, issued_on="2011-08-01", replaces=id_of("ecrb", "a"))
    leaver = left("2012-03-31")
    assert due_ids(book(leaver, first, second), "2018-04-01") == {first.id, second.id, leaver.id}
    other = left("2013-03-31", "b")
    mixed = second.model_copy(update={"person": other.id})
    assert due_ids(book(leaver, other, first, mixed), "2018-04-01") == set()
    assert due_ids(book(leaver, other, first, mixed), "2019-04-01") == {
        leaver.id,
        other.id,
        first.id,
        mixed.id,
    }


def test_two_checks_that_replace_each_other_do_not_block_each_other() -> None:
    one = ecrb(replaces=id_of("ecrb", "a", 1))
    other = ecrb(number=1, replaces=id_of("ecrb", "a"))
    leaver = left("2009-03-31")
    assert due_ids(book(leaver, one, other), "2015-04-01") == {one.id, other.id, leaver.id}


def test_an_entry_about_nobody_stays_open() -> None:
    """`check` reports it; disposing of it on a guess would be worse."""
    entries = book(ecrb("z"), training("z"))
    assert due_ids(entries, "2150-01-01") == set()
    assert preview(entries, POLICY, day("2150-01-01")) == {}


def test_a_struck_out_entry_has_its_clock_like_any_other() -> None:
    leaver, wrong = left("2009-03-31"), training(voided=True)
    assert due_ids(book(leaver, wrong), "2015-03-31") == set()
    assert due_ids(book(leaver, wrong), "2015-04-01") == {leaver.id, wrong.id}


def test_a_struck_out_entry_that_remains_keeps_its_person() -> None:
    leaver = left(
        "2009-03-31", posts=[{"title": "worker", "start": "2008-09-01", "end": "2009-06-30"}]
    )
    assert due_ids(book(leaver, training(voided=True)), "2015-04-01") == set()


def test_a_hold_keeps_the_entry_and_what_it_refers_to() -> None:
    leaver = left("2009-03-31")
    entries = book(leaver, ecrb(), training())
    found = due(entries, POLICY, day("2015-04-01"), holds={training().id})
    assert {(one.id, one.held) for one in found} == {(ecrb().id, False), (training().id, True)}
    assert preview(entries, POLICY, day("2015-04-01"), holds={training().id}) == {
        2015: preview(book(leaver, ecrb()), POLICY, day("2015-04-01"))[2015] | {"person": 0}
    }


def test_days_ahead_are_looked_at_when_asked() -> None:
    entries = book(left("2009-03-31"))
    assert due_ids(entries, "2015-03-01") == set()
    assert due_ids(entries, "2015-03-01", within=30) == set()
    assert due_ids(entries, "2015-03-01", within=31) == {person().id}


def test_the_soonest_comes_first() -> None:
    entries = book(left("2009-05-01", "a"), left("2009-03-01", "b"), left("2009-04-01", "c"))
    found = due(entries, POLICY, day("2020-01-01"))
    assert [one.id for one in found] == [id_of("person", who) for who in "bca"]


def test_an_organisation_that_keeps_longer_is_obeyed() -> None:
    own = Policy.from_stored(
        {
            "retention": {
                "training": {
                    "value": 90,
                    "unit": "months",
                    "origin": "ours",
                    "reason": "our insurer asks for it",
                    "what": "Training is kept longer.",
                }
            }
        }
    )
    leaver = left("2009-08-31")
    assert clock(training(), leaver, policy=own).expires_on == day("2017-02-28")
    found = {one.id for one in due(book(leaver, training(), ecrb()), own, day("2015-09-01"))}
    assert found == {ecrb().id}


def test_the_preview_counts_by_year_and_log() -> None:
    """In the year in which the last day has passed and nothing hangs on the entry; what is due already counts now."""
    entries = book(
        left("2008-10-01", "a"),
        ecrb("a"),
        left("2009-12-31", "b"),
        ecrb("b"),
        training("b"),
        left("2009-12-30", "c"),
        person("d"),
        ecrb("d"),
    )
    table = preview(entries, POLICY, day("2015-01-01"))
    assert list(table) == [2015, 2016]
    assert (table[2015]["person"], table[2015]["ecrb"], table[2015]["training"]) == (2, 1, 0)
    assert (table[2016]["person"], table[2016]["ecrb"], table[2016]["training"]) == (1, 1, 1)


def test_references_are_read_off_the_model() -> None:
    assert references(person()) == ()
    assert references(training()) == (id_of("person", "a"),)
    second = ecrb(number=1, replaces=id_of("ecrb", "a"))
    assert references(second) == (id_of("person", "a"), id_of("ecrb", "a"))


@given(DAYS, DAYS)
@example(date(2012, 2, 29), date(2012, 3, 1))
@example(date(2012, 2, 28), date(2012, 2, 29))
def test_a_later_trigger_never_expires_earlier(one: date, other: date) -> None:
    first, second = sorted((one, other))

    def last(on: date) -> date:
        return clock(person(joined_on=first, left_on=on, account_opened_on=None)).expires_on

    assert last(first) <= last(second)


@given(DAYS)
@example(date(2012, 2, 28))
@example(date(2012, 2, 29))
@example(date(2012, 3, 1))
@example(date(2009, 12, 31))
@example(date(2010, 1, 1))
@example(date(2009, 3, 29))  # six years later, and then, the clocks go forward
@example(date(2009, 10, 25))  # … and back
def test_never_before_the_anniversary_is_over(left_on: date) -> None:
    """The day before, the day itself, and the day after, whatever the day."""
    leap_day = (left_on.month, left_on.day) == (2, 29)
    last = date(left_on.year + 6, 3, 1) if leap_day else left_on.replace(year=left_on.year + 6)
    entries = book(person(joined_on=date(1985, 1, 1), left_on=left_on, account_opened_on=None))
    for days, expected in ((-1, set()), (0, set()), (1, {person().id})):
        assert due_ids(entries, (last + timedelta(days=days)).isoformat()) == expected


@st.composite
def registers(draw: st.DrawFn) -> Records:
    """Registers of a few people with any clocks, any entries about them, some struck out or about nobody."""
    entries: list[Any] = []
    for who in draw(st.sets(st.sampled_from("abcd"), min_size=1)):
        joined = draw(DAYS)
        ended = draw(st.none() | st.dates(joined, date(2040, 12, 31)))
        opened = draw(st.sampled_from([None, joined]))
        entries.append(
            person(
                who,
                joined_on=joined,
                left_on=ended,
                account_opened_on=opened,
                account_closed_on=draw(st.sampled_from([None, ended])) if opened else None,
                access=draw(st.sampled_from(["none", "query", "nominated"])),
                posts=[
                    {
                        "title": "w",
                        "start": joined,
                        "end": draw(st.dates(joined, date(2040, 12, 31))),
                    }
                ],
                voided=draw(st.booleans()),
            )
        )
    for number in range(draw(st.integers(0, 6))):
        who = draw(st.sampled_from("abcdez"))
        if draw(st.booleans()):
            replaced = draw(st.none() | st.integers(0, 6))
            replaces = None if replaced is None else id_of("ecrb", who, replaced)
            entries.append(ecrb(who, number, replaces=replaces))
        else:
            entries.append(training(who, number, completed_on=draw(DAYS)))
    return Records(entries)


@pytest.mark.parametrize(
    ("on", "kept"),
    [
        ("2015-04-09", False),
        ("2015-04-10", True),  # the day on which it was placed
        ("2015-05-19", True),
        ("2015-05-20", False),  # the day on which it was lifted
    ],
)
def test_a_hold_keeps_from_the_day_it_is_placed_to_the_day_before_it_is_lifted(
    on: str, *, kept: bool
) -> None:
    leaver = left("2009-03-31")
    hold = Hold.model_validate(
        {"id": "h01d000000", "schema": 1, "entries": [leaver.id], "reason": "A claim"}
        | {"placed_on": "2015-04-10", "placed_by": "Chair"}
        | {"lifted_on": "2015-05-20", "lifted_by": "Chair"}
    )
    entries = Records([leaver, hold])
    (found,) = due(entries, POLICY, day(on), holds=held(entries, day(on)))
    assert (found.id, found.held) == (leaver.id, kept)


@st.composite
def registers_with_holds(draw: st.DrawFn) -> Records:
    """Registers in which some entries are, were or will be held."""
    entries = list(draw(registers()))
    ids = [entry.id for entry in entries]
    holds = []
    for number in range(draw(st.integers(0, 4))):
        placed = draw(DAYS)
        lifted = draw(st.none() | st.dates(placed, date(2040, 12, 31)))
        named = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        values = {"id": f"h01d00000{number}", "schema": 1, "entries": named, "reason": "A claim"}
        values |= {"placed_on": placed, "placed_by": "Chair"}
        values |= {"lifted_on": lifted, "lifted_by": "Chair"} if lifted else {}
        holds.append(Hold.model_validate(values))
    return Records([*entries, *holds])


def in_force(hold: Hold, on: date) -> bool:
    """From the day it was placed to the day before it was lifted."""
    return hold.placed_on <= on and not (hold.lifted_on and hold.lifted_on <= on)


@given(registers_with_holds(), DAYS)
def test_what_may_go_is_over_closed_free_and_needed_by_nothing(entries: Records, on: date) -> None:
    """Never before its date, nor with a live hold, nor while open, nor while something hangs on it that stays."""
    free = {e.id for e in due(entries, POLICY, on, holds=held(entries, on)) if not e.held}
    live = {
        id
        for hold in entries.of("hold")
        if isinstance(hold, Hold) and in_force(hold, on)
        for id in hold.entries
    }
    for id in free:
        record = entries.get(id)
        assert record is not None
        own = expiry(record, entries, POLICY)
        assert own is not None
        assert own.expires_on < on
        assert id not in live
    for record in entries:
        if record.id not in free:
            assert free.isdisjoint(references(record))


@given(registers(), DAYS)
def test_nothing_open_is_ever_due(entries: Records, on: date) -> None:
    for found in due(entries, POLICY, on, within=4000):
        record = entries.get(found.id)
        assert record is not None
        assert expiry(record, entries, POLICY) == found


@given(registers(), DAYS, st.integers(0, 5000))
def test_nothing_is_due_before_what_hangs_on_it(entries: Records, on: date, within: int) -> None:
    found = {one.id for one in due(entries, POLICY, on, within)}
    for record in entries:
        for target in references(record):
            assert record.id in found or target not in found


@given(registers(), DAYS, st.integers(0, 5000))
def test_what_is_due_stays_due(entries: Records, on: date, further: int) -> None:
    now = {one.id for one in due(entries, POLICY, on)}
    assert now <= {one.id for one in due(entries, POLICY, on + timedelta(days=further))}
    assert {one.id for one in due(entries, POLICY, on, within=further)} == {
        one.id for one in due(entries, POLICY, on + timedelta(days=further))
    }


@given(registers(), DAYS)
def test_the_preview_agrees_with_what_is_due(entries: Records, on: date) -> None:
    table = preview(entries, POLICY, on)
    for year in range(on.year, 2045):
        counted = sum(sum(logs.values()) for at, logs in table.items() if at <= year)
        assert counted == len(due(entries, POLICY, date(year, 12, 31)))
