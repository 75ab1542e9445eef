"""``handover``: enter on somebody's behalf what they had entered and may no longer send."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.ledger.members import RECOVERY
from cpvol.logs import BY_NAME
from cpvol.logs.book import Records
from cpvol.tasks.build import FOUND_SOMETHING, JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.entries import note_private
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpvol.register import Register
    from cpvol.sync.handover import HandedOver, Part, Taken


class Again(CpvolError):
    """Nothing in the file is new."""

    def __init__(self) -> None:
        super().__init__(
            "everything in that file was entered already, or has been destroyed since",
            "delete the file; nothing was changed",
        )


def handover(session: Session, *, file: str, page: bool, yes: bool, json: bool) -> int:
    """The body of ``handover``."""
    from cpvol import disposal
    from cpvol.files import read_start
    from cpvol.register import check_page
    from cpvol.sync import handover
    from cpvol.sync.handover import SETTLED
    from cpvol.tasks.sync import settled

    path = Path(file).expanduser()
    try:
        data = read_start(path, handover.MAX_BYTES + 1)
    except OSError:
        raise BadInput("that file cannot be read", "name the file that you were given") from None
    with session.register() as register:
        if page:
            held = session.recovery_page()
            check_page(register, held)
            register.page = held
        handed = handover.read(register, data)

        def destroyed(id: str) -> bool:
            found = disposal.of_record(register, id)
            return found is not None and found[0].certificate is not None

        hindered = [handover.hindrance(register, each, destroyed) for each in handed.pieces]
        if hindered and not handed.others and all(why in SETTLED for why in hindered):
            raise Again
        _say_whose(session, register, handed)
        if session.terminal and not yes and handed.pieces:
            from cpvol.tasks.ask import confirm

            _show(session, register, handed)
            if not confirm("Enter these on their behalf, with your signature?", default=False):
                raise KeyboardInterrupt
        for piece in handed.pieces:
            note_private(session, piece.record, piece.before)
        taken = handover.enter(
            register,
            handed,
            destroyed,
            settle=lambda conflict: settled(session, conflict),
            now=session.now(),
        )
    return _report(session, taken, handed.others, json=json)


def _say_whose(session: Session, register: Register, handed: HandedOver) -> None:
    member = register.members.get(handed.by)
    left = "" if member is None or member.present else ", who is no member any more"
    session.tell(f"Handed over on {handed.on:%d/%m/%Y} by {handed.by}{left}, and signed by them.")
    if left:
        session.tell("If their keys were lost or stolen, ask them by telephone before you go on.")


def _show(session: Session, register: Register, handed: HandedOver) -> None:
    """Show what is to be entered, to whoever is asked about it."""
    from cpvol.tasks import layout

    book = Records([*register.records("person"), *(piece.record for piece in handed.pieces)])
    rows = [
        (
            f"{datetime.fromtimestamp(piece.entered, UTC):%d/%m/%Y %H:%M}",
            piece.author,
            piece.action,
            f"{piece.record.log} {piece.record.id}",
            BY_NAME[piece.record.log].line(piece.record, book),
        )
        for piece in handed.pieces
    ]
    headings = ("when", "by", "what", "entry", "")
    lines = layout.table(headings, rows, session.width(), plain=session.plain)
    session.tell("\n".join(lines), whole=True)


def _report(session: Session, taken: Sequence[Taken], others: Sequence[Part], *, json: bool) -> int:
    from cpvol.sync.handover import SETTLED

    entered = [each.piece.record for each in taken if not each.why]
    left = [each for each in taken if each.why]
    if json:
        session.json(
            {
                "entered": [{"log": r.log, "id": r.id} for r in entered],
                "left": [
                    {"log": e.piece.record.log, "id": e.piece.record.id, "why": e.why} for e in left
                ],
                "for_others": [
                    {"log": p.log, "ids": list(p.entries), "readers": list(p.readers)}
                    for p in others
                ],
            }
        )
    else:
        session.out(f"{len(entered)} entered on their behalf.")
        for each in left:
            record = each.piece.record
            session.out(f"- not entered: {record.log} {record.id}: {each.why}")
        for part in others:
            session.out(
                f"- not for your keys: {part.log} {', '.join(part.entries)}: {_remedy(part)}"
            )
    done = not others and all(each.why in SETTLED for each in left)
    if done:
        session.tell("The file is not needed any more: delete it.")
    elif left or others:
        session.tell("Keep the file until somebody has entered the rest.")
    return 0 if done else FOUND_SOMETHING


def _remedy(part: Part) -> str:
    """What can be done about a part that is sealed to others."""
    handles = [each for each in part.readers if each != RECOVERY]
    if handles:
        return f"give the file to {' or '.join(handles)}"
    return "only the recovery page opens it; with the page at hand: handover FILE --page"


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "handover",
        "Enter on somebody's behalf what they may no longer send.",
        [
            Param("file", "The file that they gave you.", positional=True, of="file"),
            Param("page", "The recovery page is at hand: open what no member can.", flag=True),
            YES,
            JSON,
        ],
        handover,
    ),
)
