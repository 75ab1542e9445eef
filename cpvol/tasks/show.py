"""Tables and forms on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel

from cpvol.findings import Finding, Severity
from cpvol.logs.base import Book, Record
from cpvol.logs.fields import fields_of
from cpvol.logs.shown import shown
from cpvol.tasks.session import Session

MARKS = {Severity.BREACH: "broken", Severity.WARNING: "warning", Severity.NOTE: "note"}


def table(session: Session, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that fits the window; where there is no window, every row in one line."""
    from cpvol.tasks import layout

    lines = layout.table(headings, rows, session.width(), plain=session.plain)
    session.out("\n".join(lines).rstrip("\n"), whole=True)


def form(session: Session, record: BaseModel, book: Book, *, skip: Sequence[str] = ()) -> str:
    """A record's fields with their labels, those that have a value."""
    from cpvol.tasks import layout

    pairs = [
        (spec.label, text)
        for spec in fields_of(type(record))
        if spec.name not in skip and (text := shown(spec, getattr(record, spec.name), book))
    ]
    return "\n".join(layout.form(pairs, session.width(), plain=session.plain))


def findings(session: Session, found: Sequence[Finding], who: Callable[[Finding], str]) -> None:
    """Print findings as a table, worst first as they come."""
    table(
        session,
        ("how bad", "what", "who", "log", "number", "source"),
        [
            (
                MARKS[each.severity],
                each.message,
                who(each),
                each.log,
                each.id,
                ", ".join(each.source),
            )
            for each in found
        ],
    )


def warn(session: Session, found: Sequence[Finding]) -> None:
    """Say which rules an entry breaks; the entry can be made all the same."""
    for each in found:
        session.tell(f"note: {each.message} [{each.rule}; {', '.join(each.source)}]")


def history(record: Record) -> str:
    """What was changed since the entry was made, a line each."""
    return "\n".join(
        f"  {change.on:%d/%m/%Y}  {change.action} by {change.by}"
        + (f": {', '.join(change.fields)}" if change.fields else "")
        + (f" ({change.reason})" if change.reason else "")
        for change in record.amendments
    )
