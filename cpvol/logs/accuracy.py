"""Checks of details with parents and carers: how many were checked, and how many put right (E-12)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cpvol.logs.base import Day, Keep, Line, Log, Record, Trigger, ask, need

Number = Annotated[int, Field(ge=0, le=100_000)]


class Accuracy(Record):
    """One round of checks."""

    ORDER = (("start", "end"),)

    log: Literal["accuracy"] = "accuracy"
    start: Day = need("Period from", "The first day of the round.", example="2009-09-01")
    end: Day = need(
        "Period until", "The last day of the round.", rows=("E-12.2",), example="2009-09-30"
    )
    method: Line = need(
        "Method",
        "How the details were checked.",
        rows=("E-12.2", "E-12.4"),
        example="Asked at the first meeting of the term",
    )
    checked: Number = need(
        "Number checked", "For how many children details were checked.", example="42"
    )
    corrected: Number | None = ask(
        "Number corrected", "For how many something was put right.", rows=("E-12.6",), example="3"
    )
    by: Line = need("Done by", "The role of whoever saw to it.", example="Secretary")

    @model_validator(mode="after")
    def _no_more_than_checked(self) -> Accuracy:
        if self.corrected is not None and self.corrected > self.checked:
            raise ValueError("more were corrected than checked")
        return self


ACCURACY = Log(
    name="accuracy",
    title="Checks with parents and carers",
    about="Each round in which details were checked with parents and carers: how, how many, and how many were put right."
    " Numbers only.",
    model=Accuracy,
    keep=Keep(
        3,
        "the end of the round",
        ("E-12.2", "C26"),
        origin="ours",
        reason="it shows that the organisation checks its data until the next accreditation; it is about nobody",
    ),
    trigger=lambda accuracy, book: Trigger(accuracy.end, "the end of the round"),
    line=lambda accuracy, book: (
        f"{accuracy.checked} checked, {accuracy.start:%d/%m/%Y} to {accuracy.end:%d/%m/%Y}"
    ),
    columns=("start", "end", "method", "checked", "corrected", "by"),
    rows=("E-12.1", "E-12.2", "E-12.4", "E-12.6", "W-12"),
    same=("start", "end", "method"),
    also=("accuracy check", "parent check", "data quality"),
)
