"""The data protection file: a record of processing, a notice for staff, a draft impact assessment.

All of it is read off the logs' own descriptions, the policy and the organisation's details; nobody is named, and no entry
is looked at. A draft: whoever answers for the organisation completes and signs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources

from cpvol.logs import LOGS
from cpvol.logs.base import Log
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.policy import Kept, Policy
from cpvol.policy.organisation import Organisation

STAFF = "staff and volunteers"
CASE = "people who ask for something, and children, as a number of our own files"
PROFESSIONALS = "professionals elsewhere"

#: What may go wrong for people, and what is done about it; a draft to be judged and completed.
RISKS: tuple[tuple[str, str], ...] = (
    (
        "A child could be recognised, or found by somebody who must not find it.",
        (
            "No log has a place for a child's name, date of birth, address or school: a case is a number of our own. Free"
            " text is short, and what reads as a postcode or a date of birth is refused until it was read again."
        ),
    ),
    (
        "Records could be read by somebody who may not.",
        (
            "Each entry is encrypted to its readers alone. What members read is set log by log, and an entry can be closed to"
            " all but some. A computer that is lost shows nothing without the passphrase."
        ),
    ),
    (
        "Whoever is concerned in a breach could read of it, or learn who reported it.",
        (
            "Such an entry is closed to the members it concerns, and who reported it may be left out."
            " That an entry exists, when, and by whose handle, stays visible to all members."
        ),
    ),
    (
        "Entries could be changed or lost without notice.",
        "Every change is signed and stays in the history, which an outsider can check with a line kept elsewhere.",
    ),
    (
        "Entries could be kept for too long.",
        (
            "Every log has its time; what falls due is shown, and its destruction is proposed, approved and certified. The"
            " keys go, so that no key in force opens any copy; that old keys are gone, their holders declare."
        ),
    ),
    (
        "Something cannot be taken back.",
        (
            "Handles, and who entered how many entries of which log and when, stay in the history for ever. Handles are"
            " therefore best not names. Whoever kept a copy in plain text still has it."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Processing:
    """One log, as a record of processing names it.

    :param title: the log.
    :param purpose: what goes in, and why it is kept.
    :param subjects: whom it is about, in words.
    :param data: the labels of its fields.
    :param kept: how long, in words, with what starts the clock.
    :param source: where that number comes from.
    """

    title: str
    purpose: str
    subjects: tuple[str, ...]
    data: tuple[str, ...]
    kept: str
    source: str


def processing(policy: Policy, organisation: Organisation) -> list[Processing]:
    """The record of processing: a line for each log that the organisation keeps."""
    return [
        Processing(
            log.title,
            log.about,
            _subjects(log),
            tuple(spec.label for spec in fields_of(log.model)),
            f"{kept.words} after {kept.since}",
            _source(kept),
        )
        for log in LOGS
        if log.name in organisation.logs
        for kept in (policy.keep(log),)
    ]


def page(policy: Policy, organisation: Organisation, on: date) -> bytes:
    """The data protection file as one printable HTML page.

    :param on: the day that it is dated.
    """
    from jinja2 import Environment, select_autoescape

    template = (resources.files("cpvol.reports") / "data_protection.html").read_text("utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    records = processing(policy, organisation)
    made = environment.from_string(template).render(
        organisation=organisation,
        records=records,
        about_staff=[each for each in records if STAFF in each.subjects],
        risks=RISKS,
        requests=_requests(policy),
        approvers=policy.approvers.value,
        on=on,
    )
    return made.encode()


def _subjects(log: Log) -> tuple[str, ...]:
    specs = [inner for spec in fields_of(log.model) for inner in (spec, *spec.parts)]
    found = []
    if log.name == "person" or any(spec.ref == "person" for spec in specs):
        found.append(STAFF)
    if any(_a_case(spec) for spec in specs):
        found.append(CASE)
    if any(spec.name == "contact" for spec in specs):
        found.append(PROFESSIONALS)
    return tuple(found) or ("nobody by name: roles, numbers and days alone",)


def _a_case(spec: FieldSpec) -> bool:
    # A number of one's own files is the only text of at most thirty letters.
    return spec.kind == "line" and spec.longest == 30


def _source(kept: Kept) -> str:
    cited = ", ".join(kept.cited)
    return f"ours: {kept.reason} ({cited})" if kept.origin == "ours" else cited


def _requests(policy: Policy) -> Iterator[str]:
    """The times that somebody who asks for their own data can count on, in words."""
    found = policy.numbers()
    for name in ("sar_response", "sar_extension", "complaint_acknowledge", "breach_notify"):
        if name in found:
            number = found[name]
            doubt = f" Not confirmed: {number.unconfirmed}" if number.unconfirmed else ""
            yield f"{number.words}. {number.what} ({', '.join(number.cited)}){doubt}"
