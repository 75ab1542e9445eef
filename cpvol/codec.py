"""Canonical text: the one YAML spelling in which records, members, policy and organisation are stored.

    id: k3m9q2x7ab
    posts:
    - title: "Youth worker"
      start: "2004-09-01"
    reads: []

Block style, two spaces a level, lists level with their key, LF, UTF-8. A scalar is ``true``, ``false``, a whole
number, a bare word (at most 64 lower-case letters, digits, ``_`` and ``-``, starting with a letter, and no word that
any YAML version reads as something else) or a JSON string. A key is a bare word too; ``on`` and its like, which some
readers take for true, stand in quotes. Dates are JSON strings, so that every YAML reader hands over text and
the text validates against the JSON Schema as it stands.

Any YAML reader reads it. This one reads nothing else: one text has one spelling, so two copies that say the same are
the same bytes, and no anchor, tag, duplicate key or comment can hide anything from a reader. It is also what makes
ten thousand records readable in seconds; a general reader is five times slower and takes longer to import than a
whole task may take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from cpvol.errors import CpvolError

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"

MAX_BYTES = 1 << 20
MAX_DEPTH = 8

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
# Words that some YAML version turns into a boolean, a null or a number are always quoted.
_NOT_BARE = frozenset(
    ("true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nan", "inf")
)
_KEY = re.compile(rf'(?:([a-z][a-z0-9_-]{{0,63}})|"({"|".join(sorted(_NOT_BARE))})"):')
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")
#: JSON leaves these as they are; YAML calls them unprintable or line breaks, or an editor or a terminal would hide them.
UNSEEN = "\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
_ESCAPE = re.compile(f"[{UNSEEN}]")
# Halves of a character: two of them side by side would be read back as one.
_HALVES = "\ud800-\udfff"
_HALF = re.compile(f"[{_HALVES}]")
# What stands between its quotes as it is: nearly all text, and a JSON parser is far slower.
_PLAIN = re.compile(rf'[^"\\\x00-\x1f{UNSEEN}{_HALVES}]*\Z')


class NotCanonical(CpvolError):
    """The text is not in the one spelling that cpvol writes."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(
            f"line {line} of the stored text is not as cpvol writes it: {why}",
            "it was changed by something else; restore it from another copy",
        )
        self.line = line


def encode(data: Mapping[str, Value]) -> bytes:
    """Write a mapping as canonical text.

    :param data: keys in the order in which they are to stand; no ``None`` and no empty mapping anywhere.
    :returns: UTF-8 bytes that end in one LF.
    :raises TypeError: for a value that has no canonical spelling; a fault of the caller, never of a user.
    """
    lines: list[str] = []
    _map(lines, data, "", 0)
    lines.append("")
    text = "\n".join(lines).encode()
    if len(text) > MAX_BYTES:
        raise TypeError("more than a megabyte would not be read again")
    return text


def _map(lines: list[str], data: Mapping[str, Value], indent: str, depth: int) -> None:
    if not data:
        raise TypeError("an empty mapping has no canonical spelling")
    if depth > MAX_DEPTH:
        raise TypeError("what is nested so deeply would not be read again")
    for key, value in data.items():
        if not _WORD.match(key):
            raise TypeError(f"{key!r} is no canonical key")
        name = f'{indent}"{key}":' if key in _NOT_BARE else f"{indent}{key}:"
        if isinstance(value, (str, int)):
            lines.append(f"{name} {_scalar(value)}")
        elif isinstance(value, Mapping):
            lines.append(name)
            _map(lines, value, indent + "  ", depth + 1)
        elif isinstance(value, (list, tuple)):
            if value:
                lines.append(name)
                _list(lines, value, indent, depth + 1)
            else:
                lines.append(f"{name} []")
        else:
            lines.append(f"{name} {_scalar(value)}")


def _list(lines: list[str], items: Sequence[Value], indent: str, depth: int) -> None:
    for item in items:
        if isinstance(item, Mapping):
            start = len(lines)
            _map(lines, item, indent + "  ", depth + 1)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        elif isinstance(item, (list, tuple)):
            raise TypeError("a list directly inside a list has no canonical spelling")
        else:
            lines.append(f"{indent}- {_scalar(item)}")


def _scalar(value: object) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        text = str(value)
        if not _INTEGER.match(text):
            raise TypeError("a whole number of more than 18 digits has no canonical spelling")
        return text
    if isinstance(value, str):
        if _WORD.match(value) and value not in _NOT_BARE:
            return str(value)
        if _PLAIN.match(value):
            return f'"{value}"'
        if _HALF.search(value):
            raise TypeError("half a character has no canonical spelling")
        return _ESCAPE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def decode(text: bytes) -> dict[str, Value]:
    """Read canonical text.

    :param text: what :func:`encode` returned.
    :returns: the mapping, keys in the order of the text.
    :raises NotCanonical: when the bytes are anything that :func:`encode` would not have written.
    """
    if len(text) > MAX_BYTES:
        raise NotCanonical(1, "it is longer than a megabyte")
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise NotCanonical(text[: error.start].count(b"\n") + 1, "it is not UTF-8") from None
    if lines.pop() or not lines:
        raise NotCanonical(len(lines) + 1, "it does not end with a line break")
    data, end = _read_map(lines, 0, "", 0)
    if end != len(lines):
        raise NotCanonical(end + 1, "the indentation is off")
    # One spelling only: what reads well but would be written otherwise is refused here, in one place.
    if encode(data) != text:
        raise NotCanonical(1, "the same content has another spelling")
    return data


def _read_map(
    lines: list[str], at: int, indent: str, depth: int, first: str | None = None
) -> tuple[dict[str, Value], int]:
    if depth > MAX_DEPTH:
        raise NotCanonical(at + 1, "it is nested too deeply")
    data: dict[str, Value] = {}
    width = len(indent)
    while at < len(lines):
        line = lines[at]
        if first is not None:
            body, first = first, None
        elif line.startswith(indent) and line[width : width + 1] not in {" ", "-", ""}:
            body = line[width:]
        else:
            break
        key, rest = _split(body, at + 1)
        if key in data:
            raise NotCanonical(at + 1, "a name stands twice")
        at += 1
        if rest:
            if rest[0] != " ":
                raise NotCanonical(at, "a space is expected after the colon")
            data[key] = [] if rest == " []" else _read_scalar(rest[1:], at)
        elif at < len(lines) and lines[at].startswith(indent + "- "):
            data[key], at = _read_list(lines, at, indent, depth + 1)
        else:
            data[key], at = _read_map(lines, at, indent + "  ", depth + 1)
    if not data:
        raise NotCanonical(at + 1, "a value is missing")
    return data, at


def _split(body: str, line: int) -> tuple[str, str]:
    """The key of a line, and what stands after its colon."""
    named = _KEY.match(body)
    if not named:
        raise NotCanonical(line, "a name and a colon are expected")
    return named[1] or named[2], body[named.end() :]


def _read_list(lines: list[str], at: int, indent: str, depth: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    dash = indent + "- "
    while at < len(lines) and lines[at].startswith(dash):
        body = lines[at][len(dash) :]
        if _KEY.match(body):
            item, at = _read_map(lines, at, indent + "  ", depth + 1, first=body)
            items.append(item)
        else:
            items.append(_read_scalar(body, at + 1))
            at += 1
    return items, at


def _read_scalar(text: str, line: int) -> str | int | bool:
    if text.startswith('"'):
        if len(text) > 1 and text[-1] == '"' and _PLAIN.match(text, 1, len(text) - 1):
            return text[1:-1]
        try:
            value = json.loads(text)
        except ValueError:
            raise NotCanonical(line, "the quoted text is broken") from None
        if _HALF.search(value):
            raise NotCanonical(line, "the quoted text holds half a character")
        return str(value)
    if text == "true":
        return True
    if text == "false":
        return False
    if _WORD.match(text) and text not in _NOT_BARE:
        return text
    if _INTEGER.match(text):
        return int(text)
    raise NotCanonical(line, "the value is neither a word, a number nor quoted text")
