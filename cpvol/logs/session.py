"""The log of mediated sessions: every time somebody else looked for one of us (E-10, C12)."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from cpvol.logs.base import (
    CaseReference,
    Clock,
    Day,
    FollowUp,
    Id,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Trigger,
    YesNo,
    ask,
    need,
)

Route = Literal["authority", "colleague", "third_party"]
Reason = Literal["contact", "services", "identity", "assessment", "first_contact", "other"]


class Session(Record):
    """One mediated session."""

    log: Literal["session"] = "session"
    person: Id = need("Caller", "Who asked for the session.", ref="person", example="Robin Example")
    route: Route = need(
        "Route",
        "Who looked: the directory's team, an authorised colleague here, or a third party.",
        labels={
            "authority": "the directory's team",
            "colleague": "an authorised colleague here",
            "third_party": "a third party",
        },
        rows=("E-10.1", "B-8", "B-9"),
        example="authority",
    )
    mediator: Id | None = ask(
        "Colleague",
        "The colleague who looked, when it was one of us.",
        ref="person",
        rows=("E-10.7", "B-9"),
        first=True,
    )
    mediator_office: Line | None = ask(
        "Mediator",
        "The team or role that looked, when it was not a colleague.",
        rows=("E-10.7",),
        example="Directory's team",
        first=True,
    )
    date: Day = need("Date", "The day of the session.", rows=("E-10.7",), example="2009-03-31")
    start: Clock = need("Start time", "When it began.", rows=("E-10.7",), example="14:30")
    own_login: YesNo | None = ask(
        "Own log-in at hand", "Whether the caller had their own log-in at hand.", rows=("E-10.2",)
    )
    reference_given: YesNo | None = ask(
        "Secure reference given",
        "Whether a secure reference was given; never write down which.",
        rows=("B-7",),
    )
    reason: Reason = need(
        "Reason",
        "Why the record was looked at.",
        labels={
            "contact": "to contact another professional",
            "services": "to see which services are involved",
            "identity": "to make sure who a child is",
            "assessment": "to see whether an assessment was made",
            "first_contact": "first contact with a child",
        },
        rows=("B-15",),
        example="contact",
    )
    case: CaseReference | None = ask(
        "Case reference", "Your own number for the case; never a name.", example="C-2009/17"
    )
    ended: Clock | None = ask("End time", "When it ended.", rows=("E-10.6",), example="14:45")
    end_confirmed_by: Line | None = ask(
        "End confirmed by", "Who confirmed that the session has ended.", rows=("E-10.6",)
    )

    @model_validator(mode="after")
    def _somebody_looked(self) -> Session:
        if self.route == "colleague" and self.mediator is None:
            raise ValueError("say which colleague looked")
        if self.route != "colleague" and self.mediator_office is None:
            raise ValueError("say which team or role looked")
        if self.mediator == self.person:
            raise ValueError("nobody mediates for themselves")
        return self


class End(Part):
    """What is asked when a session has ended."""

    ended: Clock = need("End time", "When it ended.", example="14:45")
    end_confirmed_by: Line = need("End confirmed by", "Who confirmed that the session has ended.")


SESSION = Log(
    name="session",
    title="Mediated sessions",
    about="Each session in which somebody with access looked on behalf of one of us: when, through whom, why, and that it"
    " has ended.",
    model=Session,
    keep=Keep(
        6,
        "the session",
        ("E-10.4", "E-10.7", "C26"),
        origin="ours",
        reason="a session may have to be accounted for as long as a claim can be made",
    ),
    trigger=lambda session, book: Trigger(session.date, "the session"),
    line=lambda session, book: f"session on {session.date:%d/%m/%Y} at {session.start:%H:%M}",
    columns=("person", "date", "start", "route", "ended", "end_confirmed_by"),
    rows=("E-10.2", "E-10.4", "E-10.5", "E-10.6", "E-10.7", "E-10.8", "B-7", "B-9"),
    same=("person", "date", "start"),
    also=("mediated access", "log book"),
    follow_ups=(FollowUp("end", "Record that a session has ended, and who confirmed it.", End),),
)
