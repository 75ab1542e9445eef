"""To the directory's team: our report on an override of a shield, due within its hours (E-15.5, S-9.1, S-9.2, C4, C5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from cpvol.letters.base import Letter, Matter, Sent, Value, day_in_words, team, words
from cpvol.logs.override import Override


def _fill(matter: Matter) -> dict[str, Value]:
    override = cast("Override", matter.record)
    person = matter.person(override.person)
    return {
        "name": person.name,
        "date": override.date,
        "time": f"{override.time:%H:%M}",
        "report_by": _report_by(override, matter),
        "report_within": matter.policy.override_report.words,
        "team_unavailable": words(override, "team_unavailable"),
        "threat": words(override, "threat"),
        "holds_right": words(override, "holds_right"),
        "agreed_by": person.override_agreed_by,
        "confirmed": words(override, "confirmed"),
        "case": override.case,
        "finding": override.finding,
        "investigation_within": matter.policy.override_investigation.words,
    }


def _report_by(override: Override, matter: Matter) -> str:
    within = matter.policy.override_report
    if within.unit == "hours":
        until: datetime = override.at() + timedelta(hours=within.value)
        return f"{day_in_words(until)} at {until:%H:%M}"
    return day_in_words(within.after(override.date))


LETTER = Letter(
    name="override-report",
    title="To the directory's team: our report on an override.",
    log="override",
    rows=("E-15.3", "E-15.4", "E-15.5", "S-9.1", "S-9.2", "S-9.3", "C4", "C5"),
    fields={
        "name": "the name of whoever looked",
        "date": "the day of the override",
        "time": "the time of the override",
        "report_by": "the moment by which we report",
        "report_within": "the time for our report",
        "team_unavailable": "whether the directory's team could not be reached",
        "threat": "whether there was a serious and immediate threat",
        "holds_right": "whether the person had the right",
        "agreed_by": "the body that agreed the right",
        "confirmed": "whether the request was explicit and then confirmed",
        "case": "our number for the case",
        "finding": "what we found",
        "investigation_within": "the time in which the directory's team looks into it",
    },
    fill=_fill,
    office=team,
    sent=lambda record, office: Sent("report", "reported_on", "reported_time"),
    timed=True,
)
