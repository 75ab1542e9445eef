"""What an auditor who can read looks for besides broken rules: what is missing, and what is on hold. Numbers, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cpvol.audit.chronicle import Kept, day_of
from cpvol.findings import Finding
from cpvol.logs.base import Record
from cpvol.logs.hold import Hold
from cpvol.logs.person import Person
from cpvol.logs.session import Session


@dataclass(frozen=True, slots=True)
class Inside:
    """What the entries say as they stood on a day.

    :param day: the end of this day, in UTC.
    :param rules: the policy that was in force then.
    :param counts: how many entries of each log count, and how many were struck out.
    :param no_training: the numbers of people with access and no training entered.
    :param no_check: the same without an enhanced check.
    :param quiet: months between the first mediated session and that day in which none was entered.
    :param holds: what keeps entries from being destroyed.
    :param findings: which rules are not met.
    :param remarks: what has to be known of that day besides; begins with a space, or is empty.
    """

    day: date
    rules: Kept
    counts: list[tuple[str, int, int]]
    no_training: list[str]
    no_check: list[str]
    quiet: list[str]
    holds: list[Hold]
    findings: Sequence[Finding]
    remarks: str = ""

    def by_which(self) -> str:
        """By which policy the entries were checked, as a sentence."""
        return (
            f"The entries were checked as they stood at the end of {self.day:%d/%m/%Y}, by the policy, the"
            f" details of the organisation and the members of that day (policy of"
            f" {day_of(self.rules.accepted):%d/%m/%Y}, change {self.rules.commit[:12]}).{self.remarks}"
        )


def inside(
    records: Sequence[Record],
    day: date,
    rules: Kept,
    findings: Sequence[Finding],
    remarks: str = "",
) -> Inside:
    """Look at the entries as they stood on a day."""
    count = [record for record in records if not record.voided]
    void = Counter(record.log for record in records if record.voided)
    by_log = Counter(record.log for record in count)
    people = [r.id for r in count if isinstance(r, Person) and r.access != "none"]
    about = {(record.log, getattr(record, "person", "")) for record in count}
    return Inside(
        day,
        rules,
        [(log, by_log[log], void[log]) for log in sorted({*by_log, *void})],
        sorted(id for id in people if ("training", id) not in about),
        sorted(id for id in people if ("ecrb", id) not in about),
        _quiet([r.date for r in count if isinstance(r, Session)], day),
        [r for r in count if isinstance(r, Hold) and r.placed_on <= day and _lasts(r, day)],
        findings,
        remarks,
    )


def _lasts(hold: Hold, day: date) -> bool:
    return hold.lifted_on is None or day < hold.lifted_on


def _quiet(days: Iterable[date], upto: date) -> list[str]:
    months = {(each.year, each.month) for each in days if each <= upto}
    if not months:
        return []
    first, last = (y * 12 + m - 1 for y, m in (min(months), (upto.year, upto.month)))
    return [
        f"{number % 12 + 1:02d}/{number // 12:04d}"
        for number in range(first, last + 1)
        if (number // 12, number % 12 + 1) not in months
    ]
