"""The sheet to fill in: what a spreadsheet program finds in it, and that import understands it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from cpvol.exchange import template
from cpvol.exchange.columns import columns_of
from cpvol.exchange.locate import EXAMPLE, HELP
from cpvol.exchange.reading import read_bytes
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Log
from cpvol.logs.person import Person
from tests.support.sheets import planned, told

EVERY_LOG = pytest.mark.parametrize("log", LOGS, ids=[log.name for log in LOGS])


def opened(log: Log) -> Workbook:
    return load_workbook(io.BytesIO(template.to_xlsx(log)))


@EVERY_LOG
def test_import_understands_every_template_and_finds_no_entry_in_it(log: Log) -> None:
    for data in (template.to_xlsx(log), template.to_csv(log)):
        plan = planned(data)
        assert plan.table.logs == (log.name,)
        assert [each.heading for (each,) in plan.table.columns.values()] == [
            each.heading for each in columns_of(log)
        ]
        assert (plan.new, plan.problems, plan.table.skipped) == ([], [], 2)


@EVERY_LOG
def test_the_example_is_one_that_import_would_take(log: Log) -> None:
    """Cell by cell; what fields need of each other, and who is in the register, is not the example's to say."""
    rows = template.rows(log)
    rows[2][0] = rows[2][0].removeprefix(EXAMPLE)
    data = "\n".join("\t".join(row) for row in (rows[0], rows[2])).encode()
    plan = planned(data, log.name, today=date(2199, 1, 1))
    known = ("nobody of that name", "it is empty")
    assert [str(e) for e in plan.problems if e.label and not e.words.startswith(known)] == []


@EVERY_LOG
def test_choices_have_lists_and_days_have_a_format(log: Log) -> None:
    book = opened(log)
    sheet = book.worksheets[0]
    lists = {
        str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation
    }
    for place, column in enumerate(columns_of(log), start=1):
        cell = sheet.cell(4, place)
        if column.spec.choices and column.spec.kind in ("choice", "yesno"):
            title, _, where = str(lists[cell.coordinate].formula1).partition("!")
            offered = [str(row[0].value) for row in book[title][where.replace("$", "")]]
            assert offered == [label for _, label in column.spec.choices]
        if column.spec.kind == "date":
            assert cell.number_format == "dd/mm/yyyy"
        if column.spec.kind == "line":
            assert cell.number_format == "@"


@EVERY_LOG
def test_the_second_sheet_explains_every_column(log: Log) -> None:
    book = opened(log)
    told_of = [
        row[0] for row in book.worksheets[1].iter_rows(min_row=7, max_col=1, values_only=True)
    ]
    assert told_of == [each.heading for each in columns_of(log)]
    assert book.worksheets[2].sheet_state == "hidden"


def test_what_is_filled_in_below_the_example_is_taken_in() -> None:
    book = opened(BY_NAME["person"])
    sheet = book.worksheets[0]
    places = {each.heading: n for n, each in enumerate(columns_of(BY_NAME["person"]), start=1)}
    for heading, value in {
        "Name": "Sam Specimen",
        "Engagement": "volunteer",
        "Access": "uses the directory directly",
        "Joined on": "01/09/2008",
        "Post": "Worker",
        "In post from": "01/09/2008",
    }.items():
        sheet.cell(4, places[heading]).value = value
    target = io.BytesIO()
    book.save(target)
    plan = planned(target.getvalue())
    assert told(plan) == []
    (made,) = plan.new
    assert isinstance(made, Person)
    assert (made.name, made.access, made.posts[0].title) == ("Sam Specimen", "query", "Worker")


@EVERY_LOG
def test_help_and_example_are_marked_as_such(log: Log) -> None:
    (sheet,) = read_bytes(template.to_csv(log))
    assert [str(row.cells[0])[:6] for row in sheet.rows[1:]] == [HELP[:6], EXAMPLE[:6]]
