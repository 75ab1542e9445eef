"""Lock a file under a passphrase in milliseconds, so that tests need not wait for scrypt.

The library chooses a work factor that takes a second or more; this writes the same format (age v1, one
scrypt stanza) with whatever factor a test wants, an absurd one included::

    age-encryption.org/v1
    -> scrypt <salt, 16 bytes> <log2 of N>
    <file key, encrypted, 32 bytes>
    --- <HMAC-SHA256 of the above>
    <nonce, 16 bytes><chunks of 64 KiB, each with its 16-byte tag>
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: Above this the stanza's body is random: deriving it is what the factor is there to prevent.
HONEST_UP_TO = 16
_CHUNK = 64 * 1024
# OpenSSL's own limit is 32 MiB, which a factor of 15 passes.
_ENOUGH_MEMORY = 1 << 28


def lock_quickly(text: bytes, passphrase: str, factor: int = 4) -> bytes:
    """Encrypt ``text`` as ``age -p`` would, with the scrypt factor given.

    :param factor: log2 of scrypt's N; above 16 the header claims it, and no passphrase opens the file.
    """
    salt, file_key, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    body = _wrap(file_key, passphrase, salt, factor) if factor <= HONEST_UP_TO else os.urandom(32)
    header = (
        f"age-encryption.org/v1\n-> scrypt {_base64(salt)} {factor}\n{_base64(body)}\n---"
    ).encode()
    mac = hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")
    stream = _stream(text, _derive(file_key, nonce, b"payload"))
    return header + f" {_base64(mac)}\n".encode() + nonce + stream


def _wrap(file_key: bytes, passphrase: str, salt: bytes, factor: int) -> bytes:
    key = hashlib.scrypt(
        unicodedata.normalize("NFC", passphrase).encode(),
        salt=b"age-encryption.org/v1/scrypt" + salt,
        n=1 << factor,
        r=8,
        p=1,
        maxmem=_ENOUGH_MEMORY,
        dklen=32,
    )
    return ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)


def _stream(text: bytes, key: bytes) -> bytes:
    aead = ChaCha20Poly1305(key)
    chunks = [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)] or [b""]
    last = len(chunks) - 1
    return b"".join(
        aead.encrypt(number.to_bytes(11, "big") + bytes([number == last]), chunk, None)
        for number, chunk in enumerate(chunks)
    )


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode()
