"""The sheet of a week: what is overdue and what falls due in seven days, to tick off on paper. It names nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

from cpvol.compliance import Due

#: How many days a sheet is for.
DAYS = 7


@dataclass(frozen=True, slots=True)
class Part:
    """Some due dates under one heading.

    :param title: the day, or that they are overdue.
    :param late: whether they are overdue.
    """

    title: str
    late: bool
    dues: tuple[Due, ...]


def parts(dues: Iterable[Due], on: date) -> list[Part]:
    """What is overdue, then each day of the week that has something.

    :param dues: what falls due, soonest first; what lies beyond the week is left out.
    """
    late = []
    week: dict[date, list[Due]] = {on + timedelta(days=ahead): [] for ahead in range(DAYS)}
    for each in dues:
        if each.overdue(on):
            late.append(each)
        elif each.due_on in week:
            week[each.due_on].append(each)
    found = [Part("Overdue", late=True, dues=tuple(late))] if late else []
    return found + [
        Part(f"{day:%A} {day:%d/%m/%Y}", late=False, dues=tuple(of))
        for day, of in week.items()
        if of
    ]


def page(dues: Iterable[Due], organisation: str, on: date) -> bytes:
    """The sheet as one printable HTML page."""
    from jinja2 import Environment

    template = (resources.files("cpvol.reports") / "week_sheet.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made = environment.from_string(template).render(
        parts=parts(dues, on),
        organisation=organisation,
        on=f"{on:%d/%m/%Y}",
        until=f"{on + timedelta(days=DAYS - 1):%d/%m/%Y}",
    )
    return made.encode()
