"""``demo``: a whole organisation to look at, made by the same code as everybody's own."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.files import remove_folder
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.tasks import overview, shell
from cpvol.tasks.build import ON, make_task
from cpvol.tasks.session import DEMO_IDENTITY, Session

if TYPE_CHECKING:
    from cpvol.demo.story import Event
    from cpvol.policy.organisation import Organisation

_HANDLE = "member-1"
#: What there is to see in the demonstration, as it is typed behind ``inv``.
LOOK_ROUND = ("due", "check", "retention.due", "list person", "show Robin", "person.status Robin")
_OURS = " The first makes this window look at the demonstration, instead of your own records."


def demo(session: Session, *, on: str | None) -> None:
    """The body of ``demo``."""
    folder = session.demo_folder
    if folder.exists() and not (folder / DEMO_IDENTITY).is_file():
        raise CpvolError(
            f"{folder} is there and is not a demonstration", "move it away, then try again"
        )
    today = session.day(on)
    session.tell("Making the demonstration …")
    beside = folder.with_name("demo.new")
    remove_folder(beside)
    beside.parent.mkdir(parents=True, exist_ok=True)
    made = make_demo(beside, today, session.counting("Entering"))
    remove_folder(folder)
    beside.replace(folder)
    ours = session.own_folder not in (None, folder)
    session.environ["CPVOL_RECORDS"] = str(folder)
    _say_what_was_made(session, made, today)
    _say_what_stands_out(session, today)
    _say_how_to_look_round(session, ours=ours)


@dataclass(frozen=True, slots=True)
class Made:
    """What the demonstration holds.

    :param people: how many people are in it.
    :param entries: how many entries there are.
    :param changes: how often one was entered, or something added to it, each time with a signature.
    """

    people: int
    entries: int
    changes: int


def _say_what_was_made(session: Session, made: Made, today: date) -> None:
    from cpvol.demo.story import ORGANISATION

    session.out(
        f"Made the demonstration, as on {today:%d/%m/%Y}: {ORGANISATION}, which never was."
        f" {made.people} people and {made.entries} entries over eight years. Somebody wrote something down"
        f" {made.changes} times: each entry when it was made, and whenever there was more to say, as when somebody left."
        f" An audit counts {made.changes + 1} changes, for it takes in the founding of the records."
    )


def _say_what_stands_out(session: Session, today: date) -> None:
    from cpvol import compliance, disposal

    with session.register() as register:
        book, policy = Records(register.records()), register.policy
        alone = overview.by_one(register)
        dates = compliance.due(book, policy, today, overview.AHEAD, register.organisation, alone)
        found = compliance.check(
            book, policy, today, organisation=register.organisation, by_one=alone
        )
        kept = disposal.review(register, today, 0).due
    late = sum(each.overdue(today) for each in dates)
    session.out(
        f"\nThings that fall due within {overview.AHEAD} days: {len(dates)}; overdue: {late}"
        f"\nPlaces where a rule is not met: {len(found)}"
        f"\nEntries kept long enough to be destroyed: {len(kept)}"
    )


def _say_how_to_look_round(session: Session, *, ours: bool) -> None:
    session.out("\nLook round. Each of these lines can be copied as it is:\n")
    before = shell.program(session)
    lines = [f"{before} {words}" for words in LOOK_ROUND] + [shell.program(session, menu=True)]
    if ours:
        lines.insert(0, shell.set_for_this_window("CPVOL_RECORDS", str(session.demo_folder)))
    session.out("\n".join(f"    {line}" for line in lines), whole=True)
    session.out("\nThe last one opens the menu." + (_OURS if ours else ""))


def organisation() -> Organisation:
    """The organisation of the demonstration, with every office that a letter may name."""
    from cpvol.demo.story import CONTACTS, ORGANISATION
    from cpvol.policy.organisation import Contact, Organisation

    return Organisation(
        name=ORGANISATION,
        access="both",
        logs=tuple(BY_NAME),
        shield_roles=("Safeguarding lead",),
        renewal_role="Secretary",
        contacts=tuple(Contact.model_validate(card) for card in CONTACTS),
    )


def make_demo(
    folder: Path, today: date, progress: Callable[[int, int], None] = lambda done, of: None
) -> Made:
    """Make the demonstration's records.

    :param progress: is told how far it has come: (done, of how many).
    """
    from cpvol.demo.story import story
    from cpvol.ledger.members import Keys
    from cpvol.policy import load
    from cpvol.register import found_register
    from cpvol.vault import credential, recovery

    events = story(today)
    identity = credential.generate()
    page = recovery.identity(recovery.generate())
    first = _at(events[0].on) - 3600
    register = found_register(
        folder,
        identity,
        _HANDLE,
        Keys(page.age_public, page.signing_public),
        organisation(),
        load(),
        now=first,
    )
    # The demonstration's keys lie open beside it: there is nobody's data to protect, and it must open by itself.
    place = folder / DEMO_IDENTITY
    place.write_bytes(credential.encode(identity, _HANDLE, today))
    place.chmod(stat.S_IREAD | stat.S_IWRITE)
    made: dict[tuple[str, str], Record] = {}
    with register:
        for done, event in enumerate(events):
            progress(done, len(events))
            record = lived(event, made)
            made[event.log, event.id] = record
            register.enter([record], event.action, entered=_at(event.on))
    people = sum(log == "person" for log, _ in made)
    return Made(people, len(made), len(events))


def lived(event: Event, made: Mapping[tuple[str, str], Record]) -> Record:
    """The record as it stands after an event, checked as an entry by hand is.

    :param made: the records as they were before it, by log and id.
    """
    from cpvol.tasks.entries import amended
    from cpvol.tasks.values import build

    log = BY_NAME[event.log]
    if event.action == "add":
        head = {"id": event.id, "log": log.name, "schema": log.schema}
        record = build(log.model, head | event.values)
        closing = log.closing(record, Records(made.values())) if log.closing else None
        return record.model_copy(update={"readers": (_HANDLE,)}) if closing else record
    step = next(each for each in log.follow_ups if each.name == event.action)
    before = made[event.log, event.id]
    changes = step.changes(before, build(step.asks, event.values))
    return amended(before, changes, event.action, None, _HANDLE, event.on)


def _at(day: date) -> int:
    return int(datetime.combine(day, time(10), tzinfo=UTC).timestamp())


TASKS: tuple[Task[Any], ...] = (
    make_task("demo", "Make a demonstration organisation and look at it.", [ON], demo),
)
