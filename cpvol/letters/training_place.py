"""To the person: a place on the training is booked, and what has to be there before it (E-3.4, E-3.5, E-3.6)."""

from __future__ import annotations

from typing import cast

from cpvol.compliance.standing import failed, last_valid, standing
from cpvol.letters.base import Letter, Matter, NotThisLetter, Value
from cpvol.logs.training import Training


def _booked(training: Training) -> bool:
    return training.completed_on is None and training.trainer != "transferred"


def _fill(matter: Matter) -> dict[str, Value]:
    training = cast("Training", matter.record)
    if not _booked(training):
        raise NotThisLetter(
            "this training is over already", "choose one that is only booked, with `list training`"
        )
    person = matter.person(training.person)
    check = standing(person.id, matter.book, matter.on)
    counts = check is not None and not failed(check, matter.on)
    return {
        "name": person.name,
        "course": training.course,
        "booked_on": training.booked_on,
        "venue": training.venue,
        "held_on": None,
        "valid_for": matter.policy.ecrb_valid.words,
        "last_day": last_valid(check, matter.policy) if check and counts else None,
    }


LETTER = Letter(
    name="training-place",
    title="To the person: a training is booked.",
    log="training",
    rows=("E-3.1", "E-3.4", "E-3.5", "E-3.6", "E-11.1", "E-11.3"),
    fields={
        "name": "the person's name",
        "course": "what the training is called",
        "booked_on": "the day on which the place was booked",
        "venue": "where it is held",
        "held_on": "day and time of the training",
        "valid_for": "how long an enhanced check counts",
        "last_day": "the last day on which the person's check counts",
    },
    fill=_fill,
    fits=_booked,
    to_person=lambda matter: matter.person(cast("Training", matter.record).person).name,
    then="after the training, record the day and the token with `training.complete`",
)
