"""Both sides of the day on which a rule begins or ends, for the rules whose own tests stand on one side of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cpvol.compliance import due
from cpvol.logs import LOGS
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.logs.hold import Hold
from cpvol.retention import expiry
from tests.support.entries import POLICY, day, ecrb, person, training
from tests.support.incidents import DAY, breach, hits, sar, session, token
from tests.support.others import entry

MADE: dict[str, Callable[..., Record]] = {
    "person": person,
    "ecrb": ecrb,
    "training": training,
    "token": token,
    "session": session,
    "breach": breach,
    "sar": sar,
}
#: What starts the clock of an entry, where that is another field than those that the helper gives.
CLOSED: dict[str, dict[str, Any]] = {
    "breach": {"concluded_on": "2009-07-01", "outcome": "None"},
    "sar": {"closed_on": "2009-07-01"},
    "shield": {"withdrawn_on": "2009-12-01"},
    "override": {"reported_on": "2009-08-15", "concluded_on": "2009-08-17", "finding": "Right"},
    "brokering": {"decision": "shared", "decided_on": "2009-09-10"},
    "support": {"closed_on": "2009-11-17", "outcome": "Answered"},
    "dispute": {"closed_on": "2010-02-01", "outcome": "Put right"},
    "declaration": {"officer_signed_on": "2010-06-01", "chair_signed_on": "2010-06-02"},
    "hold": {
        "id": "h0d0000000",
        "schema": 1,
        "entries": ["per000000b"],
        "reason": "A claim",
        "placed_on": "2012-02-01",
        "placed_by": "Chair",
        "lifted_on": "2012-06-01",
        "lifted_by": "Chair",
    },
}
LEAVER = person(left_on="2012-02-29", account_closed_on="2012-02-29")


def ended(log: Log) -> list[Record]:
    """An entry of a log whose clock runs, and whom it is about."""
    if log.name == "person":
        return [LEAVER]
    fields = CLOSED.get(log.name, {})
    if log.name in MADE:
        return [MADE[log.name](**fields), LEAVER]
    if log.name == "hold":
        return [Hold.model_validate(fields)]
    return [entry(log.name, **fields), LEAVER]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_an_entry_is_due_for_disposal_from_the_day_after_its_last(log: Log) -> None:
    """C22, C27: what is kept too long is as wrong as what is destroyed too soon."""
    entries = ended(log)
    clock = expiry(entries[0], Records(entries), POLICY)
    assert clock is not None
    last = clock.expires_on

    def found(on: Any, within: int) -> list[tuple[str, Any, bool]]:
        # What hangs on nobody goes by itself; a person who left waits for the rest.
        book = Records(entries)
        return [
            (one.id, one.due_on, one.overdue(on))
            for one in due(book, POLICY, on, within)
            if one.rule == f"retention-{log.name}"
        ]

    id = entries[0].id
    assert found(last, 0) == []
    assert found(last, 1) == [(id, last + DAY, False)]
    assert found(last + DAY, 0) == [(id, last + DAY, False)]
    assert found(last + 2 * DAY, 0) == [(id, last + DAY, True)]


@pytest.mark.parametrize(
    ("rule", "entries", "begins"),
    [
        ("access-training", (person(), ecrb()), "2008-10-01"),
        ("token-before-training", (person(), token()), "2008-09-18"),
        ("sar-writing", (sar(in_writing="no"),), None),
        (
            "sar-identity",
            (sar(identity_verified_on=None, closed_on="2009-07-01"),),
            "2009-07-01",
        ),
        (
            "sar-identity",
            (
                sar(
                    identity_verified_on=None,
                    referred_on="2009-06-03",
                    referred_to="team",
                    closed_on=None,
                ),
            ),
            "2009-06-03",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rule_is_broken_from_the_day_on_which_it_holds(
    rule: str, entries: tuple[Record, ...], begins: str | None
) -> None:
    begin = day(begins) if begins else entries[0].received_on  # type: ignore[attr-defined]
    assert hits(rule, begin - DAY, *entries) == []
    assert len(hits(rule, begin, *entries)) == 1


@pytest.mark.parametrize(
    ("rule", "entries", "last"),
    [
        (
            "override-agreed",
            (person(override="yes", left_on="2009-05-31", account_closed_on="2009-05-31"),),
            "2009-05-31",
        ),
        (
            "shared-mailbox",
            (
                person("a", email="office@charity.example"),
                person(
                    *("b",),
                    email="office@charity.example",
                    left_on="2009-05-31",
                    account_closed_on="2009-05-30",
                ),
            ),
            "2009-05-31",
        ),
        ("sar-writing", (sar(in_writing="no", closed_on="2009-06-05"),), "2009-06-04"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rule_is_broken_to_the_last_day_on_which_it_holds(
    rule: str, entries: tuple[Record, ...], last: str
) -> None:
    assert hits(rule, day(last), *entries)
    assert hits(rule, day(last) + DAY, *entries) == []


@pytest.mark.parametrize(
    ("trained", "found"), [("2008-10-01", []), ("2008-10-02", ["warning"])], ids=["in time", "late"]
)
def test_training_on_the_day_on_which_the_account_is_opened_is_in_time(
    trained: str, found: list[str]
) -> None:
    entries = (person(), ecrb(), training(completed_on=trained))
    assert [how for _, how in hits("access-training", "2008-10-02", *entries)] == found


@pytest.mark.parametrize(
    ("issued", "found"), [("2008-09-17", ["breach"]), ("2008-09-18", [])], ids=["before", "at"]
)
def test_a_token_of_the_day_of_the_training_is_in_order(issued: str, found: list[str]) -> None:
    entries = (person(), training(), token(issued_on=issued))
    assert [how for _, how in hits("token-before-training", "2009-01-01", *entries)] == found


def test_a_certificate_that_nobody_saw_is_asked_about_while_there_is_a_user() -> None:
    unseen = ecrb(seen_on=None)
    somebody = person(left_on="2009-05-31", account_closed_on="2009-05-31")
    assert hits("ecrb-seen", "2009-05-31", somebody, unseen)
    assert hits("ecrb-seen", "2009-06-01", somebody, unseen) == []
