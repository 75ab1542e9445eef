"""Stored values as people read them, on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel

from cpvol.logs.base import Book, Record
from cpvol.logs.fields import FieldSpec
from cpvol.logs.person import Person


def name_of(record: Record | None, book: Book) -> str:
    """The name of the person whom a record is or is about, for a table that was asked for; or ``""``."""
    if isinstance(record, Person):
        return record.name
    person = book.get(getattr(record, "person", "")) if record is not None else None
    return person.name if isinstance(person, Person) else ""


def about(record: Record, book: Book) -> str:
    """Whom an entry is about and what it is, in a few words."""
    from cpvol.logs import BY_NAME

    people = (_person_name(id, book) for id in getattr(record, "persons", ()))
    log, name = BY_NAME[record.log], name_of(record, book) or ", ".join(people)
    line = log.line(record, book)
    # Of a person, the line is the name.
    return f"{name}, {log.title.lower()}" if line == name else ", ".join(filter(None, (name, line)))


def entry_named(id: str, book: Book) -> str:
    """The entry with that number: whom it is about, what it is, and the number; which stands alone when it is not there."""
    record = book.get(id)
    return id if record is None else f"{about(record, book)} ({id})"


def shown(spec: FieldSpec, value: Any, book: Book) -> str:  # noqa: C901, PLR0911 - one way out for each kind
    """A stored value as people read it."""
    if value is None or value == ():
        return ""
    if spec.kind == "date" and isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if spec.kind in ("choice", "yesno"):
        return dict(spec.choices).get(value, str(value))
    if spec.kind == "references":
        return ", ".join(_person_name(id, book) for id in value)
    if spec.ref == "person":
        return _person_name(value, book)
    if spec.kind == "reference":
        return entry_named(value, book)
    if spec.kind == "entries":
        return "; ".join(entry_named(id, book) for id in value)
    if spec.kind == "items":
        return "; ".join(_shown_item(spec.parts, item, book) for item in value)
    if spec.kind == "choices":
        return ", ".join(dict(spec.choices).get(each, each) for each in value)
    if spec.kind == "words":
        return ", ".join(value)
    if spec.kind == "time":
        return f"{value:%H:%M}"
    return str(value)


def _person_name(id: str, book: Book) -> str:
    person = book.get(id)
    return person.name if isinstance(person, Person) else id


def _shown_item(parts: Iterable[FieldSpec], item: BaseModel, book: Book) -> str:
    told = [(part, shown(part, getattr(item, part.name), book)) for part in parts]
    return ", ".join(
        text if part.kind != "date" else f"{part.label.lower()} {text}"
        for part, text in told
        if text
    )
