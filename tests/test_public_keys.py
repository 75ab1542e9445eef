"""A public key that nothing can be sealed to is nobody's: one in the list of members would stop everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyrage import RecipientError, x25519

from cpvol import membership
from cpvol.ledger import layout
from cpvol.ledger.chain import link
from cpvol.ledger.git import MAIN
from cpvol.ledger.members import BadMembers, Keys
from cpvol.publickeys import is_reading_key, is_signing_key
from cpvol.register import draft_of
from cpvol.vault import credential, parcel
from tests.support.people import Someone, found, keys_of
from tests.support.programs import needs

pytestmark = needs("git")

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PRIME = 2**255 - 19
#: A whole card's worth of another person.
_OTHER = credential.generate()


def spelled(point: int) -> str:
    """The age public key of any 32 bytes, checksum and all, little end first."""
    bits = int.from_bytes(point.to_bytes(32, "little"), "big") << 4
    values = [bits >> 5 * n & 31 for n in reversed(range(52))]
    head = [3, 3, 3, 0, 1, 7, 5]
    rest = _polymod([*head, *values, *[0] * 6]) ^ 1
    checksum = [rest >> 5 * n & 31 for n in reversed(range(6))]
    return "age1" + "".join(_LETTERS[value] for value in (*values, *checksum))


def _polymod(values: list[int]) -> int:
    found = 1
    for value in values:
        top = found >> 25
        found = (found & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            found ^= part if top >> bit & 1 else 0
    return found


def test_every_key_that_age_makes_is_one() -> None:
    for _ in range(200):
        made = str(x25519.Identity.generate().to_public())
        assert is_reading_key(made)
        # One letter amiss, and it is none: as the age library has it, too.
        slip = made[:20] + _LETTERS[(_LETTERS.index(made[20]) + 1) % 32] + made[21:]
        with pytest.raises(RecipientError):
            x25519.Recipient.from_str(slip)
        assert not is_reading_key(slip)
    assert is_signing_key(_OTHER.signing_public)


@pytest.mark.parametrize(
    "point",
    [
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _PRIME - 1,
        _PRIME,
        _PRIME + 1,
        # The same as other keys of theirs, in another spelling.
        _PRIME + 9,
        9 + 2**255,
    ],
)
def test_a_key_with_which_there_is_no_secret_to_share_is_none(point: int) -> None:
    key = spelled(point)
    x25519.Recipient.from_str(key)
    assert not is_reading_key(key)
    with pytest.raises(BadMembers):
        Keys(key, _OTHER.signing_public)
    with pytest.raises(parcel.BadRecipient):
        parcel.seal(b"x", [key])
    signing = _OTHER.signing_public.removeprefix("ssh-ed25519 ")
    with pytest.raises(membership.NotACard):
        membership.read_card(f"cpvol-card-1:member-9:{key}:{signing}")


def test_the_points_that_are_taken_are_spelled_as_age_spells_them() -> None:
    assert is_reading_key(spelled(9))
    assert str(x25519.Recipient.from_str(spelled(9))) == spelled(9)


@pytest.mark.parametrize(
    "key",
    [
        "ssh-ed25519 " + "A" * 68,
        _OTHER.signing_public.replace("AAAAC3", "AAAAD3"),
        _OTHER.signing_public[:-4],
        _OTHER.signing_public + " name",
        _OTHER.signing_public.replace("ssh-ed25519 ", "ssh-ed25519  "),
        "ssh-rsa " + _OTHER.signing_public.removeprefix("ssh-ed25519 "),
    ],
    # The key is another each time, and the names of tests are not.
    ids=["nothing", "its length", "short", "a comment", "two blanks", "another kind"],
)
def test_a_signing_key_that_stock_tools_stumble_over_is_none(key: str) -> None:
    assert not is_signing_key(key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("age", spelled(0)),
        ("age", "age1" + "q" * 58),
        ("signing", "ssh-ed25519 " + "A" * 68),
    ],
)
def test_a_member_who_takes_such_a_key_stops_nobody(tmp_path: Path, old: str, new: str) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    third = group.newcomer(first, "member-3")
    for each in (first, second):
        each.sync()
    take(third, old, new)
    outcome = first.sync()
    assert "in the name of member-3 was refused" in outcome.notices[0]
    first.enter("Robin A")
    first.sync()
    second.sync()
    assert set(second.records()) == set(first.records())


def take(someone: Someone, which: str, key: str) -> None:
    """Put a text in the place of a key of somebody's own, by hand, and send it."""
    with someone.open() as register:
        made = keys_of(credential.generate())
        after = register.members.with_keys(someone.handle, made)
        files = {
            layout.MEMBERS: after.encode().replace(getattr(made, which).encode(), key.encode()),
            layout.SIGNERS: after.allowed_signers().replace(made.signing.encode(), key.encode())
            if which == "signing"
            else after.allowed_signers(),
        }
        time = someone.clock()
        draft = draft_of(
            *(someone.handle, someone.identity, f"members: rotate {someone.handle}", "rotate"),
            *((time, time), files, register.sealed_keyring()),
        )
        link_made = link(register.git, register.head, draft)
        register.git.store([*link_made.objects, link_made.main])
        register.git.run("push", "-q", str(someone.place), f"+{link_made.main.oid}:{MAIN}")
