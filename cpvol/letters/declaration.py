"""The declaration, to be signed by two: that what is declared is accurate and is how the organisation works (E-D.1)."""

from __future__ import annotations

from cpvol.letters.base import Letter, Matter, Value, reach


def _fill(matter: Matter) -> dict[str, Value]:
    return {
        "organisation": matter.organisation.name,
        "again_after": matter.policy.declaration.words,
        "team": reach(matter, "authority_team"),
    }


LETTER = Letter(
    name="declaration",
    title="The declaration, to be signed by two.",
    log="",
    rows=("E-8.1", "E-D.1", "E-D.2", "E-D.3"),
    fields={
        "organisation": "the organisation's name",
        "again_after": "how often the declaration is signed again",
        "team": "the directory's team and how it is reached",
    },
    fill=_fill,
    then="once both have signed, record the days with `declaration.add` or `declaration.sign`",
    signed=False,
)
