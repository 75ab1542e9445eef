"""``person.export``: everything that is held about one person, for their own request to see it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.logs import LOGS
from cpvol.logs.book import Records
from cpvol.tasks.build import ON, CpvolTask, Param, make_task
from cpvol.tasks.papers import Place, new_file, warn_open, write_new
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader

if TYPE_CHECKING:
    from cpvol.logs.person import Person
    from cpvol.register import Register
    from cpvol.reports.subject import Held, Note

_KINDS = (".html", ".json")


def export(session: Session, *, id: str, file: list[str], closed: bool, on: str | None) -> None:
    """The body of ``person.export``."""
    from cpvol.reports import subject

    day = session.day(on)
    with session.register() as register:
        book = Records(register.records())
        person = Reader(book, session.today()).person(id)
        changed = [
            (each.log, each.id)
            for each in book
            if each.amendments and subject.concerns(each, person.id)
        ]
        found = subject.held(
            *(
                person,
                book,
                register.earlier(*changed),
                register.policy,
                register.organisation.name,
            ),
            closed=closed,
        )
        member = _member(register, person)
        unread = len(set(register.closed_to_me))
        shut = _shut(register)
        name = register.organisation.name

    def write(path: Path) -> None:
        if path.suffix.lower() == ".json":
            data = subject.plain(found, person, name, member, day)
            made = json.dumps(data, ensure_ascii=False, indent=2, default=str).encode()
        else:
            made = subject.page(found, person, name, member, day)
        write_new(path, made)

    for place in _files(session, file):
        path = place.write(write)
        session.out(f"Made {path}.")
    _say(session, found, unread, shut)
    warn_open(session, path, "once it was given to the person")


def _files(session: Session, given: Sequence[str]) -> list[Place]:
    """The files to write; all of them are looked at before any is written."""
    wanted: Sequence[str | None] = given or [None]
    found = [
        new_file(session, each, _KINDS, suggested="person.html", option="--file") for each in wanted
    ]
    if len({each.path for each in found}) < len(found):
        raise BadInput("--file: the same file is named twice", "name each only once")
    return found


def _member(register: Register, person: Person) -> str:
    """What the list of members says of the person, in words."""
    listed = register.members.get(person.handle) if person.handle else None
    if listed is None:
        return ""
    state = "is a member of" if listed.present else "was a member of"
    reads = "every log" if listed.reads == ("all",) else ", ".join(listed.reads) or "no log"
    return (
        f"The list of members, which everybody with a copy of these records can see, says that {listed.handle} {state}"
        f" these records as {' and '.join(listed.roles)}, may read {reads}, and which public keys go with it."
    )


def _shut(register: Register) -> list[str]:
    """The logs that have entries and that this member does not read."""
    return [
        log.title for log in LOGS if not register.me.may_read(log.name) and register.ids(log.name)
    ]


def _say(session: Session, found: Held, unread: int, shut: Sequence[str]) -> None:
    """What whoever answers has to think about. Numbers and labels alone, so that no name is shown."""
    entries = sum(len(part.entries) for part in found.parts)
    session.out(f"It holds {entries} entries of {len(found.parts)} logs.")
    left = [note for note in found.notes if note.left_out]
    again = [note for note in found.notes if not note.left_out]
    if left:
        session.tell("Not in the copy, and for you to decide:")
        for line in _grouped(left):
            session.tell(f"  - {line}")
    if again:
        session.tell("To be read again before you give it away:")
        for line in _grouped(again):
            session.tell(f"  - {line}")
    if unread:
        session.tell(
            f"note: {unread} entries are closed to you; ask a member who reads them whether they are about this person"
        )
    if shut:
        session.tell(
            f"note: you do not read {', '.join(shut)}; ask a member who does for what is held there"
        )
    session.tell(
        "Hold something back only as far as a rule lets you, and write down which rule and why."
    )


def _grouped(notes: Sequence[Note]) -> Iterator[str]:
    """Notes that say the same, in one line: where, then why."""
    places: dict[str, list[str]] = {}
    for note in notes:
        where = f"{note.log} {note.id}" + (f" ({note.field})" if note.field else "")
        places.setdefault(note.why, []).append(where)
    for why, named in places.items():
        yield f"{', '.join(named)}: {why}"


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "export",
        "Everything held about one person, for their own request to see it.",
        [
            Param("id", "The person: name, handle or number.", positional=True, of="person"),
            Param(
                "file",
                "The file to write, FILE.html to read or FILE.json; may be given twice.",
                many=True,
            ),
            Param("closed", "Closed entries and open cases too.", flag=True),
            ON,
        ],
        export,
    ),
)
