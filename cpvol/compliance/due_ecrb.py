"""Due dates of the check register: renewal, what follows a lapse, what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.standing import failed, is_user, last_valid, people, standing, trainings_of
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person


def _users(case: Case) -> Iterator[tuple[Person, Ecrb]]:
    """Everybody with access on the day, with the check that counts for them."""
    for person in people(case.book):
        ecrb = standing(person.id, case.book, case.on) if is_user(person, case.on) else None
        if ecrb is not None:
            yield person, ecrb


def _lapsed(case: Case) -> Iterator[tuple[Person, Ecrb, date]]:
    """Everybody with an open account whose check is too old, with its first invalid day."""
    for person, ecrb in _users(case):
        first_invalid = last_valid(ecrb, case.policy) + timedelta(days=1)
        if person.account_open(case.on) and not failed(ecrb, case.on) and first_invalid <= case.on:
            yield person, ecrb, first_invalid


def _failures(case: Case) -> Iterator[tuple[Person, Ecrb, date]]:
    """Everybody with access whose check failed, with the day by which what is at once is due."""
    for person, ecrb in _users(case):
        if failed(ecrb, case.on):
            since = ecrb.failed_on or ecrb.seen_on or ecrb.issued_on
            yield person, ecrb, case.policy.tell_at_once.after(since)


@due_rule("ecrb-renewal", "A check is renewed before it lapses", "E-5.5", "E-5.9", "C2", "C24")
def _renewal(case: Case) -> Iterator[Date]:
    """A check is too old from the day on which it reaches its greatest age, and must not lapse.

    A new one takes weeks, so warnings come in stages.
    """
    for person, ecrb in _users(case):
        if failed(ecrb, case.on) or not person.here(case.on):
            continue
        last = last_valid(ecrb, case.policy)
        left = (last - case.on).days
        stage = case.policy.ecrb_warnings.stage(left)
        if left < 0:
            words = "renew the enhanced check: it has lapsed"
        elif stage is None:
            words = "renew the enhanced check"
        else:
            words = f"renew the enhanced check: {stage}-day warning, {_days(left)} left"
        yield Date(ecrb, last, words)


def _days(number: int) -> str:
    return {0: "the last day is", 1: "1 day is"}.get(number, f"{number} days are")


@due_rule("ecrb-suspend", "An account is suspended when the check has lapsed", "E-5.7", "C3")
def _suspend(case: Case) -> Iterator[Date]:
    """After a check has lapsed, nobody knows whether the person may still be trusted.

    The account is suspended on the first day on which the check no longer counts.
    """
    for person, ecrb, first_invalid in _lapsed(case):
        if not person.suspended(case.on):
            yield Date(ecrb, first_invalid, "have the account suspended: the enhanced check lapsed")


@due_rule("ecrb-close", "An account is closed when the check is not renewed", "E-5.7", "C3")
def _close(case: Case) -> Iterator[Date]:
    """The sources allow two answers to a lapsed check.

    Either the account is suspended until the renewal is there, or it is closed and the token
    returned. We take the first, and the second when the renewal does not come.
    """
    for _, ecrb, first_invalid in _lapsed(case):
        yield Date(
            ecrb,
            case.policy.ecrb_close.after(first_invalid),
            "have the account closed and return the token, unless the enhanced check is renewed by then",
        )


@due_rule("ecrb-failed-withdraw", "Use is withdrawn when a check fails", "E-5.8")
def _withdraw(case: Case) -> Iterator[Date]:
    """Somebody whose check failed may not use the directory for another day."""
    for _, ecrb, at_once in _failures(case):
        if ecrb.use_withdrawn_on is None:
            yield Date(
                ecrb, at_once, "withdraw the use of the directory: the enhanced check failed"
            )


@due_rule("ecrb-failed-tell", "The directory's team is told when a check fails", "E-5.8")
def _tell(case: Case) -> Iterator[Date]:
    """Only the directory's team can end the account, so it has to hear of a failed check at once."""
    for _, ecrb, at_once in _failures(case):
        if ecrb.team_told_on is None:
            yield Date(ecrb, at_once, "tell the directory's team that the enhanced check failed")


@due_rule("ecrb-failed-token", "The token is taken back when a check fails", "E-5.8")
def _token(case: Case) -> Iterator[Date]:
    """The token belongs to the directory's team and opens the directory; after a failed check it goes back."""
    for person, ecrb, at_once in _failures(case):
        held = any(training.token for training in trainings_of(person.id, case.book))
        if held and ecrb.token_returned_on is None:
            yield Date(
                ecrb, at_once, "take the token back and return it: the enhanced check failed"
            )


RULES: tuple[DueRule, ...] = (_renewal, _suspend, _close, _withdraw, _tell, _token)
