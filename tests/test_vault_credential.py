"""One file under one passphrase holds a person's keys, and stock tools can use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt

from cpvol.errors import CpvolError
from cpvol.ledger import sshsig
from cpvol.vault import credential, envelope
from cpvol.vault.credential import (
    BadPassphrase,
    Identity,
    NotAnIdentity,
    NotLocked,
    TooSlow,
    WrongPassphrase,
)
from tests.support.programs import needs
from tests.support.weak_scrypt import lock_quickly

IDENTITY = credential.generate()
CREATED = date(2026, 1, 5)
TEXT = credential.encode(IDENTITY, "member-1", CREATED)
PASSPHRASE = "seven quiet herons"


# The keys in memory.


def test_the_public_parts_belong_to_the_secret_ones() -> None:
    sealed = encrypt(b"text", [IDENTITY.opener.to_public()])
    assert IDENTITY.age_public == str(IDENTITY.opener.to_public())
    assert sealed != b"text"
    signed = IDENTITY.sign(b"text", "git")
    assert sshsig.verify(signed, b"text", "git") == IDENTITY.signing_public


def test_each_identity_is_fresh() -> None:
    other = credential.generate()
    assert other.secret != IDENTITY.secret
    assert other.seed != IDENTITY.seed


@pytest.mark.parametrize(
    ("secret", "seed"),
    [
        pytest.param("", IDENTITY.seed, id="no secret"),
        pytest.param(IDENTITY.secret.lower(), IDENTITY.seed, id="secret in small letters"),
        pytest.param(IDENTITY.secret[:-1], IDENTITY.seed, id="secret cut short"),
        pytest.param(IDENTITY.age_public, IDENTITY.seed, id="public key"),
        pytest.param(IDENTITY.secret, IDENTITY.seed[:-1], id="seed cut short"),
    ],
)
def test_keys_that_are_none_are_refused_at_once(secret: str, seed: bytes) -> None:
    with pytest.raises(NotAnIdentity):
        Identity(secret, seed)


# The text of the file.


@given(
    st.from_regex(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", fullmatch=True),
    st.dates(min_value=date(2000, 1, 1)),
)
def test_keys_and_handle_come_back_from_the_file(handle: str, created: date) -> None:
    identity = credential.generate()
    assert credential.decode(credential.encode(identity, handle, created)) == (identity, handle)


@pytest.mark.parametrize(
    "handle", ["", "Member-1", "member 1", "member\n1", "-", "é" * 5, "x" * 40]
)
def test_what_is_no_handle_is_not_written(handle: str) -> None:
    with pytest.raises(ValueError, match="handle"):
        credential.encode(IDENTITY, handle, CREATED)


def test_the_file_states_what_it_is() -> None:
    lines = TEXT.decode().splitlines()
    assert "# handle: member-1" in lines
    assert "# created: 2026-01-05" in lines
    assert f"# reads with: {IDENTITY.age_public}" in lines
    assert f"# signs with: {IDENTITY.signing_public}" in lines
    assert lines[-1] == IDENTITY.secret
    assert all(line.startswith("#") for line in lines[:-1])


OTHER = credential.generate()
NOT_IDENTITIES = {
    "empty": b"",
    "noise": bytes(range(256)),
    "an age key alone": IDENTITY.secret.encode() + b"\n",
    "an ssh key alone": TEXT[: TEXT.index(b"#\n# cpvol")],
    "CRLF": TEXT.replace(b"\n", b"\r\n"),
    "a byte-order mark": b"\xef\xbb\xbf" + TEXT,
    "no final newline": TEXT[:-1],
    "two secrets": TEXT + OTHER.secret.encode() + b"\n",
    "another format": TEXT.replace(b"format 1", b"format 2"),
    "no handle": TEXT.replace(b"# handle: member-1\n", b""),
    "a bad handle": TEXT.replace(b"handle: member-1", b"handle: Member 1"),
    "another's age key": TEXT.replace(IDENTITY.secret.encode(), OTHER.secret.encode()),
    "another's public age key": TEXT.replace(
        IDENTITY.age_public.encode(), OTHER.age_public.encode()
    ),
    "another's public signing key": TEXT.replace(
        IDENTITY.signing_public.encode(), OTHER.signing_public.encode()
    ),
    "a damaged signing key": TEXT.replace(b"b3BlbnNzaC1rZXktdjEA", b"b3BlbnNzaC1rZXktdjEB"),
    "a damaged age key": TEXT[:-3] + (b"QQ" if TEXT[-3:-1] != b"QQ" else b"PP") + b"\n",
}


@pytest.mark.parametrize("text", NOT_IDENTITIES.values(), ids=NOT_IDENTITIES.keys())
def test_any_other_content_is_not_an_identity_file(text: bytes) -> None:
    with pytest.raises(NotAnIdentity, match="not a cpvol identity file"):
        credential.decode(text)


def test_the_packed_form_fits_a_keychain_and_comes_back() -> None:
    packed = credential.pack(IDENTITY, "member-1")
    assert credential.unpack(packed) == (IDENTITY, "member-1")
    assert len(packed) < 1280


@pytest.mark.parametrize("packed", ["", "hello", TEXT.decode(), "cpvol-identity-1 a b c"])
def test_nothing_else_is_unpacked(packed: str) -> None:
    with pytest.raises(NotAnIdentity):
        credential.unpack(packed)


def test_a_packed_form_with_something_after_it_is_refused() -> None:
    with pytest.raises(NotAnIdentity):
        credential.unpack(credential.pack(IDENTITY, "member-1") + "\n")


# The passphrase.


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [
        ("", "fewer than 10"),
        ("nine char", "fewer than 10"),
        ("e\u0301" * 9, "fewer than 10"),
        ("aaaaaaaaaaaa", "again and again"),
        ("            ", "again and again"),
        ("Passphrase!", "first that anybody"),
        ("password 2026", "first that anybody"),
        ("Correct Horse Battery Staple", "first that anybody"),
        ("1234567890", "first that anybody"),
        ("ContactPoint", "first that anybody"),
    ],
)
def test_a_weak_passphrase_is_told_why(passphrase: str, reason: str) -> None:
    assert reason in (credential.weak(passphrase) or "")


@pytest.mark.parametrize("passphrase", [PASSPHRASE, "zwölf Böen", "4711 0815 99"])
def test_an_ordinary_passphrase_will_do(passphrase: str) -> None:
    assert credential.weak(passphrase) is None


@pytest.fixture(scope="module")
def locked() -> bytes:
    """The identity file as users have it, locked once for all tests: it takes seconds."""
    return credential.lock(TEXT, "cafe\u0301 cafe\u0301")


def test_what_is_locked_is_unlocked_however_the_accent_is_composed(locked: bytes) -> None:
    assert credential.unlock(locked, "caf\u00e9 caf\u00e9") == TEXT


def test_another_passphrase_does_not_unlock() -> None:
    for other in ("", PASSPHRASE + " ", PASSPHRASE.title()):
        with pytest.raises(WrongPassphrase):
            credential.unlock(LOCKED, other)


def test_an_accented_letter_is_the_same_however_the_keyboard_composes_it() -> None:
    composed, apart = "caf\u00e9 caf\u00e9 ", "cafe\u0301 cafe\u0301 "
    assert credential.unlock(lock_quickly(TEXT, composed), apart) == TEXT
    assert credential.unlock(lock_quickly(TEXT, apart), composed) == TEXT


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
@pytest.mark.parametrize("factor", [1, 4, 10])
def test_the_tests_own_quick_lock_is_opened_like_any_other(size: int, factor: int) -> None:
    text = os.urandom(size)
    assert credential.unlock(lock_quickly(text, PASSPHRASE, factor), PASSPHRASE) == text


@pytest.mark.parametrize("factor", [21, 23, 30, 99])
def test_an_absurd_work_factor_is_refused_before_any_work(
    factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr("pyrage.passphrase.decrypt", work)
    with pytest.raises(TooSlow):
        credential.unlock(lock_quickly(TEXT, PASSPHRASE, factor), PASSPHRASE)


def test_a_lock_that_could_not_be_opened_again_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "pyrage.passphrase.encrypt", lambda text, phrase: lock_quickly(text, phrase, 21)
    )
    with pytest.raises(TooSlow):
        credential.lock(TEXT, PASSPHRASE)


def test_the_librarys_own_limit_is_told_as_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credential, "MAX_WORK_FACTOR", 99)
    with pytest.raises(TooSlow):
        credential.unlock(lock_quickly(TEXT, PASSPHRASE, 40), PASSPHRASE)


LOCKED = lock_quickly(TEXT, PASSPHRASE)
NOT_LOCKED = {
    "empty": b"",
    "the text itself": TEXT,
    "encrypted to a key": encrypt(TEXT, [IDENTITY.opener.to_public()]),
    "cut short": LOCKED[:-1],
    "trailing byte": LOCKED + b"\n",
    "CRLF": LOCKED.replace(b"\n", b"\r\n"),
    "changed at the end": LOCKED[:-1] + bytes([LOCKED[-1] ^ 1]),
}


@pytest.mark.parametrize("sealed", NOT_LOCKED.values(), ids=NOT_LOCKED.keys())
def test_a_file_that_no_passphrase_opens_is_not_blamed_on_the_passphrase(sealed: bytes) -> None:
    with pytest.raises(NotLocked):
        credential.unlock(sealed, PASSPHRASE)


def test_a_passphrase_that_is_not_text_is_refused_without_showing_it() -> None:
    for attempt in (credential.lock, credential.unlock):
        with pytest.raises(BadPassphrase):
            attempt(LOCKED, "broken \udcff passphrase")


# Stock tools.


@needs("age-keygen")
def test_stock_age_takes_the_unlocked_text_for_an_identity_file(tmp_path: Path) -> None:
    (tmp_path / "identity").write_bytes(TEXT)
    told = subprocess.run(
        ["age-keygen", "-y", tmp_path / "identity"], capture_output=True, check=True, text=True
    )
    assert told.stdout == IDENTITY.age_public + "\n"


@needs("age")
def test_stock_age_reads_a_record_with_the_locked_file(tmp_path: Path) -> None:
    (tmp_path / "identity.age").write_bytes(lock_quickly(TEXT, PASSPHRASE, 10))
    (tmp_path / "entry.age").write_bytes(envelope.seal(b"log: ecrb\n", IDENTITY.secret))
    arguments = ["-d", "-i", "identity.age", "-o", "entry", "entry.age"]
    at_terminal(["age", *arguments], tmp_path, [PASSPHRASE])
    assert (tmp_path / "entry").read_bytes().strip() == b"log: ecrb"


@needs("age")
def test_stock_age_opens_what_lock_makes(tmp_path: Path, locked: bytes) -> None:
    (tmp_path / "identity.age").write_bytes(locked)
    at_terminal(["age", "-d", "-o", "identity", "identity.age"], tmp_path, ["caf\u00e9 caf\u00e9"])
    assert (tmp_path / "identity").read_bytes() == TEXT


@needs("age")
def test_what_stock_age_locks_is_unlocked_here(tmp_path: Path) -> None:
    (tmp_path / "identity").write_bytes(TEXT)
    at_terminal(["age", "-p", "-o", "identity.age", "identity"], tmp_path, [PASSPHRASE, PASSPHRASE])
    assert credential.unlock((tmp_path / "identity.age").read_bytes(), PASSPHRASE) == TEXT


@needs("ssh-keygen")
@pytest.mark.parametrize("lines", ["all", "marked"])
def test_ssh_keygen_signs_with_the_comment_lines(tmp_path: Path, lines: str) -> None:
    """``sed 's/^# //'`` does for the whole file, ``sed -n 's/^# //p'`` for the comment lines."""
    text = (
        TEXT.decode()
        if lines == "all"
        else "".join(re.findall("^# .*\n", TEXT.decode(), re.MULTILINE))
    )
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text(re.sub("^# ", "", text, flags=re.MULTILINE), newline="\n")
    told = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, check=True)
    assert told.stdout.decode().split() == IDENTITY.signing_public.split()
    signed = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", key, "-n", "git"],
        input=b"text",
        capture_output=True,
        check=True,
    )
    assert signed.stdout.decode() == IDENTITY.sign(b"text", "git")


def test_every_error_is_a_line_and_a_hint() -> None:
    for error in (NotAnIdentity(), NotLocked(), WrongPassphrase(), BadPassphrase(), TooSlow()):
        assert isinstance(error, CpvolError)
        assert "\n" not in error.problem + error.hint
        assert not error.problem.endswith(".")


# Gives the program a terminal of its own, since age asks there and nowhere else.
LAUNCHER = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def at_terminal(command: list[str], folder: Path, answers: list[str]) -> None:
    """Run a program that asks questions on its terminal, each ending in a colon and a space."""
    pty = pytest.importorskip("pty", reason="age asks on a terminal, and this system has no other")
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, *command], cwd=folder, stdin=its, stdout=its, stderr=its
    ) as running:
        os.close(its)
        for answer in answers:
            asked = b""
            while b": " not in asked:
                asked += os.read(ours, 1024)
            os.write(ours, answer.encode() + b"\n")
        assert running.wait(60) == 0
    os.close(ours)
