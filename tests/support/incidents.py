"""Entries of the logs of tokens, sessions, breaches and requests, each compliant unless the test says otherwise.

The person or the case is called by a letter, as in :mod:`tests.support.entries`; days are written as 2009-03-31.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from cpvol.compliance import Due, check, due
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.breach import Breach
from cpvol.logs.sar import Sar
from cpvol.logs.session import Session
from cpvol.logs.token import Token
from cpvol.policy import Policy
from tests.support.entries import POLICY, day, ecrb, id_of, person, training

DAY = timedelta(days=1)

# Ids have no i, l, o and u.
_SHORT = {"token": "tkn", "session": "ses", "breach": "brc", "sar": "sar"}


def named(log: Literal["token", "session", "breach", "sar"], who: str, nth: int = 0) -> str:
    """The id of an entry: ``tkn000000a`` is the token of the person called a."""
    return f"{_SHORT[log]}{nth:06d}{who}"


def token(who: str = "a", nth: int = 0, **fields: Any) -> Token:
    """The token that the training of :func:`tests.support.entries.training` names, in its holder's hands."""
    given = {
        "id": named("token", who, nth),
        "schema": 1,
        "number": "T-0042",
        "person": id_of("person", who),
        "issued_on": "2008-09-18",
    }
    return Token.model_validate(given | fields)


def session(who: str = "a", nth: int = 0, **fields: Any) -> Session:
    """A session through the authority's team on 31 March 2009 that ended as it should."""
    given = {
        "id": named("session", who, nth),
        "schema": 1,
        "person": id_of("person", who),
        "route": "authority",
        "mediator_office": "Authority's team",
        "date": "2009-03-31",
        "start": "14:30",
        "own_login": "yes",
        "reference_given": "yes",
        "reason": "contact",
        "ended": "14:45",
        "end_confirmed_by": "Authority's team",
    }
    return Session.model_validate(given | fields)


def through(mediator: str, who: str = "a", **fields: Any) -> Session:
    """A session through a colleague."""
    colleague = {"route": "colleague", "mediator": id_of("person", mediator)}
    return session(who, **(colleague | {"mediator_office": None, "own_login": None} | fields))


def breach(who: str = "a", nth: int = 0, **fields: Any) -> Breach:
    """A breach of 11 May 2009 that everybody knows of, with something done about it."""
    given = {
        "id": named("breach", who, nth),
        "schema": 1,
        "discovered_on": "2009-05-11",
        "found_through": "report",
        "category": "known_people",
        "what": "A record was looked at without a reason",
        "persons": [id_of("person", who)],
        "reported_to": "manager",
        "team_told_on": "2009-05-11",
        "actions": [act("2009-05-11")],
    }
    return Breach.model_validate(given | fields)


def act(on: str) -> dict[str, str]:
    """One thing done about a breach."""
    return {"on": on, "what": "Asked about it", "by": "Manager"}


def sar(who: str = "a", nth: int = 0, **fields: Any) -> Sar:
    """A written request of 2 June 2009, a Tuesday, with nothing done about it yet."""
    given = {
        "id": named("sar", who, nth),
        "schema": 1,
        "received_on": "2009-06-02",
        "in_writing": "yes",
        "relation": "subject",
        "case": f"SAR-2009/{nth}",
        "scope": "directory",
    }
    return Sar.model_validate(given | fields)


def compliant(who: str = "a", **fields: Any) -> list[Record]:
    """One person with everything that goes with an open account, the token included."""
    number = f"T-{who}"
    trained = training(who, token=number)
    return [person(who, **fields), ecrb(who), trained, token(who, number=number)]


def nominated(who: str = "a", **fields: Any) -> Record:
    """Somebody without an account who is nominated for mediated access."""
    return person(who, **({"access": "nominated", "account_opened_on": None} | fields))


def dues(
    rule: str, on: date | str, *entries: Record, within: int = 0, policy: Policy = POLICY
) -> list[Due]:
    """What one rule says is due on a day, of these entries."""
    when = day(on) if isinstance(on, str) else on
    return [one for one in due(Records(entries), policy, when, within) if one.rule == rule]


def assert_due(
    rule: str, last: str, *entries: Record, row: str, owner: str = "us", policy: Policy = POLICY
) -> None:
    """The rule is silent on the day before, in time on the day, and overdue on the day after."""
    at = day(last)
    assert dues(rule, at - DAY, *entries, policy=policy) == []
    (found,) = dues(rule, at, *entries, policy=policy)
    assert (found.due_on, found.owner) == (at, owner)
    assert not found.overdue(at)
    assert row in found.source
    (found,) = dues(rule, at + DAY, *entries, policy=policy)
    assert found.due_on == at
    assert found.overdue(at + DAY)


def never_due(rule: str, *entries: Record) -> None:
    """The rule says nothing on any of many days, however far it looks ahead."""
    for on in ("2009-01-01", "2009-06-15", "2010-12-31", "2016-02-29"):
        assert dues(rule, on, *entries, within=3660) == []


def hits(rule: str, on: date | str, *entries: Record) -> list[tuple[str, str]]:
    """What one check objects to on a day: (id, severity) each."""
    when = day(on) if isinstance(on, str) else on
    found = check(Records(entries), POLICY, when)
    return [(one.id, str(one.severity)) for one in found if one.rule == rule]


def messages(on: str, *entries: Record) -> list[str]:
    """Every sentence that due dates and checks say of the entries."""
    book = Records(entries)
    return [one.message for one in check(book, POLICY, day(on))] + [
        one.what for one in due(book, POLICY, day(on), 3660)
    ]
