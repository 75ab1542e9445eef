"""What is exported and imported again is the same: every field of every log, in CSV and in XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cpvol.exchange import export
from cpvol.exchange.cells import guarded, unguarded
from cpvol.exchange.columns import NUMBER
from cpvol.exchange.reading import read_bytes
from cpvol.logs import LOGS
from cpvol.logs.base import OWN_FIELDS, Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.logs.person import Person
from tests.support.entries import person
from tests.support.sheets import planned
from tests.support.strategies import records

EVERY_LOG = pytest.mark.parametrize("log", LOGS, ids=[log.name for log in LOGS])
FORMS = pytest.mark.parametrize("form", ["csv", "xlsx"])
#: No day is after it, so that no day "has not come yet".
LAST = date(2199, 12, 31)
FEW = settings(max_examples=8)


def written(log: Log, entries: list[Record], book: list[Record], form: str) -> bytes:
    rows = export.table(log, entries, Records([*entries, *book]))
    return export.to_csv(rows) if form == "csv" else export.to_xlsx(rows, log.title)


def named(id: str) -> Person:
    """Somebody with that number, whose name nobody else has."""
    fields = person("a").model_dump(by_alias=True)
    return Person.model_validate(fields | {"id": id, "name": f"Robin {id}"})


def referred(specs: Iterable[FieldSpec], entry: BaseModel) -> Iterator[str]:
    """The numbers of everybody whom an entry refers to, in its lists too."""
    for spec in specs:
        value = getattr(entry, spec.name)
        if spec.ref == "person" and value:
            yield from value if isinstance(value, tuple) else (value,)
        elif spec.kind == "items":
            for each in value:
                yield from referred(spec.parts, each)


def settled(log: Log, entry: Record, others: list[Record]) -> tuple[Record, list[Person]]:
    """The entry as it is exported, open to all and in force, with everybody whom it refers to."""
    changes: dict[str, Any] = {"voided": False, "readers": (), "amendments": ()}
    for spec in fields_of(log.model):
        if spec.kind == "reference" and spec.ref != "person" and getattr(entry, spec.name):
            same = [each.id for each in others if each.log == spec.ref]
            changes[spec.name] = same[0] if same else None
    people = [named(id) for id in sorted(set(referred(fields_of(log.model), entry)))]
    return entry.model_copy(update=changes), people


def content(entry: Record) -> dict[str, Any]:
    return {k: v for k, v in entry.model_dump().items() if k not in OWN_FIELDS}


@EVERY_LOG
@FORMS
@FEW
@given(data=st.data())
def test_an_exported_log_is_the_same_when_imported_into_an_empty_one(
    log: Log, form: str, data: st.DataObject
) -> None:
    """Lists of any length included; only the numbers are new."""
    drawn = data.draw(st.lists(records(log), min_size=1, max_size=3, unique_by=lambda r: r.id))
    entries: list[Record] = []
    people: dict[str, Record] = {}
    for each in drawn:
        entry, needed = settled(log, each, entries)
        entries.append(entry)
        people |= {one.id: one for one in needed}
    entries = [each for each in entries if each.id not in people]
    exported = written(log, entries, list(people.values()), form)
    plan = planned(exported, log.name, people.values(), reviewed=True, today=LAST)
    assert [str(each) for each in plan.problems] == []
    made = sorted((content(each) for each in plan.new), key=str)
    numbers = dict(
        zip(
            (e.id for e in sorted(entries, key=lambda e: e.id)),
            (n.id for n in plan.new),
            strict=True,
        )
    )
    expected = []
    for each in entries:
        fields = content(each)
        for spec in fields_of(log.model):
            if spec.kind == "reference" and spec.ref == log.name and fields[spec.name]:
                fields[spec.name] = numbers.get(fields[spec.name])
        expected.append(fields)
    assert made == sorted(expected, key=str)


@EVERY_LOG
@FORMS
@FEW
@given(data=st.data())
def test_an_exported_log_is_all_there_when_imported_again(
    log: Log, form: str, data: st.DataObject
) -> None:
    """Known by its number, even when it refers to somebody who is no longer there."""
    entry = data.draw(records(log)).model_copy(update={"voided": False, "readers": ()})
    plan = planned(written(log, [entry], [], form), log.name, [entry], reviewed=True, today=LAST)
    assert (plan.new, plan.problems, plan.already) == ([], [], {log.name: 1})


#: What begins a formula, what splits a line, and what hides either.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TRICKY = st.text(st.sampled_from([*FORMULA, *";,\t\r\n\"' a1\u00a0"]), max_size=12) | st.text(
    max_size=20
)


@given(TRICKY)
def test_a_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith((*FORMULA, "\t", "\r"))


@given(TRICKY)
@example(";=1+1")
@example('a;"=1+1"')
@example("a\n=1+1")
@example("a\r@SUM(A1)")
@example("a\t\uff1d1")
@example("'; '=1")
def test_no_part_of_a_line_begins_like_a_formula_wherever_it_is_split(text: str) -> None:
    """A program that splits on semicolons or tabs does not heed the quotation marks that a comma asks for."""
    data = export.to_csv([[guarded("k3m9q2x7ab"), guarded(text), guarded(text)]])
    (read,) = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert [unguarded(each) for each in read[1:]] == [text, text]
    for part in (*read, *re.split("[;\t\r\n]", data.decode("utf-8-sig"))):
        assert not part.lstrip(' "\u00a0').startswith(FORMULA)


@FORMS
def test_no_cell_of_an_export_begins_like_a_formula(form: str) -> None:
    entry = person(
        "a", name="=1+1", need_to_know="@SUM(A1)", email="+a@b.example", posts=[{"title": "-x"}]
    )
    log = LOGS[0]
    (sheet,) = read_bytes(written(log, [entry], [], form))
    cells = [each for each in sheet.rows[1].cells if isinstance(each, str)]
    assert [each for each in cells if each.startswith(("=", "+", "-", "@"))] == []
    assert sheet.formulas == 0
    assert "'=1+1" in cells


@pytest.mark.parametrize(
    "name",
    [
        "#N/A",
        "_x0041_",
        "1E+05",
        "007",
        "'quoted",
        "''=",
        "Robin; Example",
        "Robin;=1+1",
        "TRUE",
        "EXAMPLE: x",
    ],
)
@FORMS
def test_what_a_spreadsheet_would_change_comes_back(form: str, name: str) -> None:
    entry = person("a", name=name)
    plan = planned(written(LOGS[0], [entry], [], form), "person", reviewed=True)
    assert [each.name for each in plan.new if isinstance(each, Person)] == [name]


def test_two_people_of_one_name_are_told_apart_by_number() -> None:
    first, second = person("a", name="Robin Example"), person("b", name="Robin Example")
    from tests.support.entries import ecrb

    log = next(log for log in LOGS if log.name == "ecrb")
    check = ecrb("b")
    exported = written(log, [check], [first, second], "csv")
    assert b"Robin Example (per000000b)" in exported
    (made,) = planned(exported, "ecrb", [first, second]).new
    assert content(made) == content(check)


def test_struck_out_entries_are_left_out() -> None:
    gone = person("a", voided=True)
    rows = list(export.table(LOGS[0], [gone], Records([gone])))
    assert [row[0] for row in rows] == [NUMBER]
