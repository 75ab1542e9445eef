"""Looking things up: ``list``, ``show`` and ``find``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import field_named, fields_of
from cpvol.logs.shown import name_of, shown
from cpvol.tasks.build import JSON, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader

if TYPE_CHECKING:
    from cpvol.register import Register

ID = Param(
    "id",
    "The entry's number, its beginning, your own number for it, or a person's name.",
    positional=True,
    of="entry",
)


def log_named(name: str) -> Log:
    """The log of that name, or of one of the words people use for it.

    :raises BadInput: with the nearest names.
    """
    from difflib import get_close_matches

    wanted = name.casefold().strip()
    by_word: dict[str, Log] = {}
    for log in LOGS:
        for word in (log.name, log.title.casefold(), *(word.casefold() for word in log.also)):
            by_word.setdefault(word, log)
    if wanted in by_word:
        return by_word[wanted]
    near = get_close_matches(wanted, list(by_word), n=1)
    meant = f"did you mean {by_word[near[0]].name}? " if near else ""
    raise BadInput("there is no log of that name", f"{meant}the logs are {', '.join(BY_NAME)}")


def list_records(session: Session, *, log: str, all: bool, json: bool) -> None:
    """The body of ``list``."""
    from cpvol.tasks import show

    wanted = log_named(log)
    with session.register() as register:
        records = register.records(*sorted({"person", wanted.name}))
        mine = [each for each in records if each.log == wanted.name]
        book = Records([*records, *referred(register, mine)])
        closed = sum(log == wanted.name for log, _ in set(register.closed_to_me))
    found = [r for r in book if r.log == wanted.name and (all or not r.voided)]
    found.sort(key=lambda r: (name_of(r, book).casefold(), r.id))
    if json:
        session.json([r.content() for r in found])
        return
    if closed:
        entries = "1 entry is" if closed == 1 else f"{closed} entries are"
        session.tell(f"note: {entries} closed to you")
    specs = [spec for column in wanted.columns if (spec := field_named(wanted.model, column))]
    if not found:
        session.out(f"{wanted.title}: no entries{' that you can read' if closed else ' yet'}.")
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
    from cpvol.register import Closed
    from cpvol.tasks import show
    from cpvol.tasks.certificates import disposed

    closed = ""
    with session.register() as register:
        try:
            log, found = one(session, register, id)
        except CpvolError:
            if disposed(session, id, json=json):
                return
            raise
        try:
            record = register.record(log, found)
        except Closed:
            before = None if json else register.before_closing(log, found)
            if before is None:
                raise
            record, closed = before, " (closed to you since; this is what stood in it before)"
        if json:
            session.json(record.content())
            return
        book = Records([*register.records("person"), *referred(register, [record]), record])
    session.out(
        f"{BY_NAME[log].title}, number {found}"
        + (" (struck out)" if record.voided else "")
        + closed
    )
    session.out(show.form(session, record, book), whole=True)
    if record.amendments:
        session.out("Changed since:\n" + show.history(record))


def referred(register: Register, records: Sequence[Record]) -> list[Record]:
    """The entries that some entries refer to, beside people; those that are not there, or closed, are left out."""
    wanted = {
        id
        for record in records
        for spec in fields_of(type(record))
        if spec.kind in ("reference", "entries") and spec.ref != "person"
        for id in _listed(getattr(record, spec.name))
    }
    logs = sorted({log for log, id in register.ids() if id in wanted}) if wanted else []
    return [each for each in register.records(*logs) if each.id in wanted] if logs else []


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def one(session: Session, register: Register, text: str) -> tuple[str, str]:
    """The entry that a number means, or one that it bears itself; a name means that person's own entry."""
    try:
        return register.find(text)
    except CpvolError as error:
        if error.problem.startswith("several"):
            raise
        reader = Reader(Records(register.records("person")), session.today())
        try:
            return "person", reader.person(text).id
        except CpvolError as nobody:
            if not nobody.problem.startswith("there is nobody"):
                raise
        from cpvol.tasks.choose import one_meant

        every = Reader(Records(register.records()), session.today())
        record = one_meant(session, every, "", text, error)
        return record.log, record.id


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
    make_task("show", "Show one entry and what was changed in it.", [ID, JSON], show_record),
    make_task(
        "find",
        "Find entries that hold some words.",
        [Param("text", "The words.", positional=True), JSON],
        find_text,
    ),
)
