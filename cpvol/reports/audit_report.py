"""The report of an audit: one page that can be printed, sent and kept, and needs nothing else to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from cpvol.audit.chronicle import Chronicle, day_of
from cpvol.audit.examine import Examined
from cpvol.audit.words import MEANS, MEANS_NOT, NO_ANCHOR, not_again, verdict
from cpvol.findings import Finding, Severity

_MARKS = {Severity.BREACH: "broken", Severity.WARNING: "warning", Severity.NOTE: "note"}
_WIDTH, _HEIGHT, _FOOT = 720, 180, 28
#: More bars than this cannot be told apart on paper; years are shown instead of months.
_MOST_BARS = 60
#: How old a checkpoint may be before the report says that another is due.
_CHECKPOINT_DAYS = 92


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, in units of the drawing."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


def audit_report(
    examined: Examined, organisation: str, made_on: date, compliance: Sequence[Finding] = ()
) -> bytes:
    """The report as one self-contained HTML file.

    :param organisation: its name, or what the records were called on the command line.
    :param made_on: the day of the audit.
    :param compliance: what the checks of the entries find, when they were opened.
    """
    from jinja2 import Environment, select_autoescape

    template = (resources.files("cpvol.reports") / "audit_report.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    chronicle, state = examined.chronicle, examined.state
    page = environment.from_string(template).render(
        organisation=organisation,
        made_on=f"{made_on:%d/%m/%Y}",
        examined=examined,
        state=state,
        last_on=f"{day_of(state.accepted):%d/%m/%Y}" if state and state.count else "",
        verdict=verdict(examined),
        means=MEANS,
        means_not=MEANS_NOT,
        no_anchor=NO_ANCHOR,
        not_again=not_again(examined),
        marks=_MARKS,
        breach=Severity.BREACH,
        bars=bars(chronicle),
        size=(_WIDTH, _HEIGHT, _HEIGHT + _FOOT),
        by_handle=_by_handle(chronicle),
        keys=chronicle.keys(),
        done=chronicle.done(),
        recoveries=[each for each in chronicle.events if each.action == "recover"],
        added=_added(examined),
        checkpoints=_checkpoints(examined, made_on),
        compliance=compliance,
        day=lambda day: f"{day:%d/%m/%Y}" if day else "",
    )
    return page.encode()


def bars(chronicle: Chronicle) -> list[Bar]:
    """The bars of the chart: entries by month, or by year where the months would be too many."""
    months: Counter[str] = Counter()
    for (month, _, _), count in chronicle.entries.items():
        months[month] += count
    if not months:
        return []
    labels = _months(min(months), max(months))
    if len(labels) > _MOST_BARS:
        years: Counter[str] = Counter()
        for month, count in months.items():
            years[month[:4]] += count
        months, labels = years, [str(y) for y in range(int(labels[0][:4]), int(labels[-1][:4]) + 1)]
    highest, step = max(months.values()), _WIDTH / len(labels)
    return [
        Bar(
            label,
            months[label],
            round(number * step, 1),
            round(_HEIGHT - _HEIGHT * months[label] / highest, 1),
            round(step * 0.8, 1),
            round(_HEIGHT * months[label] / highest, 1),
        )
        for number, label in enumerate(labels)
    ]


def _months(first: str, last: str) -> list[str]:
    start, end = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def _by_handle(chronicle: Chronicle) -> list[tuple[str, str, int]]:
    found: Counter[tuple[str, str]] = Counter()
    for (_, log, handle), count in chronicle.entries.items():
        found[handle, log] += count
    return [(handle, log, count) for (handle, log), count in sorted(found.items())]


def _added(examined: Examined) -> list[tuple[str, str, str]]:
    """Who was made a member by whom and when; whom a proposer added is told among the findings."""
    if examined.state is None:
        return []
    return [
        (handle, by, f"{day_of(moment):%d/%m/%Y}")
        for handle, (by, moment) in sorted(examined.state.joined.items())
    ]


def _checkpoints(examined: Examined, made_on: date) -> list[tuple[str, int, str, str]]:
    return [
        (
            f"{each.on:%d/%m/%Y}",
            each.count,
            each.by,
            f"{(made_on - each.on).days} days ago"
            + (": another is due" if (made_on - each.on).days > _CHECKPOINT_DAYS else ""),
        )
        for each in examined.checkpoints
    ]
