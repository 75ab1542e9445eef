"""What every log is made of: the record, its field types, and the description of a log.

A log is a module with one :class:`Record` and one :class:`Log`. Everything else about it (tasks, JSON Schema, reference
page, blank form, import template, round-trip test) is derived from these two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Protocol, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

#: Ten characters of lower-case Crockford base32; an id says nothing about its record.
ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_PATTERN = r"^[0-9a-hjkmnp-tv-z]{10}$"
EMAIL_PATTERN = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
HANDLE_PATTERN = r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$"

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff0-\uffff\U000e0000-\U000e007f]"
)


def _clean_line(value: object) -> object:
    if isinstance(value, str):
        if _HIDDEN.search(value) or "\n" in value or "\t" in value:
            raise ValueError("it holds characters that cannot be seen; type it again")
        return " ".join(value.split())
    return value


def _clean_text(value: object) -> object:
    if isinstance(value, str):
        # Forms and spreadsheets from Windows end a line in two characters.
        value = value.replace("\r\n", "\n").replace("\t", " ").strip()
        if _HIDDEN.search(value):
            raise ValueError("it holds characters that cannot be seen; type it again")
    return value


def _opaque(value: object) -> object:
    # A name has no digit; a number of one's own has one.
    if isinstance(value, str) and not re.fullmatch(
        r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9/._-]{1,29}", value
    ):
        raise ValueError(
            "use a number of your own with at least one digit and no spaces, never a name"
        )
    return value


def _whole_day(value: object) -> object:
    # pydantic would also take a number of seconds since 1970, or a moment with a time.
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("write it as 2009-03-31")
    if not isinstance(value, (str, date)):
        raise ValueError("that is not a date")  # noqa: TRY004 - pydantic collects ValueError only
    if str(value) < "1900":
        raise ValueError("the year is before 1900")
    # A year such as 9999 stands for "never" in other programs; here that is an empty field, and the calendar that
    # retention counts in would end.
    if str(value) >= "2200":
        raise ValueError("the year is after 2199")
    return value


def _minute(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-2]\d:[0-5]\d", value, re.ASCII):
        raise ValueError("write the time as 14:30")
    return value


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Handle = Annotated[str, StringConstraints(pattern=HANDLE_PATTERN)]
Line = Annotated[str, BeforeValidator(_clean_line), StringConstraints(min_length=1, max_length=120)]
"""One line of text: a name, a reference, a place."""
Text = Annotated[str, BeforeValidator(_clean_text), StringConstraints(min_length=1, max_length=500)]
"""Free text of at most 500 characters; guarded at entry against what must not be in any log."""
Day = Annotated[date, BeforeValidator(_whole_day)]
Clock = Annotated[
    time,
    BeforeValidator(_minute),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}, mode="serialization"
    ),
]
"""A time of day to the minute, local time."""
Email = Annotated[
    str,
    BeforeValidator(_clean_line),
    StringConstraints(pattern=EMAIL_PATTERN, max_length=120),
]
YesNo = Literal["yes", "no", "unknown"]
CaseReference = Annotated[
    str,
    BeforeValidator(_clean_line),
    StringConstraints(max_length=30),
    BeforeValidator(_opaque),
]
"""The organisation's own number for a case: a child is never more than this (E-1.4, N-5)."""


def ask(label: str, help_text: str, default: Any = None, **extra: Any) -> Any:
    """Describe an optional field: its label, and one sentence of help that a volunteer understands.

    :param extra: ``ref="person"`` when the value is the id of a record of that log; ``item="post"`` for a list, the
        word for one of its entries; ``future=True`` when the date may lie ahead; ``later=True`` for what only a
        follow-up step comes to know, so that nobody is asked for it when the entry is made; ``first=True`` for what is
        asked for together with what is needed; ``rows=("E-5.2",)``;
        ``labels={"value": "words"}`` where a choice needs words of its own; ``example="..."`` for forms and templates.
    """
    return Field(
        default=default, title=label, description=help_text, json_schema_extra=_extra(extra)
    )


def need(label: str, help_text: str, **extra: Any) -> Any:
    """Describe a field that every record of the log must have; the rest is as for :func:`ask`."""
    return Field(title=label, description=help_text, json_schema_extra=_extra(extra))


def _extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"x-{key}": list(value) if isinstance(value, tuple) else value
        for key, value in extra.items()
    }


class Part(BaseModel):
    """The base of everything that is stored: strict, closed, and silent about values in its errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
        populate_by_name=True,
    )

    #: Pairs of date fields of which the first may not be after the second.
    ORDER: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Part:
        for first, second in self.ORDER:
            start, end = getattr(self, first), getattr(self, second)
            if start is not None and end is not None and start > end:
                raise ValueError(
                    f"“{label_of(type(self), second)}” is before “{label_of(type(self), first)}”"
                )
        return self


def label_of(model: type[BaseModel], name: str) -> str:
    """The label of a field, in lower case as it stands inside a sentence."""
    label = model.model_fields[name].title or name.replace("_", " ")
    return label if label[:2].isupper() or label[1:2].isupper() else label[0].lower() + label[1:]


class Amendment(Part):
    """One change made to a record after it was entered. The text that stood before is in the signed history."""

    on: Day = need("Changed on", "The day of the change.")
    by: Handle = need("Changed by", "The handle of the member who made it.")
    action: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}$")] = need(
        "What was done", "amend, void, or the name of a follow-up step."
    )
    reason: Text | None = ask("Reason", "Why the entry was changed.")
    fields: tuple[Annotated[str, BeforeValidator(_clean_line)], ...] = need(
        "Fields", "The names of the fields that changed."
    )


class Record(Part):
    """One entry of a log, stored as its id, log and schema, the log's own fields, then its changes."""

    id: Id = need("Number", "The entry's own number, made by cpvol.")
    log: str = need("Log", "The log that the entry stands in.")
    schema_: int = Field(
        alias="schema", title="Form", description="The version of the log's form.", ge=1
    )
    readers: tuple[Handle, ...] = ask(
        "Closed", "When it is closed: the handles of the only members who may read it.", ()
    )
    voided: bool = ask(
        "Struck out", "True when the entry was made by mistake and no longer counts.", False
    )
    amendments: tuple[Amendment, ...] = ask("Changes", "Every change since the entry was made.", ())

    @model_validator(mode="after")
    def _required_lists_given(self) -> Record:
        # An empty list is not stored, so the text of such a record could not be read again.
        for name in _required_lists(type(self)):
            if not getattr(self, name):
                raise ValueError(f"{label_of(type(self), name)}: give at least one")
        return self

    def content(self) -> dict[str, Any]:
        """The record as it is stored: only what was given, in the order of the model, ready for the codec."""
        data = self.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=False
        )
        tail = {key: data.pop(key) for key in ("readers", "voided", "amendments")}
        data = {key: value for key, value in data.items() if value != []}
        if tail["readers"]:
            data["readers"] = tail["readers"]
        if tail["voided"]:
            data["voided"] = True
        if tail["amendments"]:
            data["amendments"] = tail["amendments"]
        return data


@cache
def _required_lists(model: type[Record]) -> tuple[str, ...]:
    return tuple(
        name
        for name, info in model.model_fields.items()
        if info.is_required() and get_origin(info.annotation) is tuple
    )


#: The fields of every record that nobody is asked for.
OWN_FIELDS = frozenset(("id", "log", "schema_", "readers", "voided", "amendments"))


class Book(Protocol):
    """The records that a rule may look at. Pure: it holds what was read and reads nothing itself."""

    def get(self, id: str) -> Record | None:
        """The record with that id, struck-out ones included."""

    def of(self, log: str) -> Iterable[Record]:
        """The records of a log that count, oldest first where that is known."""

    def about(self, person: str, log: str) -> Iterable[Record]:
        """The records of a log that count and refer to that person."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a retention clock.

    :param on: the day, or ``None`` while the record is open.
    :param what: the event in words, without personal data, for example ``left on``.
    """

    on: date | None
    what: str


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a log is kept, unless the organisation's policy says otherwise.

    :param years: whole years after the trigger.
    :param since: the trigger in words, for the schedule that people read.
    :param rows: the rows of the requirements it comes from.
    :param origin: ``source`` when a source states the number, ``ours`` when it is a ruling.
    :param reason: why, where it is ours.
    """

    years: int
    since: str
    rows: tuple[str, ...]
    origin: Literal["source", "ours"] = "source"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """Whom an entry is closed to from the beginning.

    :param against: the handles of members who shall not read it.
    :param enterer_only: nobody but the member who enters it, until others are named.
    """

    against: frozenset[str] = frozenset()
    enterer_only: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A step that people take with an entry after it was made, in their own words (``person.leave``).

    :param name: the task's last word, and the ``action`` in the record's amendments.
    :param title: what it does, one sentence.
    :param asks: the model of what is asked for; fields named as in the record are copied to it.
    :param apply: for anything beyond copying: (record, answers) to the fields that change. Pure.
    :param next: (record, book) to what the coordinator should do now, a line each; shown after the step.
    """

    name: str
    title: str
    asks: type[Part]
    apply: Callable[[Any, Any], dict[str, Any]] | None = None
    next: Callable[[Any, Book], list[str]] | None = None

    def changes(self, record: Record, answers: Part) -> dict[str, Any]:
        """The fields of the record that this step sets, by name."""
        if self.apply is not None:
            return self.apply(record, answers)
        return answers.model_dump(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Log:
    """A log, as every other part of cpvol sees it.

    :param name: the name in paths, tasks and JSON: one lower-case word.
    :param title: the heading people see.
    :param about: one or two plain sentences: what goes in, and why it is kept.
    :param model: the record.
    :param keep: how long it is kept.
    :param trigger: (record, book) to what starts its retention clock. Pure.
    :param line: a record in one short line, for lists; may hold personal data, so it is shown only when asked for.
    :param columns: the fields that a list shows, in order.
    :param rows: the rows of the requirements that the log satisfies.
    :param same: the fields that make two rows of a spreadsheet the same entry.
    :param also: other words that people use for the log.
    :param closing: (record, book) to whom a new entry is closed, or ``None``; no function where none ever is. Pure.
    :param after: (record, book) to what the coordinator should do once an entry was made, a line each; where it is left
        out, what the first of the follow-up steps says. Pure.
    """

    name: str
    title: str
    about: str
    model: type[Record]
    keep: Keep
    trigger: Callable[[Any, Book], Trigger]
    line: Callable[[Any, Book], str]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    same: tuple[str, ...]
    schema: int = 1
    follow_ups: tuple[FollowUp, ...] = field(default=())
    also: tuple[str, ...] = field(default=())
    closing: Callable[[Any, Book], Closing | None] | None = None
    after: Callable[[Any, Book], list[str]] | None = None

    def next(self, record: Record, book: Book) -> list[str]:
        """What the coordinator should do once an entry was made, a line each. Pure."""
        steps = (step.next for step in self.follow_ups if step.next is not None)
        say = self.after or next(steps, None)
        return say(record, book) if say else []


def latest(*days: date | None) -> date | None:
    """The latest of the days that are given, or ``None`` when none is."""
    given = [day for day in days if day is not None]
    return max(given) if given else None


def person_left(person: str, book: Book) -> date | None:
    """The day on which the person of a record left, or ``None``: still here, or not in the register."""
    found = book.get(person)
    left: date | None = getattr(found, "left_on", None)
    return left
