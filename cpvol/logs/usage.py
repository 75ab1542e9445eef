"""Reviews of how staff use the directory, and the returns about searches (E-8.2, S-14, C18)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cpvol.logs.base import (
    Book,
    Day,
    FollowUp,
    Id,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Text,
    Trigger,
    YesNo,
    ask,
    need,
)


class Search(Part):
    """One search that showed many records."""

    person: Id = need("Who searched", "Who searched.", ref="person")
    on: Day = need("Searched on", "The day of the search.", rows=("S-14.1",))
    records: int = Field(
        ge=1,
        le=100_000,
        title="Records shown",
        description="How many records the search showed.",
        json_schema_extra={"x-rows": ["S-14.1", "S-14.2"]},
    )
    explanation: Text | None = ask("Explanation", "Why so many, in a few words.", rows=("S-14.3",))


class Usage(Record):
    """One review of how the directory was used."""

    ORDER = (("start", "end"), ("end", "on"), ("end", "returned_on"))

    log: Literal["usage"] = "usage"
    on: Day = need("Reviewed on", "The day of the review.", rows=("E-8.2",), example="2010-04-06")
    start: Day = need("Period from", "The first day that it looks at.", example="2010-01-01")
    end: Day = need("Period until", "The last day that it looks at.", example="2010-03-31")
    by: Line = need("Reviewed by", "The role of whoever reviewed.", example="Manager")
    persons: tuple[Id, ...] = ask(
        "People reviewed", "Those whose use was looked at.", (), ref="person", rows=("E-8.2",)
    )
    followed: YesNo | None = ask(
        "Procedures followed",
        "Whether everybody kept to the procedures; enter what did not with `breach.add`.",
        rows=("E-8.2",),
    )
    searches: tuple[Search, ...] = ask(
        "Searches over the limit",
        "Each search that showed more records than it may, with its explanation.",
        (),
        item="search",
        rows=("S-14.1", "S-14.2", "C18"),
    )
    returned_on: Day | None = ask(
        "Return sent on",
        "The day on which the return was sent to the directory's team.",
        rows=("S-14.3",),
    )


class Send(Part):
    """What is asked when the return was sent."""

    returned_on: Day = need(
        "Return sent on", "The day on which the return was sent to the directory's team."
    )


def usage_next(usage: Usage, _: Book) -> list[str]:
    """What is still to be done after a review (S-14.3)."""
    if usage.returned_on is None:
        return ["send the return to the directory's team, then record the day with `usage.send`"]
    return []


USAGE = Log(
    name="usage",
    title="Reviews of use",
    about="Each review of how staff use the directory: the period, whose use was looked at, every search that showed too"
    " many records with its explanation, and the return to the directory's team.",
    model=Usage,
    keep=Keep(
        3,
        "the review",
        ("E-8.2", "C26"),
        origin="ours",
        reason="it shows how the organisation watches over use until the next accreditation; misuse has its own log",
    ),
    trigger=lambda usage, book: Trigger(usage.on, "the review"),
    line=lambda usage, book: f"review of use {usage.start:%d/%m/%Y} to {usage.end:%d/%m/%Y}",
    columns=("on", "start", "end", "by", "returned_on"),
    rows=("E-8.1", "E-8.2", "S-14.1", "S-14.2", "S-14.3", "B-16", "N-4", "C18"),
    same=("start", "end"),
    also=("usage review", "search return", "monitoring"),
    follow_ups=(FollowUp("send", "Record that the return was sent.", Send, next=usage_next),),
)
