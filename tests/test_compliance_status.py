"""Where a person stands: the steps of joining and leaving, which are done, and which comes next."""

from __future__ import annotations

from typing import Any

import pytest

from cpvol.compliance import CHECKS, DUE_RULES, Status, status
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person
from tests.support.entries import POLICY, book, day, ecrb, person, training

ON = "2008-12-01"
NEW: dict[str, Any] = {
    "need_to_know": None,
    "identity_checked_on": None,
    "sharing_trained_on": None,
    "isa_member_on": None,
    "email": None,
    "security_questions": None,
    "account_opened_on": None,
}


def of(who: Person, *others: Any, on: str = ON) -> Status:
    return status(who, book(who, *others), POLICY, day(on))


def states(found: Status) -> dict[str, str]:
    return {step.step: step.state for step in found.steps if step.step != "token"}


def test_somebody_new_begins_with_the_need() -> None:
    """E-1.1 first, then the order of E-3.6 and E-11.1: check, training, account."""
    found = of(person(**NEW))
    assert found.way == "joiner"
    steps = list(states(found))
    assert steps == [
        "need",
        "ecrb",
        "identity",
        "sharing",
        "training",
        "email",
        "request",
        "account",
    ]
    assert found.next is not None
    assert found.next.step == "need"
    assert list(states(found).values()).count("next") == 1
    assert "done" not in states(found).values()


@pytest.mark.parametrize(
    ("fields", "others", "following"),
    [
        ({}, (), "need"),
        ({"need_to_know": "group"}, (), "ecrb"),
        ({"need_to_know": "group"}, (ecrb(seen_on=None),), "ecrb"),
        ({"need_to_know": "group"}, (ecrb(),), "identity"),
        ({"need_to_know": "group", "identity_checked_on": "2008-09-02"}, (ecrb(),), "sharing"),
        (
            {
                "need_to_know": "group",
                "identity_checked_on": "2008-09-02",
                "sharing_trained_on": "2008-09-03",
            },
            (ecrb(), training(completed_on=None, booked_on="2008-11-20")),
            "training",
        ),
    ],
)
def test_the_next_step_is_the_first_that_is_not_done(
    fields: dict[str, Any], others: tuple[Any, ...], following: str
) -> None:
    found = of(person(**(NEW | fields)), *others)
    assert found.next is not None
    assert found.next.step == following


def test_a_step_that_is_recorded_for_the_future_is_not_done_yet() -> None:
    found = of(person(**(NEW | {"need_to_know": "x", "identity_checked_on": ON})), ecrb())
    assert states(found)["identity"] == "done"
    earlier = of(
        person(**(NEW | {"need_to_know": "x", "identity_checked_on": ON})), ecrb(), on="2008-11-30"
    )
    assert states(earlier)["identity"] == "next"


def test_a_check_that_counts_says_until_when_and_a_lapsed_one_is_to_be_renewed() -> None:
    """C2."""
    step = next(s for s in of(person(), ecrb(), training()).steps if s.step == "ecrb")
    assert (step.state, step.done_on, step.due_on) == ("done", day("2008-08-11"), day("2011-08-10"))
    last = of(person(), ecrb(), training(), on="2011-08-10")
    lapsed = of(person(), ecrb(), training(), on="2011-08-11")
    assert states(last)["ecrb"] == "done"
    assert lapsed.next is not None
    assert (lapsed.next.step, lapsed.next.rule) == ("ecrb", "ecrb-renewal")


@pytest.mark.parametrize(
    ("checks", "on", "words"),
    [
        ((), ON, "see a valid enhanced check"),
        ((ecrb(seen_on=None),), ON, "see a valid enhanced check"),
        ((ecrb(),), ON, "see a valid enhanced check"),
        ((ecrb(),), "2011-08-11", "renew the enhanced check"),
        (
            (ecrb(), ecrb(number=1, issued_on="2011-07-01")),
            "2011-08-01",
            "renew the enhanced check",
        ),
        # The first is still the only one that counts.
        ((ecrb(), ecrb(number=1, issued_on="2011-07-01")), ON, "see a valid enhanced check"),
        (
            (ecrb(decision="failed"), ecrb(number=1, issued_on="2008-10-01")),
            ON,
            "see a valid enhanced check",
        ),
        ((ecrb(decision="failed"),), ON, "see a new enhanced check: the last one failed"),
    ],
)
def test_a_check_is_renewed_only_where_there_was_one(
    checks: tuple[Ecrb, ...], on: str, words: str
) -> None:
    (step,) = (each for each in of(person(), *checks, on=on).steps if each.step == "ecrb")
    assert step.title == words


def test_the_scheme_is_asked_for_once_it_has_begun() -> None:
    """S-1.2."""
    joiner = person(**NEW)
    assert "isa" not in states(of(joiner, on="2009-09-30"))
    assert states(of(joiner, on="2009-10-01"))["isa"] == "missing"


def test_a_nominated_user_needs_no_account() -> None:
    """B-9."""
    steps = states(of(person(**(NEW | {"access": "nominated"}))))
    assert list(steps) == ["need", "ecrb", "identity", "sharing", "training"]


def test_who_has_no_access_has_no_steps() -> None:
    for fields in ({}, {"left_on": "2008-11-01"}):
        assert of(person(**(NEW | {"access": "none"} | fields))).steps == ()


def test_a_leaver_takes_the_leavers_way() -> None:
    """E-4.1, E-4.6: each due on the last day."""
    found = of(person(left_on="2008-11-30"))
    assert found.way == "leaver"
    assert list(states(found)) == ["tell", "suspend", "close", "notice", "acknowledged"]
    assert all(step.due_on == day("2008-11-30") for step in found.steps if step.step != "token")
    assert found.next is not None
    assert found.next.step == "tell"


@pytest.mark.parametrize(
    ("fields", "following"),
    [
        ({"team_told_on": "2008-11-30"}, "suspend"),
        (
            {
                "team_told_on": "2008-11-30",
                "suspensions": [{"on": day("2008-11-30"), "reason": "left"}],
            },
            "close",
        ),
    ],
)
def test_a_leavers_next_step(fields: dict[str, Any], following: str) -> None:
    found = of(person(left_on="2008-11-30", **fields))
    assert found.next is not None
    assert found.next.step == following


def test_a_closed_account_was_suspended_too() -> None:
    steps = states(of(person(left_on="2008-11-30", account_closed_on="2008-11-30")))
    assert (steps["suspend"], steps["close"]) == ("done", "done")


def test_a_nominated_leaver_has_no_account_to_close() -> None:
    steps = states(of(person(access="nominated", account_opened_on=None, left_on="2008-11-30")))
    assert list(steps) == ["tell", "notice", "acknowledged"]


def test_each_step_names_a_rule_that_is_there() -> None:
    known = {one.rule for one in CHECKS} | {one.rule for one in DUE_RULES} | {""}
    for who in (person(**NEW), person(left_on="2008-11-30"), person()):
        for step in of(who, on="2010-01-01").steps:
            assert step.rule in known
            assert step.source
