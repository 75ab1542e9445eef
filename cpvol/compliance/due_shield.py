"""Due dates of shield requests: telling the directory's team, its reviews, and our view at them (C10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.logs.shield import Shield


def shields(case: Case) -> Iterator[Shield]:
    """The shields that were asked for or put up by the day."""
    found = cast("list[Shield]", case.book.of("shield"))
    return (shield for shield in found if shield.requested_on <= case.on)


def team_knows(shield: Shield, on: date) -> bool:
    """Whether the directory's team had heard of a shield by a day: we told it, or it has answered."""
    return by(shield.team_told_on, on) is not None or by(shield.answered_on, on) is not None


def _standing(case: Case) -> Iterator[Shield]:
    return (shield for shield in shields(case) if by(shield.ended_on(), case.on) is None)


def _next_review(shield: Shield, case: Case) -> date:
    """Seven days from the request, then six months from each review (C10)."""
    last = shield.viewed_on(case.on)
    if last is None:
        return case.policy.shield_review_first.after(shield.requested_on)
    return case.policy.shield_review_next.after(last)


@due_rule(
    "shield-tell", "The directory's team hears of a shield at once", "E-9.7", "E-9.8", "S-2.10"
)
def _tell(case: Case) -> Iterator[Date]:
    """Until the directory's team knows, whoever must not be found can be found, or a shield stands that nobody reviews."""
    for shield in _standing(case):
        if not team_knows(shield, case.on):
            yield Date(
                shield,
                case.policy.tell_at_once.after(shield.requested_on),
                "tell the directory's team of the shield",
            )


@due_rule(
    "shield-review",
    "The directory's team reviews a shield",
    "S-2.5",
    "S-6.1",
    "E-9.9",
    "C10",
    owner="authority",
)
def _review(case: Case) -> Iterator[Date]:
    """A shield is looked at soon after it was asked for, and again and again while it stands.

    The reviews are the directory's; we know of one by the view that we gave at it.
    """
    for shield in _standing(case):
        yield Date(
            shield, _next_review(shield, case), "the directory's review of the shield is expected"
        )


@due_rule("shield-view", "We say whether a shield is still needed", "S-6.1", "S-6.3", "C10")
def _view(case: Case) -> Iterator[Date]:
    """At each review whoever asked for the shield is heard, and what we say is noted here."""
    for shield in _standing(case):
        yield Date(
            shield,
            _next_review(shield, case),
            "say whether the shield is still needed, and note our view",
        )


RULES: tuple[DueRule, ...] = (_tell, _review, _view)
