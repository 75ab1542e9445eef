"""From what was typed to what a model holds: dates, choices, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cpvol.dates import parse_day, parse_time
from cpvol.errors import CpvolError
from cpvol.logs.base import EMAIL_PATTERN, HANDLE_PATTERN, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import SEVERAL, FieldSpec, field_named, fields_of
from cpvol.logs.guard import ahead
from cpvol.logs.person import Person, plain_name

R = TypeVar("R", bound=BaseModel)
#: Fields that hold what an entry is called outside these records: a token's number, a certificate's, our own of a case.
_OWN_NUMBERS = ("number", "reference", "case")


class BadInput(CpvolError):
    """Something that was typed cannot be used. Names the field, never the value."""


class NoSuchPerson(CpvolError):
    """Nobody, or more than one person, answers to what was typed."""


class SeveralPeople(NoSuchPerson):
    """More than one person answers to what was typed."""


def option_names(spec: FieldSpec) -> list[tuple[str, FieldSpec]]:
    """The options of one field: itself, or one for each part of a list's first entry."""
    if spec.kind == "items":
        return [(_part_option(spec, part), part) for part in spec.parts]
    return [(spec.name, spec)]


def _part_option(spec: FieldSpec, part: FieldSpec) -> str:
    # "suspended on", not "suspended suspended on"; "post", not "post title".
    return f"{spec.item}_{part.name}"


class Reader:
    """Reads typed values against the records as they are.

    :param book: the records, for people and other entries that are referred to.
    :param today: what ``today`` and ``yesterday`` mean.
    :param gone: what is to be said of the number of an entry that was destroyed; ``""`` for anything else.
    """

    def __init__(
        self, book: Records, today: date, gone: Callable[[str], str] = lambda number: ""
    ) -> None:
        self.book = book
        self.today = today
        self.gone = gone

    def value(self, spec: FieldSpec, text: str) -> Any:  # noqa: PLR0911 - one way out for each kind
        """One typed value as the model takes it.

        :raises CpvolError: when it cannot be read; the sentence says what is wrong, and whoever asked says of what.
        """
        text = text.strip()
        if spec.kind == "date":
            return self._day_of(spec, text)
        if spec.kind in ("choice", "yesno", "choices"):
            return choice(spec, text)
        if spec.kind == "number":
            if not text.isdecimal():
                raise BadInput("that is not a whole number", "write it in digits")
            return int(text)
        if spec.kind == "time":
            return parse_time(text)
        if spec.ref == "person":
            return self.person(text).id
        if spec.kind in ("reference", "entries"):
            return self.entry(spec, text)
        return text

    def several(self, spec: FieldSpec, text: str) -> list[Any]:
        """The typed values of a field that holds several, with commas between them."""
        return [self.value(spec, word) for word in text.split(",") if word.strip()]

    def read(self, spec: FieldSpec, text: str) -> Any:
        """What was typed for a field of any kind but a list with fields of its own."""
        return self.several(spec, text) if spec.kind in SEVERAL else self.value(spec, text)

    def _day_of(self, spec: FieldSpec, text: str) -> date:
        day = self.day(text)
        if ahead(spec, day, self.today):
            raise BadInput("that day has not come yet", "correct the date")
        return day

    def day(self, text: str) -> date:
        """A day as people write it, or today, yesterday, tomorrow."""
        return parse_day(text, self.today)

    def people(self) -> list[Person]:
        """Everybody in the user register, by name."""
        found = [record for record in self.book.of("person") if isinstance(record, Person)]
        return sorted(found, key=lambda person: person.name.casefold())

    def person(self, text: str) -> Person:
        """The one person of that name, part of a name, handle, or number of an entry.

        :raises NoSuchPerson: when there is nobody, or more than one; then the hint lists them.
        """
        wanted, plain = " ".join(text.casefold().split()), plain_name(text)
        people = self.people()
        names = {p.id: plain_name(p.name) for p in people}
        for matches in (
            [p for p in people if wanted in (p.id, p.handle)],
            [p for p in people if p.name.casefold() == wanted],
            [p for p in people if names[p.id] == plain],
            [p for p in people if set(plain.split()) <= set(names[p.id].split())],
            [
                p
                for p in people
                if all(
                    any(w.startswith(part) for w in names[p.id].split()) for part in plain.split()
                )
            ],
            [
                p
                for p in people
                if len(plain) >= 3 and (plain in names[p.id] or p.id.startswith(wanted))
            ],
        ):
            if len(matches) == 1 and plain:
                return matches[0]
            if len(matches) > 1 and plain:
                raise SeveralPeople(
                    f"{len(matches)} people answer to that",
                    "say which: " + ", ".join(f"{p.name} ({p.id})" for p in matches[:8]),
                )
        self._refuse_gone(wanted)
        near = _nearest(wanted, people)
        meant = f"did you mean {near}? " if near else ""
        raise NoSuchPerson(
            "there is nobody of that name in the user register",
            f"{meant}see `list person`, or enter them with `person.add`",
        )

    def entry(self, spec: FieldSpec, text: str) -> str:
        """The id of the one entry whose number begins so; of the log that a field refers to, somebody's name does too.

        :raises BadInput: when that is none, or more than one.
        """
        wanted = text.lower()
        among = self.book.of(spec.ref) if spec.ref else self.book
        found = [record.id for record in among if record.id.startswith(wanted)]
        if not found:
            self._refuse_gone(wanted)
            found = [each.id for each in self.called(text, spec.ref)]
        if not found and spec.ref:
            found = self._about(spec.ref, text)
        if len(found) != 1:
            where = f"`list {spec.ref}`" if spec.ref else "`find`, or `list` with the log's name"
            if found:
                raise BadInput("several entries can be meant", f"give a number: {', '.join(found)}")
            raise BadInput("there is no entry with that number", f"see {where}")
        return found[0]

    def called(self, text: str, log: str = "") -> list[Record]:
        """The entries that bear this number themselves: a token's, a certificate's, our own of a case."""
        wanted = " ".join(text.casefold().split())
        return [
            each
            for each in (self.book.of(log) if log else self.book)
            if not each.voided
            and wanted
            and wanted in (str(getattr(each, name, "")).casefold() for name in _OWN_NUMBERS)
        ]

    def _about(self, log: str, name: str) -> list[str]:
        try:
            person = self.person(name)
        except NoSuchPerson:
            return []
        return [record.id for record in self.book.about(person.id, log)]

    def _refuse_gone(self, number: str) -> None:
        if told := self.gone(number):
            raise BadInput(told, "enter it about somebody who is there, or not at all")


def _nearest(wanted: str, people: Sequence[Person]) -> str:
    """The name that was perhaps meant: like the whole of it, or with a part like the whole of what was typed."""
    by_word: dict[str, str] = {}
    for person in people:
        for word in (person.name.casefold(), *person.name.casefold().split()):
            by_word.setdefault(word, person.name)
    near = get_close_matches(wanted, list(by_word), n=1, cutoff=0.7)
    return by_word[near[0]] if near else ""


def choice(spec: FieldSpec, text: str) -> str:
    """One of a field's choices, by its word, its label, or an unmistakable beginning.

    :raises BadInput: with the choices, and the nearest first when there is one.
    """
    wanted = " ".join(text.casefold().replace("_", " ").split())
    by_word: dict[str, str] = {}
    for value, label in spec.choices:
        by_word[value.replace("_", " ")] = value
        by_word[label.casefold()] = value
    if wanted in by_word:
        return by_word[wanted]
    begins = {value for word, value in by_word.items() if wanted and word.startswith(wanted)}
    if len(begins) == 1:
        return begins.pop()
    near = get_close_matches(wanted, list(by_word), n=1)
    meant = f"did you mean {by_word[near[0]]}? " if near else ""
    raise BadInput(
        "that is none of the choices",
        f"{meant}choose from {', '.join(value for value, _ in spec.choices)}",
    )


def option(name: str) -> str:
    """A field's name as an option: ``--completed-on``."""
    return "--" + name.rstrip("_").replace("_", "-")


def gather(
    model: type[BaseModel], given: Mapping[str, str | None], reader: Reader
) -> dict[str, Any]:
    """The values of a model from options, those that were given.

    :raises CpvolError: for the first that cannot be read.
    """
    values: dict[str, Any] = {}
    for spec in fields_of(model):
        if spec.kind == "items":
            item = {
                part.name: _given(reader, part, name, text)
                for name, part in option_names(spec)
                if (text := given.get(name)) is not None and text.strip()
            }
            if item:
                values[spec.name] = [item]
        elif (text := given.get(spec.name)) is None or not text.strip():
            continue
        else:
            values[spec.name] = _given(reader, spec, spec.name, text)
    return values


def _given(reader: Reader, spec: FieldSpec, name: str, text: str) -> Any:
    """What was given as an option; an error names it."""
    try:
        return reader.read(spec, text)
    except CpvolError as error:
        raise BadInput(f"{option(name)}: {error.problem}", error.hint) from None


def missing(model: type[BaseModel], values: Mapping[str, Any]) -> list[FieldSpec]:
    """The fields that every entry needs and that have no value."""
    return [spec for spec in fields_of(model) if spec.required and spec.name not in values]


def demand(missing_fields: Sequence[FieldSpec]) -> None:
    """Refuse when something is missing and there is nobody to ask.

    :raises BadInput: one error that lists all of it.
    """
    if missing_fields:
        raise BadInput(
            f"not given: {', '.join(option(spec.name) for spec in missing_fields)}",
            "add these, or run the task in a terminal to be asked",
        )


def build(model: type[R], values: Mapping[str, Any]) -> R:
    """The model from values; what does not fit becomes one sentence that names the field.

    :raises BadInput: for the first thing that does not fit.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise explain(model, error) from None


def explain(model: type[BaseModel], error: ValidationError) -> BadInput:
    """One line and a hint for what pydantic found first; never the value."""
    first = error.errors(include_input=False, include_url=False, include_context=True)[0]
    where = [str(part) for part in first["loc"]]
    spec = field_named(model, where[0]) if where else None
    part = next((p for p in spec.parts if where[2:3] == [p.name]), None) if spec else None
    label = " ".join(f"{(part or spec).label}".split()) if spec else ""
    problem, hint = _words(first["type"], first.get("ctx", {}), str(first["msg"]))
    return BadInput(f"{label}: {problem}" if label else problem, hint)


def fit(model: type[BaseModel], name: str, value: Any) -> None:
    """Check one value by itself, before there are the others that a model needs.

    :raises BadInput: when it does not fit its field.
    """
    from pydantic import TypeAdapter

    kind: TypeAdapter[Any] = TypeAdapter(model.model_fields[name].rebuild_annotation())
    try:
        kind.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=True)[0]
        raise BadInput(*_words(first["type"], first.get("ctx", {}), str(first["msg"]))) from None


_FORMS = {
    HANDLE_PATTERN: "use small letters, digits and hyphens, beginning with a letter, for example robin-2",
    EMAIL_PATTERN: "write an address such as robin@charity.example",
}


def _words(kind: str, context: Mapping[str, Any], message: str) -> tuple[str, str]:
    if kind == "value_error":
        return message.removeprefix("Value error, "), "correct it and try again"
    # What was cleaned first is measured as a value, no longer as a string.
    if kind in {"string_too_long", "too_long"}:
        return f"it is longer than {context.get('max_length')} characters", "say it in fewer words"
    if kind in {"string_too_short", "too_short"}:
        return "it is empty", "type it, or leave the option out"
    if kind == "string_pattern_mismatch":
        return "it is not in the right form", _FORMS.get(
            str(context.get("pattern")), "see --help for what is expected"
        )
    if kind == "missing":
        return "it is missing", "add it and try again"
    return "it cannot be used", "see --help for what is expected"
