"""Whom to contact for what: one card for each purpose, and a blank that shows where nobody is named yet.

The organisation's data has ``contacts``, by purpose, each with any of ``name``, ``phone``, ``email``,
``address``, ``hours``. Cards name offices and roles, never people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from cpvol.guidance.cite import links


@dataclass(frozen=True, slots=True)
class Purpose:
    """One reason to contact somebody.

    :param key: the name in the organisation's data and in placeholders.
    :param title: who it is, as it stands inside a sentence.
    :param about: what to contact them for.
    :param rows: the rows of the requirements that ask for it.
    """

    key: str
    title: str
    about: str
    rows: tuple[str, ...]


PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "support",
        "our own support",
        "A question, a fault, help with a first step.",
        ("E-18.1", "E-18.5", "C14"),
    ),
    Purpose(
        "coordinator",
        "our coordinator",
        "Keeps our records and knows who may do what.",
        ("E-5.4", "E-18.6"),
    ),
    Purpose("manager", "your manager", "Suspected misuse, or a breach of security.", ("E-7.3",)),
    Purpose(
        "chief_officer",
        "our chief officer",
        "Misuse or a breach, when your manager is the concern.",
        ("E-7.3",),
    ),
    Purpose(
        "shielding",
        "our shielding lead",
        "A record that may need a shield.",
        ("E-9.3", "S-4.1", "S-4.2", "C8"),
    ),
    Purpose(
        "authority_team",
        "the authority's team",
        "A lost token, a failed check, a shield, a breach, a mediated session. At once, not through support.",
        ("E-5.8", "E-9.8", "E-10.1", "E-11.6", "C14"),
    ),
    Purpose(
        "user_administration",
        "the authority's user administration",
        "A lost password.",
        ("E-13.1",),
    ),
    Purpose(
        "directory_manager",
        "the authority's directory manager",
        "A breach on a workstation.",
        ("E-16.5", "C15"),
    ),
    Purpose(
        "data_protection",
        "the authority's data protection officer",
        "A subject access request about a record known to be shielded.",
        ("S-2.12", "C16"),
    ),
    Purpose(
        "token_post",
        "the address for tokens",
        "Where tokens go back to, by registered post.",
        ("E-4.4", "C17"),
    ),
    Purpose(
        "subject_access",
        "the authority's access to records team",
        "Where subject access requests about the directory are sent on to.",
        ("E-14.2", "E-14.6", "C17"),
    ),
)

_DETAILS = ("name", "phone", "email", "address", "hours")


def details(organisation: Mapping[str, object] | None, key: str) -> dict[str, str]:
    """What the organisation's data says about one purpose, by detail; empty when it says nothing."""
    cards = (organisation or {}).get("contacts")
    card = cards.get(key) if isinstance(cards, Mapping) else None
    if not isinstance(card, Mapping):
        return {}
    return {name: str(card[name]) for name in _DETAILS if card.get(name)}


def inline(purpose: Purpose, organisation: Mapping[str, object] | None) -> str:
    """A contact inside a sentence: who, then how to reach them, or a blank to fill in."""
    found = details(organisation, purpose.key)
    reach = [_phone(found["phone"])] if "phone" in found else []
    reach += [_email(found["email"])] if "email" in found else []
    if not reach:
        return f"{purpose.title} ({_blank('phone number')})"
    return f"{purpose.title} ({', '.join(reach)})"


def card(purpose: Purpose, organisation: Mapping[str, object] | None, page: str) -> str:
    """A contact as a card of its own: a heading, what for, and every detail there is."""
    found = details(organisation, purpose.key)
    lines = [
        f"### {purpose.title[0].upper()}{purpose.title[1:]} {{#{purpose.key.replace('_', '-')}}}",
        "",
        f"{purpose.about} {links(purpose.rows, page)}",
        "",
    ]
    lines += [f"- {label}: {value}" for label, value in _shown(found)]
    return "\n".join(lines)


def _shown(found: Mapping[str, str]) -> list[tuple[str, str]]:
    shown = [("Name", escape(found["name"]))] if "name" in found else []
    shown.append(("Phone", _phone(found["phone"]) if "phone" in found else _blank("phone number")))
    shown.append(
        ("E-mail", _email(found["email"]) if "email" in found else _blank("e-mail address"))
    )
    if "address" in found:
        shown.append(("Post", escape(", ".join(found["address"].splitlines()))))
    if "hours" in found:
        shown.append(("Hours", escape(found["hours"])))
    return shown


def _phone(number: str) -> str:
    dialled = "".join(c for c in number if c.isdigit() or c == "+")
    return f'<a href="tel:{dialled}">{escape(number)}</a>'


def _email(address: str) -> str:
    return f'<a href="mailto:{escape(address)}">{escape(address)}</a>'


def _blank(what: str) -> str:
    return f'<span class="cp-blank">{what} to be filled in</span>'
