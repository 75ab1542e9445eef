"""The shield request form: made, filled in by hand, sent, and never kept (E-9.8, E-9.12, S-4.3, S-A4.1 to S-A4.5).

Everything about the child is a line to write on, since nothing of it may be stored (S-15.1, N-5). What our own log holds
of the request stands on it already; without an entry, all of it is blank.
"""

from __future__ import annotations

from typing import cast

from cpvol.letters.base import Letter, Matter, Sent, Value, team, words
from cpvol.logs.shield import CRITERION_LABELS, Shield


def _fill(matter: Matter) -> dict[str, Value]:
    shield = cast("Shield | None", matter.record)
    ticked = shield.criteria if shield else ()
    return {
        "reference": shield.reference if shield else "",
        "requested_on": shield.requested_on if shield else "",
        "body": shield.body if shield else "",
        "contact": (shield.contact or "") if shield else "",
        "relation": (words(shield, "relation") or "") if shield else "",
        "agreed_by": (shield.agreed_by or "") if shield else "",
        "criteria": [
            {"label": label, "ticked": criterion in ticked}
            for criterion, label in CRITERION_LABELS.items()
        ],
        "first_review": matter.policy.shield_review_first.words,
        "next_review": matter.policy.shield_review_next.words,
    }


LETTER = Letter(
    name="shield-form",
    title="The shield request form: made, sent, never kept.",
    log="shield",
    rows=(
        *("E-9.2", "E-9.8", "E-9.12", "S-2.2", "S-2.15", "S-4.3", "S-15.1", "N-5"),
        *("S-A4.1", "S-A4.2", "S-A4.3", "S-A4.4", "S-A4.5"),
    ),
    fields={
        "reference": "our own reference",
        "requested_on": "the day of the request",
        "body": "the organisation or office that asks",
        "contact": "how the professional who asks is reached",
        "relation": "in what relation whoever asked first stands to the child",
        "agreed_by": "the role of the senior representative who agreed",
        "criteria": "the reasons to choose from",
        "criteria.label": "a reason",
        "criteria.ticked": "whether it is ticked",
        "first_review": "when a shield is first reviewed",
        "next_review": "how often it is reviewed after that",
    },
    fill=_fill,
    office=team,
    sent=lambda record, office: Sent("answer", "team_told_on"),
    blank=True,
    keep=False,
    signed=False,
)
