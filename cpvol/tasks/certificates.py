"""``retention.certificates``: every disposal, one of them, and what can be said of what it destroyed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError
from cpvol.ledger.disposals import Disposal
from cpvol.tasks.build import JSON, CpvolTask, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.register import Register

REASONS = {
    "expired": "kept long enough",
    "entered-by-mistake": "entered by mistake",
    "duplicate": "entered twice",
    "order": "ordered by a court or authority",
}
#: The form of the file to write, by the end of its name.
_PAGE, _STORED = ".html", ".yaml"


def certificates(session: Session, *, id: str | None, to: str | None, json: bool) -> None:
    """The body of ``retention.certificates``."""
    from cpvol import disposal

    if to and not id:
        raise BadInput("not given: --id", "say which certificate goes into the file")
    with session.register(keys=False) as register:
        if id:
            found = disposal.one(register, id)
            if to:
                _write(session, register, found, to)
            else:
                _show(session, register, found, json=json)
            return
        listed = disposal.everything(register)
    if json:
        session.json([plain(each) for each in listed])
    elif not listed:
        session.out("Nothing has been proposed for disposal yet.")
    else:
        from cpvol.tasks import show

        show.table(
            session,
            ("number", "proposed", "by", "entries", "where it stands"),
            [
                (
                    each.id,
                    day_of(each.proposal.on),
                    each.proposal.by,
                    str(len(each.proposal.entries)),
                    stage(each),
                )
                for each in listed
            ],
        )


def _show(session: Session, register: Register, found: Disposal, *, json: bool) -> None:
    from cpvol import disposal

    standing = disposal.standing(register, found)
    said = disposal.verdict(standing)
    if json:
        session.json(
            plain(found)
            | {
                "holders": [{"handle": h.handle, "state": h.state, "on": h.on} for h in standing],
                "standing": said if found.certificate else None,
            }
        )
        return
    session.out(f"Disposal {found.id}: {stage(found)}")
    session.out(f"  reason: {REASONS[found.proposal.reason]}")
    session.out(f"  proposed on {day_of(found.proposal.on)} by {found.proposal.by}")
    for yes in found.approvals:
        kept = f"; {len(yes.without)} taken off the list" if yes.without else ""
        session.out(f"  approved on {day_of(yes.on)} by {yes.by}{kept}")
    needed = "two different members" if found.proposal.members_needed == 2 else "one member"
    if found.certificate is None:
        session.out(f"  it takes {needed}")
        for item in found.proposal.entries:
            session.out(f"  {item.place}  {item.rule}  {', '.join(item.source)}".rstrip())
        return
    session.out(f"  destroyed on {day_of(found.certificate.on)} by {found.certificate.by}")
    session.out(f"  it took {needed}")
    for place in found.certificate.entries:
        session.out(f"  {place}")
    session.out("Who could read these entries, and what became of their keys:")
    for holder in standing:
        session.out(f"  {holder.words}")
    session.out(f"What can be said: {said}.")


def _write(session: Session, register: Register, found: Disposal, to: str) -> None:
    """Write a certificate as a page, or as it stands in the records."""
    from cpvol.tasks.papers import new_file, write_new

    if found.certificate is None:
        raise BadInput("there is no certificate yet", "it is made when the entries are destroyed")

    def write(path: Path) -> None:
        stored = path.suffix.lower() == _STORED
        write_new(path, found.encode() if stored else _page(session, register, found))

    suggested = f"certificate-{found.id}{_PAGE}"
    place = new_file(session, to, (_PAGE, _STORED), suggested=suggested, option="--to")
    session.out(f"The certificate is in {place.write(write)}.")


def _page(session: Session, register: Register, found: Disposal) -> bytes:
    from cpvol import disposal
    from cpvol.logs import BY_NAME
    from cpvol.reports import certificate

    holders = disposal.standing(register, found)
    approval, done = found.approved(), found.certificate
    steps = [("Proposed", found.proposal), ("Approved", approval), ("Destroyed", done)]
    return certificate.page(
        certificate.Certificate(
            number=found.id,
            reason=REASONS[found.proposal.reason],
            members_needed=found.proposal.members_needed,
            taken_off=len(approval.without) if approval else 0,
            steps=[
                certificate.Step(what, date.fromisoformat(step.on), step.by)
                for what, step in steps
                if step is not None
            ],
            entries=[
                certificate.Entry(BY_NAME[item.log].title, item.id, item.rule, item.source)
                for item in found.approved_entries()
            ],
            path=found.path,
            change=disposal.executed_by(register, found),
            holders=[holder.words for holder in holders],
            verdict=disposal.verdict(holders),
        ),
        register.organisation.name,
        register.anchor(),
        session.today(),
    )


def plain(found: Disposal) -> dict[str, Any]:
    """A disposal as JSON has it."""
    return found.model_dump(mode="json", exclude_none=True) | {"stage": stage(found)}


def stage(found: Disposal) -> str:
    """How far a disposal has come."""
    if found.certificate:
        return f"destroyed on {day_of(found.certificate.on)}"
    if found.withdrawn:
        return f"withdrawn on {day_of(found.withdrawn.on)}"
    return "approved" if found.approved() else "proposed"


def day_of(iso: str) -> str:
    """A day as people write it."""
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def disposed(session: Session, prefix: str, *, json: bool) -> bool:
    """Say of a number that its entry was destroyed, when it was.

    :returns: whether there was anything to say.
    """
    from cpvol import disposal

    try:
        with session.register(keys=False) as register:
            found = disposal.of_record(register, prefix)
    except CpvolError:
        return False
    if found is None or found[0].certificate is None:
        return False
    done, place = found
    if json:
        log, _, id = place.partition("/")
        session.json(
            {"id": id, "log": log, "disposed_on": found[0].certificate.on, "disposal": done.id}
        )
    else:
        session.out(
            f"Entry {place} was disposed of on {day_of(found[0].certificate.on)} under {done.id}:"
            f" {REASONS[done.proposal.reason]}.\nSee `retention.certificates --id {done.id}`."
        )
    return True


_NO_NAME = 6


def told_of(register: Register, number: str) -> str:
    """That the entry with that number, or whose number begins so, was destroyed; ``""`` when none was.

    :param number: may be the beginning of a name instead, which a few letters could be of both.
    """
    from cpvol import disposal

    found = disposal.of_record(register, number) if len(number) >= _NO_NAME else None
    if found is None or found[0].certificate is None:
        return ""
    on = day_of(found[0].certificate.on)
    return f"entry {found[1]} was destroyed on {on}, under {found[0].id}"


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "certificates",
        "Every disposal, or one with what can be said of it.",
        [
            Param("id", "One disposal, by its number."),
            Param("to", "Write its certificate: FILE.html to print, FILE.yaml as it is stored."),
            JSON,
        ],
        certificates,
    ),
)
