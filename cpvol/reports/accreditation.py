"""The accreditation file: under each section of the procedures, what is asked and met, held and missing (E-D.1).

What is asked of the organisation, and what meets it, is the traceability's to say, row by row; which log, number, check
and due date belongs to a section is told by the rows they name. So a new row, log or rule appears here by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources

from markupsafe import Markup
from pydantic import BaseModel

from cpvol.compliance import check, due
from cpvol.compliance.explain import RULES
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Amendment
from cpvol.logs.book import Records
from cpvol.policy import Policy, Sourced
from cpvol.policy.organisation import Contact, Organisation, Purpose
from cpvol.policy.traceability import traces

#: The sections by their numbers; ``D`` is what closes the procedures.
TITLES: Mapping[int | str, str] = {
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
    "D": "The declaration, and how the authority is reached",
}

#: What an auditor is shown from somewhere else, by section: policies and papers that no log holds.
ELSEWHERE: Mapping[int | str, str] = {
    2: "the organisation's recruitment policy",
    3: "the job descriptions with their insert, what the induction says, and the personnel files",
    7: "the code of conduct, the confidentiality and the disciplinary policy",
    8: "the audit policy",
    9: "copies of the shield request form, and who may decide",
    10: "how mediated sessions are recorded, as the organisation wrote it down",
    12: "how details are checked with parents and carers",
    14: "where all staff find how a request is passed on",
    18: "where users learn whom to ask",
}


@dataclass(frozen=True, slots=True)
class Held:
    """The entries of one log: how many count, and the latest day that any of them names."""

    title: str
    entries: int
    latest: date | None


#: The contact card that a row asks for, and the log without which it is not needed.
CARDS: Mapping[str, tuple[Purpose, str]] = {
    "E-4.4": ("token_returns", "token"),
    "E-14.6": ("subject_access", "sar"),
    "E-D.2": ("authority_team", ""),
}

#: The roles that an organisation names, by the detail that holds them.
ROLES: Mapping[str, str] = {
    "renewal_role": "the role that sees to the renewal of checks",
    "shield_roles": "the roles that decide on shields",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the procedures ask of the organisation.

    :param words: what is asked.
    :param met: how it is met, in words, one after another.
    """

    row: str
    words: str
    met: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the procedures.

    :param asked: everything that it asks of the organisation.
    :param held: the logs that bear on it.
    :param numbers: the numbers in force, in words.
    :param missing: what the checks find and what of ours is overdue, in words, with the entry's number.
    :param elsewhere: what is shown from somewhere else, or ``""``.
    """

    number: int | str
    title: str
    asked: tuple[Asked, ...] = field(default=())
    held: tuple[Held, ...] = field(default=())
    numbers: tuple[str, ...] = field(default=())
    missing: tuple[str, ...] = field(default=())
    elsewhere: str = ""


def accreditation(
    book: Records,
    policy: Policy,
    organisation: Organisation,
    on: date,
    words: Mapping[str, str],
    forms: Mapping[str, str],
) -> list[Section]:
    """The nineteen sections and the declaration as they stand on a day. Holds no names: entries are their numbers.

    :param organisation: whose file it is; a log that it does not keep is left out.
    :param words: what each row of the procedures asks.
    :param forms: what each letter and form is, by its name.
    """
    kept = set(organisation.logs)
    missing = [*_unnamed(organisation, policy), *_missing(book, policy, organisation, on)]
    show = _shower(policy, organisation, forms)
    return [
        Section(
            number,
            title,
            tuple(
                Asked(
                    trace.row,
                    words[trace.row],
                    tuple(show(kind, name, trace.row) for kind, name in trace.satisfied),
                )
                for trace in traces()
                if trace.bearer == "us" and _bears_on(number, [trace.row])
            ),
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


def _bears_on(number: int | str, rows: Iterable[str]) -> bool:
    return any(row.startswith(f"E-{number}.") for row in rows)


def _shower(
    policy: Policy, organisation: Organisation, forms: Mapping[str, str]
) -> Callable[[str, str, str], str]:
    """What says how a row is met: (kind, name, row) to words."""

    def log(name: str) -> str:
        kept = "" if name in organisation.logs else ", which this organisation does not keep"
        return f"the log “{BY_NAME[name].title}”{kept}"

    def number(name: str) -> str:
        value = getattr(policy, name)
        return (
            f"{value.what} ({value.words})" if value is not None else "a number not in force here"
        )

    def rule(name: str) -> str:
        return RULES[name].title

    kinds: dict[str, Callable[[str], str]] = {
        "log": log,
        "retention": lambda name: f"kept for {policy.keep(BY_NAME[name]).words}",
        "policy": number,
        "check": lambda name: f"checked: {rule(name)}",
        "due": lambda name: f"reminded of: {rule(name)}",
        "task": lambda name: f"the task `{name}`",
        "letter": lambda name: f"the form: {forms[name]}",
        "page": lambda name: f"the guidance for staff, page {name.removesuffix('/index')}",
        "module": lambda _: "what is entered is refused where it may not be held",
    }

    def shown(kind: str, name: str, row: str) -> str:
        if kind == "organisation":
            return _detail(organisation, policy, name, row)
        return kinds[kind](name)

    return shown


def _detail(organisation: Organisation, policy: Policy, name: str, row: str) -> str:
    if name in ROLES:
        return f"{ROLES[name]}: {', '.join(_roles(organisation, name)) or 'not named yet'}"
    purpose, _ = CARDS[row]
    card = _card(organisation, purpose)
    reached = reach(card) if card else "no contact card yet"
    return f"{policy.office(purpose)}: {reached}"


def _roles(organisation: Organisation, name: str) -> tuple[str, ...]:
    value = getattr(organisation, name)
    return tuple(value) if isinstance(value, tuple) else (value,) if value else ()


def _card(organisation: Organisation, purpose: Purpose) -> Contact | None:
    return next((card for card in organisation.contacts if card.purpose == purpose), None)


def reach(card: Contact) -> str:
    """How an office is reached, in one line."""
    return ", ".join(
        part for part in (card.office, card.telephone, card.email, card.address) if part
    )


def _unnamed(organisation: Organisation, policy: Policy) -> Iterable[tuple[str, tuple[str, ...]]]:
    """What the procedures have the organisation fill in, and is not: (words, rows)."""
    for trace in traces():
        for kind, name in trace.satisfied if trace.row.startswith("E-") else ():
            if kind != "organisation":
                continue
            if name in ROLES and not _roles(organisation, name):
                yield f"{ROLES[name]} not named yet; `organisation.set` does it", (trace.row,)
            if name == "contacts" and (asked := CARDS[trace.row]):
                purpose, log = asked
                needed = not log or log in organisation.logs
                if needed and _card(organisation, purpose) is None:
                    words = (
                        f"no contact card of {policy.office(purpose)}; use `organisation.contact`"
                    )
                    yield words, (trace.row,)


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


def _numbers(policy: Policy, number: int | str) -> Iterable[str]:
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
