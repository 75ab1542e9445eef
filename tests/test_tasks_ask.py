"""What is asked for when an entry is made, and what only a later step asks."""

from __future__ import annotations

from datetime import date

import pytest

from cpvol.errors import CpvolError
from cpvol.logs import LOGS
from cpvol.logs.base import Log, Part
from cpvol.logs.book import Records
from cpvol.logs.breach import BREACH
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.logs.person import PERSON
from cpvol.tasks import ask
from cpvol.tasks.values import Reader

READER = Reader(Records([]), date(2009, 3, 31))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_what_is_not_asked_at_first_is_asked_by_a_step(log: Log) -> None:
    asked = {spec.name for step in log.follow_ups for spec in fields_of(step.asks)}
    for spec in fields_of(log.model):
        if spec.later:
            assert not spec.required
            # A list grows by an entry with each step, which asks for its parts.
            assert spec.name in asked or {part.name for part in spec.parts} & asked, spec.name


def asked_for(monkeypatch: pytest.MonkeyPatch, model: type[Part]) -> tuple[list[str], list[str]]:
    """The fields that are asked for, and the yes-or-no questions on the way."""
    fields: list[str] = []
    questions: list[str] = []

    def one(model: type[Part], spec: FieldSpec, reader: Reader, **more: object) -> None:
        del model, reader, more
        fields.append(spec.name)

    def yes(question: str) -> bool:
        questions.append(question)
        return True

    monkeypatch.setattr(ask, "_ask", one)
    monkeypatch.setattr(ask, "confirm", yes)
    ask.ask_all(model, {}, READER, only_required=False)
    return fields, questions


def test_nobody_who_joins_is_asked_when_they_left(monkeypatch: pytest.MonkeyPatch) -> None:
    fields, questions = asked_for(monkeypatch, PERSON.model)
    assert {"name", "joined_on", "need_to_know", "account_opened_on"} <= set(fields)
    assert set(fields).isdisjoint(("left_on", "account_closed_on", "notice_given_on", "on"))
    assert questions == ["Enter them now?"]


def test_a_step_whose_answers_may_all_stay_empty_asks_them_straight_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (act,) = [step for step in BREACH.follow_ups if step.name == "act"]
    fields, questions = asked_for(monkeypatch, act.asks)
    assert len(fields) > ask.ASK_FIRST_ABOVE
    assert questions == []


@pytest.mark.parametrize(
    ("spec", "text", "says"),
    [
        (FieldSpec("at", "At", "", "time", required=True), "half past two", "2:30 pm"),
        (FieldSpec("at", "At", "", "time", required=True), "25:00", "2:30 pm"),
        (FieldSpec("entries", "Entries", "", "entries", required=True), "zzz", "`list` with"),
        (FieldSpec("r", "R", "", "reference", required=True, ref="token"), "zzz", "`list token`"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_can(spec: FieldSpec, text: str, says: str) -> None:
    with pytest.raises(CpvolError) as refused:
        READER.value(spec, text)
    assert says in refused.value.hint
