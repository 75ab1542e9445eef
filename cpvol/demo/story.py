"""The life of Example Family Support, counted back from the day on which it is shown.

Each event is what somebody would have typed on its day. Names are plainly made up; no child appears anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from dateutil.relativedelta import relativedelta

from cpvol.logs.base import ID_ALPHABET

ORGANISATION = "Example Family Support"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the story.

    :param on: the day on which it is entered.
    :param key: what the record is called in the story; two events with one key are one record.
    :param action: ``add`` or the name of a follow-up step.
    :param values: the fields, or the step's answers.
    """

    on: date
    log: str
    key: str
    action: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The record's id: the same each time the story is told."""
        digest = int.from_bytes(sha256(f"{self.log}/{self.key}".encode()).digest()[:8], "big")
        return "".join(ID_ALPHABET[(digest >> (5 * place)) & 31] for place in range(10))


def id_of(log: str, key: str) -> str:
    """The id of a record of the story."""
    return Event(date.min, log, key, "add").id


@dataclass(frozen=True, slots=True)
class _Life:
    """One person: months before today at which things happened."""

    key: str
    name: str
    joined: int
    left: int | None = None
    engagement: str = "volunteer"
    access: str = "query"
    ecrbs: tuple[int, ...] = ()
    trained: int | None = None
    opened: int | None = None
    gaps: tuple[str, ...] = ()


_PEOPLE = (
    _Life("robin", "Robin Example", 94, None, "employee", "query", (95, 60, 25), 93, 92),
    _Life("sam", "Sam Specimen", 80, None, "volunteer", "mediator", (81, 46, 34), 79, 78),
    _Life("alex", "Alex Sample", 70, None, "volunteer", "query", (35,), 34, 33, ("email",)),
    _Life("jo", "Jo Placeholder", 92, 75, "volunteer", "query", (93,), 91, 90),
    _Life("kim", "Kim Pattern", 30, None, "trustee", "none", (), None, None),
    _Life("pat", "Pat Template", 40, 2, "employee", "query", (41,), 39, 38, ("notice",)),
)


def story(today: date) -> list[Event]:
    """Every event up to a day, in order."""
    told = [event for life in _PEOPLE for event in _life(life, today)]
    return sorted(
        (event for event in told if event.on <= today),
        key=lambda e: (e.on, e.log != "person", e.key),
    )


def _life(life: _Life, today: date) -> Iterator[Event]:
    def ago(months: int, days: int = 0) -> date:
        day = today - relativedelta(months=months) + timedelta(days=days)
        # Nobody enters anything at a weekend.
        return day - timedelta(days=max(0, day.weekday() - 4))

    joined = ago(life.joined)
    person = id_of("person", life.key)
    details: dict[str, Any] = {
        "name": life.name,
        "engagement": life.engagement,
        "access": life.access,
        "joined_on": joined,
        "posts": [
            {
                "title": "Trustee" if life.engagement == "trustee" else "Family worker",
                "start": joined,
            }
        ],
    }
    if life.opened is not None:
        details |= {
            "need_to_know": "Supports families who move between services",
            "identity_checked_on": joined,
            "sharing_trained_on": ago(life.joined, 10),
            "isa_member_on": joined,
            "account_requested_on": ago(life.opened, -20),
            "account_opened_on": ago(life.opened),
            "security_questions": "yes",
        }
        if "email" not in life.gaps:
            details["email"] = f"{life.key}@example.invalid"
    yield Event(
        ago(life.opened, 1) if life.opened is not None else joined,
        "person",
        life.key,
        "add",
        details,
    )
    entered = ago(life.opened, 1) if life.opened is not None else joined
    for number, months in enumerate(life.ecrbs):
        issued = ago(months)
        values = {
            "person": person,
            "reference": f"0012{abs(hash_of(life.key)) % 10000:04d}{number}",
            "issued_on": issued,
            "seen_on": issued + timedelta(days=7),
            "seen_by": "Secretary",
            "decision": "clear",
        }
        if number:
            values["replaces"] = id_of("ecrb", f"{life.key}-{number - 1}")
        yield Event(
            max(entered, issued + timedelta(days=7)), "ecrb", f"{life.key}-{number}", "add", values
        )
    if life.trained is not None:
        day = ago(life.trained)
        yield Event(
            max(entered, day),
            "training",
            life.key,
            "add",
            {
                "person": person,
                "course": "ContactPoint user training",
                "booked_on": day - timedelta(days=28),
                "completed_on": day,
                "venue": "County training centre",
                "trainer": "authority",
                "token": f"T-{abs(hash_of(life.key)) % 9000 + 1000}",
            },
        )
    if life.left is not None:
        left = ago(life.left)
        answers: dict[str, Any] = {"left_on": left, "team_told_on": left, "suspended_on": left}
        yield Event(left, "person", life.key, "leave", answers)
        if "notice" not in life.gaps:
            closed = left + timedelta(days=7)
            yield Event(
                closed,
                "person",
                life.key,
                "leave",
                {
                    "account_closed_on": closed,
                    "notice_given_on": left,
                    "notice_acknowledged_on": closed,
                },
            )


def hash_of(text: str) -> int:
    """A number that a text always gives, on every computer."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big")
