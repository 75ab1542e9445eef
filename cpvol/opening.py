"""What an auditor's key opens: the vault's part of an audit, which itself never imports the vault.

Also the vault's part of a grant: the file of keys that is given to somebody outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyrage import DecryptError, decrypt, encrypt, x25519

from cpvol import register
from cpvol.errors import CpvolError
from cpvol.logs.base import Record
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity
from cpvol.vault.header import BadHeader, readers

#: Bytes that a file of given keys may have: stock age takes no larger file of keys.
MAX_GIVEN = 1 << 24


class NotYours(CpvolError):
    """A file of keys that was given to somebody else, or that is none."""

    def __init__(self) -> None:
        super().__init__(
            "that file of keys does not open with your keys",
            "it opens for whose card it was made; check that it came over whole",
        )


class TooMany(CpvolError):
    """More keys than one file may hold."""

    def __init__(self) -> None:
        super().__init__("these are more keys than one file can hold", "give a shorter period")


class Opener:
    """Opens keyring files and records with one identity.

    :param identity: the unlocked credential, or the recovery page's; ``None`` opens records with their own keys alone.
    """

    def __init__(self, identity: Identity | None) -> None:
        self._identity = identity
        #: The public half of the key that reads.
        self.public = identity.age_public if identity is not None else ""

    def keys(self, sealed: bytes) -> dict[str, tuple[str, ...]] | None:
        """The keys in a keyring file by record, oldest version first; ``None`` when it is for others.

        :raises CpvolError: when the file is damaged.
        """
        if self._identity is None:
            return None
        try:
            return keyring.open_(sealed, self._identity)
        except keyring.NotForYou:
            return None

    def commitment(self, key: str) -> str:
        """What the history says of a key."""
        return envelope.commitment(key)

    def record(self, log: str, id: str, sealed: bytes, key: str) -> Record:
        """One version of one record.

        :raises CpvolError: when it does not open, or does not fit the form of its log, or is another record.
        """
        return register.parse(log, id, envelope.open_(sealed, key))


def kept_alone(names: Iterable[str]) -> set[str]:
    """The records, ``log/id``, whose keys lie in a keyring file of their own: closed to some of the log's readers."""
    found = map(keyring.parse_name, names)
    return {f"{each.log}/{each.record}" for each in found if each.record}


def seal_given(text: bytes, to: str) -> bytes:
    """Seal a file of keys to one age key.

    :raises TooMany: when stock age would not take it.
    """
    if len(text) > MAX_GIVEN:
        raise TooMany
    return seal_to(text, to)


def seal_to(data: bytes, to: str) -> bytes:
    """Seal anything that is handed over to one age key."""
    return encrypt(data, [x25519.Recipient.from_str(to)])


def open_given(sealed: bytes, identity: Identity) -> bytes:
    """The text of a file of keys.

    :raises NotYours: when it does not open.
    """
    try:
        if len(sealed) > 2 * MAX_GIVEN or readers(sealed) != 1:
            raise NotYours
        return decrypt(sealed, [identity.opener])
    except (DecryptError, BadHeader):
        raise NotYours from None
