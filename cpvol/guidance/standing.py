"""How we stand: a page with counts from the records, made on request only, in which nobody can find anybody.

Whoever reads the site reads this page. So it has no name and no day of an entry; and every count is a band of five,
"fewer than 5" included, so that one entry more or less, such as a breach that somebody reported in confidence, does not
show, not even to those who compare the page with last month's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cpvol import compliance, retention
from cpvol.guidance.tables import table
from cpvol.logs import LOGS
from cpvol.logs.book import Records
from cpvol.logs.person import Person
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation

_BAND = 5
_SEVERITIES = {"breach": "Rules that are broken", "warning": "Warnings", "note": "Notes"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of an organisation's records on a day.

    :param on: the day.
    :param accounts: people with an account, by its state in words.
    :param entries: entries that count, by the log's title.
    :param work: what has to be done, in words.
    """

    on: date
    accounts: Mapping[str, int]
    entries: Mapping[str, int]
    work: Mapping[str, int]


def standing(
    book: Records,
    policy: Policy,
    on: date,
    organisation: Organisation | None = None,
    by_one: Sequence[str] = (),
) -> Standing:
    """Count.

    :param book: the records that whoever makes the page may read.
    :param by_one: what hangs on one member alone, as :func:`cpvol.compliance.due` takes it.
    """
    people = [one for one in book.of("person") if isinstance(one, Person) and one.account_open(on)]
    suspended = sum(one.suspended(on) for one in people)
    dues = compliance.due(book, policy, on, 90, organisation, by_one)
    late = [one for one in dues if one.overdue(on)]
    found = compliance.check(book, policy, on, organisation=organisation, by_one=by_one)
    work = {
        "Overdue, and ours to do": sum(one.owner == "us" for one in late),
        "Overdue, and not ours to do": sum(one.owner != "us" for one in late),
        "Due within 90 days": len(dues) - len(late),
        "Entries that have been kept long enough": len(
            retention.due(book, policy, on, holds=retention.held(book, on))
        ),
    }
    work |= {
        words: sum(one.severity == severity for one in found)
        for severity, words in _SEVERITIES.items()
    }
    return Standing(
        on,
        {"open": len(people) - suspended, "suspended": suspended},
        # Empty logs as well: that one is there must not tell that something is in it.
        {log.title: len(book.of(log.name)) for log in LOGS},
        work,
    )


def band(count: int) -> str:
    """A count as the page shows it: ``10 to 14``."""
    low = count // _BAND * _BAND
    return f"{low} to {low + _BAND - 1}" if low else f"fewer than {_BAND}"


def body(counted: Standing) -> str:
    """The text of the page."""
    about = (
        f"Counted on {counted.on:%d/%m/%Y}, from our records. Nobody is named, and counts are in bands of {_BAND}: this"
        " page is about all of us, not about any one."
    )
    more = "The coordinator sees all of it with `cpvol due` and `cpvol check`. Ask our coordinator what lies behind it."
    return "\n\n".join(
        [
            "# How we stand",
            f"{about} {more}",
            "## Accounts",
            _counts("Account", counted.accounts),
            "## What has to be done",
            _counts("What", counted.work),
            "## Entries in our logs",
            _counts("Log", counted.entries),
        ]
    )


def _counts(head: str, counts: Mapping[str, int]) -> str:
    return table((head, "How many"), ((what, band(count)) for what, count in counts.items()))
