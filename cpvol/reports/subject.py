"""Everything that is held about one person, as their own request to see it needs it; what is others' left out.

Two things come of it. The copy is for the person: their entries with the labels of the log, each change since, what
stood before, why and how long it is kept. The notes are for whoever answers: what was left out of the copy and what is
to be read again before it is given away. The copy says nothing of what was left out, since that may be the very thing
that somebody must not learn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

from pydantic import BaseModel

from cpvol.logs import LOGS
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.logs.breach import Breach
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.logs.hold import Hold
from cpvol.logs.person import Person
from cpvol.logs.shown import shown
from cpvol.policy import Policy
from cpvol.reports.others import LEFT_OUT, OTHER, Others

#: Words in which anybody may have written anything.
_FREE = frozenset(("text", "words"))
#: Fields of one line in which somebody else may be named.
_WHO = frozenset(("by", "seen_by", "evidence_seen_by", "end_confirmed_by", "mediator_office"))

_CLOSED = "it is closed to some members. Could giving it away spoil an investigation, or show what somebody said in confidence?"
_OPEN = "the case is not concluded. Could giving it away spoil the investigation, or warn somebody before it is over?"
_REPORTER = "who reported it is left out: somebody who reports a wrong is protected, unless they agree to be named"
_MENTION = "it is about somebody else, and may speak of this person in its words"
_SEVERAL = "it concerns other people as well: take out what is said of them"
_FREE_WORDS = "written freely: take out whatever is said of anybody else"
_HOLD = "it keeps entries of this person from being destroyed; why may be a matter between us and a lawyer"


@dataclass(frozen=True, slots=True)
class Line:
    """One field of an entry: its label, and what stands there."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an entry: when, what was done by whom, why, and what stood there before."""

    on: date
    action: str
    by: str
    reason: str
    before: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the person sees it."""

    id: str
    voided: bool
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of one log that refer to the person, with why they are kept and how long."""

    log: str
    title: str
    about: str
    kept: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something for whoever answers: an entry that was left out, or a place to read again.

    :param left_out: whether it is not in the copy at all.
    :param field: the label of the field, or ``""`` for the whole entry.
    """

    left_out: bool
    log: str
    id: str
    field: str
    why: str


@dataclass(slots=True)
class Held:
    """What is held about a person, and what is to be thought about before it is given away."""

    parts: list[Part] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def held(
    person: Person,
    book: Records,
    earlier: Mapping[str, Sequence[Record]],
    policy: Policy,
    organisation: str,
    *,
    closed: bool = False,
) -> Held:
    """What is held about somebody.

    :param book: every entry that could be read.
    :param earlier: for an entry that was changed, its earlier versions, oldest first.
    :param organisation: its name.
    :param closed: take in closed entries and cases that are not concluded.
    """
    found = Held()
    others = Others(person, book, organisation)
    for log in LOGS:
        entries = []
        for record in sorted(
            (each for each in book if each.log == log.name), key=lambda each: each.id
        ):
            if not concerns(record, person.id):
                found.notes += _aside(record, person, others)
            elif (why := _kept_back(record)) and not closed:
                found.notes.append(Note(True, log.name, record.id, "", why))
            else:
                writer = _Writer(person, others, found.notes, record)
                entries.append(writer.entry(earlier.get(record.id, ())))
        if entries:
            found.parts.append(_part(log, policy, entries))
    return found


def concerns(part: BaseModel, person: str) -> bool:
    """Whether an entry is that person's own, or refers to them anywhere."""
    if isinstance(part, Person):
        return part.id == person
    for spec in fields_of(type(part)):
        value = getattr(part, spec.name)
        if spec.kind == "items":
            if any(concerns(item, person) for item in value):
                return True
        elif spec.ref == "person" and (value == person or (value and person in value)):
            return True
    return False


def _kept_back(record: Record) -> str:
    if record.readers:
        return _CLOSED
    if isinstance(record, Breach) and record.concluded_on is None and not record.voided:
        return _OPEN
    return ""


def _aside(record: Record, person: Person, others: Others) -> Iterator[Note]:
    """What to note of an entry that does not refer to the person."""
    if isinstance(record, Hold):
        mine = {each.id for each in others.book if concerns(each, person.id)}
        if mine & set(record.entries):
            yield Note(True, record.log, record.id, "", _HOLD)
        return
    if any(others.named_in(text) for text in _free_words(record)):
        yield Note(True, record.log, record.id, "", _MENTION)


def _free_words(part: BaseModel) -> Iterator[str]:
    if isinstance(part, Person):
        # Other people's names may be alike.
        return
    for spec in fields_of(type(part)):
        value = getattr(part, spec.name)
        if spec.kind == "items":
            for item in value:
                yield from _free_words(item)
        elif isinstance(value, str) and spec.kind in {"text", "line"}:
            yield value


def _part(log: Log, policy: Policy, entries: Sequence[Entry]) -> Part:
    kept = policy.keep(log)
    return Part(log.name, log.title, log.about, f"{kept.words} after {kept.since}", tuple(entries))


class _Writer:
    """Writes one entry as the person sees it, and notes what is to be read again."""

    def __init__(self, person: Person, others: Others, notes: list[Note], record: Record) -> None:
        self._person = person
        self._others = others
        self._notes = notes
        self._record = record
        # Others are found in no book, so that none of their names can be shown.
        self._book = Records([person])

    def entry(self, earlier: Sequence[Record]) -> Entry:
        """The entry.

        :param earlier: its earlier versions, oldest first.
        """
        record = self._record
        if len(getattr(record, "persons", ())) > 1:
            self._note("", _SEVERAL)
        lines = tuple(self._lines(record, note=True))
        return Entry(record.id, record.voided, lines, tuple(self._changes(earlier)))

    def _lines(self, record: Record, *, note: bool) -> Iterator[Line]:
        # Notes are made of what stands now; what stood before is shown beside it.
        for spec in fields_of(type(record)):
            value = getattr(record, spec.name)
            for text in self._texts(spec, value, note=note):
                yield Line(spec.name, spec.label, text)

    def _texts(self, spec: FieldSpec, value: Any, *, note: bool) -> Iterator[str]:
        if spec.kind == "items":
            for item in value:
                if not _about_another(item, self._person.id):
                    yield self._item(spec, item, note=note)
        elif text := self._text(spec, value, note=note):
            yield text

    def _item(self, spec: FieldSpec, item: BaseModel, *, note: bool) -> str:
        told = [
            (part, self._text(part, getattr(item, part.name), note=note)) for part in spec.parts
        ]
        return "; ".join(f"{part.label}: {text}" for part, text in told if text)

    def _text(self, spec: FieldSpec, value: Any, *, note: bool) -> str:
        if value is None or value == ():
            return ""
        if spec.name == "reported_by":
            if note:
                self._note(spec.label, _REPORTER)
            return LEFT_OUT
        if spec.ref == "person":
            return self._people(value)
        text = shown(spec, value, self._book)
        if spec.kind in {"date", "time", "choice", "choices", "yesno", "number"}:
            return text
        if isinstance(self._record, Person) and spec.name in {"name", "email", "handle"}:
            return text if note else self._others.without(text, own=True)
        told = self._others.without(text)
        if note and (told != text or spec.kind in _FREE or spec.name in _WHO):
            self._note(spec.label, _FREE_WORDS)
        return told

    def _people(self, value: str | tuple[str, ...]) -> str:
        ids = (value,) if isinstance(value, str) else value
        others = sum(each != self._person.id for each in ids)
        told = [self._person.name] if self._person.id in ids else []
        if others:
            told.append(OTHER if others == 1 else f"[{others} other people]")
        return ", ".join(told)

    def _changes(self, earlier: Sequence[Record]) -> Iterator[Change]:
        """Each change with what stood before it. A version is known by how many changes it has seen."""
        versions = {len(each.amendments): each for each in (*earlier, self._record)}
        for at, change in enumerate(self._record.amendments):
            before: list[Line] = []
            if at in versions and at + 1 in versions:
                now = set(self._lines(versions[at + 1], note=False))
                before = [each for each in self._lines(versions[at], note=False) if each not in now]
            reason = self._others.without(change.reason or "")
            if change.reason:
                self._note("Reason of a change", _FREE_WORDS)
            yield Change(change.on, change.action, self._by(change.by), reason, tuple(before))

    def _by(self, handle: str) -> str:
        return handle if handle == self._person.handle else "another member"

    def _note(self, label: str, why: str) -> None:
        note = Note(False, self._record.log, self._record.id, label, why)
        if note not in self._notes:
            self._notes.append(note)


def _about_another(item: BaseModel, person: str) -> bool:
    """Whether a row of a list is about somebody else alone."""
    refs = [spec for spec in fields_of(type(item)) if spec.ref == "person"]
    return bool(refs) and not concerns(item, person)


def plain(found: Held, person: Person, organisation: str, member: str, on: date) -> dict[str, Any]:
    """The copy for the person, as JSON has it."""
    return {
        "organisation": organisation,
        "on": on,
        "person": {"id": person.id, "name": person.name},
        "logs": [
            {
                "log": part.log,
                "title": part.title,
                "about": part.about,
                "kept": part.kept,
                "entries": [_plain(entry) for entry in part.entries],
            }
            for part in found.parts
        ],
        "history": list(history(person, member)),
    }


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "struck_out": entry.voided,
        "fields": _plain_lines(entry.lines),
        "changes": [
            {
                "on": change.on,
                "action": change.action,
                "by": change.by,
                "reason": change.reason,
                "before": _plain_lines(change.before),
            }
            for change in entry.changes
        ],
    }


def _plain_lines(lines: Sequence[Line]) -> list[dict[str, str]]:
    return [{"name": line.name, "label": line.label, "value": line.text} for line in lines]


def history(person: Person, member: str) -> Iterator[str]:
    """What the records keep of somebody beside their entries, in words.

    :param member: what the list of members says of them, or ``""``.
    """
    if person.handle:
        yield (
            f"In these records you are known as {person.handle}. Whoever enters something signs it by such a handle, so the"
            " history says for ever how many entries of which log you made, changed or had destroyed, and when. It holds no"
            " name. A handle is never given to anybody else."
        )
    if member:
        yield member
    yield (
        "Each entry is stored encrypted. When one is corrected, what stood before stays in the history, encrypted as well,"
        " until the entry is destroyed; what stood before is in this copy."
    )
    yield (
        "When an entry is destroyed, its key is destroyed, and nothing of it can be read again. The certificate has its"
        " number and its log and no name, so nobody can say today which destroyed entries were about you."
    )


def page(found: Held, person: Person, organisation: str, member: str, on: date) -> bytes:
    """The copy for the person as one printable HTML page."""
    from jinja2 import Environment

    template = (resources.files("cpvol.reports") / "subject.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made = environment.from_string(template).render(
        parts=found.parts,
        person=person,
        organisation=organisation,
        history=list(history(person, member)),
        on=on,
        left_out=LEFT_OUT,
        other=OTHER,
    )
    return made.encode()
