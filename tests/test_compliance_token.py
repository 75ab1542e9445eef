"""Due dates, checks and the people's ways of the token register (E-4, E-11): both sides of every edge."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import Status, Step, check, due, status
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.person import Person
from cpvol.policy import Policy
from tests.support.entries import POLICY, day, id_of, person, training
from tests.support.incidents import (
    assert_due,
    breach,
    compliant,
    dues,
    hits,
    messages,
    named,
    never_due,
    nominated,
    session,
    token,
)

DAYS = st.dates(date(2008, 10, 1), date(2030, 12, 31))
TOKEN = named("token", "a")


def left(on: str = "2010-03-31", who: str = "a", **fields: Any) -> Person:
    """Somebody who left on a Wednesday, with everything done but for the token."""
    done = {
        "account_closed_on": on,
        "team_told_on": on,
        "notice_given_on": on,
        "notice_acknowledged_on": on,
    }
    return person(who, left_on=on, **(done | fields))


# -- due dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "on", ["2010-03-31", "2009-12-31", "2010-01-01", "2012-02-28", "2012-02-29", "2010-04-04"]
)
def test_a_leaver_hands_the_token_in_on_the_last_day(on: str) -> None:
    """E-4.3. The last day may be a Sunday, Easter, the end of a year or 29 February."""
    assert_due("token-return", on, left(on), token(), row="E-4.3")


def test_a_last_day_that_is_known_beforehand_is_seen_coming() -> None:
    """E-4.3."""
    (found,) = dues(
        "token-return", "2010-03-01", left("2010-03-31", account_closed_on=None), token(), within=30
    )
    assert found.due_on == day("2010-03-31")
    assert dues("token-return", "2010-03-01", left("2010-03-31"), token(), within=29) == []


def test_whoever_stays_without_an_account_hands_the_token_in() -> None:
    """E-5.7: after a lapse the account is closed and the token returned; so too after a move."""
    assert_due(
        "token-return", "2010-03-31", person(account_closed_on="2010-03-31"), token(), row="E-5.7"
    )


def test_a_token_given_out_after_the_last_day_is_due_when_it_was() -> None:
    assert_due("token-return", "2010-05-04", left(), token(issued_on="2010-05-04"), row="E-4.3")


@pytest.mark.parametrize(
    "fields",
    [
        {"returned_on": "2008-12-01"},
        {"posted_on": "2008-12-01"},
        {"received_on": "2008-12-01"},
        {"lost_on": "2008-12-01"},  # cannot be handed in; the loss is told instead
        {"lost_on": "2008-12-01", "team_told_on": "2008-12-01"},
        {"voided": True},
    ],
)
def test_a_token_that_is_not_in_hand_is_not_asked_for(fields: dict[str, Any]) -> None:
    """E-4.3."""
    never_due("token-return", left("2008-12-31"), token(**fields))
    assert hits("leaver-token", "2015-01-01", left("2008-12-31"), token(**fields)) == []


def test_whoever_stays_keeps_the_token() -> None:
    never_due("token-return", *compliant())


@pytest.mark.parametrize(
    ("returned", "last"),
    [
        ("2009-03-31", "2009-04-01"),  # Tuesday
        ("2009-04-03", "2009-04-06"),  # Friday
        ("2009-04-04", "2009-04-06"),  # Saturday
        ("2009-04-09", "2009-04-14"),  # Maundy Thursday: the day after Easter Monday
        ("2009-12-24", "2009-12-29"),  # Boxing Day on a Saturday: Monday is closed
        ("2009-12-31", "2010-01-04"),
        ("2012-02-28", "2012-02-29"),
        ("2009-08-28", "2009-09-01"),  # England's summer bank holiday
    ],
)
def test_a_token_is_posted_on_the_next_working_day(returned: str, last: str) -> None:
    """E-4.4; the day is ours."""
    assert_due("token-post", last, left("2009-03-30"), token(returned_on=returned), row="E-4.4")


@pytest.mark.parametrize(
    ("posted", "last"),
    [("2009-04-01", "2009-04-15"), ("2009-12-24", "2010-01-07"), ("2012-02-15", "2012-02-29")],
)
def test_the_authority_confirms_within_a_fortnight(posted: str, last: str) -> None:
    """E-4.4; the number is ours."""
    sent = token(returned_on="2009-04-01", posted_on=posted, post_reference="AB 1234 GB")
    assert_due("token-confirm", last, left("2009-03-31"), sent, row="E-4.4")


def test_each_station_ends_the_one_before() -> None:
    """E-4.3, E-4.4: handed in on Wednesday, posted on Thursday, confirmed the week after."""
    way = token(returned_on="2009-04-01", posted_on="2009-04-02", received_on="2009-04-08")
    expected = {
        "2009-03-31": {"token-return"},
        "2009-04-01": {"token-post"},
        "2009-04-02": {"token-confirm"},
        "2009-04-07": {"token-confirm"},
        "2009-04-08": set(),
    }
    for on, rules in expected.items():
        found = {
            rule
            for rule in ("token-return", "token-post", "token-confirm")
            if dues(rule, on, left("2009-03-31"), way, within=60)
        }
        assert found == rules, on


@pytest.mark.parametrize("lost", ["2009-05-12", "2009-12-31", "2012-02-29", "2009-04-12"])
def test_a_loss_is_told_on_its_day(lost: str) -> None:
    """E-11.6: at once, on Easter Sunday too."""
    assert_due("token-lost-tell", lost, person(), token(lost_on=lost), row="E-11.6")


def test_a_suspected_misuse_is_told_though_the_token_is_handed_in() -> None:
    """E-11.6: until the authority has it, or has heard."""
    used: dict[str, Any] = {
        "lost_on": "2009-05-12",
        "used_by_other": "yes",
        "returned_on": "2009-05-13",
    }
    assert len(dues("token-lost-tell", "2009-05-14", person(), token(**used))) == 1
    never_due("token-lost-tell", person(), token(**used, team_told_on="2008-12-01"))
    received = token(**used, posted_on="2009-05-13", received_on="2009-05-20")
    assert len(dues("token-lost-tell", "2009-05-19", person(), received)) == 1
    assert dues("token-lost-tell", "2009-05-20", person(), received) == []


@given(DAYS, DAYS)
def test_a_later_event_never_brings_a_due_date_earlier(one: date, other: date) -> None:
    def all_due(on: date) -> list[list[date]]:
        latest = date(2040, 1, 1)
        return [
            [found.due_on for found in dues(rule, latest, *entries)]
            for rule, entries in (
                ("token-return", [person(left_on=on, account_closed_on=on), token()]),
                ("token-return", [person(account_closed_on=on), token()]),
                ("token-post", [token(returned_on=on)]),
                ("token-confirm", [token(posted_on=on)]),
                ("token-lost-tell", [token(lost_on=on)]),
            )
        ]

    first, second = sorted((one, other))
    for earlier, later in zip(all_due(first), all_due(second), strict=True):
        assert len(earlier) == len(later) == 1
        assert earlier <= later


# -- checks ----------------------------------------------------------------------------------------------------------


def test_a_compliant_user_is_not_objected_to() -> None:
    entries = Records([*compliant("a"), *compliant("b")])
    assert check(entries, POLICY, day("2009-06-01")) == []
    assert due(entries, POLICY, day("2009-06-01")) == []


def test_a_leaver_holds_no_token_from_the_day_after_the_last() -> None:
    """E-4.3: the last day counts."""
    entries = (left("2010-03-31"), token())
    assert hits("leaver-token", "2010-03-30", *entries) == []
    assert hits("leaver-token", "2010-03-31", *entries) == []
    assert hits("leaver-token", "2010-04-01", *entries) == [(TOKEN, "breach")]
    handed_in = token(returned_on="2010-04-02")
    assert hits("leaver-token", "2010-04-01", left("2010-03-31"), handed_in) == [(TOKEN, "breach")]
    assert hits("leaver-token", "2010-04-02", left("2010-03-31"), handed_in) == []


def test_one_number_is_not_in_two_hands() -> None:
    """E-4.2; and spelling it differently does not hide it."""
    first, second = token("a"), token("b", nth=1, issued_on="2009-02-02")
    both = [(first.id, "breach"), (second.id, "breach")]
    people = (person("a"), person("b"))
    assert hits("token-two-hands", "2009-02-01", *people, first, second) == []
    assert hits("token-two-hands", "2009-02-02", *people, first, second) == both
    respelt = token("b", nth=1, number="t 0042", issued_on="2009-02-02")
    assert hits("token-two-hands", "2009-02-02", *people, first, respelt) == both
    other = token("b", nth=1, number="T-0043", issued_on="2009-02-02")
    assert hits("token-two-hands", "2009-02-02", *people, first, other) == []
    lost = token("a", lost_on="2009-01-05")  # whoever finds it has it
    assert hits("token-two-hands", "2009-02-02", *people, lost, second) == both


@pytest.mark.parametrize(
    ("fields", "objected"),
    [
        ({"returned_on": "2009-01-30"}, True),  # handed in, and on to the next: that is a transfer
        ({"returned_on": "2009-01-30", "posted_on": "2009-02-03"}, True),  # posted the day after
        ({"returned_on": "2009-01-30", "posted_on": "2009-02-02"}, False),  # through the authority
        ({"returned_on": "2009-01-30", "received_on": "2009-02-01"}, False),
        ({"lost_on": "2009-01-30", "team_told_on": "2009-01-30"}, False),  # found by the authority
    ],
)
def test_a_token_is_not_passed_on_here(fields: dict[str, Any], objected: bool) -> None:
    """E-4.2: tokens cannot be transferred; what the authority does with one that it has is its own affair."""
    first, second = token("a", **fields), token("b", nth=1, issued_on="2009-02-02")
    found = hits("token-two-hands", "2009-03-01", person("a"), person("b"), first, second)
    assert found == ([(second.id, "breach")] if objected else [])


def test_one_person_may_have_two_entries_of_one_token() -> None:
    again = token("a", nth=1, issued_on="2009-02-02")
    assert (
        hits("token-two-hands", "2009-03-01", person(), token(returned_on="2009-01-30"), again)
        == []
    )
    assert hits("token-two-hands", "2009-03-01", person(), token(), again) == []


@pytest.mark.parametrize(
    ("completed", "objected"), [("2008-09-17", False), ("2008-09-18", False), ("2008-09-19", True)]
)
def test_a_token_comes_with_or_after_the_training(completed: str, objected: bool) -> None:
    """E-11.1: on the day of the training, as it is given out there."""
    found = hits(
        "token-before-training", "2009-01-01", person(), training(completed_on=completed), token()
    )
    assert found == ([(TOKEN, "breach")] if objected else [])


def test_a_training_that_was_carried_over_counts_once_its_evidence_was_seen() -> None:
    """E-3.3, E-11.1."""

    def found(seen: str) -> list[tuple[str, str]]:
        carried = training(
            trainer="transferred",
            completed_on="2007-01-01",
            evidence_seen_on=seen,
            transferred_from="X",
        )
        return hits("token-before-training", "2009-01-01", person(), carried, token())

    assert found("2008-09-18") == []
    assert found("2008-09-19") == [(TOKEN, "breach")]


def test_a_token_without_any_training_is_objected_to_while_it_is_here() -> None:
    """E-11.1; the training of somebody who moved is destroyed before the token's entry (E-3.2 against E-11.9)."""
    assert hits("token-before-training", "2009-01-01", person(), token()) == [(TOKEN, "breach")]
    back = token(returned_on="2009-01-01", posted_on="2009-01-01", received_on="2009-01-05")
    assert hits("token-before-training", "2016-01-01", person(), back) == []
    booked = training(completed_on=None, booked_on="2008-09-01")
    assert hits("token-before-training", "2009-01-01", person(), booked, token()) == [
        (TOKEN, "breach")
    ]


def test_training_log_and_token_register_agree() -> None:
    """E-11.3."""
    trained = training()
    assert hits("token-number", "2009-01-01", person(), trained, token()) == []
    assert hits("token-number", "2009-01-01", person(), trained, token(number="t0042")) == []
    wrong = [(trained.id, "warning")]
    assert hits("token-number", "2009-01-01", person(), trained, token(number="T-0024")) == wrong
    assert hits("token-number", "2009-01-01", person(), trained) == wrong
    # Somebody else's token of that number does not count.
    assert hits("token-number", "2009-01-01", person(), person("b"), trained, token("b")) == wrong
    # A second token that was given for a lost one was not given out at the training.
    lost = token(lost_on="2008-12-01", team_told_on="2008-12-01")
    new = token(nth=1, number="T-0099")
    assert hits("token-number", "2009-01-01", person(), trained, lost, new) == []


def test_the_number_belongs_into_the_training_record() -> None:
    """E-11.3; not for a training that somebody else gave."""
    silent = training(token=None)
    assert hits("token-number", "2009-01-01", person(), silent, token()) == [(silent.id, "warning")]
    assert hits("token-number", "2009-01-01", person(), silent) == []
    carried = training(token=None, trainer="transferred", evidence_seen_on="2008-09-18")
    assert hits("token-number", "2009-01-01", person(), carried, token()) == []


def test_a_training_that_outlives_the_token_is_not_asked_for_it() -> None:
    """E-11.9 against E-3.2: the token's entry goes six years after the leaving, the training's may go later."""
    trained = training()
    assert hits("token-number", "2016-03-31", left("2010-03-31"), trained) == [
        (trained.id, "warning")
    ]
    assert hits("token-number", "2016-04-01", left("2010-03-31"), trained) == []


@pytest.mark.parametrize(
    ("issued", "expected"),
    [("2008-09-30", []), ("2008-10-01", []), ("2008-10-02", [(id_of("person", "a"), "warning")])],
)
def test_the_token_comes_before_the_account(issued: str, expected: list[tuple[str, str]]) -> None:
    """E-1.2, E-5.1: the account was opened on 1 October 2008."""
    assert hits("access-token", "2009-01-01", person(), token(issued_on=issued)) == expected


@pytest.mark.parametrize("access", ["query", "mediator"])
def test_an_open_account_goes_with_a_token(access: str) -> None:
    """E-5.1."""
    holder = person(access=access)
    assert hits("access-token", "2008-09-30", holder) == []
    assert hits("access-token", "2008-10-01", holder) == [(holder.id, "breach")]
    assert hits("access-token", "2008-10-01", holder, token()) == []
    closed = person(access=access, account_closed_on="2009-01-01")
    assert hits("access-token", "2008-12-31", closed) == [(holder.id, "breach")]
    assert hits("access-token", "2009-01-01", closed) == []


def test_whoever_has_no_account_needs_no_token() -> None:
    """E-5.1, B-9."""
    assert hits("access-token", "2009-01-01", nominated()) == []


def test_an_account_without_a_token_in_hand_is_not_in_use() -> None:
    """E-5.1: until the new one is there; suspended is safe."""
    lost = token(lost_on="2009-05-12", team_told_on="2009-05-12")
    assert hits("access-token", "2009-05-11", person(), lost) == []
    assert hits("access-token", "2009-05-12", person(), lost) == [(person().id, "warning")]
    new = token(nth=1, issued_on="2009-05-20")
    assert hits("access-token", "2009-05-19", person(), lost, new) == [(person().id, "warning")]
    assert hits("access-token", "2009-05-20", person(), lost, new) == []
    suspended = person(suspensions=[{"on": "2009-05-12", "reason": "lost"}])
    assert hits("access-token", "2009-05-12", suspended, lost) == []


def test_a_loss_that_was_not_told_is_a_breach_from_its_day_on() -> None:
    """E-11.6."""
    lost = token(lost_on="2009-05-12", team_told_on="2009-05-14")
    assert hits("token-lost", "2009-05-11", person(), lost) == []
    assert hits("token-lost", "2009-05-12", person(), lost) == [(TOKEN, "breach")]
    assert hits("token-lost", "2009-05-13", person(), lost) == [(TOKEN, "breach")]
    assert hits("token-lost", "2009-05-14", person(), lost) == [(TOKEN, "warning")]
    at_once = token(lost_on="2009-05-12", team_told_on="2009-05-12")
    assert hits("token-lost", "2009-05-14", person(), at_once) == []


def test_a_token_goes_by_registered_post() -> None:
    """E-4.4."""
    unproved = token(returned_on="2009-04-01", posted_on="2009-04-02")
    assert hits("token-reference", "2009-04-01", left("2009-03-31"), unproved) == []
    assert hits("token-reference", "2009-04-02", left("2009-03-31"), unproved) == [
        (TOKEN, "warning")
    ]
    proved = unproved.model_copy(update={"post_reference": "AB 1234 GB"})
    assert hits("token-reference", "2009-04-02", left("2009-03-31"), proved) == []


def test_nobody_is_named() -> None:
    """Findings and due dates go into mails and lists."""
    entries = [
        person("a", name="Zebedee Quirk"),
        left("2009-03-31", "b", name="Zebedee Quirk"),
        training("a", token="ZQ-77"),
        token("a", nth=1, issued_on="2009-02-02", lost_on="2009-03-01"),
        token("b", nth=2, returned_on="2009-03-01"),
        token("b", nth=3),
    ]
    said = messages("2012-01-01", *entries)
    assert len(said) > 8
    for sentence in said:
        assert not any(word in sentence for word in ("Zebedee", "Quirk", "ZQ-77", "0042"))
        assert "\n" not in sentence


# -- the ways --------------------------------------------------------------------------------------------------------


def standing(on: str, *entries: Record, policy: Policy = POLICY) -> Status:
    book = Records(entries)
    first = entries[0]
    assert isinstance(first, Person)
    return status(first, book, policy, day(on))


def step(found: Status, name: str) -> Step:
    (only,) = (each for each in found.steps if each.step == name)
    return only


def states(found: Status) -> dict[str, str]:
    return {each.step: each.state for each in found.steps}


def test_a_joiner_gets_the_token_between_training_and_account() -> None:
    """E-3.6, E-11.1, E-5.1."""
    found = standing("2009-06-01", *compliant())
    assert found.way == "joiner"
    assert found.next is None
    order = [each.step for each in found.steps]
    assert order.index("training") < order.index("token") < order.index("account")
    assert step(found, "token").done_on == day("2008-09-18")
    without = standing("2009-06-01", *compliant()[:3])
    assert without.next is not None
    assert (without.next.step, without.next.rule) == ("token", "access-token")
    assert "E-5.1" in without.next.source


def test_a_token_that_is_given_out_later_is_not_there_yet() -> None:
    later = token(issued_on="2009-06-02")
    assert step(standing("2009-06-01", *compliant()[:3], later), "token").state == "next"
    assert step(standing("2009-06-02", *compliant()[:3], later), "token").state == "done"


def test_a_nominated_user_needs_no_token() -> None:
    """B-9."""
    assert "token" not in states(standing("2009-06-01", nominated()))


def test_a_lost_token_is_told_first_and_then_replaced() -> None:
    """E-11.6."""
    user, lost = compliant()[:3], token(number="T-a", lost_on="2009-05-12")
    found = standing("2009-05-13", *user, lost)
    assert found.next == found.steps[0]
    assert (found.steps[0].step, found.steps[0].rule) == ("lost", "token-lost-tell")
    assert found.steps[0].due_on == day("2009-05-12")
    assert found.steps[0].overdue(day("2009-05-13"))
    assert not found.steps[0].overdue(day("2009-05-12"))
    told = token(number="T-a", lost_on="2009-05-12", team_told_on="2009-05-13")
    found = standing("2009-05-13", *user, told)
    assert found.next is not None
    assert (found.next.step, "new" in found.next.title) == ("token", True)
    new = token(nth=1, issued_on="2009-05-20")
    assert standing("2009-05-20", *user, told, new).next is None


def test_a_token_that_was_exchanged_goes_on_its_way_beside_the_new_one() -> None:
    """E-4.4."""
    old = token(nth=7, returned_on="2009-05-13")
    found = standing("2009-05-20", *compliant(), old)
    assert found.next is not None
    assert (found.next.step, found.next.due_on) == ("post", day("2009-05-14"))
    assert "return" not in states(found)


def test_the_leavers_way_ends_with_the_confirmed_receipt_and_the_acknowledged_notice() -> None:
    """E-4.1, E-4.3, E-4.4, E-4.6: one thing after another."""
    on = "2010-03-31"
    done: dict[str, Any] = {"suspensions": [{"on": on, "reason": "left"}]}
    sent: dict[str, Any] = {}

    def now() -> Status:
        return standing("2010-04-20", person(left_on=on, **done), token(**sent))

    def assert_next(name: str, row: str, due_on: str | None) -> None:
        found = now()
        assert found.way == "leaver"
        assert found.next is not None
        assert (found.next.step, row in found.next.source) == (name, True)
        assert found.next.due_on == (day(due_on) if due_on else None)

    assert_next("tell", "E-4.1", on)
    done["team_told_on"] = on
    assert_next("close", "C1", on)
    done["account_closed_on"] = on
    assert_next("return", "E-4.3", on)
    sent["returned_on"] = "2010-04-01"  # the next working day is after Easter
    assert_next("post", "E-4.4", "2010-04-06")
    sent |= {"posted_on": "2010-04-06", "post_reference": "AB 1"}
    assert_next("notice", "E-4.6", on)
    done["notice_given_on"] = on
    assert_next("acknowledged", "E-4.6", on)
    done["notice_acknowledged_on"] = on
    assert_next("confirm", "E-4.4", "2010-04-20")
    sent["received_on"] = "2010-04-20"
    assert now().next is None
    assert set(states(now()).values()) == {"done"}
    del done["notice_acknowledged_on"]
    assert_next("acknowledged", "E-4.6", on)


def test_two_tokens_go_back_before_a_step_is_done() -> None:
    """E-4.3: an exchanged token that stayed in a drawer counts too."""
    one = token(returned_on="2010-03-31", posted_on="2010-04-01", received_on="2010-04-05")
    other = token(nth=1, returned_on="2010-04-02")
    found = standing("2010-04-20", left(), one, other)
    assert step(found, "return").done_on == day("2010-04-02")
    assert (step(found, "post").state, step(found, "post").due_on) == ("next", day("2010-04-06"))


def test_a_lost_token_does_not_keep_a_leaver() -> None:
    """E-11.6: once it is told, nothing can be handed in."""
    told = token(lost_on="2009-05-12", team_told_on="2009-05-12")
    assert standing("2010-04-20", left(), told).next is None
    untold = token(lost_on="2009-05-12")
    found = standing("2010-04-20", left(), untold)
    assert found.next is not None
    assert found.next.step == "lost"


def test_a_leaver_whose_token_nobody_entered_is_asked_about_it() -> None:
    """E-11.7: there was an account, so there was a token."""
    found = standing("2010-04-20", left())
    assert found.next is not None
    assert (found.next.step, found.next.rule) == ("token", "token-number")
    assert (
        standing(
            "2010-04-20", left(access="nominated", account_opened_on=None, account_closed_on=None)
        ).next
        is None
    )


POSTS = [
    {"title": "Worker", "start": "2008-09-01", "end": "2010-03-31"},
    {"title": "Manager", "start": "2010-04-01"},
]


def test_a_mover_who_keeps_access_goes_on_as_before() -> None:
    """E-3.2: the way is the same, from the first day in the new post."""
    moved = compliant(posts=POSTS)
    assert standing("2010-03-31", *moved).way == "joiner"
    found = standing("2010-04-01", *moved)
    assert (found.way, found.next) == ("mover", None)
    assert "training" in states(found)


def test_a_mover_without_access_gives_up_account_and_token() -> None:
    """E-1.1, E-5.7, E-4.4."""
    moved = person(posts=POSTS, access="none")
    found = standing("2010-04-02", moved, token())
    assert found.way == "mover"
    assert [each.step for each in found.steps] == ["close", "return", "post", "confirm"]
    assert found.next is not None
    assert (found.next.due_on, found.next.source) == (day("2010-03-31"), ("E-1.1",))
    closed = moved.model_copy(update={"account_closed_on": day("2010-04-01")})
    back = token(returned_on="2010-04-01", posted_on="2010-04-01", received_on="2010-04-06")
    assert step(standing("2010-04-02", closed, token()), "return").due_on == day("2010-04-01")
    assert standing("2010-04-06", closed, back).next is None


def test_whoever_came_back_has_not_moved() -> None:
    posts = [POSTS[0], {"title": "Worker", "start": "2011-01-10"}]
    assert standing("2011-02-01", person(posts=posts, joined_on="2011-01-10")).way == "joiner"
    assert standing("2011-02-01", person(posts=posts)).way == "mover"


def test_whoever_never_had_access_has_no_way() -> None:
    found = standing("2011-02-01", person(access="none", account_opened_on=None, posts=POSTS))
    assert found.steps == ()


def test_what_cannot_wait_comes_first_on_every_way() -> None:
    """E-10.6, E-7.9."""
    running = breach(opened_on="2009-05-12")
    unended = session(ended=None, end_confirmed_by=None)
    found = standing("2009-06-01", *compliant(), running, unended)
    assert [(each.step, each.state, each.due_on) for each in found.steps[:2]] == [
        ("investigation", "next", day("2009-05-12")),
        ("session", "missing", day("2009-03-31")),
    ]
    suspended = compliant(suspensions=[{"on": "2009-05-12", "reason": "investigation"}])
    assert "investigation" not in states(standing("2009-06-01", *suspended, running))
    assert "investigation" not in states(standing("2009-05-11", *compliant(), running))
    ended = breach(opened_on="2009-05-12", concluded_on="2009-06-01")
    assert "investigation" in states(standing("2009-05-31", *compliant(), ended))
    assert "investigation" not in states(standing("2009-06-01", *compliant(), ended))


@given(DAYS, st.integers(0, 400))
def test_a_step_that_is_done_stays_done(on: date, further: int) -> None:
    way = token(returned_on="2010-04-01", posted_on="2010-04-06", received_on="2010-04-20")
    entries = Records([left("2010-03-31"), way])
    holder = entries.get(id_of("person", "a"))
    assert isinstance(holder, Person)
    before = status(holder, entries, POLICY, on)
    after = states(status(holder, entries, POLICY, on + timedelta(days=further)))
    for each in before.steps:
        assert each.state != "done" or after[each.step] == "done"
    assert sum(each.state == "next" for each in before.steps) == (
        any(each.state != "done" for each in before.steps)
    )


def test_of_several_the_first_is_due() -> None:
    """E-4.4, E-11.6, E-7.9, E-10.6: one step for all of a kind, by the earliest of their days."""

    def due_on(name: str, *entries: Record) -> date | None:
        return step(standing("2010-04-30", *entries), name).due_on

    handed_in = [token(nth=n, returned_on=on) for n, on in enumerate(("2010-04-07", "2010-04-01"))]
    assert due_on("post", left(), *handed_in) == day("2010-04-06")
    posted = [token(nth=n, posted_on=on) for n, on in enumerate(("2010-04-09", "2010-04-08"))]
    assert due_on("confirm", left(), *posted) == day("2010-04-22")
    arrived = token(nth=2, posted_on="2010-04-01", received_on="2010-04-06")
    assert due_on("confirm", left(), *posted, arrived) == day("2010-04-22")
    lost = [token(nth=n, lost_on=on) for n, on in enumerate(("2009-05-13", "2009-05-12"))]
    assert due_on("lost", person(), *lost) == day("2009-05-12")
    running = [breach(nth=n, opened_on=on) for n, on in enumerate(("2009-05-14", "2009-05-12"))]
    assert due_on("investigation", person(), *running) == day("2009-05-12")
    open_ = [
        session(nth=n, date=on, ended=None) for n, on in enumerate(("2009-04-02", "2009-04-01"))
    ]
    assert due_on("session", person(), *open_) == day("2009-04-01")


def test_the_token_step_shows_the_token_in_use() -> None:
    """E-5.1: the newest in hand; a first one is not called new, a second one beside it changes nothing."""
    both = token(), token(nth=1, number="T-0099", issued_on="2009-02-02")
    found = step(standing("2009-06-01", person(), *both), "token")
    assert (found.done_on, "new" in found.title) == (day("2009-02-02"), False)
    assert "new" not in step(standing("2009-06-01", person()), "token").title


def test_of_several_moves_the_last_ended_the_access() -> None:
    """E-1.1."""
    ends = ("2010-03-31", "2009-06-30")
    posts = [{"title": "w", "start": "2008-09-01", "end": end} for end in ends]
    found = standing("2010-04-30", person(posts=posts, access="none"))
    assert step(found, "close").due_on == day("2010-03-31")


def test_a_post_that_ended_on_the_day_of_joining_was_a_move() -> None:
    posts = [{"title": "w", "end": "2008-09-01"}, {"title": "m", "start": "2008-09-02"}]
    assert standing("2008-09-02", person(posts=posts)).way == "mover"
