"""``breach.seal`` and ``breach.unseal``: a breach reported in confidence, from cards alone, and entered by a reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.breach import BREACH, Report
from cpvol.logs.fields import field_named
from cpvol.tasks import entries
from cpvol.tasks.build import JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.papers import new_file
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader, build

if TYPE_CHECKING:
    from cpvol.confide import Sealed
    from cpvol.membership import Card
    from cpvol.register import Register


def seal(
    session: Session,
    *,
    file: str,
    card: list[str],
    reviewed: bool,
    yes: bool,
    **given: str | None,
) -> None:
    """The body of ``breach.seal``; opens no records and no keys."""
    from cpvol import confide
    from cpvol.ledger.layout import new_id

    place = new_file(
        session, file, suggested="report.age", question="Where shall the sealed report be put?"
    )
    cards = _cards(session, card)
    _compare(session, cards, yes=yes)
    today = session.today()
    reader = Reader(Records([]), today)
    values = entries.answers_to(session, Report, given, reader)

    def made() -> Report:
        report = build(Report, values)
        entries.object_to(session, Report, values, reviewed=reviewed)
        return report

    report = entries.settled(session, reader, Report, values, made, lambda _: [], yes=yes)
    sealed = confide.seal(report, [each.keys.age for each in cards], id=new_id(), on=today)
    path = place.put(sealed)
    whom = ", ".join(each.handle for each in cards)
    session.out(f"The report is sealed in {path}; only {whom} can open it.")
    session.tell("You cannot open it any more, and nothing of it is kept on this computer.")
    session.tell(
        "Who you are stands nowhere in it, unless you wrote it. How you send it may tell: give it to"
        " one of them by hand, or leave it where they find it."
    )
    session.tell("They enter it with: breach.unseal FILE")


def _cards(session: Session, given: list[str]) -> list[Card]:
    from cpvol.membership import read_card

    cards = [read_card(text) for text in given]
    if not cards and session.terminal:
        from cpvol.tasks.ask import typed

        session.tell(
            "\nWho shall read it? Those who may have given out their cards, a line each that begins"
            " with cpvol-card-1."
        )
        while text := typed(
            "Another card? Enter alone when there is none" if cards else "The card of one of them",
            check=read_card,
            understood=lambda text: read_card(text).handle,
            needed=not cards,
        ):
            cards.append(read_card(text))
    if not cards:
        raise BadInput(
            "not given: --card",
            "give the card of each person who shall read it; `member.card` prints one",
        )
    return list({each.keys.age: each for each in cards}.values())


def _compare(session: Session, cards: list[Card], *, yes: bool) -> None:
    from cpvol.tasks.keys import words
    from cpvol.tasks.members import agreed

    session.tell("Whoever could slip you another card would read your report. The words of each:")
    for each in cards:
        session.tell(f"  {each.handle}: {words(each.keys)}")
    if session.terminal:
        agreed(session, "Do you trust that these cards are theirs?", yes=yes)


def unseal(
    session: Session,
    *,
    file: str,
    persons: str | None,
    readers: str | None,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``breach.unseal``."""
    from cpvol import confide
    from cpvol.files import read_start

    path = Path(file).expanduser()
    try:
        data = read_start(path, confide.MAX_BYTES + 1)
    except OSError:
        raise BadInput("that file cannot be read", "name the file that you were given") from None
    with session.register() as register:
        found = confide.open_(data, register.signer())
        _refuse_again(register, found)
        reader = Reader(Records(register.records()), session.today())
        record = _record(session, reader, found, persons)
        record = entries.closed(
            session,
            register,
            BREACH,
            record,
            reader,
            readers or ",".join(_meant(register, record, found)),
        )
        if not entries.agreed_to(session, record, reader, [], yes=yes):
            raise KeyboardInterrupt
        receipt = register.enter([record], "add", entered=session.now())
        entries.note_private(session, record)
    entries.report(session, receipt, f"Entered. Breach log, number {record.id}.", json=json)
    entries.tell_steps(session, BREACH.next(record, reader.book))
    session.tell(f"The file {path} is not needed any more: delete it.")


def _refuse_again(register: Register, found: Sealed) -> None:
    from cpvol import disposal

    if (BREACH.name, found.id) in register.ids(BREACH.name):
        raise CpvolError(
            f"this report was entered already, as number {found.id}",
            f"look at it with `show {found.id}`; if it is closed to you, ask another reader",
        )
    done = disposal.of_record(register, found.id)
    if done is not None and done[0].certificate is not None:
        raise CpvolError(
            "this report was entered before, and its entry has been destroyed since",
            "delete the file; the certificate stays in the records",
        )


def _record(session: Session, reader: Reader, found: Sealed, persons: str | None) -> Record:
    """The entry that is made of a report; who is concerned is known only to whoever reads it here."""
    from cpvol.tasks import show

    spec = field_named(BREACH.model, "persons")
    listed: list[str] = []
    if spec and persons is not None:
        listed = reader.several(spec, persons)
    elif spec and session.terminal:
        from cpvol.tasks.ask import ask_field

        session.tell(f"\nSealed on {found.on:%d/%m/%Y}, for you to enter:\n")
        session.tell(show.form(session, found.report, reader.book), whole=True)
        listed = ask_field(BREACH.model, spec, reader) or []
    return build(
        BREACH.model,
        {
            "id": found.id,
            "log": BREACH.name,
            "schema": BREACH.schema,
            **found.report.values(),
            "persons": listed,
        },
    )


def _meant(register: Register, record: Record, found: Sealed) -> list[str]:
    """The members whom the report was sealed to, less those whom it is about."""
    closing = (
        BREACH.closing(record, Records(register.records("person"))) if BREACH.closing else None
    )
    against = closing.against if closing else frozenset()
    return [
        member.handle
        for member in register.members.members
        if member.may_read(BREACH.name)
        and member.handle not in against
        and {member.keys.age, *(keys.age for keys in member.former)} & set(found.to)
    ] or [register.me.handle]


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "seal",
        "Report a breach in confidence: a file that only the readers you name can open.",
        [
            Param("file", "The file for the sealed report.", positional=True, of="itself"),
            Param("card", "The card of somebody who shall read it; once for each.", many=True),
            *entries.params_of(Report)[:-1],
        ],
        seal,
    ),
    make_task(
        "unseal",
        "Read a report that was sealed to you, and enter it as a closed entry.",
        [
            Param("file", "The file that you were given.", positional=True, of="file"),
            Param("persons", "Whom of the user register it concerns: names, with commas."),
            Param("readers", "The handles of the only members who may read it, with commas."),
            YES,
            JSON,
        ],
        unseal,
    ),
)
