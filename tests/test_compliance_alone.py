"""What hangs on one member alone is said by the checks, and comes round every quarter."""

from __future__ import annotations

from datetime import date

import pytest

from cpvol.compliance import check, due, explain
from cpvol.findings import Severity
from cpvol.logs.book import Records
from cpvol.policy import load

ALONE = ["member-1 is the only admin", "member-1 is the only one who can approve a disposal"]


def test_each_thing_that_hangs_on_one_is_a_finding() -> None:
    found = check(Records([]), load(), date(2009, 3, 2), by_one=ALONE)
    assert [(each.rule, each.severity, each.message) for each in found] == [
        ("alone", Severity.WARNING, sentence) for sentence in ALONE
    ]
    assert "Illness" in explain("alone").why


def test_with_two_of_each_nothing_is_said() -> None:
    book, policy, day = Records([]), load(), date(2009, 3, 2)
    assert check(book, policy, day) == []
    assert due(book, policy, day) == []


@pytest.mark.parametrize(
    ("on", "due_on"),
    [("2009-03-02", "2009-04-01"), ("2009-04-01", "2009-04-01"), ("2009-04-02", "2009-07-01")],
)
def test_once_a_quarter_it_falls_due_and_is_ours(on: str, due_on: str) -> None:
    day = date.fromisoformat(on)
    (one,) = due(Records([]), load(), day, 92, by_one=ALONE)
    assert (one.rule, one.due_on.isoformat(), one.owner) == ("alone-reminder", due_on, "us")
    assert not one.overdue(day)
    assert "member-1 is the only admin" in one.what
