"""Consents: to name a sensitive service, or to share; and why something was shared without one (B-19, B-23, N-2)."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from cpvol.logs.base import CaseReference, Day, Keep, Line, Log, Record, Text, Trigger, ask, need


class Consent(Record):
    """One consent that was given, or one time when something was shared without."""

    log: Literal["consent"] = "consent"
    on: Day = need(
        "Date",
        "The day of the consent, or of the sharing without.",
        rows=("B-19",),
        example="2010-02-08",
    )
    case: CaseReference = need(
        "Case reference",
        "Your own number for the file that is kept elsewhere; never a name.",
        example="C-2010/5",
    )
    kind: Literal["sensitive_service", "sharing", "without"] = need(
        "Kind",
        "What was consented to, or that something urgent was shared without consent.",
        labels={
            "sensitive_service": "a sensitive service is named in the directory",
            "sharing": "something is shared with others",
            "without": "something was shared without consent",
        },
        rows=("B-19", "B-23", "N-2"),
        example="sharing",
    )
    given_by: Literal["subject", "parent"] | None = ask(
        "Given by",
        "In what relation whoever consented stands to the person concerned.",
        labels={"subject": "the person concerned", "parent": "a parent or carer"},
        rows=("N-2",),
    )
    why_without: Text | None = ask(
        "Why without",
        "What made it urgent, in a few words, without anything about a child.",
        rows=("B-19",),
    )
    decided_by: Line = need(
        "Decided by", "The role of whoever decided.", rows=("B-19",), example="Manager"
    )

    @model_validator(mode="after")
    def _given_or_explained(self) -> Consent:
        if self.kind == "without" and self.why_without is None:
            raise ValueError("say why it was shared without consent")
        if self.kind != "without" and self.given_by is None:
            raise ValueError("say who gave the consent")
        return self


CONSENT = Log(
    name="consent",
    title="Consents",
    about="Each consent to name a sensitive service or to share something, and each time something urgent was shared"
    " without one, with the reason and who decided. The person concerned is a number of your own file.",
    model=Consent,
    keep=Keep(
        6,
        "the consent or the sharing",
        ("B-19", "C26"),
        origin="ours",
        reason="whether something might be shared may have to be answered for as long as a claim can be made",
    ),
    trigger=lambda consent, book: Trigger(consent.on, "the consent or the sharing"),
    line=lambda consent, book: f"consent {consent.case}, {consent.on:%d/%m/%Y}",
    columns=("on", "case", "kind", "given_by", "decided_by"),
    rows=("B-19", "B-23", "N-2"),
    same=("on", "case", "kind"),
    also=("sharing without consent",),
)
