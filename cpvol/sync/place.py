"""Where members meet: naming it, and finding it again."""

from __future__ import annotations

from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.ledger.remote import (
    BadAddress,
    Meeting,
    address_from,
    as_folder,
    make_meeting_place,
    meeting_address,
    set_meeting_address,
)
from cpvol.register import Register


class NoPlace(CpvolError):
    """These records have no meeting place."""

    def __init__(self) -> None:
        super().__init__(
            "these records have no meeting place yet",
            "name one with `share`: a folder that the others reach, or an address",
        )


def meeting_of(register: Register, *, prompt: bool = False) -> Meeting:
    """The meeting place of these records.

    :param prompt: whether git may ask for a password on the terminal.
    :raises NoPlace: when none was named.
    """
    address = meeting_address(register.git)
    if address is None:
        raise NoPlace
    return Meeting(register.git, address, prompt=prompt)


def has_place(register: Register) -> bool:
    """Whether these records have a meeting place."""
    return meeting_address(register.git) is not None


def address_of(register: Register) -> str | None:
    """The address of the meeting place, if there is one."""
    return meeting_address(register.git)


def take_back(register: Register, address: str | None) -> None:
    """Name the meeting place again that was named before, or none."""
    set_meeting_address(register.git, address)


def to_be_made(text: str) -> Path | None:
    """The folder that :func:`share` would make, since it is not there yet.

    :param text: a folder or an address, as it was typed.
    :raises BadAddress: when it cannot be one.
    """
    folder = as_folder(address_from(text))
    return folder if folder is not None and not folder.exists() else None


def share(register: Register, text: str) -> str:
    """Name a meeting place; a folder that is not there, or is empty, becomes one.

    :param text: a folder or an address, as it was typed.
    :returns: the address as it is kept.
    :raises BadAddress: when it cannot be one.
    """
    address = address_from(text)
    folder = as_folder(address)
    if folder is not None and (folder / ".git").exists():
        raise BadAddress(
            "that folder is somebody's own copy of records, where nobody else can send anything",
            "name a folder that is empty or not there yet",
        )
    if folder is not None and not (folder.is_dir() and any(folder.iterdir())):
        make_meeting_place(folder)
    set_meeting_address(register.git, address)
    return address
