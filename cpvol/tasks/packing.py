"""``audit.pack``: pages for an auditor who can install nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.tasks.build import YES, CpvolTask, Param, make_task
from cpvol.tasks.grants import CARD, LOGS, SINCE, UNTIL, names_of_logs, period
from cpvol.tasks.papers import Place, new_file
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.audit.contents import Opened
    from cpvol.granting import Recipient
    from cpvol.reports.audit_pack import Extract


def pack(
    session: Session,
    *,
    file: str,
    logs: str | None,
    since: str | None,
    until: str | None,
    card: str | None,
    plain: bool,
    checkpoint: Sequence[str],
    yes: bool,
) -> None:
    """The body of ``audit.pack``."""
    from cpvol.audit.examine import Keys
    from cpvol.opening import Opener, seal_to
    from cpvol.reports.audit_pack import pack
    from cpvol.reports.audit_report import audit_report
    from cpvol.tasks.audit import Asked, look, make_checkpoint, outside_of

    place = _place(session, file, plain=plain, sealed=card is not None)
    named = names_of_logs(logs)
    first, last = period(since, until)
    if (first or last) and not named:
        raise BadInput(
            "not given: --logs", "say of which logs the entries of that period are meant"
        )
    to = _recipient(card)
    with session.register() as register:
        if unread := [log for log in named if not register.me.may_read(log)]:
            raise BadInput(f"--logs: you do not read the log {unread[0]}", "ask a member who does")
        outside = outside_of(register.anchor(), checkpoint, None, None)
        examined, said = look(
            session,
            Asked(
                str(session.folder),
                outside,
                Keys(Opener(session.identity)),
                last or session.today(),
            ),
        )
        if not examined.holds or examined.opened is None:
            raise CpvolError(
                "these records do not pass their own audit, so nothing was packed",
                "run `audit` to see why",
            )
        extract = _extract(examined.opened, named, first, last or session.today())
        _confirm(session, extract, to, yes=yes)
        text, signature = make_checkpoint(session, register)
        name = register.organisation.name
        made = pack(
            name,
            session.today(),
            audit_report(examined, name, session.today(), said),
            extract,
            examined.chronicle.done(),
            (text, signature.encode("ascii")),
        )
        path = place.put(seal_to(made, to.age) if to is not None else made)
        session.know(register.founding, checkpoint=session.today().isoformat())
    entries = len(extract.records)
    session.out(f"The pages are in {path}: the report, and {entries} entries that were asked for.")
    if to is not None:
        session.tell(
            f"They open it with age and their own key: age -d -i THEIR-KEY {path.name} > pages.zip"
        )


def _place(session: Session, file: str, *, plain: bool, sealed: bool) -> Place:
    if plain == sealed:
        raise BadInput(
            "not given: --card, or else --plain",
            "seal it to the auditor's card, or say --plain when anybody may read it on the way",
        )
    wanted = ".zip.age" if sealed else ".zip"
    return new_file(session, file, (wanted,), suggested=f"pages-for-the-audit{wanted}")


def _recipient(card: str | None) -> Recipient | None:
    from cpvol import granting

    return granting.recipient(card) if card else None


def _extract(opened: Opened, logs: Sequence[str], first: date | None, last: date) -> Extract:
    """The entries of some logs that came in or were changed in a period, as they stood at its end."""
    from datetime import UTC, datetime, time

    from cpvol.reports.audit_pack import Extract

    start = int(datetime.combine(first or date(1970, 1, 1), time.min, tzinfo=UTC).timestamp())
    end = int(datetime.combine(last, time.max, tzinfo=UTC).timestamp())
    records, closed = [], 0
    for name, versions in opened.records.items():
        inside = [(at, record) for at, record in versions if at <= end]
        if name.partition("/")[0] not in logs or not inside or inside[-1][0] < start:
            continue
        if inside[-1][1].readers or versions[-1][1].readers:
            closed += 1
        else:
            records.append(inside[-1][1])
    words = f"as they stood at the end of {last:%d/%m/%Y}"
    if first is not None:
        words = f"what came in or was changed from {first:%d/%m/%Y} to {last:%d/%m/%Y}, {words}"
    return Extract(tuple(logs), words, records, closed)


def _confirm(session: Session, extract: Extract, to: Recipient | None, *, yes: bool) -> None:
    """Say what is in it, and to whom it opens, before it is made."""
    counts = {log: sum(r.log == log for r in extract.records) for log in extract.logs}
    if counts:
        listed = ", ".join(f"{log} ({count})" for log, count in counts.items())
        session.tell(f"In it, as people could read it: {listed}; {extract.period}.")
    else:
        session.tell("In it: the report, the certificates and a checkpoint; no entries, no names.")
    if to is not None:
        from cpvol.vault.words import fingerprint_words

        session.tell(
            f"It opens with one key alone. Its words:\n  {fingerprint_words(to.words_from)}"
        )
        question = "Did they read out exactly these words to you?"
    elif counts:
        session.tell("It is not encrypted: whoever gets hold of the file reads these entries.")
        question = "Make it all the same?"
    else:
        return
    if yes:
        return
    if not session.terminal:
        raise CpvolError(
            "nobody confirmed that these entries may be given away",
            "look at what it says above, then run this in a terminal, or again with --yes",
        )
    from cpvol.tasks.ask import confirm

    if not confirm(question, default=False):
        raise KeyboardInterrupt


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "pack",
        "Pages for an auditor who can install nothing: report, entries, certificates, checkpoint.",
        [
            Param(
                "file",
                "The new file: .zip.age with --card, .zip with --plain.",
                positional=True,
                of="itself",
            ),
            LOGS,
            SINCE,
            UNTIL,
            CARD,
            Param("plain", "Do not encrypt it.", flag=True),
            Param("checkpoint", "The file of an earlier checkpoint, to be checked.", many=True),
            YES,
        ],
        pack,
    ),
)
