"""Due dates and checks of brokering, support, disputes, searches, spot checks, changes: both sides of every edge."""

from __future__ import annotations

from typing import Any

import pytest

from cpvol.compliance import due
from cpvol.logs.book import Records
from cpvol.policy import load
from tests.support.entries import day, id_of, person
from tests.support.incidents import assert_due, dues, hits, never_due
from tests.support.others import entry, named


@pytest.mark.parametrize(
    ("rule", "log", "fields", "last", "row"),
    [
        ("brokering-open", "brokering", {}, "2009-09-21", "S-8.1"),
        ("brokering-open", "brokering", {"passed_on": "2009-09-08"}, "2009-09-22", "B-24"),
        ("support-open", "support", {}, "2009-11-23", "E-18.3"),
        (
            "support-open",
            "support",
            {"escalated_on": "2009-11-18", "escalated_to": "Team"},
            "2009-11-25",
            "E-18.3",
        ),
        ("support-password", "support", {"kind": "password"}, "2009-11-16", "E-13.1"),
        ("dispute-open", "dispute", {}, "2010-02-17", "E-19.3"),
        ("spotcheck-remedy", "spotcheck", {"screen": "not_met"}, "2009-11-11", "E-16.5"),
        ("change-tell", "change", {}, "2009-11-02", "E-17.6"),
    ],
)
def test_what_is_open_falls_due(
    rule: str, log: str, fields: dict[str, Any], last: str, row: str
) -> None:
    assert_due(rule, last, person(), entry(log, **fields), row=row)


@pytest.mark.parametrize(
    ("rule", "log", "fields"),
    [
        ("brokering-open", "brokering", {"decision": "shared", "decided_on": "2009-09-07"}),
        ("support-open", "support", {"closed_on": "2009-11-16"}),
        ("support-password", "support", {}),
        ("dispute-open", "dispute", {"closed_on": "2010-01-18"}),
        ("spotcheck-remedy", "spotcheck", {}),
        ("spotcheck-remedy", "spotcheck", {"screen": "not_applicable"}),
        ("change-tell", "change", {"manager_told_on": "2008-01-01"}),
    ],
)
def test_what_is_done_is_not_asked_about(rule: str, log: str, fields: dict[str, Any]) -> None:
    never_due(rule, person(), entry(log, **fields))


def test_what_ends_later_is_open_until_then() -> None:
    """A day that has not come is no end."""
    made = entry("support", closed_on="2010-01-05")
    assert len(dues("support-open", "2010-01-04", person(), made)) == 1
    assert dues("support-open", "2010-01-05", person(), made) == []


@pytest.mark.parametrize(
    ("fields", "objections"),
    [
        ({"refusal": "Not safe", "signed_by": "Manager", "signed_on": "2009-09-10"}, 0),
        ({"refusal": "Not safe", "signed_by": "Manager"}, 1),
        ({"signed_by": "Manager", "signed_on": "2009-09-10"}, 1),
        ({}, 2),
    ],
)
def test_a_refusal_has_signed_and_dated_reasons(fields: dict[str, Any], objections: int) -> None:
    """S-8.3."""
    made = entry("brokering", decision="refused", decided_on="2009-09-10", **fields)
    assert hits("brokering-refusal", "2009-09-09", person(), made) == []
    found = hits("brokering-refusal", "2009-09-10", person(), made)
    assert found == [(named("brokering"), "breach")] * objections
    shared = entry("brokering", decision="shared", decided_on="2009-09-10")
    assert hits("brokering-refusal", "2009-09-10", person(), shared) == []


@pytest.mark.parametrize(
    ("fields", "objected"),
    [
        ({"documents_seen_on": "2010-01-20"}, False),
        ({"documents_seen_on": "2010-01-21"}, True),
        ({}, True),
        ({"known_as": "yes"}, False),
        ({"known_as": "no"}, True),
        ({"kind": "accuracy"}, False),
    ],
)
def test_a_legal_name_is_changed_on_documents(fields: dict[str, Any], objected: bool) -> None:
    """E-19.5."""
    made = entry("dispute", **({"kind": "legal_name", "changed_on": "2010-01-20"} | fields))
    assert hits("name-documents", "2010-01-19", made) == []
    assert hits("name-documents", "2010-01-21", made) == [(named("dispute"), "breach")] * objected


@pytest.mark.parametrize(
    ("shielder", "records", "objected"),
    [
        (None, 10, False),
        (None, 11, True),
        ("no", 11, True),
        ("yes", 11, False),
        ("yes", 35, False),
        ("yes", 36, True),
    ],
)
def test_a_search_shows_no_more_than_it_may(
    shielder: str | None, records: int, objected: bool
) -> None:
    """C18: 10 are allowed, 11 are a finding; 35 for a shielder."""
    search = {"person": id_of("person", "a"), "on": "2010-02-01", "records": records}
    made = entry("usage", searches=[search])
    found = hits("search-limit", "2010-04-06", person(shielder=shielder), made)
    assert found == [(named("usage"), "breach")] * objected
    assert hits("search-limit", "2010-01-31", person(shielder=shielder), made) == []


@pytest.mark.parametrize(
    ("log", "rule", "fields", "told"),
    [
        ("spotcheck", "spotcheck-told", {"build": "not_met"}, "directory_manager_told_on"),
        ("change", "change-told", {}, "manager_told_on"),
    ],
)
def test_who_has_to_hear_of_it_hears_of_it(
    log: str, rule: str, fields: dict[str, Any], told: str
) -> None:
    """E-16.5, E-17.6: on the day itself there is still time."""
    made = entry(log, **fields)
    day = {"spotcheck": "2009-10-12", "change": "2009-11-02"}[log]
    after = {"spotcheck": "2009-10-13", "change": "2009-11-03"}[log]
    assert hits(rule, day, made) == []
    assert hits(rule, after, made) == [(named(log), "warning")]
    assert hits(rule, after, entry(log, **fields, **dict[str, Any]({told: day}))) == []


def test_a_spot_check_without_fault_has_nobody_to_tell() -> None:
    assert hits("spotcheck-told", "2010-01-01", entry("spotcheck")) == []


# -- complaints, where the policy has a time for them ---------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "due_on"),
    [
        ({}, "2027-06-02"),
        ({"acknowledged_on": "2027-05-05"}, None),
        ({"closed_on": "2027-05-05", "outcome": "Settled"}, None),
        (
            {"acknowledged_on": "2027-05-06"},
            "2027-06-02",
        ),  # it lies ahead of the day that is looked at
        ({"kind": "accuracy"}, None),
        ({"raised_on": "2027-05-06"}, None),
    ],
)
def test_a_complaint_is_acknowledged_within_thirty_days(
    fields: dict[str, Any], due_on: str | None
) -> None:
    """B-21; the documents of 2009 have no time for it."""
    made = entry("dispute", **({"raised_on": "2027-05-04", "kind": "complaint"} | fields))
    for profile, expected in (("uk-today", due_on), ("contactpoint", None)):
        found = [
            one
            for one in due(Records([made]), load(profile), day("2027-05-05"))
            if one.rule == "complaint-acknowledge"
        ]
        assert [f"{one.due_on}" for one in found] == ([expected] if expected else [])
        assert not any(one.overdue(day("2027-06-02")) for one in found)
        assert all(one.overdue(day("2027-06-03")) for one in found)
