"""What the data shows once it is taken in: how many entries break a rule, fall due, or were kept long enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from cpvol import compliance, retention
from cpvol.compliance import CHECKS, DUE_RULES
from cpvol.findings import Severity
from cpvol.logs.book import Records
from cpvol.policy import Policy

_AHEAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the outlook.

    :param rule: the rule's stable name.
    :param count: for how many entries it is so.
    :param words: the line, without personal data.
    """

    rule: str
    count: int
    words: str


def outlook(before: Records, after: Records, policy: Policy, today: date) -> list[Shown]:
    """What new entries bring to light: rules broken, gravest first, then what falls due, then what may be destroyed.

    :param before: the entries that are there.
    :param after: the same and the new ones.
    """
    return [
        *_broken(before, after, policy, today),
        *_due(before, after, policy, today),
        *_kept_long_enough(before, after, policy, today),
    ]


def _broken(before: Records, after: Records, policy: Policy, today: date) -> list[Shown]:
    known = set(compliance.check(before, policy, today))
    found = [each for each in compliance.check(after, policy, today) if each not in known]
    titles = {each.rule: each.title for each in CHECKS}
    grave = {each.rule for each in found if each.severity is Severity.BREACH}
    return [
        Shown(rule, count, f"{_counted(count, grave=rule in grave)}: {titles[rule]}")
        for rule, count in Counter(each.rule for each in found).items()
    ]


def _counted(count: int, *, grave: bool) -> str:
    if grave:
        return "1 does not meet" if count == 1 else f"{count} do not meet"
    return f"{count} to look at"


def _due(before: Records, after: Records, policy: Policy, today: date) -> list[Shown]:
    known = set(compliance.due(before, policy, today, _AHEAD_DAYS))
    found = [
        each
        for each in compliance.due(after, policy, today, _AHEAD_DAYS)
        if each not in known and not each.rule.startswith("retention-")
    ]
    titles = {each.rule: each.title for each in DUE_RULES}
    late = Counter(each.rule for each in found if each.overdue(today))
    return [
        Shown(
            rule,
            count,
            f"{count} within {_AHEAD_DAYS} days"
            + (f", {late[rule]} of them overdue" if late[rule] else "")
            + f": {titles[rule]}",
        )
        for rule, count in Counter(each.rule for each in found).items()
    ]


def _kept_long_enough(before: Records, after: Records, policy: Policy, today: date) -> list[Shown]:
    known = {each.id for each in retention.due(before, policy, today)}
    counts = Counter(
        each.log for each in retention.due(after, policy, today) if each.id not in known
    )
    return [
        Shown(f"retention-{log}", count, f"{count} kept long enough to be destroyed: log {log}")
        for log, count in counts.items()
    ]
