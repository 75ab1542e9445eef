"""Due dates of the training log: what was booked and never completed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.standing import counts_from, person_of, trainings_of
from cpvol.logs.training import Training


@due_rule("training-completion", "A training that was booked is completed", "E-3.5", "E-3.1")
def _completion(case: Case) -> Iterator[Date]:
    """Nobody may use the directory before the training.

    A place that was booked and not taken up is easily forgotten; the entry is asked about, so that
    it is completed, amended or struck out.
    """
    for training in cast("list[Training]", case.book.of("training")):
        if training.completed_on is not None or training.booked_on is None:
            continue
        person = person_of(case.book, training.person)
        if person is None or not person.here(case.on) or _done_since(case, training):
            continue
        yield Date(
            training,
            case.policy.training_chase.after(training.booked_on),
            "have the booked training completed, or correct the entry",
        )


def _done_since(case: Case, booked: Training) -> bool:
    """Whether another training took the place of a booked one."""
    return any(
        (done := counts_from(other)) is not None
        and booked.booked_on is not None
        and done >= booked.booked_on
        for other in trainings_of(booked.person, case.book)
    )


RULES: tuple[DueRule, ...] = (_completion,)
