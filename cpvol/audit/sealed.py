"""How many keys open a sealed file, told without a key.

The head of an age file, as records and keyring files have it::

    age-encryption.org/v1
    -> X25519 <43 characters>            (one for each reader; exactly one in a record)
    <43 characters>
    -> <random>-grease <random …>        (at most one, which readers pass over)
    <lines of 64 characters and one shorter>
    --- <43 characters>
    <nonce, 16 bytes><chunks of 64 KiB, each with a tag of 16 bytes>

The audit never imports the vault: what an auditor relies on does not share the code that wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Bytes that a sealed record may have.
MAX_RECORD = 1 << 20
#: Bytes that a sealed keyring file may have.
MAX_KEYRING = 1 << 24
#: A record's text is padded to a multiple of this.
BLOCK = 1024

# 32 bytes are 43 characters, of which the last has two bits that must be zero.
_32_BYTES = rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]"
_STANZA = rb"-> X25519 " + _32_BYTES + rb"\n" + _32_BYTES + rb"\n"
_GREASE = (
    rb"-> [!-~]{1,200}-grease(?: [!-~]{1,200}){0,20}\n"
    rb"(?:[A-Za-z0-9+/]{64}\n){0,50}[A-Za-z0-9+/]{0,63}\n"
)
_HEAD = re.compile(
    rb"age-encryption\.org/v1\n"
    rb"((?:" + _STANZA + rb"){0,650})(?:" + _GREASE + rb")?((?:" + _STANZA + rb"){0,650})"
    rb"--- " + _32_BYTES + rb"\n"
)
_STANZA_SIZE = len("-> X25519 ") + 2 * (43 + 1)
_NONCE = 16
_TAG = 16
_CHUNK = 65_536 + _TAG


@dataclass(frozen=True, slots=True)
class Head:
    """``readers``: how many keys open the file. ``text``: how many bytes its text has, padding included."""

    readers: int
    text: int


def head_of(sealed: bytes) -> Head | None:
    """What the head of a sealed file tells; ``None`` when it is not one in the form above."""
    match = _HEAD.match(sealed)
    if match is None:
        return None
    readers = (len(match[1]) + len(match[2])) // _STANZA_SIZE
    payload = len(sealed) - match.end() - _NONCE
    text = payload - _TAG * -(-payload // _CHUNK)
    if readers == 0 or payload < _TAG or text < 0:
        return None
    return Head(readers, text)


def record_fault(sealed: bytes) -> str:
    """What is wrong with a sealed record, as the end of a sentence; ``""`` when nothing is."""
    if len(sealed) > MAX_RECORD:
        return "is larger than an entry can be"
    head = head_of(sealed)
    if head is None:
        return "is not an encrypted file in its one form"
    if head.readers != 1:
        return f"can be opened with {head.readers} keys, which would outlive its disposal"
    if head.text == 0 or head.text % BLOCK:
        return "has a text that was not padded to whole kilobytes"
    return ""
