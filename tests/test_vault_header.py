"""The head of an age file is read in one form only, and without a key."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt, x25519

from cpvol.vault.header import MAX_HEADER, BadHeader, Stanza, readers, stanzas, work_factor
from tests.support.weak_scrypt import lock_quickly


def base64_of(size: int, fill: int = 7) -> str:
    return base64.b64encode(bytes([fill]) * size).decode().rstrip("=")


SHARE = base64_of(32)
X25519 = f"-> X25519 {SHARE}\n{SHARE}\n"
GREASE = "-> q-grease 0 x%\n\n"
SCRYPT = f"-> scrypt {base64_of(16)} 18\n{SHARE}\n"
PAYLOAD = bytes(32)


def file_of(*parts: str, end: str = f"--- {SHARE}\n", payload: bytes = PAYLOAD) -> bytes:
    return ("age-encryption.org/v1\n" + "".join(parts) + end).encode() + payload


def test_each_stanza_is_told_with_its_type_arguments_and_size() -> None:
    long = base64_of(50)
    sealed = file_of(X25519, f"-> b;-grease 0 x%\n{long[:64]}\n{long[64:]}\n")
    assert stanzas(sealed) == [
        Stanza("X25519", (SHARE,), 32),
        Stanza("b;-grease", ("0", "x%"), 50),
    ]


def test_a_body_of_whole_lines_ends_with_an_empty_one() -> None:
    assert stanzas(file_of(f"-> other\n{base64_of(48)}\n\n"))[0].size == 48


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([X25519], 1, id="one"),
        pytest.param([X25519, GREASE], 1, id="one and grease"),
        pytest.param([GREASE, X25519, X25519], 2, id="two and grease"),
    ],
)
def test_readers_are_counted_without_a_key(parts: list[str], expected: int) -> None:
    assert readers(file_of(*parts)) == expected


@given(st.integers(1, 20), st.binary(max_size=200))
def test_what_the_library_writes_is_read(count: int, text: bytes) -> None:
    keys = [x25519.Identity.generate().to_public() for _ in range(count)]
    assert readers(encrypt(text, keys)) == count


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([GREASE], id="grease alone"),
        pytest.param([X25519, GREASE, GREASE], id="grease twice"),
        pytest.param([X25519, "-> ssh-ed25519 abcd\n\n"], id="another type beside it"),
        pytest.param([X25519, f"-> x25519 {SHARE}\n{SHARE}\n"], id="the type in small letters"),
        pytest.param([SCRYPT], id="a passphrase"),
    ],
)
def test_no_other_way_in_counts_as_a_reader(parts: list[str]) -> None:
    with pytest.raises(BadHeader):
        readers(file_of(*parts))


NOT_CANONICAL = SHARE[:-1] + chr(ord(SHARE[-1]) + 1)

MALFORMED = {
    "empty": b"",
    "text": b"hello\n",
    "another version": file_of(X25519).replace(b"/v1", b"/v2"),
    "a byte-order mark": b"\xef\xbb\xbf" + file_of(X25519),
    "CRLF": file_of(X25519).replace(b"\n", b"\r\n"),
    "armor": b"-----BEGIN AGE ENCRYPTED FILE-----\n" + base64.b64encode(file_of(X25519)),
    "no stanza": file_of(),
    "no end": file_of(X25519, end=""),
    "no room after the end": file_of(X25519, payload=PAYLOAD[1:]),
    "a short MAC": file_of(X25519, end=f"--- {base64_of(31)}\n"),
    "a MAC that is not canonical": file_of(X25519, end=f"--- {NOT_CANONICAL}\n"),
    "an end without a space": file_of(X25519, end=f"---{SHARE}\n"),
    "an empty line": file_of("\n", X25519),
    "no arguments": file_of("-> \n\n", X25519),
    "two spaces": file_of(X25519, "-> a  b\n\n"),
    "a space at the end": file_of(X25519, "-> a \n\n"),
    "a tab": file_of(X25519, "-> a\tb\n\n"),
    "no body": file_of("-> X25519 " + SHARE + "\n"),
    "no final line": file_of(X25519, f"-> a\n{base64_of(48)}\n"),
    "a line of 68": file_of(X25519, f"-> a\n{base64_of(51)}\n"),
    "a line of 68 and another": file_of(X25519, f"-> a\n{base64_of(51)}\n{base64_of(3)}\n"),
    "padding": file_of(f"-> X25519 {SHARE}\n{SHARE}=\n"),
    "a body that is not canonical": file_of(f"-> X25519 {SHARE}\n{NOT_CANONICAL}\n"),
    "a share that is not canonical": file_of(f"-> X25519 {NOT_CANONICAL}\n{SHARE}\n"),
    "a character that is not base64": file_of(f"-> X25519 {SHARE}\n{SHARE[:-1]}-\n"),
    "a space inside base64": file_of(f"-> X25519 {SHARE}\n{SHARE[:-4]} {SHARE[-3:]}\n"),
    "a short share": file_of(f"-> X25519 {base64_of(31)}\n{SHARE}\n"),
    "a long body": file_of(f"-> X25519 {SHARE}\n{base64_of(33)}\n"),
    "X25519 with two arguments": file_of(f"-> X25519 {SHARE} {SHARE}\n{SHARE}\n"),
    "X25519 without arguments": file_of(f"-> X25519\n{SHARE}\n"),
    "scrypt beside another": file_of(SCRYPT, X25519),
    "scrypt twice": file_of(SCRYPT, SCRYPT),
    "scrypt with a leading zero": file_of(SCRYPT.replace(" 18", " 018")),
    "scrypt with a sign": file_of(SCRYPT.replace(" 18", " +18")),
    "scrypt with factor 0": file_of(SCRYPT.replace(" 18", " 0")),
    "scrypt with factor 100": file_of(SCRYPT.replace(" 18", " 100")),
    "scrypt with a short salt": file_of(f"-> scrypt {base64_of(15)} 18\n{SHARE}\n"),
    "scrypt without a factor": file_of(f"-> scrypt {base64_of(16)}\n{SHARE}\n"),
    "too long": file_of(X25519, GREASE * (MAX_HEADER // len(GREASE))),
}


@pytest.mark.parametrize("sealed", MALFORMED.values(), ids=MALFORMED.keys())
def test_anything_but_the_one_form_is_refused(sealed: bytes) -> None:
    with pytest.raises(BadHeader):
        stanzas(sealed)


@given(st.data())
def test_a_head_cut_short_anywhere_is_refused(data: st.DataObject) -> None:
    sealed = file_of(X25519, GREASE)
    with pytest.raises(BadHeader):
        stanzas(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


@given(st.binary())
def test_noise_is_refused_in_words(noise: bytes) -> None:
    for sealed in (noise, file_of(X25519)[:40] + noise):
        with pytest.raises(BadHeader):
            stanzas(sealed)


@pytest.mark.parametrize("factor", [1, 9, 18, 30, 99])
def test_the_work_factor_is_told_before_any_work(factor: int) -> None:
    assert work_factor(lock_quickly(b"text", "passphrase", factor)) == factor


def test_a_file_for_keys_has_no_work_factor() -> None:
    with pytest.raises(BadHeader):
        work_factor(file_of(X25519))
