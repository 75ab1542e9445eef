"""Disputed data, changes of name and complaints: who raised what, what was seen, and how it ended (E-19, B-21)."""

from __future__ import annotations

from typing import Literal

from cpvol.logs.base import (
    Book,
    CaseReference,
    Day,
    FollowUp,
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


class Dispute(Record):
    """One dispute about what stands in a record, or one request to change a name."""

    ORDER = (
        ("raised_on", "acknowledged_on"),
        ("raised_on", "changed_on"),
        ("raised_on", "team_asked_on"),
        ("raised_on", "closed_on"),
    )

    log: Literal["dispute"] = "dispute"
    raised_on: Day = need(
        "Raised on",
        "The day on which it was raised with us.",
        rows=("E-19.3",),
        example="2010-01-18",
    )
    relation: Literal["subject", "parent", "professional", "authority"] = need(
        "Raised by",
        "In what relation whoever raised it stands to the person concerned.",
        labels={
            "subject": "the person concerned",
            "parent": "a parent or carer",
            "professional": "another professional",
            "authority": "the directory's team passed it on",
        },
        rows=("E-19.3", "B-21"),
        example="parent",
    )
    case: CaseReference = need(
        "Case reference",
        "Your own number for the file that is kept elsewhere; never a name.",
        example="D-2010/2",
    )
    kind: Literal["accuracy", "legal_name", "complaint"] = need(
        "Kind",
        "What it is about.",
        labels={
            "accuracy": "whether details are right",
            "legal_name": "a change of legal name",
            "complaint": "a complaint about how we handle personal data",
        },
        rows=("E-19.1", "E-19.5"),
        example="accuracy",
    )
    acknowledged_on: Day | None = ask(
        "Acknowledged on", "The day on which we told whoever raised it that we have it."
    )
    documents_seen_on: Day | None = ask(
        "Documents seen on",
        "The day on which the legal documents for a change of name were seen.",
        rows=("E-19.5",),
    )
    known_as: YesNo | None = ask(
        "Entered as known as",
        "Whether the name was entered only as one that the person is known by.",
        rows=("E-19.5",),
    )
    changed_on: Day | None = ask(
        "Own record changed on",
        "The day on which our own case system was changed.",
        rows=("E-12.6", "E-19.2"),
    )
    team_asked_on: Day | None = ask(
        "Team asked to mark it on",
        "The day on which the directory's team was asked to mark the record as disputed.",
        rows=("E-19.2",),
    )
    outcome: Text | None = ask(
        "Outcome", "How it ended, in a few words, without anything about a child.", later=True
    )
    closed_on: Day | None = ask("Closed on", "The day on which it was closed.", later=True)


class Act(Part):
    """What is asked when something was done about a dispute."""

    acknowledged_on: Day | None = ask(
        "Acknowledged on", "The day on which we told whoever raised it that we have it."
    )
    documents_seen_on: Day | None = ask(
        "Documents seen on", "The day on which the legal documents were seen."
    )
    known_as: YesNo | None = ask(
        "Entered as known as", "Whether the name was entered only as one they are known by."
    )
    changed_on: Day | None = ask(
        "Own record changed on", "The day on which our own case system was changed."
    )
    team_asked_on: Day | None = ask(
        "Team asked to mark it on", "The day on which the team was asked to mark it as disputed."
    )


class Close(Part):
    """What is asked when a dispute is closed."""

    closed_on: Day = need("Closed on", "The day on which it was closed.")
    outcome: Text = need("Outcome", "How it ended, in a few words.")


def dispute_next(dispute: Dispute, _: Book) -> list[str]:
    """What is still to be done about a dispute (E-19.2, E-19.5)."""
    if dispute.closed_on is not None:
        return []
    if dispute.kind == "complaint":
        if dispute.acknowledged_on is None:
            return ["tell whoever complained that we have it, then use `dispute.act`"]
        return ["look into it, tell them the outcome, and close it with `dispute.close`"]
    if dispute.kind == "legal_name" and dispute.documents_seen_on is None:
        if dispute.known_as != "yes":
            return [
                "see the legal documents, or enter the name as one they are known by; then use `dispute.act`"
            ]
    elif dispute.changed_on is None and dispute.team_asked_on is None:
        return [
            "change our own record, or ask the team to mark it as disputed; then use `dispute.act`"
        ]
    return ["close it with `dispute.close`"]


DISPUTE = Log(
    name="dispute",
    title="Disputes and complaints",
    about="Each time details were disputed, a name was to be changed, or somebody complained about how data is handled: what was seen, what was changed, whether the"
    " directory's team was asked to mark the record, and how it ended. The person concerned is a number of your own file.",
    model=Dispute,
    keep=Keep(
        6,
        "it was closed",
        ("E-19.3", "C26"),
        origin="ours",
        reason="whether data was put right may have to be answered for as long as a claim can be made",
    ),
    trigger=lambda dispute, book: Trigger(dispute.closed_on, "it was closed"),
    line=lambda dispute, book: f"dispute {dispute.case}, raised {dispute.raised_on:%d/%m/%Y}",
    columns=("raised_on", "case", "kind", "changed_on", "team_asked_on", "closed_on"),
    rows=("E-12.6", "E-19.1", "E-19.2", "E-19.3", "E-19.5", "B-21"),
    same=("raised_on", "case", "kind"),
    also=("disputed data", "name change", "correction", "complaint"),
    follow_ups=(
        FollowUp("act", "Record what was done about a dispute.", Act, next=dispute_next),
        FollowUp("close", "Close a dispute.", Close, next=dispute_next),
    ),
)
