"""What a rule is, for due dates and for checks: its name, its source, and why it is there.

A rule is a small pure function with a docstring that says why; the decorators below make it data. To add a group, write
one file with a tuple of rules and add its line in ``checks.py`` or ``due.py``.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from cpvol import retention
from cpvol.findings import Finding, Severity
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation

Owner = Literal["us", "authority"]


@dataclass(frozen=True)
class Case:
    """Everything that a rule may look at.

    :param on: the day for which the question is asked.
    :param within: for due dates, how many days ahead are looked at; 0 for checks.
    :param organisation: what the organisation says of itself; without it nothing is asked that rests on that.
    :param alone: what hangs on one member alone, a sentence each.
    :param unseen: the numbers of entries that are not in the book although they are, or were, among the records: to the
        number of the disposal that destroyed them, or to ``""`` where they are there and closed to whoever asks.
    """

    book: Records
    policy: Policy
    on: date
    within: int = 0
    organisation: Organisation | None = None
    alone: Sequence[str] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def disposable(self) -> dict[str, list[retention.Expiry]]:
        """What falls due for disposal within the days looked at, by log; found once for all logs.

        What a hold keeps is not due, nor what it hangs on.
        """
        found: dict[str, list[retention.Expiry]] = defaultdict(list)
        holds = retention.held(self.book, self.on)
        for expiry in retention.due(self.book, self.policy, self.on, self.within, holds):
            if not expiry.held:
                found[expiry.log].append(expiry)
        return found


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has to be done by a day.

    :param what: what is to be done, one line, without personal data.
    :param id: the record's id, or ``""`` when it is about the whole log.
    :param due_on: the last day on which it is in time.
    :param owner: ``us``, or ``authority`` where the directory's team does it and we only watch for it.
    :param rule: the rule's stable name, for example ``ecrb-renewal``.
    :param source: the rows of the requirements it comes from.
    """

    what: str
    log: str
    id: str
    due_on: date
    owner: Owner
    rule: str
    source: tuple[str, ...]

    def overdue(self, on: date) -> bool:
        """Whether the day has passed."""
        return on > self.due_on


class Hit(NamedTuple):
    """One record that a check objects to, or ``None`` for the register as a whole.

    ``severity`` is given only where it is not the check's own.
    """

    record: Record | None
    message: str
    severity: Severity | None = None


class Date(NamedTuple):
    """One record for which something falls due, or ``None`` for the log named.

    ``source`` is given only where it is not the rule's own.
    """

    record: Record | None
    due_on: date
    what: str
    source: tuple[str, ...] | None = None
    log: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule whose breach is a finding."""

    rule: str
    title: str
    source: tuple[str, ...]
    severity: Severity
    why: str
    hits: Callable[[Case], Iterator[Hit]]

    def findings(self, case: Case) -> Iterator[Finding]:
        """The findings of this rule."""
        for record, message, severity in self.hits(case):
            yield Finding(
                rule=self.rule,
                severity=severity or self.severity,
                log=record.log if record else "",
                id=record.id if record else "",
                message=message,
                source=self.source,
            )


@dataclass(frozen=True, slots=True)
class DueRule:
    """A rule that gives due dates."""

    rule: str
    title: str
    source: tuple[str, ...]
    owner: Owner
    why: str
    dates: Callable[[Case], Iterator[Date]]

    def dues(self, case: Case) -> Iterator[Due]:
        """The due dates of this rule, those too that lie beyond the days looked at."""
        for record, due_on, what, source, log in self.dates(case):
            yield Due(
                what,
                record.log if record else log,
                record.id if record else "",
                due_on,
                self.owner,
                self.rule,
                source or self.source,
            )


def check(
    rule: str, title: str, severity: Severity, *source: str
) -> Callable[[Callable[[Case], Iterator[Hit]]], Check]:
    """Make a check of a function whose docstring says why the rule is there."""

    def make(hits: Callable[[Case], Iterator[Hit]]) -> Check:
        return Check(rule, title, source, severity, inspect.getdoc(hits) or "", hits)

    return make


def due_rule(
    rule: str, title: str, *source: str, owner: Owner = "us"
) -> Callable[[Callable[[Case], Iterator[Date]]], DueRule]:
    """Make a due-date rule of a function whose docstring says why the rule is there."""

    def make(dates: Callable[[Case], Iterator[Date]]) -> DueRule:
        return DueRule(rule, title, source, owner, inspect.getdoc(dates) or "", dates)

    return make
