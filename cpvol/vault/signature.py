"""Signatures and signing keys in OpenSSH's formats, made without OpenSSH.

A signature (PROTOCOL.sshsig) is this, in base64 lines of 70 characters between two marker lines; a string
is its length in four bytes and its bytes::

    "SSHSIG"  1 (four bytes)  string: public key  string: namespace  string: ""  string: "sha512"
    string: (string: "ssh-ed25519"  string: 64 bytes of Ed25519 over the following)

    "SSHSIG"  string: namespace  string: ""  string: "sha512"  string: SHA-512 of the message

Ed25519 is deterministic, so the same key, message and namespace always give the same signature.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cpvol.errors import CpvolError

#: Bytes of an Ed25519 secret.
SEED = 32

_TYPE = b"ssh-ed25519"
_MAGIC = b"SSHSIG"
_COLUMNS = 70


class BadSigningKey(CpvolError):
    """A text that is not an OpenSSH private key of the one kind used here."""

    def __init__(self) -> None:
        super().__init__(
            "this is not an unlocked key to sign with",
            "use the identity file that cpvol wrote, or a backup of it",
        )


def sshsig(seed: bytes, message: bytes, namespace: str) -> str:
    """Sign, byte for byte as ``ssh-keygen -Y sign -n <namespace>`` does.

    :param seed: the 32 bytes of an Ed25519 secret.
    :param namespace: what the signature is good for: ``git``, ``cpvol-checkpoint``.
    :returns: the armored signature, its last line ending in LF.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    purpose = _string(namespace.encode("ascii")) + _string(b"") + _string(b"sha512")
    signed = key.sign(_MAGIC + purpose + _string(hashlib.sha512(message).digest()))
    blob = b"".join(
        (
            _MAGIC,
            (1).to_bytes(4, "big"),
            _string(_public_blob(key)),
            purpose,
            _string(_string(_TYPE) + _string(signed)),
        )
    )
    return _armor(blob)


def public_key(seed: bytes) -> str:
    """The public key as ``ssh-ed25519 AAAA…``, without a comment."""
    blob = _public_blob(Ed25519PrivateKey.from_private_bytes(seed))
    return f"{_TYPE.decode()} {base64.b64encode(blob).decode()}"


def to_openssh(seed: bytes) -> str:
    """The private key as an unlocked OpenSSH PEM text, its last line ending in LF."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")


def from_openssh(pem: str) -> bytes:
    """The seed in what :func:`to_openssh` gave.

    :raises BadSigningKey: it holds no Ed25519 key, or asks for a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(pem.encode("ascii"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSigningKey from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSigningKey
    return key.private_bytes_raw()


def _public_blob(key: Ed25519PrivateKey) -> bytes:
    return _string(_TYPE) + _string(key.public_key().public_bytes_raw())


def _string(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _armor(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
    return "\n".join(("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""))
