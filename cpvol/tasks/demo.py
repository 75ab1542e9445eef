"""``demo``: a whole organisation to look at, made by the same code as everybody's own."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.files import remove_folder
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.tasks import overview
from cpvol.tasks.build import ON, make_task
from cpvol.tasks.session import DEMO_IDENTITY, Session

if TYPE_CHECKING:
    from cpvol.demo.story import Event

_HANDLE = "member-1"


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
    count = make_demo(beside, today)
    remove_folder(folder)
    beside.replace(folder)
    session.out(
        f"Made the demonstration: {count} entries of an organisation that never was, as on {today:%d/%m/%Y}."
    )
    session.environ["CPVOL_RECORDS"] = str(folder)
    for heading, show in (
        ("What is due", overview.show_due),
        ("What the checks find", overview.show_check),
        ("What has been kept long enough", overview.show_retention),
    ):
        session.out(f"\n{heading}\n")
        with session.register() as register:
            show(session, register, today)
    session.out("\nLook around: list person, show Robin, due, check, retention.due")


def make_demo(folder: Path, today: date) -> int:
    """Make the demonstration's records.

    :returns: how many entries were made.
    """
    from cpvol.demo.story import ORGANISATION, story
    from cpvol.ledger.members import Keys
    from cpvol.policy import load
    from cpvol.policy.organisation import Organisation
    from cpvol.register import found_register
    from cpvol.vault import credential, recovery

    events = story(today)
    identity = credential.generate()
    page = recovery.identity(recovery.generate())
    organisation = Organisation(
        name=ORGANISATION,
        access="both",
        logs=tuple(BY_NAME),
        shield_roles=("Safeguarding lead",),
        renewal_role="Secretary",
    )
    first = _at(events[0].on) - 3600
    register = found_register(
        folder,
        identity,
        _HANDLE,
        Keys(page.age_public, page.signing_public),
        organisation,
        load(),
        now=first,
    )
    # The demonstration's keys lie open beside it: there is nobody's data to protect, and it must open by itself.
    place = folder / DEMO_IDENTITY
    place.write_bytes(credential.encode(identity, _HANDLE, today))
    place.chmod(stat.S_IREAD | stat.S_IWRITE)
    made: dict[tuple[str, str], Record] = {}
    with register:
        for event in events:
            record = lived(event, made)
            made[event.log, event.id] = record
            register.enter([record], event.action, entered=_at(event.on))
    return len(events)


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
