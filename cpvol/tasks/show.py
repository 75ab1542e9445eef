"""Tables and forms on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel

from cpvol.findings import Finding, Severity
from cpvol.logs.base import Book, Record
from cpvol.logs.fields import fields_of
from cpvol.tasks.session import Session
from cpvol.tasks.values import shown

MARKS = {Severity.BREACH: "broken", Severity.WARNING: "warning", Severity.NOTE: "note"}


def table(session: Session, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that fits the window; where there is no window, every line whole."""
    import shutil
    import sys

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold", no_wrap=heading in {"number", "when"})
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 160
    # Not straight to the stream: rich would decide by itself about colour and code pages.
    console = Console(width=width, no_color=True, highlight=False, force_terminal=False)
    with console.capture() as capture:
        console.print(drawn)
    session.out("\n".join(line.rstrip() for line in capture.get().rstrip().splitlines()))


def form(record: BaseModel, book: Book, *, skip: Sequence[str] = ()) -> str:
    """A record's fields with their labels, those that have a value."""
    lines = [
        (spec.label, shown(spec, getattr(record, spec.name), book))
        for spec in fields_of(type(record))
        if spec.name not in skip
    ]
    width = max((len(label) for label, text in lines if text), default=0)
    return "\n".join(f"  {label:<{width}}  {text}" for label, text in lines if text)


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
    """Say which rules an entry breaks; the entry is made all the same."""
    for each in found:
        session.tell(f"note: {each.message} [{each.rule}; {', '.join(each.source)}]")


def history(record: Record) -> str:
    """What was changed since the entry was made, a line each."""
    return "\n".join(
        f"  {change.on:%d/%m/%Y}  {change.action} by {change.by}: {', '.join(change.fields)}"
        + (f" ({change.reason})" if change.reason else "")
        for change in record.amendments
    )
