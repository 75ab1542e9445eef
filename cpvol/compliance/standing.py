"""How a person stands on a day: questions that several rules ask in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.logs.base import Book
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person
from cpvol.logs.training import Training
from cpvol.policy import Policy


def people(book: Book) -> Iterator[Person]:
    """Everybody in the register who counts."""
    return cast("Iterator[Person]", iter(book.of("person")))


def person_of(book: Book, id: str) -> Person | None:
    """The person with that id, or ``None``: not in the register, or struck out."""
    found = book.get(id)
    return found if isinstance(found, Person) and not found.voided else None


def checks_of(person: str, book: Book) -> list[Ecrb]:
    """The person's enhanced checks."""
    return cast("list[Ecrb]", list(book.about(person, "ecrb")))


def trainings_of(person: str, book: Book) -> list[Training]:
    """The person's trainings, booked ones included."""
    return cast("list[Training]", list(book.about(person, "training")))


def known_on(ecrb: Ecrb) -> date | None:
    """The day from which the organisation could go by a check: when it was seen, or found to have failed."""
    if ecrb.decision == "failed":
        return min(filter(None, (ecrb.seen_on, ecrb.failed_on)), default=ecrb.issued_on)
    return ecrb.seen_on


def failed(ecrb: Ecrb, day: date) -> bool:
    """Whether a check had failed by a day; it counts until the day on which it is found to have failed."""
    return ecrb.decision == "failed" and (ecrb.failed_on is None or ecrb.failed_on <= day)


def standing(person: str, book: Book, day: date) -> Ecrb | None:
    """The check that counts on a day: of those known by then, the one issued last. Earlier ones are replaced by it."""
    known = [
        ecrb
        for ecrb in checks_of(person, book)
        if (since := known_on(ecrb)) is not None and since <= day
    ]
    return max(known, key=lambda ecrb: (ecrb.issued_on, known_on(ecrb), ecrb.id), default=None)


def last_valid(ecrb: Ecrb, policy: Policy) -> date:
    """The last day on which a check is under its greatest age (C2)."""
    return policy.ecrb_valid.last_day(ecrb.issued_on)


def cleared(person: str, book: Book, policy: Policy, day: date) -> bool:
    """Whether the person has a check on that day that is seen, not failed and not too old (E-5.1)."""
    found = standing(person, book, day)
    return found is not None and not failed(found, day) and day <= last_valid(found, policy)


def counts_from(training: Training) -> date | None:
    """The day from which a training counts: completed, or its evidence seen when it was carried over (E-3.3)."""
    if training.trainer == "transferred":
        return training.evidence_seen_on
    return training.completed_on


def trained_on(person: str, book: Book) -> date | None:
    """The first day from which the person counts as trained, or ``None``."""
    return min(filter(None, map(counts_from, trainings_of(person, book))), default=None)


def is_user(person: Person, day: date) -> bool:
    """Whether the person uses the directory or may: an account, or access for somebody who is here."""
    return person.account_open(day) or (person.access != "none" and person.here(day))


def was_user(person: Person) -> bool:
    """Whether there was ever any access to end: an account, or a nomination."""
    return person.account_opened_on is not None or person.access != "none"
