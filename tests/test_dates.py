"""Days as people write them, and the edges of periods (C2, C4, C27)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from cpvol.dates import (
    BadDate,
    Unit,
    last_valid_day,
    later,
    parse_day,
    parse_time,
    say_day,
    show_day,
    working_day_after,
)

DAYS = st.dates(date(1900, 1, 1), date(2190, 12, 31))
UNITS: list[Unit] = ["years", "months", "days", "working_days", "hours"]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2009-03-31", "2009-03-31"),
        ("31/03/2009", "2009-03-31"),
        ("31.03.2009", "2009-03-31"),
        ("1/3/2009", "2009-03-01"),
        ("31-03-2009", "2009-03-31"),
        ("31 3 2009", "2009-03-31"),
        ("18 Sept 2008", "2008-09-18"),
        ("18 September 2008", "2008-09-18"),
        ("18SEP2008", "2008-09-18"),
        ("18-Sep-2008", "2008-09-18"),
        ("18th of Sept., 2008", "2008-09-18"),
        ("Thurs. 18 Sept. 2008", "2008-09-18"),
        ("thursday, 18 september 2008", "2008-09-18"),
        ("1st May 2009", "2009-05-01"),
        ("  3   Aug  2009 ", "2009-08-03"),
        (" 29/02/2008 ", "2008-02-29"),
        ("1900-01-01", "1900-01-01"),
        ("2199-12-31", "2199-12-31"),
    ],
)
def test_a_day_is_read(text: str, found: str) -> None:
    assert parse_day(text) == day(found)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("29/02/2009", "no such day"),
        ("31/04/2009", "no such day"),
        ("03/31/2009", "no such day"),
        ("00/01/2009", "no such day"),
        ("31/03/09", "two digits"),
        ("31-03-09", "two digits"),
        ("2009", "not a date"),
        ("", "not a date"),
        ("yesterday", "not a date"),
        ("18 Sept", "year is missing"),
        ("18/9", "year is missing"),
        ("Sept 2008", "not a date"),
        ("2008", "not a date"),
        ("18/09/08", "two digits"),
        ("18 Sept 08", "two digits"),
        ("18-09-08", "two digits"),
        ("08 09 18", "two digits"),
        ("18 Ju 2008", "not a date"),
        ("18 Mars 2008", "not a date"),
        ("18 Sept 2008 or so", "not a date"),
        ("about 18 Sept 2008", "not a date"),
        ("18 Sept 20008", "not a date"),
        ("Friday 18 September 2008", "is a Thursday"),
        ("Someday 18 September 2008", "not a date"),
        ("31 June 2008", "no such day"),
        ("29 February 2009", "no such day"),
        ("١٨ September 2008", "not a date"),
        ("2009-3-31", "not a date"),
        ("2009-03-31T00:00", "not a date"),
        ("٣١/٠٣/٢٠٠٩", "not a date"),
        ("31/12/1899", "before 1900"),
        ("0001-01-01", "before 1900"),
        ("01/01/2200", "after 2199"),
        ("9999-12-31", "after 2199"),
    ],
)
def test_what_is_no_day_is_refused_and_never_repeated(text: str, why: str) -> None:
    with pytest.raises(BadDate, match=why) as caught:
        parse_day(text)
    assert not text or text not in caught.value.problem
    assert "\n" not in caught.value.problem + caught.value.hint


@given(DAYS)
def test_a_day_is_read_back_as_it_is_shown(one: date) -> None:
    assert parse_day(show_day(one)) == parse_day(one.isoformat()) == parse_day(say_day(one)) == one


#: Every way in which a day may be written; the program's own words for months and weekdays are not used here.
WAYS = (
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d %m %Y",
    "%Y-%m-%d",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d%b%Y",
    "%dth of %B, %Y",
    "%A %d %B %Y",
    "%a %d %b. %Y",
)


@given(DAYS, st.sampled_from(WAYS), st.sampled_from([str, str.upper, str.lower]))
def test_a_day_written_in_any_of_the_ways_is_that_day(
    one: date, way: str, case: Callable[[str], str]
) -> None:
    assert parse_day(case(one.strftime(way))) == one
    assert parse_day(case(one.strftime(way)), TODAY) == one


@given(DAYS, st.sampled_from(WAYS), st.integers(1, 6))
def test_a_weekday_that_is_not_that_day_is_refused(one: date, way: str, off: int) -> None:
    if "%A" in way or "%a" in way:
        other = (one + timedelta(days=off)).strftime("%A")
        text = one.strftime(way.replace("%A", other).replace("%a", other))
        with pytest.raises(BadDate, match="that day is a"):
            parse_day(text)


@given(st.integers(32, 99) | st.just(0), st.integers(1, 12), st.integers(1990, 2050))
def test_a_day_that_no_month_has_is_refused_in_any_way(day: int, month: int, year: int) -> None:
    name = date(2009, month, 1).strftime("%B")
    for text in (f"{day:02}/{month}/{year}", f"{day} {name} {year}", f"{year}-{month:02}-{day:02}"):
        with pytest.raises(BadDate, match="there is no such day"):
            parse_day(text)


@given(st.text(max_size=30) | st.from_regex(r"[0-9a-z/. -]{1,20}", fullmatch=True))
def test_whatever_is_typed_is_a_day_of_the_calendar_or_refused(text: str) -> None:
    with contextlib.suppress(BadDate):
        assert date(1900, 1, 1) <= parse_day(text, TODAY) <= date(2199, 12, 31)


#: "Today" of the tests that need one.
TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("today", "2026-11-26"),
        ("Yesterday", "2026-11-25"),
        ("tomorrow", "2026-11-27"),
        ("18/9/08", "2008-09-18"),
        ("18 Sept 08", "2008-09-18"),
        ("01/01/00", "2000-01-01"),
        ("31/12/31", "2031-12-31"),
    ],
)
def test_what_depends_on_today_is_read_where_there_is_one(text: str, found: str) -> None:
    assert parse_day(text, TODAY) == day(found)
    with pytest.raises(BadDate):
        parse_day(text)


@pytest.mark.parametrize("text", ["01/01/32", "18/9/68", "18 Sept 99", "18-09-08", "08 09 10"])
def test_a_year_of_two_digits_that_could_be_another_is_refused(text: str) -> None:
    with pytest.raises(BadDate, match="only two digits"):
        parse_day(text, TODAY)


@pytest.mark.parametrize(
    ("start", "number", "unit", "end"),
    [
        ("2009-03-31", 6, "years", "2015-03-31"),
        ("2008-02-28", 6, "years", "2014-02-28"),
        ("2008-02-29", 6, "years", "2014-03-01"),  # C27: a retention period from 29 February
        ("2008-02-29", 4, "years", "2012-02-29"),
        ("2008-02-29", 8, "years", "2016-02-29"),
        ("2008-03-01", 6, "years", "2014-03-01"),
        ("2009-12-31", 1, "years", "2010-12-31"),
        ("2009-01-01", 1, "years", "2010-01-01"),
        ("2009-08-31", 6, "months", "2010-02-28"),
        ("2007-08-31", 6, "months", "2008-02-29"),
        ("2009-12-31", 2, "months", "2010-02-28"),
        ("2009-12-31", 1, "days", "2010-01-01"),
        ("2009-03-31", 24, "hours", "2009-04-01"),
        ("2009-03-31", 25, "hours", "2009-04-02"),
        ("2009-03-31", 0, "days", "2009-03-31"),
    ],
)
def test_a_period_ends_on_its_anniversary(start: str, number: int, unit: Unit, end: str) -> None:
    assert later(day(start), number, unit) == day(end)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ("2008-08-11", "2011-08-10"),
        ("2008-02-28", "2011-02-27"),
        ("2008-02-29", "2011-02-28"),  # C27: a check from 29 February
        ("2008-03-01", "2011-02-28"),
        ("2009-03-01", "2012-02-29"),
        ("2009-01-01", "2011-12-31"),
        ("2008-12-31", "2011-12-30"),
    ],
)
def test_the_last_valid_day_is_the_day_before_the_anniversary(start: str, last: str) -> None:
    """C2: an enhanced check is under three years old."""
    assert last_valid_day(day(start), 3, "years") == day(last)


def test_the_forty_days_begin_with_the_first_day() -> None:
    """C25: day 1 is the day itself, so the last day is 39 days later."""
    assert last_valid_day(day("2009-03-01"), 40, "days") == day("2009-04-09")


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("2009-03-31", 1, "2009-04-01"),  # Tuesday
        ("2009-04-03", 1, "2009-04-06"),  # Friday
        ("2009-04-04", 1, "2009-04-06"),  # Saturday
        ("2009-04-05", 1, "2009-04-06"),  # Sunday
        ("2009-04-09", 1, "2009-04-14"),  # Maundy Thursday: Good Friday, weekend, Easter Monday
        ("2009-12-24", 1, "2009-12-29"),  # Boxing Day on a Saturday, so Monday is closed
        ("2009-12-31", 1, "2010-01-04"),
        ("2009-05-22", 1, "2009-05-26"),  # spring bank holiday
        ("2009-08-28", 1, "2009-09-01"),  # summer bank holiday: not in Scotland
        ("2009-04-03", 2, "2009-04-07"),
        ("2011-04-28", 1, "2011-05-03"),  # a royal wedding and the early May bank holiday
    ],
)
def test_the_next_working_day_in_england(start: str, number: int, end: str) -> None:
    """C4: weekends and England's bank holidays do not count."""
    assert working_day_after(day(start), number) == day(end)


@given(DAYS, DAYS, st.integers(0, 60), st.sampled_from(UNITS))
@example(day("2008-02-29"), day("2008-03-01"), 6, "years")
@example(day("2008-02-28"), day("2008-02-29"), 6, "years")
@example(day("2009-08-30"), day("2009-08-31"), 6, "months")
def test_a_later_start_never_ends_earlier(one: date, other: date, number: int, unit: Unit) -> None:
    if unit == "working_days":
        one, other = (min(d, day("2050-01-01")) for d in (one, other))
        number = min(number, 10)
    first, second = sorted((one, other))
    if unit == "years" and second.year + number > 2200:
        number = 0
    assert later(first, number, unit) <= later(second, number, unit)


@given(DAYS, st.integers(1, 9))
def test_whole_years_agree_with_the_calendar_but_for_29_february(one: date, number: int) -> None:
    found = later(one, number, "years")
    if (one.month, one.day) == (2, 29):
        assert found - timedelta(days=1) in {
            one + relativedelta(years=number),
            date(found.year, 2, 28),
        }
    else:
        assert found == one.replace(year=one.year + number)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14:30", "14:30"),
        ("9.05", "09:05"),
        ("2:30 pm", "14:30"),
        ("12:15am", "00:15"),
        ("0:00", "00:00"),
    ],
)
def test_a_time_of_day_is_read_as_people_write_it(written: str, read: str) -> None:
    assert parse_time(written) == read


@pytest.mark.parametrize(
    "written", ["", "half past two", "24:00", "14:60", "13:00 pm", "0:30 am", "9"]
)
def test_what_is_no_time_of_day_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(BadDate, match="not a time of day") as refused:
        parse_time(written)
    assert "14:30" in refused.value.hint
