"""To the directory's team: a user leaves, so the account is suspended and the token goes back (E-4.1, E-4.3, E-4.4)."""

from __future__ import annotations

from typing import cast

from cpvol.compliance.hands import place, tokens_of
from cpvol.compliance.standing import was_user
from cpvol.letters.base import Letter, Matter, NotThisLetter, Sent, Value, reach, team
from cpvol.logs.person import Person
from cpvol.logs.token import Token

#: Where a token is, as the directory's team is told; one that is back with it is not mentioned.
PLACES = {
    "hand": "still with its holder, and will be taken back",
    "lost": "lost",
    "told": "lost, as you were told",
    "returned": "handed in to us, and will be posted to you",
    "posted": "on its way to you by registered post",
}


def tokens(person: Person, matter: Matter) -> list[dict[str, str]]:
    """The tokens of a person that the directory's team has not got back, with where each is on the day of the letter."""
    found = [
        (token, PLACES.get(place(token, matter.on))) for token in tokens_of(person.id, matter.book)
    ]
    return [
        {"number": token.number, "where": where + _receipt(token)}
        for token, where in found
        if where
    ]


def _receipt(token: Token) -> str:
    return f", reference {token.post_reference}" if token.post_reference else ""


def _fill(matter: Matter) -> dict[str, Value]:
    person = cast("Person", matter.record)
    if person.left_on is None:
        raise NotThisLetter(
            "no day of leaving is recorded for this person",
            "record it first with `person.leave`, the last day to come included",
        )
    if not was_user(person):
        raise NotThisLetter(
            "this person had no access to the directory",
            "there is nothing to tell the directory's team; see `person.status`",
        )
    post = person.post_on(person.left_on)
    return {
        "name": person.name,
        "post": post.title if post else None,
        "email": person.email,
        "account_opened_on": person.account_opened_on,
        "left_on": person.left_on,
        "has_left": person.left_on < matter.on,
        "notice_given_on": person.notice_given_on,
        "tokens": list(tokens(person, matter)),
        "token_returns": reach(matter, "token_returns"),
    }


LETTER = Letter(
    name="leaver",
    title="To the directory's team: a user leaves.",
    log="person",
    rows=("E-4.1", "E-4.3", "E-4.4", "E-4.5"),
    fields={
        "name": "the leaver's name",
        "post": "the leaver's post",
        "email": "the leaver's e-mail address",
        "account_opened_on": "the day on which the account was opened",
        "left_on": "the last day with us",
        "has_left": "whether that day has passed",
        "notice_given_on": "the day of the notice that further use may be an offence",
        "tokens": "the tokens that are not back with the directory's team",
        "tokens.number": "a token's number",
        "tokens.where": "where that token is",
        "token_returns": "the address for tokens",
    },
    fill=_fill,
    office=team,
    sent=lambda record, office: Sent("leave", "team_told_on"),
)
