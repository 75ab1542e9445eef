"""The numbers of the sources, each with its unit and where it comes from; and an organisation's own, equally checked."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.codec import decode, encode
from cpvol.logs import BY_NAME, LOGS
from cpvol.policy import BadPolicy, Policy, load, misattributed, profiles, schedule
from cpvol.policy.model import NAMES, VALUES, Sourced

EXPECTED: dict[str, tuple[object, str, str]] = {
    "ecrb_valid": (3, "years", "source"),  # E-3.6, E-5.1, E-5.5
    "ecrb_warnings": ((90, 60, 30, 7), "days", "ours"),  # C24
    "ecrb_close": (30, "days", "ours"),  # C3
    "tell_at_once": (0, "days", "source"),  # E-5.8, E-9.8, E-11.6, S-2.7
    "training_chase": (30, "days", "ours"),
    "isa_member_from": (date(2009, 10, 1), "date", "source"),  # S-1.2
    "token_post": (1, "working_days", "ours"),
    "token_confirm": (14, "days", "ours"),
    "investigation_review": (30, "days", "ours"),
    "sar_response": (40, "days", "source"),  # E-14.7
    "sar_refer": (1, "working_days", "ours"),  # C25
    "override_report": (24, "hours", "source"),  # E-15.5
    "override_investigation": (1, "working_days", "source"),  # E-15.4, S-9.3
    "shield_review_first": (7, "days", "source"),  # S-2.5, S-10.2, S-11.2
    "shield_review_next": (6, "months", "source"),  # S-2.5, S-2.16, S-6.2
    "shielders_named": (2, "people", "source"),  # W-9
    "shielded_items": (4, "items", "source"),  # S-1.6, N-9
    "shield_form_criteria": (4, "items", "source"),  # S-A4.3
    "shield_log_fields": (8, "items", "source"),  # S-15.3 to S-15.10
    "shield_log_outcomes": (5, "items", "source"),  # S-15.4
    "search_limit": (10, "records", "source"),  # S-14.1
    "search_limit_shielder": (35, "records", "source"),  # S-14.2
    "authentication_factors": (2, "items", "source"),  # S-1.3
    "forbidden_activities": (10, "items", "source"),  # E-7.11
    "transport_bits": (128, "bits", "source"),  # E-17.1
    "transport_port": (443, "port", "source"),  # E-17.1
    "spot_check": (3, "months", "ours"),  # C23
    "usage_review": (3, "months", "ours"),  # C23
    "accuracy_check": (12, "months", "ours"),  # C23
    "declaration": (12, "months", "ours"),  # C23
    "accuracy_after": (1, "years", "source"),  # E-12.5
    "calendar_alarms": ((7, 1), "days", "ours"),
    "brokering_chase": (14, "days", "ours"),
    "support_chase": (7, "days", "ours"),
    "dispute_chase": (30, "days", "ours"),
    "remedy": (30, "days", "ours"),
    "practitioner_contacts": (5, "years", "source"),  # B-2
    "age_limit": (18, "years", "source"),  # E-1.3, B-4, W-1
    "age_limit_extended": (25, "years", "source"),  # B-4, N-3, W-1
    "approvers": (2, "people", "ours"),
    "single_admin_reminder": (3, "months", "ours"),
}


def entry(name: str = "ecrb_close", **changes: Any) -> dict[str, Any]:
    found = load().stored()["values"][name]
    return {key: value for key, value in (found | changes).items() if value is not None}


def refused(data: dict[str, Any]) -> BadPolicy:
    with pytest.raises(BadPolicy) as caught:
        Policy.from_stored(data)
    for sentence in (caught.value.problem, caught.value.hint):
        assert sentence
        assert "\n" not in sentence
    return caught.value


def test_every_number_is_accounted_for() -> None:
    assert set(EXPECTED) == set(load().numbers())
    assert set(VALUES) < set(EXPECTED) < set(NAMES)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_number_is_the_sources_or_ours(name: str) -> None:
    found = getattr(load(), name)
    assert (found.value, found.unit, found.origin) == EXPECTED[name]


@pytest.mark.parametrize("name", VALUES)
def test_each_number_says_where_it_comes_from(name: str) -> None:
    found = getattr(load(), name)
    assert isinstance(found, Sourced)
    assert found.rows
    assert bool(found.reason) == (found.origin == "ours")
    assert found.what.endswith(".")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ecrb_valid", "3 years"),
        ("ecrb_warnings", "90, 60, 30 and 7 days"),
        ("accuracy_after", "1 year"),
        ("sar_refer", "1 working day"),
        ("override_report", "24 hours"),
        ("search_limit", "10 records"),
        ("approvers", "2 people"),
        ("transport_port", "port 443"),
        ("isa_member_from", "01/10/2009"),
    ],
)
def test_a_number_is_said_in_words(name: str, words: str) -> None:
    assert getattr(load(), name).words == words


@pytest.mark.parametrize(
    ("log", "years", "row"),
    [("person", 6, "E-5.3"), ("ecrb", 6, "E-5.6"), ("training", 6, "E-3.2")],
)
def test_the_retention_that_the_sources_state(log: str, years: int, row: str) -> None:
    kept = load().keep(BY_NAME[log])
    assert (kept.value, kept.unit, kept.origin) == (years, "years", "source")
    assert row in kept.rows
    assert kept.since == BY_NAME[log].keep.since


def test_the_schedule_has_a_row_for_each_log() -> None:
    rows = schedule(load())
    assert [row.log for row in rows] == [log.name for log in LOGS]
    assert all(row.title and row.keep and row.since and (row.rows or row.reason) for row in rows)


def test_the_stored_policy_is_complete_and_reads_back_the_same() -> None:
    text = encode(load().stored())
    stored = decode(text)
    assert list(stored) == ["profile", "values", "retention"]
    assert list(load().stored()["values"]) == list(load().numbers())
    assert list(load().stored()["retention"]) == [log.name for log in LOGS]
    assert encode(Policy.from_stored(stored).stored()) == text


def test_an_organisation_decides_on_its_own_number_with_a_reason() -> None:
    own = Policy.from_stored(
        {"values": {"ecrb_close": entry(value=14, reason="our trustees meet fortnightly")}}
    )
    assert own.ecrb_close.value == 14
    assert own.ecrb_valid == load().ecrb_valid
    assert own.stored()["values"]["ecrb_close"]["reason"] == "our trustees meet fortnightly"


def test_an_organisation_keeps_a_log_longer_with_a_reason() -> None:
    longer = {"value": 90, "unit": "months", "origin": "ours", "reason": "our insurer", "what": "x"}
    own = Policy.from_stored({"retention": {"training": longer}})
    kept = own.keep(BY_NAME["training"])
    assert (kept.words, kept.reason, kept.since) == (
        "90 months",
        "our insurer",
        BY_NAME["training"].keep.since,
    )
    assert own.keep(BY_NAME["ecrb"]) == load().keep(BY_NAME["ecrb"])
    assert next(row for row in schedule(own) if row.log == "training").keep == "90 months"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"value": 0}, "value"),
        ({"value": -1}, "value"),
        ({"value": 100_000}, "value"),
        ({"value": "30"}, "value"),
        ({"value": 30.0}, "value"),
        ({"value": True}, "value"),
        ({"value": [30]}, "value"),
        ({"unit": "records"}, "unit"),
        ({"unit": "weeks"}, "unit"),
        ({"unit": None}, "unit"),
        ({"value": None}, "value"),
        ({"origin": "theirs"}, "origin"),
        ({"rows": ["E 5.7"]}, "rows"),
        ({"rows": "E-5.7"}, "rows"),
        ({"what": None}, "what"),
        ({"since": "x"}, "since"),
        ({"reason": None}, ""),
        ({"reason": "  "}, "reason"),
        ({"origin": "source", "rows": []}, ""),
    ],
)
def test_an_entry_that_is_not_right_is_refused_by_its_key(
    changes: dict[str, Any], key: str
) -> None:
    error = refused({"values": {"ecrb_close": entry(**changes)}})
    assert error.key.startswith(f"values.ecrb_close{'.' if key else ''}{key}")
    assert error.key in error.problem


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("search_limit", {"unit": "people", "value": 0}),
        ("transport_port", {"value": 70_000}),
        ("transport_port", {"unit": "items"}),
        ("isa_member_from", {"value": "01/10/2009"}),
        ("isa_member_from", {"value": 3}),
        ("ecrb_warnings", {"value": []}),
        ("ecrb_warnings", {"value": [7, 30]}),
        ("ecrb_warnings", {"value": [30, 30]}),
        ("ecrb_warnings", {"value": 30}),
        ("tell_at_once", {"value": -1}),
    ],
)
def test_each_kind_of_value_has_its_own_limits(name: str, changes: dict[str, Any]) -> None:
    assert refused({"values": {name: entry(name, **changes)}}).key.startswith(f"values.{name}")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"numbers": {}}, "numbers"),
        ({"values": {"ecrb_vaild": {}}}, "values.ecrb_vaild"),
        ({"values": {"ecrb_close": 30}}, "values.ecrb_close"),
        ({"values": []}, "values"),
        ({"retention": {"tokens": {}}}, "retention.tokens"),
        ({"retention": "six years"}, "retention"),
        ({"profile": "other"}, "profile"),
        ({"profile": "../contactpoint"}, "profile"),
    ],
)
def test_what_is_unknown_is_refused_by_its_key(data: dict[str, Any], key: str) -> None:
    assert refused(data).key == key


@pytest.mark.parametrize("changes", [{"value": 7}, {"value": 72, "unit": "months"}])
def test_no_retention_claims_a_source_that_states_another_number(changes: dict[str, Any]) -> None:
    stated = load().stored()["retention"]["training"]
    own = Policy.from_stored({"retention": {"training": stated}})
    assert own.stored() == load().stored()
    assert refused({"retention": {"training": stated | changes}}).key == "retention.training"


def test_a_value_that_claims_a_source_for_another_number_is_found() -> None:
    own = Policy.from_stored({"values": {"ecrb_valid": entry("ecrb_valid", value=5)}})
    assert misattributed(own, load()) == ["ecrb_valid"]
    ours = entry("ecrb_valid", value=2, origin="ours", reason="our insurer asks for it")
    assert misattributed(Policy.from_stored({"values": {"ecrb_valid": ours}}), load()) == []
    assert misattributed(load(), load()) == []


@given(st.sampled_from(VALUES), st.sampled_from(["value", "unit", "origin", "what"]))
def test_an_entry_that_lacks_a_part_is_refused_by_its_key(name: str, part: str) -> None:
    assert refused({"values": {name: entry(name, **{part: None})}}).key.startswith(f"values.{name}")


def test_the_profiles_that_come_with_it() -> None:
    assert profiles() == ["contactpoint", "uk-today"]
    with pytest.raises(BadPolicy) as caught:
        load("other")
    assert "contactpoint" in caught.value.hint


def test_a_complete_policy_needs_no_yaml_reader() -> None:
    """Start-up time is a target: the reader takes longer to import than a task may take."""
    program = (
        "import sys; from cpvol.codec import decode; from cpvol.policy import Policy;"
        "Policy.from_stored(decode(sys.stdin.buffer.read()));"
        "sys.exit(any(name.startswith('ruamel') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], input=encode(load().stored()), check=True)
