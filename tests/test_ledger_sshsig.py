"""A signature is taken in one form, for one purpose, from one kind of key."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cpvol.ledger import sshsig
from cpvol.ledger.sshsig import BadPublicKey, BadSignature
from cpvol.vault import signature
from tests.support.programs import needs

SEED = bytes(range(32))
PUBLIC = signature.public_key(SEED)
MESSAGE = b"tree 0123\n\ntraining: add k3m9q2x7ab\n"
GOOD = signature.sshsig(SEED, MESSAGE, "git")
LINES = GOOD.splitlines()
BLOB = base64.b64decode("".join(LINES[1:-1]))
FIRST, LAST = LINES[0], LINES[-1]

# The order of Ed25519's group: adding it to the second half of a signature changes nothing but its spelling.
ORDER = 2**252 + 27742317777372353535851937790883648493


def armor(blob: bytes, columns: int = 70) -> str:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + columns] for at in range(0, len(text), columns)]
    return "\n".join([FIRST, *lines, LAST, ""])


def string(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def put_together(
    *,
    version: int = 1,
    namespace: bytes = b"git",
    reserved: bytes = b"",
    hashed: bytes = b"sha512",
    kind: bytes = b"ssh-ed25519",
    rest: bytes = b"",
) -> str:
    """A signature that is sound in its own way: what it says is what was signed."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    purpose = string(namespace) + string(reserved) + string(hashed)
    digest = hashlib.new(hashed.decode(), MESSAGE).digest()
    signed = key.sign(b"SSHSIG" + purpose + string(digest))
    public = string(kind) + string(key.public_key().public_bytes_raw())
    return armor(
        b"SSHSIG"
        + version.to_bytes(4, "big")
        + string(public)
        + purpose
        + string(string(kind) + string(signed))
        + rest
    )


def test_the_drawing_in_this_test_is_right() -> None:
    assert put_together() == armor(BLOB) == GOOD


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=300),
    st.sampled_from(["git", "cpvol-checkpoint"]),
)
def test_a_good_signature_tells_its_key(seed: bytes, message: bytes, namespace: str) -> None:
    armored = signature.sshsig(seed, message, namespace)
    assert sshsig.verify(armored, message, namespace) == signature.public_key(seed)
    assert sshsig.verify(armored.encode(), message, namespace) == signature.public_key(seed)


@given(st.data())
def test_a_changed_character_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD) - 1))
    other = data.draw(st.characters(max_codepoint=255).filter(lambda letter: letter != GOOD[at]))
    with pytest.raises(BadSignature):
        sshsig.verify(GOOD[:at] + other + GOOD[at + 1 :], MESSAGE, "git")


@given(st.data())
def test_a_changed_bit_of_what_is_inside_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(BLOB) - 1))
    changed = BLOB[at] ^ data.draw(st.integers(1, 255))
    with pytest.raises(BadSignature):
        sshsig.verify(armor(BLOB[:at] + bytes([changed]) + BLOB[at + 1 :]), MESSAGE, "git")


@given(st.integers(0, len(BLOB) - 1))
def test_one_that_is_cut_short_is_refused(size: int) -> None:
    with pytest.raises(BadSignature):
        sshsig.verify(armor(BLOB[:size]), MESSAGE, "git")


@given(st.binary(max_size=400))
def test_noise_is_refused_in_words(noise: bytes) -> None:
    for armored in (noise, armor(noise), armor(BLOB[:10] + noise)):
        with pytest.raises(BadSignature):
            sshsig.verify(armored, MESSAGE, "git")


def test_another_message_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not match"):
        sshsig.verify(GOOD, MESSAGE + b"\n", "git")


@pytest.mark.parametrize(
    ("armored", "reason"),
    [
        pytest.param(put_together(version=2), "version", id="version 2"),
        pytest.param(put_together(namespace=b"file"), "purpose", id="another namespace"),
        pytest.param(put_together(namespace=b""), "purpose", id="no namespace"),
        pytest.param(put_together(reserved=b"x"), "settings", id="reserved not empty"),
        pytest.param(put_together(hashed=b"sha256"), "settings", id="SHA-256"),
        pytest.param(put_together(hashed=b"md5"), "settings", id="MD5"),
        pytest.param(put_together(kind=b"ssh-rsa"), "Ed25519", id="another kind of key"),
        pytest.param(put_together(rest=b"x"), "after its end", id="bytes after the end"),
    ],
)
def test_a_sound_signature_of_another_sort_is_refused(armored: str, reason: str) -> None:
    with pytest.raises(BadSignature, match=reason):
        sshsig.verify(armored, MESSAGE, "git")


def respelled() -> str:
    half = int.from_bytes(BLOB[-32:], "little") + ORDER
    return armor(BLOB[:-32] + half.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "armored",
    [
        pytest.param(armor(BLOB, 64), id="lines of 64"),
        pytest.param(armor(BLOB, 76), id="lines of 76"),
        pytest.param(armor(BLOB, 1000), id="one line"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(GOOD[:-1], id="no newline at the end"),
        pytest.param(GOOD + "\n", id="a newline more"),
        pytest.param("\n" + GOOD, id="a newline before"),
        pytest.param("\ufeff" + GOOD, id="a byte-order mark"),
        pytest.param(GOOD + "junk\n", id="junk after the end"),
        pytest.param(GOOD + GOOD, id="twice"),
        pytest.param(GOOD.replace(LAST, LAST + " "), id="a space after the end"),
        pytest.param(GOOD.replace("\n" + LAST, "\n\n" + LAST), id="an empty line"),
        pytest.param(GOOD.replace("\n" + LAST, " \n" + LAST), id="a space inside"),
        pytest.param(GOOD.replace("\n" + LAST, "====\n" + LAST), id="padding twice"),
        pytest.param(GOOD.replace("SSH", "PGP"), id="PGP"),
        pytest.param(respelled(), id="the second spelling of the same signature"),
    ],
)
def test_no_second_spelling_is_taken(armored: str) -> None:
    with pytest.raises(BadSignature):
        sshsig.verify(armored, MESSAGE, "git")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that ssh-keygen made: ``ed25519``, ``rsa``, ``ecdsa``."""
    folder = tmp_path_factory.mktemp("stock")
    for kind in ("ed25519", "rsa", "ecdsa"):
        command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(folder / kind)]
        subprocess.run(command, check=True)
    return folder


def sign(key: Path, *options: str) -> str:
    command = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(key), *options]
    return subprocess.run(command, input=MESSAGE, capture_output=True, check=True).stdout.decode()


@needs("ssh-keygen")
def test_what_ssh_keygen_signs_is_taken(stock: Path) -> None:
    public = (stock / "ed25519.pub").read_text().strip()
    assert sshsig.verify(sign(stock / "ed25519"), MESSAGE, "git") == public


@needs("ssh-keygen")
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_what_ssh_keygen_signs_with_other_keys_is_refused(stock: Path, kind: str) -> None:
    with pytest.raises(BadSignature, match="Ed25519"):
        sshsig.verify(sign(stock / kind), MESSAGE, "git")


@needs("ssh-keygen")
def test_what_ssh_keygen_signs_with_sha_256_is_refused(stock: Path) -> None:
    with pytest.raises(BadSignature, match="settings"):
        sshsig.verify(sign(stock / "ed25519", "-O", "hashalg=sha256"), MESSAGE, "git")


@needs("ssh-keygen")
def test_the_fingerprint_is_the_one_that_ssh_keygen_prints(stock: Path) -> None:
    public = stock / "ed25519.pub"
    printed = subprocess.run(
        ["ssh-keygen", "-l", "-f", public], capture_output=True, check=True, text=True
    ).stdout
    assert printed.split()[1] == sshsig.fingerprint(public.read_text().strip())


def of_size(size: int) -> str:
    """A key that is sound in its own way, but too short or too long for Ed25519."""
    blob = string(b"ssh-ed25519") + string(bytes(size))
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize(
    "public",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        PUBLIC + " somebody",
        PUBLIC + "\n",
        " " + PUBLIC,
        PUBLIC.replace(" ", "  "),
        PUBLIC.replace("ssh-ed25519 ", "ssh-rsa "),
        PUBLIC[:-4],
        PUBLIC + "AAAA",
        of_size(31),
        of_size(33),
        PUBLIC.replace("AAAAC3", "AAAAD3"),
        "ssh-ed25519 é",
    ],
)
def test_nothing_but_a_bare_public_key_has_a_fingerprint(public: str) -> None:
    with pytest.raises(BadPublicKey):
        sshsig.fingerprint(public)
