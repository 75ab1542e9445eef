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

from cpvol.logs import BY_NAME
from cpvol.logs.base import ID_ALPHABET
from cpvol.logs.spotcheck import POINTS

ORGANISATION = "Example Family Support"


def _card(purpose: str, office: str, number: str, email: str, floor: str = "") -> dict[str, str]:
    """One office: its number is one of those set aside for films and plays, its address is nowhere."""
    place = f"{floor}\n1 Invented Street\nExampleton" if floor else "2 Invented Street\nExampleton"
    return {
        "purpose": purpose,
        "office": office,
        "telephone": f"01632 960{number}",
        "email": f"{email}@example.org",
        "address": place,
    }


#: Whom the organisation turns to, by purpose: every office that a letter or a page may name.
CONTACTS: tuple[dict[str, str], ...] = (
    _card("authority_team", "Directory team, Example Council", "101", "team", "First floor"),
    _card(
        "user_administration", "User administration, Example Council", "102", "users", "First floor"
    ),
    _card(
        "subject_access",
        "Access to records team, Example Council",
        "103",
        "records",
        "Second floor",
    ),
    _card(
        "data_protection_officer",
        "Data protection officer, Example Council",
        "104",
        "protection",
        "Second floor",
    ),
    _card(
        "directory_manager", "Directory manager, Example Council", "105", "manager", "Third floor"
    ),
    _card("first_line", "Support desk, Example Family Support", "106", "support"),
    _card("token_returns", "Token returns, Example Council", "107", "tokens", "Post room"),
)


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
        return id_of(self.log, self.key)


def id_of(log: str, key: str) -> str:
    """The id of a record of the story."""
    digest = int.from_bytes(sha256(f"{log}/{key}".encode()).digest()[:8], "big")
    return "".join(ID_ALPHABET[(digest >> (5 * place)) & 31] for place in range(10))


@dataclass(frozen=True, slots=True)
class Life:
    """One person's way. Numbers are months before today.

    :param ecrbs: when each of their checks was issued.
    :param opened: when their account was opened; training came a month and a token the same day before.
    :param left: when they left, and ``tidy`` whether everything was then done.
    :param lacks: details that nobody ever entered.
    """

    key: str
    name: str
    joined: int
    engagement: str = "volunteer"
    access: str = "query"
    ecrbs: tuple[int, ...] = ()
    opened: int | None = None
    left: int | None = None
    tidy: bool = True
    lacks: tuple[str, ...] = ()


PEOPLE = (
    Life("robin", "Robin Example", 94, "employee", ecrbs=(95, 60, 25), opened=92),
    Life("sam", "Sam Specimen", 80, access="mediator", ecrbs=(81, 46, 34), opened=78),
    Life("lee", "Lee Dummy", 95, ecrbs=(96,), opened=93, left=80),
    Life("jo", "Jo Placeholder", 92, ecrbs=(93,), opened=90, left=75),
    Life("alex", "Alex Sample", 70, ecrbs=(71, 40), opened=68),
    Life("dana", "Dana Invented", 60, access="nominated", ecrbs=(61, 26)),
    Life("morgan", "Morgan Madeup", 52, "employee", ecrbs=(53, 18), opened=50),
    Life("ash", "Ash Fictional", 44, ecrbs=(45, 10), opened=42, lacks=("email",)),
    Life("pat", "Pat Template", 40, "employee", ecrbs=(35,), opened=33, left=2, tidy=False),
    Life("chris", "Chris Notional", 30, ecrbs=(31,), opened=28, left=19),
    Life("kim", "Kim Pattern", 30, "trustee", "none"),
    Life("taylor", "Taylor Imaginary", 2, ecrbs=(1,)),
)


def story(today: date) -> list[Event]:
    """Every event up to a day, in the order in which it was entered."""
    when = _When(today)
    told: list[Event] = []
    for life in PEOPLE:
        told += _life(life, when)
    for tale in (
        _mover,
        _lost_token,
        _failed_check,
        _sessions,
        _breaches,
        _requests,
        _shields,
        _rounds,
        _day_by_day,
    ):
        told += tale(when)
    return sorted(
        (event for event in told if event.on <= today),
        key=lambda event: (event.on, _ORDER.index(event.log), event.action != "add"),
    )


#: In which order the entries of one day are made; what others refer to comes first.
_ORDER = tuple(BY_NAME)


@dataclass(frozen=True, slots=True)
class _When:
    """Days of the story, counted back from today; the great ones fall on weekdays."""

    today: date

    def ago(self, months: int, days: int = 0) -> date:
        day = self.today - relativedelta(months=months) + timedelta(days=days)
        return day - timedelta(days=max(0, day.weekday() - 4))


def _life(life: Life, when: _When) -> Iterator[Event]:
    joined = when.ago(life.joined)
    yield Event(joined, "person", life.key, "add", _details(life, when))
    yield from _checks(life, when)
    if life.opened is not None:
        yield from _access(life, when)
    elif life.key == "taylor":
        booked = when.ago(0, -9)
        values = _training(life, when.today) | {"booked_on": booked}
        del values["completed_on"], values["token"]
        yield Event(booked, "training", life.key, "add", values)
    elif life.access == "nominated":
        day = when.ago(life.joined - 1)
        values = _training(life, day)
        del values["token"]
        yield Event(day, "training", life.key, "add", values)
    if life.left is not None:
        yield from _leaving(life, when)


def _details(life: Life, when: _When) -> dict[str, Any]:
    joined = when.ago(life.joined)
    title = "Trustee" if life.engagement == "trustee" else "Family worker"
    details: dict[str, Any] = {
        "name": life.name,
        "engagement": life.engagement,
        "posts": [{"title": title, "start": joined}],
        "access": life.access,
        "joined_on": joined,
    }
    if life.access != "none":
        details |= {
            "need_to_know": "Supports families who move between services",
            "identity_checked_on": joined,
            "isa_member_on": joined,
        }
    if life.access != "none" and life.key != "taylor":
        details["sharing_trained_on"] = joined
        if "email" not in life.lacks:
            details["email"] = f"{life.key}@example.invalid"
    if life.key == "robin":
        details |= {"override": "yes", "override_agreed_by": "Safeguarding board"}
    if life.opened is not None:
        details |= {
            "account_requested_on": when.ago(life.opened, -20),
            "account_opened_on": when.ago(life.opened),
            "security_questions": "yes",
        }
    return details


def _checks(life: Life, when: _When) -> Iterator[Event]:
    for number, months in enumerate(life.ecrbs):
        issued = when.ago(months)
        seen = max(issued + timedelta(days=7), when.ago(life.joined))
        values: dict[str, Any] = {
            "person": id_of("person", life.key),
            "reference": f"0012{number_of(life.key, 10_000):04d}{number}",
            "issued_on": issued,
            "seen_on": seen,
            "seen_by": "Secretary",
            "decision": "clear",
        }
        if number:
            values["replaces"] = id_of("ecrb", f"{life.key}-{number - 1}")
        yield Event(seen, "ecrb", f"{life.key}-{number}", "add", values)


def _training(life: Life, day: date) -> dict[str, Any]:
    return {
        "person": id_of("person", life.key),
        "course": "ContactPoint user training",
        "booked_on": day - timedelta(days=28),
        "completed_on": day,
        "venue": "County training centre",
        "trainer": "authority",
        "token": token_of(life.key),
    }


def _access(life: Life, when: _When) -> Iterator[Event]:
    day = when.ago((life.opened or 0) + 1)
    yield Event(day, "training", life.key, "add", _training(life, day))
    values = {
        "number": token_of(life.key),
        "person": id_of("person", life.key),
        "issued_on": day,
        "place": "County training centre",
    }
    yield Event(day, "token", life.key, "add", values)


def _leaving(life: Life, when: _When) -> Iterator[Event]:
    left = when.ago(life.left or 0)
    answers: dict[str, Any] = {"left_on": left, "team_told_on": left, "suspended_on": left}
    yield Event(left, "person", life.key, "leave", answers)
    if not life.tidy:
        return
    week = left + timedelta(days=7)
    yield Event(left, "token", life.key, "return", {"returned_on": left})
    posted = {"posted_on": week, "post_reference": f"RP{number_of(life.key, 1_000_000):06d}GB"}
    yield Event(week, "token", life.key, "post", posted)
    fortnight = left + timedelta(days=14)
    yield Event(fortnight, "token", life.key, "confirm", {"received_on": fortnight})
    answers = {
        "account_closed_on": week,
        "notice_given_on": left,
        "notice_acknowledged_on": week,
    }
    yield Event(week, "person", life.key, "leave", answers)


def _mover(when: _When) -> Iterator[Event]:
    moved = {"on": when.ago(50), "post": "Deputy manager", "need_to_know": "Runs the duty desk"}
    yield Event(when.ago(50), "person", "robin", "move", moved)


def _lost_token(when: _When) -> Iterator[Event]:
    lost = when.ago(14)
    second = {
        "number": token_of("morgan-2"),
        "person": id_of("person", "morgan"),
        "issued_on": when.ago(14, 9),
        "place": "Handed over by the authority's team",
    }
    told = {"lost_on": lost, "used_by_other": "no", "team_told_on": lost}
    yield Event(lost, "token", "morgan", "lose", told)
    yield Event(when.ago(14, 9), "token", "morgan-2", "add", second)


def _failed_check(when: _When) -> Iterator[Event]:
    day = when.ago(19)
    answers = {
        "failed_on": day,
        "use_withdrawn_on": day,
        "team_told_on": day,
        "token_returned_on": day,
    }
    yield Event(day, "ecrb", "chris-0", "fail", answers)


def _sessions(when: _When) -> Iterator[Event]:
    reasons = ("contact", "services", "contact", "assessment", "first_contact")
    for number, months in enumerate(range(58, 0, -2)):
        day = when.ago(months, -3)
        colleague = number % 3 != 2
        through = (
            {"route": "colleague", "mediator": id_of("person", "sam")}
            if colleague
            else {"route": "authority", "mediator_office": "Authority's team", "own_login": "yes"}
        )
        values = {
            "person": id_of("person", "dana"),
            **through,
            "date": day,
            "start": f"{9 + number % 7:02d}:{(number * 10) % 60:02d}",
            "reference_given": "yes",
            "reason": reasons[number % len(reasons)],
            "case": f"C-{day.year}/{number + 11}",
        }
        key = f"dana-{months}"
        yield Event(day, "session", key, "add", values)
        if months != 8:
            end = {
                "ended": f"{9 + number % 7:02d}:{(number * 10) % 60 + 9:02d}",
                "end_confirmed_by": "Mediator" if colleague else "Authority's team",
            }
            yield Event(day, "session", key, "end", end)


def _breaches(when: _When) -> Iterator[Event]:
    found = when.ago(27)
    first = {
        "discovered_on": found,
        "occurred_on": found - timedelta(days=2),
        "found_through": "authority_audit",
        "category": "known_people",
        "what": "A record was looked at without a reason to do with work",
        "persons": [id_of("person", "ash")],
        "reported_to": "manager",
        "team_told_on": found,
    }
    yield Event(found, "breach", "ash", "add", first)
    opened = {"opened_on": found, "suspended_on": found}
    act = {"on": found, "what": "Account suspended, statement taken", "by": "Manager"}
    yield Event(found, "breach", "ash", "act", opened | act)
    suspended = {"on": found, "reason": "While a breach is looked into"}
    yield Event(found, "person", "ash", "suspend", suspended)
    ended = when.ago(26)
    done = {"concluded_on": ended, "outcome": "A single lapse, admitted", "sanction": "Warning"}
    yield Event(ended, "breach", "ash", "conclude", done)
    restored = {"on": ended, "reason": "The case was concluded"}
    yield Event(ended, "person", "ash", "restore", restored)
    second = {
        "discovered_on": when.ago(1),
        "found_through": "spot_check",
        "category": "credentials",
        "what": "A log-in was found written down beside a computer",
        "reported_to": "manager",
    }
    yield Event(when.ago(1), "breach", "desk", "add", second)


def _requests(when: _When) -> Iterator[Event]:
    for number, (months, shielded) in enumerate(((88, "no"), (41, "unknown"), (12, "yes"))):
        day = when.ago(months)
        values = {
            "received_on": day,
            "in_writing": "yes",
            "relation": "parent" if number else "subject",
            "case": f"SAR-{day.year}/{number + 1}",
            "identity_complete_on": day + timedelta(days=3),
            "identity_verified_on": day + timedelta(days=3),
            "scope": "directory",
            "shielded": shielded,
        }
        key = f"sar-{number}"
        yield Event(day, "sar", key, "add", values)
        on = day + timedelta(days=3)
        refer = {"referred_to": "dpo" if shielded == "yes" else "team", "referred_on": on}
        yield Event(on, "sar", key, "refer", refer)
        closed = day + timedelta(days=35)
        end = {"closed_on": closed, "outcome": "Answered by the authority"}
        yield Event(closed, "sar", key, "close", end)
    fresh = {
        "received_on": when.ago(0, -4),
        "in_writing": "yes",
        "relation": "parent",
        "case": f"SAR-{when.today.year}/9",
        "identity_complete_on": when.ago(0, -4),
        "scope": "broader",
    }
    yield Event(when.ago(0, -4), "sar", "fresh", "add", fresh)


def _shields(when: _When) -> Iterator[Event]:
    for number, months in enumerate((40, 9)):
        day = when.ago(months)
        values: dict[str, Any] = {
            "reference": f"SH-{day.year}/{number + 1}",
            "requested_on": day,
            "route": "asked",
            "body": ORGANISATION,
            "relation": "practitioner",
            "criteria": ["child"] if number else ["adult", "cohabitant"],
            "decided_by": "Safeguarding lead",
            "agreed_by": "Chief officer",
            "household": "yes",
            "team_told_on": day,
        }
        key = f"shield-{number}"
        yield Event(day, "shield", key, "add", values)
        week = when.ago(months, 7)
        yield Event(week, "shield", key, "answer", {"answer": "applied", "answered_on": week})
        view = {"on": week, "by": "Safeguarding lead", "view": "keep"}
        yield Event(week, "shield", key, "review", view)
    ended = when.ago(36)
    yield Event(ended, "shield", "shield-0", "withdraw", {"withdrawn_on": ended})
    broken = when.ago(21)
    values = {
        "person": id_of("person", "robin"),
        "date": broken,
        "time": "19:40",
        "team_unavailable": "yes",
        "threat": "yes",
        "holds_right": "yes",
        "confirmed": "yes",
        "case": f"C-{broken.year}/77",
    }
    yield Event(broken, "override", "robin", "add", values)
    report = {"reported_on": broken, "reported_time": "21:15"}
    yield Event(broken, "override", "robin", "report", report)
    found = {"concluded_on": when.ago(20), "finding": "The override was right"}
    yield Event(when.ago(20), "override", "robin", "conclude", found)
    asked = when.ago(7)
    values = {
        "requested_on": asked,
        "person": id_of("person", "morgan"),
        "kind": "shielded",
        "reason": "To plan support together with the other service",
        "passed_on": asked,
    }
    yield Event(asked, "brokering", "morgan", "add", values)
    refused = {"decision": "refused", "decided_on": when.ago(6), "refusal": "Not safe at present"}
    yield Event(when.ago(6), "brokering", "morgan", "decide", refused)


def _rounds(when: _When) -> Iterator[Event]:
    for months in (8, 5, 2):
        day = when.ago(months)
        points = dict.fromkeys(POINTS, "met") | {"screen": "not_met" if months == 5 else "met"}
        values = {"on": day, "by": "Secretary", "workstation": "Office PC 2", **points}
        yield Event(day, "spotcheck", f"spot-{months}", "add", values)
    fixed = when.ago(4)
    remedy = {
        "remedied_on": fixed,
        "remedy": "A privacy screen",
        "directory_manager_told_on": fixed,
    }
    yield Event(fixed, "spotcheck", "spot-5", "remedy", remedy)
    day = when.ago(4)
    search = {
        "person": id_of("person", "alex"),
        "on": day - timedelta(days=20),
        "records": 14,
        "explanation": "Looked for a whole family group",
    }
    values = {
        "on": day,
        "start": day - timedelta(days=95),
        "end": day - timedelta(days=5),
        "by": "Manager",
        "persons": [id_of("person", key) for key in ("robin", "alex", "morgan")],
        "followed": "yes",
        "searches": [search],
        "returned_on": day,
    }
    yield Event(day, "usage", "usage-4", "add", values)
    values = {
        "start": when.ago(11),
        "end": when.ago(10),
        "method": "Asked at the first meeting of the term",
        "checked": 42,
        "corrected": 3,
        "by": "Secretary",
    }
    yield Event(when.ago(10), "accuracy", "accuracy-10", "add", values)
    day = when.ago(30)
    values = {
        "on": day,
        "audience": "parents",
        "method": "With the enrolment form",
        "number": 60,
        "version": "Version 2",
    }
    yield Event(day, "notice", "notice-30", "add", values)
    day = when.ago(11)
    values = {"version": "Accreditation declaration, version 3", "made_on": day}
    yield Event(day, "declaration", "declaration-11", "add", values)
    signed = {"officer_signed_on": day, "chair_signed_on": when.ago(11, 7)}
    yield Event(when.ago(11, 7), "declaration", "declaration-11", "sign", signed)


def _day_by_day(when: _When) -> Iterator[Event]:
    day = when.ago(6)
    values = {
        "on": day,
        "system": "Case records",
        "kind": "upgrade",
        "what": "Upgrade to the next version of the program",
        "manager_told_on": day,
    }
    yield Event(day, "change", "case-records", "add", values)
    for key, months, kind in (("alex", 5, "question"), ("ash", 0, "access")):
        day = when.ago(months, 0 if months else -10)
        values = {
            "opened_on": day,
            "person": id_of("person", key),
            "kind": kind,
            "summary": "How to give a reason before a record is opened",
        }
        yield Event(day, "support", key, "add", values)
    closed = {"closed_on": when.ago(5, 7), "outcome": "Shown at the desk"}
    yield Event(when.ago(5, 7), "support", "alex", "close", closed)
    day = when.ago(3)
    values = {
        "raised_on": day,
        "relation": "parent",
        "case": f"D-{day.year}/2",
        "kind": "legal_name",
    }
    yield Event(day, "dispute", "name", "add", values)
    seen = {"documents_seen_on": when.ago(3, 7), "changed_on": when.ago(3, 7)}
    yield Event(when.ago(3, 7), "dispute", "name", "act", seen)
    done = {"closed_on": when.ago(3, 14), "outcome": "Changed after the documents were seen"}
    yield Event(when.ago(3, 14), "dispute", "name", "close", done)
    day = when.ago(2)
    values = {
        "person": id_of("person", "taylor"),
        "what": "policy",
        "title": "Confidentiality policy, version 3",
        "given_on": day,
    }
    yield Event(day, "acknowledgement", "taylor", "add", values)
    day = when.ago(13)
    values = {
        "on": day,
        "case": f"C-{day.year}/51",
        "kind": "without",
        "why_without": "Somebody was in danger that evening",
        "decided_by": "Manager",
    }
    yield Event(day, "consent", "urgent", "add", values)


def number_of(text: str, below: int) -> int:
    """A number that a text always gives, on every computer."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big") % below


def token_of(key: str) -> str:
    """The number of a token of the story."""
    return f"T-{1000 + number_of(key, 9000)}"
