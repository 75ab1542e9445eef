"""A fingerprint can be read out over the telephone, and always is the same."""

from __future__ import annotations

import hashlib
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from cpvol.vault.words import LENGTH, WORDS, fingerprint_words

DIGEST_OF_THE_LIST = "27ff3a3fd464bd7a0ce490172b7eec38f2775977fc127ff94ff991634567d453"


def test_the_list_never_changes() -> None:
    """Two versions of the program must read out the same words for the same key."""
    assert hashlib.sha256(" ".join(WORDS).encode()).hexdigest() == DIGEST_OF_THE_LIST


def test_each_byte_has_a_short_plain_word() -> None:
    assert len(WORDS) == 256
    assert list(WORDS) == sorted(set(WORDS))
    assert all(
        word.isascii() and word.isalpha() and word.islower() and 4 <= len(word) <= 8
        for word in WORDS
    )


def test_no_two_words_are_easily_taken_for_each_other() -> None:
    assert len({word[:3] for word in WORDS}) == len(WORDS)
    assert [pair for pair in combinations(WORDS, 2) if distance(*pair) < 3] == []


def distance(one: str, other: str) -> int:
    """How many letters must be added, dropped or changed to make one word the other."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], number
        for at, against in enumerate(other, 1):
            changed = diagonal + (letter != against)
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, changed)
    return row[-1]


@given(st.text())
def test_the_words_stand_for_the_hash(public: str) -> None:
    words = fingerprint_words(public).split(" ")
    values = bytes(WORDS.index(word) for word in words)
    assert values == hashlib.sha256(public.encode()).digest()[:LENGTH]
