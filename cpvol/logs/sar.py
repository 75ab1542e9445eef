"""Subject access referrals: who asked to see what the directory holds, and whom we passed it to (E-14, C16, C25)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from cpvol.logs.base import (
    Book,
    CaseReference,
    Closing,
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
    latest,
    need,
)

Office = Literal["team", "dpo"]
_OFFICES = {"team": "the directory's team", "dpo": "the directory's Data Protection Officer"}


class Sar(Record):
    """One request by somebody to see what is held about them."""

    ORDER = (
        ("received_on", "referred_on"),
        ("received_on", "identity_complete_on"),
        ("received_on", "own_answered_on"),
        ("received_on", "clarification_asked_on"),
        ("clarification_asked_on", "clarified_on"),
        ("received_on", "extended_on"),
        ("received_on", "closed_on"),
    )

    log: Literal["sar"] = "sar"
    received_on: Day = need(
        "Received on",
        "The day on which the request arrived.",
        rows=("E-14.2",),
        example="2009-06-02",
    )
    in_writing: YesNo = need(
        "In writing", "Whether the request was made in writing.", rows=("E-14.4",), example="yes"
    )
    relation: Literal["subject", "parent", "other"] = need(
        "Who asks",
        "In what relation the requester stands to the person concerned.",
        labels={
            "subject": "the person concerned",
            "parent": "a parent or carer",
            "other": "somebody with authority to ask",
        },
        rows=("E-14.3",),
        example="parent",
    )
    case: CaseReference = need(
        "Case reference",
        "Your own number for the file that is kept elsewhere; never a name.",
        example="SAR-2009/3",
    )
    identity_complete_on: Day | None = ask(
        "Identity information complete on",
        "The day on which everything needed to identify the requester was there.",
        rows=("C25",),
    )
    fee_received_on: Day | None = ask(
        "Fee received on", "The day on which a fee came in, if one was asked for.", rows=("C25",)
    )
    identity_verified_on: Day | None = ask(
        "Identity verified on",
        "The day on which identity and the right to ask were checked.",
        rows=("E-14.8",),
    )
    scope: Literal["directory", "broader", "own"] = need(
        "Scope",
        "Whether it is about the directory, about what we hold ourselves, or both.",
        labels={
            "directory": "the directory alone",
            "broader": "the directory and our own records",
            "own": "our own records alone",
        },
        rows=("E-14.5",),
        example="directory",
    )
    shielded: YesNo = ask(
        "Shielded",
        "Whether the record is known to be shielded; never look it up for this.",
        "unknown",
        rows=("S-2.12", "C16"),
    )
    tracing: YesNo | None = ask(
        "Concern about tracing",
        "Whether somebody may be trying to trace a child.",
        rows=("E-14.10",),
    )
    referred_to: Office | None = ask(
        "Referred to",
        "To whom it was passed on.",
        labels=_OFFICES,
        rows=("E-14.6", "C16"),
        later=True,
    )
    referred_on: Day | None = ask(
        "Referred on", "The day on which it was passed on.", rows=("E-14.2",), later=True
    )
    own_answered_on: Day | None = ask(
        "Own part answered on",
        "The day on which we answered for our own records, when the request is about them.",
        rows=("E-14.5",),
        later=True,
    )
    clarification_asked_on: Day | None = ask(
        "Clarification asked for on",
        "The day on which we asked what exactly is wanted; where the policy says so, the time stops then.",
        later=True,
    )
    clarified_on: Day | None = ask(
        "Clarified on", "The day on which the answer to that came.", later=True
    )
    extended_on: Day | None = ask(
        "Extension told on",
        "The day on which the requester was told that it takes longer, and why.",
        later=True,
    )
    outcome: Text | None = ask("Outcome", "How it ended, in a few words.", later=True)
    closed_on: Day | None = ask("Closed on", "The day on which the file was closed.", later=True)

    def day_one(self) -> date | None:
        """The first day of the period for the answer: the request and what identifies the requester are both there.

        A fee counts when one came in later (C25).
        """
        if self.identity_complete_on is None:
            return None
        return latest(self.received_on, self.identity_complete_on, self.fee_received_on)


class Refer(Part):
    """What is asked when a request is passed on."""

    referred_to: Office = need("Referred to", "To whom it was passed on.", labels=_OFFICES)
    referred_on: Day = need("Referred on", "The day on which it was passed on.")


class Close(Part):
    """What is asked when the file is closed."""

    closed_on: Day = need("Closed on", "The day on which the file was closed.")
    outcome: Text = need("Outcome", "How it ended, in a few words.")
    own_answered_on: Day | None = ask(
        "Own part answered on", "The day on which we answered for our own records."
    )


class Clarify(Part):
    """What is asked when a requester is asked what exactly is wanted, or has said it."""

    clarification_asked_on: Day | None = ask(
        "Clarification asked for on", "The day on which we asked what exactly is wanted."
    )
    clarified_on: Day | None = ask("Clarified on", "The day on which the answer to that came.")


class Extend(Part):
    """What is asked when it takes longer."""

    extended_on: Day = need(
        "Extension told on",
        "The day on which the requester was told that it takes longer, and why.",
    )


def sar_next(sar: Sar, _: Book) -> list[str]:
    """What is still to be done with a request, in order (E-14.2, C16)."""
    if sar.closed_on is not None:
        return []
    steps = []
    if sar.referred_on is None and sar.scope != "own":
        office = "Data Protection Officer" if sar.shielded == "yes" else "team"
        steps.append(f"pass it to the directory's {office} today, then use `sar.refer`")
    if sar.scope != "directory" and sar.own_answered_on is None:
        steps.append("answer for our own records, then record the day with `sar.close`")
    return steps or ["close the file with `sar.close` when everything is answered"]


def _closing(sar: Sar, _: Book) -> Closing | None:
    return Closing(enterer_only=True) if sar.shielded == "yes" else None


SAR = Log(
    name="sar",
    title="Subject access referrals",
    about="Each request to see what the directory holds: when it came, that it was checked, and to whom it was passed on."
    " The requester is a number of your own file; nobody is named.",
    model=Sar,
    keep=Keep(
        6,
        "the file was closed",
        ("E-14.2", "C26"),
        origin="ours",
        reason="how a request was handled may have to be shown as long as a claim can be made",
    ),
    trigger=lambda sar, book: Trigger(sar.closed_on, "the file was closed"),
    line=lambda sar, book: f"request received {sar.received_on:%d/%m/%Y}, {sar.case}",
    columns=("received_on", "case", "relation", "referred_to", "referred_on", "closed_on"),
    rows=("E-14.2", "E-14.3", "E-14.4", "E-14.5", "E-14.8", "E-14.10", "S-2.12", "C16", "C25"),
    same=("received_on", "case"),
    also=("subject access request", "access request"),
    follow_ups=(
        FollowUp("refer", "Record that a request was passed on.", Refer, next=sar_next),
        FollowUp(
            "clarify", "Record that we asked what is wanted, or were told.", Clarify, next=sar_next
        ),
        FollowUp("extend", "Record that the requester was told of a delay.", Extend, next=sar_next),
        FollowUp("close", "Close the file of a request.", Close, next=sar_next),
    ),
    closing=_closing,
)
