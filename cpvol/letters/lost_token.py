"""To the directory's team: a token is lost, or may have been used by somebody else (E-11.6, C14)."""

from __future__ import annotations

from typing import cast

from cpvol.letters.base import Letter, Matter, NotThisLetter, Sent, Value, team, words
from cpvol.logs.token import Token
from cpvol.policy.organisation import Purpose


def _lost(token: Token) -> bool:
    return token.lost_on is not None


def _fill(matter: Matter) -> dict[str, Value]:
    token = cast("Token", matter.record)
    if not _lost(token):
        raise NotThisLetter(
            "no loss of this token is recorded", "record it first, with `token.lose`"
        )
    person = matter.person(token.person)
    return {
        "name": person.name,
        "email": person.email,
        "number": token.number,
        "issued_on": token.issued_on,
        "lost_on": token.lost_on,
        "used_by_other": words(token, "used_by_other"),
        "found_again_on": token.returned_on,
    }


def _sent(token: Token, _: Purpose | None) -> Sent:
    return Sent("lose", "team_told_on", answers={"lost_on": token.lost_on})


LETTER = Letter(
    name="lost-token",
    title="To the directory's team: a token is lost.",
    log="token",
    rows=("E-11.6", "C14"),
    fields={
        "name": "the holder's name",
        "email": "the holder's e-mail address",
        "number": "the token's number",
        "issued_on": "the day on which the token was given out",
        "lost_on": "the day on which it was missed",
        "used_by_other": "whether somebody else may have used it",
        "found_again_on": "the day on which it was handed in after all",
    },
    fill=_fill,
    fits=_lost,
    office=team,
    sent=_sent,
)
