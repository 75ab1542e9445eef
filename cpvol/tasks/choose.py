"""Choosing what a task is about: a person, an entry, a log, a member, a file. So nobody has to know a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cpvol.errors import CpvolError
from cpvol.logs.book import Records
from cpvol.logs.shown import name_of
from cpvol.tasks import ask
from cpvol.tasks.build import Param
from cpvol.tasks.papers import dropped
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, NoSuchPerson, Reader, SeveralPeople

if TYPE_CHECKING:
    from cpvol.ledger.disposals import Disposal
    from cpvol.logs.base import Log, Record

#: Above so many entries, one is asked first whom they are about.
_MANY = 40


def choose(session: Session, param: Param) -> str:
    """Ask for what stands without a name on a task's command line.

    :raises KeyboardInterrupt: when it was left empty, or there is nothing to choose from.
    """
    kind, _, of = param.of.partition(" ")
    if kind in _WAYS:
        return _WAYS[kind](session)
    if kind == "entry":
        return _entry(session, of)
    if param.choices:
        words = param.choices.split(",")
        return ask.pick(param.help.rstrip("."), [(each, each.replace("_", " ")) for each in words])
    return ask.typed(param.help.rstrip(".") + ":", needed=False) or _nothing()


def _nothing() -> NoReturn:
    raise KeyboardInterrupt


def _person(session: Session) -> str:
    with session.register() as register:
        reader = Reader(Records(register.records("person")), session.today())
    names = [person.name for person in reader.people()]
    if not names:
        session.tell("Nobody is entered yet. Begin with: Enter something, then the user register.")
        raise KeyboardInterrupt
    text = ask.typed(
        "Who? A part of the name is enough",
        among=names,
        check=reader.person,
        understood=lambda text: reader.person(text).name,
    )
    return reader.person(text).id if text else _nothing()


def _entry(session: Session, name: str) -> str:
    from cpvol.logs import BY_NAME

    name = name or log(session)
    with session.register() as register:
        book = Records(register.records(*sorted({"person", name})))
    found = list(book.of(name))
    if not found:
        session.tell(f"{BY_NAME[name].title}: no entries yet.")
        raise KeyboardInterrupt
    if len(found) > _MANY:
        found = _narrowed(session, found, book)
    return (
        ask.pick("Which entry?", [*ask.offered(found, book), ("", "None of these")]) or _nothing()
    )


def one_meant(
    session: Session,
    reader: Reader,
    log: str,
    text: str,
    error: CpvolError,
    fits: Callable[[Record], bool] = lambda _: True,
) -> Record:
    """The entry of a log that bears a number itself, or the one about somebody; of several, the one that is chosen.

    :param log: whose entries; any when empty, and then a name means nothing.
    :param error: what is said when there is nothing of that number, and nobody of that name either.
    :param fits: whether an entry is one for what is to be done; of several, only those count, if there are any.
    :raises BadInput: when there is none, or there are several and nobody to choose.
    """
    found, why = reader.called(text, log), "bear that number"
    if not found:
        if not log:
            raise error from None
        try:
            person = reader.person(text)
        except SeveralPeople:
            raise
        except NoSuchPerson as nobody:
            raise BadInput(f"{nobody.problem}, and {error.problem}", nobody.hint) from None
        found, why = reader.book.about(person.id, log), f"of the log {log} are about that person"
    found = [each for each in found if fits(each)] or found
    if len(found) == 1:
        return found[0]
    if found and session.terminal:
        id = ask.pick("Which of them?", [*ask.offered(found, reader.book), ("", "None of these")])
        return reader.book.get(id) or _nothing()
    numbers = ", ".join(each.id for each in found[:8])
    raise BadInput(
        f"{len(found) or 'no'} entries {why}",
        f"give the number of one: {numbers}" if found else f"see `list {log}`",
    )


def _narrowed(session: Session, found: list[Record], book: Records) -> list[Record]:
    reader = Reader(book, session.today())
    names = sorted({name for record in found if (name := name_of(record, book))})
    if not names:
        return found
    text = ask.typed("About whom? Enter alone shows all", among=names, check=reader.person)
    if not text:
        return found
    person = reader.person(text)
    return [record for record in found if name_of(record, book) == person.name]


def log(session: Session) -> str:
    """One of the logs that the organisation keeps."""
    return ask.pick("Which log?", [(log.name, log.title) for log in kept_logs(session)])


def kept_logs(session: Session) -> list[Log]:
    """The logs that the organisation chose, in the order in which they are always listed."""
    from cpvol.logs import LOGS

    with session.register(keys=False) as register:
        kept = set(register.organisation.logs)
    return [log for log in LOGS if log.name in kept]


def _member(session: Session) -> str:
    with session.register(keys=False) as register:
        present = [member for member in register.members.members if member.present]
    return ask.pick(
        "Which member?",
        [(each.handle, f"{each.handle}: {', '.join(each.roles)}") for each in present],
    )


def _disposal(session: Session) -> str:
    from cpvol import disposal

    with session.register(keys=False) as register:
        waiting = [
            each
            for each in disposal.everything(register)
            if each.certificate is None and each.withdrawn is None
        ]
    if not waiting:
        session.tell("Nothing is proposed for disposal.")
        raise KeyboardInterrupt
    return ask.pick(
        "Which proposal?",
        [(each.id, f"{each.id}: {_stands(each)}") for each in waiting],
    )


def _stands(each: Disposal) -> str:
    stage = "approved" if each.approved() else "not approved yet"
    count = len(each.proposal.entries)
    return (
        f"{count} {'entry' if count == 1 else 'entries'}, proposed by {each.proposal.by}, {stage}"
    )


def _file(session: Session) -> str:
    session.tell("Write its place, or drag the file into this window.")

    def there(text: str) -> None:
        if not Path(dropped(text)).expanduser().is_file():
            raise BadInput("there is no such file", "look for a typing mistake, or drag it here")

    return dropped(ask.typed("Which file?", check=there)) or _nothing()


_WAYS: dict[str, Callable[[Session], str]] = {
    "person": _person,
    "log": log,
    "member": _member,
    "disposal": _disposal,
    "file": _file,
}
