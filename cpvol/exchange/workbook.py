"""What our own workbooks have in common: cells that are never formulas, and texts that XLSX would change."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING

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
    """The workbook as a file's bytes."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
