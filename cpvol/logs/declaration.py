"""The declaration that two people sign: that what is declared is accurate and is how the organisation works (E-D.1)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from cpvol.logs.base import (
    Book,
    Day,
    FollowUp,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Trigger,
    ask,
    latest,
    need,
)


class Declaration(Record):
    """One declaration."""

    ORDER = (("made_on", "officer_signed_on"), ("made_on", "chair_signed_on"))

    log: Literal["declaration"] = "declaration"
    version: Line = need(
        "Statement and version",
        "Which statement is signed, and its version.",
        rows=("E-D.1",),
        example="Accreditation declaration, version 1",
    )
    made_on: Day = need(
        "Drawn up on", "The day on which it was drawn up.", rows=("E-8.1",), example="2009-03-02"
    )
    officer_signed_on: Day | None = ask(
        "Chief officer signed on", "The day of the chief officer's signature.", rows=("E-D.1",)
    )
    chair_signed_on: Day | None = ask(
        "Chair of trustees signed on", "The day of the chair's signature.", rows=("E-D.1",)
    )
    next_due_on: Day | None = ask(
        "Next due",
        "The day by which it is signed again; left empty, the policy says when.",
        rows=("E-8.1", "C23"),
        future=True,
    )

    def signed_on(self) -> date | None:
        """The day on which both had signed, or ``None``."""
        if self.officer_signed_on is None or self.chair_signed_on is None:
            return None
        return latest(self.officer_signed_on, self.chair_signed_on)


class Sign(Part):
    """What is asked when somebody has signed."""

    officer_signed_on: Day | None = ask(
        "Chief officer signed on", "The day of the chief officer's signature."
    )
    chair_signed_on: Day | None = ask(
        "Chair of trustees signed on", "The day of the chair's signature."
    )
    next_due_on: Day | None = ask("Next due", "The day by which it is signed again.", future=True)


def declaration_next(declaration: Declaration, _: Book) -> list[str]:
    """Whose signature is still missing (E-D.1)."""
    missing = (
        (declaration.officer_signed_on, "chief officer"),
        (declaration.chair_signed_on, "chair of trustees"),
    )
    return [
        f"have the {who} sign, then record the day with `declaration.sign`"
        for day, who in missing
        if day is None
    ]


DECLARATION = Log(
    name="declaration",
    title="Declarations",
    about="Each declaration that what was declared is accurate and is how the organisation works, and the days of its two"
    " signatures. The signed paper is kept elsewhere.",
    model=Declaration,
    keep=Keep(
        6,
        "both had signed",
        ("E-D.1", "C26"),
        origin="ours",
        reason="what was declared may have to be answered for as long as a claim can be made",
    ),
    trigger=lambda declaration, book: Trigger(declaration.signed_on(), "both had signed"),
    line=lambda declaration, book: (
        f"{declaration.version}, drawn up {declaration.made_on:%d/%m/%Y}"
    ),
    columns=("version", "made_on", "officer_signed_on", "chair_signed_on", "next_due_on"),
    rows=("E-8.1", "E-D.1"),
    same=("version", "made_on"),
    also=("accreditation declaration", "signed declaration"),
    follow_ups=(FollowUp("sign", "Record a signature.", Sign, next=declaration_next),),
)
