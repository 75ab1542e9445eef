"""A sheet as it was read, whatever the file was: rows of plain values, and the limits within which a file is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TypeAlias

from cpvol.exchange.errors import BadSpreadsheet

MAX_FILE = 20 << 20
"""Bytes of a file."""
MAX_UNPACKED = 100 << 20
"""Bytes of everything inside a workbook, unpacked."""
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL = 32_767
"""Characters of one cell; no spreadsheet program stores more."""
MAX_CELLS = 1_000_000


class Flaw(Enum):
    """Why a cell has no value that could be read. The value is the sentence shown for it."""

    UNCALCULATED = (
        "it is a formula that was never calculated; open the file, save it, and try again"
    )
    ERROR = "it shows an error instead of a value"


Value: TypeAlias = str | int | float | bool | datetime | date | time | Flaw | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something.

    :param number: as the spreadsheet program counts, from 1.
    :param cells: by column, from A; shorter than the sheet is wide where nothing follows.
    """

    number: int
    cells: tuple[Value, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Merged cells: first and last row, first and last column, counted from 1 and from 0."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    :param number: its place in the file, from 1.
    :param title: its name, ``""`` for a file that has none.
    :param rows: those that hold something, in order.
    :param formulas: how many values are the last result of a formula.
    """

    number: int
    title: str
    rows: Sequence[Row]
    hidden: bool = False
    merged: tuple[Block, ...] = ()
    formulas: int = 0


def letter(column: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Limits:
    """Counts rows and cells while they are read.

    :raises BadSpreadsheet: from :meth:`row`, as soon as there are too many.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._cells = 0

    def row(self, number: int, cells: Sequence[Value]) -> None:
        """Count one row that holds something."""
        self._rows += 1
        self._cells += len(cells)
        if self._rows > MAX_ROWS or self._cells > MAX_CELLS:
            raise BadSpreadsheet(
                f"the file has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells",
                "split it into several files",
            )
        if len(cells) > MAX_COLUMNS:
            raise BadSpreadsheet(
                f"row {number} has more than {MAX_COLUMNS} columns",
                "copy the columns that matter into a new sheet",
            )
        for column, value in enumerate(cells):
            if isinstance(value, str) and len(value) > MAX_CELL:
                raise BadSpreadsheet(
                    f"cell {letter(column)}{number} holds more than {MAX_CELL:,} characters",
                    "shorten it, or take the column out",
                )
