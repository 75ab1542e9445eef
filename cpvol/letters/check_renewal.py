"""To the person: the enhanced check is renewed before it lapses, and what follows if it is not (E-5.4, E-5.5, E-5.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from cpvol.compliance.standing import last_valid
from cpvol.letters.base import Letter, Matter, Value
from cpvol.letters.lapsed_check import check_of
from cpvol.logs.person import Person


def _fill(matter: Matter) -> dict[str, Value]:
    person = cast("Person", matter.record)
    check = check_of(person, matter)
    last = last_valid(check, matter.policy)
    return {
        "name": person.name,
        "issued_on": check.issued_on,
        "valid_for": matter.policy.ecrb_valid.words,
        "last_day": last,
        "account": person.account_open(matter.on),
        "lapsed": last < matter.on,
        "first_invalid": last + timedelta(days=1),
        "close_after": matter.policy.ecrb_close.words,
        "renewal_role": matter.organisation.renewal_role,
    }


LETTER = Letter(
    name="check-renewal",
    title="To the person: renew the enhanced check.",
    log="person",
    rows=("E-5.4", "E-5.5", "E-5.7", "E-5.9", "C2"),
    fields={
        "name": "the person's name",
        "issued_on": "the day on which the check was issued",
        "valid_for": "how long a check counts",
        "last_day": "the last day on which the check counts",
        "account": "whether the person has an account",
        "lapsed": "whether that day has passed",
        "first_invalid": "the first day on which it no longer counts",
        "close_after": "how long an account stays suspended before it is closed",
        "renewal_role": "the role that sees to the renewal of checks",
    },
    fill=_fill,
    to_person=lambda matter: cast("Person", matter.record).name,
    then="when the new certificate was seen, enter it with `ecrb.add`",
)
