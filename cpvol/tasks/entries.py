"""Making entries: ``<log>.add`` and the follow-up steps of every log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from cpvol.errors import CpvolError
from cpvol.findings import Finding
from cpvol.logs import BY_NAME
from cpvol.logs.base import Book, FollowUp, Log, Part, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import SEVERAL, FieldSpec, field_named, fields_of
from cpvol.logs.guard import objections
from cpvol.logs.shown import shown
from cpvol.tasks.build import JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import (
    BadInput,
    Reader,
    build,
    demand,
    gather,
    missing,
    option_names,
)

if TYPE_CHECKING:
    from cpvol.register import Receipt, Register

REVIEWED = Param(
    "reviewed",
    "The free text was read again and may stand, dates or postcodes included.",
    flag=True,
)

P = TypeVar("P", bound=Part)

_READERS = Param(
    "readers", "Close the entry: the handles of the only members who may read it, with commas."
)


def log_tasks(log: Log, *, add: str = "add") -> list[CpvolTask]:
    """Every task that a log has of its own: one that makes an entry, and its follow-up steps.

    :param add: what making an entry is called.
    """
    params = params_of(log.model)
    if log.closing is not None:
        params.insert(-3, _READERS)
    made = [make_task(add, f"Make an entry: {log.title.lower()}.", params, _Add(log))]
    for step in log.follow_ups:
        of = "person" if log.name == "person" else f"entry {log.name}"
        who = Param("id", _whom(log), positional=True, of=of)
        made.append(
            make_task(step.name, step.title, [who, *params_of(step.asks)], _Step(log, step))
        )
    return made


def _whom(log: Log) -> str:
    return (
        "The person: name, handle or number."
        if log.name == "person"
        else "The entry: its number here or the beginning of it, your own number for it, or whom it is about."
    )


def params_of(model: type[Part]) -> list[Param]:
    """An option for each field of a model, and those that every entry takes."""
    options = [
        Param(name, _option_help(part), choices=",".join(value for value, _ in part.choices))
        for spec in fields_of(model)
        for name, part in option_names(spec)
    ]
    return [*options, REVIEWED, YES, JSON]


def _option_help(spec: FieldSpec) -> str:
    choices = f" One of: {', '.join(value for value, _ in spec.choices)}." if spec.choices else ""
    several = " With commas between several." if spec.kind in SEVERAL else ""
    number = (
        f" Its number, as `list {spec.ref}` shows it, or whom it is about."
        if spec.kind == "reference" and spec.ref != "person"
        else ""
    )
    return f"{spec.help}{number}{choices}{several}{' Needed.' if spec.required else ''}"


class _Add:
    """The body of ``<log>.add``."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __call__(
        self,
        session: Session,
        *,
        reviewed: bool,
        yes: bool,
        json: bool,
        readers: str | None = None,
        **given: str | None,
    ) -> None:
        from cpvol.ledger.layout import new_id

        with session.register() as register:
            reader = reader_of(session, register)
            values = answers_to(session, self.log.model, given, reader)
            head = {"id": new_id(), "log": self.log.name, "schema": self.log.schema}

            def made() -> Record:
                record = build(self.log.model, {**head, **values})
                object_to(session, self.log.model, values, reviewed=reviewed)
                return closed(session, register, self.log, record, reader, readers)

            record = settled(
                session,
                reader,
                self.log.model,
                values,
                made,
                _finder(session, register, reader),
                yes=yes,
            )
            receipt = register.enter([record], "add", entered=session.now())
        report(session, receipt, f"Entered. {self.log.title}, number {record.id}.", json=json)
        if steps := self.log.next(record, reader.book):
            tell_steps(session, steps)


def closed(
    session: Session,
    register: Register,
    log: Log,
    record: Record,
    reader: Reader,
    named: str | None,
) -> Record:
    """The entry, closed to those who shall not read it; says what closing cannot hide."""
    closing = log.closing(record, reader.book) if log.closing else None
    if closing is None and not named:
        return record
    me = register.me.handle
    may = {member.handle for member in register.members.members if member.may_read(log.name)}
    if named:
        chosen = {handle.strip() for handle in named.split(",") if handle.strip()}
        if unknown := chosen - may:
            raise BadInput(
                f"--readers: {len(unknown)} of these do not read the log {log.name}",
                f"choose from {', '.join(sorted(may))}",
            )
    elif closing is not None and closing.enterer_only:
        chosen = {me}
    else:
        chosen = may - (closing.against if closing else frozenset())
    if closing is not None and me in closing.against:
        session.tell("note: you are one of those concerned, and what you enter you can read")
    readers = sorted(chosen | {me})
    session.tell(
        f"This entry is closed: besides the recovery page, only {', '.join(readers)} can read it."
    )
    session.tell("That it exists, when it was made and by whom is visible to every member.")
    return record.model_copy(update={"readers": tuple(readers)})


def tell_open(session: Session, register: Register, record: Record, reader: Reader) -> None:
    """Say of a changed entry that it would be closed to some by now, if it were made anew; what they read stays theirs."""
    log = BY_NAME[record.log]
    closing = log.closing(record, reader.book) if log.closing and not record.readers else None
    if closing is None:
        return
    members = [m.handle for m in register.members.members if m.may_read(log.name)]
    others = [handle for handle in members if handle != register.me.handle]
    whom = [each for each in others if closing.enterer_only or each in closing.against]
    if whom:
        session.tell(f"note: this entry is not closed, so it can be read by {', '.join(whom)}.")
        session.tell(f"What they shall not read, enter as a new one with `{log.name}.add`.")


class _Step:
    """The body of a follow-up step."""

    def __init__(self, log: Log, step: FollowUp) -> None:
        self.log = log
        self.step = step

    def __call__(
        self,
        session: Session,
        *,
        id: str,
        reviewed: bool,
        yes: bool,
        json: bool,
        **given: str | None,
    ) -> None:
        with session.register() as register:
            reader = reader_of(session, register)
            record = self._record(session, register, reader, id)
            # No entry stands in the place of itself.
            others = Records(each for each in reader.book if each.id != record.id)
            values = answers_to(
                session, self.step.asks, given, Reader(others, reader.today, reader.gone)
            )
            if not values:
                say_next(session, self.step, record, reader)
                return
            changed, receipt = take_step(
                session, register, reader, self.step, record, values, reviewed=reviewed, yes=yes
            )
        report(session, receipt, f"Recorded for {record.id}.", json=json)
        say_next(session, self.step, changed, reader)

    def _record(self, session: Session, register: Register, reader: Reader, id: str) -> Record:
        if self.log.name == "person":
            return reader.person(id)
        return entry_of(session, register, reader, self.log.name, id)


def entry_of(
    session: Session,
    register: Register,
    reader: Reader,
    log: str,
    text: str,
    fits: Callable[[Record], bool] = lambda _: True,
) -> Record:
    """The entry of a log that a number means, or its beginning; one that it bears itself, or whom it is about, does too.

    :param fits: whether an entry is one for what is to be done; of several about somebody, those count that are.

    :raises CpvolError: when none is meant, or one of another log.
    """
    try:
        other, found = register.find(text)
    except CpvolError as error:
        from cpvol.tasks.choose import one_meant

        return one_meant(session, reader, log, text, error, fits)
    if other != log:
        raise BadInput(f"that entry stands in the log {other}", f"give the number of one in {log}")
    return register.record(log, found)


def take_step(
    session: Session,
    register: Register,
    reader: Reader,
    step: FollowUp,
    record: Record,
    values: dict[str, Any],
    *,
    reviewed: bool = False,
    yes: bool = False,
) -> tuple[Record, Receipt]:
    """Record a follow-up step of an entry, once it was looked at and confirmed.

    :param values: the answers to what the step asks; on a terminal they may be changed.
    :returns: the entry after it.
    """

    def made() -> Record:
        answers = build(step.asks, values)
        given = answers.model_dump(exclude_none=True)
        object_to(session, step.asks, given, reviewed=reviewed)
        try:
            changes = step.changes(record, answers)
        except ValueError as error:
            raise BadInput(str(error), "look at the entry with `show`") from None
        by = register.me.handle
        return amended(record, changes, step.name, None, by, session.today())

    finder = _finder(session, register, reader)
    changed = settled(session, reader, step.asks, values, made, finder, yes=yes)
    return changed, register.enter([changed], step.name, entered=session.now())


def say_next(session: Session, step: FollowUp, record: Record, reader: Reader) -> None:
    """Say what is to be done now, where the step knows it."""
    if step.next is None:
        return
    steps = step.next(record, reader.book)
    if steps:
        tell_steps(session, steps)
    else:
        session.tell("Nothing is left to do here.")


def tell_steps(session: Session, steps: Sequence[str]) -> None:
    """Say what is to be done now, a line each."""
    session.tell("Next:")
    for each in steps:
        session.tell(f"  - {each}")


def amended(
    record: Record, changes: Mapping[str, Any], action: str, reason: str | None, by: str, on: date
) -> Record:
    """The record after a change, with the change noted in it.

    :raises BadInput: when nothing changes, or the result does not fit the log's form.
    """
    before = record.model_dump()
    data = before | dict(changes)
    data["schema"] = data.pop("schema_")
    # Compared as the model holds them, so that a date typed another way is no change.
    after = build(type(record), data)
    fields = [
        name for name in type(record).model_fields if getattr(after, name) != getattr(record, name)
    ]
    if not fields:
        raise BadInput("that would change nothing", "look at the entry with `show`")
    note = {"on": on, "by": by, "action": action, "reason": reason, "fields": fields}
    data["amendments"] = [*before["amendments"], note]
    return build(type(record), data)


def reader_of(session: Session, register: Register) -> Reader:
    """What understands answers, over every record that may be read."""
    from cpvol.tasks.certificates import told_of

    book = Records(register.records())
    return Reader(book, session.today(), lambda number: told_of(register, number))


def answers_to(
    session: Session, model: type[Part], given: Mapping[str, str | None], reader: Reader
) -> dict[str, Any]:
    """The values that were typed as options, and asked for on a terminal."""
    values = gather(model, given, reader)
    if session.terminal and (not any(given.values()) or missing(model, values)):
        from cpvol.tasks.ask import ask_all

        ask_all(model, values, reader, only_required=any(given.values()))
    demand(missing(model, values))
    return values


def object_to(
    session: Session, model: type[Part], values: Mapping[str, Any], *, reviewed: bool
) -> None:
    """Refuse what must not be in a log, unless the person has looked at it again."""
    typed = {spec.name: values[spec.name] for spec in fields_of(model) if spec.name in values}
    for name, why in objections(model, typed, session.today(), reviewed=reviewed):
        spec = field_named(model, name)
        label = spec.label if spec else name
        if why.startswith("it holds") and session.terminal:
            from cpvol.tasks.ask import confirm

            if typed[name] in session.let_stand:
                continue
            session.tell(f"\n{label}: {why}. A child must never be recognisable.")
            if confirm("Let it stand?", default=False):
                session.let_stand.append(typed[name])
                continue
            raise BadInput(f"{label}: {why}", "say it in other words")
        hint = (
            "take it out, or add --reviewed after reading the text again"
            if why.startswith("it holds")
            else "correct the date"
        )
        raise BadInput(f"{label}: {why}", hint)


def note_private(session: Session, record: Record, before: Record | None = None) -> None:
    """Say what reads as if somebody could be recognised by it, in an entry that somebody else wrote."""
    was = {} if before is None else dict(before)
    given = {name: value for name, value in record if value != was.get(name)}
    for name, why in objections(type(record), given, session.today(), reviewed=False):
        spec = field_named(type(record), name)
        label = spec.label if spec else name
        session.tell(f"note: {record.log} {record.id}, {label}: {why}; read it, and `amend` it")


def _finder(
    session: Session, register: Register, reader: Reader
) -> Callable[[Record], list[Finding]]:
    return lambda record: new_findings(register, reader, record, session.today())


def new_findings(register: Register, reader: Reader, record: Record, today: date) -> list[Finding]:
    """The rules that this entry breaks, and that were not broken before it."""
    from cpvol.compliance import OF_ENTRIES, check

    others = [each for each in reader.book if each.id != record.id]
    policy, ours = register.policy, register.organisation
    before = set(check(reader.book, policy, today, OF_ENTRIES, ours))
    after = check(Records([*others, record]), policy, today, OF_ENTRIES, ours)
    concerned = {record.id, getattr(record, "person", record.id)}
    return [each for each in after if each not in before and each.id in concerned]


def agreed_to(
    session: Session,
    record: Part,
    reader: Reader,
    found: Sequence[Finding],
    *,
    yes: bool,
    question: str = "Is this right?",
) -> bool:
    """Show an entry and the rules it breaks, and ask whether it is right."""
    from cpvol.tasks import show

    if not session.terminal or yes:
        show.warn(session, found)
        return True
    from cpvol.tasks.ask import confirm

    session.tell("\n" + show.form(session, record, reader.book) + "\n", whole=True)
    if found:
        show.warn(session, found)
        session.tell("")
    return confirm(question)


def settled(
    session: Session,
    reader: Reader,
    model: type[Part],
    values: dict[str, Any],
    made: Callable[[], P],
    found: Callable[[P], Sequence[Finding]],
    *,
    yes: bool,
) -> P:
    """The entry, once it can be made of the answers and was agreed to; until then, one answer after another is changed.

    :param model: what the answers are for; a step asks for less than the whole entry.
    :param made: makes the entry of ``values``.
    :param found: gives the rules that the entry breaks.
    """
    while True:
        try:
            record = made()
        except BadInput as error:
            if yes or not session.terminal:
                raise
            session.tell(f"\n{error.problem[:1].upper()}{error.problem[1:]}; {error.hint}.")
        else:
            if agreed_to(session, record, reader, found(record), yes=yes):
                return record
        _change(model, values, reader)


def _change(model: type[Part], values: dict[str, Any], reader: Reader) -> None:
    """Ask for one answer again.

    :raises KeyboardInterrupt: when no answer is to be changed.
    """
    from cpvol.tasks import ask

    specs = {spec.name: spec for spec in fields_of(model)}
    offered = [
        (name, f"{spec.label}: {_said(spec, values.get(name), reader.book)}")
        for name, spec in specs.items()
        if spec.kind != "words"
    ]
    name = ask.pick("What is to be changed?", [*offered, ("", "Nothing: stop, and enter nothing")])
    if not name:
        raise KeyboardInterrupt
    spec = specs[name]
    before = _said(spec, values[name], reader.book) if name in values else ""
    ticked = values.get(name, ()) if spec.kind in SEVERAL else ()
    answer = ask.ask_field(
        model, spec, reader, required=spec.required, before=before, ticked=ticked
    )
    if answer is not None:
        values[name] = answer
    elif not (spec.required and before):
        values.pop(name, None)


def _said(spec: FieldSpec, value: Any, book: Book) -> str:
    """An answer as people read it, before there is an entry that holds it."""
    if value is None:
        return "-"
    if spec.kind == "items":
        return "; ".join(
            ", ".join(
                _said(part, item[part.name], book) for part in spec.parts if part.name in item
            )
            for item in value
        )
    return str(value) if spec.kind == "time" else shown(spec, value, book)


def report(session: Session, receipt: Receipt, words: str, *, json: bool) -> None:
    """Say what was written."""
    if json:
        (log, id), path = receipt.records[0], receipt.paths()[0]
        session.json({"id": id, "log": log, "path": path, "commit": receipt.commit})
    else:
        session.out(words)
