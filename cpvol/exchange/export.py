"""The entries of a log as a table, in CSV or XLSX: complete, so that import gives the same entries again.

Struck-out entries are left out. People stand by name where the name is enough; a column of its own has each entry's number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeAlias

from cpvol.exchange.cells import guarded
from cpvol.exchange.columns import LIST_SEPARATOR, NUMBER, Column, columns_of
from cpvol.exchange.people import People
from cpvol.exchange.workbook import fill, saved
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import SEVERAL, FieldSpec

Cell: TypeAlias = "str | int | date | None"

_BOM = b"\xef\xbb\xbf"


def table(log: Log, entries: Iterable[Record], book: Records) -> Iterator[list[Cell]]:
    """The headings, then a row for each entry that counts, by number.

    :param book: where the people are found whom entries refer to.
    """
    counted = sorted((each for each in entries if not each.voided), key=lambda each: each.id)
    columns = columns_of(log, counted)
    people = People(book)
    yield [NUMBER, *(column.heading for column in columns)]
    for entry in counted:
        yield [entry.id, *(_cell(column, entry, people) for column in columns)]


def _cell(column: Column, entry: Record, people: People) -> Cell:
    value: Any = getattr(entry, column.field)
    if column.in_list:
        value = (
            getattr(value[column.index], column.spec.name) if column.index < len(value) else None
        )
    return None if value is None else _shown(column.spec, value, people)


def _shown(spec: FieldSpec, value: Any, people: People) -> Cell:
    if spec.kind == "choices":
        return _listed([dict(spec.choices).get(each, each) for each in value])
    if spec.kind in SEVERAL:
        return _listed([people.shown(each) if spec.ref == "person" else each for each in value])
    if spec.ref == "person":
        value = people.shown(value)
    elif spec.kind in ("choice", "yesno"):
        value = dict(spec.choices).get(value, value)
    elif spec.kind == "time":
        return f"{value:%H:%M}"
    return value if isinstance(value, (int, date)) else guarded(str(value))


def _listed(parts: list[str]) -> str | None:
    if not parts:
        return None
    if any(LIST_SEPARATOR in part for part in parts):
        return guarded("".join(f"{part}\n" for part in parts))
    return guarded(f"{LIST_SEPARATOR} ".join(parts))


def to_csv(rows: Iterable[list[Cell]]) -> bytes:
    """A table as CSV, days as 2009-03-31."""
    return csv_bytes(["" if each is None else str(each) for each in row] for row in rows)


def csv_bytes(rows: Iterable[list[str]]) -> bytes:
    """Texts as CSV: UTF-8 with the mark by which spreadsheet programs know it."""
    text = io.StringIO(newline="")
    # Of breaks within a text, only those that also end a line are put into quotation marks: hence both.
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return _BOM + text.getvalue().encode()


def to_xlsx(rows: Iterable[list[Cell]], title: str) -> bytes:
    """A table as a workbook with one sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    sheet.freeze_panes = "B2"
    bold = Font(bold=True)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value is not None:
                cell = sheet.cell(number, column)
                fill(cell, value)
                if number == 1:
                    cell.font = bold
    return saved(book)
