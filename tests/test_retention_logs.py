"""When the entries of each log may be destroyed: six years after what, open while what, and who is kept by whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.dates import later
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.retention import due, expiry, references
from tests.support.entries import POLICY, day, ecrb, id_of, person, training
from tests.support.incidents import breach, named, sar, session, through, token

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))

#: Each trigger, with its last day six years on: year ends, and both sides of 29 February (C27).
EDGES = [
    ("2010-03-31", "2016-03-31"),
    ("2009-12-31", "2015-12-31"),
    ("2010-01-01", "2016-01-01"),
    ("2012-02-28", "2018-02-28"),
    ("2012-02-29", "2018-03-01"),
    ("2012-03-01", "2018-03-01"),
    ("2010-02-28", "2016-02-28"),
]


def left(on: str | None, who: str = "a", **fields: Any) -> Record:
    """Somebody who left, with their account closed on the last day."""
    return person(who, left_on=on, account_closed_on=on, **fields)


def due_ids(on: str | date, *entries: Record) -> set[str]:
    when = day(on) if isinstance(on, str) else on
    return {found.id for found in due(Records(entries), POLICY, when)}


def entry_of(log: str, on: str | None) -> list[Record]:
    """An entry of a log whose clock starts on that day, or has not started; first the entry, then what it needs."""
    if log == "session":
        assert on is not None
        return [session(date=on)]
    if log == "breach":
        return [breach(discovered_on="2008-12-01", team_told_on=None, actions=[], concluded_on=on)]
    if log == "sar":
        return [sar(received_on="2008-12-01", closed_on=on)]
    holder = left(on)
    made = {"ecrb": ecrb, "training": training, "token": token}
    return [made[log](), holder] if log in made else [holder]


@pytest.mark.parametrize(("on", "last"), EDGES)
@pytest.mark.parametrize(
    ("log", "row"),
    [
        ("person", "E-5.3"),
        ("ecrb", "E-5.6"),
        ("training", "E-3.2"),
        ("token", "E-11.9"),
        ("session", "C26"),
        ("breach", "E-7.10"),
        ("sar", "C26"),
    ],
)
def test_six_years_after_its_own_event(log: str, row: str, on: str, last: str) -> None:
    """Kept through the anniversary, disposable from the day after (C27)."""
    entries = entry_of(log, on)
    found = expiry(entries[0], Records(entries), POLICY)
    assert found is not None
    assert (found.trigger_on, found.expires_on, found.rule) == (
        day(on),
        day(last),
        f"retention-{log}",
    )
    assert row in found.source
    one = timedelta(days=1)
    assert due_ids(day(last) - one, *entries) == set()
    assert due_ids(day(last), *entries) == set()
    assert entries[0].id in due_ids(day(last) + one, *entries)


@pytest.mark.parametrize("log", ["person", "ecrb", "training", "token", "breach", "sar"])
def test_what_is_open_is_never_due(log: str) -> None:
    """C1: the account that is still open, the case that is not concluded, the file that is not closed."""
    assert due_ids("2150-01-01", *entry_of(log, None)) == set()


@pytest.mark.parametrize("log", ["session", "breach", "sar"])
def test_what_is_ours_and_what_is_stated_is_told_apart(log: str) -> None:
    """E-7.10 states its six years; those of sessions and requests are ours, with a reason (C26)."""
    kept = POLICY.keep(BY_NAME[log])
    assert kept.origin == ("source" if log == "breach" else "ours")
    assert bool(kept.reason) == (log != "breach")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"returned_on": "2009-01-01", "posted_on": "2009-01-02", "received_on": "2009-01-09"},
        {"lost_on": "2009-01-01", "team_told_on": "2009-01-01"},
    ],
)
def test_the_tokens_clock_is_the_leaving_whatever_became_of_it(fields: dict[str, str]) -> None:
    """E-11.9: from the end of the contract; not from the return, not from a move."""
    held = token("a", 0, **fields)
    posts = [{"title": "w", "start": "2008-09-01", "end": "2009-06-30"}]
    assert (
        due_ids("2150-01-01", held, person(posts=posts, access="none", account_opened_on=None))
        == set()
    )
    assert held.id in due_ids("2016-04-01", held, left("2010-03-31", posts=posts))


def test_a_session_runs_on_its_own_clock() -> None:
    """C26: who called may still be here."""
    assert due_ids("2015-04-01", session(), person()) == {session().id}
    unended = session(ended=None, end_confirmed_by=None)
    assert due_ids("2015-04-01", unended, person()) == {session().id}


def test_a_case_that_was_never_concluded_keeps_whom_it_names() -> None:
    """E-7.10: open until then, and with it everybody concerned."""
    leaver, other = left("2009-03-31"), left("2009-03-31", "b")
    running = breach(persons=[leaver.id])
    assert due_ids("2100-01-01", leaver, other, running) == {other.id}
    concluded = breach(persons=[leaver.id, other.id], concluded_on="2010-06-30")
    assert due_ids("2016-06-30", leaver, other, concluded) == set()
    assert due_ids("2016-07-01", leaver, other, concluded) == {leaver.id, other.id, concluded.id}


def test_a_colleague_who_mediated_goes_with_the_session() -> None:
    """An entry that says who looked is worth nothing once nobody can say who that was."""
    mediator, caller = left("2009-04-30", "b"), person("a", access="nominated")
    late = through("b", date="2009-04-30")
    assert due_ids("2015-04-30", mediator, caller, late) == set()
    assert due_ids("2015-05-01", mediator, caller, late) == {mediator.id, late.id}
    last = through("b", date="2009-05-29")
    assert due_ids("2015-05-29", mediator, caller, last) == set()
    assert due_ids("2015-05-30", mediator, caller, last) == {mediator.id, last.id}


def test_a_caller_who_left_goes_after_the_last_session() -> None:
    leaver = left("2009-03-01")
    assert due_ids("2015-03-31", leaver, session()) == set()
    assert due_ids("2015-04-01", leaver, session()) == {leaver.id, session().id}


def test_a_token_goes_after_the_one_that_it_replaced_or_with_it() -> None:
    """`replaced_by` stands in the entry of the lost one."""
    new = token(nth=1, number="T-0099", issued_on="2009-01-09")
    lost = token(lost_on="2009-01-05", team_told_on="2009-01-05", replaced_by=new.id)
    assert references(lost) == (id_of("person", "a"), new.id)
    leaver = left("2010-03-31")
    assert due_ids("2016-03-31", leaver, lost, new) == set()
    assert due_ids("2016-04-01", leaver, lost, new) == {leaver.id, lost.id, new.id}
    # Written into the wrong person's entry, it still keeps what it points to.
    astray = token("b", lost_on="2009-01-05", team_told_on="2009-01-05", replaced_by=new.id)
    assert due_ids("2016-04-01", leaver, new, astray, person("b")) == set()


def test_what_refers_to_whom() -> None:
    a, b = id_of("person", "a"), id_of("person", "b")
    assert references(session()) == (a,)
    assert references(through("b")) == (a, b)
    assert references(breach(persons=[a, b])) == (a, b)
    assert references(breach(persons=[])) == ()
    assert references(sar()) == ()


def test_a_request_hangs_on_nobody() -> None:
    """E-14.2: the requester is a number of a file kept elsewhere."""
    closed = sar(closed_on="2009-07-10")
    assert due_ids("2015-07-10", closed, person()) == set()
    assert due_ids("2015-07-11", closed, person()) == {closed.id}


@given(DAYS, DAYS, st.sampled_from(["token", "session", "breach", "sar"]))
def test_a_later_trigger_never_expires_earlier(one: date, other: date, log: str) -> None:
    def last(on: date) -> date:
        made: dict[str, list[Record]] = {
            "token": [token(), person(joined_on="1990-01-01", left_on=on, account_opened_on=None)],
            "session": [session(date=on)],
            "breach": [breach(discovered_on="1989-01-01", actions=[], concluded_on=on)],
            "sar": [sar(received_on="1989-01-01", closed_on=on)],
        }
        found = expiry(made[log][0], Records(made[log]), POLICY)
        assert found is not None
        return found.expires_on

    first, second = sorted((one, other))
    assert last(first) <= last(second)


@st.composite
def registers(draw: st.DrawFn) -> Records:
    """Registers of a few people with any entries of the four logs, some open, struck out or about nobody."""
    entries: list[Record] = []
    who = st.sampled_from("abz")
    for one in draw(st.sets(st.sampled_from("ab"), min_size=1)):
        ended = draw(st.none() | DAYS)
        fields = {"left_on": ended, "account_opened_on": None, "joined_on": "1990-01-01"}
        entries.append(person(one, **fields, voided=draw(st.booleans())))
    for nth in range(draw(st.integers(0, 6))):
        ended = draw(st.none() | DAYS)
        about, other, voided = draw(who), draw(who), draw(st.booleans())
        replaced = named("token", other, draw(st.integers(0, 6)))
        made: list[Record] = [
            token(about, nth, replaced_by=draw(st.sampled_from([None, replaced])), voided=voided),
            through(other, about, nth=nth, date=draw(DAYS), voided=voided)
            if about != other
            else session(about, nth, date=draw(DAYS), voided=voided),
            breach(
                about,
                nth,
                discovered_on="1989-01-01",
                actions=[],
                persons=[id_of("person", about), id_of("person", other)],
                concluded_on=ended,
                voided=voided,
            ),
            sar(about, nth, received_on="1989-01-01", closed_on=ended, voided=voided),
        ]
        entries.append(draw(st.sampled_from(made)))
    return Records(entries)


@given(registers(), DAYS)
def test_nothing_open_is_ever_due(entries: Records, on: date) -> None:
    for found in due(entries, POLICY, on, within=4000):
        record = entries.get(found.id)
        assert record is not None
        trigger = BY_NAME[record.log].trigger(record, entries)
        assert trigger.on is not None
        assert found.trigger_on == trigger.on
        assert found.expires_on == later(trigger.on, 6, "years")
        assert found.expires_on < on + timedelta(days=4000)


@given(registers(), DAYS, st.integers(0, 5000))
def test_nobody_goes_before_what_names_them(entries: Records, on: date, within: int) -> None:
    found = {one.id for one in due(entries, POLICY, on, within)}
    for record in entries:
        for target in references(record):
            assert record.id in found or target not in found
