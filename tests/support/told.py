"""The demonstration's story as the entries that it leaves, without a repository: a whole organisation in memory."""

from __future__ import annotations

from datetime import date

from cpvol.demo.story import story
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.policy.organisation import Contact, Organisation
from cpvol.tasks.demo import lived

TODAY = date(2026, 11, 21)


def told(on: date = TODAY) -> Records:
    """The entries as they stand on a day."""
    made: dict[tuple[str, str], Record] = {}
    for event in story(on):
        made[event.log, event.id] = lived(event, made)
    return Records(made.values())


def organisation(*cards: Contact) -> Organisation:
    """An organisation that keeps every log, with these contact cards."""
    return Organisation(
        name="Harbour & Hill",
        access="both",
        logs=tuple(BY_NAME),
        renewal_role="Secretary",
        contacts=cards,
    )
