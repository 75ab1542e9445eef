"""Due dates and checks of shields and overrides (E-9, E-15, S-2, S-9, C4, C5, C8, C10): both sides of every edge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import check
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.policy.organisation import Organisation
from tests.support.entries import POLICY, day, person
from tests.support.incidents import assert_due, dues, hits, never_due
from tests.support.others import entry, named
from tests.support.strategies import days

SHIELD, OVERRIDE = named("shield"), named("override")
RIGHT = person(override="yes", override_agreed_by="Safeguarding board")


def organisation(*roles: str) -> Organisation:
    return Organisation(name="Example", access="query", logs=("person",), shield_roles=roles)


@pytest.mark.parametrize("route", ["asked", "done"])
def test_the_authority_hears_of_a_shield_on_its_day(route: str) -> None:
    """E-9.7, E-9.8."""
    untold = entry("shield", route=route, team_told_on=None)
    assert_due("shield-tell", "2009-07-06", untold, row="E-9.8")
    assert hits("shield-told", "2009-07-06", untold) == []
    assert hits("shield-told", "2009-07-07", untold) == [(SHIELD, "breach")]
    late = entry("shield", route=route, team_told_on="2009-07-07")
    assert hits("shield-told", "2009-07-08", late) == [(SHIELD, "warning")]
    assert hits("shield-told", "2009-07-08", entry("shield")) == []
    answered = entry("shield", team_told_on=None, answer="applied", answered_on="2009-07-07")
    assert dues("shield-tell", "2009-07-07", answered) == []


@pytest.mark.parametrize(
    ("rule", "owner", "row"),
    [("shield-review", "authority", "S-2.5"), ("shield-view", "us", "C10")],
)
def test_a_shield_is_reviewed_after_seven_days_and_then_every_six_months(
    rule: str, owner: str, row: str
) -> None:
    """C10: the review is the authority's, our view is ours to note."""
    assert_due(rule, "2009-07-13", entry("shield"), row=row, owner=owner)
    seen = {"on": "2009-08-31", "by": "Safeguarding lead", "view": "keep"}
    # Six months from the last day of August end on the last of February.
    assert_due(rule, "2010-02-28", entry("shield", reviews=[seen]), row=row, owner=owner)
    again = seen | {"on": "2010-03-01"}
    assert_due(rule, "2010-09-01", entry("shield", reviews=[seen, again]), row=row, owner=owner)


@pytest.mark.parametrize(
    "fields",
    [
        {"withdrawn_on": "2009-07-06"},
        {"answer": "rejected", "answered_on": "2009-07-06"},
        {"voided": True},
    ],
)
def test_a_request_that_is_over_is_not_reviewed(fields: dict[str, Any]) -> None:
    """E-9.10, S-15.4."""
    never_due("shield-review", entry("shield", **fields))
    never_due("shield-view", entry("shield", **fields))


def test_a_request_ends_on_the_day_of_its_withdrawal() -> None:
    over = entry("shield", withdrawn_on="2009-12-01", answer="applied", answered_on="2009-07-08")
    assert len(dues("shield-review", "2009-11-30", over)) == 1
    assert dues("shield-review", "2009-12-01", over) == []


def test_a_senior_representative_agrees() -> None:
    """S-2.2."""
    assert hits("shield-senior", "2009-07-06", entry("shield")) == []
    alone = entry("shield", agreed_by=None)
    assert hits("shield-senior", "2009-07-05", alone) == []
    assert hits("shield-senior", "2009-07-06", alone) == [(SHIELD, "breach")]


@pytest.mark.parametrize(
    ("decided_by", "roles", "objected"),
    [
        ("Safeguarding lead", ("Safeguarding lead",), False),
        ("safeguarding  LEAD", ("Chair", "Safeguarding lead"), False),
        ("Secretary", ("Safeguarding lead",), True),
        ("Safeguarding lead", (), True),
        (None, ("Safeguarding lead",), True),
    ],
)
def test_who_decides_is_one_of_the_roles_that_the_organisation_named(
    decided_by: str | None, roles: tuple[str, ...], objected: bool
) -> None:
    """C8; the entry stands all the same."""
    book = Records([entry("shield", decided_by=decided_by)])
    found = check(book, POLICY, day("2009-07-06"), organisation=organisation(*roles))
    assert [one.rule for one in found if one.rule == "shield-role"] == ["shield-role"] * objected


def test_without_the_organisations_details_no_role_is_objected_to() -> None:
    assert hits("shield-role", "2009-07-06", entry("shield")) == []
    assert hits("shield-role", "2009-07-06", entry("shield", decided_by=None)) == [
        (SHIELD, "warning")
    ]


@pytest.mark.parametrize(
    ("criteria", "consulted", "expected"),
    [
        (["other"], "yes", []),
        (["other"], "no", ["breach"]),
        (["other"], "unknown", ["warning"]),
        (["other"], None, ["warning"]),
        (["other", "crime"], None, []),
        (["crime"], None, []),
    ],
)
def test_another_strong_reason_alone_is_agreed(
    criteria: list[str], consulted: str | None, expected: list[str]
) -> None:
    """S-A2.2, C6."""
    made = entry("shield", criteria=criteria, consulted=consulted)
    assert [severity for _, severity in hits("shield-consulted", "2009-07-06", made)] == expected


def test_a_shield_has_at_least_one_criterion() -> None:
    """C6: this is refused by the form itself."""
    with pytest.raises(ValueError, match="give at least one"):
        entry("shield", criteria=[])


@pytest.mark.parametrize(("answer", "notes"), [("yes", 0), ("no", 1), ("unknown", 1), (None, 1)])
def test_the_household_is_thought_of(answer: str | None, notes: int) -> None:
    """E-9.11."""
    made = entry("shield", household=answer)
    assert hits("shield-household", "2009-07-06", made) == [(SHIELD, "note")] * notes


# -- overrides -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "last"),
    [
        ("2009-08-14", "2009-08-15"),
        ("2009-12-31", "2010-01-01"),
        ("2012-02-28", "2012-02-29"),
    ],
)
def test_our_report_is_due_a_day_after_the_override(on: str, last: str) -> None:
    """E-15.5: hours run at weekends too."""
    made = entry("override", date=on)
    (found,) = dues("override-report", on, made, within=1)
    assert found.due_on == day(last)
    assert found.owner == "us"
    assert "23:10" in found.what
    assert dues("override-report", last, entry("override", date=on, reported_on=last)) == []


@pytest.mark.parametrize(
    ("on", "last"),
    [
        ("2009-08-13", "2009-08-14"),
        ("2009-08-14", "2009-08-17"),
        ("2009-08-28", "2009-09-01"),  # the last Monday of August is a holiday
        ("2009-12-24", "2009-12-29"),
    ],
)
def test_the_authority_investigates_on_the_next_working_day(on: str, last: str) -> None:
    """E-15.4, S-9.3, C4."""
    (found,) = dues("override-investigation", on, entry("override", date=on), within=10)
    assert (found.due_on, found.owner) == (day(last), "authority")
    done = entry("override", date=on, concluded_on=on)
    assert dues("override-investigation", on, done, within=10) == []


@pytest.mark.parametrize(
    ("reported", "late"),
    [
        (("2009-08-15", "23:10"), False),
        (("2009-08-15", "23:11"), True),
        (("2009-08-14", "23:59"), False),
        (("2009-08-16", "00:00"), True),
    ],
)
def test_the_report_comes_within_twenty_four_hours(reported: tuple[str, str], late: bool) -> None:
    """E-15.5: to the minute."""
    on, at = reported
    made = entry("override", reported_on=on, reported_time=at)
    assert hits("override-reported", "2009-08-20", RIGHT, made) == [(OVERRIDE, "breach")] * late


def test_a_missing_report_is_a_breach_from_the_day_after_it_was_due() -> None:
    made = entry("override")
    assert hits("override-reported", "2009-08-15", RIGHT, made) == []
    assert hits("override-reported", "2009-08-16", RIGHT, made) == [(OVERRIDE, "breach")]


@pytest.mark.parametrize("fact", ["team_unavailable", "threat", "holds_right"])
@pytest.mark.parametrize(
    ("value", "expected"), [("yes", []), ("no", ["breach"]), ("unknown", ["warning"])]
)
def test_an_override_has_its_three_facts(fact: str, value: str, expected: list[str]) -> None:
    """C5, S-9.1, S-9.2, E-15.1: one that lacks a fact is recorded and reported."""
    made = entry("override", **dict[str, Any]({fact: value}))
    found = hits("override-facts", "2009-08-14", RIGHT, made)
    assert [severity for _, severity in found] == expected
    assert hits("override-facts", "2009-08-13", RIGHT, made) == []


@pytest.mark.parametrize(
    ("who", "objected"),
    [
        (RIGHT, False),
        (person(override="no"), True),
        (person(), True),
        (person("b", override="no"), False),  # the person is not in the register: another check
    ],
)
def test_the_register_gives_the_right(who: Record, objected: bool) -> None:
    """E-15.1."""
    found = hits("override-right", "2009-08-14", who, entry("override"))
    assert found == [(OVERRIDE, "breach")] * objected


@pytest.mark.parametrize(("confirmed", "hit"), [("yes", 0), ("no", 1), ("unknown", 0), (None, 0)])
def test_an_override_is_asked_for_twice(confirmed: str | None, hit: int) -> None:
    """E-15.3."""
    made = entry("override", confirmed=confirmed)
    assert len(hits("override-confirmed", "2009-08-14", RIGHT, made)) == hit


@given(days, days)
def test_a_later_override_is_never_due_earlier(one: Any, other: Any) -> None:
    first, second = (
        dues("override-report", "2199-12-31", entry("override", date=on), within=3)
        for on in sorted((one, other))
    )
    assert first[0].due_on <= second[0].due_on


@given(st.permutations(["2009-08-01", "2010-02-01", "2010-08-01"]))
def test_views_count_in_any_order(ons: list[str]) -> None:
    views = [{"on": on, "by": "Lead", "view": "keep"} for on in ons]
    (found,) = dues("shield-view", "2011-02-01", entry("shield", reviews=views))
    assert found.due_on == day("2011-02-01")
