"""Disposal, in steps that people take: ``retention.propose``, ``.approve``, ``.withdraw``, ``.dispose``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, get_args

from cpvol.ledger.disposals import Disposal, Reason
from cpvol.logs.shown import name_of
from cpvol.tasks.build import FOUND_SOMETHING, JSON, ON, YES, CpvolTask, Param, make_task
from cpvol.tasks.certificates import REASONS, day_of, plain, stage
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.disposal import Erasure, Review
    from cpvol.register import Register


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
    from cpvol.sync import has_place

    day = _day_of_act(session, on)
    ids = _listed(entries)
    chosen = _reason(reason)
    named = chosen != "expired"
    if named and not ids and not session.terminal:
        raise BadInput("not given: --entries", "name the entries to be destroyed before their time")
    with session.register() as register:
        full = [register.find(id)[1] for id in ids]
        if named and not ids:
            full = _asked_for(session, register)
        seen = disposal.review(register, day)
        if session.terminal and not yes and (full or seen.free):
            _show_candidates(session, register, full or list(seen.free), seen)
            _agree("Propose these for disposal?")
        made = disposal.propose(
            register, ids=full, reason=chosen, on=day, now=session.now(), seen=seen
        )
        _report(session, made, json=json)
        if made.proposal.members_needed == 2:
            first = "Run `sync`. " if has_place(register) else ""
            session.tell(
                f"{first}Another coordinator approves it with `retention.approve {made.id}`."
            )
        else:
            session.tell(
                f"You are the only coordinator: approve it with `retention.approve {made.id}`."
            )


def _asked_for(session: Session, register: Register) -> list[str]:
    """The entries that are to be destroyed before their time, found by whom they are about."""
    from cpvol.logs.book import Records
    from cpvol.tasks.ask import several
    from cpvol.tasks.values import Reader

    reader = Reader(Records(register.records()), session.today())
    return several(reader, "Which entries shall be destroyed?", needed=True)


def approve(
    session: Session, *, id: str, without: str | None, on: str | None, yes: bool, json: bool
) -> None:
    """The body of ``retention.approve``."""
    from cpvol import disposal

    day = _day_of_act(session, on)
    with session.register() as register:
        found = disposal.one(register, id)
        off = [_in_proposal(found, each) for each in _listed(without)]
        disposal.may_approve(register, found)
        seen = disposal.review(register, day)
        if session.terminal and not yes:
            session.tell(
                f"Proposed on {day_of(found.proposal.on)} by {found.proposal.by}:"
                f" {REASONS[found.proposal.reason]}."
            )
            left = [item.id for item in found.proposal.entries if item.id not in off]
            _show_candidates(session, register, left, seen)
            off += _taken_off(left, seen)
            _agree(f"Approve the destruction of {_count(len(found.proposal.entries) - len(off))}?")
        done = disposal.approve(register, found, without=off, on=day, now=session.now(), seen=seen)
        _report(session, done, json=json)
        session.tell(f"Carry it out with `retention.dispose {done.id}`.")


def withdraw(session: Session, *, id: str, on: str | None, json: bool) -> None:
    """The body of ``retention.withdraw``."""
    from cpvol import disposal

    day = _day_of_act(session, on)
    with session.register() as register:
        found = disposal.one(register, id)
        done = disposal.withdraw(register, found, on=day, now=session.now())
        _report(session, done, json=json)


def dispose(
    session: Session, *, id: str, dry_run: bool, on: str | None, yes: bool, json: bool
) -> int:
    """The body of ``retention.dispose``."""
    from cpvol import disposal

    day = session.day(on) if dry_run else _day_of_act(session, on)
    with session.register() as register:
        found = disposal.one(register, id)
        if found.certificate is not None and not dry_run:
            session.tell("This was destroyed before; this copy is looked at once more.")
            return _say_erased(session, found, disposal.clean(register), json=json)
        seen = disposal.review(register, day)
        items = disposal.decide(register, found, day, seen).items
        if dry_run and json:
            session.json({"id": found.id, "would_remove": [item.place for item in items]})
        elif dry_run or (session.terminal and not yes):
            _show_candidates(session, register, [item.id for item in items], seen)
        if dry_run:
            session.tell("Nothing was destroyed: this was a dry run.")
            return 0
        if session.terminal and not yes:
            _agree("Destroy these now? Nobody can bring them back.", default=False)
        done, erasure = disposal.dispose(register, found.id, on=day, now=session.now(), seen=seen)
        status = _say_erased(session, done, erasure, json=json)
        _say_what_is_left(session, register, json=json)
        return status


def _say_erased(session: Session, done: Disposal, erasure: Erasure, *, json: bool) -> int:
    """Say what was destroyed, and whether this copy is clean; when it is not, that is a finding."""
    places = done.certificate.entries if done.certificate else ()
    if json:
        session.json(
            {
                "id": done.id,
                "removed": list(places),
                "erased": erasure.done,
                "objects": erasure.objects,
                "left": erasure.left,
            }
        )
        return 0 if erasure.done else FOUND_SOMETHING
    for removed in erasure.removed:
        session.tell(f"In the way, and removed: {removed}.")
    if erasure.done:
        session.out(
            f"Done: {_count(len(places))} destroyed, disposal {done.id}.\n"
            f"All {erasure.objects:,} stored pieces of this copy were looked at; none holds an old key."
        )
        return 0
    session.out(f"{_count(len(places))} taken out, but old keys are still in this copy:")
    for left in erasure.left:
        session.out(f"  - {left}")
    session.out(f"Then finish with `retention.dispose {done.id}`.")
    return FOUND_SOMETHING


def _say_what_is_left(session: Session, register: Register, *, json: bool) -> None:
    """Say what makes the destruction complete, and hand out what somebody outside keeps."""
    from cpvol.tasks.sync import hand_out

    session.tell("Old copies of the keys may lie elsewhere. So that none of them opens anything:")
    session.tell("  - everybody else runs `sync`, which cleans their copies")
    session.tell("  - everybody who reads, you too, then runs `key.rotate`")
    session.tell("  - an admin makes a new recovery page with `key.recovery`")
    session.tell("  - make a new backup, and destroy the older ones")
    if not json:
        hand_out(session, register)


def _day_of_act(session: Session, on: str | None) -> date:
    """The day of a step that is really taken: today, or an earlier one that is caught up on.

    :raises BadInput: for a day that has not come yet, on which more may be destroyed than today.
    """
    day = session.day(on)
    if day > session.today():
        raise BadInput(
            "--on: that day has not come yet",
            "leave --on out; `retention.due --on` and `--dry-run` look ahead",
        )
    return day


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _reason(text: str | None) -> Reason:
    if text is None:
        return "expired"
    for reason in get_args(Reason):
        if text.strip().casefold().replace(" ", "-") == reason:
            found: Reason = reason
            return found
    raise BadInput("--reason: that is none of the choices", f"choose from {', '.join(REASONS)}")


def _in_proposal(found: Disposal, text: str) -> str:
    ids = [i.id for i in found.proposal.entries if i.id.startswith(text.lower())]
    if len(ids) != 1:
        raise BadInput(
            "--without: that is no single entry of this proposal",
            f"see `retention.certificates --id {found.id}`",
        )
    return ids[0]


def _taken_off(ids: Sequence[str], seen: Review) -> list[str]:
    """The entries that an approver wants to keep for now, asked for when there are several."""
    from cpvol.tasks.ask import confirm, pick_many

    if len(ids) < 2 or not confirm("Take any of these off the list?", default=False):
        return []
    words = {}
    for id in ids:
        record = seen.book.get(id)
        words[id] = f"{record.log} {id}  {name_of(record, seen.book)}" if record else id
    return pick_many("Which of them stay?", words, [])


def _agree(question: str, *, default: bool | None = None) -> None:
    from cpvol.tasks.ask import confirm

    if not confirm(question, default=default):
        raise KeyboardInterrupt


def _show_candidates(
    session: Session, register: Register, ids: Iterable[str], seen: Review
) -> None:
    """Show what is meant: who it is about, what started its clock, the rule; asked for, so names are shown."""
    from cpvol.retention import expiry
    from cpvol.tasks import show

    rows = []
    for id in ids:
        record = seen.book.get(id)
        if record is None:
            rows.append((id, "closed to you, or gone", "", "", ""))
            continue
        clock = expiry(record, seen.book, register.policy)
        rows.append(
            (
                f"{record.log} {record.id}",
                name_of(record, seen.book),
                f"{clock.trigger}: {clock.trigger_on:%d/%m/%Y}" if clock else "still open",
                f"{clock.expires_on:%d/%m/%Y}" if clock else "",
                f"{clock.rule}: {', '.join(clock.source)}" if clock else "",
            )
        )
    show.table(session, ("entry", "who", "since", "kept until", "rule and source"), rows)


def _report(session: Session, found: Disposal, *, json: bool) -> None:
    if json:
        session.json(plain(found))
    else:
        session.out(f"Disposal {found.id}, {_count(len(found.proposal.entries))}: {stage(found)}.")


def _count(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


_DISPOSAL = Param("id", "The disposal's number, or its beginning.", positional=True, of="disposal")

TASKS: tuple[CpvolTask, ...] = (
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
)
