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
_UK = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\Z", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]00)? ?(am|pm)?\Z", re.IGNORECASE | re.ASCII)
_SHORT = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}\Z", re.ASCII)

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)


class BadDate(CpvolError):
    """A day that cannot be read, or that no calendar has. The text itself is never repeated: it may be a birthday."""


def parse_day(text: str) -> date:
    """Read a day written as 2009-03-31 or 31/03/2009.

    :param text: ISO or day/month/year with a four-digit year; spaces around it are ignored.
    :raises BadDate: for anything else, a two-digit year and a day that does not exist included.
    """
    text = text.strip()
    if match := _ISO.match(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _UK.match(text):
        day, month, year = (int(part) for part in match.groups())
    elif _SHORT.match(text):
        raise BadDate("the year has only two digits", "write all four, for example 31/03/2009")
    else:
        raise BadDate("that is not a date", "write it as 31/03/2009 or 2009-03-31")
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadDate(
            "there is no such day", "write day/month/year, for example 31/03/2009"
        ) from None
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
