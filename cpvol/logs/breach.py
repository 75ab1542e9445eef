"""The breach log: every breach and misuse, what was done about it, and how it ended (E-7)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import model_validator

from cpvol.logs.base import (
    Book,
    Closing,
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
    YesNo,
    ask,
    need,
)
from cpvol.logs.person import Person

Category = Literal[
    "unauthorised",
    "gain",
    "known_people",
    "credentials",
    "monitoring",
    "disclosure",
    "policy",
    "mediation",
    "altering",
    "vandalism",
    "other",
]

CATEGORY_LABELS = {
    "unauthorised": "getting in without permission",
    "gain": "for pleasure, gain or out of malice",
    "known_people": "looking up family, colleagues, friends or neighbours",
    "credentials": "using somebody else's account or log-in",
    "monitoring": "getting round monitoring, or flooding with requests",
    "disclosure": "telling somebody who may not know",
    "policy": "breaking a directory policy or the law",
    "mediation": "skipping the formal steps as a mediator",
    "altering": "altering records to do harm",
    "vandalism": "vandalism, harmful programs, getting round security",
}


#: Characters that a free text may have.
_TEXT_LENGTH = 500


class Action(Part):
    """One thing that was done about a breach."""

    on: Day = need("Done on", "The day on which something was done about it.")
    what: Text = need("What was done", "What was done about it, in a few words.")
    by: Line = need("Done by", "The role of whoever did it.", example="Manager")


class Breach(Record):
    """One breach or misuse, suspected or certain."""

    ORDER = (
        ("occurred_on", "discovered_on"),
        ("discovered_on", "opened_on"),
        ("opened_on", "concluded_on"),
        ("discovered_on", "concluded_on"),
    )

    log: Literal["breach"] = "breach"
    discovered_on: Day = need(
        "Discovered on", "The day on which it came to light.", rows=("E-7.5",), example="2009-05-11"
    )
    occurred_on: Day | None = ask("Happened on", "The day on which it happened, if known.")
    found_through: Literal["own", "authority_audit", "spot_check", "report"] = need(
        "Found through",
        "How it came to light.",
        labels={
            "own": "we noticed it",
            "authority_audit": "an audit by the directory's team",
            "spot_check": "a spot check",
            "report": "somebody reported it",
        },
        rows=("E-7.7", "E-7.8"),
        example="report",
    )
    category: Category = need(
        "Kind",
        "What kind of misuse it is.",
        labels=CATEGORY_LABELS,
        rows=("E-7.11a", "E-7.12"),
        example="known_people",
    )
    what: Text = need(
        "What happened",
        "What happened, in a few words, without anything about a child.",
        example="A record was looked at without a reason to do with work",
    )
    persons: tuple[Id, ...] = ask(
        "People concerned", "Those of us who are concerned.", (), ref="person"
    )
    reported_by: Line | None = ask(
        "Reported by", "Who reported it; leave empty to protect them.", rows=("E-7.4",)
    )
    reported_to: Literal["manager", "alternative", "outside"] | None = ask(
        "Reported to",
        "To whom it was reported.",
        labels={
            "manager": "the manager",
            "alternative": "somebody else, since the manager is concerned",
            "outside": "outside the usual way",
        },
        rows=("E-7.3", "E-7.4"),
    )
    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the directory's team was told.", rows=("C15",)
    )
    directory_manager_told_on: Day | None = ask(
        "Directory manager told on",
        "The day on which the local directory manager was told, when a computer is concerned.",
        rows=("E-16.5", "C15"),
    )
    personal_data: YesNo | None = ask(
        "Personal data concerned",
        "Whether data about people was lost, changed, or seen by somebody who may not.",
    )
    risk: YesNo | None = ask(
        "Risk to people", "Whether it may do harm to those whom the data is about."
    )
    commissioner_told_on: Day | None = ask(
        "Commissioner told on",
        "The day on which the Information Commissioner was told, where that is asked for.",
        later=True,
    )
    suspended_on: Day | None = ask(
        "Account suspended on",
        "The day on which the account was suspended while it is looked into.",
        rows=("E-7.9",),
    )
    actions: tuple[Action, ...] = ask(
        "Actions", "What was done about it.", (), item="action", rows=("E-7.5",)
    )
    opened_on: Day | None = ask(
        "Investigation opened on",
        "The day on which the investigation began.",
        rows=("E-7.8",),
        later=True,
    )
    concluded_on: Day | None = ask(
        "Concluded on", "The day on which the case was concluded.", rows=("E-7.10",), later=True
    )
    outcome: Text | None = ask("Outcome", "What was found, in a few words.", later=True)
    sanction: Line | None = ask(
        "Sanction", "What followed for those concerned.", rows=("E-7.6",), later=True
    )

    def investigated(self, on: date) -> bool:
        """Whether an investigation is running on that day."""
        return (
            self.opened_on is not None
            and self.opened_on <= on
            and (self.concluded_on is None or on < self.concluded_on)
        )


class Report(Part):
    """What is asked of somebody who reports in confidence, without being a member (E-7.4)."""

    ORDER = (("occurred_on", "discovered_on"),)

    discovered_on: Day = need(
        "Discovered on", "The day on which you noticed it.", example="2009-05-11"
    )
    occurred_on: Day | None = ask("Happened on", "The day on which it happened, if you know it.")
    category: Category = need("Kind", "What kind of misuse it is.", labels=CATEGORY_LABELS)
    what: Text = need(
        "What happened",
        "What happened, in a few words, without anything about a child.",
        example="A record was looked at without a reason to do with work",
    )
    concerning: Line | None = ask(
        "Who is concerned", "Those of the organisation whom it is about: names or roles."
    )
    reported_by: Line | None = ask(
        "Reported by", "Leave it empty to stay unnamed; nothing else says who you are."
    )
    personal_data: YesNo | None = ask(
        "Personal data concerned",
        "Whether data about people was lost, changed, or seen by somebody who may not.",
    )
    risk: YesNo | None = ask(
        "Risk to people", "Whether it may do harm to those whom the data is about."
    )

    @model_validator(mode="after")
    def _fits_the_entry(self) -> Report:
        if len(self.text()) > _TEXT_LENGTH:
            raise ValueError("what happened and who is concerned are too long together")
        return self

    def text(self) -> str:
        """What happened, and who is concerned, as it stands in the entry."""
        return f"{self.what}\nConcerning: {self.concerning}" if self.concerning else self.what

    def values(self) -> dict[str, Any]:
        """The fields of the entry that is made of it, besides those that only a member can give."""
        given = self.model_dump(exclude_none=True, exclude={"what", "concerning"})
        return {"found_through": "report", "reported_to": "outside", **given, "what": self.text()}


class Act(Part):
    """What is asked when something was done about a breach."""

    on: Day | None = ask("Done on", "The day on which something was done about it.")
    what: Text | None = ask("What was done", "What was done about it, in a few words.")
    by: Line | None = ask("Done by", "The role of whoever did it.")
    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the directory's team was told."
    )
    directory_manager_told_on: Day | None = ask(
        "Directory manager told on", "The day on which the local directory manager was told."
    )
    personal_data: YesNo | None = ask(
        "Personal data concerned",
        "Whether data about people was lost, changed, or seen by somebody who may not.",
    )
    risk: YesNo | None = ask(
        "Risk to people", "Whether it may do harm to those whom the data is about."
    )
    commissioner_told_on: Day | None = ask(
        "Commissioner told on", "The day on which the Information Commissioner was told."
    )
    suspended_on: Day | None = ask(
        "Account suspended on", "The day on which the account was suspended."
    )
    opened_on: Day | None = ask(
        "Investigation opened on", "The day on which the investigation began."
    )


class Conclude(Part):
    """What is asked when a case is concluded."""

    concluded_on: Day = need("Concluded on", "The day on which the case was concluded.")
    outcome: Text = need("Outcome", "What was found, in a few words.")
    sanction: Line | None = ask("Sanction", "What followed for those concerned.")


def _act(breach: Breach, answers: Act) -> dict[str, Any]:
    changes = answers.model_dump(exclude_none=True, exclude={"on", "what", "by"})
    given = [answers.on, answers.what, answers.by]
    if any(given):
        if not all(given):
            raise ValueError("an action needs its day, what was done, and by whom")
        action = {"on": answers.on, "what": answers.what, "by": answers.by}
        changes["actions"] = [*(each.model_dump() for each in breach.actions), action]
    return changes


def breach_next(breach: Breach, _: Book) -> list[str]:
    """What is still to be done about a breach, in order (E-7.5, E-7.8, E-7.9)."""
    if breach.concluded_on is not None:
        return []
    steps = []
    if breach.team_told_on is None and breach.directory_manager_told_on is None:
        steps.append(
            "tell the directory's team, or the directory manager when a computer is concerned;"
            " `letter.breach` writes it, and records the day"
        )
    if not breach.actions:
        steps.append("write down what was done about it, with `breach.act`")
    if breach.opened_on is None:
        steps.append("open an investigation, or conclude the case with `breach.conclude`")
    elif breach.suspended_on is None and breach.persons:
        steps.append("have the account suspended while the investigation runs")
    return steps or ["when the investigation ends, record what was found with `breach.conclude`"]


def _closing(breach: Breach, book: Book) -> Closing | None:
    """Whoever is concerned does not read the entry (E-7.4)."""
    people = [book.get(id) for id in breach.persons]
    handles = frozenset(p.handle for p in people if isinstance(p, Person) and p.handle)
    return Closing(against=handles) if handles else None


BREACH = Log(
    name="breach",
    title="Breach log",
    about="Every breach and misuse, suspected or certain: what happened, who was told, what was done, how it ended."
    " Members who are concerned do not read the entry.",
    model=Breach,
    keep=Keep(6, "the case was concluded", ("E-7.10",)),
    trigger=lambda breach, book: Trigger(breach.concluded_on, "the case was concluded"),
    line=lambda breach, book: (
        f"{CATEGORY_LABELS.get(breach.category, 'other')}, "
        f"discovered {breach.discovered_on:%d/%m/%Y}"
    ),
    columns=("discovered_on", "category", "persons", "opened_on", "concluded_on"),
    rows=("E-7.2", "E-7.3", "E-7.4", "E-7.5", "E-7.8", "E-7.9", "E-7.10", "E-7.12", "C15"),
    same=("discovered_on", "category", "what"),
    also=("misuse", "incident", "security breach"),
    follow_ups=(
        FollowUp("act", "Record what was done about a breach.", Act, _act, breach_next),
        FollowUp("conclude", "Conclude a case.", Conclude, next=breach_next),
    ),
    closing=_closing,
)
