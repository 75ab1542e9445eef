"""The head of an age file, read strictly and without a key.

::

    age-encryption.org/v1
    -> X25519 <share of the sender, 32 bytes in base64>
    <the file key, wrapped: 32 bytes in base64>
    -> <random>-grease <random arguments>                 at most one, which readers pass over
    <random bytes in base64, lines of 64 characters and one shorter>
    --- <MAC, 32 bytes in base64>
    <nonce, 16 bytes><encrypted chunks, each with a tag of 16 bytes>

Base64 is without padding and canonical. Libraries are laxer than the specification here and there; a
file whose head can be written in two ways could be changed by somebody without a key, so this parser
takes one form only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cpvol.errors import CpvolError

#: Bytes that a head may have; about 650 readers.
MAX_HEADER = 65_536

_VERSION = b"age-encryption.org/v1\n"
_ARGUMENTS = re.compile(rb"[!-~]+(?: [!-~]+)*")
# The last character of a group cut short has bits that stand for nothing: they are zero.
_BASE64 = re.compile(
    rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9+/][AQgw])?"
)
_FACTOR = re.compile(r"[1-9][0-9]?")
_LINE = 64
_SHARE = 32
_WRAPPED_KEY = 32
_SALT = 16
_MAC = 32
_SMALLEST_PAYLOAD = 16 + 16


class BadHeader(CpvolError):
    """The bytes do not begin as an age file must."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"not a well-formed sealed file: {problem}",
            "take this file again from where it came from, or from a backup",
        )


class Stanza(NamedTuple):
    """One way into the file: its type, its arguments, and the bytes that its body holds."""

    type: str
    arguments: tuple[str, ...]
    size: int


def stanzas(sealed: bytes) -> list[Stanza]:
    """The stanzas of a binary age file, in order.

    :raises BadHeader: anything but the one canonical form, or a payload too short to be one.
    """
    if not sealed.startswith(_VERSION):
        raise BadHeader("the first line is not that of a binary age file")
    found: list[Stanza] = []
    line, at = _line(sealed, len(_VERSION))
    while line.startswith(b"-> "):
        words = _words(line[3:])
        body, line, at = _body(sealed, at)
        found.append(_checked(Stanza(words[0], tuple(words[1:]), _size(body))))
    _check_end(sealed, line, at)
    _check_together(found)
    return found


def readers(sealed: bytes) -> int:
    """How many X25519 keys open the file.

    :raises BadHeader: as :func:`stanzas`, and when there is none, or a way in of any other kind.
    """
    found = stanzas(sealed)
    count = sum(stanza.type == "X25519" for stanza in found)
    grease = sum(stanza.type.endswith("-grease") for stanza in found)
    # The library adds one at most; more would be room to hide a way in.
    if count == 0 or grease > 1 or count + grease != len(found):
        raise BadHeader("it is not encrypted to ordinary age keys alone")
    return count


def work_factor(sealed: bytes) -> int:
    """The scrypt work factor, log2 of N, of a file locked with a passphrase.

    :raises BadHeader: as :func:`stanzas`, and when the file is not locked with a passphrase.
    """
    first = stanzas(sealed)[0]
    if first.type != "scrypt":
        raise BadHeader("it is not locked with a passphrase")
    return int(first.arguments[1])


def _line(sealed: bytes, start: int) -> tuple[bytes, int]:
    end = sealed.find(b"\n", start, MAX_HEADER)
    if end < 0:
        raise BadHeader("its head is cut short or too long")
    return sealed[start:end], end + 1


def _words(line: bytes) -> list[str]:
    if not _ARGUMENTS.fullmatch(line):
        raise BadHeader("a stanza's first line is malformed")
    return line.decode("ascii").split(" ")


def _body(sealed: bytes, at: int) -> tuple[bytes, bytes, int]:
    """A stanza's body, the line after it, and where the one after that begins."""
    lines = []
    line, at = _line(sealed, at)
    while len(line) == _LINE:
        lines.append(line)
        line, at = _line(sealed, at)
    if len(line) > _LINE:
        raise BadHeader("a stanza's line is too long")
    lines.append(line)
    following, at = _line(sealed, at)
    return b"".join(lines), following, at


def _size(text: bytes | str) -> int:
    """The number of bytes in unpadded, canonical base64."""
    text = text.encode("ascii") if isinstance(text, str) else text
    if not _BASE64.fullmatch(text):
        raise BadHeader("its base64 is malformed or not canonical")
    return len(text) * 3 // 4


def _checked(stanza: Stanza) -> Stanza:
    if stanza.type == "X25519":
        good = [_size(word) for word in stanza.arguments] == [_SHARE]
    elif stanza.type == "scrypt":
        good = (
            len(stanza.arguments) == 2
            and _size(stanza.arguments[0]) == _SALT
            and _FACTOR.fullmatch(stanza.arguments[1]) is not None
        )
    else:
        return stanza
    if not good or stanza.size != _WRAPPED_KEY:
        raise BadHeader("a stanza does not have the form of its type")
    return stanza


def _check_end(sealed: bytes, line: bytes, at: int) -> None:
    if not line.startswith(b"--- ") or _size(line[4:]) != _MAC:
        raise BadHeader("the last line of its head is malformed")
    if len(sealed) - at < _SMALLEST_PAYLOAD:
        raise BadHeader("it is cut short")


def _check_together(found: list[Stanza]) -> None:
    if not found:
        raise BadHeader("it has no stanza")
    if len(found) > 1 and any(stanza.type == "scrypt" for stanza in found):
        raise BadHeader("a passphrase stands beside another way in")
