"""One version of one record: its text, sealed to a key that serves for nothing else.

Each version has a fresh age identity. Its secret string lies in a keyring; its hash, the commitment, in
the signed history, so that nobody can pass off another key for it later. The sealed form has exactly one
X25519 stanza: a second would be a way in that outlives the record's disposal.
"""

from __future__ import annotations

import hashlib

from pyrage import DecryptError, IdentityError, decrypt, encrypt, x25519

from cpvol.errors import CpvolError
from cpvol.vault.header import BadHeader, readers

#: A text is padded to a multiple of this many bytes, so that sizes say little.
BLOCK = 1024
#: Bytes that a sealed record may have.
MAX_SEALED = 1 << 20
#: Bytes that a padded text may have; what sealing adds fits into the rest.
MAX_TEXT = MAX_SEALED - 4 * BLOCK

# What the library says when every stanza is sound and none is for this key.
_NO_MATCH = "No matching keys found"


class DamagedRecord(CpvolError):
    """A sealed record that no key could open."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"a stored entry is damaged: {what}",
            "take the records again from another member's copy or from a backup",
        )


class WrongKey(CpvolError):
    """A sealed record, sound as far as one can see, that belongs to another key."""

    def __init__(self) -> None:
        super().__init__(
            "a stored entry does not open: not this key",
            "fetch the newest keys from another member's copy, then try again",
        )


class RecordTooLarge(CpvolError):
    """A text that would not fit into a sealed record."""

    def __init__(self) -> None:
        super().__init__(
            f"this entry is too long: more than {MAX_TEXT // 1024} kilobytes",
            "shorten its free text, or keep the long document elsewhere and refer to it",
        )


def new_key() -> str:
    """A fresh secret for one version of one record, ``AGE-SECRET-KEY-1…``."""
    return str(x25519.Identity.generate())


def commitment(key: str) -> str:
    """What the history keeps of a key (trailer ``Key-SHA256``): SHA-256 of its string, in lower-case hex."""
    return hashlib.sha256(key.encode("ascii")).hexdigest()


def seal(text: bytes, key: str) -> bytes:
    """Encrypt a record's text, padded with newlines to whole kilobytes, to its key alone.

    :param key: as :func:`new_key` gives it.
    :returns: a binary age file.
    :raises RecordTooLarge: the text, padded, is longer than :data:`MAX_TEXT`.
    :raises WrongKey: ``key`` is not a key.
    """
    padded = text + b"\n" * (-len(text) % BLOCK)
    if len(padded) > MAX_TEXT:
        raise RecordTooLarge
    return encrypt(padded, [_identity(key).to_public()])


def open_(sealed: bytes, key: str) -> bytes:
    """Decrypt a record's text, padding included.

    :raises DamagedRecord: not the sealed form of a record, changed, cut short, or over 1 MiB.
    :raises WrongKey: it is for another key (or its one stanza is damaged, which looks the same).
    """
    if len(sealed) > MAX_SEALED:
        raise DamagedRecord("larger than an entry can be")
    _check_alone(sealed)
    try:
        return decrypt(sealed, [_identity(key)])
    except DecryptError as error:
        if str(error) == _NO_MATCH:
            raise WrongKey from None
        raise DamagedRecord("it was changed or cut short after it was written") from None


def _check_alone(sealed: bytes) -> None:
    try:
        count = readers(sealed)
    except BadHeader as error:
        raise DamagedRecord(error.problem) from None
    if count != 1:
        raise DamagedRecord("more than one key opens it")


def _identity(key: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(key)
    except IdentityError:
        raise WrongKey from None
