"""Days as people write them, and the calendar arithmetic of the sources.

Month and year arithmetic is ``dateutil``'s and bank holidays are ``holidays``'; both are imported where they are used,
because most tasks need neither. What is decided here is the edge of a period (ruling C27): from 29 February, the
anniversary in a common year is 1 March.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, timedelta
from functools import cache
from typing import Literal

from cpvol.errors import CpvolError

Unit = Literal["years", "months", "days", "working_days", "hours"]

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_UK = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\Z", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]00)? ?(am|pm)?\Z", re.IGNORECASE | re.ASCII)
_SHORT = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2})\Z", re.ASCII)
#: Some write the year first when they write hyphens, so that three short numbers could be either.
_EITHER = re.compile(r"\d{1,2}[ -]\d{1,2}[ -]\d{2}\Z", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORDED = re.compile(
    r"(?:(?P<weekday>[a-z]{3,9})\.?,? ?)?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]?"
    r"(?P<month>[a-z]{3,9})\.?,?[ -]?(?P<year>\d{4}|\d{2})\Z",
    re.ASCII,
)
#: "18 Sept": which year is meant cannot be known.
_NO_YEAR = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)?(?: of)?[ -]?[a-z]{3,9}\.?\Z|\d{1,2}[/.]\d{1,2}\Z", re.ASCII
)
#: A year written with two digits is one of this century, up to so many years ahead.
_YEARS_AHEAD = 5

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)


class BadDate(CpvolError):
    """A day that cannot be read, or that no calendar has. The text itself is never repeated: it may be a birthday."""


def parse_day(text: str, today: date | None = None) -> date:
    """Read a day as people in Britain write it, wherever only one day can be meant.

    31/03/2009, 31.3.2009, 31-3-2009 (day, month, year), 2009-03-31, 31 March 2009, 31st Mar 2009, Tuesday 31 March 2009; with
    ``today``, also today, yesterday, tomorrow, and years of two digits.

    :param text: capitals, and spaces around it, do not matter.
    :param today: given where somebody types; without it, nothing is read whose meaning depends on when it is read.
    :raises BadDate: for anything else, a day that does not exist or does not fall on the weekday named included.
    """
    text = " ".join(text.casefold().split())
    if today and text in ("today", "yesterday", "tomorrow"):
        return today + timedelta(days=("yesterday", "today", "tomorrow").index(text) - 1)
    weekday = ""
    if match := _ISO.match(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _UK.match(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _SHORT.match(text):
        day, month = int(match[1]), int(match[2])
        year = _century(match[3], today)
    elif (match := _WORDED.match(text)) and (found := _begins(match["month"], _MONTHS)):
        day, month, weekday = int(match["day"]), found, match["weekday"] or ""
        year = int(match["year"]) if len(match["year"]) == 4 else _century(match["year"], today)
    elif _EITHER.match(text):
        raise BadDate("the year has only two digits", "write all four, for example 31/03/2009")
    elif _NO_YEAR.match(text):
        raise BadDate("the year is missing", "write it too, for example 31/03/2009")
    else:
        raise BadDate("that is not a date", _FORMS)
    return _within(_on_weekday(_real(year, month, day), weekday))


_FORMS = "write it as 31/03/2009 or 31 March 2009"


def _century(digits: str, today: date | None) -> int:
    year = 2000 + int(digits)
    if today is None or year > today.year + _YEARS_AHEAD:
        raise BadDate("the year has only two digits", "write all four, for example 31/03/2009")
    return year


def _begins(word: str, words: tuple[str, ...]) -> int:
    """Which of the words it is or begins, three letters at least, from 1; 0 when none."""
    found = [at for at, whole in enumerate(words, 1) if len(word) >= 3 and whole.startswith(word)]
    return found[0] if len(found) == 1 else 0


def _real(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadDate(
            "there is no such day", "write day/month/year, for example 31/03/2009"
        ) from None


def _on_weekday(found: date, weekday: str) -> date:
    if not weekday:
        return found
    named = _begins(weekday, _DAYS)
    if not named:
        raise BadDate("that is not a date", _FORMS)
    if named != found.isoweekday():
        raise BadDate(
            f"that day is a {_DAYS[found.weekday()].title()}",
            "check the day, or leave the weekday out",
        )
    return found


def _within(found: date) -> date:
    if found < EARLIEST:
        raise BadDate("the year is before 1900", "check the year")
    if found > LATEST:
        raise BadDate(
            "the year is after 2199", "check the year; leave the day out when it is not known yet"
        )
    return found


def parse_time(text: str) -> str:
    """Read a time of day written as 14:30, 14.30 or 2:30 pm.

    :returns: ``14:30``.
    :raises BadDate: for anything else.
    """
    if match := _CLOCK.match(text.strip()):
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
        if minute < 60 and (1 <= hour <= 12 if half else hour < 24):
            hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
            return f"{hour:02}:{minute:02}"
    raise BadDate("that is not a time of day", "write it as 14:30 or 2:30 pm")


def show_day(day: date) -> str:
    """A day as it is shown to people: ``31/03/2009``."""
    return f"{day:%d/%m/%Y}"


def say_day(day: date) -> str:
    """A day in full, to be read once more by whoever wrote it: ``Tuesday 31 March 2009``."""
    return f"{_DAYS[day.weekday()].title()} {day.day} {_MONTHS[day.month - 1].title()} {day.year}"


def later(start: date, number: int, unit: Unit) -> date:
    """The day that lies a number of calendar units after a day.

    :param number: 0 or more.
    :param unit: ``years``, ``months``, ``days``, ``working_days`` (England) or ``hours`` (whole days, rounded up).
    :returns: the anniversary; from 29 February it is 1 March where there is no 29 February (C27), and months that are
        too short end on their last day.
    """
    if unit == "days":
        return start + timedelta(days=number)
    if unit == "hours":
        return start + timedelta(days=-(-number // 24))
    if unit == "working_days":
        return working_day_after(start, number)
    from dateutil.relativedelta import relativedelta

    if unit == "months":
        return start + relativedelta(months=number)
    found = start + relativedelta(years=number)
    return (
        found + timedelta(days=1)
        if (start.month, start.day) == (2, 29) and found.day != 29
        else found
    )


def last_valid_day(start: date, number: int, unit: Unit) -> date:
    """The last day of a period that begins on ``start``: the anniversary less one day (C2)."""
    return later(start, number, unit) - timedelta(days=1)


def working_day_after(start: date, number: int = 1) -> date:
    """The ``number``-th working day in England after a day (weekends and bank holidays do not count)."""
    closed = _bank_holidays()
    day = start
    while number > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            number -= 1
    return day


@cache
def _bank_holidays() -> Container[date]:
    from holidays import country_holidays

    # Made once: it works a year out when that year is first asked for, and keeps it.
    found: Container[date] = country_holidays("GB", subdiv="ENG")
    return found
