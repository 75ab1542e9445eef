"""To the directory's team: somebody asked to see what the directory holds about them (E-14.2, E-14.6, S-2.12, C16)."""

from __future__ import annotations

from typing import cast

from cpvol.letters.base import Letter, Matter, NotThisLetter, Sent, Value, words
from cpvol.logs.sar import Sar
from cpvol.policy.organisation import Purpose


def _office(matter: Matter) -> Purpose:
    sar = cast("Sar", matter.record)
    return "data_protection_officer" if sar.shielded == "yes" else "subject_access"


def _fill(matter: Matter) -> dict[str, Value]:
    sar = cast("Sar", matter.record)
    if sar.scope == "own":
        raise NotThisLetter(
            "this request is about our own records alone", "answer it, then use `sar.close`"
        )
    return {
        "received_on": sar.received_on,
        "case": sar.case,
        "relation": words(sar, "relation"),
        "in_writing": words(sar, "in_writing"),
        "identity_complete_on": sar.identity_complete_on,
        "identity_verified_on": sar.identity_verified_on,
        "fee_received_on": sar.fee_received_on,
        "broader": sar.scope == "broader",
        "shielded": sar.shielded == "yes",
        "tracing": sar.tracing == "yes",
        "answer_within": matter.policy.sar_response.words,
    }


def _sent(_: Sar, office: Purpose | None) -> Sent:
    to = "dpo" if office == "data_protection_officer" else "team"
    return Sent("refer", "referred_on", answers={"referred_to": to})


LETTER = Letter(
    name="sar-referral",
    title="To the directory's team: a request to see data.",
    log="sar",
    rows=("E-14.2", "E-14.5", "E-14.6", "E-14.10", "S-2.12", "C16"),
    fields={
        "received_on": "the day on which the request arrived",
        "case": "our number for the file",
        "relation": "who asks",
        "in_writing": "whether it was made in writing",
        "identity_complete_on": "the day on which all that identifies the requester was there",
        "identity_verified_on": "the day on which identity was checked",
        "fee_received_on": "the day on which a fee came in",
        "broader": "whether it is about our own records as well",
        "shielded": "whether the record is known to be shielded",
        "tracing": "whether somebody may be trying to trace a child",
        "answer_within": "the time for an answer",
    },
    fill=_fill,
    office=_office,
    sent=_sent,
)
