"""First-line support: what users asked for, to whom it was passed on, and that it was finished (E-18, E-13, C14)."""

from __future__ import annotations

from typing import Literal

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
    ask,
    need,
)


class Support(Record):
    """One request by a user."""

    ORDER = (("opened_on", "escalated_on"), ("opened_on", "closed_on"))

    log: Literal["support"] = "support"
    opened_on: Day = need(
        "Opened on", "The day on which somebody asked.", rows=("E-18.3",), example="2009-11-16"
    )
    person: Id = need("Person", "Who asked.", ref="person", example="Robin Example")
    kind: Literal["question", "password", "access", "fault"] = need(
        "Kind",
        "What it is about.",
        labels={
            "question": "a question",
            "password": "a lost password",
            "access": "access does not work",
            "fault": "something is broken",
        },
        rows=("E-13.1", "E-18.1"),
        example="question",
    )
    summary: Text = need(
        "Summary",
        "In a few words, without a child, a password or a PIN.",
        rows=("E-18.3",),
        example="How to give a reason before a record is opened",
    )
    escalated_to: Line | None = ask(
        "Passed on to",
        "The office that it was passed on to.",
        rows=("E-18.4", "E-13.1", "C14"),
        example="User administration",
    )
    escalated_on: Day | None = ask(
        "Date passed on", "The day on which it was passed on.", rows=("E-18.4",)
    )
    closed_on: Day | None = ask("Closed on", "The day on which it was finished.", rows=("E-18.3",))
    outcome: Text | None = ask("Outcome", "How it ended, in a few words.", rows=("E-18.3",))


class Escalate(Part):
    """What is asked when a request is passed on."""

    escalated_to: Line = need("Passed on to", "The office that it was passed on to.")
    escalated_on: Day = need("Date passed on", "The day on which it was passed on.")


class Close(Part):
    """What is asked when a request is finished."""

    closed_on: Day = need("Closed on", "The day on which it was finished.")
    outcome: Text = need("Outcome", "How it ended, in a few words.")


def support_next(support: Support, _: Book) -> list[str]:
    """What is still to be done about a request (E-13.1, E-18.3, E-18.4)."""
    if support.closed_on is not None:
        return []
    if support.kind == "password" and support.escalated_on is None:
        return ["pass it to the directory's user administration now, with `support.escalate`"]
    return ["when it is finished, close it with `support.close`"]


SUPPORT = Log(
    name="support",
    title="First-line support",
    about="What users asked for, to whom it was passed on, and how it ended, so that nothing is left lying.",
    model=Support,
    keep=Keep(
        3,
        "the request was closed",
        ("E-18.3", "C26"),
        origin="ours",
        reason="old requests show what users struggle with until the next accreditation; no claim rests on them",
    ),
    trigger=lambda support, book: Trigger(support.closed_on, "the request was closed"),
    line=lambda support, book: f"support request of {support.opened_on:%d/%m/%Y}, {support.kind}",
    columns=("opened_on", "person", "kind", "escalated_on", "closed_on"),
    rows=("E-13.1", "E-18.1", "E-18.3", "E-18.4", "E-18.5", "C14"),
    same=("opened_on", "person", "summary"),
    also=("help", "help desk", "ticket"),
    follow_ups=(
        FollowUp("escalate", "Record that a request was passed on.", Escalate, next=support_next),
        FollowUp("close", "Close a request.", Close, next=support_next),
    ),
)
