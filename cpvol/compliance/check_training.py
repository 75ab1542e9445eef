"""Checks of the training log: the order of steps, and trainings that were carried over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.standing import cleared, person_of, standing
from cpvol.findings import Severity
from cpvol.logs.training import Training


def _trainings(case: Case) -> Iterator[Training]:
    return cast("Iterator[Training]", iter(case.book.of("training")))


def _given(case: Case) -> Iterator[tuple[Training, date]]:
    """Trainings given here, with their day. One that was carried over was given in somebody else's order."""
    for training in _trainings(case):
        day = training.completed_on
        if (
            training.trainer == "authority"
            and day is not None
            and person_of(case.book, training.person)
        ):
            yield training, day


@check("ecrb-before-training", "A check is seen before the training", Severity.BREACH, "E-3.6")
def _order(case: Case) -> Iterator[Hit]:
    """The enhanced check comes before the training, not only before access.

    The token is handed out in the training room, so there is no later moment at which to look.
    """
    for training, day in _given(case):
        if standing(training.person, case.book, day) is None:
            yield Hit(
                training, "no enhanced check was on record as seen when the training was given"
            )


@check(
    "ecrb-valid-at-training",
    "The check is valid on the day of the training",
    Severity.BREACH,
    "E-3.6",
    "C2",
)
def _valid(case: Case) -> Iterator[Hit]:
    """A check that is too old, or that failed, is as good as none on the day of the training."""
    for training, day in _given(case):
        if standing(training.person, case.book, day) is not None and not cleared(
            training.person, case.book, case.policy, day
        ):
            yield Hit(training, "the enhanced check was not valid on the day of the training")


@check(
    "transfer-evidence", "Evidence of a training that was carried over", Severity.BREACH, "E-3.3"
)
def _evidence(case: Case) -> Iterator[Hit]:
    """A training from an earlier post counts only with written evidence from the earlier employer or local team."""
    for training in _trainings(case):
        if training.trainer != "transferred":
            continue
        if training.evidence_seen_on is None:
            yield Hit(
                training, "no evidence of the training that was carried over is on record as seen"
            )
        elif training.transferred_from is None:
            yield Hit(
                training,
                "from whom the training was carried over is not recorded",
                Severity.WARNING,
            )


CHECKS: tuple[Check, ...] = (_order, _valid, _evidence)
