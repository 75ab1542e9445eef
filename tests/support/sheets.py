"""Spreadsheets for tests: written by openpyxl, or part by part where no honest program would write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

from cpvol.exchange.locate import find_table
from cpvol.exchange.plan import Plan, make_plan
from cpvol.exchange.reading import read_bytes
from cpvol.ledger.layout import new_id
from cpvol.logs.base import Record
from cpvol.logs.book import Records

TODAY = date(2010, 3, 31)

_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(
    rows: Iterable[Sequence[Any]], change: Callable[[Workbook], object] = lambda book: None
) -> bytes:
    """A workbook with one sheet, changed before it is saved."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv(*lines: str) -> bytes:
    """CSV lines as UTF-8."""
    return "\n".join(lines).encode() + b"\n"


def parts(sheet: str, **more: str | bytes) -> bytes:
    """A workbook of the fewest parts, the inside of its one ``<sheetData>`` given; further parts by their names."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types><Override PartName="/xl/workbook.xml" ContentType="{_MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_RELATIONS}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    return archive(files | more)


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def inline(*rows: Sequence[str]) -> str:
    """The inside of ``<sheetData>`` with texts only, already escaped."""
    return "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>"
        for row in rows
    )


def planned(
    data: bytes,
    log: str | None = None,
    book: Iterable[Record] = (),
    *,
    sheet: str | None = None,
    given: Mapping[str, str] | None = None,
    reviewed: bool = False,
    today: date = TODAY,
) -> Plan:
    """What an import of a file would do."""
    table = find_table(read_bytes(data), log, sheet)
    return make_plan(table, Records(book), today, new_id, given=given, reviewed=reviewed)


def told(plan: Plan) -> list[str]:
    """The problems of a plan, as they are shown."""
    return [str(each) for each in plan.problems]


def midnight(day: date) -> datetime:
    """A day as spreadsheet programs hold it."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a calendar's day
