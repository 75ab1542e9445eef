"""To the directory's team: an enhanced check failed, so use is withdrawn at once; never what the certificate says (E-5.8, C21)."""

from __future__ import annotations

from typing import cast

from cpvol.letters.base import Letter, Matter, NotThisLetter, Sent, Value, reach, team
from cpvol.letters.leaver import tokens
from cpvol.logs.ecrb import Ecrb
from cpvol.policy.organisation import Purpose


def _failed(check: Ecrb) -> bool:
    return check.decision == "failed"


def _fill(matter: Matter) -> dict[str, Value]:
    check = cast("Ecrb", matter.record)
    if not _failed(check):
        raise NotThisLetter("this check did not fail", "record the failure first, with `ecrb.fail`")
    person = matter.person(check.person)
    return {
        "name": person.name,
        "email": person.email,
        "account_opened_on": person.account_opened_on,
        "failed_on": check.failed_on,
        "use_withdrawn_on": check.use_withdrawn_on,
        "tokens": list(tokens(person, matter)),
        "token_returns": reach(matter, "token_returns"),
    }


def _sent(check: Ecrb, _: Purpose | None) -> Sent:
    # The step asks for the day of the failure; where none is known, it was known when the check was seen.
    return Sent(
        "fail",
        "team_told_on",
        answers={"failed_on": check.failed_on or check.seen_on or check.issued_on},
    )


LETTER = Letter(
    name="failed-check",
    title="To the directory's team: an enhanced check failed.",
    log="ecrb",
    rows=("E-5.8", "C21"),
    fields={
        "name": "the user's name",
        "email": "the user's e-mail address",
        "account_opened_on": "the day on which the account was opened",
        "failed_on": "the day on which the check failed",
        "use_withdrawn_on": "the day from which the person may not use the directory",
        "tokens": "the tokens that are not back with the directory's team",
        "tokens.number": "a token's number",
        "tokens.where": "where that token is",
        "token_returns": "the address for tokens",
    },
    fill=_fill,
    fits=_failed,
    office=team,
    sent=_sent,
)
