"""Changes of systems and networks, and that the directory's team was told of them (E-17)."""

from __future__ import annotations

from typing import Literal

from cpvol.logs.base import (
    Book,
    Day,
    FollowUp,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Text,
    Trigger,
    ask,
    need,
)


class Change(Record):
    """One change of a case system or a network."""

    log: Literal["change"] = "change"
    on: Day = need(
        "Changed on",
        "The day of the change; it may lie ahead.",
        rows=("E-17.7",),
        future=True,
        example="2009-11-02",
    )
    system: Line = need(
        "System", "The case system or network that changes.", example="Case records"
    )
    kind: Literal["upgrade", "change", "modification", "network"] = need(
        "Kind",
        "What kind of change it is.",
        labels={"network": "network address"},
        rows=("E-17.3", "E-17.6", "E-17.7"),
        example="upgrade",
    )
    what: Text = need(
        "What changed",
        "In a few words; no addresses of computers and no passwords.",
        rows=("E-17.7",),
        example="Upgrade to the next version of the program",
    )
    manager_told_on: Day | None = ask(
        "Data manager told on",
        "The day on which the directory's data manager was told.",
        rows=("E-17.6", "E-17.7"),
    )


class Tell(Part):
    """What is asked when the directory's team was told of a change."""

    manager_told_on: Day = need(
        "Data manager told on", "The day on which the directory's data manager was told."
    )


def change_next(change: Change, _: Book) -> list[str]:
    """What is still to be done about a change (E-17.6)."""
    if change.manager_told_on is None:
        return ["tell the directory's data manager, then record the day with `change.tell`"]
    return []


CHANGE = Log(
    name="change",
    title="Changes of systems and networks",
    about="Each upgrade, change or modification of a case system, each new network address, and when the directory's data"
    " manager was told.",
    model=Change,
    keep=Keep(
        3,
        "the change",
        ("E-17.7", "C26"),
        origin="ours",
        reason="it explains what came through a connection until the next accreditation; no claim rests on it",
    ),
    trigger=lambda change, book: Trigger(change.on, "the change"),
    line=lambda change, book: f"change of {change.system} on {change.on:%d/%m/%Y}",
    columns=("on", "system", "kind", "manager_told_on"),
    rows=("E-17.3", "E-17.6", "E-17.7"),
    same=("on", "system", "what"),
    also=("upgrade", "network change", "system change"),
    follow_ups=(
        FollowUp(
            "tell", "Record that the directory's team was told of a change.", Tell, next=change_next
        ),
    ),
)
