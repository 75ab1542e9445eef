"""The secret on the recovery page: one line, good for reading everything and for one action.

It is an age identity, so that stock ``age`` reads every log with it. The key that signs ``recover`` is
derived from the same line, so that nobody has to copy two::

    seed = HKDF-SHA256(the secret in capitals, no salt, "cpvol recovery signing 1"), 32 bytes

On paper it stands in groups without its fixed beginning, ``AGE-SECRET-KEY-1``, which says nothing. Its
last six characters are a checksum that notices any slip of up to four characters.
"""

from __future__ import annotations

import re
from random import Random

from pyrage import IdentityError, x25519

from cpvol.errors import CpvolError
from cpvol.vault import signature
from cpvol.vault.credential import Identity

#: What every secret begins with; the groups on paper leave it out.
PREFIX = "AGE-SECRET-KEY-1"
#: Characters that follow it.
LENGTH = 58

_INFO = b"cpvol recovery signing 1"
_UNUSED = re.compile("[^02-9AC-HJ-NP-Z]")
# Spaces, and every dash that a word processor or a telephone may put in a hyphen's place.
_GAPS = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_PUBLIC = "AGE1"
# Ten groups of five and two of four: short enough to keep in mind from the page to the keyboard.
_GROUPS = (5,) * 10 + (4,) * 2


class BadRecoveryCode(CpvolError):
    """What was typed is not a recovery page's secret; says in which way, never what was typed."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem, hint)


def generate() -> str:
    """A fresh secret, ``AGE-SECRET-KEY-1…``."""
    return str(x25519.Identity.generate())


def identity(secret: str) -> Identity:
    """The keys that a recovery page gives.

    :param secret: the line as it was printed or typed: in capitals or not, in groups or not, with or
        without :data:`PREFIX`.
    :raises BadRecoveryCode: it is none.
    """
    exact = PREFIX + _code(secret)
    return Identity(exact, _signing_seed(exact))


def groups(secret: str) -> list[str]:
    """The secret as it stands on paper: twelve groups of four or five characters, without its beginning.

    :raises BadRecoveryCode: as :func:`identity`.
    """
    code = _code(secret)
    ends = [sum(_GROUPS[: number + 1]) for number in range(len(_GROUPS))]
    return [code[end - size : end] for size, end in zip(_GROUPS, ends, strict=True)]


def ask_back(secret: str, rng: Random) -> tuple[int, int]:
    """Which two groups a person is asked to type back, to show that they have the page.

    :returns: two different places in :func:`groups`, counted from 0, the lower one first.
    """
    first, second = sorted(rng.sample(range(len(groups(secret))), 2))
    return first, second


def bare(typed: str) -> str:
    """What was typed from the page, without gaps, in capitals, and with noughts where an O looks like one."""
    # There is no letter O in any code.
    return _GAPS.sub("", typed).upper().replace("O", "0")


def _code(typed: str) -> str:
    """The 58 characters that follow the prefix, checked."""
    code = bare(typed)
    if code.startswith(_PUBLIC):
        raise BadRecoveryCode(
            "this is a public key, not the code on the recovery page",
            "type the groups of letters and digits from the recovery page",
        )
    code = code.removeprefix(_GAPS.sub("", PREFIX))
    _check_form(code)
    try:
        exact = str(x25519.Identity.from_str(PREFIX + code))
    except IdentityError:
        exact = ""
    if exact != PREFIX + code:
        raise BadRecoveryCode(
            "the recovery code has a wrong character in it, or two changed places",
            "compare it with the page again, group by group",
        )
    return code


def _check_form(code: str) -> None:
    # First the characters: a stray one also spoils the count, and is the more useful thing to hear.
    if _UNUSED.search(code):
        raise BadRecoveryCode(
            "the recovery code has a character in it that such codes never use",
            "look again at the page: only letters and digits, and never B, I or 1",
        )
    if len(code) != LENGTH:
        raise BadRecoveryCode(
            f"the recovery code has {len(code)} characters and needs {LENGTH}",
            f"type all {len(_GROUPS)} groups from the page: ten of five characters and two of four",
        )


def _signing_seed(exact: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), signature.SEED, None, _INFO).derive(exact.encode("ascii"))
