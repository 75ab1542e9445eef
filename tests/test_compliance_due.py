"""What falls due, on both sides of every edge; each case names the row it comes from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import DUE_RULES, Due, due, explain
from cpvol.logs.book import Records
from cpvol.policy import Policy
from tests.support.entries import POLICY, book, day, ecrb, id_of, person, training, whole

#: Issued on 11 August 2008: the last valid day is 10 August 2011 (C2).
LAST = day("2011-08-10")


def found(entries: Records, on: date | str, within: int = 90, policy: Policy = POLICY) -> list[Due]:
    return due(entries, policy, day(on) if isinstance(on, str) else on, within)


def rules(entries: Records, on: date | str, within: int = 90) -> set[str]:
    return {one.rule for one in found(entries, on, within)}


def one(entries: Records, rule: str, on: date | str, within: int = 90) -> Due:
    (only,) = [due for due in found(entries, on, within) if due.rule == rule]
    return only


def test_nothing_is_due_while_all_is_well() -> None:
    assert found(whole(), "2009-01-01") == []


@pytest.mark.parametrize("rule", DUE_RULES, ids=[rule.rule for rule in DUE_RULES])
def test_each_rule_says_why_and_whose_it_is(rule: Any) -> None:
    assert explain(rule.rule).why.endswith(".")
    assert explain(rule.rule).source == rule.source
    assert rule.title
    assert rule.source
    assert rule.owner in {"us", "authority"}


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len({rule.rule for rule in DUE_RULES}) == len(DUE_RULES)


# Renewal of checks


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (91, None),
        (90, "90-day warning, 90 days are left"),
        (61, "90-day warning, 61 days are left"),
        (60, "60-day warning, 60 days are left"),
        (31, "60-day warning, 31 days are left"),
        (30, "30-day warning, 30 days are left"),
        (8, "30-day warning, 8 days are left"),
        (7, "7-day warning, 7 days are left"),
        (1, "7-day warning, 1 day is left"),
        (0, "7-day warning, the last day is left"),
        (-1, "it has lapsed"),
    ],
)
def test_a_renewal_is_warned_of_in_stages(left: int, words: str | None) -> None:
    """C24, E-5.9: from 90 days before the last valid day, which is three years less a day after issue (C2)."""
    on = LAST - timedelta(days=left)
    if words is None:
        assert "ecrb-renewal" not in rules(whole(), on)
        return
    renewal = one(whole(), "ecrb-renewal", on)
    assert renewal.due_on == LAST
    assert words in renewal.what
    assert renewal.overdue(on) == (left < 0)
    assert (renewal.log, renewal.id, renewal.owner) == ("ecrb", ecrb().id, "us")
    assert "E-5.9" in renewal.source


def test_a_renewal_beyond_the_warnings_is_shown_to_who_looks_further() -> None:
    renewal = one(whole(), "ecrb-renewal", LAST - timedelta(days=200), within=365)
    assert "warning" not in renewal.what


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        ("2008-02-28", "2011-02-27"),
        ("2008-02-29", "2011-02-28"),  # C27
        ("2008-03-01", "2011-02-28"),
        ("2009-01-01", "2011-12-31"),
    ],
)
def test_the_renewal_is_due_on_the_last_valid_day(issued: str, last: str) -> None:
    """C2, C27."""
    entries = book(person(joined_on="2008-01-01"), ecrb(issued_on=issued), training())
    assert one(entries, "ecrb-renewal", last).due_on == day(last)
    assert "ecrb-suspend" not in rules(entries, last)
    after = day(last) + timedelta(days=1)
    assert one(entries, "ecrb-suspend", after).due_on == after


def test_a_check_that_was_replaced_raises_nothing() -> None:
    second = ecrb(number=1, issued_on="2011-07-01", replaces=ecrb().id)
    assert rules(book(person(), ecrb(), second, training()), LAST + timedelta(days=400)) == set()


def test_a_renewal_that_nobody_saw_yet_does_not_count() -> None:
    """E-5.1: only a check that was seen."""
    second = ecrb(number=1, issued_on="2011-07-01", seen_on=None)
    assert "ecrb-renewal" in rules(book(person(), ecrb(), second, training()), LAST)
    seen = ecrb(number=1, issued_on="2011-07-01", seen_on="2011-08-11")
    entries = book(person(), ecrb(), seen, training())
    assert "ecrb-renewal" in rules(entries, LAST)
    assert rules(entries, LAST + timedelta(days=1)) == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"access": "none", "account_opened_on": None},
        {"account_closed_on": "2009-01-01", "access": "none"},
        {"left_on": "2009-01-01", "account_closed_on": "2009-01-01"},
        {"voided": True},
    ],
)
def test_nobody_asks_for_the_renewal_of_somebody_without_access(fields: dict[str, Any]) -> None:
    assert "ecrb-renewal" not in rules(whole(**fields), LAST)


@pytest.mark.parametrize("access", ["query", "nominated", "mediator"])
def test_every_kind_of_access_needs_a_valid_check(access: str) -> None:
    assert "ecrb-renewal" in rules(whole(access=access, account_opened_on=None), LAST)


def test_a_struck_out_check_does_not_count() -> None:
    entries = book(person(), ecrb(), ecrb(number=1, issued_on="2011-07-01", voided=True))
    assert "ecrb-renewal" in rules(entries, LAST)


# After a check has lapsed


def suspended(on: str, restored: str | None = None) -> list[dict[str, Any]]:
    again = {"restored_on": day(restored)} if restored else {}
    return [{"on": day(on), "reason": "the check lapsed", **again}]


@pytest.mark.parametrize(
    ("on", "expected", "overdue"),
    [
        ("2011-08-10", False, False),
        ("2011-08-11", True, False),
        ("2011-08-12", True, True),
    ],
)
def test_a_lapsed_check_suspends_the_account_on_the_first_invalid_day(
    on: str, expected: bool, overdue: bool
) -> None:
    """E-5.7, C3."""
    assert ("ecrb-suspend" in rules(whole(), on)) == expected
    if expected:
        suspend = one(whole(), "ecrb-suspend", on)
        assert suspend.due_on == day("2011-08-11")
        assert suspend.overdue(day(on)) == overdue


def test_a_suspended_account_is_closed_after_thirty_days_without_a_renewal() -> None:
    """C3: 30 days are ours."""
    entries = whole(suspensions=suspended("2011-08-11"))
    assert "ecrb-suspend" not in rules(entries, "2011-08-11")
    close = one(entries, "ecrb-close", "2011-08-11")
    assert close.due_on == day("2011-09-10")
    assert one(entries, "ecrb-close", "2011-09-20").due_on == day("2011-09-10")
    assert not close.overdue(day("2011-09-10"))
    assert close.overdue(day("2011-09-11"))
    assert "ecrb-close" not in rules(entries, "2011-08-11", within=29)
    assert "ecrb-close" in rules(entries, "2011-08-11", within=30)


def test_an_account_that_was_restored_too_early_is_to_be_suspended_again() -> None:
    entries = whole(suspensions=suspended("2011-08-11", "2011-08-20"))
    assert "ecrb-suspend" not in rules(entries, "2011-08-19")
    assert "ecrb-suspend" in rules(entries, "2011-08-20")


@pytest.mark.parametrize("fields", [{"account_closed_on": "2011-08-11", "access": "none"}])
def test_a_closed_account_ends_it(fields: dict[str, Any]) -> None:
    assert rules(whole(**fields), "2011-10-01") == set()


def test_the_number_is_the_policys() -> None:
    own = Policy.from_stored(
        {
            "values": {
                "ecrb_close": POLICY.stored()["values"]["ecrb_close"] | {"value": 5},
                "ecrb_valid": POLICY.stored()["values"]["ecrb_valid"]
                | {"value": 2, "origin": "ours", "reason": "our insurer"},
            }
        }
    )
    close = [one for one in found(whole(), "2010-08-11", policy=own) if one.rule == "ecrb-close"]
    assert [one.due_on for one in close] == [day("2010-08-16")]


# After a check has failed


def test_a_failed_check_is_acted_on_at_once() -> None:
    """E-5.8."""
    entries = book(person(), ecrb(decision="failed", failed_on="2010-05-04"), training())
    assert rules(entries, "2010-05-03") == set()
    steps = {one.rule: one for one in found(entries, "2010-05-04")}
    assert set(steps) == {"ecrb-failed-withdraw", "ecrb-failed-tell", "ecrb-failed-token"}
    for step in steps.values():
        assert step.due_on == day("2010-05-04")
        assert not step.overdue(day("2010-05-04"))
        assert step.overdue(day("2010-05-05"))
        assert step.source == ("E-5.8",)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("use_withdrawn_on", "ecrb-failed-withdraw"),
        ("team_told_on", "ecrb-failed-tell"),
        ("token_returned_on", "ecrb-failed-token"),
    ],
)
def test_each_step_after_a_failure_ends_with_its_own_date(field: str, rule: str) -> None:
    """E-5.8."""
    done: dict[str, Any] = {field: "2010-05-04"}
    failure = ecrb(decision="failed", failed_on="2010-05-04", **done)
    left = rules(book(person(), failure, training()), "2010-05-05")
    assert left == {"ecrb-failed-withdraw", "ecrb-failed-tell", "ecrb-failed-token"} - {rule}


def test_no_token_is_asked_back_from_who_never_had_one() -> None:
    entries = book(person(), ecrb(decision="failed", failed_on="2010-05-04"), training(token=None))
    assert "ecrb-failed-token" not in rules(entries, "2010-05-05")


def test_a_failed_renewal_counts_against_the_valid_check_before_it() -> None:
    """E-5.8: the latest check counts."""
    failure = ecrb(number=1, issued_on="2010-05-01", decision="failed")
    entries = book(person(), ecrb(), failure, training())
    assert "ecrb-failed-withdraw" not in rules(entries, "2010-04-30")
    assert one(entries, "ecrb-failed-withdraw", "2010-05-01").id == failure.id
    assert "ecrb-renewal" not in rules(entries, LAST)


def test_an_applicant_whose_check_failed_has_nothing_to_give_back() -> None:
    entries = book(
        person(access="none", account_opened_on=None),
        ecrb(decision="failed", failed_on="2008-08-12"),
    )
    assert rules(entries, "2009-01-01") == set()


# Leavers

ALL_STEPS = {
    "leaver-tell",
    "leaver-suspend",
    "leaver-close",
    "leaver-notice",
    "leaver-acknowledged",
}


def leaver(**fields: Any) -> Records:
    return whole(left_on="2009-03-31", **fields)


def leaving(entries: Records, on: str) -> set[str]:
    return {rule for rule in rules(entries, on) if rule.startswith("leaver-")}


def test_everything_for_a_leaver_is_due_on_their_last_day() -> None:
    """E-4.1, E-4.6."""
    assert leaving(leaver(), "2009-03-31") == ALL_STEPS
    for step in found(leaver(), "2009-03-31"):
        assert step.due_on == day("2009-03-31")
        assert not step.overdue(day("2009-03-31"))
        assert step.overdue(day("2009-04-01"))
        assert (step.log, step.id) == ("person", id_of("person", "a"))


def test_a_leaving_that_is_known_ahead_shows_ahead() -> None:
    assert leaving(leaver(), "2008-12-31") == ALL_STEPS
    assert leaving(leaver(), "2008-12-30") == set()


@pytest.mark.parametrize(
    ("fields", "done"),
    [
        ({"team_told_on": "2009-03-30"}, {"leaver-tell"}),
        ({"suspensions": suspended("2009-03-31")}, {"leaver-suspend"}),
        ({"account_closed_on": "2009-03-31"}, {"leaver-suspend", "leaver-close"}),
        ({"notice_given_on": "2009-03-31"}, {"leaver-notice"}),
        (
            {"notice_given_on": "2009-03-31", "notice_acknowledged_on": "2009-04-02"},
            {"leaver-notice", "leaver-acknowledged"},
        ),
    ],
)
def test_each_step_of_leaving_ends_with_its_own_date(
    fields: dict[str, Any], done: set[str]
) -> None:
    """E-4.1, E-4.6, C1."""
    assert leaving(leaver(**fields), "2009-04-05") == ALL_STEPS - done


def test_an_old_suspension_that_was_lifted_does_not_count() -> None:
    entries = leaver(suspensions=suspended("2009-01-10", "2009-01-20"))
    assert "leaver-suspend" in leaving(entries, "2009-04-01")


def test_who_never_had_access_leaves_without_steps() -> None:
    assert leaving(leaver(access="none", account_opened_on=None), "2009-04-05") == set()


def test_a_nominated_user_leaves_with_notice_and_without_an_account() -> None:
    """B-9, E-4.6."""
    entries = leaver(access="nominated", account_opened_on=None)
    assert leaving(entries, "2009-04-05") == {"leaver-tell", "leaver-notice", "leaver-acknowledged"}


# Training


@pytest.mark.parametrize(
    ("on", "within", "shown", "overdue"),
    [
        ("2009-01-30", 0, False, False),
        ("2009-01-31", 0, True, False),
        ("2009-02-01", 0, True, True),
        ("2009-01-01", 30, True, False),
    ],
)
def test_a_booked_training_is_asked_about(on: str, within: int, shown: bool, overdue: bool) -> None:
    """E-3.5; the 30 days are ours."""
    entries = book(
        person(account_opened_on=None), training(booked_on="2009-01-01", completed_on=None)
    )
    assert ("training-completion" in rules(entries, on, within)) == shown
    if shown:
        asked = one(entries, "training-completion", on, within)
        assert asked.due_on == day("2009-01-31")
        assert asked.overdue(day(on)) == overdue


def test_a_booking_that_another_training_replaced_is_not_asked_about() -> None:
    booked = training(booked_on="2009-01-01", completed_on=None)
    later = training(number=1, completed_on="2009-01-01")
    earlier = training(number=1, completed_on="2008-12-31")
    assert rules(book(person(), booked, later, ecrb()), "2009-06-01") == set()
    assert rules(book(person(), booked, earlier, ecrb()), "2009-06-01") == {"training-completion"}


def test_the_booking_of_who_left_is_not_asked_about() -> None:
    booked = training(booked_on="2009-01-01", completed_on=None)
    entries = book(person(account_opened_on=None, access="none", left_on="2009-01-15"), booked)
    assert "training-completion" in rules(entries, "2009-01-15")
    assert "training-completion" not in rules(entries, "2009-01-16")


# Disposal


def test_disposal_falls_due_the_day_after_the_last_day() -> None:
    """C22, C27; each log by its own rule."""
    entries = leaver(
        account_closed_on="2009-03-31",
        team_told_on="2009-03-31",
        notice_given_on="2009-03-31",
        notice_acknowledged_on="2009-03-31",
    )
    assert rules(entries, "2015-03-31", within=0) == set()
    gone = found(entries, "2015-04-01", within=0)
    assert {(one.rule, one.source[0]) for one in gone} == {
        ("retention-person", "E-5.3"),
        ("retention-ecrb", "E-5.6"),
        ("retention-training", "E-3.2"),
    }
    for disposal in gone:
        assert disposal.due_on == day("2015-04-01")
        assert disposal.overdue(day("2015-04-02"))
        assert "6 years" in disposal.what
    assert len(found(entries, "2015-01-01", within=90)) == 3
    assert found(entries, "2015-01-01", within=89) == []


# All of it


def test_the_soonest_comes_first() -> None:
    entries = book(person("a"), ecrb("a"), person("b", left_on="2011-07-01"), ecrb("b"))
    dates = [one.due_on for one in found(entries, "2011-08-20")]
    assert dates == sorted(dates)
    assert len(set(dates)) > 2


def test_no_due_date_names_anybody() -> None:
    entries = book(
        person(name="Canary Quince", left_on="2011-07-01"),
        ecrb(reference="CANARY", seen_by="Canary"),
        training(booked_on="2008-01-01", completed_on=None),
    )
    for step in found(entries, "2020-01-01"):
        assert "canary" not in step.what.lower()
        assert "\n" not in step.what


def moved(entries: tuple[Any, ...], number: int) -> dict[tuple[str, str], date]:
    """Each due date, of entries whose every day lies a number of days later."""
    later = [
        entry.model_copy(
            update={
                key: value + timedelta(days=number)
                for key, value in entry
                if isinstance(value, date)
            }
        )
        for entry in entries
    ]
    on = day("2012-01-01") + timedelta(days=number)
    return {(one.rule, one.id): one.due_on for one in due(Records(later), POLICY, on, within=4000)}


@given(st.integers(0, 3000), st.integers(1, 800))
def test_moving_what_happened_later_never_brings_a_due_date_earlier(
    start: int, further: int
) -> None:
    entries = (
        person("a"),
        ecrb("a"),
        training("a"),
        person("b", left_on="2009-05-01"),
        ecrb("b"),
        training("b", booked_on="2009-01-01", completed_on=None),
        person("c", left_on="2009-05-01", account_closed_on="2009-05-01"),
        ecrb("c"),
        training("c"),
        person("d"),
        ecrb("d", decision="failed", failed_on="2010-05-04"),
        training("d"),
    )
    before, after = moved(entries, start), moved(entries, start + further)
    assert before
    for key in before.keys() & after.keys():
        assert before[key] <= after[key]


@given(
    st.dates(date(2008, 8, 11), date(2030, 1, 1)),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_looking_further_only_adds(on: date, within: int, further: int) -> None:
    entries = book(
        person("a"), ecrb("a"), person("b", left_on="2012-05-01", account_closed_on="2012-05-01")
    )
    near, far = found(entries, on, within), found(entries, on, within + further)
    assert [one for one in far if one in near] == near
    assert all(one.due_on <= on + timedelta(days=within) for one in near)


def test_steps_of_one_day_come_in_the_order_in_which_they_are_done() -> None:
    leaver = person(account_opened_on="2008-09-18", left_on="2009-03-31")
    said = [each for each in found(book(leaver), "2009-04-01") if each.rule.startswith("leaver-")]
    assert len({each.due_on for each in said}) < len(said)
    order = ["leaver-tell", "leaver-suspend", "leaver-notice", "leaver-acknowledged"]
    assert [each.rule for each in said if each.rule in order] == order
