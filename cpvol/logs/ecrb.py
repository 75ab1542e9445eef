"""The check register: enhanced criminal records checks, never what a certificate says (E-5, C21)."""

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

Decision = Literal["clear", "accepted", "failed"]


class Ecrb(Record):
    """One enhanced check of one person."""

    ORDER = (
        ("issued_on", "seen_on"),
        ("failed_on", "use_withdrawn_on"),
        ("failed_on", "team_told_on"),
    )

    log: Literal["ecrb"] = "ecrb"
    person: Id = need("Person", "Whose check it is.", ref="person", example="Robin Example")
    reference: Line = need(
        "Disclosure reference", "The number on the certificate.", example="001234567890"
    )
    issued_on: Day = need(
        "Issued on", "The date of issue on the certificate.", rows=("E-5.1",), example="2008-08-11"
    )
    seen_on: Day | None = ask(
        "Seen on", "The day on which the certificate was seen.", example="2008-08-20"
    )
    seen_by: Line | None = ask("Seen by", "Who saw the certificate.", example="Secretary")
    decision: Decision = need(
        "Decision",
        "What was decided; never what the certificate says.",
        labels={"accepted": "accepted after consideration"},
        example="clear",
    )
    replaces: Id | None = ask(
        "Replaces",
        "The earlier check that this one renews.",
        ref="ecrb",
    )
    failed_on: Day | None = ask(
        "Failed on",
        "The day on which the check was found to have failed.",
        rows=("E-5.8",),
        later=True,
    )
    use_withdrawn_on: Day | None = ask(
        "Use withdrawn on",
        "The day from which the person may no longer use the directory.",
        rows=("E-5.8",),
        later=True,
    )
    team_told_on: Day | None = ask(
        "Directory's team told on",
        "The day on which the directory's team was told.",
        rows=("E-5.8",),
        later=True,
    )
    token_returned_on: Day | None = ask(
        "Token taken back on",
        "The day on which the token was taken back.",
        rows=("E-5.8",),
        later=True,
    )


class Fail(Part):
    """What is asked when a check fails."""

    failed_on: Day = need("Failed on", "The day on which the check was found to have failed.")
    use_withdrawn_on: Day | None = ask(
        "Use withdrawn on", "The day from which use is withdrawn; it should be at once."
    )
    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the team was told; at once."
    )
    token_returned_on: Day | None = ask(
        "Token taken back on", "The day on which the token was taken back."
    )


def failed_next(ecrb: Ecrb, _: Book) -> list[str]:
    """What is still to be done after a failed check (E-5.8)."""
    steps: list[str] = []
    if ecrb.decision != "failed":
        return steps
    if ecrb.use_withdrawn_on is None:
        steps.append("withdraw the person's use of the directory now")
    if ecrb.team_told_on is None:
        steps.append("tell the directory's team now")
    if ecrb.token_returned_on is None:
        steps.append("take the token back and return it to the directory's team")
    return [*steps, "record the days with `ecrb.fail`"] if steps else steps


def _trigger(ecrb: Ecrb, book: Book) -> Trigger:
    return Trigger(person_left(ecrb.person, book), "the person left")


ECRB = Log(
    name="ecrb",
    title="Check register",
    about="Each enhanced criminal records check: its reference, when it was issued and seen, and what was decided. What"
    " a certificate says is never written down.",
    model=Ecrb,
    keep=Keep(6, "the person left", ("E-5.6",)),
    trigger=_trigger,
    line=lambda ecrb, book: f"check issued {ecrb.issued_on:%d/%m/%Y}, {ecrb.decision}",
    columns=("person", "reference", "issued_on", "seen_on", "decision"),
    rows=("E-5.1", "E-5.5", "E-5.6", "E-5.8"),
    same=("person", "reference"),
    also=("CRB", "DBS", "disclosure", "criminal records check"),
    follow_ups=(
        FollowUp(
            "fail",
            "Record that a check failed: withdraw use, tell the directory's team, take the token back.",
            Fail,
            lambda ecrb, answers: {"decision": "failed"} | answers.model_dump(exclude_none=True),
            failed_next,
        ),
    ),
)
