"""``person.status``: where a person stands, as a table and as JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cpvol.errors import CpvolError
from cpvol.logs.base import Record
from cpvol.tasks import namespace
from cpvol.tasks.session import Session
from cpvol.tasks.standing import status
from tests.support.entries import POLICY, id_of, person
from tests.support.incidents import compliant, token

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Register:
    """As much of a register as the task asks for."""

    policy = POLICY

    def __init__(self, entries: list[Record]) -> None:
        self.entries = entries

    def records(self) -> list[Record]:
        return self.entries


class _Session(Session):
    """A session over entries that are already read."""

    entries: list[Record]

    @contextmanager
    def register(self, *, keys: bool = True) -> Iterator[Any]:  # type: ignore[override]
        assert keys
        yield _Register(self.entries)


def run(
    entries: list[Record], who: str = "a", *, on: str | None = "01/04/2010", as_json: bool
) -> None:
    session = _Session()
    session.entries = entries
    status(session, id=id_of("person", who), on=on, json=as_json)


LEAVER: list[Record] = [
    person(name="Robin Example", left_on="2010-03-31", team_told_on="2010-03-30"),
    token(),
]


def test_the_json_says_what_is_done_missing_and_next_by_when_and_by_which_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(LEAVER, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in ("id", "on", "way", "next")} == {
        "id": id_of("person", "a"),
        "on": "2010-04-01",
        "way": "leaver",
        "next": "suspend",
    }
    steps = {step["step"]: step for step in found["steps"]}
    assert steps["tell"] | {"title": "", "source": []} == {
        "step": "tell",
        "title": "",
        "state": "done",
        "done_on": "2010-03-30",
        "due_on": "2010-03-31",
        "overdue": False,
        "rule": "leaver-tell",
        "source": [],
    }
    assert steps["return"]["state"] == "missing"
    assert (steps["return"]["due_on"], steps["return"]["overdue"]) == ("2010-03-31", True)
    assert (steps["return"]["rule"], steps["return"]["source"]) == ("token-return", ["E-4.3"])
    assert "Robin" not in json.dumps(found)


def test_the_last_day_itself_is_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    run(LEAVER, on="31/03/2010", as_json=True)
    assert not any(step["overdue"] for step in json.loads(capsys.readouterr().out)["steps"])


def test_the_table_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    run(LEAVER, as_json=False)
    text = capsys.readouterr().out
    assert text.startswith("Robin Example, leaving\n")
    (line,) = (line for line in text.splitlines() if "take the token back" in line)
    assert line.split()[:2] == ["to", "do"]
    assert "31/03/2010 (overdue)" in line
    assert "token-return" in line
    assert "E-4.3" in line


def test_it_says_when_nothing_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    run(compliant(), on="01/06/2009", as_json=False)
    assert capsys.readouterr().out.rstrip().endswith("Nothing is left to do.")


def test_it_says_when_there_is_no_access(capsys: pytest.CaptureFixture[str]) -> None:
    run([person(access="none", account_opened_on=None)], as_json=False)
    assert "no access to give or to end" in capsys.readouterr().out


def test_nobody_of_that_name() -> None:
    with pytest.raises(CpvolError, match="nobody"):
        run(LEAVER, "b", as_json=True)


def test_the_task_stands_with_those_of_the_person() -> None:
    assert "person.status" in namespace().task_names
