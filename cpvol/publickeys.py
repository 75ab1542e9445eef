"""Public keys in their one sound form: what a list of members may hold, whoever wrote it.

A text that only looks like a key would stop everybody who seals something to it: the sealing fails, at each entry and each
sync. So would a key of *low order*, with which there is no secret to share: age refuses to use one, and rightly. And a
signing key that is none makes stock ``ssh-keygen`` give up ``allowed_signers`` from that line on.
"""

from __future__ import annotations

import binascii
from functools import lru_cache

_PREFIX = "age"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CHECK = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LETTERS = 6
#: What the checksum is computed over before the letters: the prefix, as Bech32 expands it.
_HEAD = (*(ord(c) >> 5 for c in _PREFIX), 0, *(ord(c) & 31 for c in _PREFIX))
_PRIME = 2**255 - 19
#: The numbers below the prime that are points of low order; 1 and -1 among them.
_LOW_ORDER = frozenset(
    (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _PRIME - 1,
    )
)
_ED25519 = "ssh-ed25519 "
_ED25519_HEAD = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
_ED25519_BYTES = 51


@lru_cache(maxsize=4096)
def is_reading_key(text: str) -> bool:
    """Whether something can be sealed to a key, ``age1…``, and it has no other spelling."""
    head, _, letters = text.partition("1")
    values = [_LETTERS.find(letter) for letter in letters]
    if head != _PREFIX or len(values) != 58 or -1 in values or _checksum((*_HEAD, *values)) != 1:
        return False
    number = 0
    for value in values[:-_CHECK_LETTERS]:
        number = number << 5 | value
    # 52 letters have 260 bits: four more than a key, which are nothing in the one spelling.
    point = int.from_bytes((number >> 4).to_bytes(32, "big"), "little")
    return not number & 15 and point < _PRIME and point not in _LOW_ORDER


@lru_cache(maxsize=4096)
def is_signing_key(text: str) -> bool:
    """Whether stock ``ssh-keygen`` reads a signing key, ``ssh-ed25519 AAAA…``, without a comment."""
    try:
        data = binascii.a2b_base64(text.removeprefix(_ED25519), strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return (
        text.startswith(_ED25519)
        and len(data) == _ED25519_BYTES
        and data.startswith(_ED25519_HEAD)
        and _ED25519 + binascii.b2a_base64(data, newline=False).decode("ascii") == text
    )


def _checksum(values: tuple[int, ...]) -> int:
    """The remainder that Bech32 computes; 1 for a text whose checksum is right."""
    found = 1
    for value in values:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate(_CHECK):
            if top >> bit & 1:
                found ^= part
    return found
