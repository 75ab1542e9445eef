"""Brokering: asking the directory's team to bring us together with a professional whom we cannot see (S-8, B-24)."""

from __future__ import annotations

from typing import Literal

from cpvol.logs.base import (
    Book,
    CaseReference,
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

Decision = Literal["shared", "refused", "provider_contact"]
DECISION_LABELS = {
    "shared": "what was asked for was shared",
    "refused": "refused",
    "provider_contact": "the provider makes contact",
}


class Brokering(Record):
    """One request that goes through the directory's team."""

    ORDER = (
        ("requested_on", "passed_on"),
        ("requested_on", "decided_on"),
        ("decided_on", "signed_on"),
    )

    log: Literal["brokering"] = "brokering"
    requested_on: Day = need(
        "Requested on",
        "The day on which one of us asked.",
        rows=("S-8.1",),
        example="2009-09-07",
    )
    person: Id = need("Requested by", "Who asked.", ref="person", example="Robin Example")
    kind: Literal["shielded", "sensitive"] = need(
        "Kind",
        "What stands in the way.",
        labels={"shielded": "a shielded record", "sensitive": "a sensitive service"},
        rows=("S-8.1", "B-24"),
        example="shielded",
    )
    reason: Text = need(
        "Legitimate reason",
        "Why the work makes it necessary, without anything about a child.",
        rows=("S-2.14",),
        example="To plan support together with the other service",
    )
    case: CaseReference | None = ask(
        "Case reference", "Your own number for the case; never a name.", example="C-2009/40"
    )
    passed_on: Day | None = ask(
        "Passed to the team on",
        "The day on which the directory's team or help desk was asked.",
        rows=("S-8.1", "B-24"),
    )
    decision: Decision | None = ask(
        "Decision",
        "What the other professional decided.",
        labels=DECISION_LABELS,
        rows=("S-8.2", "S-2.11", "B-24"),
        later=True,
    )
    decided_on: Day | None = ask(
        "Decided on", "The day of that decision.", rows=("S-8.3",), later=True
    )
    refusal: Text | None = ask(
        "Reasons for the refusal",
        "The reasons as they were given, in a few words, without anything about a child.",
        rows=("S-8.3",),
        later=True,
    )
    signed_by: Line | None = ask(
        "Signed by", "The role of whoever of us signed the reasons.", rows=("S-8.3",), later=True
    )
    signed_on: Day | None = ask(
        "Signed on", "The day of the signature.", rows=("S-8.3",), later=True
    )


class Decide(Part):
    """What is asked when the team was asked, or the other professional has decided."""

    passed_on: Day | None = ask(
        "Passed to the team on", "The day on which the directory's team was asked."
    )
    decision: Decision | None = ask(
        "Decision", "What the other professional decided.", labels=DECISION_LABELS
    )
    decided_on: Day | None = ask("Decided on", "The day of that decision.")
    refusal: Text | None = ask(
        "Reasons for the refusal", "When it was refused: why, in a few words."
    )
    signed_by: Line | None = ask(
        "Signed by", "When it was refused: the role of whoever of us signed the reasons."
    )
    signed_on: Day | None = ask("Signed on", "When it was refused: the day of the signature.")


def brokering_next(brokering: Brokering, _: Book) -> list[str]:
    """What is still to be done about a request (S-8.1, S-8.3)."""
    if brokering.decided_on is None:
        if brokering.passed_on is None:
            return ["ask the directory's team, then record the day with `brokering.decide`"]
        return ["when it is decided, record it with `brokering.decide`"]
    signed = brokering.refusal and brokering.signed_by and brokering.signed_on
    if brokering.decision == "refused" and not signed:
        return ["write down the reasons, sign and date them, with `brokering.decide`"]
    return []


BROKERING = Log(
    name="brokering",
    title="Brokered contacts",
    about="Each time the directory's team was asked to bring us together with a professional behind a shield or in a"
    " sensitive service, what was decided, and the signed reasons when it was refused.",
    model=Brokering,
    keep=Keep(
        6,
        "the decision",
        ("S-8.3", "C26"),
        origin="ours",
        reason="why something was shared or refused may have to be answered for as long as a claim can be made",
    ),
    trigger=lambda brokering, book: Trigger(brokering.decided_on, "the decision"),
    line=lambda brokering, book: f"brokering requested {brokering.requested_on:%d/%m/%Y}",
    columns=("requested_on", "person", "kind", "passed_on", "decision", "decided_on"),
    rows=("S-2.11", "S-2.14", "S-8.1", "S-8.2", "S-8.3", "S-16.2", "B-24"),
    same=("requested_on", "person", "kind", "case"),
    also=("broker", "brokered contact"),
    follow_ups=(
        FollowUp(
            "decide",
            "Record that the team was asked, or what was decided.",
            Decide,
            next=brokering_next,
        ),
    ),
)
