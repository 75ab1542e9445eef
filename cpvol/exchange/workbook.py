"""What our own workbooks have in common: cells that are never formulas, and texts that XLSX would change."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook

DATE_FORMAT = "dd/mm/yyyy"
TEXT_FORMAT = "@"

#: Before this day the two calendars of spreadsheets disagree about the day's number.
_SURE = date(1900, 3, 1)
_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")


def fill(cell: Cell | MergedCell, value: str | int | date) -> None:
    """Put a value into a cell: a day as a date, a text as a text whatever it begins with."""
    if isinstance(value, date) and value >= _SURE:
        cell.value = value
        cell.number_format = DATE_FORMAT
    elif isinstance(value, int):
        cell.value = value
    else:
        # "_x0041_" would be read back as "A".
        cell.value = _ESCAPE.sub(r"_x005F_\1", str(value))
        cell.data_type = "s"
        cell.number_format = TEXT_FORMAT


def saved(book: Workbook) -> bytes:
    """The workbook as a file's bytes, made in memory: openpyxl itself puts each sheet into a temporary file first."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        _in_memory()(book, archive).save()
    return target.getvalue()


@cache
def _in_memory() -> type[Any]:
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):
        """As openpyxl's, but for where a sheet waits until it is packed."""

        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = SpreadsheetDrawing()  # noqa: SLF001 - what the method that this replaces does
            waiting = io.BytesIO()
            writer: Any = WorksheetWriter(ws, waiting)
            writer.write()
            ws._rels = writer._rels  # noqa: SLF001 - as above
            packed: Any = self._archive  # type: ignore[attr-defined]
            packed.writestr(ws.path[1:], waiting.getvalue())
            self.manifest.append(ws)

    return InMemory
