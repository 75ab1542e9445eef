"""What leaves the records for the keys of those who may read it, and comes back from there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from cpvol.register.writing import Register
from cpvol.vault import parcel


def seal(text: bytes, to: Sequence[str]) -> bytes:
    """Seal a text to age keys.

    :raises BadRecipient: when there is none, or one twice.
    """
    return parcel.seal(text, to)


def opened(register: Register, sealed: bytes) -> bytes | None:
    """A text that was sealed to this member's keys, without its padding; ``None`` when it is for others.

    The recovery page opens it too, while it is at hand.

    :raises DamagedParcel: when it is not in its form.
    """
    for identity in (register.signer(), register.page):
        if identity is not None:
            with suppress(parcel.NotToYou):
                return parcel.open_(sealed, identity).rstrip(b"\n")
    return None
