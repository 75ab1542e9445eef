"""What outsiders keep: the anchor of a repository, and checkpoints of how far it had come.

An anchor is one line, ``cpvol-anchor-1:<founding commit>:<fingerprint of the founder's key>``. A checkpoint is a text::

    cpvol-checkpoint-1
    anchor: cpvol-anchor-1:7a…:SHA256:Nn…
    count: 1234
    tip: <commit id>
    chain: <Chain-SHA256 of that commit>
    date: 2026-11-21
    by: member-1

and an SSH signature of it in the namespace ``cpvol-checkpoint``, in a file of its own or below the text. Whoever
oversees the organisation may countersign the same text with a key of their own, in the same namespace; their signatures
follow the member's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from cpvol.errors import CpvolError
from cpvol.ledger import sshsig

NAMESPACE = "cpvol-checkpoint"

_ANCHOR = re.compile(r"cpvol-anchor-1:([0-9a-f]{40}):(SHA256:[A-Za-z0-9+/]{43})\Z")
_TEXT = re.compile(
    r"cpvol-checkpoint-1\n"
    r"anchor: (?P<anchor>[ -~]{1,200})\n"
    r"count: (?P<count>[1-9][0-9]{0,11})\n"
    r"tip: (?P<tip>[0-9a-f]{40})\n"
    r"chain: (?P<chain>[0-9a-f]{64})\n"
    r"date: (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\n"
    r"by: (?P<by>[a-z][a-z0-9-]{1,30}[a-z0-9])\n\Z"
)
_SIGNATURE = "-----BEGIN SSH SIGNATURE-----\n"


class BadAnchor(CpvolError):
    """A text that is no anchor."""

    def __init__(self) -> None:
        super().__init__(
            "that is not an anchor", "copy the whole line that begins with cpvol-anchor-1:"
        )


class BadCheckpoint(CpvolError):
    """A text that is no checkpoint."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a checkpoint cannot be used: {why}",
            "give the file as it was sent, or that text together with its .sig file",
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an auditor pins: the id of the founding commit, and the fingerprint of the founder's signing key."""

    founding: str
    fingerprint: str

    def line(self) -> str:
        """The anchor as it is sent."""
        return f"cpvol-anchor-1:{self.founding}:{self.fingerprint}"


def read_anchor(text: str) -> Anchor:
    """The anchor in a line.

    :raises BadAnchor: when it is none.
    """
    match = _ANCHOR.match(text.strip())
    if match is None:
        raise BadAnchor
    return Anchor(match[1], match[2])


class NoKey(CpvolError):
    """A text that is no public key of a countersigner."""

    def __init__(self) -> None:
        super().__init__(
            "that is no Ed25519 public key",
            "name their .pub file, or give the line that begins with ssh-ed25519 in quotes",
        )


def read_public_key(text: bytes) -> str:
    """A public key as ``ssh-keygen`` writes it, without its comment.

    :raises NoKey: when it is none, or not of the one kind that is taken.
    """
    try:
        key = " ".join(text.decode("ascii").split()[:2])
        sshsig.fingerprint(key)
    except (UnicodeDecodeError, sshsig.BadPublicKey):
        raise NoKey from None
    return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a chain had come.

    :param count: commits from the founding one to ``tip``, both counted.
    :param chain: the ``Chain-SHA256`` of ``tip``.
    :param on: the day it was made.
    :param by: the handle of the member who signed it.
    :param signature: armored; ``""`` before it is signed.
    :param further: armored signatures of the same text by others.
    """

    anchor: Anchor
    count: int
    tip: str
    chain: str
    on: date
    by: str
    signature: str = ""
    further: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The bytes that are signed."""
        return (
            f"cpvol-checkpoint-1\nanchor: {self.anchor.line()}\ncount: {self.count}\n"
            f"tip: {self.tip}\nchain: {self.chain}\ndate: {self.on.isoformat()}\nby: {self.by}\n"
        ).encode()

    def signer(self) -> str:
        """The public key that signed it.

        :raises BadSignature: when the signature is not of this text.
        """
        return sshsig.verify(self.signature, self.text(), NAMESPACE)

    def countersigners(self) -> list[str]:
        """The public keys of those who countersigned it.

        :raises BadSignature: when one of their signatures is not of this text.
        """
        return [sshsig.verify(each, self.text(), NAMESPACE) for each in self.further]

    def seen_by(self) -> list[str]:
        """The fingerprints of those who countersigned it, for a report; none when one of their signatures is bad."""
        try:
            return [sshsig.fingerprint(key) for key in self.countersigners()]
        except sshsig.BadSignature:
            return []


def read_checkpoint(text: bytes, signature: bytes = b"") -> Checkpoint:
    """A checkpoint from its text, with the signature below it or apart.

    :raises BadCheckpoint: when it is not in its form.
    """
    try:
        whole = (text + signature).replace(b"\r\n", b"\n").decode("ascii")
    except UnicodeDecodeError:
        raise BadCheckpoint("it has foreign characters") from None
    said, *armored = whole.split(_SIGNATURE)
    match = _TEXT.match(said)
    if match is None:
        raise BadCheckpoint("it is not in the form of one")
    if not armored:
        raise BadCheckpoint("its signature is missing")
    try:
        anchor, on = read_anchor(match["anchor"]), date.fromisoformat(match["date"])
    except (BadAnchor, ValueError):
        raise BadCheckpoint("its anchor or its date is malformed") from None
    first, *further = (_SIGNATURE + each for each in armored)
    return Checkpoint(
        anchor,
        int(match["count"]),
        match["tip"],
        match["chain"],
        on,
        match["by"],
        first,
        tuple(further),
    )
