"""Three years of one organisation under both profiles: what falls due when, and how long it is kept, side by side."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cpvol import retention
from cpvol.compliance import CHECKS, DUE_RULES, check, due
from cpvol.letters import LETTERS
from cpvol.logs import LOGS
from cpvol.logs.base import Part, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import fields_of
from cpvol.policy import Policy, load, misattributed, profiles
from tests.support.entries import day, ecrb, person, training
from tests.support.incidents import breach, sar, token
from tests.support.others import entry

THEN, TODAY = "contactpoint", "uk-today"
FIRST, LAST = date(2026, 3, 2), date(2029, 3, 1)


def life() -> list[Record]:
    """Somebody joins, is checked and trained, and leaves; requests, a breach, complaints, checks of workstations."""
    return [
        person(
            joined_on="2026-03-02",
            identity_checked_on="2026-03-02",
            sharing_trained_on="2026-03-02",
            isa_member_on=None,
            account_opened_on="2026-03-20",
            left_on="2028-06-30",
            account_closed_on="2028-06-30",
        ),
        ecrb(issued_on="2026-03-02", seen_on="2026-03-09"),
        training(completed_on="2026-03-16"),
        token(issued_on="2026-03-16", returned_on="2028-06-30", posted_on="2028-06-30", received_on="2028-07-04"),
        sar(
            received_on="2026-06-02",
            scope="broader",
            identity_complete_on="2026-06-02",
            referred_on="2026-06-02",
            referred_to="team",
        ),
        sar(
            "b",
            received_on="2026-09-01",
            scope="own",
            identity_complete_on="2026-09-01",
            clarification_asked_on="2026-09-07",
            clarified_on="2026-09-20",
        ),
        sar(
            "c",
            received_on="2026-10-05",
            scope="own",
            identity_complete_on="2026-10-05",
            extended_on="2026-10-20",
        ),
        breach(
            discovered_on="2027-01-15",
            personal_data="yes",
            persons=[],
            team_told_on="2027-01-15",
            actions=[{"on": "2027-01-15", "what": "Asked", "by": "Manager"}],
        ),
        entry("dispute", raised_on="2027-05-04", kind="complaint"),
        entry("spotcheck", on="2028-01-10"),
    ]  # fmt: skip


def first_dues(policy: Policy, entries: list[Record]) -> dict[tuple[str, str], str]:
    """Every due date of three years, by rule and entry, as it stood when it was first seen within a month."""
    book = Records(entries)
    found: dict[tuple[str, str], str] = {}
    on = FIRST
    while on <= LAST:
        for one in due(book, policy, on, 31):
            found.setdefault((one.rule, one.id), f"{one.due_on}")
        on += timedelta(days=7)
    return found


@pytest.fixture(scope="module")
def both() -> dict[str, dict[tuple[str, str], str]]:
    return {name: first_dues(load(name), life()) for name in (THEN, TODAY)}


#: Rule, entry, then the day under each profile; where it is not asked for, nothing.
DIFFERENT = [
    ("sar-answer", sar().id, "2026-07-11", "2026-07-01"),
    ("sar-own", sar().id, "2026-07-11", "2026-07-01"),
    ("sar-own", sar("b").id, "2026-10-10", "2026-10-14"),
    ("sar-own", sar("c").id, "2026-11-13", "2027-01-04"),
    ("breach-commissioner", breach().id, "", "2027-01-18"),
    ("complaint-acknowledge", entry("dispute").id, "", "2027-06-02"),
]


@pytest.mark.parametrize(("rule", "id", "then", "today"), DIFFERENT)
def test_what_differs_falls_due_on_these_days(
    both: dict[str, dict[tuple[str, str], str]], rule: str, id: str, then: str, today: str
) -> None:
    """Forty days against a month that may be extended or stand still; notices that the documents do not know."""
    settled = {name: _settled(load(name), rule, id, day(then or today)) for name in (THEN, TODAY)}
    assert settled == {THEN: then, TODAY: today}
    assert ((rule, id) in both[THEN]) == bool(then)
    assert (rule, id) in both[TODAY]


def _settled(policy: Policy, rule: str, id: str, on: date) -> str:
    """The due date as it stands once all answers are in."""
    found = due(Records(life()), policy, on, 400)
    return next((f"{one.due_on}" for one in found if (one.rule, one.id) == (rule, id)), "")


def test_nothing_else_differs(both: dict[str, dict[tuple[str, str], str]]) -> None:
    kept = {rule for rule, _ in both[THEN] if rule.startswith("retention-")}
    assert kept == set()
    listed = {rule for rule, *_ in DIFFERENT}
    assert {key: on for key, on in both[THEN].items() if key[0] not in listed} == {
        key: on for key, on in both[TODAY].items() if key[0] not in listed
    }
    assert ("spotcheck-round", entry("spotcheck").id) in both[TODAY]


def test_the_time_stands_still_until_the_answer_comes() -> None:
    """While nobody has said what is wanted, no day can be given."""
    waiting = [sar("b", received_on="2026-09-01", scope="own", identity_complete_on="2026-09-01", clarification_asked_on="2026-09-07")]  # fmt: skip
    on = day("2026-09-10")
    own = [one for one in due(Records(waiting), load(TODAY), on, 400) if one.rule == "sar-own"]
    assert own == []
    own = [one for one in due(Records(waiting), load(THEN), on, 400) if one.rule == "sar-own"]
    assert [one.due_on for one in own] == [day("2026-10-10")]


@pytest.mark.parametrize(
    ("fields", "due_on"),
    [
        ({"risk": "no"}, None),
        ({"risk": "unknown"}, "2027-01-18"),
        ({"personal_data": "no"}, None),
        ({"personal_data": "unknown"}, None),
        ({"commissioner_told_on": "2027-01-16"}, None),
    ],
)
def test_a_breach_without_risk_is_not_notified(fields: dict[str, Any], due_on: str | None) -> None:
    found = breach(**({"discovered_on": "2027-01-15", "personal_data": "yes", "team_told_on": None, "actions": []} | fields))  # fmt: skip
    told = [
        one for one in due(Records([found]), load(TODAY), day("2027-01-17")) if one.rule == "breach-commissioner"
    ]  # fmt: skip
    assert [f"{one.due_on}" for one in told] == ([due_on] if due_on else [])
    assert all(one.source == ("C15", "UK GDPR Art. 33(1)") for one in told)


def test_an_extension_is_told_in_time_and_only_where_there_is_one() -> None:
    late = sar("c", received_on="2026-10-05", identity_complete_on="2026-10-05", extended_on="2026-11-05")  # fmt: skip
    for entries, name, expected in (
        ([late], TODAY, 1),
        ([life()[6]], TODAY, 0),
        ([life()[6]], THEN, 1),
    ):
        found = check(Records(entries), load(name), day("2026-12-01"))
        assert len([one for one in found if one.rule == "sar-extension"]) == expected


def test_membership_of_the_old_scheme_is_asked_for_by_the_old_profile_alone() -> None:
    book, on = Records(life()), day("2026-04-01")
    rules = {name: {one.rule for one in check(book, load(name), on)} for name in (THEN, TODAY)}
    assert "access-isa" in rules[THEN]
    assert rules[TODAY] == rules[THEN] - {"access-isa"}


def test_how_long_entries_are_kept() -> None:
    """Side by side: log, then the last day under each profile."""
    closed = [
        *life()[:4],
        sar(received_on="2026-06-02", closed_on="2026-07-01"),
        breach(discovered_on="2027-01-15", concluded_on="2027-02-01", team_told_on=None, actions=[]),
    ]  # fmt: skip
    found = {}
    for record in closed:
        days = []
        for name in (THEN, TODAY):
            expiry = retention.expiry(record, Records(closed), load(name))
            assert expiry is not None
            days.append(f"{expiry.expires_on}")
        found[record.log] = tuple(days)
    assert found == {
        "person": ("2034-06-30", "2034-06-30"),
        "ecrb": ("2034-06-30", "2034-06-30"),
        "training": ("2034-06-30", "2034-06-30"),
        "token": ("2034-06-30", "2031-06-30"),
        "sar": ("2032-07-01", "2029-07-01"),
        "breach": ("2033-02-01", "2033-02-01"),
    }


@pytest.mark.parametrize("name", profiles())
def test_a_profile_agrees_with_itself(name: str) -> None:
    policy = load(name)
    assert policy.profile == name
    assert misattributed(policy, policy) == []
    assert Policy.from_stored(policy.stored()).stored() == policy.stored()


def test_every_number_of_today_says_how_sure_it_is() -> None:
    policy = load(TODAY)
    for name, number in policy.numbers().items():
        assert number.sure, name
        if number.sure == "law":
            assert number.source, name
            assert number.origin == "source"
        if number.sure == "custom":
            assert number.unconfirmed, name
    assert all(kept.sure for kept in policy.retention.values())


def _sources() -> Iterator[Path]:
    yield from sorted((Path(__file__).resolve().parents[1] / "cpvol").rglob("*.py"))


def test_no_code_asks_which_profile_it_is() -> None:
    """A profile is data alone: its name is compared with nothing and looked up in nothing of the program's own."""
    asked = [
        f"{path.name}:{node.lineno}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Compare, ast.MatchValue, ast.Dict, ast.Set, ast.Subscript))
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and inner.value in profiles()
    ]
    assert asked == []


#: What the word stands for where it is no office of the sources: a scheme that is called history, a right, a stored word.
_RIGHT = (
    "the scheme of the Independent Safeguarding Authority (ISA), which ended in 2012",
    "somebody with authority to ask",
)


def spoken() -> Iterator[str]:
    """Everything that a question, a task, a check or a due date says, whichever profile is in force."""

    def of_fields(model: type[Part]) -> Iterator[str]:
        for spec in fields_of(model):
            for each in (spec, *spec.parts):
                yield from (each.label, each.help, *(words for _, words in each.choices))
                yield "" if each.choices else each.example

    for log in LOGS:
        yield from (log.title, log.about, *of_fields(log.model))
        for step in log.follow_ups:
            yield from (step.title, *of_fields(step.asks))
    for letter in LETTERS:
        yield from (letter.title, *letter.fields.values(), letter.then)
    for one in CHECKS:
        yield from (one.title, one.why)
    for rule in DUE_RULES:
        yield from (rule.title, rule.why)


def test_nobody_is_sent_to_an_office_that_is_no_more() -> None:
    """The words are right under either profile; what an office is called in letters and on the site, a profile says."""
    for words in spoken():
        left = words
        for right in _RIGHT:
            left = left.replace(right, "")
        assert not re.search("[Aa]uthority|ContactPoint|eCRB", left), words
