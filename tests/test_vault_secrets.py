"""No secret shows in what is printed: representations, errors, tracebacks."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date

import pytest

from cpvol.errors import CpvolError
from cpvol.vault import credential, envelope, keyring, recovery, signature
from tests.support.weak_scrypt import lock_quickly

IDENTITY = credential.generate()
KEY = envelope.new_key()
PASSPHRASE = "seven quiet herons"
PAGE = recovery.generate()
TEXT = credential.encode(IDENTITY, "member-1", date(2026, 1, 5))
LOCKED = lock_quickly(TEXT, PASSPHRASE)
SIGNING_LINES = signature.to_openssh(IDENTITY.seed).splitlines()[1:-1]
SECRETS = [
    IDENTITY.secret,
    IDENTITY.seed.hex(),
    repr(IDENTITY.seed),
    # The first lines of a private key hold its public half alone.
    *SIGNING_LINES[3:],
    KEY,
    PASSPHRASE,
    PAGE,
]
# What is left of a secret in an excerpt is still too much.
PARTS = [secret[-24:-8] if len(secret) > 40 else secret for secret in SECRETS]


def shows_a_secret(text: str) -> bool:
    return any(part.casefold() in text.casefold() for part in PARTS)


def test_this_test_would_notice() -> None:
    assert shows_a_secret(f"key {KEY.lower()}")
    assert shows_a_secret(TEXT.decode())
    assert shows_a_secret(repr(vars(IDENTITY)))


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, lambda it: repr([it])])
def test_an_identity_shows_its_public_parts_alone(show: Callable[[object], str]) -> None:
    shown = show(IDENTITY)
    assert IDENTITY.age_public in shown
    assert IDENTITY.signing_public in shown
    assert not shows_a_secret(shown)


FAILURES: dict[str, Callable[[], object]] = {
    "a wrong key": lambda: envelope.open_(envelope.seal(b"", KEY), envelope.new_key()),
    "a key cut short": lambda: envelope.open_(envelope.seal(b"", KEY), KEY[:-1]),
    "sealing to a key cut short": lambda: envelope.seal(b"", KEY[:-1]),
    "a damaged record": lambda: envelope.open_(envelope.seal(b"", KEY)[:-1], KEY),
    "a keyring line that is wrong": lambda: keyring.decode(f"k3m9q2x7ab {KEY}x\n".encode()),
    "a keyring text that is wrong": lambda: keyring.decode(f"k3m9q2x7ab {KEY}é\n".encode()),
    "keys that cannot be written": lambda: keyring.encode({"k3m9q2x7ab": (KEY + "x",)}),
    "a secret among the readers": lambda: keyring.seal({}, [IDENTITY.secret]),
    "a keyring of others": lambda: keyring.open_(
        keyring.seal({}, [credential.generate().age_public]), IDENTITY
    ),
    "a wrong passphrase": lambda: credential.unlock(LOCKED, PASSPHRASE + "!"),
    "a passphrase that is not text": lambda: credential.unlock(LOCKED, PASSPHRASE + "\udcff"),
    "a damaged lock": lambda: credential.unlock(LOCKED[:-1], PASSPHRASE),
    "a damaged identity file": lambda: credential.decode(TEXT + b"x"),
    "an identity file of two": lambda: credential.decode(
        TEXT.replace(IDENTITY.secret.encode(), KEY.encode())
    ),
    "a damaged signing key": lambda: signature.from_openssh(
        signature.to_openssh(IDENTITY.seed).replace("b3Blbn", "b3Blbm")
    ),
    "a packed form that is wrong": lambda: credential.unpack(
        credential.pack(IDENTITY, "member-1") + "x"
    ),
    "an identity of wrong parts": lambda: credential.Identity(KEY.lower(), IDENTITY.seed),
    "an identity with a long seed": lambda: credential.Identity(KEY, IDENTITY.seed * 2),
    "a recovery code too long": lambda: recovery.identity(PAGE + "Q"),
    "a recovery code mistyped": lambda: recovery.identity(PAGE[:-1] + "QP"[PAGE[-1] == "Q"]),
    "a recovery code with a stray letter": lambda: recovery.identity(PAGE[:-1] + "O"),
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_shows_no_secret(fail: Callable[[], object]) -> None:
    with pytest.raises(CpvolError) as raised:
        fail()
    error = raised.value
    assert not shows_a_secret(error.problem + error.hint + repr(error) + repr(error.args))
    assert not shows_a_secret("".join(traceback.format_exception(error)))


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_a_line_and_a_hint(fail: Callable[[], object]) -> None:
    with pytest.raises(CpvolError) as raised:
        fail()
    for sentence in (raised.value.problem, raised.value.hint):
        assert sentence
        assert "\n" not in sentence
        assert not sentence.endswith(".")
        assert sentence[0].islower()
