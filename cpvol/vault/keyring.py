"""Keyring files: the keys of many records, encrypted to the members who may read them.

The text has a line for each record, sorted by id, LF, single spaces::

    <id, 10 characters> <key of version 1> <key of version 2> …

and the file's name says whose keys it holds and for which version of ``members.yaml`` it was written::

    <log>.<version>.age            a whole log
    <log>-<a>.<version>.age        a log of more than 1,000 keys, the ids that begin with a
    <log>-<id>.<version>.age       one record alone, closed to some of the log's readers

A record that was closed after it was made stands in two: the log's own has the keys of the versions from before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyrage import DecryptError, IdentityError, decrypt, encrypt, x25519

from cpvol.errors import CpvolError
from cpvol.publickeys import is_reading_key
from cpvol.vault.credential import Identity
from cpvol.vault.header import BadHeader, readers

#: The keys of each record by its id, oldest version first.
Keys = dict[str, tuple[str, ...]]

#: Keys that a log may have before its keyring is split, counted over all versions.
SPLIT_ABOVE = 1000
#: Bytes that a sealed keyring file may have; about 200,000 keys.
MAX_SEALED = 1 << 24
#: Members that one file can be written for; their stanzas fit the largest header that is read.
MAX_RECIPIENTS = 600

_CROCKFORD = "0-9a-hjkmnp-tv-z"
_ID = re.compile(f"[{_CROCKFORD}]{{10}}")
_NAME = re.compile(
    f"(?P<log>[a-z]+)(?:-(?P<record>[{_CROCKFORD}]{{10}})|-(?P<shard>[{_CROCKFORD}]))?"
    r"\.(?P<version>[1-9][0-9]{0,8})\.age"
)
_NO_MATCH = "No matching keys found"


class DamagedKeyring(CpvolError):
    """A keyring file, its text or its name is not in the one form that it may have."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the file of keys is damaged: {what}",
            "take the records again from another member's copy or from a backup",
        )


class NotForYou(CpvolError):
    """The file is sound and was written for other members."""

    def __init__(self) -> None:
        super().__init__(
            "your keys do not open this file of keys",
            "ask a member who can read this log to sync, then sync yourself",
        )


class BadRecipients(CpvolError):
    """The members that a file is to be written for: none, too many, one twice, or not a key."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the keys cannot be written for these members: {what}",
            "look at the list of members, and at the public keys in it",
        )


@dataclass(frozen=True)
class KeyringFile:
    """What a file's name says; ``shard`` and ``record`` are empty when it holds the whole log."""

    log: str
    shard: str
    record: str
    version: int


def encode(keys: Keys) -> bytes:
    """The text of a keyring file.

    :raises DamagedKeyring: an id or a key does not have its form, or a record has no key.
    """
    for record, versions in keys.items():
        _check(record, versions)
    lines = (f"{record} {' '.join(keys[record])}\n" for record in sorted(keys))
    return "".join(lines).encode("ascii")


def decode(text: bytes) -> Keys:
    """What :func:`encode` gave ``text`` for.

    :raises DamagedKeyring: anything else, however close.
    """
    keys: Keys = {}
    previous = ""
    for line in _lines(text):
        record, *versions = line.split(" ")
        _check(record, versions)
        if record <= previous:
            raise DamagedKeyring("its lines are not in order")
        keys[record] = tuple(versions)
        previous = record
    return keys


def seal(keys: Keys, recipients: Sequence[str]) -> bytes:
    """Encrypt keys to members.

    :param recipients: their public keys, ``age1…``; each gets exactly one stanza.
    :returns: a binary age file.
    :raises BadRecipients: none, too many, one twice, or one not in its one form.
    :raises DamagedKeyring: as :func:`encode`.
    """
    if not recipients:
        raise BadRecipients("there are none")
    if len(recipients) > MAX_RECIPIENTS:
        raise BadRecipients(f"there are more than {MAX_RECIPIENTS}")
    if len(set(recipients)) != len(recipients):
        raise BadRecipients("one stands there twice")
    return encrypt(encode(keys), [_recipient(public) for public in recipients])


def open_(sealed: bytes, identity: Identity) -> Keys:
    """Decrypt a keyring file.

    :raises NotForYou: no stanza opens with this identity.
    :raises DamagedKeyring: not the sealed form of a keyring, changed, cut short, or over 16 MiB.
    """
    recipients_count(sealed)
    try:
        return decode(decrypt(sealed, [identity.opener]))
    except DecryptError as error:
        if str(error) == _NO_MATCH:
            raise NotForYou from None
        raise DamagedKeyring("it was changed or cut short after it was written") from None


def recipients_count(sealed: bytes) -> int:
    """How many members' keys open the file, told without a key.

    :raises DamagedKeyring: not the sealed form of a keyring file, or over 16 MiB.
    """
    if len(sealed) > MAX_SEALED:
        raise DamagedKeyring("larger than such a file can be")
    try:
        return readers(sealed)
    except BadHeader as error:
        raise DamagedKeyring(error.problem) from None


def file_name(log: str, version: int, *, shard: str = "", record: str = "") -> str:
    """The name of a keyring file.

    :param version: of the ``members.yaml`` that it is written for, from 1.
    :param shard: the first character of the ids in it.
    :param record: the id of the one record in it; not together with ``shard``.
    :raises DamagedKeyring: a part does not have its form.
    """
    part = f"-{shard}{record}" if shard or record else ""
    name = f"{log}{part}.{version}.age"
    if parse_name(name) != KeyringFile(log, shard, record, version):
        raise DamagedKeyring("its name has parts that do not go together")
    return name


def parse_name(name: str) -> KeyringFile:
    """What :func:`file_name` was given for this name.

    :raises DamagedKeyring: no keyring file is named so.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise DamagedKeyring("its name has not the form of one")
    return KeyringFile(
        match["log"], match["shard"] or "", match["record"] or "", int(match["version"])
    )


def digest(files: Mapping[str, bytes]) -> str:
    """What a commit says of the keyring it goes with (trailer ``Keyring-SHA256``).

    :param files: the sealed files by path.
    :returns: lower-case hex SHA-256 over the byte-sorted lines ``<sha256> <path>``, each ending in LF.
    """
    lines = sorted(
        f"{hashlib.sha256(sealed).hexdigest()} {path}\n".encode() for path, sealed in files.items()
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def layout(keys: Keys, *, already_split: bool) -> dict[str, Keys]:
    """How a log's keys are divided over files.

    :param already_split: whether the log was split before; it is then never joined again.
    :returns: keys by shard: ``""`` for the whole log, or the ids' first character.
    """
    if not already_split and sum(map(len, keys.values())) <= SPLIT_ABOVE:
        return {"": dict(keys)}
    shards: dict[str, Keys] = {}
    for record in sorted(keys):
        shards.setdefault(record[0], {})[record] = keys[record]
    return shards


def _lines(text: bytes) -> list[str]:
    if not text:
        return []
    if not text.isascii() or not text.endswith(b"\n"):
        raise DamagedKeyring("its text is cut short or has foreign characters")
    return text[:-1].decode("ascii").split("\n")


def _check(record: str, versions: Sequence[str]) -> None:
    if not _ID.fullmatch(record):
        raise DamagedKeyring("an id in it is malformed")
    if not versions:
        raise DamagedKeyring("a record in it has no key")
    try:
        canonical = all(str(x25519.Identity.from_str(key)) == key for key in versions)
    except IdentityError:
        canonical = False
    if not canonical:
        raise DamagedKeyring("a key in it is malformed")


def _recipient(public: str) -> x25519.Recipient:
    if not is_reading_key(public):
        raise BadRecipients("a public key is malformed")
    return x25519.Recipient.from_str(public)
