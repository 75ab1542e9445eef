"""One person's keys, in memory and in the one file they are kept in.

The identity file is this text, locked under a passphrase as ``age -p`` would lock it::

    # -----BEGIN OPENSSH PRIVATE KEY-----
    # <the signing key, unlocked>
    # -----END OPENSSH PRIVATE KEY-----
    #
    # cpvol identity, format 1
    # …what this is, for whoever opens it with other tools
    # handle: member-1
    # created: 2026-01-05
    # reads with: age1…
    # signs with: ssh-ed25519 AAAA…
    AGE-SECRET-KEY-1…

Stock ``age -d -i identity.age`` reads records with it: age passes over comment lines. The signing key
comes first because ``ssh-keygen`` wants it at the start of a file and cares nothing for what follows:
``age -d identity.age | sed 's/^# //'`` is a key file for it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pyrage import DecryptError, IdentityError, x25519
from pyrage import passphrase as age_passphrase

from cpvol.errors import CpvolError
from cpvol.vault import signature
from cpvol.vault.header import BadHeader, work_factor

#: The highest scrypt work factor (log2 of N) that is tried; each step doubles time and memory.
MAX_WORK_FACTOR = 20
#: Characters that a passphrase needs.
MIN_PASSPHRASE = 10

_HANDLE = r"[a-z][a-z0-9-]{1,30}[a-z0-9]"
_SECRET = r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"  # noqa: S105 - the form of one
_PROSE = (
    "# The keys of one person: with this file and its passphrase, anyone reads and signs as them.",
    "# Read:  age -d -i identity.age <entry>",
    "# Sign:  age -d identity.age | sed 's/^# //' is a private key for ssh-keygen",
)
_FILE = re.compile(
    r"(?P<pem># -----BEGIN OPENSSH PRIVATE KEY-----\n(?:# [A-Za-z0-9+/=]+\n)+"
    r"# -----END OPENSSH PRIVATE KEY-----\n)"
    r"#\n# cpvol identity, format 1\n(?:# [^\n]*\n)*"
    rf"# handle: (?P<handle>{_HANDLE})\n"
    r"# created: [0-9]{4}-[0-9]{2}-[0-9]{2}\n"
    r"# reads with: (?P<age_public>age1[02-9ac-hj-np-z]{58})\n"
    r"# signs with: (?P<signing_public>ssh-ed25519 [A-Za-z0-9+/]{68})\n"
    rf"(?P<secret>{_SECRET})\n"
)
_PACKED = re.compile(
    rf"cpvol-identity-1 (?P<handle>{_HANDLE}) (?P<secret>{_SECRET}) (?P<seed>[0-9a-f]{{64}})"
)

# What anybody would try first, and the same with digits around it. Compared without case, spaces and
# punctuation.
# fmt: off
_OBVIOUS = frozenset((
    "password", "passphrase", "mypassword", "passwordpassword", "secretpassword", "topsecret",
    "secretsecret", "letmein", "letmeinplease", "welcome", "welcomewelcome", "changeme",
    "changemenow", "iloveyou", "administrator", "qwerty", "qwertyuiop", "qwertyqwerty",
    "asdfghjkl", "zxcvbnm", "abcdef", "abcdefgh", "abcdefghij", "abcdefghijkl",
    "abcdefghijklmnopqrstuvwxyz", "childprotection", "safeguarding", "contactpoint",
    "coordinator", "correcthorsebatterystaple", "1234567890", "0123456789", "12345678910",
    "0987654321", "1234512345", "1122334455", "1212121212", "1q2w3e4r5t", "1qaz2wsx3edc",
))
# fmt: on


class NotAnIdentity(CpvolError):
    """The content is not that of an identity file."""

    def __init__(self) -> None:
        super().__init__(
            "this is not a cpvol identity file, or it is damaged",
            "choose the identity.age that cpvol wrote for you, or a backup of it",
        )


class NotLocked(CpvolError):
    """The file is not one that a passphrase opens."""

    def __init__(self) -> None:
        super().__init__(
            "this file is not locked with a passphrase, or it is damaged",
            "choose the identity.age that cpvol wrote for you, or a backup of it",
        )


class WrongPassphrase(CpvolError):
    """The passphrase does not open the file."""

    def __init__(self) -> None:
        super().__init__(
            "wrong passphrase",
            "type it again; if it is forgotten, `recover` with the recovery page gives you new keys",
        )


class BadPassphrase(CpvolError):
    """The passphrase holds something that cannot be written as UTF-8."""

    def __init__(self) -> None:
        super().__init__(
            "the passphrase holds a character that cannot be used",
            "use letters, digits, spaces and punctuation",
        )


class TooSlow(CpvolError):
    """Opening the file would take minutes or all of the memory."""

    def __init__(self) -> None:
        super().__init__(
            "this file is locked so heavily that this computer would take very long to open it",
            "use the identity file that cpvol wrote on this computer, or a backup of it",
        )


@dataclass(frozen=True, repr=False)
class Identity:
    """One person's keys. Whatever prints an identity shows its public parts alone.

    :param secret: the age identity, ``AGE-SECRET-KEY-1…``; for decrypting only.
    :param seed: the 32 bytes of the Ed25519 signing key.
    """

    secret: str
    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != signature.SEED:
            raise NotAnIdentity
        # Also parses the secret, so that a malformed one fails here and not at the first record.
        if str(self.opener) != self.secret:
            raise NotAnIdentity

    def __repr__(self) -> str:
        return f"Identity(reads with {self.age_public}, signs with {self.signing_public})"

    @cached_property
    def opener(self) -> x25519.Identity:
        """The age identity in the library's form."""
        try:
            return x25519.Identity.from_str(self.secret)
        except IdentityError:
            raise NotAnIdentity from None

    @cached_property
    def age_public(self) -> str:
        """What others encrypt to: ``age1…``."""
        return str(self.opener.to_public())

    @cached_property
    def signing_public(self) -> str:
        """What others check signatures with: ``ssh-ed25519 AAAA…``, without a comment."""
        return signature.public_key(self.seed)

    def sign(self, message: bytes, namespace: str) -> str:
        """An armored signature, as :func:`cpvol.vault.signature.sshsig` describes it."""
        return signature.sshsig(self.seed, message, namespace)


def generate() -> Identity:
    """New keys for one person."""
    return Identity(str(x25519.Identity.generate()), os.urandom(signature.SEED))


def encode(identity: Identity, handle: str, created: date) -> bytes:
    """The text of an identity file, not yet locked.

    :param created: the day, as the file will state it.
    :raises ValueError: ``handle`` is not one.
    """
    if not re.fullmatch(_HANDLE, handle):
        raise ValueError("not a handle")
    pem = signature.to_openssh(identity.seed).splitlines()
    lines = (
        *(f"# {line}" for line in pem),
        "#",
        "# cpvol identity, format 1",
        *_PROSE,
        f"# handle: {handle}",
        f"# created: {created.isoformat()}",
        f"# reads with: {identity.age_public}",
        f"# signs with: {identity.signing_public}",
        identity.secret,
    )
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def decode(text: bytes) -> tuple[Identity, str]:
    """The keys and the handle in an unlocked identity file.

    :raises NotAnIdentity: the text is anything else, or its public keys are not those of its secrets.
    """
    match = _FILE.fullmatch(text.decode("ascii", "replace"))
    if match is None:
        raise NotAnIdentity
    try:
        seed = signature.from_openssh(re.sub("^# ", "", match["pem"], flags=re.MULTILINE))
    except signature.BadSigningKey:
        raise NotAnIdentity from None
    identity = Identity(match["secret"], seed)
    stated = (match["age_public"], match["signing_public"])
    if stated != (identity.age_public, identity.signing_public):
        raise NotAnIdentity
    return identity, match["handle"]


def pack(identity: Identity, handle: str) -> str:
    """Keys and handle as one short line, for an operating system's keychain.

    Windows gives an entry 1,280 characters; an identity file would fill most of them.
    """
    return f"cpvol-identity-1 {handle} {identity.secret} {identity.seed.hex()}"


def unpack(packed: str) -> tuple[Identity, str]:
    """What :func:`pack` was given.

    :raises NotAnIdentity: it was not made by it.
    """
    match = _PACKED.fullmatch(packed)
    if match is None:
        raise NotAnIdentity
    return Identity(match["secret"], bytes.fromhex(match["seed"])), match["handle"]


def weak(passphrase: str) -> str | None:
    """Why a new passphrase will not do, as the end of a sentence that begins "the passphrase"; or nothing."""
    normal = _normal(passphrase)
    if len(normal) < MIN_PASSPHRASE:
        return f"has fewer than {MIN_PASSPHRASE} characters"
    if len(set(normal)) == 1:
        return "is one character again and again"
    bare = re.sub(r"[\W_]", "", normal.casefold())
    if bare in _OBVIOUS or bare.strip("0123456789") in _OBVIOUS:
        return "is among the first that anybody would try"
    return None


def lock(text: bytes, passphrase: str) -> bytes:
    """Encrypt under a passphrase; takes a second or more, on purpose.

    :returns: a binary age file with one scrypt stanza.
    :raises BadPassphrase: it cannot be written as UTF-8.
    :raises TooSlow: the work factor that suits this computer is one that :func:`unlock` refuses.
    """
    sealed = age_passphrase.encrypt(text, _normal(passphrase))
    if work_factor(sealed) > MAX_WORK_FACTOR:
        raise TooSlow
    return sealed


def unlock(sealed: bytes, passphrase: str) -> bytes:
    """Decrypt what a passphrase locks; takes a second or more.

    :raises NotLocked: not a binary age file with exactly one scrypt stanza, or one that was changed.
    :raises TooSlow: its work factor is above :data:`MAX_WORK_FACTOR`; told before any work is done.
    :raises WrongPassphrase: this passphrase does not open it.
    :raises BadPassphrase: it cannot be written as UTF-8.
    """
    try:
        factor = work_factor(sealed)
    except BadHeader:
        raise NotLocked from None
    if factor > MAX_WORK_FACTOR:
        raise TooSlow
    try:
        return age_passphrase.decrypt(sealed, _normal(passphrase))
    except DecryptError as error:
        raise _refusal(str(error)) from None


def _refusal(said: str) -> CpvolError:
    if said == "Decryption failed":
        return WrongPassphrase()
    # The library has a limit of its own, by the speed it measures on this computer.
    if said.startswith("Excessive work"):
        return TooSlow()
    return NotLocked()


def _normal(passphrase: str) -> str:
    """The one form of a passphrase: keyboards differ in how they compose an accented letter."""
    normal = unicodedata.normalize("NFC", passphrase)
    try:
        normal.encode()
    except UnicodeEncodeError:
        raise BadPassphrase from None
    return normal
