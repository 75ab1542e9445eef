"""Due dates of the log of mediated sessions: the confirmed end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.logs.session import Session


def unended(session: Session, on: date) -> bool:
    """Whether a session had begun by a day and nobody has confirmed that it ended (E-10.6)."""
    return session.date <= on and (session.ended is None or session.end_confirmed_by is None)


@due_rule("session-end", "The end of a mediated session is confirmed", "E-10.6")
def _end(case: Case) -> Iterator[Date]:
    """While a session is open, somebody else is still looking in the directory for us."""
    for session in cast("list[Session]", case.book.of("session")):
        if unended(session, case.on):
            yield Date(session, session.date, "have it confirmed that the mediated session ended")


RULES: tuple[DueRule, ...] = (_end,)
