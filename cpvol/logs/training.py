"""The training log: who was trained, where, and which token they were given there (E-3, E-6.2)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from cpvol.logs.base import (
    Book,
    Day,
    FollowUp,
    Id,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Trigger,
    ask,
    latest,
    need,
    person_left,
)
from cpvol.logs.person import Person


class Training(Record):
    """One training of one person."""

    ORDER = (("booked_on", "completed_on"),)

    log: Literal["training"] = "training"
    person: Id = need("Person", "Who was trained.", ref="person", example="Robin Example")
    course: Line = need("Course", "What the training is called.", example="User training")
    booked_on: Day | None = ask(
        "Booked on", "The day on which the place was booked.", rows=("E-3.5",), example="2008-08-21"
    )
    completed_on: Day | None = ask(
        "Completed on",
        "The day on which the training was completed; while it is only booked, there is none yet.",
        rows=("E-6.2",),
        example="2008-09-18",
        first=True,
    )
    venue: Line | None = ask(
        "Venue", "Where it was held.", rows=("E-6.2",), example="County training centre"
    )
    trainer: Literal["authority", "transferred"] = need(
        "Trainer",
        "The directory's team, or a training that was gained in an earlier post and carried over.",
        labels={
            "authority": "the directory's team",
            "transferred": "carried over from an earlier post",
        },
        rows=("E-3.3", "E-3.4"),
        example="authority",
    )
    token: Line | None = ask(
        "Token number",
        "The number of the token given out at the training.",
        rows=("E-6.2", "E-11.3"),
        example="T-0042",
    )
    personnel_file: Line | None = ask(
        "Personnel file", "The reference of the personnel file that holds a copy.", rows=("E-3.7",)
    )
    transferred_from: Line | None = ask(
        "Carried over from", "The earlier employer or local team.", rows=("E-3.3",)
    )
    evidence_seen_on: Day | None = ask(
        "Evidence seen on",
        "The day on which proof of the earlier training was seen.",
        rows=("E-3.3",),
    )
    evidence_seen_by: Line | None = ask("Evidence seen by", "Who saw it.", rows=("E-3.3",))


class Complete(Part):
    """What is asked when a training that was booked is completed."""

    completed_on: Day = need("Completed on", "The day on which the training was completed.")
    venue: Line | None = ask("Venue", "Where it was held.", example="County training centre")
    token: Line | None = ask(
        "Token number", "The number of the token given out at the training.", example="T-0042"
    )
    personnel_file: Line | None = ask(
        "Personnel file", "The reference of the personnel file that holds a copy."
    )


def training_next(training: Training, book: Book) -> list[str]:
    """What is still to be done about a training, before and after it (E-6.2, E-11.3)."""
    if training.completed_on is None:
        return ["once the training is completed, record the day with `training.complete`"]
    if training.token is None and not list(book.about(training.person, "token")):
        return ["when they get a token, enter it with `token.add`"]
    return []


def end_of_post(person: Person | None, day: date | None) -> date | None:
    """The end of the post in which somebody was trained, when that post has ended."""
    if person is None or day is None:
        return None
    post = person.post_on(day)
    return post.end if post else None


def _trigger(training: Training, book: Book) -> Trigger:
    # C1: the later of leaving and the end of the post. While the account is open, the training is still what the
    # access stands on, so a move alone does not start the clock.
    found = book.get(training.person)
    person = found if isinstance(found, Person) else None
    if (
        person is not None
        and person.left_on is None
        and person.account_opened_on
        and not person.account_closed_on
    ):
        return Trigger(None, "left, or the end of the post")
    if person is not None and person.left_on is None and person.access != "none":
        return Trigger(None, "left, or the end of the post")
    on = latest(person_left(training.person, book), end_of_post(person, training.completed_on))
    return Trigger(on, "left, or the end of the post")


TRAINING = Log(
    name="training",
    title="Training log",
    about="Each training in the directory: who, when, where, and the number of the token given out there.",
    model=Training,
    keep=Keep(6, "the person left or the post ended, whichever is later", ("E-3.2", "E-6.1", "C1")),
    trigger=_trigger,
    line=lambda training, book: (
        f"{training.course}, "
        + (f"completed {training.completed_on:%d/%m/%Y}" if training.completed_on else "booked")
    ),
    columns=("person", "course", "completed_on", "venue", "token"),
    rows=("E-3.2", "E-3.3", "E-3.7", "E-6.2", "E-11.3", "C20"),
    same=("person", "course", "completed_on"),
    also=("course", "trained"),
    follow_ups=(
        FollowUp(
            "complete", "Record that a booked training was completed.", Complete, next=training_next
        ),
    ),
)
