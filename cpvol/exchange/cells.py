"""From what a cell holds to what a field takes, and the guard against formulas in what is written out."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from cpvol.dates import EARLIEST, LATEST, BadDate, parse_day, parse_time
from cpvol.errors import CpvolError
from cpvol.exchange import everyday
from cpvol.exchange.sheet import Flaw, Value
from cpvol.logs.fields import FieldSpec

#: What a spreadsheet program takes for the beginning of a formula, wide forms included.
_FORMULA = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
#: Where a cell may begin: a text of ours, and what follows any mark at which a program somewhere splits a line. Many
#: split on semicolons, and then our quotation marks no longer hold a text together.
_BEGINS = r"(?:\A|(?<=[;\t\r\n]))"
#: Blanks and quotation marks before a formula are dropped by some programs.
_RISKY = rf"(?='|[ \u00a0\"]*[{_FORMULA}])"
_UNGUARDED = re.compile(_BEGINS + _RISKY)
_GUARDED = re.compile(f"{_BEGINS}'{_RISKY}")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})\.?,?[ .-]+(\d{4}|\d{2})\Z",
    re.IGNORECASE | re.ASCII,
)
_WITH_TIME = re.compile(r"(\S+)[ T]00:00(?::00(?:\.0+)?)?\Z")
_DASHED = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})\Z", re.ASCII)
_SERIAL = re.compile(r"[1-7]\d{4}\Z", re.ASCII)
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d{2,}\Z")

_YES = frozenset(("yes", "y", "true", "\u2713", "\u2714"))
_NO = frozenset(("no", "n", "false"))
_UNKNOWN = frozenset(("unknown", "not known", "don't know", "?", "n/k"))


class BadCell(CpvolError):
    """A cell that cannot be used; says what it holds only where that is made of everyday words (see `everyday`)."""


def guarded(text: str) -> str:
    """A text of which no spreadsheet program takes any part for a formula: with an apostrophe wherever it needs one."""
    return _UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """A text without the apostrophes that :func:`guarded` put into it."""
    return _GUARDED.sub("", text)


def read(spec: FieldSpec, value: Value, *, own: bool = False) -> Any:
    """The value of a cell as the model takes it; references and lists are left as text.

    :param own: cpvol wrote the file itself, so that no other program can have spoilt a number in it.
    :raises BadCell: when it cannot be read.
    """
    if isinstance(value, Flaw):
        raise BadCell(value.value, "correct it in the sheet")
    if spec.kind == "date":
        return day(value)
    if spec.kind == "time":
        return _clock(value)
    if spec.kind == "number":
        return _number(value)
    if spec.kind == "yesno":
        return _yes_no(spec, value)
    text = _text(value, own=own)
    if spec.kind == "choice":
        return choice(spec, text)
    return text


def day(value: Value) -> date:
    """A day: a date cell, a text such as 31/03/2009 or 31 March 2009, or the number a spreadsheet keeps for it.

    :raises BadCell: for anything else.
    """
    if isinstance(value, date):
        found = value.date() if isinstance(value, datetime) else value
        if not EARLIEST <= found <= LATEST:
            raise BadCell("the year is before 1900 or after 2199", "check the year")
        return found
    text = _day_text(value)
    if _SERIAL.match(text):
        return date(1899, 12, 30) + timedelta(days=int(text))
    try:
        return parse_day(text)
    except BadDate as error:
        raise BadCell(error.problem, error.hint) from None


def _day_text(value: Value) -> str:
    """What stands for a day, in one of the spellings that are read."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unguarded(str(value).strip())
    if match := _WITH_TIME.match(text):
        text = match[1]
    if match := _WORDED.match(text):
        return _numbered(*match.groups())
    if match := _DASHED.match(text):
        return "/".join(match.groups())
    return text


def _numbered(day: str, month: str, year: str) -> str:
    number = _MONTHS.index(month[:3].lower()) + 1 if month[:3].lower() in _MONTHS else 0
    return f"{day}/{number:02}/{year}"


def _clock(value: Value) -> str:
    if isinstance(value, (datetime, time)):
        return f"{value:%H:%M}"
    try:
        return parse_time(unguarded(str(value).strip()))
    except BadDate as error:
        raise BadCell(error.problem, error.hint) from None


def _number(value: Value) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise BadCell("that is not a whole number", "write it in digits")
    return int(text)


def _yes_no(spec: FieldSpec, value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(str(value).casefold().split())
    for answer, words in (("yes", _YES), ("no", _NO), ("unknown", _UNKNOWN)):
        if text in words:
            return answer
    return choice(spec, text)


def _text(value: Value, *, own: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 10**15):
        if isinstance(value, float) and abs(value) < 1e6:
            return f"{value:g}"
        raise _shortened()
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    text = unguarded(str(value))
    if not own and isinstance(value, str) and _SHORTENED.match(text.strip()):
        raise _shortened()
    return text


def _shortened() -> BadCell:
    return BadCell(
        "the spreadsheet program has shortened this number",
        "give the column the format Text, and type the number again",
    )


def choice(spec: FieldSpec, text: str) -> str:
    """One of a field's choices, by its word, its label, or an unmistakable beginning.

    :raises BadCell: when it is none of them.
    """
    wanted = " ".join(text.casefold().replace("_", " ").split())
    by_word = {value.replace("_", " "): value for value, _ in spec.choices}
    by_word |= {" ".join(label.casefold().split()): value for value, label in spec.choices}
    if wanted in by_word:
        return by_word[wanted]
    begins = {value for word, value in by_word.items() if wanted and word.startswith(wanted)}
    if len(begins) == 1:
        return begins.pop()
    said = everyday.repeated(spec, text)
    near = everyday.nearest(spec, text)
    raise BadCell(
        f"the sheet says {said}, which is none of the choices"
        if said
        else "that is none of the choices",
        f"{f'did you mean {near}? ' if near else ''}choose from {_offered(spec)}",
    )


def _offered(spec: FieldSpec) -> str:
    """The choices, each with what it means where its word does not say it."""
    meant = [(value, label) for value, label in spec.choices if label.casefold() != value]
    if not meant:
        return ", ".join(value for value, _ in spec.choices)
    known = dict(meant)
    return "; ".join(f"{v}: {known[v]}" if v in known else v for v, _ in spec.choices)
