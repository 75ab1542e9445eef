"""Due dates and checks of mediated sessions (E-10, B-9, C12): both sides of every edge."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import check, due
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from tests.support.entries import POLICY, day, person
from tests.support.incidents import (
    assert_due,
    dues,
    hits,
    messages,
    named,
    never_due,
    nominated,
    session,
    through,
)

SESSION = named("session", "a")
OPEN: dict[str, Any] = {"ended": None, "end_confirmed_by": None}


@pytest.mark.parametrize(
    "on", ["2009-03-31", "2009-12-31", "2010-01-01", "2012-02-29", "2009-04-12"]
)
def test_the_end_is_confirmed_on_the_day_of_the_session(on: str) -> None:
    """E-10.6: on Easter Sunday too."""
    assert_due("session-end", on, person(), session(date=on, **OPEN), row="E-10.6")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (OPEN, "no end"),
        ({"ended": None}, "no end"),
        ({"end_confirmed_by": None}, "nobody confirmed"),
    ],
)
def test_a_session_without_a_confirmed_end_is_a_breach_from_the_day_after(
    fields: dict[str, Any], what: str
) -> None:
    """E-10.6: on its day it may still be running."""
    running = session(**fields)
    assert hits("session-ended", "2009-03-30", person(), running) == []
    assert hits("session-ended", "2009-03-31", person(), running) == []
    assert hits("session-ended", "2009-04-01", person(), running) == [(SESSION, "breach")]
    assert any(what in sentence for sentence in messages("2009-04-01", person(), running))
    assert len(dues("session-end", "2009-04-01", person(), running)) == 1


def test_an_end_before_the_beginning_is_told_and_may_stand() -> None:
    """E-10.6: perhaps after midnight, perhaps a slip."""
    late = session(start="23:50", ended="00:10")
    assert hits("session-ended", "2009-03-31", person(), late) == [(SESSION, "note")]
    assert (
        hits("session-ended", "2009-03-31", person(), session(start="09:15", ended="09:15")) == []
    )


@pytest.mark.parametrize("fields", [{}, OPEN | {"voided": True}])
def test_a_session_that_ended_or_was_struck_out_is_not_asked_about(fields: dict[str, Any]) -> None:
    never_due("session-end", person(), session(**fields))
    assert hits("session-ended", "2010-01-01", person(), session(**fields)) == []


@given(st.dates(date(2008, 1, 1), date(2030, 1, 1)), st.dates(date(2008, 1, 1), date(2030, 1, 1)))
def test_a_later_session_is_never_due_earlier(one: date, other: date) -> None:
    first, second = (
        dues("session-end", date(2031, 1, 1), session(date=on, **OPEN))
        for on in sorted((one, other))
    )
    assert first[0].due_on <= second[0].due_on


@pytest.mark.parametrize(
    ("own_login", "expected"),
    [
        ("yes", []),
        ("no", [(SESSION, "breach")]),
        ("unknown", [(SESSION, "warning")]),
        (None, [(SESSION, "warning")]),
    ],
)
def test_the_authority_looks_for_somebody_with_a_log_in(
    own_login: str | None, expected: list[tuple[str, str]]
) -> None:
    """E-10.2."""
    found = session(own_login=own_login)
    assert hits("session-own-login", "2009-03-30", person(), found) == []
    assert hits("session-own-login", "2009-03-31", person(), found) == expected


@pytest.mark.parametrize(
    "who", [person(account_opened_on=None, access="none"), nominated(), person()]
)
def test_anybody_may_go_through_a_third_party(who: Record) -> None:
    """B-8, C12: who is not accredited needs no log-in of ours."""
    third = session(route="third_party", mediator_office="Family centre", own_login=None)
    assert hits("session-own-login", "2009-06-01", who, third) == []
    assert hits("session-colleague", "2009-06-01", who, third) == []


def colleague(*entries: Record, on: str = "2009-06-01") -> list[str]:
    """What is said of a session on 31 March 2009 for a, through b."""
    found = check(Records([*entries, through("b")]), POLICY, day(on))
    return [one.message for one in found if one.rule == "session-colleague"]


@pytest.mark.parametrize("access", ["mediator", "query"])
def test_a_colleague_with_an_account_looks_for_a_nominated_user(access: str) -> None:
    """B-9, C12."""
    assert colleague(nominated("a"), person("b", access=access)) == []


@pytest.mark.parametrize(
    ("fields", "objected"),
    [
        ({"account_opened_on": "2009-03-31"}, False),
        ({"account_opened_on": "2009-04-01"}, True),
        ({"account_opened_on": None}, True),
        ({"account_closed_on": "2009-03-31"}, True),
        ({"account_closed_on": "2009-04-01"}, False),
        ({"left_on": "2009-03-30"}, True),
        ({"left_on": "2009-03-31"}, False),
    ],
)
def test_the_colleagues_account_is_open_on_the_day(fields: dict[str, Any], objected: bool) -> None:
    """B-9, C12: how it stands today does not matter."""
    found = colleague(nominated("a"), person("b", access="mediator", **fields))
    assert [("no open account" in one) for one in found] == [True] * objected


@pytest.mark.parametrize(
    ("on", "restored", "objected"),
    [
        ("2009-03-31", None, True),
        ("2009-04-01", None, False),
        ("2009-03-01", "2009-03-31", False),
        ("2009-03-01", "2009-04-01", True),
    ],
)
def test_the_colleagues_account_is_not_suspended_on_the_day(
    on: str, restored: str | None, objected: bool
) -> None:
    """B-9, C12, E-7.9."""
    suspension = {"on": on, "reason": "x", "restored_on": restored}
    found = colleague(nominated("a"), person("b", access="mediator", suspensions=[suspension]))
    assert [("suspended" in one) for one in found] == [True] * objected


@pytest.mark.parametrize("access", ["nominated", "none"])
def test_the_colleague_is_a_mediator_or_a_user(access: str) -> None:
    """B-9."""
    (found,) = colleague(nominated("a"), person("b", access=access))
    assert "neither a mediator nor a user" in found


@pytest.mark.parametrize("access", ["query", "mediator", "none"])
def test_the_caller_is_nominated(access: str) -> None:
    """B-9, C12: a user whose technology fails goes to the authority (E-10.1)."""
    (found,) = colleague(person("a", access=access), person("b", access="mediator"))
    assert "not nominated" in found


def changed(on: str, field: str = "access") -> dict[str, Any]:
    return {"amendments": [{"on": on, "by": "robin", "action": "move", "fields": [field]}]}


@pytest.mark.parametrize(
    ("change", "objected"),
    [
        (changed("2009-03-31"), True),
        (changed("2009-04-01"), False),
        (changed("2009-04-01", "email"), True),
    ],
)
def test_access_that_was_changed_since_is_not_held_against_an_old_session(
    change: dict[str, Any], objected: bool
) -> None:
    """C12: a nominated user who became a user later; what stood before the change cannot be told."""
    mediator = person("b", access="mediator")
    assert bool(colleague(person("a", **change), mediator)) is objected
    assert bool(colleague(nominated("a"), person("b", access="none", **change))) is objected


def test_whoever_came_back_since_is_not_measured_by_the_new_account() -> None:
    """Coming back clears the days of the earlier account."""
    back = person("b", access="mediator", joined_on="2009-04-01", account_opened_on="2009-05-01")
    assert colleague(nominated("a"), back) == []
    here = person("b", access="mediator", joined_on="2009-03-31", account_opened_on="2009-05-01")
    assert len(colleague(nominated("a"), here)) == 1


def test_somebody_who_is_not_in_the_register_is_left_to_another_check() -> None:
    assert colleague() == []
    assert hits("missing-reference", "2009-06-01", through("b")) == [(SESSION, "warning")] * 2


def test_nobody_is_named() -> None:
    entries = [
        person("a", name="Zebedee Quirk"),
        person("b", name="Zebedee Quirk", access="none", account_opened_on=None),
        through("b", end_confirmed_by="Zebedee Quirk", ended=None, case="ZQ-77"),
        session("a", 1, own_login="no", **OPEN),
    ]
    said = messages("2010-01-01", *entries)
    assert len(said) > 5
    assert not any(word in sentence for sentence in said for word in ("Zebedee", "Quirk", "ZQ-77"))


def test_a_session_that_ended_well_says_nothing() -> None:
    found = Records([nominated("a"), person("b", access="mediator"), through("b"), session("b", 1)])
    assert [one for one in check(found, POLICY, day("2009-06-01")) if one.log == "session"] == []
    assert [one for one in due(found, POLICY, day("2009-06-01")) if one.log == "session"] == []
