"""Due dates of the breach log: who is told, what is done, and a case that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.compliance.standing import person_of
from cpvol.logs.base import latest
from cpvol.logs.book import Records
from cpvol.logs.breach import Breach


def breaches(case: Case) -> Iterator[Breach]:
    """The breaches that had come to light by the day."""
    found = cast("list[Breach]", case.book.of("breach"))
    return (breach for breach in found if breach.discovered_on <= case.on)


def authority_knows(breach: Breach, on: date) -> bool:
    """Whether the directory's team has heard of a breach: from us, or because its own audit found it (C15, E-7.8)."""
    told = by(breach.team_told_on, on) or by(breach.directory_manager_told_on, on)
    return told is not None or breach.found_through == "authority_audit"


def at_large(breach: Breach, book: Records, on: date) -> int:
    """How many of those concerned have an account that is not suspended while the investigation runs (E-7.9)."""
    if not breach.investigated(on):
        return 0
    concerned = (person_of(book, id) for id in dict.fromkeys(breach.persons))
    return sum(
        person is not None and person.account_open(on) and not person.suspended(on)
        for person in concerned
    )


def _going_on(case: Case) -> Iterator[Breach]:
    return (breach for breach in breaches(case) if by(breach.concluded_on, case.on) is None)


@due_rule("breach-manager", "A breach is reported to the manager", "E-7.3", "E-7.4", "C15")
def _manager(case: Case) -> Iterator[Date]:
    """Every breach goes to the manager, or to somebody else when the manager is concerned."""
    for breach in _going_on(case):
        if breach.reported_to is None:
            yield Date(
                breach,
                case.policy.tell_at_once.after(breach.discovered_on),
                "report the breach to the manager, or to somebody else when the manager is concerned",
            )


@due_rule("breach-authority", "The directory's team hears of a breach", "C15", "E-16.5")
def _authority(case: Case) -> Iterator[Date]:
    """The directory's team sees what was done in it and can stop it; we see only our own side."""
    for breach in _going_on(case):
        if not authority_knows(breach, case.on):
            yield Date(
                breach,
                case.policy.tell_at_once.after(breach.discovered_on),
                "tell the directory's team of the breach, or the directory manager when a computer is concerned",
            )


@due_rule("breach-action", "Something is done about a breach", "E-7.5")
def _action(case: Case) -> Iterator[Date]:
    """The log holds every breach with what was done about it, from the day on which it came to light."""
    for breach in _going_on(case):
        if not any(action.on <= case.on for action in breach.actions):
            yield Date(breach, breach.discovered_on, "write down what was done about the breach")


@due_rule("breach-review", "An open case is looked at again", "E-7.8", "E-7.9")
def _review(case: Case) -> Iterator[Date]:
    """Nothing in the sources ends an investigation, and the account stays suspended until it ends.

    Each thing that is done about the case puts the next look off.
    """
    for breach in _going_on(case):
        opened = by(breach.opened_on, case.on)
        done = (by(action.on, case.on) for action in breach.actions)
        since = latest(breach.discovered_on, opened, *done) or breach.discovered_on
        what = "look at the investigation again" if opened else "open an investigation"
        yield Date(
            breach,
            case.policy.investigation_review.after(since),
            f"{what}, or conclude the case",
        )


@due_rule("breach-suspend", "An account is suspended while an investigation runs", "E-7.9")
def _suspend(case: Case) -> Iterator[Date]:
    """Nobody looks in the directory while it is found out what they did there."""
    for breach in breaches(case):
        number = at_large(breach, case.book, case.on)
        if number and breach.opened_on is not None:
            accounts = "the account" if number == 1 else f"{number} accounts"
            yield Date(
                breach,
                case.policy.tell_at_once.after(breach.opened_on),
                f"have {accounts} suspended while the investigation runs, and enter it in the user register",
            )


@due_rule("breach-commissioner", "A breach of personal data is notified", "C15")
def _commissioner(case: Case) -> Iterator[Date]:
    """Where the policy has a time for it, the Information Commissioner hears of a breach of personal data.

    Only where harm to anybody is unlikely is it left at the entry in this log.
    """
    limit = case.policy.breach_notify
    for breach in _going_on(case) if limit else ():
        told = by(breach.commissioner_told_on, case.on)
        if limit and breach.personal_data == "yes" and breach.risk != "no" and told is None:
            yield Date(
                breach,
                limit.after(breach.discovered_on),
                "notify the Information Commissioner of the breach",
                limit.cited,
            )


RULES: tuple[DueRule, ...] = (
    _manager,
    _authority,
    _action,
    _review,
    _suspend,
    _commissioner,
)
