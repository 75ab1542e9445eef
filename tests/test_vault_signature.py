"""Signatures made here are those that ssh-keygen would make, and it reads the keys made here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cpvol.vault import signature
from cpvol.vault.signature import BadSigningKey
from tests.support.programs import needs

SEED = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_the_private_key_comes_back_from_its_text(seed: bytes) -> None:
    assert signature.from_openssh(signature.to_openssh(seed)) == seed


@given(st.binary(max_size=300), st.sampled_from(["git", "cpvol-checkpoint"]))
def test_signing_twice_gives_the_same_signature(message: bytes, namespace: str) -> None:
    first = signature.sshsig(SEED, message, namespace)
    assert first == signature.sshsig(SEED, message, namespace)
    assert first != signature.sshsig(SEED, message + b"x", namespace)
    assert first != signature.sshsig(SEED, message, namespace + "x")


@needs("ssh-keygen")
@settings(max_examples=10)
@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=300),
    st.sampled_from(["git", "cpvol-checkpoint"]),
)
def test_ssh_keygen_signs_the_same_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, seed: bytes, message: bytes, namespace: str
) -> None:
    key = private_file(tmp_path_factory.mktemp("keys"), signature.to_openssh(seed))
    stock = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", key, "-n", namespace],
        input=message,
        capture_output=True,
        check=True,
    )
    assert signature.sshsig(seed, message, namespace).encode() == stock.stdout


@needs("ssh-keygen")
def test_ssh_keygen_accepts_the_signature(tmp_path: Path) -> None:
    (tmp_path / "signed.sig").write_text(signature.sshsig(SEED, b"text\n", "git"), newline="\n")
    (tmp_path / "allowed").write_text(f"member-1 {signature.public_key(SEED)}\n", newline="\n")
    arguments: list[str | Path] = ["-I", "member-1", "-n", "git", "-s", tmp_path / "signed.sig"]
    subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "allowed", *arguments],
        input=b"text\n",
        capture_output=True,
        check=True,
    )


@needs("ssh-keygen")
def test_ssh_keygen_tells_the_same_public_key(tmp_path: Path) -> None:
    key = private_file(tmp_path, signature.to_openssh(SEED))
    stock = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, check=True)
    assert stock.stdout.decode().split() == signature.public_key(SEED).split()


@needs("ssh-keygen")
def test_a_key_made_by_ssh_keygen_is_read(tmp_path: Path) -> None:
    make(tmp_path, "-N", "", "-C", "somebody")
    seed = signature.from_openssh((tmp_path / "key").read_text())
    assert signature.public_key(seed) == (tmp_path / "key.pub").read_text().removesuffix(
        " somebody\n"
    )


def pem(
    key: Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: PrivateFormat = PrivateFormat.OpenSSH,
) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def test_any_other_private_key_is_refused() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    others = [
        "",
        "hello",
        pem(key, PrivateFormat.PKCS8),
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP256R1())),
        signature.to_openssh(SEED)[:200],
    ]
    for other in others:
        with pytest.raises(BadSigningKey):
            signature.from_openssh(other)


@needs("ssh-keygen")
def test_a_locked_private_key_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "-N", "a passphrase")
    with pytest.raises(BadSigningKey):
        signature.from_openssh((tmp_path / "key").read_text())


def private_file(folder: Path, text: str) -> Path:
    path = folder / "key"
    path.touch(mode=0o600)
    path.write_text(text, newline="\n")
    return path


def make(folder: Path, *options: str) -> None:
    path = str(folder / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-f", path, *options], check=True)
