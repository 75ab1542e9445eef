"""What breaks a rule of access, of the check register, of training and of the user register; each with its source."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.compliance import CHECKS, DUE_RULES, UnknownRule, check, explain
from cpvol.compliance.base import Check
from cpvol.findings import Finding, Severity
from cpvol.logs.book import Records
from cpvol.policy import Policy
from tests.support.entries import POLICY, book, day, ecrb, id_of, person, training, whole

#: A day on which all is well with the whole() person.
ON = "2009-06-01"
OURS = {
    *("access-need", "access-ecrb", "access-training", "access-identity", "access-sharing"),
    *("access-isa", "access-email", "shared-mailbox", "mediator-account", "override-agreed"),
    *("ecrb-lapsed", "ecrb-failed", "ecrb-seen", "ecrb-before-training", "ecrb-valid-at-training"),
    *("transfer-evidence", "leaver-account", "person-twice", "missing-reference", "policy-source"),
}


def findings(entries: Records, on: str | date = ON, policy: Policy = POLICY) -> list[Finding]:
    """What the rules tested here find; the token register has tests of its own."""
    at = day(on) if isinstance(on, str) else on
    return [one for one in check(entries, policy, at) if one.rule in OURS]


def rules(entries: Records, on: str | date = ON) -> set[str]:
    return {one.rule for one in findings(entries, on)}


def only(entries: Records, rule: str, on: str | date = ON) -> Finding:
    (found,) = [one for one in findings(entries, on) if one.rule == rule]
    return found


def test_nothing_is_found_while_all_is_well() -> None:
    assert findings(whole()) == []


@pytest.mark.parametrize("one", CHECKS, ids=[one.rule for one in CHECKS])
def test_each_check_says_why_and_where_it_comes_from(one: Check) -> None:
    told = explain(one.rule)
    assert told.why == " ".join(one.why.split())
    assert told.why.endswith(".")
    assert told.source == one.source
    assert one.source
    assert told.title == one.title
    assert one.title


def test_a_name_stands_for_one_rule() -> None:
    assert len({one.rule for one in CHECKS}) == len(CHECKS)
    assert {one.rule for one in CHECKS}.isdisjoint(one.rule for one in DUE_RULES)
    assert {one.rule for one in CHECKS} >= OURS


def test_an_unknown_rule_is_an_error_with_a_hint() -> None:
    with pytest.raises(UnknownRule) as caught:
        explain("ecrb-befor-training")
    assert caught.value.hint


# Preconditions of access


@pytest.mark.parametrize(
    ("field", "rule", "row"),
    [
        ("need_to_know", "access-need", "E-1.1"),
        ("identity_checked_on", "access-identity", "N-7"),
        ("sharing_trained_on", "access-sharing", "N-6"),
        ("email", "access-email", "E-13.3"),
    ],
)
def test_an_open_account_without_a_precondition(field: str, rule: str, row: str) -> None:
    found = only(whole(**{field: None}), rule)
    assert found.severity is Severity.BREACH
    assert row in found.source
    assert (found.log, found.id) == ("person", id_of("person", "a"))
    assert rules(whole(**{field: None}), "2008-09-30") == set()
    assert rules(whole(**{field: None}), "2008-10-01") == {rule}
    assert rules(whole(**{field: None, "account_closed_on": "2009-01-01"}), "2009-01-01") == set()


@pytest.mark.parametrize(
    ("field", "rule"),
    [("identity_checked_on", "access-identity"), ("sharing_trained_on", "access-sharing")],
)
def test_a_precondition_that_came_after_the_account_stays_a_warning(field: str, rule: str) -> None:
    assert rules(whole(**{field: "2008-10-01"})) == set()
    assert only(whole(**{field: "2008-10-02"}), rule).severity is Severity.WARNING
    assert only(whole(**{field: "2009-06-02"}), rule, ON).severity is Severity.BREACH


def test_an_account_before_the_training() -> None:
    """E-3.1, E-3.4, E-11.1."""
    late = book(person(), ecrb(), training(completed_on="2008-10-02"))
    same_day = book(person(), ecrb(), training(completed_on="2008-10-01"))
    assert only(late, "access-training").severity is Severity.WARNING
    assert rules(same_day) == set()
    booked = book(person(), ecrb(), training(completed_on=None, booked_on="2008-09-18"))
    found = only(booked, "access-training")
    assert found.severity is Severity.BREACH
    assert {"E-3.1", "E-11.1"} <= set(found.source)


def test_an_account_before_the_check_was_seen() -> None:
    """E-5.1, E-1.2: each step on its own day."""
    seen_late = book(person(), ecrb(seen_on="2008-10-02"), training())
    assert only(seen_late, "access-ecrb").severity is Severity.WARNING
    assert "access-ecrb" not in rules(book(person(), ecrb(seen_on="2008-10-01"), training()))
    none_seen = book(person(), ecrb(seen_on=None), training())
    assert only(none_seen, "access-ecrb").severity is Severity.BREACH
    assert only(none_seen, "ecrb-seen").id == ecrb().id
    assert only(book(person(), training()), "access-ecrb").severity is Severity.BREACH


@pytest.mark.parametrize(
    ("issued", "breaks"), [("2005-10-01", True), ("2005-10-02", False), ("2005-10-03", False)]
)
def test_the_check_was_under_three_years_old_when_the_account_was_opened(
    issued: str, breaks: bool
) -> None:
    """E-5.1, C2: opened on 1 October 2008."""
    entries = book(person(), ecrb(issued_on=issued), training(completed_on="2006-01-01"))
    assert ("access-ecrb" in rules(entries)) == breaks


@pytest.mark.parametrize(
    ("member_on", "opened_on", "on", "severity"),
    [
        (None, "2008-10-01", "2009-09-30", None),
        (None, "2008-10-01", "2009-10-01", Severity.BREACH),
        ("2009-10-01", "2008-10-01", "2009-10-02", None),
        ("2009-10-02", "2008-10-01", "2009-10-01", Severity.BREACH),
        ("2009-10-02", "2008-10-01", "2009-10-02", Severity.WARNING),
        ("2010-03-01", "2010-03-01", "2010-04-01", None),
        ("2010-03-02", "2010-03-01", "2010-04-01", Severity.WARNING),
    ],
)
def test_everybody_is_a_member_of_the_scheme_from_october_2009(
    member_on: str | None, opened_on: str, on: str, severity: Severity | None
) -> None:
    """S-1.2."""
    entries = whole(isa_member_on=member_on, account_opened_on=opened_on)
    found = [one.severity for one in findings(entries, on) if one.rule == "access-isa"]
    assert found == ([] if severity is None else [severity])


def test_an_account_for_somebody_who_is_to_have_no_access() -> None:
    """E-1.1: moved to work that does not need it."""
    assert only(whole(access="none"), "access-need").severity is Severity.BREACH


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"need_to_know": None}, "access-need"),
        ({"identity_checked_on": None}, "access-identity"),
        ({"sharing_trained_on": None}, "access-sharing"),
    ],
)
def test_a_nominated_user_meets_the_same_preconditions(fields: dict[str, Any], rule: str) -> None:
    """B-5, B-9, C12."""
    nominated = {"access": "nominated", "account_opened_on": None, "email": None}
    assert rules(whole(**nominated)) == set()
    assert only(whole(**nominated, **fields), rule).severity is Severity.WARNING
    assert rules(whole(**nominated, **fields, left_on="2009-05-31")) == set()


def test_a_nominated_user_needs_a_valid_check_and_the_training() -> None:
    """B-5."""
    nominated = person(access="nominated", account_opened_on=None)
    assert rules(book(nominated)) == {"access-ecrb", "access-training"}
    assert "access-ecrb" not in rules(book(nominated, ecrb(), training()), "2011-08-10")
    assert "access-ecrb" in rules(book(nominated, ecrb(), training()), "2011-08-11")


def test_a_mediator_has_an_open_account() -> None:
    """C12, B-9."""
    assert rules(whole(access="mediator")) == set()
    closed = whole(access="mediator", account_closed_on="2009-06-01")
    assert "mediator-account" not in rules(closed, "2009-05-31")
    assert only(closed, "mediator-account", "2009-06-01").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("right", "agreed_by", "breaks"),
    [
        ("yes", None, True),
        ("yes", "Safeguarding board", False),
        ("no", None, False),
        ("unknown", None, False),
        (None, None, False),
    ],
)
def test_the_right_to_override_is_agreed(
    right: str | None, agreed_by: str | None, breaks: bool
) -> None:
    """S-9.5."""
    assert (
        "override-agreed" in rules(whole(override=right, override_agreed_by=agreed_by))
    ) == breaks


def test_one_mailbox_for_two_people() -> None:
    """E-13.3."""
    both = book(
        person("a", email="Office@charity.example"), person("b", email="office@charity.example")
    )
    found = [one for one in findings(both) if one.rule == "shared-mailbox"]
    assert {one.id for one in found} == {id_of("person", "a"), id_of("person", "b")}
    left = person(
        "b", email="office@charity.example", left_on="2009-05-31", account_closed_on="2009-05-31"
    )
    handed_on = book(person("a", email="office@charity.example"), left)
    assert "shared-mailbox" in rules(handed_on, "2009-05-30")
    assert "shared-mailbox" not in rules(handed_on, "2009-06-01")
    assert "shared-mailbox" not in rules(book(person("a"), person("b")))


# The check register


def suspension(on: str, restored: str | None = None) -> list[dict[str, Any]]:
    again = {"restored_on": day(restored)} if restored else {}
    return [{"on": day(on), "reason": "the check lapsed", **again}]


@pytest.mark.parametrize(
    ("on", "breaks"), [("2011-08-10", False), ("2011-08-11", True), ("2011-08-12", True)]
)
def test_an_open_account_on_a_lapsed_check(on: str, breaks: bool) -> None:
    """C2, E-5.7: issued on 11 August 2008."""
    assert ("ecrb-lapsed" in rules(whole(), on)) == breaks
    assert "ecrb-lapsed" not in rules(whole(suspensions=suspension("2011-08-11")), on)


def test_a_lapsed_check_of_29_february() -> None:
    """C27."""
    entries = book(person(account_opened_on="2008-10-01"), ecrb(issued_on="2008-02-29"), training())
    assert "ecrb-lapsed" not in rules(entries, "2011-02-28")
    assert "ecrb-lapsed" in rules(entries, "2011-03-01")


def test_a_lapsed_check_that_was_replaced_is_no_finding() -> None:
    second = ecrb(number=1, issued_on="2011-08-01", replaces=ecrb().id)
    assert rules(book(person(), ecrb(), second, training()), "2012-01-01") == set()


def test_the_account_was_restored_before_the_renewal() -> None:
    entries = whole(suspensions=suspension("2011-08-11", "2011-08-20"))
    assert "ecrb-lapsed" not in rules(entries, "2011-08-19")
    assert "ecrb-lapsed" in rules(entries, "2011-08-20")


def test_a_failed_check_with_use_not_withdrawn_and_nobody_told() -> None:
    """E-5.8."""
    entries = book(person(), ecrb(decision="failed", failed_on="2009-05-04"), training())
    assert rules(entries, "2009-05-03") == set()
    found = [one for one in findings(entries, "2009-05-04") if one.rule == "ecrb-failed"]
    assert len(found) == 2
    assert {one.severity for one in found} == {Severity.BREACH}
    assert {one.source for one in found} == {("E-5.8",)}


@pytest.mark.parametrize(
    ("failure", "fields", "number"),
    [
        ({"use_withdrawn_on": "2009-05-04"}, {}, 2),  # the account is still open
        ({"use_withdrawn_on": "2009-05-04"}, {"suspensions": suspension("2009-05-04")}, 1),
        ({"team_told_on": "2009-05-04"}, {}, 1),
        (
            {"use_withdrawn_on": "2009-05-04", "team_told_on": "2009-05-04"},
            {"account_closed_on": "2009-05-04", "access": "none"},
            0,
        ),
    ],
)
def test_what_is_left_after_a_failed_check(
    failure: dict[str, Any], fields: dict[str, Any], number: int
) -> None:
    """E-5.8."""
    entries = book(
        person(**fields), ecrb(decision="failed", failed_on="2009-05-04", **failure), training()
    )
    assert len([one for one in findings(entries) if one.rule == "ecrb-failed"]) == number


def test_a_failed_check_is_not_a_lapsed_one() -> None:
    """E-5.7 and E-5.8 are two ways."""
    entries = book(person(), ecrb(decision="failed", failed_on="2009-05-04"), training())
    assert "ecrb-lapsed" not in rules(entries, "2012-01-01")


# Training


@pytest.mark.parametrize(
    ("seen_on", "breaks"), [("2008-09-17", False), ("2008-09-18", False), ("2008-09-19", True)]
)
def test_the_check_is_seen_before_the_training(seen_on: str, breaks: bool) -> None:
    """E-3.6: trained on 18 September 2008."""
    entries = book(person(), ecrb(seen_on=seen_on), training())
    assert ("ecrb-before-training" in rules(entries)) == breaks
    assert "ecrb-valid-at-training" not in rules(entries)
    if breaks:
        found = only(entries, "ecrb-before-training")
        assert (found.log, found.id, found.severity) == ("training", training().id, Severity.BREACH)
        assert found.source == ("E-3.6",)


@pytest.mark.parametrize(
    ("issued_on", "breaks"),
    [("2005-09-17", True), ("2005-09-18", True), ("2005-09-19", False)],
)
def test_the_check_is_valid_on_the_day_of_the_training(issued_on: str, breaks: bool) -> None:
    """E-3.6, C2: the last valid day of a check of 19 September 2005 is 18 September 2008."""
    entries = book(
        person(), ecrb(issued_on=issued_on), ecrb(number=1, issued_on="2008-09-20"), training()
    )
    assert ("ecrb-valid-at-training" in rules(entries)) == breaks
    assert "ecrb-before-training" not in rules(entries)


def test_a_check_that_failed_later_was_valid_then() -> None:
    """E-5.8: it counts until the day on which it is found to have failed."""
    for failed_on, breaks in (("2008-09-18", True), ("2008-09-19", False)):
        entries = book(person(), ecrb(decision="failed", failed_on=failed_on), training())
        assert ("ecrb-valid-at-training" in rules(entries)) == breaks


def test_a_renewal_does_not_mend_the_order_afterwards() -> None:
    entries = book(person(), ecrb(issued_on="2008-09-25"), training())
    assert "ecrb-before-training" in rules(entries, "2010-01-01")


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({}, Severity.BREACH),
        ({"transferred_from": "Northshire"}, Severity.BREACH),
        ({"evidence_seen_on": "2008-09-20"}, Severity.WARNING),
        ({"evidence_seen_on": "2008-09-20", "transferred_from": "Northshire"}, None),
    ],
)
def test_a_training_that_was_carried_over_has_evidence(
    fields: dict[str, Any], severity: Severity | None
) -> None:
    """E-3.3."""
    carried = training(trainer="transferred", completed_on="2007-05-01", **fields)
    entries = book(person(), ecrb(), carried)
    found = [one.severity for one in findings(entries) if one.rule == "transfer-evidence"]
    assert found == ([] if severity is None else [severity])


def test_a_training_that_was_carried_over_counts_from_its_evidence() -> None:
    """E-3.3; the check of the earlier employer is not ours to look for (E-3.6)."""
    for seen_on, breaks in (("2008-10-01", False), ("2008-10-02", True)):
        carried = training(
            trainer="transferred",
            completed_on="2007-05-01",
            transferred_from="Northshire",
            evidence_seen_on=seen_on,
        )
        assert rules(book(person(), ecrb(), carried)) == ({"access-training"} if breaks else set())


# The user register


@pytest.mark.parametrize(
    ("on", "severity"),
    [("2009-05-31", None), ("2009-06-01", Severity.BREACH), ("2009-06-02", Severity.NOTE)],
)
def test_a_leaver_with_an_open_account(on: str, severity: Severity | None) -> None:
    """E-4.1, C1: left on 31 May, suspended on 2 June."""
    entries = whole(left_on="2009-05-31", suspensions=suspension("2009-06-02"))
    found = [one.severity for one in findings(entries, on) if one.rule == "leaver-account"]
    assert found == ([] if severity is None else [severity])


def test_a_leaver_whose_account_is_closed_is_no_finding() -> None:
    assert rules(whole(left_on="2009-05-31", account_closed_on="2009-05-31")) == set()


def test_one_person_entered_twice() -> None:
    """E-5.2."""
    twice = book(person("a", name="Robin Quince"), person("b", name="ROBIN QUINCE"))
    assert [one.id for one in findings(twice) if one.rule == "person-twice"] == [
        id_of("person", "a"),
        id_of("person", "b"),
    ]
    spelt = book(person("a", name="Zoë O\u2019Shea-Quince"), person("b", name="zoe o'shea quince"))
    assert "person-twice" in rules(spelt)
    other_day = person("b", name="Robin Quince", joined_on="2008-08-31")
    assert "person-twice" not in rules(book(person("a", name="Robin Quince"), other_day))
    struck_out = person("b", name="Robin Quince", voided=True)
    assert "person-twice" not in rules(book(person("a", name="Robin Quince"), struck_out))


def test_an_entry_about_nobody() -> None:
    """C1: it would stay open for ever."""
    for entry in (ecrb("z"), training("z"), ecrb("a", replaces=id_of("ecrb", "z"))):
        found = only(book(person("a"), entry), "missing-reference")
        assert (found.log, found.id) == (entry.log, entry.id)
    assert "missing-reference" in rules(book(person(voided=True), training()))
    assert "missing-reference" not in rules(book(person(), training(voided=True)))


def test_what_was_destroyed_is_named_with_its_certificate_and_what_is_closed_is_not_missing() -> (
    None
):
    entry = training()
    gone = id_of("person", "a")

    def said(unseen: dict[str, str]) -> list[str]:
        found = check(book(entry), POLICY, day("2009-06-01"), unseen=unseen)
        return [each.message for each in found if each.rule == "missing-reference"]

    assert said({}) == ["it refers to an entry that is not there"]
    destroyed = ["it refers to an entry that was destroyed, under disposal q2x7ab93mk"]
    assert said({gone: "q2x7ab93mk"}) == destroyed
    assert said({gone: ""}) == []


# The policy


def test_a_number_that_claims_a_source_for_itself() -> None:
    own = POLICY.stored()["values"]["ecrb_valid"] | {"value": 5}
    (found,) = findings(whole(), ON, Policy.from_stored({"values": {"ecrb_valid": own}}))
    assert (found.rule, found.log, found.id) == ("policy-source", "", "")
    assert "ecrb_valid" in found.message
    ours = own | {"origin": "ours", "reason": "our insurer"}
    assert findings(whole(), ON, Policy.from_stored({"values": {"ecrb_valid": ours}})) == []


def test_a_policy_of_an_unknown_profile() -> None:
    unknown = Policy.from_stored(POLICY.stored() | {"profile": "elsewhere"})
    assert [one.rule for one in findings(whole(), ON, unknown)] == ["policy-source"]


# All of it


def test_the_gravest_comes_first() -> None:
    entries = book(
        person("a", need_to_know=None, email="x@charity.example"),
        person(
            "b",
            email="x@charity.example",
            left_on="2009-05-01",
            suspensions=suspension("2009-05-01"),
        ),
    )
    order = [list(Severity).index(one.severity) for one in check(entries, POLICY, day(ON))]
    assert order == sorted(order)
    assert len(set(order)) == len(Severity)


def test_no_finding_names_anybody() -> None:
    canary = {"name": "Canary Quince", "email": "canary@charity.example", "need_to_know": None}
    entries = book(
        person("a", **canary, left_on="2009-05-01"),
        person("b", **canary, override="yes"),
        ecrb("a", reference="CANARY", seen_on=None, seen_by="Canary"),
        training("a", course="Canary", trainer="transferred", transferred_from="Canary"),
        training("z"),
    )
    found = check(entries, POLICY, day("2012-01-01"))
    assert len({one.rule for one in found}) > 8
    for one in found:
        assert "canary" not in one.message.lower()
        assert "\n" not in one.message


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_every_day_can_be_asked_about(on: date) -> None:
    check(whole(left_on="2012-02-29"), POLICY, on)


@given(st.integers(1, 400))
def test_what_was_entered_about_one_changes_nothing_for_another(number: int) -> None:
    alone = {one for one in findings(whole("a", need_to_know=None)) if one.id.endswith("a")}
    crowd = Records(
        [
            *whole("a", need_to_know=None),
            person("b", left_on=day("2009-01-01") + timedelta(days=number)),
            ecrb("b", decision="failed"),
        ]
    )
    assert {one for one in findings(crowd) if one.id.endswith("a")} == alone
