"""The report of an audit: one page that can be printed, sent and kept, and needs nothing else to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources

from cpvol import codec
from cpvol.audit.anchor import Checkpoint
from cpvol.audit.chronicle import Chronicle, day_of
from cpvol.audit.examine import Examined
from cpvol.audit.inside import Inside
from cpvol.audit.problem import Problem
from cpvol.audit.words import (
    MEANS,
    MEANS_NOT,
    NO_ANCHOR,
    WHAT_NOW,
    counted,
    cut_short,
    fitting,
    not_again,
    other_anchor,
    verdict,
)
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.logs import LOGS
from cpvol.policy import Policy
from cpvol.reports import audit_chart

_MARKS = {Severity.BREACH: "broken", Severity.WARNING: "warning", Severity.NOTE: "note"}
#: How old a checkpoint may be before the report says that another is due.
_CHECKPOINT_DAYS = 92


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the policy in force; ``source`` is the rows it comes from, or our reason."""

    what: str
    words: str
    source: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One checkpoint that was given; ``by`` signed it, and ``further`` are the fingerprints of who countersigned."""

    on: date
    count: int
    by: str
    age: str
    further: list[str]


def audit_report(
    examined: Examined, organisation: str, made_on: date, inside: Inside | None = None
) -> bytes:
    """The report as one self-contained HTML file.

    :param organisation: its name, or what the records were called on the command line.
    :param made_on: the day of the audit.
    :param inside: what the entries say, when they were opened.
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
        what_now=WHAT_NOW,
        cut_short=cut_short(examined),
        fitting=fitting(examined),
        other_anchor=other_anchor(examined),
        counted=counted(examined),
        no_anchor=NO_ANCHOR,
        not_again=not_again(examined),
        marks=_MARKS,
        by_severity=_by_severity(examined.problems),
        inside=inside,
        chart=audit_chart.chart(chronicle.entries),
        size=audit_chart,
        by_handle=_by_handle(chronicle),
        keys=chronicle.keys(),
        numbers=numbers(state.policy if state else b""),
        done=chronicle.done(),
        recoveries=[each for each in chronicle.events if each.action == "recover"],
        approvers=[each for each in examined.problems if each.rule in _ALONE],
        added=_added(examined),
        points=[_point(each, made_on) for each in examined.checkpoints],
        day=lambda day: f"{day:%d/%m/%Y}" if day else "",
        iso=lambda text: f"{date.fromisoformat(text):%d/%m/%Y}",
    )
    return page.encode()


#: Where one member may have been behind both steps of a disposal.
_ALONE = frozenset(("approver-added", "approved-alone"))


def _by_severity(problems: Sequence[Problem]) -> list[tuple[str, list[Problem]]]:
    found = ((mark, [p for p in problems if p.severity is each]) for each, mark in _MARKS.items())
    return [(mark, listed) for mark, listed in found if listed]


def numbers(policy: bytes) -> list[Number]:
    """The numbers of the policy in force, each with its source; none when it cannot be read."""
    try:
        found = Policy.from_stored(codec.decode(policy))
    except CpvolError:
        return []
    listed = [*found.numbers().values(), *(found.keep(log) for log in LOGS)]
    return [
        Number(
            each.what,
            each.words,
            "; ".join(filter(None, (", ".join(each.cited), each.reason))),
            each.origin == "ours",
        )
        for each in listed
    ]


def _by_handle(chronicle: Chronicle) -> list[tuple[str, str, int, str, str]]:
    """How much each member entered into each log, and from which month to which."""
    found: Counter[tuple[str, str]] = Counter()
    months: dict[tuple[str, str], list[str]] = {}
    for (month, log, handle), count in chronicle.entries.items():
        found[handle, log] += count
        months.setdefault((handle, log), []).append(month)
    return [
        (handle, log, count, min(months[handle, log]), max(months[handle, log]))
        for (handle, log), count in sorted(found.items())
    ]


def _added(examined: Examined) -> list[tuple[str, str, str]]:
    """Who was made a member by whom and when; whom a proposer added is told among the findings."""
    if examined.state is None:
        return []
    return [
        (handle, by, f"{datetime.fromtimestamp(moment, UTC):%d/%m/%Y}")
        for handle, (by, moment) in sorted(examined.state.joined.items())
    ]


def _point(each: Checkpoint, made_on: date) -> Point:
    days = (made_on - each.on).days
    age = "made today" if days == 0 else f"{days} days old"
    due = "; another is due" if days > _CHECKPOINT_DAYS else ""
    return Point(each.on, each.count, each.by, f"{age}{due}", each.seen_by())
