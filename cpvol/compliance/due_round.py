"""Due dates of what comes round again: spot checks, reviews of use, checks with parents, the declaration (C23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.compliance.standing import people
from cpvol.logs.base import Record
from cpvol.policy import Period


@dataclass(frozen=True, slots=True)
class Round:
    """Something that an organisation does again and again.

    :param log: the log in which each time is entered.
    :param what: what is to be done, one line.
    :param done: the day on which an entry counts as done, or ``None``.
    :param every: how often, by the policy.
    :param fixed: the day that an entry itself names for the next time, or ``None``.
    """

    log: str
    what: str
    done: Callable[[Any], date | None]
    every: Callable[[Case], Period]
    fixed: Callable[[Any], date | None] = lambda _: None

    def last(self, case: Case) -> Record | None:
        """The entry of the last time, or ``None``."""
        found = [
            (day, entry.id, entry)
            for entry in case.book.of(self.log)
            if (day := by(self.done(entry), case.on)) is not None
        ]
        return max(found, key=lambda one: one[:2])[2] if found else None

    def next(self, case: Case) -> date | None:
        """The day by which it is due again.

        While it was never done it counts from the day on which the first account was opened; it is not asked for where
        the organisation does not keep the log, or nobody has an account.
        """
        if case.organisation is not None and self.log not in case.organisation.logs:
            return None
        last = self.last(case)
        if last is not None:
            done = self.done(last)
            return self.fixed(last) or (self.every(case).after(done) if done else None)
        begun = _begun(case) if case.organisation is not None else None
        return self.every(case).after(begun) if begun else None


def _begun(case: Case) -> date | None:
    """The day from which the directory was used, as long as somebody still uses it."""
    users = [one for one in people(case.book) if one.account_open(case.on)]
    return min((one.account_opened_on for one in users if one.account_opened_on), default=None)


SPOT_CHECK = Round(
    "spotcheck",
    "spot-check a workstation",
    lambda entry: entry.on,
    lambda case: case.policy.spot_check,
)
USAGE = Round(
    "usage",
    "review how the directory is used, and send the return",
    lambda entry: entry.on,
    lambda case: case.policy.usage_review,
)
ACCURACY = Round(
    "accuracy",
    "check details with parents and carers",
    lambda entry: entry.end,
    lambda case: case.policy.accuracy_check,
)
DECLARATION = Round(
    "declaration",
    "have the declaration signed again by both",
    lambda entry: entry.signed_on(),
    lambda case: case.policy.declaration,
    lambda entry: entry.next_due_on,
)

ROUNDS: tuple[Round, ...] = (SPOT_CHECK, USAGE, ACCURACY, DECLARATION)


def _dates(case: Case, each: Round) -> Iterator[Date]:
    if (day := each.next(case)) is not None:
        yield Date(each.last(case), day, each.what, log=each.log)


@due_rule("spotcheck-round", "Workstations are spot-checked", "E-16.9", "C23")
def _spotcheck(case: Case) -> Iterator[Date]:
    """Workstations are looked at from time to time; how often is not said, so it is ours."""
    return _dates(case, SPOT_CHECK)


@due_rule("usage-round", "Use is reviewed", "E-8.1", "E-8.2", "S-14.3", "C23")
def _usage(case: Case) -> Iterator[Date]:
    """How staff use the directory is watched, and a return about searches goes to the directory's team."""
    return _dates(case, USAGE)


@due_rule("accuracy-round", "Details are checked with parents and carers", "E-12.2", "C23")
def _accuracy(case: Case) -> Iterator[Date]:
    """Details go out of date by themselves; the organisation says how often it asks, and asks."""
    return _dates(case, ACCURACY)


@due_rule("declaration-round", "The declaration is signed again", "E-8.1", "E-D.1", "C23")
def _declaration(case: Case) -> Iterator[Date]:
    """What was declared stays true only as long as somebody makes sure of it."""
    return _dates(case, DECLARATION)


RULES: tuple[DueRule, ...] = (_spotcheck, _usage, _accuracy, _declaration)
