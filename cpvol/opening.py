"""What an auditor's key opens: the vault's part of an audit, which itself never imports the vault."""

from __future__ import annotations

from cpvol import register
from cpvol.logs.base import Record
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity


class Opener:
    """Opens keyring files and records with one identity.

    :param identity: the unlocked credential, or the recovery page's.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def keys(self, sealed: bytes) -> dict[str, tuple[str, ...]] | None:
        """The keys in a keyring file by record, oldest version first; ``None`` when it is for others.

        :raises CpvolError: when the file is damaged.
        """
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
