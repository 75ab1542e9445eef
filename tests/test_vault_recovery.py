"""One line on paper reads everything and signs, however a person types it back."""

from __future__ import annotations

import hmac
import re
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.vault import keyring, recovery
from cpvol.vault.recovery import LENGTH, PREFIX, BadRecoveryCode
from tests.support.programs import needs

SECRET = recovery.generate()
CODE = SECRET.removeprefix(PREFIX)
ALPHABET = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


def test_the_secret_is_an_age_identity() -> None:
    assert re.fullmatch(f"{PREFIX}[{ALPHABET}]{{{LENGTH}}}", SECRET)
    assert recovery.identity(SECRET).secret == SECRET


def test_the_signing_key_follows_from_the_line_in_capitals() -> None:
    extracted = hmac.digest(bytes(32), SECRET.encode(), "sha256")
    seed = hmac.digest(extracted, b"cpvol recovery signing 1\x01", "sha256")
    assert recovery.identity(SECRET.lower()).seed == seed


def test_each_page_is_its_own() -> None:
    assert recovery.identity(recovery.generate()).seed != recovery.identity(SECRET).seed


def test_the_groups_are_the_whole_code() -> None:
    groups = recovery.groups(SECRET)
    assert "".join(groups) == CODE
    assert [len(group) for group in groups] == [5] * 10 + [4] * 2


@pytest.mark.parametrize(
    "gap", ["", " ", "  ", "-", " - ", "\n", "\u00a0", "\u2010", "\u2013", "\u2014"]
)
@pytest.mark.parametrize("prefix", ["", PREFIX, PREFIX + " ", "AGE SECRET KEY 1 "])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_it_is_taken_as_people_type_it(gap: str, prefix: str, case: object) -> None:
    assert callable(case)
    typed = case(f" {prefix}{gap.join(recovery.groups(SECRET))}\n")
    assert recovery.identity(typed) == recovery.identity(SECRET)


@given(st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(at: int, other: str) -> None:
    typed = CODE[:at] + other + CODE[at + 1 :]
    if typed == CODE:
        return
    with pytest.raises(BadRecoveryCode, match="wrong character"):
        recovery.identity(typed)


@given(st.integers(0, LENGTH - 2))
def test_two_characters_that_changed_places_are_noticed(at: int) -> None:
    typed = CODE[:at] + CODE[at + 1] + CODE[at] + CODE[at + 2 :]
    if typed == CODE:
        return
    with pytest.raises(BadRecoveryCode, match="changed places"):
        recovery.identity(typed)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        pytest.param("", "has 0 characters and needs 58", id="nothing"),
        pytest.param(CODE[:-1], "has 57 characters and needs 58", id="one too few"),
        pytest.param(SECRET + "Q", "has 59 characters and needs 58", id="one too many"),
        pytest.param("I" + CODE[1:], "never use", id="the letter I"),
        pytest.param("1" + CODE[1:], "never use", id="the digit 1"),
        pytest.param(CODE[:-1] + "!", "never use", id="punctuation"),
        pytest.param(CODE[:-1] + "é", "never use", id="an accent"),
        pytest.param(recovery.identity(SECRET).age_public, "public key", id="its public key"),
        pytest.param("correct horse battery staple", "never use", id="words"),
    ],
)
def test_the_error_says_what_kind_of_thing_is_wrong(typed: str, reason: str) -> None:
    with pytest.raises(BadRecoveryCode, match=reason) as refused:
        recovery.identity(typed)
    shown = refused.value.problem + refused.value.hint
    assert not typed or typed not in shown
    assert CODE[:5] not in shown


def test_a_nought_may_be_typed_as_the_letter_that_it_looks_like() -> None:
    secret = next(each for each in iter(recovery.generate, "") if "0" in each)
    assert recovery.identity(secret.replace("0", "O")) == recovery.identity(secret)
    assert recovery.identity(secret.replace("0", "o")) == recovery.identity(secret)


@given(st.integers())
def test_two_different_groups_are_asked_back(seed: int) -> None:
    first, second = recovery.ask_back(SECRET, Random(seed))  # noqa: S311 - to be repeated
    assert 0 <= first < second < len(recovery.groups(SECRET))


def test_any_group_may_be_asked_back() -> None:
    rng = Random(1)  # noqa: S311 - to be repeated
    asked = {place for _ in range(300) for place in recovery.ask_back(SECRET, rng)}
    assert asked == set(range(12))


@needs("age")
def test_stock_age_reads_with_the_line_alone(tmp_path: Path) -> None:
    page = recovery.identity(SECRET)
    sealed = keyring.seal({"k3m9q2x7ab": (recovery.generate(),)}, [page.age_public])
    (tmp_path / "page").write_text(SECRET)
    read = subprocess.run(
        ["age", "-d", "-i", tmp_path / "page"], input=sealed, capture_output=True, check=True
    )
    assert keyring.decode(read.stdout) == keyring.open_(sealed, page)
