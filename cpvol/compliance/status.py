"""Where one person stands: the steps of joining or of leaving, what is done and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from cpvol.compliance.standing import (
    cleared,
    counts_from,
    failed,
    last_valid,
    standing,
    trainings_of,
    was_user,
)
from cpvol.logs.book import Records
from cpvol.logs.person import Person
from cpvol.policy import Policy

State = Literal["done", "next", "missing"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way.

    :param step: a stable name, for example ``identity``.
    :param title: the step in a few words, without personal data.
    :param state: ``next`` for the first step that is not done, ``missing`` for the later ones.
    :param done_on: the day on which it was done, where there is one.
    :param due_on: by when it is due: for a missing step the day by which it has to be done, for a check that is done
        the last day on which it counts.
    :param rule: the name of the check or due date that watches the step, or ``""``.
    :param source: the rows of the requirements it comes from.
    """

    step: str
    title: str
    state: State
    done_on: date | None
    due_on: date | None
    rule: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Where a person stands.

    :param way: ``joiner`` until they leave, then ``leaver``.
    :param steps: in the order in which they are taken; none where there is no access to give or to end.
    """

    way: Literal["joiner", "leaver"]
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The step to take now, or ``None`` when all are done."""
        return next((step for step in self.steps if step.state == "next"), None)


def status(person: Person, book: Records, policy: Policy, on: date) -> Status:
    """The steps of a person's way on a day: leaving once a last day is known, joining before."""
    if person.left_on is not None:
        steps = _leaving(person, on) if was_user(person) else ()
        return Status("leaver", _in_order(steps))
    steps = _joining(person, book, policy, on) if was_user(person) else ()
    return Status("joiner", _in_order(steps))


def _in_order(steps: tuple[Step, ...] | Iterator[Step]) -> tuple[Step, ...]:
    """Call the first step that is not done the next."""
    ordered = list(steps)
    for index, step in enumerate(ordered):
        if step.state != "done":
            ordered[index] = replace(step, state="next")
            break
    return tuple(ordered)


def _step(
    step: str, title: str, done_on: date | None, rule: str, *source: str, due_on: date | None = None
) -> Step:
    return Step(
        step, title, "missing" if done_on is None else "done", done_on, due_on, rule, source
    )


def _by(day: date | None, on: date) -> date | None:
    """A day that has come, so that what is recorded for the future is not done yet."""
    return day if day is not None and day <= on else None


def _joining(person: Person, book: Records, policy: Policy, on: date) -> Iterator[Step]:
    # Work that needs access is what the rest stands on; it has no date of its own but that of joining.
    needed = person.joined_on if person.need_to_know is not None else None
    yield _step("need", "write down why access is needed", needed, "access-need", "E-1.1")
    yield _ecrb(person, book, policy, on)
    yield _step(
        "identity",
        "see proof of identity",
        _by(person.identity_checked_on, on),
        "access-identity",
        "N-7",
    )
    yield _step(
        "sharing",
        "training in information sharing",
        _by(person.sharing_trained_on, on),
        "access-sharing",
        "N-6",
    )
    begins = policy.isa_member_from.value
    if on >= begins or person.isa_member_on is not None:
        yield _step(
            "isa",
            "membership of the ISA scheme",
            _by(person.isa_member_on, on),
            "access-isa",
            "S-1.2",
            due_on=begins if person.isa_member_on is None else None,
        )
    yield _training(person, book, policy, on)
    if person.access == "nominated" and person.account_opened_on is None:
        return
    # An address has no day; while it is there the step is done since joining.
    reachable = person.joined_on if person.email is not None else None
    yield _step("email", "a personal e-mail address", reachable, "access-email", "E-13.3")
    requested = person.account_requested_on or person.account_opened_on
    yield _step("request", "ask the authority for an account", _by(requested, on), "", "E-5.1")
    yield _step("account", "account opened", _by(person.account_opened_on, on), "", "E-5.1")
    if person.security_questions is not None or person.account_opened_on is not None:
        ready = person.account_opened_on if person.security_questions == "yes" else None
        yield _step("questions", "set the account's security questions", ready, "", "E-12.9")


def _ecrb(person: Person, book: Records, policy: Policy, on: date) -> Step:
    found = standing(person.id, book, on)
    last = None if found is None or failed(found, on) else last_valid(found, policy)
    valid = cleared(person.id, book, policy, on)
    return _step(
        "ecrb",
        "see a valid enhanced check" if found is None else "renew the enhanced check",
        found.seen_on if found is not None and valid else None,
        "access-ecrb" if found is None else "ecrb-renewal",
        "E-5.1",
        "C2",
        due_on=last,
    )


def _training(person: Person, book: Records, policy: Policy, on: date) -> Step:
    trainings = trainings_of(person.id, book)
    done = [day for training in trainings if (day := _by(counts_from(training), on)) is not None]
    booked = [
        policy.training_chase.after(training.booked_on)
        for training in trainings
        if training.booked_on is not None
    ]
    return _step(
        "training",
        "training in the directory",
        min(done, default=None),
        "access-training",
        "E-3.1",
        "E-3.6",
        due_on=None if done else max(booked, default=None),
    )


def _leaving(person: Person, on: date) -> Iterator[Step]:
    left = person.left_on

    def step(name: str, title: str, done_on: date | None, rule: str, *source: str) -> Step:
        return _step(name, title, _by(done_on, on), rule, *source, due_on=left)

    yield step(
        "tell",
        "tell the authority's team that this user leaves",
        person.team_told_on,
        "leaver-tell",
        "E-4.1",
    )
    if person.account_opened_on is not None:
        still = [one.on for one in person.suspensions if one.restored_on is None]
        suspended = min((*still, *filter(None, (person.account_closed_on,))), default=None)
        yield step("suspend", "have the account suspended", suspended, "leaver-suspend", "E-4.1")
        yield step(
            "close",
            "have the account closed",
            person.account_closed_on,
            "leaver-close",
            "E-4.1",
            "C1",
        )
    yield step(
        "notice",
        "give the leaver the notice that further use may be an offence",
        person.notice_given_on,
        "leaver-notice",
        "E-4.6",
    )
    yield step(
        "acknowledged",
        "have the leaver confirm the notice",
        person.notice_acknowledged_on,
        "leaver-acknowledged",
        "E-4.6",
    )
