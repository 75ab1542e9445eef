"""XLSX workbooks, read straight from their parts.

    [Content_Types].xml              what each part is; macros are named here
    _rels/.rels                      -> the workbook
    xl/workbook.xml                  the sheets: name, hidden or not, relation; which day is day 0
    xl/_rels/workbook.xml.rels       relation -> part
    xl/sharedStrings.xml             every text once
    xl/styles.xml                    cell style -> number format: what makes a number a date
    xl/worksheets/sheet1.xml         rows, cells, merged cells

openpyxl writes our workbooks, but does not read other people's: where it is quick it does not say which cells are
merged or hidden, where it says so it builds an object for every cell, and it takes on trust how large a part is. Nothing
outside these parts is looked at; a link to another file is never followed.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from xml.parsers import expat

from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.sheet import (
    MAX_CELL,
    MAX_UNPACKED,
    Block,
    Flaw,
    Limits,
    Row,
    Sheet,
    Value,
)

_MAX_PARTS = 5_000
_MAX_SHEETS = 100
_CHUNK = 1 << 16

#: The formats of dates and times that have a number instead of a code (ECMA-376, 18.8.30).
_BUILTIN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
#: What in a format's code is not a code: quoted text, colours and conditions, escaped characters.
_NOT_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


def read(data: bytes) -> list[Sheet]:
    """The sheets of a workbook, hidden ones included, chart sheets left out.

    :raises BadSpreadsheet: when it is none, holds macros, is locked, damaged or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Workbook(_Package(archive)).sheets()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, expat.ExpatError):
        raise _damaged() from None


def _damaged() -> BadSpreadsheet:
    return BadSpreadsheet(
        "the workbook is damaged", "open it in your spreadsheet program and save it again"
    )


class _Package:
    """The parts of a workbook, unpacked no further than the limit."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_UNPACKED
        parts = archive.infolist()
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise _too_large()
        if any(part.flag_bits & 1 for part in parts):
            raise BadSpreadsheet(
                "the file is locked with a password", "save it without one, then delete that copy"
            )
        self.names = {part.filename for part in parts}

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece."""
        if self._archive.getinfo(name).compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise _damaged()
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise _too_large()
                yield chunk

    def parse(self, name: str, handler: _Handler) -> None:
        """Give every element of a part to a handler; nothing is done for a part that is not there."""
        if name not in self.names:
            return
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        for chunk in self.chunks(name):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _too_large() -> BadSpreadsheet:
    return BadSpreadsheet(
        f"the workbook unpacks to more than {MAX_UNPACKED >> 20} MB",
        "copy the sheet that matters into a new file",
    )


def _refuse_doctype(*_: object) -> None:
    # No spreadsheet program writes one; it is where entities that grow without end are declared.
    raise BadSpreadsheet(
        "the workbook holds declarations that no spreadsheet has",
        "do not open it; ask whoever sent it",
    )


class _Handler:
    """What is done with the elements of a part. Names come without their namespace's prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text inside an element."""


class _Each(_Handler):
    """Calls a function for each element of some names."""

    def __init__(self, **calls: Callable[[dict[str, str]], object]) -> None:
        self._calls = calls

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if call := self._calls.get(_local(name)):
            call({_local(key): value for key, value in attributes.items()})


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Texts(_Handler):
    """The shared texts: each ``si`` is one, the ``t`` in it its pieces; ``rPh`` is how it is pronounced."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._inside = False
        self._skip = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        name = _local(name)
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._skip = True
        elif name == "t":
            self._inside = not self._skip

    def end(self, name: str) -> None:
        name = _local(name)
        if name == "si":
            self.found.append(_unescaped("".join(self._pieces)))
        elif name == "rPh":
            self._skip = False
        elif name == "t":
            self._inside = False

    def text(self, data: str) -> None:
        if self._inside:
            self._pieces.append(data)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


class _Workbook:
    def __init__(self, package: _Package) -> None:
        self.package = package
        kinds: list[str] = []
        package.parse(
            "[Content_Types].xml",
            _Each(
                Override=lambda a: kinds.append(a.get("ContentType", "")),
                Default=lambda a: kinds.append(a.get("ContentType", "")),
            ),
        )
        if any("macroEnabled" in kind or "vbaProject" in kind for kind in kinds) or any(
            name.lower().endswith("vbaproject.bin") for name in package.names
        ):
            raise BadSpreadsheet(
                "the workbook holds macros", "save it as .xlsx, which leaves them out"
            )
        main = [
            target
            for kind, target in self._relations("").values()
            if kind.endswith("/officeDocument")
        ]
        if len(main) != 1 or not any("spreadsheetml" in kind for kind in kinds):
            raise BadSpreadsheet(
                "this is no spreadsheet that can be read",
                "open it in your spreadsheet program and save it as .xlsx or .csv",
            )
        self.part = main[0]

    def sheets(self) -> list[Sheet]:
        """Every sheet with cells."""
        listed: list[dict[str, str]] = []
        settings: dict[str, str] = {}
        self.package.parse(self.part, _Each(sheet=listed.append, workbookPr=settings.update))
        if len(listed) > _MAX_SHEETS:
            raise BadSpreadsheet(
                f"the workbook has more than {_MAX_SHEETS} sheets",
                "copy the sheet that matters into a new file",
            )
        relations = self._relations(self.part)
        by_kind = {kind.rpartition("/")[2]: target for kind, target in relations.values()}
        texts = _Texts()
        self.package.parse(by_kind.get("sharedStrings", ""), texts)
        styles = self._styles(by_kind.get("styles", ""))
        epoch = settings.get("date1904", "") in ("1", "true")
        limits = Limits()
        found: list[Sheet] = []
        for number, about in enumerate(listed, start=1):
            kind, target = relations.get(about.get("id", ""), ("", ""))
            if kind.endswith("/worksheet"):
                cells = _Cells(texts.found, styles, limits, from_1904=epoch)
                self.package.parse(target, cells)
                found.append(
                    Sheet(
                        number,
                        about.get("name", ""),
                        cells.rows,
                        about.get("state", "visible") != "visible",
                        tuple(cells.merged),
                        cells.formulas,
                    )
                )
        return found

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The relations of a part, or of the whole package: id to (kind, part); those that lead outside are left out."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def note(about: dict[str, str]) -> None:
            if about.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, about.get("Target", "")))
                found[about.get("Id", "")] = (about.get("Type", ""), target.lstrip("/"))

        self.package.parse(
            posixpath.join(folder, "_rels", f"{name}.rels"), _Each(Relationship=note)
        )
        return found

    def _styles(self, part: str) -> list[bool]:
        """For each cell style, whether it shows a number as a date or a time."""
        codes: dict[str, str] = {}
        formats: list[str] = []
        inside = False

        class Styles(_Handler):
            def start(self, name: str, attributes: dict[str, str]) -> None:
                nonlocal inside
                name = _local(name)
                if name == "numFmt":
                    codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
                elif name == "cellXfs":
                    inside = True
                elif name == "xf" and inside:
                    formats.append(attributes.get("numFmtId", "0"))

            def end(self, name: str) -> None:
                nonlocal inside
                if _local(name) == "cellXfs":
                    inside = False

        self.package.parse(part, Styles())
        return [_is_date(number, codes.get(number)) for number in formats]


def _is_date(number: str, code: str | None) -> bool:
    if code is not None:
        return bool(re.search("[dmyhs]", _NOT_CODE.sub("", code), re.IGNORECASE))
    return number.isdecimal() and int(number) in _BUILTIN_DATES


class _Cells(_Handler):
    """The rows of a sheet.

    A cell is ``<c r="B7" s="3" t="s"><f>formula</f><v>value</v></c>``; ``t`` says how to read the value, ``s`` is its
    style, and ``r`` may be left out when the cell follows the one before it.
    """

    def __init__(
        self, texts: list[str], styles: list[bool], limits: Limits, *, from_1904: bool
    ) -> None:
        self.rows: list[Row] = []
        self.merged: list[Block] = []
        self.formulas = 0
        self._texts, self._styles, self._limits = texts, styles, limits
        self._day_0 = datetime(1904, 1, 1) if from_1904 else None  # noqa: DTZ001 - a calendar's day
        self._number = 0
        self._hidden = False
        self._cells: list[Value] = []
        self._column = -1
        self._kind = ""
        self._style = 0
        self._value: list[str] | None = None
        self._formula = False
        self._inside = False
        self._pronounced = False
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            self._inside = not self._pronounced
            if self._value is None:
                self._value = []
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._pronounced = True
        elif name == "row":
            self._number = _whole(attributes.get("r"), self._number + 1)
            self._hidden = attributes.get("hidden", "") in ("1", "true")
            self._cells = []
            self._column = -1
        elif name == "mergeCell" and len(self.merged) < MAX_CELL:
            first, _, last = attributes.get("ref", "").partition(":")
            left, top = _place(first)
            right, bottom = _place(last or first)
            self.merged.append(Block(top, bottom, left, right))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        column = _place(place)[0] if place else self._column + 1
        # Each to the right of the one before: anything else would put values into other columns than are seen.
        if column <= self._column:
            raise _damaged()
        self._column = column
        self._kind = attributes.get("t", "n")
        self._style = _whole(attributes.get("s"), 0)
        self._value = None
        self._formula = False
        self._length = 0

    def end(self, name: str) -> None:
        name = _local(name)
        if name in ("v", "t"):
            self._inside = False
        elif name == "rPh":
            self._pronounced = False
        elif name == "c":
            value = self._read()
            if value is not None:
                self._cells += [None] * (self._column - len(self._cells))
                self._cells.append(value)
        elif name == "row" and self._cells:
            self._limits.row(self._number, self._cells)
            if self.rows and self._number <= self.rows[-1].number:
                raise _damaged()
            self.rows.append(Row(self._number, tuple(self._cells), self._hidden))

    def text(self, data: str) -> None:
        if self._inside and self._value is not None and self._length <= MAX_CELL:
            self._length += len(data)
            self._value.append(data)

    def _read(self) -> Value:
        if self._value is None:
            return Flaw.UNCALCULATED if self._formula else None
        text = "".join(self._value)
        if self._formula and not text and self._kind == "n":
            return Flaw.UNCALCULATED
        self.formulas += self._formula
        if self._kind in ("s", "str", "inlineStr"):
            if self._kind == "s":
                place = _whole(text, -1)
                if not 0 <= place < len(self._texts):
                    raise _damaged()
                text = self._texts[place]
            else:
                text = _unescaped(text)
            return text if text.strip() else None
        return self._plain(text.strip())

    def _plain(self, text: str) -> Value:
        if not text:
            return None
        if self._kind == "b":
            return text in ("1", "true")
        if self._kind == "d":
            return _iso(text)
        if self._kind != "n":
            return Flaw.ERROR
        try:
            number = float(text)
        except ValueError:
            raise _damaged() from None
        if self._style < len(self._styles) and self._styles[self._style]:
            return self._moment(number)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _moment(self, number: float) -> Value:
        """A number as the day or the time that its style shows: days since day 0."""
        if not 0 <= number < 3_000_000:
            return Flaw.ERROR
        if number < 1:
            minutes = round(number * 1440)
            return time(minutes // 60 % 24, minutes % 60)
        day_0 = self._day_0
        if day_0 is None:
            # Day 60 of the other calendar is a 29 February 1900 that never was.
            if 60 <= number < 61:
                return Flaw.ERROR
            day_0 = datetime(1899, 12, 31 if number < 60 else 30)  # noqa: DTZ001
        return day_0 + timedelta(seconds=round(number * 86_400))


def _iso(text: str) -> Value:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return Flaw.ERROR


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


def _place(text: str) -> tuple[int, int]:
    """Column from 0 and row of a cell's name."""
    match = _REFERENCE.match(text)
    if not match:
        raise _damaged()
    column = 0
    for one in match[1]:
        column = column * 26 + ord(one) - 64
    return column - 1, int(match[2])
