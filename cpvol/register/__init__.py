"""The register: the one place where the vault's keys meet the ledger's history.

A :class:`Register` is a records repository as one person sees it at one moment. Reading goes to git's objects, never to
the working files. Writing makes, for each record version, a fresh key, seals the text to it, puts the key into the
keyring files of everyone who reads that log, and hands one :class:`~cpvol.ledger.transaction.Plan` to the ledger.

============  =====================================================================================================
``view``      what one person can read, and to whom what they write is sealed
``writing``   entries, changes of members, and the keyring sealed anew
``versions``  one version of a record, from text to sealed bytes and back
``uniting``   keyrings of two copies made one; what ``sync`` needs beyond reading and writing
``parcels``   what leaves the records for others' keys, and comes back
``plain``     entries in plain text for stock git
``founding``  the first commit, and the recovery page
``errors``    what can stop somebody
============  =====================================================================================================
"""

from __future__ import annotations

from cpvol.register import parcels, uniting
from cpvol.register.errors import (
    ClockBehind,
    Closed,
    Damaged,
    NotAllowed,
    NotAMember,
    NotRecords,
    Occupied,
    Overtaken,
    UnknownRecord,
)
from cpvol.register.founding import check_page, found_register, recover_keys
from cpvol.register.versions import Version, parse, seal_version
from cpvol.register.writing import CLOCK_SLACK_SECONDS, Receipt, Register, draft_of

__all__ = [
    "CLOCK_SLACK_SECONDS",
    "ClockBehind",
    "Closed",
    "Damaged",
    "NotAMember",
    "NotAllowed",
    "NotRecords",
    "Occupied",
    "Overtaken",
    "Receipt",
    "Register",
    "UnknownRecord",
    "Version",
    "check_page",
    "draft_of",
    "found_register",
    "parcels",
    "parse",
    "recover_keys",
    "seal_version",
    "uniting",
]
