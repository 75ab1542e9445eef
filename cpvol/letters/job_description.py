"""What goes into the description of a job that needs the directory (E-3.9)."""

from __future__ import annotations

from cpvol.letters.base import Letter, Matter, Value


def _fill(matter: Matter) -> dict[str, Value]:
    policy = matter.policy
    return {
        "organisation": matter.organisation.name,
        "valid_for": policy.ecrb_valid.words,
        "renewal_role": matter.organisation.renewal_role,
        "scheme": policy.isa_member_from is not None,
    }


LETTER = Letter(
    name="job-description",
    title="The insert for a job description.",
    log="",
    rows=("E-1.1", "E-1.2", "E-3.9", "E-4.3", "E-4.5", "E-5.4", "S-1.2"),
    fields={
        "organisation": "the organisation's name",
        "valid_for": "how long an enhanced check counts",
        "renewal_role": "the role that sees to the renewal of checks",
        "scheme": "whether membership of the ISA scheme is asked for",
    },
    fill=_fill,
    signed=False,
)
