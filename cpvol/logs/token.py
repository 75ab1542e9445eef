"""The token register: every security token, from hand to hand to its return (E-4, E-11)."""

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
    YesNo,
    ask,
    need,
    person_left,
)


class Token(Record):
    """One token in one person's hands."""

    ORDER = (
        ("issued_on", "lost_on"),
        ("issued_on", "returned_on"),
        ("returned_on", "posted_on"),
        ("posted_on", "received_on"),
    )

    log: Literal["token"] = "token"
    number: Line = need("Token number", "The number on the token.", example="T-0042")
    person: Id = need("Person", "Who holds it.", ref="person", example="Robin Example")
    issued_on: Day = need(
        "Issued on", "The day on which the person got it.", rows=("E-11.3",), example="2008-09-18"
    )
    place: Line | None = ask(
        "Place of issue", "Where the person got it.", example="County training centre"
    )
    lost_on: Day | None = ask(
        "Lost on",
        "The day on which it was missed, or suspected to have been used by somebody else.",
        rows=("E-11.6",),
        later=True,
    )
    used_by_other: YesNo | None = ask(
        "Used by somebody else",
        "Whether somebody else may have used it.",
        rows=("E-11.6",),
        later=True,
    )
    team_told_on: Day | None = ask(
        "Directory's team told on",
        "The day on which the directory's team heard of the loss.",
        rows=("E-11.6",),
        later=True,
    )
    returned_on: Day | None = ask(
        "Returned to us on",
        "The day on which the person handed it in.",
        rows=("E-4.3",),
        later=True,
    )
    posted_on: Day | None = ask(
        "Posted on",
        "The day on which we posted it to the directory's team.",
        rows=("E-4.4",),
        later=True,
    )
    post_reference: Line | None = ask(
        "Registered-post reference",
        "The reference of the registered post.",
        rows=("E-4.4",),
        later=True,
    )
    received_on: Day | None = ask(
        "Receipt confirmed on",
        "The day on which the directory's team confirmed that it has the token.",
        later=True,
    )
    replaced_by: Id | None = ask(
        "Replaced by",
        "The token given instead, once it is entered.",
        ref="token",
        later=True,
    )

    @property
    def gone(self) -> bool:
        """Whether nothing is left to do: back with the directory's team, or lost and the directory's team told."""
        lost = self.lost_on is not None and self.returned_on is None
        return self.received_on is not None or (lost and self.team_told_on is not None)

    @property
    def live(self) -> bool:
        """Whether it is still in somebody's hands: neither handed in, nor back with the directory's team, nor reported lost."""
        return self.returned_on is None and self.received_on is None and self.team_told_on is None


class Lose(Part):
    """What is asked when a token is lost, or may have been used by somebody else."""

    lost_on: Day = need("Lost on", "The day on which it was missed, or misuse was suspected.")
    used_by_other: YesNo | None = ask(
        "Used by somebody else", "Whether somebody else may have used it."
    )
    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the team was told; it should be at once."
    )
    replaced_by: Id | None = ask(
        "Replaced by",
        "The token given instead, once it is entered.",
        ref="token",
    )


class Return(Part):
    """What is asked when a token is handed in."""

    returned_on: Day = need("Returned to us on", "The day on which the person handed it in.")


class Post(Part):
    """What is asked when a token is posted to the directory's team."""

    posted_on: Day = need("Posted on", "The day on which it was posted.")
    post_reference: Line = need(
        "Registered-post reference", "The reference on the receipt of the registered post."
    )


class Confirm(Part):
    """What is asked when the directory's team confirms that it has a token."""

    received_on: Day = need(
        "Receipt confirmed on", "The day on which the directory's team confirmed it."
    )


def token_next(token: Token, _: Book) -> list[str]:
    """What is still to be done with a token that is lost or on its way back (E-4.4, E-11.6)."""
    if token.received_on is not None:
        return []
    if token.lost_on is not None and token.returned_on is None:
        return _lost_next(token)
    if token.posted_on is not None:
        return ["ask the directory's team to confirm that it arrived, then use `token.confirm`"]
    if token.returned_on is not None:
        return [
            "send it to the directory's team by registered post, then record it with `token.post`"
        ]
    return []


def _lost_next(token: Token) -> list[str]:
    if token.team_told_on is None:
        return ["tell the directory's team now, then record the day with `token.lose`"]
    if token.replaced_by is None:
        return ["enter the new token with `token.add` when the directory's team gives one"]
    return []


def _trigger(token: Token, book: Book) -> Trigger:
    return Trigger(person_left(token.person, book), "the person left")


TOKEN = Log(
    name="token",
    title="Token register",
    about="Every security token: who holds it, whether it was lost, and how it went back to the directory's team.",
    model=Token,
    keep=Keep(6, "the person left", ("E-11.9",)),
    trigger=_trigger,
    line=lambda token, book: f"token {token.number}, issued {token.issued_on:%d/%m/%Y}",
    columns=("number", "person", "issued_on", "lost_on", "returned_on", "received_on"),
    rows=("E-4.2", "E-4.4", "E-4.7", "E-11.6", "E-11.7", "E-11.8", "E-11.9"),
    same=("number", "person", "issued_on"),
    also=("dongle", "security token", "fob"),
    follow_ups=(
        FollowUp(
            "lose", "Record that a token is lost, or may be used by another.", Lose, next=token_next
        ),
        FollowUp("return", "Record that a token was handed in.", Return, next=token_next),
        FollowUp(
            "post", "Record that a token was posted to the directory's team.", Post, next=token_next
        ),
        FollowUp(
            "confirm", "Record that the directory's team has the token.", Confirm, next=token_next
        ),
    ),
)
