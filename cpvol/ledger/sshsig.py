"""Checking SSH signatures (SSHSIG), in one canonical form and no other.

An armored signature is base64 in lines of 70 characters between two marker lines, of::

    "SSHSIG"  1 (four bytes)  string: public key  string: namespace  string: ""  string: "sha512"
    string: (string: "ssh-ed25519"  string: 64 bytes)

where a string is its length in four bytes and its bytes, and a public key is
``string: "ssh-ed25519"  string: 32 bytes``.

``ssh-keygen`` takes more: other key types, re-wrapped lines, text after the end, SHA-256. A commit's id
covers its signature, so each such freedom lets somebody without a key give a signed commit another id
under which it still verifies. With the namespace known, only 32 bytes of key and 64 of signature are left
to vary here, and libsodium refuses the second spelling of those 64, as well as a signature whose first half
is a point of low order, which no signer makes. Fourteen keys are refused: whoever had
one of them listed could say later that anybody signed, because a signature that fits every text, or each
eighth, needs no secret then. SHA-256 is as sound as SHA-512, but
neither ``ssh-keygen`` nor ``git`` writes it unasked, and one form is the point.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache

from cpvol.errors import CpvolError

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_TYPE = b"ssh-ed25519"
_HASH = b"sha512"
_KEY_SIZE = 32
_SIGNATURE_SIZE = 64
_FIRST = b"-----BEGIN SSH SIGNATURE-----\n"
_LAST = b"\n-----END SSH SIGNATURE-----\n"
_COLUMNS = 70


def _weak_keys() -> frozenset[bytes]:
    """The points of order one, two, four and eight, in every spelling: with either sign, and beyond the prime."""
    eight = (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
    prime = 2**255 - 19
    small = (0, 1, prime - 1, prime, prime + 1)
    plain = [bytes.fromhex(each) for each in eight] + [y.to_bytes(32, "little") for y in small]
    return frozenset([*plain, *(key[:-1] + bytes([key[-1] | 0x80]) for key in plain)])


_WEAK = _weak_keys()


class BadSignature(CpvolError):
    """The signature is not by the key that it names, or not in the one form that is taken."""

    def __init__(self, problem: str, hint: str = "do not rely on what it signs") -> None:
        super().__init__(problem, hint)


class BadPublicKey(CpvolError):
    """A text that is not an Ed25519 public key in its one form."""

    def __init__(self) -> None:
        super().__init__(
            "this is not a public key for signatures",
            "it begins with ssh-ed25519 AAAA and has nothing after the key, no name either",
        )


def verify(armored: str | bytes, message: bytes, namespace: str) -> str:
    """Check a signature, and tell whose it is.

    Whether that key is in force is the caller's to decide.

    :param armored: the signature with its marker lines, the last one ending in LF, nothing around them.
    :param namespace: what the signature must be good for: ``git``, ``cpvol-checkpoint``.
    :returns: the public key that made it, ``ssh-ed25519 AAAA…``.
    :raises BadSignature: not in the one form, for another namespace, or not of this message.
    """
    raw = armored.encode("ascii", "replace") if isinstance(armored, str) else armored
    before, between, signed = _frame(namespace)
    blob = _unarmored(raw)
    at = len(before) + _KEY_SIZE
    key, signature = blob[len(before) : at], blob[-_SIGNATURE_SIZE:]
    if blob != before + key + between + signature:
        raise BadSignature(_difference(blob, namespace))
    if _armor(blob) != raw:
        raise BadSignature("a signature is wrapped differently from how it is written")
    if key in _WEAK:
        raise BadSignature("a signature is by a key with which anybody can sign anything")
    # Only who checks signatures waits for the library; and it takes three fifths of OpenSSL's time.
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError

    try:
        crypto_sign_open(signature + signed + hashlib.sha512(message).digest(), key)
    except BadSignatureError:
        raise BadSignature("a signature does not match what it signs") from None
    return _public(key)


def fingerprint(public: str) -> str:
    """The fingerprint of a public key as OpenSSH prints it, ``SHA256:…``.

    :param public: ``ssh-ed25519 AAAA…``, without a comment.
    :raises BadPublicKey: it is anything else.
    """
    try:
        blob = base64.b64decode(public.partition(" ")[2], validate=True)
    except ValueError:
        raise BadPublicKey from None
    key = blob[len(_public_blob(b"")) :]
    if len(key) != _KEY_SIZE or _public(key) != public:
        raise BadPublicKey
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _public(key: bytes) -> str:
    return f"{_TYPE.decode()} {base64.b64encode(_public_blob(key)).decode()}"


@lru_cache(maxsize=16)
def _frame(namespace: str) -> tuple[bytes, bytes, bytes]:
    """What stands before the key, between key and signature, and before the hash that is signed."""
    kind = _string(_TYPE)
    key_size = _KEY_SIZE.to_bytes(4, "big")
    signature_size = _SIGNATURE_SIZE.to_bytes(4, "big")
    purpose = _string(namespace.encode("ascii")) + _string(b"") + _string(_HASH)
    before = _MAGIC + _VERSION + _length(kind + key_size, _KEY_SIZE) + kind + key_size
    between = purpose + _length(kind + signature_size, _SIGNATURE_SIZE) + kind + signature_size
    return before, between, _MAGIC + purpose + hashlib.sha512().digest_size.to_bytes(4, "big")


def _length(inside: bytes, more: int) -> bytes:
    return (len(inside) + more).to_bytes(4, "big")


def _string(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _public_blob(key: bytes) -> bytes:
    return _string(_TYPE) + _string(key)


def _armor(blob: bytes) -> bytes:
    text = binascii.b2a_base64(blob, newline=False)
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    return _FIRST + b"\n".join(lines) + _LAST


def _unarmored(raw: bytes) -> bytes:
    if not raw.startswith(_FIRST) or not raw.endswith(_LAST):
        raise BadSignature("a signature does not begin and end as one must")
    try:
        return base64.b64decode(raw[len(_FIRST) : -len(_LAST)].replace(b"\n", b""), validate=True)
    except ValueError:
        raise BadSignature("a signature is not in base64") from None


def _difference(blob: bytes, namespace: str) -> str:
    """What is wrong with a signature that is not framed as it must be, in words."""
    if not blob.startswith(_MAGIC + _VERSION):
        return "a signature is of another kind or version"
    try:
        (key, purpose, reserved, hashed, signed), rest = _strings(blob[len(_MAGIC + _VERSION) :], 5)
        kinds = {_strings(key, 1)[0][0], _strings(signed, 1)[0][0]}
    except ValueError:
        return "a signature is cut short"
    if kinds != {_TYPE}:
        return "a signature is not by an Ed25519 key"
    if purpose != namespace.encode("ascii"):
        return "a signature was made for another purpose"
    if reserved or hashed != _HASH:
        return "a signature was made with other settings than cpvol's"
    return "a signature has something after its end" if rest else "a signature has the wrong size"


def _strings(raw: bytes, count: int) -> tuple[list[bytes], bytes]:
    """The first strings in ``raw``, and what follows them.

    :raises ValueError: there are not so many.
    """
    found = []
    for _ in range(count):
        end = 4 + int.from_bytes(raw[:4], "big")
        if len(raw) < max(4, end):
            raise ValueError
        found.append(raw[4:end])
        raw = raw[end:]
    return found, raw
