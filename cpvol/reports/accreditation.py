"""The accreditation file: under each section of the procedures, what is held, since when, and what is missing (E-D.1).

Which log, number, check and due date belongs to a section is told by the rows they name, so a new log or rule appears here
by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources

from markupsafe import Markup
from pydantic import BaseModel

from cpvol.compliance import check, due
from cpvol.logs import LOGS
from cpvol.logs.base import Amendment
from cpvol.logs.book import Records
from cpvol.policy import Policy, Sourced
from cpvol.policy.organisation import Organisation

TITLES: Mapping[int, str] = {
    1: "Who may use the directory",
    2: "Records of employees and contractors",
    3: "Training before access",
    4: "When a user leaves",
    5: "The user register and the checks",
    6: "The training log",
    7: "Security, misuse and breaches",
    8: "Monitoring of use",
    9: "Shielding",
    10: "Mediated access",
    11: "Tokens",
    12: "Accuracy of data",
    13: "Passwords and personal e-mail",
    14: "Subject access requests",
    15: "Overriding a shield",
    16: "Workstations",
    17: "Networks and changes of systems",
    18: "First-line support",
    19: "Disputed data and changes of name",
}

#: What an auditor is shown from somewhere else, by section: policies and papers that no log holds.
ELSEWHERE: Mapping[int, str] = {
    2: "the organisation's recruitment policy",
    7: "the code of conduct, the confidentiality and the disciplinary policy",
    8: "the audit policy",
    9: "copies of the shield request form, and who may decide",
    12: "how details are checked with parents and carers",
    18: "where users learn whom to ask",
}


@dataclass(frozen=True, slots=True)
class Held:
    """The entries of one log: how many count, and the latest day that any of them names."""

    title: str
    entries: int
    latest: date | None


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the procedures.

    :param held: the logs that bear on it.
    :param numbers: the numbers in force, in words.
    :param missing: what the checks find and what of ours is overdue, in words, with the entry's number.
    :param elsewhere: what is shown from somewhere else, or ``""``.
    """

    number: int
    title: str
    held: tuple[Held, ...] = field(default=())
    numbers: tuple[str, ...] = field(default=())
    missing: tuple[str, ...] = field(default=())
    elsewhere: str = ""


def accreditation(
    book: Records, policy: Policy, organisation: Organisation, on: date
) -> list[Section]:
    """The nineteen sections as they stand on a day. Holds no names: entries are their numbers.

    :param organisation: whose file it is; a log that it does not keep is left out.
    """
    kept = set(organisation.logs)
    missing = _missing(book, policy, organisation, on)
    return [
        Section(
            number,
            title,
            tuple(
                _held(book, log.name, log.title, on)
                for log in LOGS
                if log.name in kept and _bears_on(number, log.rows)
            ),
            tuple(_numbers(policy, number)),
            tuple(words for words, source in missing if _bears_on(number, source)),
            ELSEWHERE.get(number, ""),
        )
        for number, title in TITLES.items()
    ]


def page(
    sections: Iterable[Section],
    organisation: str,
    contacts: Iterable[str],
    on: date,
    declaration: Markup,
) -> bytes:
    """The accreditation file as one printable HTML page.

    :param declaration: the declaration to sign, as a part of a page.
    """
    from jinja2 import Environment, select_autoescape

    template = (resources.files("cpvol.reports") / "accreditation.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made = environment.from_string(template).render(
        sections=list(sections),
        organisation=organisation,
        contacts=list(contacts),
        on=on,
        declaration=declaration,
    )
    return made.encode()


def _bears_on(number: int, rows: Iterable[str]) -> bool:
    return any(row.startswith(f"E-{number}.") for row in rows)


def _held(book: Records, log: str, title: str, on: date) -> Held:
    records = list(book.of(log))
    days = [day for record in records for day in _days(record) if day <= on]
    return Held(title, len(records), max(days, default=None))


def _days(part: BaseModel) -> Iterable[date]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, date):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, BaseModel) and not isinstance(item, Amendment):
                    yield from _days(item)


def _numbers(policy: Policy, number: int) -> Iterable[str]:
    for name in type(policy).model_fields:
        value = getattr(policy, name)
        if isinstance(value, Sourced) and _bears_on(number, value.rows):
            yield f"{value.what} ({getattr(value, 'words', '')}; {', '.join(value.rows)})"


def _missing(
    book: Records, policy: Policy, organisation: Organisation, on: date
) -> list[tuple[str, tuple[str, ...]]]:
    found = [
        (f"{each.message}{_entry(each.log, each.id)}", each.source)
        for each in check(book, policy, on, organisation=organisation)
    ]
    late = [
        (f"{each.what}, due on {each.due_on:%d/%m/%Y}{_entry(each.log, each.id)}", each.source)
        for each in due(book, policy, on, 0, organisation)
        if each.owner == "us" and each.overdue(on)
    ]
    return found + late


def _entry(log: str, id: str) -> str:
    named = f"{log} {id}".strip()
    return f" ({named})" if named else ""
