"""A text sealed to people's own keys, on its way outside of the records: a report, or what somebody hands over.

A binary age file with one X25519 stanza for each key, and the text padded with newlines to whole kilobytes, so that its
size says little. Whoever holds one of the keys opens it with stock ``age -d -i identity.age FILE``.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyrage import DecryptError, decrypt, encrypt, x25519

from cpvol.errors import CpvolError
from cpvol.publickeys import is_reading_key
from cpvol.vault.credential import Identity
from cpvol.vault.header import BadHeader, readers

#: A text is padded to a multiple of this many bytes.
BLOCK = 1024
#: Bytes that a sealed text may have.
MAX_SEALED = 1 << 26
#: Keys that one may be sealed to.
MAX_RECIPIENTS = 100

_NO_MATCH = "No matching keys found"


class DamagedParcel(CpvolError):
    """The file is not what was sealed."""

    def __init__(self) -> None:
        super().__init__(
            "that file is damaged, or is none that cpvol sealed", "ask for it to be sent again"
        )


class NotToYou(CpvolError):
    """The file is sealed to others."""

    def __init__(self) -> None:
        super().__init__(
            "that file is not sealed to your keys",
            "if your keys were replaced since, ask for it to be sealed again, with your new card",
        )


class BadRecipient(CpvolError):
    """A public key that nothing can be sealed to, or too many of them."""

    def __init__(self) -> None:
        super().__init__(
            "that cannot be sealed to these keys", "give the whole card of each, and each once"
        )


def seal(text: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt a text to people.

    :param recipients: their public keys, ``age1…``.
    :raises BadRecipient: none, too many, one twice, or one that is malformed.
    """
    if not 0 < len(recipients) <= MAX_RECIPIENTS or len(set(recipients)) != len(recipients):
        raise BadRecipient
    if not all(map(is_reading_key, recipients)):
        raise BadRecipient
    keys = [x25519.Recipient.from_str(public) for public in recipients]
    return encrypt(text + b"\n" * (-len(text) % BLOCK), keys)


def open_(sealed: bytes, identity: Identity) -> bytes:
    """Decrypt what :func:`seal` gave; the padding is left on.

    :raises NotToYou: when it is for others.
    :raises DamagedParcel: when it is not in its form, changed, cut short, or too large.
    """
    if len(sealed) > MAX_SEALED:
        raise DamagedParcel
    try:
        readers(sealed)
        return decrypt(sealed, [identity.opener])
    except BadHeader:
        raise DamagedParcel from None
    except DecryptError as error:
        if str(error) == _NO_MATCH:
            raise NotToYou from None
        raise DamagedParcel from None
