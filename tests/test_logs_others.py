"""The other thirteen logs: their steps in the words of those who do them, what comes next, and how long they are kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.fields import field_named
from cpvol.logs.shown import shown
from cpvol.policy import load
from cpvol.retention import expiry
from cpvol.tasks.entries import amended
from cpvol.tasks.values import BadInput, Reader, gather
from tests.support.entries import person
from tests.support.others import entry

POLICY = load()
NOBODY = Reader(Records([]), date(2010, 1, 1))


def after(record: Record, step: str, **answers: Any) -> Record:
    """The record once a step was taken."""
    (found,) = (one for one in BY_NAME[record.log].follow_ups if one.name == step)
    changes = found.changes(record, found.asks.model_validate(answers))
    return amended(record, changes, step, None, "member-1", date(2010, 6, 1))


def nexts(record: Record) -> list[str]:
    """What the first step of the log says is to be done now."""
    step = BY_NAME[record.log].follow_ups[0]
    assert step.next is not None
    return step.next(record, Records([record]))


STEPS: list[tuple[str, dict[str, Any], str, dict[str, Any], str]] = [
    ("shield", {"team_told_on": None}, "answer", {"team_told_on": "2009-07-06"}, "tell the"),
    ("override", {}, "report", {"reported_on": "2009-08-15", "reported_time": "09:00"}, "24 hours"),
    ("brokering", {}, "decide", {"passed_on": "2009-09-08"}, "ask the directory's team"),
    ("spotcheck", {"build": "not_met"}, "remedy", {"remedied_on": "2009-10-20"}, "put right"),
    ("change", {}, "tell", {"manager_told_on": "2009-11-01"}, "data manager"),
    (
        "support",
        {"kind": "password"},
        "escalate",
        {"escalated_to": "User administration", "escalated_on": "2009-11-16"},
        "user administration",
    ),
    ("dispute", {}, "act", {"team_asked_on": "2010-01-20"}, "change our own record"),
    ("acknowledgement", {}, "sign", {"acknowledged_on": "2008-09-03"}, "acknowledgement.sign"),
    ("usage", {}, "send", {"returned_on": "2010-04-07"}, "send the return"),
    ("declaration", {}, "sign", {"officer_signed_on": "2009-03-03"}, "chief officer"),
]


@pytest.mark.parametrize(("log", "fields", "step", "answers", "said"), STEPS)
def test_a_step_is_asked_for_until_it_is_taken(
    log: str, fields: dict[str, Any], step: str, answers: dict[str, Any], said: str
) -> None:
    before = entry(log, **fields)
    assert any(said in line for line in nexts(before))
    done = after(before, step, **answers)
    assert not any(said in line for line in nexts(done))
    assert done.amendments[-1].action == step


def test_a_refusal_is_signed_before_nothing_is_left() -> None:
    """S-8.3."""
    refused = after(entry("brokering"), "decide", decision="refused", decided_on="2009-09-20")
    assert "sign" in nexts(refused)[0]
    signed = {"refusal": "Not safe", "signed_by": "Manager", "signed_on": "2009-09-21"}
    assert nexts(after(refused, "decide", **signed)) == []


def test_a_withdrawn_shield_is_the_authoritys_to_take_away() -> None:
    """C9, S-7.2."""
    told = nexts(after(entry("shield"), "withdraw", withdrawn_on="2009-12-01"))
    assert len(told) == 1
    assert "stays shielded" in told[0]


@pytest.mark.parametrize(
    ("log", "step", "answers"),
    [
        ("shield", "answer", {"answer": "applied"}),
        ("shield", "answer", {"answered_on": "2009-07-08"}),
        ("override", "report", {"reported_on": "2009-08-14", "reported_time": "23:09"}),
        ("spotcheck", "remedy", {"remedied_on": "2009-10-11"}),
        ("support", "close", {"closed_on": "2009-11-15", "outcome": "Shown"}),
        ("declaration", "sign", {"chair_signed_on": "2009-03-01"}),
    ],
)
def test_a_step_that_cannot_have_been_is_refused(
    log: str, step: str, answers: dict[str, Any]
) -> None:
    with pytest.raises((ValueError, BadInput)):
        after(entry(log), step, **answers)


@pytest.mark.parametrize(
    ("log", "fields"),
    [
        ("shield", {"reference": "Robin"}),
        ("dispute", {"case": "Robin Example"}),
        ("consent", {"case": "robin"}),
        ("consent", {"kind": "without", "given_by": None}),
        ("consent", {"given_by": None}),
        ("accuracy", {"checked": 3, "corrected": 4}),
        ("accuracy", {"checked": -1}),
        ("usage", {"end": "2009-12-31"}),
        ("override", {"team_unavailable": None}),
        ("shield", {"criteria": ["dislike"]}),
    ],
)
def test_what_is_malformed_is_refused(log: str, fields: dict[str, Any]) -> None:
    """A child is never more than a number of one's own (E-1.4, N-5)."""
    with pytest.raises(ValidationError):
        entry(log, **fields)


@pytest.mark.parametrize(
    ("log", "fields", "last"),
    [
        ("shield", {"withdrawn_on": "2012-02-29"}, "2018-03-01"),
        ("shield", {"answer": "rejected", "answered_on": "2009-07-08"}, "2015-07-08"),
        ("shield", {"answer": "applied", "answered_on": "2009-07-08"}, None),
        ("override", {"concluded_on": "2009-08-20"}, "2015-08-20"),
        ("override", {}, None),
        ("brokering", {"decision": "shared", "decided_on": "2009-09-20"}, "2015-09-20"),
        ("brokering", {}, None),
        ("spotcheck", {}, "2012-10-12"),
        ("change", {}, "2012-11-02"),
        ("support", {"closed_on": "2009-11-20"}, "2012-11-20"),
        ("support", {}, None),
        ("dispute", {"closed_on": "2010-02-28"}, "2016-02-28"),
        ("dispute", {}, None),
        ("usage", {}, "2013-04-06"),
        ("accuracy", {}, "2012-09-30"),
        ("notice", {}, "2012-02-02"),
        ("consent", {}, "2016-02-08"),
        ("declaration", {"officer_signed_on": "2009-03-05", "chair_signed_on": "2009-03-12"}, "2015-03-12"),
        ("declaration", {"officer_signed_on": "2009-03-05"}, None),
    ],
)  # fmt: skip
def test_each_is_kept_through_its_last_day(
    log: str, fields: dict[str, Any], last: str | None
) -> None:
    """C26: six years where it may have to answer a claim, three where it is operational; open entries stay."""
    record = entry(log, **fields)
    found = expiry(record, Records([record, person()]), POLICY)
    assert (f"{found.expires_on}" if found else None) == last
    assert POLICY.keep(BY_NAME[log]).origin == "ours"
    assert POLICY.keep(BY_NAME[log]).reason


def test_an_acknowledgement_goes_six_years_after_the_person_left() -> None:
    record = entry("acknowledgement")
    assert expiry(record, Records([record, person()]), POLICY) is None
    gone = person(left_on="2010-03-31", account_closed_on="2010-03-31")
    found = expiry(record, Records([record, gone]), POLICY)
    assert found is not None
    assert found.expires_on - date(2016, 3, 31) == timedelta(0)


def test_several_choices_are_typed_with_commas_and_shown_in_words() -> None:
    model = BY_NAME["shield"].model
    spec = field_named(model, "criteria")
    assert spec is not None
    assert spec.kind == "choices"
    assert len(spec.choices) == 7
    values = gather(model, {"criteria": "harm to the child, crime"}, NOBODY)
    assert values == {"criteria": ["child", "crime"]}
    record = entry("shield", criteria=values["criteria"])
    assert shown(spec, record.criteria, Records([])).startswith("harm to the child, prevention")  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="none of the choices"):
        gather(model, {"criteria": "child, dislike"}, NOBODY)
