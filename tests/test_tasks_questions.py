"""Every question of every log and of every step: said in words, fits a small window, and tells what is wrong with an answer.

What a person sees is put together here as the terminal does it, without the terminal: the words above a question, the
question, and what is said after an answer that cannot be used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest

from cpvol.logs import LOGS
from cpvol.logs.base import OWN_FIELDS, Part, label_of
from cpvol.logs.book import Records
from cpvol.logs.fields import FieldSpec, fields_of, item_of
from cpvol.logs.guard import objections
from cpvol.logs.person import Person
from cpvol.tasks import ask
from cpvol.tasks.layout import paragraphs
from cpvol.tasks.values import BadInput, Reader, build, fit

ROBIN = Person.model_validate(
    {
        "id": "k3m9q2x7ab",
        "log": "person",
        "schema": 1,
        "name": "Robin Example",
        "engagement": "volunteer",
        "access": "query",
        "joined_on": "2009-01-01",
    }
)
TODAY = date(2009, 3, 31)
READER = Reader(Records([ROBIN]), TODAY)
#: The smallest window that anybody works in.
COLUMNS, ROWS = 79, 24


def models() -> Iterator[tuple[str, type[Part]]]:
    for log in LOGS:
        yield f"{log.name}.add", log.model
        for step in log.follow_ups:
            yield f"{log.name}.{step.name}", step.asks


def asked() -> Iterator[tuple[str, type[Part], FieldSpec]]:
    """Everything that somebody can be asked: (where, model, field), the fields of lists' entries by themselves."""
    for where, model in models():
        for spec in fields_of(model):
            if spec.kind == "items":
                inner = item_of(model, spec.name)
                assert issubclass(inner, Part)
                for part in spec.parts:
                    yield f"{where} {spec.name} {part.name}", inner, part
            yield f"{where} {spec.name}", model, spec


QUESTIONS = list(asked())
every_question = pytest.mark.parametrize(
    ("model", "spec"),
    [(model, spec) for _, model, spec in QUESTIONS],
    ids=[where for where, _, _ in QUESTIONS],
)

#: What cannot be used, for each kind of question that is typed.
WRONG: dict[str, tuple[str, ...]] = {
    "date": ("31/02/2009", "18 Sept", "soon", "01/01/89", "31/12/1899"),
    "time": ("half past two", "25:00"),
    "number": ("lots", "-1", "3.5"),
    "reference": ("zzz",),
    "references": ("Nobody Here",),
    "entries": ("zzz",),
    "email": ("no-address", "x" * 121 + "@example.invalid"),
    "line": ("x" * 121, "two\nlines"),
    "text": ("x" * 501,),
}


@every_question
def test_it_is_said_in_words_and_fits_a_small_window(model: type[Part], spec: FieldSpec) -> None:
    assert spec.label[:1].isupper()
    assert not spec.label.endswith((".", ":", "?"))
    assert len(spec.label) <= 40
    assert spec.help.endswith(".")
    assert len(spec.help) >= 10
    assert spec.help.casefold().rstrip(".") != spec.label.casefold() or spec.kind == "reference"
    assert "--" not in spec.label + spec.help
    note = ask._note(spec, required=spec.required)
    assert ("It may stay empty" in note) is not spec.required
    rows = len(paragraphs(note, COLUMNS).splitlines()) + 2
    for _, words in spec.choices:
        assert words
        assert "_" not in words
        rows += len(paragraphs(words, COLUMNS - 6).splitlines())
    assert rows + (not spec.required) <= ROWS
    assert model


def said(
    monkeypatch: pytest.MonkeyPatch, model: type[Part], spec: FieldSpec, *answers: str
) -> list[str]:
    """What is told while a question is answered; the last answer is the end of input."""
    told: list[str] = []
    left = iter(answers)

    def answer(question: str, default: str, among: object) -> str:
        assert question == spec.label
        assert default in ("", answers[0])
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(ask, "_answer", answer)
    monkeypatch.setattr(ask, "_plain", lambda: False)
    monkeypatch.setattr(ask, "tell", told.append)
    with pytest.raises(EOFError):
        ask._ask(model, spec, READER, required=True)
    # Several entries are found in a way of their own, which is told first.
    return told[1:] if spec.kind == "entries" else told


@every_question
def test_what_is_wrong_is_said_below_the_question_and_names_no_option(
    monkeypatch: pytest.MonkeyPatch, model: type[Part], spec: FieldSpec
) -> None:
    if spec.choices or spec.kind in ("items", "words", "references"):
        return
    if spec.kind == "reference" and spec.ref != "person":
        return  # chosen from a list
    for wrong in WRONG[spec.kind]:
        _, question, problem, *_ = said(monkeypatch, model, spec, wrong)
        assert question == f"? {spec.label} {wrong}"
        assert problem[:1].isupper()
        assert "; " in problem
        assert problem.endswith(".")
        assert "\n" not in problem
        assert "--" not in problem.replace("--help", "?!")
        assert "--help" not in problem
        assert spec.name not in problem or "_" not in spec.name
        assert wrong not in problem
    (*_, needed) = said(monkeypatch, model, spec, "")
    assert needed.startswith("This is needed.")


@every_question
def test_what_is_needed_and_there_already_stays_when_nothing_is_typed(
    monkeypatch: pytest.MonkeyPatch, model: type[Part], spec: FieldSpec
) -> None:
    """Whoever chose the wrong answer to change loses neither it nor the others."""
    before = {"date": "18/09/2008", "time": "14:30", "number": "12"}
    if spec.kind not in before and not (spec.kind == "reference" and spec.ref == "person"):
        return
    told: list[str] = []
    monkeypatch.setattr(ask, "_answer", lambda question, default, among: "")
    monkeypatch.setattr(ask, "_plain", lambda: False)
    monkeypatch.setattr(ask, "tell", told.append)
    for required, words in ((True, "leaves it so"), (False, "empties it")):
        now = before.get(spec.kind, "Robin Example")
        assert ask._ask(model, spec, READER, required=required, before=now) is None
        assert told[-2] == f"It says now: {now}. Enter alone {words}."


@every_question
def test_an_answer_is_shown_as_it_was_understood(
    monkeypatch: pytest.MonkeyPatch, model: type[Part], spec: FieldSpec
) -> None:
    right = {
        "date": ("18 sept 08", "Thursday 18 September 2008"),
        "time": ("2.30 pm", "14:30"),
        "number": ("12", "12"),
    }
    if spec.kind == "reference" and spec.ref == "person":
        typed, shown = "robin", "Robin Example"
    elif spec.kind in right:
        typed, shown = right[spec.kind]
    else:
        return
    told: list[str] = []
    monkeypatch.setattr(ask, "_answer", lambda question, default, among: typed)
    monkeypatch.setattr(ask, "_plain", lambda: False)
    monkeypatch.setattr(ask, "tell", told.append)
    assert ask._ask(model, spec, READER, required=True) is not None
    assert told[-1] == f"? {spec.label} {shown}"


@every_question
def test_a_day_that_has_not_come_is_refused_where_none_may_lie_ahead(
    monkeypatch: pytest.MonkeyPatch, model: type[Part], spec: FieldSpec
) -> None:
    if spec.kind == "date":
        fit(model, spec.name, TODAY)
        ahead = TODAY + timedelta(days=30)
        found = objections(model, {spec.name: ahead}, TODAY, reviewed=False)
        assert bool(found) is not spec.future
        # At once, and not when everything else was answered. Somewhere on earth it may be tomorrow already.
        told = said(monkeypatch, model, spec, f"{ahead:%d/%m/%Y}") if found else []
        assert ("That day has not come yet; correct the date." in told) is not spec.future
        assert READER.value(spec, "tomorrow") == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    "model", [model for _, model in models()], ids=[where for where, _ in models()]
)
def test_days_in_the_wrong_order_are_told_by_their_labels(model: type[Part]) -> None:
    for first, second in model.ORDER:
        known: dict[str, Any] = {
            name: None for name in model.model_fields if name not in OWN_FIELDS
        }
        made = model.model_construct(**known | {first: TODAY, second: TODAY - timedelta(days=1)})
        check = cast("Callable[[], object]", made._dates_in_order)
        with pytest.raises(ValueError, match="is before") as refused:
            check()
        assert label_of(model, first) in str(refused.value)
        assert label_of(model, second) in str(refused.value)
        assert "_" not in str(refused.value)


@pytest.mark.parametrize(
    "model", [model for _, model in models()], ids=[where for where, _ in models()]
)
def test_what_is_missing_is_told_by_its_label(model: type[Part]) -> None:
    """The edge that turns what pydantic says into a line knows every field's label."""
    with contextlib.suppress(BadInput):
        build(model, {})
        return
    with pytest.raises(BadInput) as refused:
        build(model, {})
    assert "_" not in refused.value.problem
