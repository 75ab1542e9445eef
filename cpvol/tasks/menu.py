"""The way in for people: what needs doing today, and a menu over the same tasks, unlocked once."""

from __future__ import annotations

from collections.abc import Callable
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError
from cpvol.logs.book import Records
from cpvol.tasks.build import CpvolTask, Param, make_task
from cpvol.tasks.session import NoCredential, NoPassphrase, NoRecords, Session

if TYPE_CHECKING:
    from cpvol.logs.base import Log
    from cpvol.register import Register

#: How many things are shown first.
FIRST = 3
_BACK = "Go back"
_LEAVE = "Leave"


def today(session: Session) -> None:
    """The body of ``today``: the first things to do, and how to go on."""
    _begin(session)
    session.out("`--list` shows everything there is to do; `cpvol` alone opens a menu.")


def _begin(session: Session) -> None:
    try:
        folder = session.folder
    except NoRecords:
        session.out("There are no records here yet.")
        session.out("`init` makes those of your organisation; `demo` makes an example to look at.")
        return
    try:
        with session.register() as register:
            _say_first(session, register)
    except (NoCredential, NoPassphrase) as error:
        session.out(f"The records are in {folder}.")
        session.out(f"{error.problem[0].upper()}{error.problem[1:]}: {error.hint}.")


def _say_first(session: Session, register: Register) -> None:
    from cpvol import compliance
    from cpvol.tasks.overview import by_one

    day = session.today()
    book = Records(register.records())
    found = [
        each
        for each in compliance.due(
            book, register.policy, day, 30, register.organisation, by_one(register)
        )
        if each.owner == "us"
    ]
    late = sum(each.overdue(day) for each in found)
    if not found:
        session.out("Nothing of ours falls due in the next 30 days.")
        return
    width = get_terminal_size((100, 24)).columns - 1
    session.out(f"{len(found)} things to do in the next 30 days, {late} of them overdue. First:")
    for each in found[:FIRST]:
        mark = "overdue since" if each.overdue(day) else "by"
        words = f"{each.what} ({mark} {each.due_on:%d/%m/%Y}; {each.log} {each.id})"
        session.out(fill(words, width, initial_indent="  - ", subsequent_indent="    "))
    if len(found) > FIRST:
        session.out(f"  and {len(found) - FIRST} more: see `due`.")


def menu(session: Session) -> None:
    """Show what needs doing, then a menu that comes back until it is left."""
    _begin(session)
    try:
        session.folder  # noqa: B018 - raises when there is nothing to choose from
    except NoRecords:
        _loop(session, "How do you want to begin?", _of("", "init", "demo"))
        return
    with session.register() as register:
        logs = _chosen_logs(register)
    parts: dict[str, Callable[[], list[CpvolTask]]] = {
        "See what falls due": lambda: _of("", "due"),
        "See which rules are not met": lambda: _of("", "check"),
        "Make an entry": lambda: [_of_log(log)[0] for log in logs],
        "Record a step with an entry": lambda: [step for log in logs for step in _of_log(log)[1:]],
        "See where somebody stands": lambda: _of("person", "status"),
        "Look something up": lambda: _of("", "list", "show", "find"),
        "Correct or strike out an entry": lambda: _of("", "amend", "void"),
        "Entries that were kept long enough": lambda: _of("retention"),
        "Members and keys": lambda: [*_of("member"), *_of("key")],
        "Spreadsheets and the accreditation file": lambda: _of(
            "", "import", "export", "template", "accreditation"
        ),
        "Copies and sharing": lambda: _of("", "sync", "share", "backup", "restore", "doctor"),
    }
    while (part := _pick("What would you like to do?", [*parts, _LEAVE])) != _LEAVE:
        tasks = parts[part]()
        if len(tasks) == 1:
            _run(session, tasks[0])
        else:
            _loop(session, part, tasks)


def _loop(session: Session, question: str, tasks: list[CpvolTask]) -> None:
    by_words = {task.__doc__ or task.name: task for task in tasks}
    while (words := _pick(question, [*by_words, _BACK])) != _BACK:
        _run(session, by_words[words])


def _run(session: Session, task: CpvolTask) -> None:
    """Run one task as if it had been typed without options; nothing that goes wrong leaves the menu."""
    try:
        given = {param.name: _value(session, param) for param in task.params}
        task.act(session, **given)
    except CpvolError as error:
        session.tell(f"{error.problem}\n  {error.hint}")
    except (KeyboardInterrupt, EOFError):
        session.tell("Nothing was changed.")


def _value(session: Session, param: Param) -> Any:
    del session
    if param.positional:
        from cpvol.tasks.ask import line

        text = line(param.help)
        if not text:
            raise KeyboardInterrupt
        return text
    return False if param.flag else [] if param.many else None


def _pick(question: str, words: list[str]) -> str:
    from cpvol.tasks.ask import pick

    return pick(question, [(each, each) for each in words])


def _chosen_logs(register: Register) -> list[Log]:
    from cpvol.logs import LOGS

    kept = set(register.organisation.logs)
    return [log for log in LOGS if log.name in kept]


def _of_log(log: Log) -> list[CpvolTask]:
    from cpvol.tasks import tasks_at

    return tasks_at(f"log {log.name}")


def _of(group: str, *names: str) -> list[CpvolTask]:
    """The tasks of a group: those named, in that order, or all."""
    from cpvol.tasks import places, tasks_at

    found = {
        task.name: task for where, place in places() if where == group for task in tasks_at(place)
    }
    return [found[name] for name in names if name in found] if names else list(found.values())


TASKS: tuple[CpvolTask, ...] = (
    make_task("today", "The first things to do, and how to go on.", [], today),
)
