"""What is wrong with a commit that is not in the one form, in words.

Only words come out that stand here: nothing from the repository is repeated, for it may hold what steers a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_IDENTITY = re.compile(rb"([a-z][a-z0-9-]{1,30}[a-z0-9]) <\1@cpvol\.invalid> [0-9]{1,10} \+0000")
_KNOWN = (b"tree", b"parent", b"author", b"committer", b"gpgsig")
_END = b"-----END SSH SIGNATURE-----"


def why(data: bytes) -> str:
    """The first thing that is wrong with the bytes of a commit, as the end of a sentence: "This change …"."""
    head, _, message = data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.startswith(b" ")]
    names = [line.partition(b" ")[0] for line in lines]
    signature = _value(head, b"gpgsig")
    for found, words in _CAUSES:
        if found(head, message, names, signature):
            return words
    return "is not written in the one form that changes have"


def _value(head: bytes, name: bytes) -> bytes:
    """The value of the first header of a name, its further lines included."""
    match = re.search(rb"^" + name + rb" (.*(?:\n .*)*)", head, re.MULTILINE)
    return match[1] if match else b""


def _who(head: bytes, name: bytes) -> bytes:
    return _value(head, name).rpartition(b"> ")[0]


_Cause = Callable[[bytes, bytes, list[bytes], bytes], object]

_CAUSES: tuple[tuple[_Cause, str], ...] = (
    (lambda h, m, n, s: b"\0" in h + m, "holds a zero byte, which hides what follows it"),
    (
        lambda h, m, n, s: n.count(b"parent") > 1,
        "joins several lines of history, where there may be only one",
    ),
    (lambda h, m, n, s: b"gpgsig" not in n and b"gpgsig-sha256" not in n, "is not signed"),
    (lambda h, m, n, s: n.count(b"gpgsig") > 1, "carries more than one signature"),
    (
        lambda h, m, n, s: any(name not in _KNOWN for name in n),
        "has a header line that does not belong there",
    ),
    (
        lambda h, m, n, s: any(n.count(name) > 1 for name in _KNOWN),
        "has a header line twice",
    ),
    (
        lambda h, m, n, s: b"-----BEGIN PGP" in s or b"-----BEGIN SIGNED" in s,
        "is signed with something other than an SSH key",
    ),
    (
        lambda h, m, n, s: not s.endswith(_END) or s.count(_END) != 1,
        "has something after the end of its signature",
    ),
    (
        lambda h, m, n, s: _who(h, b"author") != _who(h, b"committer"),
        "names one person as its author and another as its committer",
    ),
    (
        lambda h, m, n, s: (
            not _IDENTITY.fullmatch(_value(h, b"author"))
            or not _IDENTITY.fullmatch(_value(h, b"committer"))
        ),
        "names its author in another way than by a handle and a time in UTC that a calendar has",
    ),
    (
        lambda h, m, n, s: re.search(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]", m),
        "has characters in its message that could steer a terminal or mislead a reader",
    ),
)
