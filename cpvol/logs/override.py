"""The override log: every time somebody of ours looked behind a shield, and the report that follows (E-15, S-9, C4, C5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from cpvol.logs.base import (
    Book,
    CaseReference,
    Clock,
    Day,
    FollowUp,
    Id,
    Keep,
    Log,
    Part,
    Record,
    Text,
    Trigger,
    YesNo,
    ask,
    need,
)


class Override(Record):
    """One look behind a shield. The three facts are recorded as they were, whether or not they allow it (C5)."""

    ORDER = (
        ("date", "reported_on"),
        ("date", "concluded_on"),
    )

    log: Literal["override"] = "override"
    person: Id = need(
        "Person", "Who looked behind the shield.", ref="person", example="Robin Example"
    )
    date: Day = need(
        "Date", "The day on which it was done.", rows=("E-15.4",), example="2009-08-14"
    )
    time: Clock = need("Time", "When it was done.", rows=("E-15.5",), example="23:10")
    team_unavailable: YesNo = need(
        "Team unavailable",
        "Whether the directory's team could not be reached.",
        rows=("S-9.2", "C5"),
        example="yes",
    )
    threat: YesNo = need(
        "Serious and immediate threat",
        "Whether a serious and immediate threat to the child was the reason.",
        rows=("S-9.1", "C5"),
        example="yes",
    )
    holds_right: YesNo = need(
        "Right to override",
        "Whether the person had the right to override a shield.",
        rows=("E-15.1", "C5"),
        example="yes",
    )
    confirmed: YesNo | None = ask(
        "Confirmed twice",
        "Whether the request was explicit and then confirmed.",
        rows=("E-15.3",),
    )
    case: CaseReference | None = ask(
        "Case reference", "Your own number for the case; never a name.", example="C-2009/31"
    )
    reported_on: Day | None = ask(
        "Reported on",
        "The day on which we looked into it and reported to the directory's team.",
        rows=("E-15.5", "C4"),
    )
    reported_time: Clock | None = ask(
        "Reported at", "The time of the report.", rows=("E-15.5", "C4"), example="10:30"
    )
    concluded_on: Day | None = ask(
        "Investigation concluded on",
        "The day on which the investigation was concluded.",
        rows=("E-15.4", "S-9.3"),
        later=True,
    )
    finding: Text | None = ask(
        "Finding", "What was found, in a few words.", rows=("E-15.6",), later=True
    )

    def at(self) -> datetime:
        """The moment of the override, local time."""
        return datetime.combine(self.date, self.time)

    def reported(self) -> datetime | None:
        """The moment of our report; a report without a time counts from the day's beginning."""
        if self.reported_on is None:
            return None
        return datetime.combine(self.reported_on, self.reported_time or datetime.min.time())


class Report(Part):
    """What is asked when an override is reported to the directory's team."""

    reported_on: Day = need("Reported on", "The day of our report to the directory's team.")
    reported_time: Clock = need("Reported at", "The time of the report.", example="10:30")


class Conclude(Part):
    """What is asked when the investigation is concluded."""

    concluded_on: Day = need("Concluded on", "The day on which the investigation was concluded.")
    finding: Text = need("Finding", "What was found, in a few words.")


def override_next(override: Override, _: Book) -> list[str]:
    """What is still to be done about an override (E-15.5, C4)."""
    if override.concluded_on is not None:
        return []
    if override.reported_on is None:
        return [
            "look into it and report to the directory's team within 24 hours, then use `override.report`"
        ]
    return ["when the investigation ends, record what was found with `override.conclude`"]


def _report(override: Override, answers: Report) -> dict[str, Any]:
    reported = datetime.combine(answers.reported_on, answers.reported_time)
    if reported < override.at():
        raise ValueError("the report is before the override")
    return answers.model_dump()


OVERRIDE = Log(
    name="override",
    title="Overrides of a shield",
    about="Each time somebody of ours looked behind a shield: when, the three facts that allow it, our report to the"
    " directory's team within its hours, and what the investigation found.",
    model=Override,
    keep=Keep(
        6,
        "the investigation was concluded",
        ("E-15.5", "C26"),
        origin="ours",
        reason="the sources keep investigations for six years, and an override always leads to one",
    ),
    trigger=lambda override, book: Trigger(
        override.concluded_on, "the investigation was concluded"
    ),
    line=lambda override, book: f"override on {override.date:%d/%m/%Y} at {override.time:%H:%M}",
    columns=("person", "date", "time", "reported_on", "concluded_on"),
    rows=("E-15.1", "E-15.2", "E-15.3", "E-15.4", "E-15.5", "S-2.7", "S-9.1", "S-9.2", "C4", "C5"),
    same=("person", "date", "time"),
    also=("break-glass", "break glass"),
    follow_ups=(
        FollowUp(
            "report", "Record our report to the directory's team.", Report, _report, override_next
        ),
        FollowUp("conclude", "Record what the investigation found.", Conclude, next=override_next),
    ),
)
