"""When a record may be destroyed: pure functions of records, policy and a date.

A record is kept through the anniversary of what started its clock (C22, C27) and is due the day after, unless something
that refers to it remains: a person goes last. An open record is never due.
"""

from __future__ import annotations

from cpvol.retention.expiry import Expiry, due, expiry, preview
from cpvol.retention.holds import held
from cpvol.retention.references import references

__all__ = ["Expiry", "due", "expiry", "held", "preview", "references"]
