"""Due dates and checks of breaches (E-7, C15): both sides of every edge."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import check, due
from cpvol.logs.book import Records
from cpvol.policy import Policy
from tests.support.entries import POLICY, day, person
from tests.support.incidents import (
    act,
    assert_due,
    breach,
    dues,
    hits,
    messages,
    named,
    never_due,
)

BREACH = named("breach", "a")
UNTOLD: dict[str, Any] = {"reported_to": None, "team_told_on": None}
DAYS = st.dates(date(2008, 10, 1), date(2030, 12, 31))


@pytest.mark.parametrize("on", ["2009-05-11", "2009-12-31", "2012-02-29", "2009-04-12"])
@pytest.mark.parametrize(
    ("rule", "row", "fields"),
    [
        ("breach-manager", "E-7.3", {"reported_to": None}),
        ("breach-authority", "C15", {"team_told_on": None}),
        ("breach-action", "E-7.5", {"actions": []}),
    ],
)
def test_a_breach_is_told_and_acted_on_on_the_day_of_discovery(
    on: str, rule: str, row: str, fields: dict[str, Any]
) -> None:
    """E-7.3, E-7.5, C15; the end of a year, a leap day and Easter Sunday too."""
    assert_due(rule, on, breach(discovered_on=on, **fields), row=row)


@pytest.mark.parametrize("told", ["manager", "alternative", "outside"])
def test_whoever_heard_of_it_here_has_heard(told: str) -> None:
    """E-7.3, E-7.4: outside the usual way too."""
    never_due("breach-manager", breach(reported_to=told))


@pytest.mark.parametrize(
    "fields",
    [
        {"team_told_on": "2008-12-01"},
        {"team_told_on": None, "directory_manager_told_on": "2008-12-01"},  # E-16.5
        {"team_told_on": None, "found_through": "authority_audit"},  # E-7.8: it told us
    ],
)
def test_the_authority_hears_in_one_way_or_another(fields: dict[str, Any]) -> None:
    """C15."""
    never_due("breach-authority", breach(discovered_on="2008-12-01", **fields))
    assert hits("breach-told", "2010-01-01", breach(**fields)) == []


def test_an_action_counts_from_its_day() -> None:
    """E-7.5."""
    later = breach(actions=[act("2009-05-14")])
    assert len(dues("breach-action", "2009-05-13", later)) == 1
    assert dues("breach-action", "2009-05-14", later) == []


def test_a_concluded_case_is_not_chased() -> None:
    """E-7.10: what is missing in it is a finding, no longer a date."""
    done = breach(concluded_on="2009-06-01", actions=[], **UNTOLD)
    for rule in ("breach-manager", "breach-authority", "breach-action", "breach-review"):
        assert len(dues(rule, "2009-05-31", done, within=90)) == 1
        assert dues(rule, "2009-06-01", done, within=90) == []


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"discovered_on": "2009-05-11", "actions": []}, "2009-06-10"),
        ({"opened_on": "2009-05-13"}, "2009-06-12"),
        (
            {"opened_on": "2009-05-13", "actions": [act("2009-05-20"), act("2009-05-11")]},
            "2009-06-19",
        ),
        ({"discovered_on": "2009-12-02", "actions": []}, "2010-01-01"),
        ({"discovered_on": "2012-01-30", "actions": []}, "2012-02-29"),
        ({"discovered_on": "2011-01-30", "actions": []}, "2011-03-01"),
    ],
)
def test_an_open_case_is_looked_at_again_a_month_after_the_last_thing_done(
    fields: dict[str, Any], last: str
) -> None:
    """E-7.8; the thirty days are ours."""
    assert_due("breach-review", last, breach(**fields), row="E-7.8")


def test_an_open_case_says_what_to_do() -> None:
    """E-7.8."""
    (fresh,) = dues("breach-review", "2009-05-11", breach(), within=60)
    (running,) = dues("breach-review", "2009-05-13", breach(opened_on="2009-05-13"), within=60)
    assert "open an investigation" in fresh.what
    assert "look at the investigation again" in running.what


def test_an_organisation_looks_more_often() -> None:
    own = POLICY.stored()["values"]["investigation_review"] | {"value": 14}
    policy = Policy.from_stored({"values": {"investigation_review": own}})
    assert_due("breach-review", "2009-05-25", breach(), row="E-7.8", policy=policy)


@pytest.mark.parametrize("opened", ["2009-05-12", "2009-12-31", "2012-02-29"])
def test_the_account_is_suspended_on_the_day_the_investigation_opens(opened: str) -> None:
    """E-7.9."""
    running = breach(opened_on=opened)
    assert_due("breach-suspend", opened, person(), running, row="E-7.9")
    assert hits("breach-account", "2009-05-11", person(), running) == []
    assert hits("breach-account", opened, person(), running) == [(BREACH, "breach")]


@pytest.mark.parametrize(
    ("fields", "objected"),
    [
        ({}, True),
        ({"suspensions": [{"on": "2009-05-12", "reason": "x"}]}, False),
        ({"suspensions": [{"on": "2009-06-01", "reason": "x"}]}, False),
        ({"suspensions": [{"on": "2009-06-02", "reason": "x"}]}, True),
        ({"suspensions": [{"on": "2009-05-12", "reason": "x", "restored_on": "2009-06-01"}]}, True),
        (
            {"suspensions": [{"on": "2009-05-12", "reason": "x", "restored_on": "2009-06-02"}]},
            False,
        ),
        ({"account_closed_on": "2009-06-01"}, False),
        ({"account_closed_on": "2009-06-02"}, True),
        ({"account_opened_on": None}, False),
        ({"account_opened_on": "2009-06-02"}, False),
        ({"voided": True}, False),
    ],
)
def test_an_account_is_in_use_on_the_first_of_june(fields: dict[str, Any], objected: bool) -> None:
    """E-7.9: seen on 1 June 2009, while the investigation runs."""
    entries = (person(**fields), breach(opened_on="2009-05-12"))
    expected = [(BREACH, "breach")] * objected
    assert hits("breach-account", "2009-06-01", *entries) == expected
    assert len(dues("breach-suspend", "2009-06-01", *entries)) == objected


@pytest.mark.parametrize(
    ("on", "concluded", "objected"),
    [
        ("2009-06-29", "2009-06-30", True),
        ("2009-06-30", "2009-06-30", False),
        ("2009-07-01", "2009-06-30", False),
        ("2015-07-01", None, True),
    ],
)
def test_the_account_may_be_used_again_when_the_case_is_concluded(
    on: str, concluded: str | None, objected: bool
) -> None:
    """E-7.9, E-7.10."""
    running = breach(opened_on="2009-05-12", concluded_on=concluded)
    assert hits("breach-account", on, person(), running) == [(BREACH, "breach")] * objected


def test_no_account_is_suspended_without_an_investigation() -> None:
    """E-7.9."""
    never_due("breach-suspend", person(), breach())
    assert hits("breach-account", "2010-01-01", person(), breach()) == []
    assert hits("breach-account", "2010-01-01", person("b"), breach(opened_on="2009-05-12")) == []


def test_the_user_register_is_what_counts() -> None:
    """E-7.9: where only the breach log says so, the two are made to agree."""
    said = breach(opened_on="2009-05-12", suspended_on="2009-05-13")
    assert hits("breach-account", "2009-05-12", person(), said) == [(BREACH, "breach")]
    assert hits("breach-account", "2009-05-13", person(), said) == [(BREACH, "warning")]


def test_several_people_are_counted_and_none_twice() -> None:
    people = [person(who) for who in "abc"]
    several = breach(opened_on="2009-05-12", persons=[one.id for one in [*people, people[0]]])
    (found,) = dues("breach-suspend", "2009-05-12", *people, several)
    assert "3 accounts" in found.what
    (found,) = dues("breach-suspend", "2009-05-12", people[0], several)
    assert "the account" in found.what


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        (UNTOLD, "breach"),
        ({"reported_to": None}, "warning"),
        ({"team_told_on": None}, "warning"),
        ({"team_told_on": "2009-05-13"}, "warning"),
        ({"reported_to": None, "team_told_on": "2009-05-13"}, "breach"),
        (
            {"reported_to": None, "team_told_on": None, "found_through": "authority_audit"},
            "warning",
        ),
        ({}, None),
    ],
)
def test_a_breach_that_nobody_heard_of(fields: dict[str, Any], severity: str | None) -> None:
    """E-7.3, C15: seen the day after it came to light."""
    expected = [(BREACH, severity)] if severity else []
    assert hits("breach-told", "2009-05-10", breach(**fields)) == []
    assert hits("breach-told", "2009-05-12", breach(**fields)) == expected


def test_telling_counts_from_its_day() -> None:
    """C15."""
    told = breach(team_told_on="2009-05-13")
    assert hits("breach-told", "2009-05-12", told) == [(BREACH, "warning")]
    assert hits("breach-told", "2009-05-13", told) == []


def test_a_case_ends_with_something_done() -> None:
    """E-7.5."""
    idle = breach(actions=[], concluded_on="2009-06-01")
    assert hits("breach-concluded", "2009-05-31", idle) == []
    assert hits("breach-concluded", "2009-06-01", idle) == [(BREACH, "warning")]
    assert hits("breach-concluded", "2009-06-01", breach(concluded_on="2009-06-01")) == []


@given(DAYS, DAYS)
def test_a_later_event_never_brings_a_due_date_earlier(one: date, other: date) -> None:
    def all_due(on: date) -> list[list[date]]:
        latest = date(2040, 1, 1)
        earlier = date(2008, 9, 1)
        return [
            [found.due_on for found in dues(rule, latest, person(), entry)]
            for rule, entry in (
                ("breach-manager", breach(discovered_on=on, **UNTOLD)),
                ("breach-authority", breach(discovered_on=on, **UNTOLD)),
                ("breach-action", breach(discovered_on=on, actions=[])),
                ("breach-review", breach(discovered_on=on, actions=[])),
                ("breach-review", breach(discovered_on=earlier, opened_on=on)),
                ("breach-review", breach(discovered_on=earlier, actions=[act(on.isoformat())])),
                ("breach-suspend", breach(discovered_on=earlier, opened_on=on)),
            )
        ]

    first, second = sorted((one, other))
    for before, after in zip(all_due(first), all_due(second), strict=True):
        assert len(before) == len(after) == 1
        assert before <= after


def test_nobody_is_named() -> None:
    entries = [
        person("a", name="Zebedee Quirk", handle="zebedee"),
        breach("a", what="Zebedee Quirk did it", opened_on="2009-05-12", reported_by="Quirk"),
        breach("a", 1, actions=[], **UNTOLD),
        breach("a", 2, actions=[], concluded_on="2009-06-01", outcome="Quirk", reported_to=None),
    ]
    said = messages("2010-01-01", *entries)
    assert len(said) > 8
    assert not any(word in one for one in said for word in ("Zebedee", "zebedee", "Quirk"))


def test_a_case_in_which_everything_was_done_says_nothing() -> None:
    closed = person(suspensions=[{"on": "2009-05-12", "reason": "x", "restored_on": "2009-06-30"}])
    entries = Records([closed, breach(opened_on="2009-05-12", concluded_on="2009-06-30")])
    for on in ("2009-06-30", "2012-01-01"):
        assert [one for one in check(entries, POLICY, day(on)) if one.log == "breach"] == []
        assert [one for one in due(entries, POLICY, day(on)) if one.log == "breach"] == []
