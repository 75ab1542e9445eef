"""Shield requests: who of ours asked for a record to be shielded, why, and what became of it (E-9, S-4, S-5, S-7).

The directory's team keeps the shielding log and decides; this is our own side of it, and the least that lets us answer for it
(S-15.1). The request form itself is made, sent and never kept.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from cpvol.logs.base import (
    Book,
    CaseReference,
    Day,
    FollowUp,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Text,
    Trigger,
    YesNo,
    ask,
    latest,
    need,
)

Criterion = Literal["child", "adult", "cohabitant", "placement", "adoption", "crime", "other"]
Answer = Literal["applied", "possible_match", "new_record", "already_shielded", "rejected"]
View = Literal["keep", "end"]

CRITERION_LABELS = {
    "child": "harm to the child",
    "adult": "harm to an adult",
    "cohabitant": "harm to somebody the child lives with",
    "placement": "a placement at risk",
    "adoption": "a link between adoption identities",
    "crime": "prevention or detection of serious crime",
    "other": "another strong reason",
}
ANSWER_LABELS = {
    "applied": "the record is shielded",
    "possible_match": "a possible match is shielded",
    "new_record": "a new record was made and shielded",
    "already_shielded": "it was shielded already, and our request is noted",
    "rejected": "the request was rejected",
}
VIEW_LABELS = {"keep": "the shield is still needed", "end": "the shield is no longer needed"}


class Review(Part):
    """What we said when the directory's team reviewed a shield."""

    on: Day = need("View given on", "The day on which we gave our view.")
    by: Line = need("View given by", "The role of whoever gave it.")
    view: View = need("Our view", "What we said.", labels=VIEW_LABELS)


class Shield(Record):
    """One request to shield a record, or notice that we shielded one."""

    ORDER = (
        ("requested_on", "answered_on"),
        ("requested_on", "withdrawn_on"),
    )

    log: Literal["shield"] = "shield"
    reference: CaseReference = need(
        "Own reference",
        "Your own number for the file that is kept elsewhere; never a name.",
        rows=("S-15.3",),
        example="SH-2009/4",
    )
    requested_on: Day = need(
        "Requested on",
        "The day on which we asked for the shield, or put it up.",
        rows=("E-9.8", "S-15.6"),
        example="2009-07-06",
    )
    route: Literal["asked", "done"] = need(
        "How",
        "Whether we asked the directory's team, or somebody of ours with the right shielded the record.",
        labels={"asked": "the directory's team was asked", "done": "we shielded it ourselves"},
        rows=("E-9.7", "E-9.8"),
        example="asked",
    )
    body: Line = need(
        "Requesting body",
        "The organisation or office that the request comes from.",
        rows=("S-15.7",),
        example="Example Family Support",
    )
    contact: Line | None = ask(
        "Professional contact",
        "How the professional who asked is reached at work.",
        rows=("S-15.7", "S-A4.2"),
        example="Duty desk, 01632 960123",
    )
    relation: Literal["practitioner", "parent", "child", "other"] = need(
        "Who asked",
        "In what relation whoever asked first stands to the child.",
        labels={
            "practitioner": "a professional who works with the child",
            "parent": "a parent or carer",
            "child": "the child or young person",
            "other": "somebody else",
        },
        rows=("E-9.2", "S-1.11", "S-15.8"),
        example="practitioner",
    )
    criteria: tuple[Criterion, ...] = need(
        "Criteria",
        "Every reason that applies; at least one.",
        labels=CRITERION_LABELS,
        rows=("S-3.1", "S-A4.3", "C6"),
        example="child",
    )
    consulted: YesNo | None = ask(
        "Consulted",
        "When it is for another strong reason: whether the directory's team was consulted and agreed.",
        rows=("S-A2.2", "C6"),
    )
    decided_by: Line | None = ask(
        "Decided by",
        "The role that decided for us, as it is named in the organisation's own details.",
        rows=("E-9.3", "S-4.1", "C8"),
        example="Safeguarding lead",
    )
    agreed_by: Line | None = ask(
        "Agreed by",
        "The role of the senior representative who agreed to it.",
        rows=("S-2.2",),
        example="Chief officer",
    )
    household: YesNo | None = ask(
        "Household considered",
        "Whether others in the household were thought of.",
        rows=("E-9.11", "S-2.4", "S-10.1"),
    )
    team_told_on: Day | None = ask(
        "Directory's team told on",
        "The day on which the directory's team was told or asked.",
        rows=("E-9.7", "E-9.8", "S-2.10"),
    )
    answer: Answer | None = ask(
        "Answer",
        "What the directory's team answered.",
        labels=ANSWER_LABELS,
        rows=("S-15.4", "S-5.2"),
        later=True,
    )
    answered_on: Day | None = ask(
        "Answered on", "The day of the answer.", rows=("S-15.9",), later=True
    )
    requester_told_on: Day | None = ask(
        "Requester told on",
        "The day on which we told whoever asked first what was decided.",
        rows=("S-15.9",),
        later=True,
    )
    reviews: tuple[Review, ...] = ask(
        "Our view at reviews",
        "What we said each time the directory's team reviewed the shield.",
        (),
        item="review",
        rows=("S-6.1", "S-6.3", "C10"),
        later=True,
    )
    withdrawn_on: Day | None = ask(
        "Withdrawn on",
        "The day on which we withdrew our request; only the directory's team takes the shield away.",
        rows=("E-9.10", "S-7.1", "C9"),
        later=True,
    )
    comments: Text | None = ask(
        "Comments",
        "Anything else, in a few words, without anything about a child.",
        rows=("S-15.10",),
    )

    def ended_on(self) -> date | None:
        """The day on which our request was over: withdrawn, or rejected by the directory's team."""
        if self.withdrawn_on is not None:
            return self.withdrawn_on
        return self.answered_on if self.answer == "rejected" else None

    def viewed_on(self, on: date) -> date | None:
        """The last day by ``on`` on which we gave our view, or ``None``."""
        return latest(*(each.on for each in self.reviews if each.on <= on))


class Answered(Part):
    """What is asked when the directory's team was told, or has answered."""

    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the directory's team was told or asked."
    )
    answer: Answer | None = ask(
        "Answer", "What the directory's team answered.", labels=ANSWER_LABELS
    )
    answered_on: Day | None = ask("Answered on", "The day of the answer.")
    requester_told_on: Day | None = ask(
        "Requester told on", "The day on which whoever asked first was told."
    )


class Withdraw(Part):
    """What is asked when we withdraw our request."""

    withdrawn_on: Day = need("Withdrawn on", "The day on which we withdrew our request.")


def _answer(shield: Shield, answers: Answered) -> dict[str, Any]:
    changes = answers.model_dump(exclude_none=True)
    after = shield.model_copy(update=changes)
    if (after.answer is None) != (after.answered_on is None):
        raise ValueError("an answer needs its day, and the day its answer")
    return changes


def _review(shield: Shield, answers: Review) -> dict[str, Any]:
    return {"reviews": [*(each.model_dump() for each in shield.reviews), answers.model_dump()]}


def shield_next(shield: Shield, _: Book) -> list[str]:
    """What is still to be done about a request (E-9.7, E-9.8, S-7.2, S-15.9)."""
    if shield.withdrawn_on is not None:
        return ["leave it to the directory's team: the record stays shielded until they decide"]
    steps = []
    if shield.team_told_on is None and shield.answer is None:
        steps.append("tell the directory's team now, then record the day with `shield.answer`")
    elif shield.answer is None:
        steps.append("when the directory's team answers, record it with `shield.answer`")
    elif shield.requester_told_on is None:
        steps.append("tell whoever asked, then record the day with `shield.answer`")
    if shield.household is None:
        steps.append("think of the others in the household")
    if shield.answer not in {None, "rejected"}:
        steps.append("at each review give our view with `shield.review`")
    return steps


SHIELD = Log(
    name="shield",
    title="Shield requests",
    about="Each time we asked for a record to be shielded, or shielded one: when, for which reasons, who agreed, what the"
    " directory's team answered, and our view at its reviews. The child is a number of your own file.",
    model=Shield,
    keep=Keep(
        6,
        "the request was withdrawn or rejected",
        ("S-15.1", "C26"),
        origin="ours",
        reason="why somebody was hidden or not may have to be answered for as long as a claim can be made",
    ),
    trigger=lambda shield, book: Trigger(
        shield.ended_on(), "the request was withdrawn or rejected"
    ),
    line=lambda shield, book: (
        f"shield {shield.reference}, requested {shield.requested_on:%d/%m/%Y}"
    ),
    columns=("reference", "requested_on", "route", "answer", "answered_on", "withdrawn_on"),
    rows=(
        "E-9.2",
        "E-9.3",
        "E-9.7",
        "E-9.8",
        "E-9.10",
        "E-9.11",
        "S-2.2",
        "S-2.4",
        "S-2.10",
        "S-4.1",
        "S-5.2",
        "S-6.3",
        "S-7.1",
        "S-15.4",
        "S-16.2",
        "S-A4.3",
        "C6",
        "C9",
        "C10",
    ),
    same=("reference", "requested_on"),
    also=("shielding", "shield request", "shield log"),
    follow_ups=(
        FollowUp(
            "answer",
            "Record that the directory's team was told, or what it answered.",
            Answered,
            _answer,
            shield_next,
        ),
        FollowUp("review", "Record our view at a review.", Review, _review, shield_next),
        FollowUp("withdraw", "Withdraw our own request.", Withdraw, next=shield_next),
    ),
)
