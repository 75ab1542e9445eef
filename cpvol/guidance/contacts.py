"""Whom to contact for what: one card for each purpose, and a blank that shows where nobody is named yet.

The organisation's data has ``contacts``, a list: each has ``purpose`` and any of ``office``, ``telephone``, ``email``,
``address``; and the roles ``shield_roles`` and ``renewal_role``. Cards name offices and roles, never people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpvol.guidance.cite import links
from cpvol.guidance.literal import literal
from cpvol.policy import Policy
from cpvol.policy.organisation import Purpose as Office


@dataclass(frozen=True, slots=True)
class Purpose:
    """One reason to contact somebody.

    :param key: the name in the organisation's data and in placeholders.
    :param about: what to contact them for.
    :param rows: the rows of the requirements that ask for it.
    """

    key: Office
    about: str
    rows: tuple[str, ...]


PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "first_line",
        "A question, a fault, help with a first step.",
        ("E-18.1", "E-18.5", "C14"),
    ),
    Purpose(
        "authority_team",
        "A lost token, a failed check, a shield, a breach, a mediated session. At once, not through support.",
        ("E-5.8", "E-9.8", "E-10.1", "E-11.6", "C14"),
    ),
    Purpose(
        "user_administration",
        "A lost password.",
        ("E-13.1",),
    ),
    Purpose(
        "directory_manager",
        "A breach on a workstation.",
        ("E-16.5", "C15"),
    ),
    Purpose(
        "data_protection_officer",
        "A subject access request about a record known to be shielded.",
        ("S-2.12", "C16"),
    ),
    Purpose(
        "token_returns",
        "Where tokens go back to, by registered post.",
        ("E-4.4", "C17"),
    ),
    Purpose(
        "subject_access",
        "Where subject access requests about the directory are sent on to.",
        ("E-14.2", "E-14.6", "C17"),
    ),
)

_DETAILS = ("office", "telephone", "email", "address")


def details(organisation: Mapping[str, object] | None, key: str) -> dict[str, str]:
    """What the organisation's data says about one purpose, by detail; empty when it says nothing."""
    cards = (organisation or {}).get("contacts")
    for card in cards if isinstance(cards, (list, tuple)) else ():
        if card.get("purpose") == key:
            return {name: str(card[name]) for name in _DETAILS if card.get(name)}
    return {}


def inline(purpose: Purpose, organisation: Mapping[str, object] | None, policy: Policy) -> str:
    """A contact inside a sentence: who, then how to reach them, or a blank to fill in."""
    found = details(organisation, purpose.key)
    reach = [_phone(found["telephone"])] if "telephone" in found else []
    reach += [_email(found["email"])] if "email" in found else []
    title = policy.office(purpose.key)
    if not reach:
        return f"{title} ({_blank('phone number')})"
    return f"{title} ({', '.join(reach)})"


def card(
    purpose: Purpose, organisation: Mapping[str, object] | None, policy: Policy, page: str
) -> str:
    """A contact as a card of its own: a heading, what for, and every detail there is."""
    title = policy.office(purpose.key)
    found = details(organisation, purpose.key)
    lines = [
        '<div class="cp-card" markdown>',
        "",
        f"### {title[0].upper()}{title[1:]} {{#{purpose.key.replace('_', '-')}}}",
        "",
        f"{purpose.about} {links(purpose.rows, page)}",
        "",
    ]
    lines += [f"- {label}: {value}" for label, value in _shown(found)]
    return "\n".join([*lines, "", "</div>"])


def shield_roles(organisation: Mapping[str, object] | None) -> str:
    """Who decides on shields here, inside a sentence, or a blank to fill in (E-9.3)."""
    roles = (organisation or {}).get("shield_roles")
    named = [literal(str(role)) for role in roles] if isinstance(roles, (list, tuple)) else []
    return " or ".join(named) or f"our shielding lead ({_blank('role')})"


def renewal_role(organisation: Mapping[str, object] | None) -> str:
    """Who sees to the renewal of checks here, or a blank to fill in (E-5.4)."""
    role = (organisation or {}).get("renewal_role")
    return literal(str(role)) if role else f"our coordinator ({_blank('role')})"


def _shown(found: Mapping[str, str]) -> list[tuple[str, str]]:
    shown = [("Office", literal(found["office"]))] if "office" in found else []
    phone = _phone(found["telephone"]) if "telephone" in found else _blank("phone number")
    email = _email(found["email"]) if "email" in found else _blank("e-mail address")
    shown += [("Phone", phone), ("E-mail", email)]
    if "address" in found:
        shown.append(("Post", literal(", ".join(found["address"].splitlines()))))
    return shown


def _phone(number: str) -> str:
    dialled = "".join(c for c in number if c.isdigit() or c == "+")
    return f'<a href="tel:{dialled}">{literal(number)}</a>'


def _email(address: str) -> str:
    return f'<a href="mailto:{literal(address)}">{literal(address)}</a>'


def _blank(what: str) -> str:
    return f'<span class="cp-blank">{what} to be filled in</span>'
