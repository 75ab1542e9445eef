"""A sheet to be filled in: headings, what goes into each column, drop-down lists, an example; nobody's data.

    row 1   headings
    row 2   "HELP: …", a sentence for each column
    row 3   "EXAMPLE: …"
    row 4   the first entry

Import leaves rows that begin with one of the two words out. The workbook's second sheet says the same as a list, and
a hidden
third holds the choices for the drop-down lists.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cpvol.exchange.columns import Column, columns_of
from cpvol.exchange.export import csv_bytes
from cpvol.exchange.locate import EXAMPLE, HELP
from cpvol.exchange.workbook import DATE_FORMAT, TEXT_FORMAT, fill, saved
from cpvol.logs.base import Log
from cpvol.logs.fields import FieldSpec

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Rows that get drop-down lists and formats; more entries can be typed all the same.
_READY = 1_000
_FIRST = 4
_WIDTH = 22

_EXPLAINED = "What goes where"
_CHOICES = "Choices"

_ROUNDS = {
    "date": "A day, as 31/03/2009.",
    "time": "A time, as 14:30.",
    "choice": "Choose from the list.",
    "yesno": "Choose yes, no or unknown.",
    "number": "A whole number.",
    "references": "Names; with ; between them when there are several.",
    "choices": "Any of the choices, with ; between them.",
    "words": "With ; between them when there are several.",
}


def rows(log: Log) -> list[list[str]]:
    """Headings, help and example, as text."""
    columns = columns_of(log)
    helped = [_help(column.spec, required=_needed(column)) for column in columns]
    example = [_example(column) for column in columns]
    return [
        [column.heading for column in columns],
        [HELP + helped[0], *helped[1:]],
        [EXAMPLE + example[0], *example[1:]],
    ]


def to_csv(log: Log) -> bytes:
    """The template as CSV."""
    return csv_bytes(rows(log))


def to_xlsx(log: Log) -> bytes:
    """The template as a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = log.title[:31]
    columns = columns_of(log)
    _headed(sheet, rows(log))
    explained = book.create_sheet(_EXPLAINED)
    choices = book.create_sheet(_CHOICES)
    choices.sheet_state = "hidden"
    _explain(explained, log, columns)
    _validate(book, columns, choices)
    return saved(book)


def _needed(column: Column) -> bool:
    return column.spec.required and not column.in_list


def _help(spec: FieldSpec, *, required: bool) -> str:
    told = f"{spec.help} {_ROUNDS.get(spec.kind, '')}".strip()
    return f"{told} {'Needed.' if required else ''}".strip()


def _example(column: Column) -> str:
    spec = column.spec
    if spec.kind in ("choice", "yesno", "choices") and spec.example:
        return dict(spec.choices).get(spec.example, spec.example)
    if spec.kind == "date" and spec.example:
        return f"{date.fromisoformat(spec.example):%d/%m/%Y}"
    return spec.example


def _headed(sheet: Worksheet, top: list[list[str]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    looks = (
        (Font(bold=True), PatternFill("solid", fgColor="DDE6EE")),
        (Font(italic=True, color="444444"), PatternFill("solid", fgColor="F4F4F4")),
        (Font(italic=True, color="444444"), PatternFill("solid", fgColor="FFF6DA")),
    )
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row, (texts, (font, colour)) in enumerate(zip(top, looks, strict=True), start=1):
        for place, text in enumerate(texts, start=1):
            cell = sheet.cell(row, place)
            if text:
                fill(cell, text)
            cell.font, cell.fill, cell.alignment = font, colour, wrapped
    sheet.freeze_panes = "B2"


def _explain(sheet: Worksheet, log: Log, columns: list[Column]) -> None:
    from openpyxl.styles import Alignment, Font

    lines = [
        (log.title,),
        (log.about,),
        (
            "Write one entry in each row, below the example. Rows that begin with HELP or EXAMPLE are left out.",
        ),
        ("This file is not locked. Once it is imported, delete it and every copy of it.",),
        (),
        ("Column", "Needed", "What goes in", "Choices"),
        *(
            (
                column.heading,
                "yes" if _needed(column) else "no",
                _help(column.spec, required=False),
                ", ".join(label for _, label in column.spec.choices),
            )
            for column in columns
        ),
    ]
    for row, line in enumerate(lines, start=1):
        for place, text in enumerate(line, start=1):
            cell = sheet.cell(row, place)
            fill(cell, text)
            if len(line) > 1:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row in (1, 6):
                cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (32, 9, 70, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _validate(book: Workbook, columns: list[Column], choices: Worksheet) -> None:
    """Formats and drop-down lists, column by column."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = book.worksheets[0]
    last = _FIRST + _READY - 1
    listed = 0
    for place, column in enumerate(columns, start=1):
        letter, spec = get_column_letter(place), column.spec
        dimension = sheet.column_dimensions[letter]
        dimension.width = _WIDTH
        dimension.number_format = DATE_FORMAT if spec.kind == "date" else TEXT_FORMAT
        for row in range(_FIRST, last + 1):
            sheet.cell(row, place).number_format = dimension.number_format
        if spec.choices and spec.kind != "choices":
            listed += 1
            where = get_column_letter(listed)
            for row, (_, label) in enumerate(spec.choices, start=1):
                fill(choices.cell(row, listed), label)
            source = f"{_CHOICES}!${where}$1:${where}${len(spec.choices)}"
            rule = DataValidation("list", formula1=source, allow_blank=True)
        elif spec.kind == "date":
            rule = DataValidation("date", operator="greaterThan", formula1="1", allow_blank=True)
        else:
            continue
        rule.promptTitle, rule.prompt = spec.label[:32], spec.help[:255]
        rule.errorTitle, rule.error = spec.label[:32], _ROUNDS[spec.kind]
        rule.showInputMessage = rule.showErrorMessage = True
        sheet.add_data_validation(rule)
        rule.add(f"{letter}{_FIRST}:{letter}{last}")
