"""CSV as spreadsheet programs write it: several encodings, and a comma, semicolon or tab between values."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.sheet import Limits, Row, Sheet, Value

_SEPARATORS = ",;\t"
#: Rows that decide which separator it is.
_SAMPLE = 30


def read(data: bytes) -> Sheet:
    """The one sheet of a CSV file.

    :raises BadSpreadsheet: when it is no text, or no table.
    """
    text = _decode(data)
    if "\0" in text:
        raise BadSpreadsheet(
            "the file holds characters that no text has",
            "open it in your spreadsheet program and save it as .xlsx or .csv",
        )
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        # A line that spreadsheet programs write for themselves; it counts as a row.
        separator, text = first.strip()[4], "\n" + rest
    else:
        separator = max(_SEPARATORS, key=lambda one: _width(text, one))
    limits = Limits()
    rows: list[Row] = []
    for number, cells in enumerate(_rows(text, separator), start=1):
        values: list[Value] = [cell if cell.strip() else None for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if values:
            limits.row(number, values)
            rows.append(Row(number, tuple(values)))
    return Sheet(1, "", rows)


def _decode(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What Windows programs wrote before UTF-8.
            return data.decode("cp1252")
    except UnicodeDecodeError:
        raise BadSpreadsheet(
            "the file is no text that can be read",
            "open it in your spreadsheet program and save it as .xlsx or as CSV UTF-8",
        ) from None


def _rows(text: str, separator: str, *, strict: bool = True) -> Iterator[list[str]]:
    # Strict, because a quotation mark that is never closed would otherwise swallow the rows below it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    try:
        yield from reader
    except csv.Error:
        raise BadSpreadsheet(
            f"the table breaks off near line {reader.line_num}",
            "look for a quotation mark that is not closed",
        ) from None


def _width(text: str, separator: str) -> tuple[int, int]:
    """How well a separator fits: in how many rows it gives the same number of values, and how many."""
    widths: Counter[int] = Counter()
    for number, cells in enumerate(_rows(text[: 1 << 16], separator, strict=False)):
        if number == _SAMPLE:
            break
        if len(cells) > 1:
            widths[len(cells)] += 1
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))
