"""To the person: access has ended, and any further use may be an offence; with a slip to sign (E-4.6)."""

from __future__ import annotations

from typing import cast

from cpvol.compliance.hands import place, tokens_of
from cpvol.letters.base import Letter, Matter, NotThisLetter, Sent, Value
from cpvol.logs.person import Person


def _fill(matter: Matter) -> dict[str, Value]:
    person = cast("Person", matter.record)
    if person.left_on is None and person.account_closed_on is None:
        raise NotThisLetter(
            "no day of leaving is recorded for this person",
            "record it first with `person.leave`, the last day to come included",
        )
    ends = person.left_on or person.account_closed_on
    return {
        "name": person.name,
        "organisation": matter.organisation.name,
        "ends_on": ends,
        "account": person.account_opened_on is not None and person.account_closed_on is None,
        "has_ended": ends is not None and ends < matter.on,
        "tokens": [
            {"number": token.number}
            for token in tokens_of(person.id, matter.book)
            if place(token, matter.on) == "hand"
        ],
    }


LETTER = Letter(
    name="leaver-notice",
    title="To the person: access ends, with a slip to sign.",
    log="person",
    rows=("E-4.2", "E-4.3", "E-4.5", "E-4.6"),
    fields={
        "name": "the leaver's name",
        "organisation": "the organisation's name",
        "ends_on": "the last day of access",
        "account": "whether there is an account to close",
        "has_ended": "whether that day has passed",
        "tokens": "the tokens that the leaver still holds",
        "tokens.number": "a token's number",
    },
    fill=_fill,
    to_person=lambda matter: cast("Person", matter.record).name,
    sent=lambda record, office: Sent("leave", "notice_given_on"),
)
