"""To the directory's team: a breach or misuse, what was done about it, and what we ask for (E-7.5, E-7.9, E-16.5, C15)."""

from __future__ import annotations

from typing import cast

from cpvol.letters.base import Letter, Matter, Sent, Value, words
from cpvol.logs.breach import Breach
from cpvol.logs.person import Person
from cpvol.policy.organisation import Purpose


def _office(matter: Matter) -> Purpose:
    # What a spot check of a computer finds goes to the directory manager (E-16.5); the rest to the team (C15).
    breach = cast("Breach", matter.record)
    return "directory_manager" if breach.found_through == "spot_check" else "authority_team"


def _fill(matter: Matter) -> dict[str, Value]:
    breach = cast("Breach", matter.record)
    people = [matter.book.get(id) for id in breach.persons]
    return {
        "kind": words(breach, "category"),
        "discovered_on": breach.discovered_on,
        "occurred_on": breach.occurred_on,
        "found_through": words(breach, "found_through"),
        "what": breach.what,
        "people": [each.name for each in people if isinstance(each, Person)],
        "suspended_on": breach.suspended_on,
        "opened_on": breach.opened_on,
        "concluded_on": breach.concluded_on,
        "outcome": breach.outcome,
        "actions": [{"on": each.on, "what": each.what, "by": each.by} for each in breach.actions],
        "personal_data": breach.personal_data == "yes",
        "commissioner_within": _within(matter),
        "commissioner_told_on": breach.commissioner_told_on,
    }


def _within(matter: Matter) -> str:
    """The time for telling the Commissioner where the policy has one, or nothing."""
    limit = matter.policy.breach_notify
    return limit.words if limit else ""


def _sent(_: Breach, office: Purpose | None) -> Sent:
    manager = office == "directory_manager"
    return Sent("act", "directory_manager_told_on" if manager else "team_told_on")


LETTER = Letter(
    name="breach",
    title="To the directory's team: a breach or misuse.",
    log="breach",
    rows=("E-7.5", "E-7.8", "E-7.9", "E-16.5", "C15"),
    fields={
        "kind": "the kind of misuse",
        "discovered_on": "the day on which it came to light",
        "occurred_on": "the day on which it happened",
        "found_through": "how it came to light",
        "what": "what happened",
        "people": "the names of the users concerned",
        "suspended_on": "the day on which the account was suspended",
        "opened_on": "the day on which the investigation began",
        "concluded_on": "the day on which the case was concluded",
        "outcome": "what was found",
        "actions": "what was done about it",
        "actions.on": "the day of it",
        "actions.what": "what it was",
        "actions.by": "the role of whoever did it",
        "personal_data": "whether personal data is concerned",
        "commissioner_within": "the time for telling the Information Commissioner, where there is one",
        "commissioner_told_on": "the day on which the Information Commissioner was told",
    },
    fill=_fill,
    office=_office,
    offices=("authority_team", "directory_manager"),
    sent=_sent,
)
