"""The organisation: its name, how it reaches the directory, its contact cards, the logs it keeps. No personal names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from cpvol.errors import CpvolError
from cpvol.logs import BY_NAME
from cpvol.logs.base import Line, Part, Text, ask, need


class BadOrganisation(CpvolError):
    """The organisation's file cannot be used."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the organisation's details cannot be used: {why}",
            "restore these records from another copy",
        )


Purpose = Literal[
    "authority_team",
    "user_administration",
    "subject_access",
    "data_protection_officer",
    "directory_manager",
    "first_line",
    "token_returns",
]

#: What each office is called inside a sentence, whether or not its card is filled in; a profile may call it otherwise
#: (``Policy.office``).
TITLES: Mapping[Purpose, str] = {
    "authority_team": "the authority's team",
    "user_administration": "the authority's user administration",
    "subject_access": "the authority's access to records team",
    "data_protection_officer": "the authority's data protection officer",
    "directory_manager": "the authority's directory manager",
    "first_line": "our own support",
    "token_returns": "the address for tokens",
}


class Contact(Part):
    """One contact card: an office or a role, never a person's name."""

    purpose: Purpose = need("Purpose", "What one turns to them for.")
    office: Line = need("Office", "The name of the team or office.")
    telephone: Line | None = ask("Telephone", "Their telephone number.")
    email: Line | None = ask("E-mail", "Their e-mail address.")
    address: Text | None = ask("Address", "Their postal address.")


class Organisation(Part):
    """What ``organisation.yaml`` holds."""

    format: Literal[1] = 1
    name: Line = need("Name", "The organisation's name.")
    access: Literal["query", "mediated", "both"] = need(
        "Access route", "How the organisation reaches the directory."
    )
    logs: tuple[Line, ...] = need("Logs", "The logs that the organisation keeps.")
    shield_roles: tuple[Line, ...] = ask(
        "Who decides on shields", "The roles that decide on shield requests.", ()
    )
    renewal_role: Line | None = ask(
        "Who renews checks", "The role that sees to the renewal of checks (E-5.4)."
    )
    contacts: tuple[Contact, ...] = ask("Contacts", "Whom to turn to, by purpose.", ())

    def stored(self) -> dict[str, Any]:
        """The organisation as it is stored."""
        data = self.model_dump(mode="json", exclude_none=True)
        return {key: value for key, value in data.items() if value != []}


def from_stored(data: Mapping[str, Any]) -> Organisation:
    """Read what :meth:`Organisation.stored` gave.

    :raises BadOrganisation: when it does not fit.
    """
    try:
        found = Organisation.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise BadOrganisation(where or "its form") from None
    if unknown := [log for log in found.logs if log not in BY_NAME]:
        raise BadOrganisation(f"the log {unknown[0][:20]} is not known")
    return found
