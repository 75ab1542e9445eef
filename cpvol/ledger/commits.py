"""The commits of main and of the keyring branch, as bytes.

A commit of main, in its only form::

    tree <id>
    parent <id>                                   (none in the founding commit)
    author <handle> <<handle>@cpvol.invalid> <time of entry> +0000
    committer <handle> <<handle>@cpvol.invalid> <time of acceptance> +0000
    gpgsig -----BEGIN SSH SIGNATURE-----
     …
     -----END SSH SIGNATURE-----

    training: add k3m9q2x7ab

    Action: add
    Record: training/k3m9q2x7ab                   (and for each further record, in the order of their paths)
    Key-SHA256: <commitment to the key of the version written>
    Keyring-SHA256: <digest of the keyring that goes with this commit>
    Chain-SHA256: <see chain_value>

The keyring branch is one commit without parent, signature or date of its own: its id depends on its tree alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import lt

from cpvol.errors import CpvolError
from cpvol.ledger.objects import Object, make

DOMAIN = "cpvol.invalid"
NAMESPACE = "git"
NO_DIGEST = "0" * 64
DELETED = f"000000 {NO_DIGEST}"

MAX_COMMIT_BYTES = 16 << 20

_HEAD = re.compile(
    rb"tree (?P<tree>[0-9a-f]{40})\n"
    rb"(?:parent (?P<parent>[0-9a-f]{40})\n)?"
    rb"author (?P<author>[a-z][a-z0-9-]{1,30}[a-z0-9]) <(?P=author)@cpvol\.invalid> (?P<entered>0|[1-9][0-9]{0,9}) \+0000\n"
    rb"committer (?P=author) <(?P=author)@cpvol\.invalid> (?P<accepted>0|[1-9][0-9]{0,9}) \+0000\n"
    rb"gpgsig (?P<signature>-----BEGIN SSH SIGNATURE-----\n(?: [A-Za-z0-9+/=]{1,76}\n)+ -----END SSH SIGNATURE-----)\n"
    rb"\n"
)
_HEX = rb"[0-9a-f]{64}"
_RECORD = rb"[a-z]{2,20}/[0-9a-hjkmnp-tv-z]{10}"
_MESSAGE = re.compile(
    rb"(?P<subject>[a-z]+: [a-z0-9 -]{1,100})\n\nAction: (?P<action>[a-z]{2,20})\n"
    rb"(?P<written>(?:Record: " + _RECORD + rb"\nKey-SHA256: " + _HEX + rb"\n)*+)"
    rb"(?P<removed>(?:Removed: " + _RECORD + rb"\n)*+)"
    rb"Keyring-SHA256: (?P<keyring>" + _HEX + rb")\nChain-SHA256: (?P<chain>" + _HEX + rb")\n\Z"
)
_WRITTEN = re.compile(r"Record: (.*)\nKey-SHA256: (.*)\n")
_REMOVED = re.compile(r"Removed: (.*)\n")


class BadCommit(CpvolError):
    """A commit that is not in the form that this format allows."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a change in the history is not in the form that cpvol writes: {why}",
            "do not trust this copy",
        )
        self.why = why


@dataclass(frozen=True, slots=True)
class Written:
    """A record that a commit writes: ``record`` is ``log/id``, ``key`` the commitment to that version's key."""

    record: str
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a commit of main says. Holds no personal data.

    :param subject: ``training: add k3m9q2x7ab``.
    :param action: what was done, one word.
    :param written: the records written, in the order of their names.
    :param removed: the records that a disposal removed, ``log/id``.
    :param keyring: ``Keyring-SHA256``.
    :param chain: ``Chain-SHA256``.
    """

    subject: str
    action: str
    keyring: str
    chain: str
    written: tuple[Written, ...] = field(default=())
    removed: tuple[str, ...] = field(default=())

    def text(self) -> str:
        """The message as it stands in the commit."""
        lines = [self.subject, "", f"Action: {self.action}"]
        for each in self.written:
            lines += [f"Record: {each.record}", f"Key-SHA256: {each.key}"]
        lines += [f"Removed: {record}" for record in self.removed]
        lines += [f"Keyring-SHA256: {self.keyring}", f"Chain-SHA256: {self.chain}", ""]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of main.

    :param tree: the id of its tree.
    :param parent: the id of its parent, or ``None`` for the founding commit.
    :param handle: author and committer.
    :param entered: when the entry was made, seconds since 1970, UTC.
    :param accepted: when it took its place in the chain.
    :param signature: the armored signature, or ``""`` before it is signed.
    """

    tree: str
    parent: str | None
    handle: str
    entered: int
    accepted: int
    message: Message
    signature: str = ""

    def payload(self) -> bytes:
        """The bytes that are signed."""
        return self._head() + b"\n" + self.message.text().encode()

    def encode(self) -> bytes:
        """The commit object's content, signature included."""
        signature = self.signature.strip().replace("\n", "\n ")
        return self._head() + f"gpgsig {signature}\n\n{self.message.text()}".encode()

    def _head(self) -> bytes:
        parent = f"parent {self.parent}\n" if self.parent else ""
        who = f"{self.handle} <{principal(self.handle)}>"
        return (
            f"tree {self.tree}\n{parent}author {who} {self.entered} +0000\n"
            f"committer {who} {self.accepted} +0000\n"
        ).encode()


def principal(handle: str) -> str:
    """The name under which a handle's signing key stands in ``allowed_signers``."""
    return f"{handle}@{DOMAIN}"


def decode(data: bytes) -> Commit:
    """Read a commit of main.

    :raises BadCommit: for anything that :meth:`Commit.encode` would not have written.
    """
    if len(data) > MAX_COMMIT_BYTES:
        raise BadCommit("it is too long")
    match = _HEAD.match(data)
    if match is None:
        raise BadCommit("its header")
    # Nothing above is left free but what is kept: what encodes to these bytes is this and no other commit.
    tree, parent, handle, entered, accepted, signature = [
        str(each, "ascii") if each else "" for each in match.groups()
    ]
    return Commit(
        tree,
        parent or None,
        handle,
        int(entered),
        int(accepted),
        _decode_message(data[match.end() :]),
        signature.replace("\n ", "\n") + "\n",
    )


def _decode_message(data: bytes) -> Message:
    match = _MESSAGE.match(data)
    if match is None:
        raise BadCommit("its message")
    subject, action, lines, gone, keyring, chain = [each.decode() for each in match.groups()]
    written = tuple([Written(*each) for each in _WRITTEN.findall(lines)])
    removed = tuple(_REMOVED.findall(gone))
    if not _rising([each.record for each in written]) or not _rising(removed):
        raise BadCommit("the order of its records")
    return Message(subject, action, keyring, chain, written, removed)


def _rising(names: Sequence[str]) -> bool:
    return len(names) < 2 or all(map(lt, names, names[1:]))


@dataclass(frozen=True, slots=True)
class Change:
    """One path that a commit changes: ``mode`` and ``sha256`` of the new content, or both empty for a deletion."""

    path: str
    mode: str = ""
    sha256: str = ""

    def line(self) -> str:
        """Its line in the chain value."""
        return f"{self.mode} {self.sha256} {self.path}" if self.mode else f"{DELETED} {self.path}"


def chain_value(previous: str, previous_commit: bytes, changes: Iterable[Change]) -> str:
    """``Chain-SHA256``: tamper evidence that does not rest on SHA-1.

    The SHA-256 of these lines, each ending in LF: the previous commit's chain value, the SHA-256 of the previous
    commit object (what ``git cat-file commit`` prints), then a line ``<mode> <sha256> <path>`` for each path changed,
    sorted by bytes, a deletion as mode ``000000`` and sixty-four zeros. In the founding commit the first two are
    sixty-four zeros.

    :param previous: the chain value of the parent, or :data:`NO_DIGEST`.
    :param previous_commit: the parent's object, or ``b""``.
    """
    digest = hashlib.sha256(previous_commit).hexdigest() if previous_commit else NO_DIGEST
    lines = sorted(change.line().encode() for change in changes)
    return hashlib.sha256(b"\n".join([previous.encode(), digest.encode(), *lines, b""])).hexdigest()


def keyring_commit(tree: str) -> Object:
    """The keyring branch's only commit: the same tree always gives the same id."""
    who = f"cpvol <cpvol@{DOMAIN}> 0 +0000"
    return make("commit", f"tree {tree}\nauthor {who}\ncommitter {who}\n\nkeyring\n".encode())
