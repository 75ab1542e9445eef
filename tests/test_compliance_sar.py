"""Due dates and checks of subject access referrals (E-14, S-2.12, C16, C25): both sides of every edge."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import check, due
from cpvol.logs.book import Records
from cpvol.policy import load
from tests.support.entries import POLICY, day
from tests.support.incidents import assert_due, dues, hits, messages, named, never_due, sar

SAR = named("sar", "a")
DAYS = st.dates(date(2008, 10, 1), date(2030, 12, 31))
VERIFIED: dict[str, Any] = {"identity_verified_on": "2009-06-02"}
REFERRED: dict[str, Any] = VERIFIED | {"referred_on": "2009-06-03", "referred_to": "team"}


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2009-06-02", "2009-06-03"),  # Tuesday
        ("2009-06-05", "2009-06-08"),  # Friday
        ("2009-06-06", "2009-06-08"),  # Saturday
        ("2009-06-07", "2009-06-08"),  # Sunday
        ("2009-04-09", "2009-04-14"),  # Maundy Thursday
        ("2009-05-01", "2009-05-05"),  # the early May bank holiday
        ("2009-08-28", "2009-09-01"),  # England's summer bank holiday
        ("2009-12-24", "2009-12-29"),
        ("2009-12-31", "2010-01-04"),
        ("2012-02-28", "2012-02-29"),
        ("2011-02-28", "2011-03-01"),
    ],
)
def test_a_request_is_passed_on_on_the_next_working_day(received: str, last: str) -> None:
    """E-14.2, C25; the day is ours."""
    assert_due("sar-refer", last, sar(received_on=received), row="E-14.2")


@pytest.mark.parametrize(
    ("shielded", "office", "row"),
    [
        ("yes", "Data Protection Officer", "S-2.12"),
        ("no", "team", "E-14.2"),
        ("unknown", "team", "E-14.2"),
    ],
)
def test_a_shielded_request_goes_to_the_officer_first(shielded: str, office: str, row: str) -> None:
    """C16: what nobody knows, nobody looks up."""
    (found,) = dues("sar-refer", "2009-06-02", sar(shielded=shielded), within=7)
    assert found.what.endswith(office)
    assert row in found.source


@pytest.mark.parametrize(
    ("fields", "open_until"),
    [(REFERRED, "2009-06-03"), ({"closed_on": "2009-06-04"}, "2009-06-04")],
)
def test_what_was_passed_on_or_closed_is_not_to_be_passed_on(
    fields: dict[str, Any], open_until: str
) -> None:
    """E-14.2."""
    before = date.fromordinal(day(open_until).toordinal() - 1)
    assert len(dues("sar-refer", before, sar(**fields), within=7)) == 1
    assert dues("sar-refer", open_until, sar(**fields), within=7) == []


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        (
            {"identity_complete_on": "2009-06-02"},
            "2009-07-11",
        ),  # a Saturday: days, not working days
        ({"identity_complete_on": "2009-06-10"}, "2009-07-19"),
        ({"identity_complete_on": "2009-06-10", "fee_received_on": "2009-06-15"}, "2009-07-24"),
        ({"identity_complete_on": "2009-06-15", "fee_received_on": "2009-06-10"}, "2009-07-24"),
        ({"identity_complete_on": "2009-06-03", "fee_received_on": "2009-05-29"}, "2009-07-12"),
        ({"identity_complete_on": "2009-11-22"}, "2009-12-31"),
        ({"identity_complete_on": "2009-11-23"}, "2010-01-01"),
        ({"identity_complete_on": "2012-01-21"}, "2012-02-29"),
        ({"identity_complete_on": "2011-01-21"}, "2011-03-01"),
        ({"identity_complete_on": "2010-03-01"}, "2010-04-09"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "owner", "scope"),
    [("sar-answer", "authority", "directory"), ("sar-own", "us", "broader")],
)
def test_the_forty_days(
    fields: dict[str, Any], last: str, rule: str, owner: str, scope: str
) -> None:
    """C25, E-14.7: the first day counts, so the last is 39 days later."""
    assert_due(rule, last, sar(scope=scope, **fields), row="C25", owner=owner)


def test_the_forty_days_do_not_run_while_something_is_missing() -> None:
    """C25: nothing to identify the requester by, and a fee that is not there yet."""
    never_due("sar-answer", sar(received_on="2008-12-01"))
    never_due("sar-own", sar(received_on="2008-12-01", scope="broader"))
    waiting = sar(identity_complete_on="2009-06-03", fee_received_on="2009-06-15")
    assert dues("sar-answer", "2009-06-14", waiting, within=90) == []
    assert len(dues("sar-answer", "2009-06-15", waiting, within=90)) == 1


def test_the_clock_runs_whether_or_not_it_was_passed_on() -> None:
    """E-14.7: passing it on late takes days from the authority, not from the requester."""
    complete: dict[str, Any] = {"identity_complete_on": "2009-06-02"}
    for fields in ({}, REFERRED):
        (found,) = dues("sar-answer", "2009-06-10", sar(**complete, **fields), within=90)
        assert (found.due_on, found.owner) == (day("2009-07-11"), "authority")


def test_closing_ends_every_date() -> None:
    """E-14.2, E-14.7."""
    closed = sar(identity_complete_on="2009-06-02", scope="broader", closed_on="2009-06-20")
    for rule in ("sar-refer", "sar-answer", "sar-own"):
        assert len(dues(rule, "2009-06-19", closed, within=90)) == 1
        assert dues(rule, "2009-06-20", closed, within=90) == []


def test_our_own_part() -> None:
    """E-14.5, C16: only of a broader request, and until it is answered."""
    complete: dict[str, Any] = {"identity_complete_on": "2009-06-02"}
    never_due("sar-own", sar(**complete))
    answered = sar(scope="broader", own_answered_on="2009-06-30", **complete)
    assert len(dues("sar-own", "2009-06-29", answered, within=90)) == 1
    assert dues("sar-own", "2009-06-30", answered, within=90) == []
    assert len(dues("sar-answer", "2009-06-30", answered, within=90)) == 1


def test_a_struck_out_request_is_not_due() -> None:
    void = sar(
        received_on="2008-12-01", identity_complete_on="2008-12-01", scope="broader", voided=True
    )
    for rule in ("sar-refer", "sar-answer", "sar-own"):
        never_due(rule, void)


@given(DAYS, DAYS)
def test_a_later_event_never_brings_a_due_date_earlier(one: date, other: date) -> None:
    def all_due(on: date) -> list[list[date]]:
        latest = date(2040, 1, 1)
        earlier = date(2008, 9, 1)
        moved: list[dict[str, Any]] = [
            {"received_on": on, "identity_complete_on": on},
            {"received_on": earlier, "identity_complete_on": on},
            {"received_on": earlier, "identity_complete_on": earlier, "fee_received_on": on},
        ]
        return [
            [found.due_on for found in dues(rule, latest, sar(scope="broader", **fields))]
            for rule in ("sar-refer", "sar-answer", "sar-own")
            for fields in moved
        ]

    first, second = sorted((one, other))
    for before, after in zip(all_due(first), all_due(second), strict=True):
        assert len(before) == len(after) == 1
        assert before <= after


@pytest.mark.parametrize(
    ("in_writing", "fields", "expected"),
    [
        ("yes", {}, []),
        ("no", {}, [(SAR, "warning")]),
        ("unknown", {}, [(SAR, "warning")]),
        ("no", REFERRED | {"closed_on": "2009-06-05"}, [(SAR, "warning")]),
        ("no", {"closed_on": "2009-06-05"}, []),  # turned away, and rightly
    ],
)
def test_a_request_is_in_writing(
    in_writing: str, fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """E-14.4."""
    found = sar(in_writing=in_writing, **fields)
    assert hits("sar-writing", "2009-06-01", found) == []
    assert hits("sar-writing", "2009-07-01", found) == expected


@pytest.mark.parametrize(
    ("verified", "referred", "closed", "expected"),
    [
        ("2009-06-02", "2009-06-03", "2009-07-01", None),
        ("2009-06-03", "2009-06-03", "2009-07-01", None),
        ("2009-06-04", "2009-06-03", "2009-07-01", "warning"),
        (None, "2009-06-03", None, "warning"),
        ("2009-07-01", "2009-06-03", "2009-07-01", "warning"),
        ("2009-07-02", "2009-06-03", "2009-07-01", "breach"),
        (None, "2009-06-03", "2009-07-01", "breach"),
        (None, None, "2009-07-01", "breach"),
        (None, None, None, None),
    ],
)
def test_who_asks_is_verified_before_it_goes_on(
    verified: str | None, referred: str | None, closed: str | None, expected: str | None
) -> None:
    """E-14.8."""
    found = sar(
        identity_verified_on=verified, referred_on=referred, referred_to="team", closed_on=closed
    )
    assert hits("sar-identity", "2009-08-01", found) == ([(SAR, expected)] if expected else [])


@pytest.mark.parametrize(
    ("shielded", "office", "expected"),
    [
        ("yes", "dpo", None),
        ("yes", "team", "breach"),
        ("no", "team", None),
        ("unknown", "team", None),
        ("unknown", "dpo", None),
        ("yes", None, "warning"),
        ("no", None, "warning"),
    ],
)
def test_a_shielded_request_went_to_the_officer_first(
    shielded: str, office: str | None, expected: str | None
) -> None:
    """S-2.12, C16."""
    found = sar(shielded=shielded, referred_to=office, referred_on="2009-06-03")
    assert hits("sar-shielded", "2009-06-02", found) == []
    assert hits("sar-shielded", "2009-06-03", found) == ([(SAR, expected)] if expected else [])


@pytest.mark.parametrize(
    ("relation", "tracing", "noted"),
    [
        ("parent", None, False),
        ("parent", "unknown", False),
        ("other", None, False),
        ("parent", "no", True),
        ("parent", "yes", True),
        ("subject", None, True),
    ],
)
def test_that_somebody_may_be_tracing_a_child_is_thought_of(
    relation: str, tracing: str | None, noted: bool
) -> None:
    """E-14.10: a note, nothing more."""
    found = hits("sar-tracing", "2009-06-02", sar(relation=relation, tracing=tracing))
    assert found == ([] if noted else [(SAR, "note")])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["breach"]),
        ({"in_writing": "unknown"}, ["breach"]),
        ({"in_writing": "no"}, []),
        (REFERRED, []),
        ({"scope": "broader"}, ["breach", "warning"]),
        (REFERRED | {"scope": "broader"}, ["warning"]),
        (REFERRED | {"scope": "broader", "own_answered_on": "2009-06-30"}, []),
    ],
)
def test_a_file_is_closed_when_everything_is_answered(
    fields: dict[str, Any], expected: list[str]
) -> None:
    """E-14.2, E-14.5."""
    found = sar(**(fields | {"closed_on": "2009-07-01"}))
    assert hits("sar-closed", "2009-06-30", found) == []
    assert [severity for _, severity in hits("sar-closed", "2009-07-01", found)] == expected


def test_nobody_is_named() -> None:
    entries = [
        sar("a", case="ZQ-77", outcome="Zebedee", closed_on="2009-07-01", scope="broader"),
        sar("b", case="ZQ-78", in_writing="no", relation="parent", shielded="yes"),
        sar("c", case="ZQ-79", identity_complete_on="2009-06-02", scope="broader"),
    ]
    said = messages("2009-07-02", *entries)
    assert len(said) > 7
    assert not any(word in one for one in said for word in ("ZQ-7", "Zebedee"))


def test_a_request_that_went_its_way_says_nothing() -> None:
    done = REFERRED | {
        "identity_complete_on": "2009-06-02",
        "closed_on": "2009-07-10",
        "outcome": "x",
    }
    entries = Records([sar(**done)])
    assert check(entries, POLICY, day("2009-07-10")) == []
    assert due(entries, POLICY, day("2009-07-10")) == []


@pytest.mark.parametrize(
    ("told", "late"), [("2026-11-03", 0), ("2026-11-04", 0), ("2026-11-05", 1)]
)
def test_an_extension_is_told_before_the_first_time_is_over(told: str, late: int) -> None:
    """A month whose first day is 5 October ends with 4 November, as the profile counts."""
    found = sar(received_on="2026-10-05", identity_complete_on="2026-10-05", extended_on=told)
    hits_ = [
        one
        for one in check(Records([found]), load("uk-today"), day("2026-12-01"))
        if one.rule == "sar-extension"
    ]
    assert len(hits_) == late
