"""``audit.grant`` and ``audit.grants``: the keys of one log or one period, for somebody outside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.tasks.build import JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.papers import Place, new_file
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from datetime import date

    from cpvol.granting import Planned, Recipient
    from cpvol.register import Register


def grant(
    session: Session,
    *,
    file: str,
    card: str | None,
    logs: str | None,
    since: str | None,
    until: str | None,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``audit.grant``."""
    from cpvol import granting

    if not card:
        raise BadInput(
            "not given: --card",
            "the line that they sent: a card, or the public key of theirs that begins with age1",
        )
    to = granting.recipient(card)
    named = names_of_logs(logs)
    first, last = period(since, until)
    place = new_file(session, file, suggested="keys-for-the-audit.age")
    with session.register() as register:
        _publish(session, register)
        planned = granting.plan(register, named, first, last)
        _show_plan(session, planned, to)
        _agree(session, yes=yes)
        made, sealed = granting.give(register, planned, to.age, now=session.now())
        path = _hand_over(place, sealed)
        if json:
            session.json(made.model_dump(mode="json", exclude_none=True))
        else:
            session.out(f"The keys are in {path}: {made.words()}. It is written down as {made.id}.")
        session.tell(
            "Send that file; it opens with their key alone. They use it in a copy of the records:"
        )
        session.tell(f"  cpvol audit --repository COPY --grant {path.name}")
        session.tell(
            f"  or, when age made their key: age -d -i THEIR-KEY {path.name} > keys, and --grant keys"
        )
        _send(session, register)


def _publish(session: Session, register: Register) -> None:
    """Keys are given of what the meeting place has: what was not sent yet may be sealed anew on the way."""
    from cpvol.sync import has_place
    from cpvol.tasks.sync import run

    if has_place(register):
        run(session, register)


def _send(session: Session, register: Register) -> None:
    from cpvol.sync import has_place
    from cpvol.tasks.sync import send

    if has_place(register):
        send(session, register)
    session.tell("Then run `checkpoint`, and send what it prints to whoever oversees you.")


def names_of_logs(text: str | None) -> list[str]:
    """Names of logs as they were typed, with commas."""
    from cpvol.logs import BY_NAME

    named = [part.strip().lower() for part in (text or "").split(",") if part.strip()]
    if unknown := [name for name in named if name not in BY_NAME]:
        raise BadInput(
            f"--logs: there is no log {unknown[0][:20]}", f"the logs are {', '.join(BY_NAME)}"
        )
    return named


def period(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """The days of a period as they were typed.

    :raises BadInput: when the last is before the first.
    """
    from cpvol.dates import parse_day

    first = parse_day(since) if since else None
    last = parse_day(until) if until else None
    if first is not None and last is not None and last < first:
        raise BadInput("--until: that day is before --since", "change one of them")
    return first, last


def _show_plan(session: Session, planned: Planned, to: Recipient) -> None:
    from cpvol.tasks import show
    from cpvol.vault.words import fingerprint_words

    session.tell(f"The words of their key:\n  {fingerprint_words(to.words_from)}")
    session.tell("These entries could be read with it, names and all, by whoever has that key:")
    rows = [(log, str(many), str(keys)) for log, (many, keys) in planned.by_log().items()]
    show.table(session, ("log", "entries", "versions of them"), rows)
    if planned.closed:
        session.tell(f"{len(planned.closed)} that are closed to some members stay closed.")
    session.tell(
        "What is given cannot be taken back. It opens copies of these entries even after they were"
        " destroyed here, and every certificate of their destruction will say so."
    )


def _agree(session: Session, *, yes: bool) -> None:
    if yes:
        return
    if not session.terminal:
        raise CpvolError(
            "nobody confirmed that these keys may be given away",
            "compare the words by telephone, then run this in a terminal, or again with --yes",
        )
    from cpvol.tasks.ask import confirm

    if not confirm(
        "Did they read out exactly these words, and give them these keys?", default=False
    ):
        raise KeyboardInterrupt


def _hand_over(place: Place, sealed: bytes) -> Path:
    try:
        return place.put(sealed, private=False)
    except (BadInput, KeyboardInterrupt, EOFError):
        raise CpvolError(
            "it is written down that keys were given, and their file cannot be written",
            "nobody has them; run this again with another file",
        ) from None


def show_grants(session: Session, *, json: bool) -> None:
    """The body of ``audit.grants``."""
    from datetime import date

    from cpvol import granting
    from cpvol.tasks import show

    with session.register(keys=False) as register:
        found = granting.everything(register)
    if json:
        session.json([each.model_dump(mode="json", exclude_none=True) for each in found])
    elif not found:
        session.out("No keys were given to anybody outside.")
    else:
        show.table(
            session,
            ("number", "when", "by", "to", "what", "keys"),
            [
                (
                    each.id,
                    f"{date.fromisoformat(each.on):%d/%m/%Y}",
                    each.by,
                    f"{each.to[:12]}…",
                    each.words(),
                    str(each.keys),
                )
                for each in found
            ],
        )


LOGS = Param("logs", "The logs, by name, with commas; one alone when no day is given.")
SINCE = Param("since", "Only what came in from this day on.")
UNTIL = Param("until", "Only what came in up to this day.")
CARD = Param("card", "Their card, or their public key that begins with age1.")

TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "grant",
        "Give somebody outside the keys of one log or one period; not to be undone.",
        [
            Param("file", "The new file to hand over.", positional=True, of="itself"),
            CARD,
            LOGS,
            SINCE,
            UNTIL,
            YES,
            JSON,
        ],
        grant,
    ),
    make_task("grants", "Which keys were given to somebody outside.", [JSON], show_grants),
)
