"""Entering, correcting and reading records: ``<log>.add``, the follow-up steps, list, show, find, amend, void."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.findings import Finding
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Book, FollowUp, Log, Part, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import SEVERAL, FieldSpec, field_named, fields_of
from cpvol.logs.guard import objections
from cpvol.logs.shown import name_of, shown
from cpvol.tasks.build import JSON, ON, YES, CpvolTask, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import (
    BadInput,
    Reader,
    build,
    demand,
    gather,
    missing,
    option,
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
        else "The entry's number, or its beginning."
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
    return f"{spec.help}{choices}{several}{' Needed.' if spec.required else ''}"


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
            reader = _reader(session, register)
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
            reader = _reader(session, register)
            record = self._record(register, reader, id)
            values = answers_to(session, self.step.asks, given, reader)
            if not values:
                say_next(session, self.step, record, reader)
                return
            changed, receipt = take_step(
                session, register, reader, self.step, record, values, reviewed=reviewed, yes=yes
            )
        report(session, receipt, f"Recorded for {record.id}.", json=json)
        say_next(session, self.step, changed, reader)

    def _record(self, register: Register, reader: Reader, id: str) -> Record:
        if self.log.name == "person":
            return reader.person(id)
        log, found = register.find(id)
        if log != self.log.name:
            raise BadInput(
                f"that entry stands in the log {log}", f"give the number of one in {self.log.name}"
            )
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
    session.tell("Next:" if steps else "Nothing is left to do here.")
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


def _reader(session: Session, register: Register) -> Reader:
    return Reader(Records(register.records()), session.today())


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
        if why.startswith("it holds") and session.terminal:
            from cpvol.tasks.ask import confirm

            spec = field_named(model, name)
            if confirm(
                f"{spec.label if spec else name}: {why}. A child must never be recognisable. Let it stand?",
                default=False,
            ):
                continue
        hint = (
            "take it out, or add --reviewed after reading the text again"
            if why.startswith("it holds")
            else "correct the date"
        )
        raise BadInput(f"{option(name)}: {why}", hint)


def _finder(
    session: Session, register: Register, reader: Reader
) -> Callable[[Record], list[Finding]]:
    return lambda record: _new_findings(register, reader, record, session.today())


def _new_findings(register: Register, reader: Reader, record: Record, today: date) -> list[Finding]:
    """The rules that this entry breaks, and that were not broken before it."""
    from cpvol.compliance import OF_ENTRIES, check

    others = [each for each in reader.book if each.id != record.id]
    policy, ours = register.policy, register.organisation
    before = set(check(reader.book, policy, today, OF_ENTRIES, ours))
    after = check(Records([*others, record]), policy, today, OF_ENTRIES, ours)
    concerned = {record.id, getattr(record, "person", record.id)}
    return [each for each in after if each not in before and each.id in concerned]


def agreed_to(
    session: Session, record: Part, reader: Reader, found: Sequence[Finding], *, yes: bool
) -> bool:
    """Show an entry and the rules it breaks, and ask whether it is right."""
    from cpvol.tasks import show

    show.warn(session, found)
    if not session.terminal or yes:
        return True
    from cpvol.tasks.ask import confirm

    session.tell("\n" + show.form(session, record, reader.book) + "\n", whole=True)
    return confirm("Is this right?")


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
    answer = ask.ask_field(specs[name], reader, required=specs[name].required)
    if answer is None:
        values.pop(name, None)
    else:
        values[name] = answer


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


def log_named(name: str) -> Log:
    """The log of that name, or of one of the words people use for it.

    :raises BadInput: with the nearest names.
    """
    from difflib import get_close_matches

    wanted = name.casefold().strip()
    for log in LOGS:
        if wanted in {log.name, log.title.casefold(), *(word.casefold() for word in log.also)}:
            return log
    near = get_close_matches(wanted, list(BY_NAME), n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise BadInput("there is no log of that name", f"{meant}the logs are {', '.join(BY_NAME)}")


def list_records(session: Session, *, log: str, all: bool, json: bool) -> None:
    """The body of ``list``."""
    from cpvol.tasks import show

    wanted = log_named(log)
    with session.register() as register:
        book = Records(register.records(*sorted({"person", wanted.name})))
    found = [r for r in book if r.log == wanted.name and (all or not r.voided)]
    found.sort(key=lambda r: (name_of(r, book).casefold(), r.id))
    if json:
        session.json([r.content() for r in found])
        return
    specs = [spec for column in wanted.columns if (spec := field_named(wanted.model, column))]
    if not found:
        session.out(f"{wanted.title}: no entries yet.")
        return
    headings = ["number", *(spec.label.lower() for spec in specs)]
    rows = [
        [
            r.id + (" (struck out)" if r.voided else ""),
            *(shown(spec, getattr(r, spec.name), book) for spec in specs),
        ]
        for r in found
    ]
    show.table(session, headings, rows)


def show_record(session: Session, *, id: str, json: bool) -> None:
    """The body of ``show``."""
    from cpvol.tasks import show
    from cpvol.tasks.certificates import disposed

    with session.register() as register:
        try:
            log, found = _one(session, register, id)
        except CpvolError:
            if disposed(session, id, json=json):
                return
            raise
        record = register.record(log, found)
        if json:
            session.json(record.content())
            return
        book = Records([*register.records("person"), record])
    session.out(
        f"{BY_NAME[log].title}, number {found}" + (" (struck out)" if record.voided else "")
    )
    session.out(show.form(session, record, book), whole=True)
    if record.amendments:
        session.out("Changed since:\n" + show.history(record))


def _one(session: Session, register: Register, text: str) -> tuple[str, str]:
    """The entry that a number means; a name means that person's own entry."""
    try:
        return register.find(text)
    except CpvolError as error:
        if error.problem.startswith("several"):
            raise
        reader = Reader(Records(register.records("person")), session.today())
        try:
            return "person", reader.person(text).id
        except CpvolError as nobody:
            if nobody.problem.startswith("there is nobody"):
                raise error from None
            raise


def find_text(session: Session, *, text: str, json: bool) -> None:
    """The body of ``find``."""
    from cpvol.tasks import show

    wanted = " ".join(text.casefold().split())
    if len(wanted) < 2:
        raise BadInput("that is too short to look for", "give at least two characters")
    with session.register() as register:
        book = Records(register.records())
    found = [
        record
        for record in book
        if any(
            wanted in " ".join(shown(spec, getattr(record, spec.name), book).casefold().split())
            for spec in fields_of(type(record))
        )
    ]
    found.sort(key=lambda r: (r.log, r.id))
    if json:
        session.json([r.content() for r in found])
        return
    if not found:
        session.out("Nothing was found.")
        return
    rows = [(r.id, r.log, name_of(r, book), BY_NAME[r.log].line(r, book)) for r in found]
    show.table(session, ("number", "log", "who", "what"), rows)


def amend(
    session: Session,
    *,
    id: str,
    set: list[str],
    clear: list[str],
    reason: str | None,
    reviewed: bool,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``amend``."""
    with session.register() as register:
        log, found = _one(session, register, id)
        record = register.record(log, found)
        reader = _reader(session, register)
        if session.terminal and not (set or clear):
            set, clear = _ask_changes(record, reader)
        if session.terminal and not reason:
            from cpvol.tasks.ask import line

            reason = line("Why is it corrected?")
        absent = [
            name
            for name, there in (("--set or --clear", set or clear), ("--reason", reason))
            if not there
        ]
        if absent:
            raise BadInput(
                f"not given: {', '.join(absent)}",
                "for example: amend ID --set completed-on=31/03/2009 --reason 'typing mistake'",
            )
        changes = _changes(type(record), set, clear, reader)
        changed = amended(record, changes, "amend", reason, register.me.handle, session.today())
        object_to(session, type(record), changes, reviewed=reviewed)
        _object_reason(reason or "", reviewed=reviewed)
        found_rules = _new_findings(register, reader, changed, session.today())
        if not agreed_to(session, changed, reader, found_rules, yes=yes):
            raise KeyboardInterrupt
        receipt = register.enter([changed], "amend", entered=session.now())
    report(session, receipt, f"Corrected {found}.", json=json)


def _object_reason(reason: str, *, reviewed: bool) -> None:
    from cpvol.logs.guard import private_text

    if not reviewed and (why := private_text(reason)):
        raise BadInput(
            f"--reason: {why}", "take it out, or add --reviewed after reading the text again"
        )


def _changes(
    model: type[Record], sets: Sequence[str], clears: Sequence[str], reader: Reader
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for each in sets:
        name, equals, text = each.partition("=")
        spec = _field(model, name)
        if not equals:
            raise BadInput(
                "--set needs a field and a value", f"write --set {option(spec.name)[2:]}=VALUE"
            )
        if spec.kind == "items":
            raise BadInput(
                f"{option(spec.name)}: it is a list", "use the log's own steps to change it"
            )
        read = reader.several if spec.kind in SEVERAL else reader.value
        changes[spec.name] = read(spec, text) if text.strip() else None
    for name in clears:
        spec = _field(model, name)
        if spec.required:
            raise BadInput(
                f"{option(spec.name)}: it cannot be empty", "give it a new value with --set"
            )
        changes[spec.name] = () if spec.kind == "items" or spec.kind in SEVERAL else None
    return changes


def _field(model: type[Record], name: str) -> FieldSpec:
    from difflib import get_close_matches

    wanted = name.strip().lstrip("-").replace("-", "_").replace(" ", "_").lower()
    names = {spec.name: spec for spec in fields_of(model)}
    by_label = {
        spec.label.lower().replace(" ", "_").replace("-", "_"): spec for spec in fields_of(model)
    }
    if spec := names.get(wanted) or by_label.get(wanted):
        return spec
    near = get_close_matches(wanted, list(names), n=1)
    meant = f"did you mean {near[0].replace('_', '-')}? " if near else ""
    raise BadInput(
        "this log has no such field",
        f"{meant}its fields are {', '.join(n.replace('_', '-') for n in names)}",
    )


def _ask_changes(record: Record, reader: Reader) -> tuple[list[str], list[str]]:
    from cpvol.tasks import ask

    specs = [spec for spec in fields_of(type(record)) if spec.kind != "items"]
    name = ask.pick(
        "What is to be corrected?",
        [
            (
                spec.name,
                f"{spec.label}: {shown(spec, getattr(record, spec.name), reader.book) or '-'}",
            )
            for spec in specs
        ],
    )
    spec = next(spec for spec in specs if spec.name == name)
    text = ask.line(f"{spec.label}, corrected (Enter takes it out):")
    return ([f"{name}={text}"], []) if text else ([], [name])


def void(session: Session, *, id: str, reason: str | None, yes: bool, json: bool) -> None:
    """The body of ``void``."""
    with session.register() as register:
        log, found = _one(session, register, id)
        record = register.record(log, found)
        if record.voided:
            raise BadInput("this entry is struck out already", "look at it with `show`")
        if session.terminal and not reason:
            from cpvol.tasks.ask import line

            reason = line("Why is it struck out?")
        if not reason:
            raise BadInput("not given: --reason", "say why in a few words")
        _object_reason(reason, reviewed=False)
        reader = _reader(session, register)
        changed = amended(
            record, {"voided": True}, "void", reason, register.me.handle, session.today()
        )
        if not agreed_to(session, changed, reader, [], yes=yes):
            raise KeyboardInterrupt
        receipt = register.enter([changed], "void", entered=session.now())
    report(
        session,
        receipt,
        f"Struck out {found}; it stays in the history and no longer counts.",
        json=json,
    )


_ID = Param(
    "id", "The entry's number, its beginning, or a person's name.", positional=True, of="entry"
)
_REASON = Param("reason", "Why, in a few words.")

TASKS: tuple[Task[Any], ...] = (
    make_task(
        "list",
        "List the entries of a log.",
        [
            Param("log", "The log, for example training.", positional=True, of="log"),
            Param("all", "Struck-out entries too.", flag=True),
            JSON,
        ],
        list_records,
    ),
    make_task("show", "Show one entry and what was changed in it.", [_ID, JSON], show_record),
    make_task(
        "find",
        "Find entries that hold some words.",
        [Param("text", "The words.", positional=True), JSON],
        find_text,
    ),
    make_task(
        "amend",
        "Correct an entry; what stood before stays in the history.",
        [
            _ID,
            Param("set", "FIELD=VALUE; may be given several times.", many=True),
            Param("clear", "A field to empty; may be given several times.", many=True),
            _REASON,
            REVIEWED,
            YES,
            JSON,
        ],
        amend,
    ),
    make_task(
        "void", "Strike out an entry that was made by mistake.", [_ID, _REASON, YES, JSON], void
    ),
)

__all__ = ["ON", "TASKS", "amended", "log_named", "log_tasks"]
