"""Entries for tests of the rules, each complete and compliant unless the test says otherwise.

The person is called by a letter; the letter makes the ids, so that a test can read them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cpvol.logs.book import Records
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person
from cpvol.logs.training import Training
from cpvol.policy import Policy, load

POLICY: Policy = load()


def day(text: str) -> date:
    """A day, as 2009-03-31."""
    return date.fromisoformat(text)


def _days(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: day(value) if key.endswith("_on") and isinstance(value, str) else value
        for key, value in fields.items()
    }


def id_of(log: str, who: str, number: int = 0) -> str:
    """The id of somebody's entry: ``per000000a`` is the person called a."""
    return f"{log[:3]}{number:06d}{who}".replace("i", "1").replace("l", "1")


def person(who: str = "a", /, **fields: Any) -> Person:
    """Somebody with an open account for whom everything was done in its order."""
    given: dict[str, Any] = {
        "id": id_of("person", who),
        "schema": 1,
        "name": f"Robin {who.upper()}",
        "engagement": "volunteer",
        "need_to_know": "runs the support group",
        "access": "query",
        "identity_checked_on": "2008-09-02",
        "sharing_trained_on": "2008-09-03",
        "isa_member_on": "2008-09-04",
        "email": f"{who}@charity.example",
        "security_questions": "yes",
        "joined_on": "2008-09-01",
        "account_opened_on": "2008-10-01",
    }
    return Person.model_validate(_days(given | fields))


def ecrb(who: str = "a", number: int = 0, **fields: Any) -> Ecrb:
    """A clear check, issued on 11 August 2008 and so valid until 10 August 2011."""
    given: dict[str, Any] = {
        "id": id_of("ecrb", who, number),
        "schema": 1,
        "person": id_of("person", who),
        "reference": f"00123456789{number}",
        "issued_on": "2008-08-11",
        "decision": "clear",
    }
    data = _days(given | fields)
    data.setdefault("seen_on", data["issued_on"])
    return Ecrb.model_validate(data)


def training(who: str = "a", number: int = 0, **fields: Any) -> Training:
    """A training by the authority, completed on 18 September 2008."""
    given: dict[str, Any] = {
        "id": id_of("training", who, number),
        "schema": 1,
        "person": id_of("person", who),
        "course": "ContactPoint user training",
        "completed_on": "2008-09-18",
        "trainer": "authority",
        "token": "T-0042",
    }
    return Training.model_validate(_days(given | fields))


def book(*entries: Person | Ecrb | Training) -> Records:
    """The entries as the rules are given them."""
    return Records(entries)


def whole(who: str = "a", /, **fields: Any) -> Records:
    """One person with the check and the training that go with the account."""
    return book(person(who, **fields), ecrb(who), training(who))
