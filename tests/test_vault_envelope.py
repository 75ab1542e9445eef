"""A record's version opens with its own key and no other, and says so when it is damaged."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt, x25519

from cpvol.vault import envelope
from cpvol.vault.envelope import DamagedRecord, RecordTooLarge, WrongKey
from cpvol.vault.header import readers, stanzas
from tests.support.programs import needs
from tests.support.weak_scrypt import lock_quickly

KEY = envelope.new_key()
TEXT = b"log: training\nformat: 1\n"
SEALED = envelope.seal(TEXT, KEY)


def public(key: str) -> x25519.Recipient:
    return x25519.Identity.from_str(key).to_public()


@given(st.binary(max_size=5000))
def test_a_text_comes_back_padded_to_whole_kilobytes(text: bytes) -> None:
    opened = envelope.open_(envelope.seal(text, KEY), KEY)
    assert opened.startswith(text)
    assert opened[len(text) :] == b"\n" * (-len(text) % 1024)


def test_each_key_is_fresh() -> None:
    assert len({envelope.new_key() for _ in range(50)}) == 50


def test_the_commitment_is_the_hash_of_the_secret_string() -> None:
    assert envelope.commitment(KEY) == hashlib.sha256(KEY.encode()).hexdigest()


def test_one_key_opens_it_and_only_grease_may_stand_beside() -> None:
    for _ in range(50):
        sealed = envelope.seal(TEXT, KEY)
        assert readers(sealed) == 1
        others = [stanza.type for stanza in stanzas(sealed) if stanza.type != "X25519"]
        assert len(others) <= 1
        assert all(name.endswith("-grease") for name in others)


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(WrongKey, match="not this key"):
        envelope.open_(SEALED, envelope.new_key())


@pytest.mark.parametrize(
    "key",
    ["", "AGE-SECRET-KEY-1", KEY[:-1], KEY + "\n", str(public(KEY))],
    ids=["nothing", "prefix", "cut short", "line break", "public"],
)
def test_what_is_no_key_opens_nothing(key: str) -> None:
    with pytest.raises(WrongKey):
        envelope.open_(SEALED, key)
    with pytest.raises(WrongKey):
        envelope.seal(TEXT, key)


DAMAGED = {
    "empty": b"",
    "cut short": SEALED[:-1],
    "trailing byte": SEALED + b"\n",
    "changed text": SEALED[:-20] + bytes([SEALED[-20] ^ 1]) + SEALED[-19:],
    "changed head": SEALED.replace(b"\n--- ", b"\n-> x-grease\n\n--- "),
    "CRLF": SEALED.replace(b"\n", b"\r\n"),
    "byte-order mark": b"\xef\xbb\xbf" + SEALED,
    "armored": encrypt(TEXT, [public(KEY)], armored=True),
    "a second key opens it": encrypt(TEXT, [public(KEY), public(envelope.new_key())]),
    "the same key twice": encrypt(TEXT, [public(KEY), public(KEY)]),
    "a passphrase opens it": lock_quickly(TEXT, KEY),
    "over the limit": encrypt(bytes(1 << 20), [public(KEY)]),
}


@pytest.mark.parametrize("sealed", DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_is_called_damage(sealed: bytes) -> None:
    with pytest.raises(DamagedRecord, match="damaged"):
        envelope.open_(sealed, KEY)


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SEALED) - 1))
    changed = SEALED[at] ^ data.draw(st.integers(1, 255))
    with pytest.raises((DamagedRecord, WrongKey)):
        envelope.open_(SEALED[:at] + bytes([changed]) + SEALED[at + 1 :], KEY)


def test_the_longest_text_that_can_be_sealed_can_be_opened() -> None:
    longest = b"x" * envelope.MAX_TEXT
    assert envelope.open_(envelope.seal(longest, KEY), KEY) == longest
    with pytest.raises(RecordTooLarge):
        envelope.seal(longest + b"x", KEY)


@needs("age")
def test_stock_age_opens_what_is_sealed_here(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    read = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key"], input=SEALED, capture_output=True, check=True
    )
    assert read.stdout == TEXT + b"\n" * (1024 - len(TEXT))


@needs("age")
def test_what_stock_age_seals_is_opened_here() -> None:
    sealed = subprocess.run(
        ["age", "-r", str(public(KEY))], input=TEXT, capture_output=True, check=True
    ).stdout
    assert envelope.open_(sealed, KEY) == TEXT
