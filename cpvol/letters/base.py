"""What a letter is, and what it is made from.

A letter is a module with one :class:`Letter` and, beside it, its template ``<name>.html``. The module says for whom the
letter is, which fields its template may use, and what they hold for one entry; the template has the words. Everything
else (the task, the page around the words, the note that it was sent) is derived from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from cpvol.errors import CpvolError
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.fields import field_named
from cpvol.logs.person import Person
from cpvol.policy import Policy
from cpvol.policy.organisation import Contact, Organisation, Purpose


class NotThisLetter(CpvolError):
    """Such a letter cannot be made of this entry."""


#: What a template is given for one field: words, a day, a yes or no, or a list of words or of rows. ``None`` is not known
#: and becomes a gap to be filled in by hand.
Value: TypeAlias = "str | date | bool | list[str] | list[dict[str, Any]] | None"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about.

    :param record: the entry, or ``None`` for a letter about none.
    :param on: the day of the letter.
    """

    record: Record | None
    book: Records
    policy: Policy
    organisation: Organisation
    on: date

    def person(self, id: str) -> Person:
        """The person with that number.

        :raises NotThisLetter: when they are not in the register.
        """
        found = self.book.get(id)
        if not isinstance(found, Person):
            raise NotThisLetter(
                "the person of this entry is not in the user register",
                "correct the entry with `amend`, or enter the person with `person.add`",
            )
        return found

    def card(self, purpose: Purpose) -> Contact | None:
        """The contact card for a purpose, when it is filled in."""
        return next((c for c in self.organisation.contacts if c.purpose == purpose), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """How it is recorded that a letter was sent: a follow-up step of the entry's log.

    :param step: the step's name.
    :param day: its field for the day.
    :param time: its field for the time of day, or ``""``.
    :param answers: what else the step asks, as it follows from the entry.
    """

    step: str
    day: str
    time: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter or form.

    :param name: one or more lower-case words with hyphens; the task is ``letter.<name>``.
    :param title: what it is, one line, for the list of tasks.
    :param log: the log of the entry that it is made of, or ``""``.
    :param rows: the rows of the requirements that it satisfies, printed at its foot.
    :param fields: what its template may use, each with what it is; a row of a list has ``tokens.number``.
    :param fill: the fields' values, without the part of a row.
    :param office: the contact card it goes to, or ``None`` when it goes to no office.
    :param offices: the cards that people may choose from, where more than one can be right.
    :param to_person: the name of the person it goes to.
    :param sent: how it is recorded that it was sent (entry, card), or ``None`` where the log has no place for it.
    :param then: what to do with the entry later on, where ``sent`` does not say it.
    :param timed: whether the time of day is recorded as well.
    :param fits: whether it can be made of an entry; of several about somebody, those are meant that it can be made of.
    :param blank: whether it can be made with nothing filled in.
    :param keep: whether the paper may be kept; one that may not says so.
    :param signed: whether somebody signs at its end in the usual way.
    """

    name: str
    title: str
    log: str
    rows: tuple[str, ...]
    fields: Mapping[str, str]
    fill: Callable[[Matter], dict[str, Value]]
    office: Callable[[Matter], Purpose] | None = None
    offices: tuple[Purpose, ...] = ()
    to_person: Callable[[Matter], str] | None = None
    sent: Callable[[Any, Purpose | None], Sent] | None = None
    then: str = ""
    fits: Callable[[Any], bool] = lambda _: True
    timed: bool = False
    blank: bool = False
    keep: bool = True
    signed: bool = True


def team(_: Matter) -> Purpose:
    """The office of most letters: the directory's team."""
    return "authority_team"


def reach(matter: Matter, purpose: Purpose) -> str | None:
    """How an office is reached, in one line, or ``None`` when its card is not filled in."""
    card = matter.card(purpose)
    if card is None:
        return None
    address = ", ".join((card.address or "").splitlines()) or None
    return ", ".join(filter(None, (card.office, address, card.telephone, card.email)))


def day_in_words(day: date) -> str:
    """A day as it stands in a letter: ``31 March 2009``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def words(record: Record, name: str) -> str | None:
    """What a choice of an entry says, in the words of its log; ``None`` when nothing was chosen."""
    spec = field_named(type(record), name)
    value = getattr(record, name)
    return None if spec is None or value is None else dict(spec.choices).get(value, str(value))
