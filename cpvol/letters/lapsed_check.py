"""To the directory's team: an enhanced check has lapsed, so the account is suspended until a new one is seen (E-5.7, C3)."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from cpvol.compliance.standing import failed, last_valid, standing
from cpvol.letters.base import Letter, Matter, NotThisLetter, Value, reach, team
from cpvol.letters.leaver import tokens
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person


def check_of(person: Person, matter: Matter) -> Ecrb:
    """The check that counts for somebody on the day of a letter.

    :raises NotThisLetter: when none was seen, or it failed.
    """
    found = standing(person.id, matter.book, matter.on)
    if found is None:
        raise NotThisLetter(
            "no enhanced check was seen for this person", "enter it first, with `ecrb.add`"
        )
    if failed(found, matter.on):
        raise NotThisLetter(
            "this person's enhanced check failed", "use `letter.failed-check` for it"
        )
    return found


def _fill(matter: Matter) -> dict[str, Value]:
    person = cast("Person", matter.record)
    check = check_of(person, matter)
    last = last_valid(check, matter.policy)
    if matter.on <= last:
        raise NotThisLetter(
            f"this person's enhanced check counts until {last:%d/%m/%Y}",
            "use `letter.check-renewal` to have it renewed before then",
        )
    if not person.account_open(matter.on):
        raise NotThisLetter(
            "this person has no open account", "there is nothing to suspend; see `person.status`"
        )
    first_invalid = last + timedelta(days=1)
    return {
        "name": person.name,
        "email": person.email,
        "issued_on": check.issued_on,
        "valid_for": matter.policy.ecrb_valid.words,
        "last_day": last,
        "first_invalid": first_invalid,
        "close_after": matter.policy.ecrb_close.words,
        "close_on": matter.policy.ecrb_close.after(first_invalid),
        "suspended": person.suspended(matter.on),
        "tokens": list(tokens(person, matter)),
        "token_returns": reach(matter, "token_returns"),
    }


LETTER = Letter(
    name="lapsed-check",
    title="To the directory's team: an enhanced check has lapsed.",
    log="person",
    rows=("E-5.7", "C2", "C3"),
    fields={
        "name": "the user's name",
        "email": "the user's e-mail address",
        "issued_on": "the day on which the check was issued",
        "valid_for": "how long a check counts",
        "last_day": "the last day on which the check counted",
        "first_invalid": "the first day on which it no longer did",
        "close_after": "how long an account stays suspended before it is closed",
        "close_on": "the day on which it is closed without a renewal",
        "suspended": "whether the account is suspended already",
        "tokens": "the tokens that are not back with the directory's team",
        "tokens.number": "a token's number",
        "tokens.where": "where that token is",
        "token_returns": "the address for tokens",
    },
    fill=_fill,
    office=team,
    then="once the directory's team has suspended the account, record it with `person.suspend`",
)
