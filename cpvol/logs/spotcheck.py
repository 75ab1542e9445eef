"""Spot checks of workstations: each point of the security rules, and what was put right (E-16, S-13.1)."""

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

Point = Literal["met", "not_met", "not_applicable"]

#: The points that are looked at, in the order of the form.
POINTS = (
    "build",
    "patches",
    "protection",
    "bypass",
    "unattended",
    "screen",
    "open_plan",
    "printing",
    "portable",
)


def _point(label: str, help_text: str, *rows: str) -> Point:
    made: Point = need(label, help_text, rows=rows, example="met")
    return made


class Spotcheck(Record):
    """One workstation, looked at on one day."""

    ORDER = (("on", "remedied_on"), ("on", "directory_manager_told_on"))

    log: Literal["spotcheck"] = "spotcheck"
    on: Day = need(
        "Checked on", "The day of the spot check.", rows=("E-16.9",), example="2009-10-12"
    )
    by: Line = need("Checked by", "The role of whoever looked.", example="Secretary")
    workstation: Line = need(
        "Workstation", "What you call this computer; not its user.", example="Office PC 2"
    )
    build: Point = _point(
        "Approved computer", "It is one that the organisation supplied and keeps up.", "E-16.1"
    )
    patches: Point = _point(
        "Up to date", "System and security software are supported and up to date.", "E-16.2"
    )
    protection: Point = _point(
        "Protected", "Firewall and protection against harmful programs are on.", "E-16.3"
    )
    bypass: Point = _point("Set up by us", "Users cannot get round how it is set up.", "E-16.4")
    unattended: Point = _point(
        "Never left open",
        "It is locked when left, and does not stand in a public area.",
        "E-16.6",
        "C19",
    )
    screen: Point = _point("Screen not seen", "Nobody else can read the screen.", "E-16.7")
    open_plan: Point = _point(
        "Open-plan screen and sign",
        "In an open-plan room it has a privacy screen and a sign.",
        "E-16.8",
    )
    printing: Point = _point(
        "Printing with a PIN", "Printing waits for the user's PIN at the printer.", "S-13.1"
    )
    portable: Point = _point(
        "Nothing on portable devices",
        "No information from the directory lies on a laptop or portable device.",
        "N-5",
    )
    remedy: Text | None = ask("Remedy", "What has to be put right, in a few words.")
    remedied_on: Day | None = ask("Put right on", "The day on which it was put right.")
    directory_manager_told_on: Day | None = ask(
        "Directory manager told on",
        "The day on which the local directory manager was told, when security was broken.",
        rows=("E-16.5",),
    )

    def unmet(self) -> int:
        """How many points were not met."""
        return sum(getattr(self, point) == "not_met" for point in POINTS)


class Remedy(Part):
    """What is asked when something was put right."""

    remedied_on: Day | None = ask("Put right on", "The day on which it was put right.")
    remedy: Text | None = ask("Remedy", "What was done, in a few words.")
    directory_manager_told_on: Day | None = ask(
        "Directory manager told on", "The day on which the local directory manager was told."
    )


def spotcheck_next(check: Spotcheck, _: Book) -> list[str]:
    """What is still to be done after a spot check (E-16.5)."""
    if not check.unmet() or check.remedied_on is not None:
        return []
    return ["put right what was not met, then record the day with `spotcheck.remedy`"]


SPOTCHECK = Log(
    name="spotcheck",
    title="Spot checks of workstations",
    about="Each workstation that was looked at: every point of the security rules, what was not met, and when it was put"
    " right.",
    model=Spotcheck,
    keep=Keep(
        3,
        "the spot check",
        ("E-16.9", "C26"),
        origin="ours",
        reason="it shows how the organisation works from one accreditation to the next; no claim rests on it",
    ),
    trigger=lambda check, book: Trigger(check.on, "the spot check"),
    line=lambda check, book: f"spot check of {check.workstation} on {check.on:%d/%m/%Y}",
    columns=("on", "workstation", "by", "remedied_on"),
    rows=(
        "E-16.1",
        "E-16.2",
        "E-16.3",
        "E-16.4",
        "E-16.5",
        "E-16.6",
        "E-16.7",
        "E-16.8",
        "E-16.9",
        "S-13.1",
        "N-5",
        "C19",
    ),
    same=("on", "workstation"),
    also=("spot check", "workstation check"),
    follow_ups=(FollowUp("remedy", "Record what was put right.", Remedy, next=spotcheck_next),),
)
