"""Disposal, in steps that people take: ``retention.propose``, ``.approve``, ``.withdraw``, ``.dispose``, ``.certificates``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.ledger.disposals import Disposal, Reason
from cpvol.tasks.build import JSON, ON, YES, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, name_of

if TYPE_CHECKING:
    from cpvol.disposal import Erasure
    from cpvol.register import Register

REASONS = {
    "expired": "kept long enough",
    "entered-by-mistake": "entered by mistake",
    "duplicate": "entered twice",
    "order": "ordered by a court or authority",
}


def propose(
    session: Session,
    *,
    entries: str | None,
    reason: str | None,
    on: str | None,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``retention.propose``."""
    from cpvol import disposal

    day = session.day(on)
    ids = [id.strip() for id in (entries or "").split(",") if id.strip()]
    chosen = _reason(reason)
    if chosen != "expired" and not ids:
        raise BadInput("not given: --entries", "name the entries to be destroyed before their time")
    with session.register() as register:
        full = [register.find(id)[1] for id in ids]
        if session.terminal and not yes:
            _show_candidates(session, register, full, day)
            _agree("Propose these for disposal?")
        made = disposal.propose(register, ids=full, reason=chosen, on=day, now=session.now())
        _report(session, made, json=json)
        if made.proposal.members_needed == 2:
            session.tell(f"Another coordinator approves it with `retention.approve {made.id}`.")
        else:
            session.tell(
                f"You are the only coordinator: approve it with `retention.approve {made.id}`."
            )


def approve(
    session: Session, *, id: str, without: str | None, on: str | None, yes: bool, json: bool
) -> None:
    """The body of ``retention.approve``."""
    from cpvol import disposal

    day = session.day(on)
    with session.register() as register:
        found = disposal.one(register, id)
        if session.terminal and not yes:
            _show_candidates(session, register, [item.id for item in found.proposal.entries], day)
            _agree("Approve the destruction of these?")
        off = [_in_proposal(found, each) for each in (without or "").split(",") if each.strip()]
        done = disposal.approve(register, found, without=off, on=day, now=session.now())
        _report(session, done, json=json)
        session.tell(f"Carry it out with `retention.dispose {done.id}`.")


def withdraw(session: Session, *, id: str, on: str | None, json: bool) -> None:
    """The body of ``retention.withdraw``."""
    from cpvol import disposal

    with session.register() as register:
        found = disposal.one(register, id)
        done = disposal.withdraw(register, found, on=session.day(on), now=session.now())
        _report(session, done, json=json)


def dispose(
    session: Session, *, id: str, dry_run: bool, on: str | None, yes: bool, json: bool
) -> None:
    """The body of ``retention.dispose``."""
    from cpvol import disposal

    day = session.day(on)
    with session.register() as register:
        found = disposal.one(register, id)
        if found.certificate is not None:
            session.tell("This was destroyed before; this copy is looked at once more.")
            _say_erased(session, len(found.certificate.entries), disposal.clean(register))
            return
        decision = disposal.decide(register, found, day)
        ids = [item.id for item in decision.items]
        if dry_run:
            _show_candidates(session, register, ids, day)
            session.tell("Nothing was destroyed: this was a dry run.")
            return
        if session.terminal and not yes:
            _show_candidates(session, register, ids, day)
            _agree("Destroy these now? Nobody can bring them back.", default=False)
        done, erasure = disposal.dispose(register, found.id, on=day, now=session.now())
        if json:
            session.json(
                {
                    "id": done.id,
                    "removed": list(done.certificate.entries if done.certificate else ()),
                    "erased": erasure.done,
                    "objects": erasure.objects,
                    "left": erasure.left,
                }
            )
        else:
            _say_erased(session, len(ids), erasure)
        session.tell(
            "Other copies are cleaned when they next sync. Old backups still hold the old keys: make a new backup,"
            " and destroy the old ones."
        )


def certificates(session: Session, *, id: str | None, json: bool) -> None:
    """The body of ``retention.certificates``."""
    from cpvol import disposal

    with session.register(keys=False) as register:
        if id:
            _certificate(session, register, disposal.one(register, id), json=json)
            return
        found = disposal.everything(register)
        if json:
            session.json([_plain(each) for each in found])
        elif not found:
            session.out("Nothing has been proposed for disposal yet.")
        else:
            from cpvol.tasks import show

            show.table(
                session,
                ("number", "proposed", "by", "entries", "where it stands"),
                [
                    (
                        each.id,
                        _day(each.proposal.on),
                        each.proposal.by,
                        str(len(each.proposal.entries)),
                        _stage(each),
                    )
                    for each in found
                ],
            )


def _certificate(session: Session, register: Register, found: Disposal, *, json: bool) -> None:
    from cpvol import disposal

    holders = disposal.standing(register, found)
    verdict = (
        disposal.STRONGEST
        if found.certificate and disposal.strongest(holders)
        else "some credentials that could read these entries are still in use, or left with what they had"
    )
    if json:
        session.json(
            _plain(found)
            | {
                "holders": [{"handle": h.handle, "state": h.state, "on": h.on} for h in holders],
                "standing": verdict if found.certificate else None,
            }
        )
        return
    session.out(f"Disposal {found.id}: {_stage(found)}")
    session.out(f"  reason: {REASONS[found.proposal.reason]}")
    session.out(f"  proposed on {_day(found.proposal.on)} by {found.proposal.by}")
    for yes in found.approvals:
        session.out(f"  approved on {_day(yes.on)} by {yes.by}, less {len(yes.without)} taken off")
    if found.certificate is None:
        for item in found.proposal.entries:
            session.out(f"  {item.place}  {item.rule}  {', '.join(item.source)}")
        return
    session.out(f"  destroyed on {_day(found.certificate.on)} by {found.certificate.by}")
    for place in found.certificate.entries:
        session.out(f"  {place}")
    session.out("Who could read these entries, and what became of their keys:")
    for holder in holders:
        session.out(f"  {holder.words}")
    session.out(f"What can be said: {verdict}.")


def _reason(text: str | None) -> Reason:
    if text is None:
        return "expired"
    for reason in get_args(Reason):
        if text.strip().casefold().replace(" ", "-") == reason:
            found: Reason = reason
            return found
    raise BadInput("--reason: that is none of the choices", f"choose from {', '.join(REASONS)}")


def _in_proposal(found: Disposal, text: str) -> str:
    ids = [i.id for i in found.proposal.entries if i.id.startswith(text.strip().lower())]
    if len(ids) != 1:
        raise BadInput(
            "--without: that is no single entry of this proposal",
            f"see `retention.certificates --id {found.id}`",
        )
    return ids[0]


def _agree(question: str, *, default: bool = True) -> None:
    from cpvol.tasks.ask import confirm

    if not confirm(question, default=default):
        raise KeyboardInterrupt


def _show_candidates(session: Session, register: Register, ids: list[str], day: date) -> None:
    """Show what is meant: the rule, the trigger, and who it is about; asked for, so names are shown."""
    from cpvol import disposal
    from cpvol.retention import expiry
    from cpvol.tasks import show

    book, due = disposal.proposable(register, day)
    wanted = (
        [book.get(id) for id in ids]
        if ids
        else [book.get(each.id) for each in due if not each.held]
    )
    rows = []
    for record in wanted:
        if record is not None:
            clock = expiry(record, book, register.policy)
            rows.append(
                (
                    f"{record.log} {record.id}",
                    name_of(record, book),
                    f"{clock.trigger} {clock.trigger_on:%d/%m/%Y}" if clock else "still open",
                    f"{clock.expires_on:%d/%m/%Y}" if clock else "",
                    ", ".join(clock.source) if clock else "",
                )
            )
    show.table(session, ("entry", "who", "since", "kept until", "source"), rows)


def _report(session: Session, found: Disposal, *, json: bool) -> None:
    if json:
        session.json(_plain(found))
    else:
        count = len(found.proposal.entries)
        session.out(
            f"Disposal {found.id}, {count} {'entry' if count == 1 else 'entries'}: {_stage(found)}."
        )


def _plain(found: Disposal) -> dict[str, Any]:
    return found.model_dump(mode="json", exclude_none=True) | {"stage": _stage(found)}


def _stage(found: Disposal) -> str:
    if found.certificate:
        return f"destroyed on {_day(found.certificate.on)}"
    if found.withdrawn:
        return f"withdrawn on {_day(found.withdrawn.on)}"
    return "approved" if found.approved() else "proposed"


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def _say_erased(session: Session, count: int, erasure: Erasure) -> None:
    entries = "1 entry" if count == 1 else f"{count} entries"
    for removed in erasure.removed:
        session.tell(f"In the way, and removed: {removed}.")
    if erasure.done:
        session.out(
            f"Done: {entries} destroyed. All {erasure.objects} stored objects of this copy were looked at, and none is an"
            " old file of keys."
        )
        return
    session.out(f"{entries} taken out, but old keys are still in this copy:")
    for left in erasure.left:
        session.out(f"  - {left}")


def disposed(session: Session, prefix: str) -> str | None:
    """What to say of a number whose entry was destroyed; ``None`` when none was."""
    from cpvol import disposal

    try:
        with session.register(keys=False) as register:
            found = disposal.of_record(register, prefix)
    except CpvolError:
        return None
    if found is None or found[0].certificate is None:
        return None
    on = _day(found[0].certificate.on)
    return f"Entry {found[1]} was destroyed on {on} under disposal {found[0].id}."


_DISPOSAL = Param("id", "The disposal's number, or its beginning.", positional=True)

TASKS: tuple[Task[Any], ...] = (
    make_task(
        "propose",
        "Propose entries for disposal; all that are due, when none are named.",
        [
            Param("entries", "The numbers of entries, with commas."),
            Param("reason", f"Why: {', '.join(REASONS)}."),
            ON,
            YES,
            JSON,
        ],
        propose,
    ),
    make_task(
        "approve",
        "Approve a proposal.",
        [_DISPOSAL, Param("without", "Entries to take off, with commas."), ON, YES, JSON],
        approve,
    ),
    make_task("withdraw", "Give a proposal up.", [_DISPOSAL, ON, JSON], withdraw),
    make_task(
        "dispose",
        "Destroy what was approved.",
        [
            _DISPOSAL,
            Param("dry_run", "Only show what would be destroyed.", flag=True),
            ON,
            YES,
            JSON,
        ],
        dispose,
    ),
    make_task(
        "certificates",
        "Every disposal, or one with what can be said of it.",
        [Param("id", "One disposal."), JSON],
        certificates,
    ),
)

__all__ = ["TASKS", "disposed"]
