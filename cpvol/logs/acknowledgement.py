"""Acknowledgements: which policy, induction, agreement or notice somebody was given, and that they said so (E-2, E-7)."""

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
    Trigger,
    ask,
    need,
    person_left,
)

What = Literal["policy", "induction", "agreement", "procedures", "notice"]


class Acknowledgement(Record):
    """One thing that one person was given to read or told."""

    ORDER = (("given_on", "acknowledged_on"),)

    log: Literal["acknowledgement"] = "acknowledgement"
    person: Id = need("Person", "Who was given it.", ref="person", example="Robin Example")
    what: What = need(
        "What",
        "What the person was given or told.",
        labels={
            "policy": "a policy",
            "induction": "the induction",
            "agreement": "the end-user agreement",
            "procedures": "the security operating procedures",
            "notice": "the notice that further access would be misuse",
        },
        rows=("E-2.2", "E-3.8", "E-4.6", "E-7.13", "E-8.3"),
        example="policy",
    )
    title: Line = need(
        "Title and version",
        "Which one, and its version or date in words.",
        rows=("E-7.13", "E-8.3"),
        example="Confidentiality policy, version 3",
    )
    given_on: Day = need("Given on", "The day on which it was given.", example="2008-09-02")
    acknowledged_on: Day | None = ask(
        "Acknowledged on", "The day on which the person said that they read or understood it."
    )


class Acknowledge(Part):
    """What is asked when somebody has acknowledged what they were given."""

    acknowledged_on: Day = need("Acknowledged on", "The day on which the person said so.")


def acknowledgement_next(given: Acknowledgement, _: Book) -> list[str]:
    """What is still to be done (E-4.6)."""
    if given.acknowledged_on is None:
        return ["ask the person to say that they read it, then use `acknowledgement.sign`"]
    return []


ACKNOWLEDGEMENT = Log(
    name="acknowledgement",
    title="Acknowledgements",
    about="Which policies, agreements and notices each person was given, in which version, and when they said that they had"
    " read or understood them.",
    model=Acknowledgement,
    keep=Keep(
        6,
        "the person left",
        ("E-7.13", "C26"),
        origin="ours",
        reason="what somebody knew of the rules may matter as long as a claim can be made about what they did",
    ),
    trigger=lambda given, book: Trigger(person_left(given.person, book), "the person left"),
    line=lambda given, book: f"{given.title}, given {given.given_on:%d/%m/%Y}",
    columns=("person", "what", "title", "given_on", "acknowledged_on"),
    rows=("E-2.2", "E-3.8", "E-4.6", "E-7.13", "E-8.3", "E-9.12", "E-14.11", "E-18.6"),
    same=("person", "title", "given_on"),
    also=("policies read", "induction"),
    follow_ups=(
        FollowUp(
            "sign",
            "Record that somebody acknowledged what they were given.",
            Acknowledge,
            next=acknowledgement_next,
        ),
    ),
)
