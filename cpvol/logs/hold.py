"""Legal holds: entries that may not be disposed of for as long as a court, an authority or a dispute needs them."""

from __future__ import annotations

from typing import Literal

from cpvol.logs.base import (
    Day,
    FollowUp,
    Id,
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


class Hold(Record):
    """One hold on some entries."""

    ORDER = (("placed_on", "lifted_on"),)

    log: Literal["hold"] = "hold"
    entries: tuple[Id, ...] = need(
        "Entries", "The numbers of the entries that must be kept, as `find` and `list` show them."
    )
    reason: Text = need(
        "Reason", "Why they must be kept, in a few words.", example="A claim is expected"
    )
    mandate: Line | None = ask(
        "Mandate", "The letter or order that asks for it.", example="Solicitor's letter 12"
    )
    placed_on: Day = need(
        "Placed on", "The day from which they must be kept.", example="2012-02-01"
    )
    placed_by: Line = need("Placed by", "The role of whoever decided.", example="Chair of trustees")
    lifted_on: Day | None = ask("Lifted on", "The day on which the hold ended.", later=True)
    lifted_by: Line | None = ask("Lifted by", "The role of whoever ended it.", later=True)


class Release(Part):
    """What is asked when a hold ends."""

    lifted_on: Day = need("Lifted on", "The day on which the hold ended.")
    lifted_by: Line = need("Lifted by", "The role of whoever ended it.")


HOLD = Log(
    name="hold",
    title="Legal holds",
    about="Entries that may not be disposed of, why, and since when. A hold stops every step of a disposal.",
    model=Hold,
    keep=Keep(
        6,
        "the hold was lifted",
        ("C22", "C26"),
        origin="ours",
        reason="why something was kept longer may have to be explained as long as a claim can be made",
    ),
    trigger=lambda hold, book: Trigger(hold.lifted_on, "the hold was lifted"),
    line=lambda hold, book: (
        f"hold on {len(hold.entries)} {'entry' if len(hold.entries) == 1 else 'entries'}, placed {hold.placed_on:%d/%m/%Y}"
        + (f", lifted {hold.lifted_on:%d/%m/%Y}" if hold.lifted_on else "")
    ),
    columns=("placed_on", "placed_by", "entries", "mandate", "lifted_on"),
    rows=("C22",),
    same=("placed_on", "reason"),
    also=("legal hold", "litigation hold"),
    follow_ups=(FollowUp("release", "Record that a hold was lifted.", Release),),
)
