"""Fair processing notices, where the organisation sends them; the duty is the directory's (B-10, B-11)."""

from __future__ import annotations

from typing import Literal

from cpvol.logs.accuracy import Number
from cpvol.logs.base import Day, Keep, Line, Log, Record, Trigger, need


class Notice(Record):
    """One sending of notices."""

    log: Literal["notice"] = "notice"
    on: Day = need(
        "Sent on", "The day on which they were sent.", rows=("B-10",), example="2009-02-02"
    )
    audience: Literal["children", "parents", "both"] = need(
        "Audience",
        "For whom: children who understand get their own copy, parents of the others theirs.",
        labels={
            "children": "children who understand it",
            "parents": "parents and carers",
            "both": "children, and parents and carers",
        },
        rows=("B-11",),
        example="parents",
    )
    method: Line = need("Method", "How they were sent.", example="With the enrolment form")
    number: Number = need("Number sent", "How many were sent.", example="60")
    version: Line = need("Version", "Which version of the notice.", example="Version 2")


NOTICE = Log(
    name="notice",
    title="Fair processing notices",
    about="Each time the organisation sent out notices that say what is held about children and why. The duty is the"
    " directory's; keep this log only if you send them.",
    model=Notice,
    keep=Keep(
        3,
        "they were sent",
        ("B-10", "C26"),
        origin="ours",
        reason="a newer notice takes the place of an older one; the directory's team answers for the duty",
    ),
    trigger=lambda notice, book: Trigger(notice.on, "they were sent"),
    line=lambda notice, book: f"{notice.number} notices sent {notice.on:%d/%m/%Y}",
    columns=("on", "audience", "method", "number", "version"),
    rows=("B-10", "B-11"),
    same=("on", "audience", "version"),
    also=("privacy notice", "fair processing"),
)
