"""What comes round again (C23) and the declaration (E-D.1): both sides of every edge."""

from __future__ import annotations

from typing import Any

import pytest

from cpvol.compliance import check, due
from cpvol.compliance.due_round import ROUNDS
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.policy.organisation import Organisation
from tests.support.entries import POLICY, day, person
from tests.support.incidents import assert_due, hits, never_due
from tests.support.others import entry, named

LOGS = tuple(each.log for each in ROUNDS)
SIGNED: dict[str, Any] = {"officer_signed_on": "2009-03-05", "chair_signed_on": "2009-03-12"}


def organisation(*logs: str) -> Organisation:
    return Organisation(name="Example", access="query", logs=("person", *logs))


def rounds(on: str, ours: Organisation | None, *entries: Record) -> dict[str, str]:
    found = due(Records(entries), POLICY, day(on), 400, ours)
    return {one.log: f"{one.due_on}" for one in found if one.rule.endswith("-round")}


@pytest.mark.parametrize(
    ("log", "fields", "last", "row"),
    [
        ("spotcheck", {"on": "2009-11-30"}, "2010-02-28", "E-16.9"),
        ("usage", {}, "2010-07-06", "E-8.2"),
        ("accuracy", {}, "2010-09-30", "E-12.2"),
        ("declaration", SIGNED, "2010-03-12", "E-D.1"),
        ("declaration", SIGNED | {"next_due_on": "2009-12-01"}, "2009-12-01", "E-D.1"),
    ],
)
def test_each_comes_round_in_its_time(
    log: str, fields: dict[str, Any], last: str, row: str
) -> None:
    """C23: three, three, twelve and twelve months from the last time; a declaration may name its day."""
    made = entry(log, **fields)
    assert_due(f"{log}-round", last, made, row=row)
    assert hits(f"{log}-stale", last, made) == []
    assert hits(f"{log}-stale", day(last).replace(year=2011), made) == [(made.id, "warning")]


def test_a_register_is_stale_from_the_day_after() -> None:
    made = entry("usage")
    assert hits("usage-stale", "2010-07-06", made) == []
    assert hits("usage-stale", "2010-07-07", made) == [(made.id, "warning")]


def test_the_last_time_counts_and_one_that_is_ahead_does_not() -> None:
    first, second = entry("spotcheck"), entry("spotcheck", nth=1, on="2009-12-01")
    assert rounds("2009-11-30", None, first, second) == {"spotcheck": "2010-01-12"}
    assert rounds("2009-12-01", None, first, second) == {"spotcheck": "2010-03-01"}


def test_what_was_never_done_counts_from_the_first_account() -> None:
    """Of the logs that the organisation keeps, and while somebody has an account."""
    user = person(account_opened_on="2008-10-01")
    assert rounds("2008-10-01", organisation(*LOGS), user) == {
        "spotcheck": "2009-01-01",
        "usage": "2009-01-01",
        "accuracy": "2009-10-01",
        "declaration": "2009-10-01",
    }
    assert rounds("2008-10-01", organisation("usage"), user) == {"usage": "2009-01-01"}
    assert rounds("2008-09-30", organisation(*LOGS), user) == {}
    assert rounds("2008-10-01", None, user) == {}
    closed = person(account_opened_on="2008-10-01", account_closed_on="2008-12-01")
    assert rounds("2009-01-01", organisation(*LOGS), closed) == {}


def test_a_register_that_was_never_begun_is_stale() -> None:
    user = person(account_opened_on="2008-10-01")
    found = check(Records([user]), POLICY, day("2009-01-02"), organisation=organisation("usage"))
    assert [(one.log, one.id) for one in found if one.rule == "usage-stale"] == [("", "")]


def test_a_log_that_the_organisation_does_not_keep_is_not_asked_for() -> None:
    assert rounds("2011-01-01", organisation(), entry("usage")) == {}


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        (SIGNED, None),
        ({"officer_signed_on": "2009-03-05"}, "chair"),
        ({"chair_signed_on": "2009-03-05"}, "chief officer"),
        ({}, "both"),
    ],
)
def test_a_declaration_has_two_signatures(fields: dict[str, Any], lacks: str | None) -> None:
    """E-D.1: on the day on which it is drawn up there is still time."""
    made = entry("declaration", **fields)
    assert hits("declaration-signed", "2009-03-02", made) == []
    found = check(Records([made]), POLICY, day("2009-03-20"))
    told = [one.message for one in found if one.rule == "declaration-signed"]
    assert len(told) == (lacks is not None)
    assert all(lacks in words for words in told if lacks)


def test_a_declaration_without_signatures_starts_no_year() -> None:
    never_due("declaration-round", entry("declaration", officer_signed_on="2009-03-05"))
    half = entry("declaration", **SIGNED)
    assert hits("declaration-signed", "2009-03-11", half) == [(named("declaration"), "breach")]
