"""A breach reported in confidence: sealed to the cards of those who shall read it, for one of them to enter (E-7.4).

Whoever reports needs no membership, no records and no keys, and the records do not change. The text inside the file,
as :mod:`cpvol.codec` writes it, padded and sealed by :mod:`cpvol.vault.parcel`::

    cpvol: report
    format: 1
    id: k3m9q2x7ab                       (the number that the entry will have, so that it is entered once)
    sealed_on: "2009-03-31"
    to:                                  (the keys that it is sealed to: the entry is closed to everybody else)
    - "age1…"
    report:
      discovered_on: "2009-03-30"
      …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.logs.base import Day, Id
from cpvol.logs.breach import Report
from cpvol.vault import parcel
from cpvol.vault.credential import Identity

_KIND: Mapping[str, codec.Value] = {"cpvol": "report", "format": 1}
#: Bytes that such a file may have.
MAX_BYTES = 1 << 16


class NotAReport(CpvolError):
    """What was sealed is no report, or one of a later format."""

    def __init__(self) -> None:
        super().__init__(
            "that file is no report that this cpvol can read",
            "it was made with `breach.seal`; a newer cpvol may be needed to read it",
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report that was opened.

    :param id: the number that its entry has.
    :param on: the day on which it was sealed.
    :param to: the age keys that it was sealed to.
    """

    id: str
    on: date
    to: tuple[str, ...]
    report: Report


def seal(report: Report, to: Sequence[str], *, id: str, on: date) -> bytes:
    """Seal a report.

    :param to: the age keys of those who shall read it.
    :param id: a fresh number for its entry.
    :raises BadRecipient: for keys that nothing can be sealed to.
    """
    said = report.model_dump(mode="json", exclude_none=True)
    text = codec.encode(
        {**_KIND, "id": id, "sealed_on": on.isoformat(), "to": list(to), "report": said}
    )
    return parcel.seal(text, to)


def open_(sealed: bytes, identity: Identity) -> Sealed:
    """Open a report that was sealed to somebody.

    :raises NotToYou: when it is for others.
    :raises DamagedParcel: when it is not in its form.
    :raises NotAReport: when something else was sealed.
    """
    if len(sealed) > MAX_BYTES:
        raise parcel.DamagedParcel
    text = parcel.open_(sealed, identity)
    try:
        data: Any = codec.decode(text.rstrip(b"\n") + b"\n")
        if {name: data.get(name) for name in _KIND} != _KIND or len(data) != len(_KIND) + 4:
            raise NotAReport
        return Sealed(
            TypeAdapter(Id).validate_python(data["id"]),
            TypeAdapter(Day).validate_python(data["sealed_on"]),
            tuple(str(key) for key in data["to"]),
            Report.model_validate(data["report"]),
        )
    except (codec.NotCanonical, ValidationError, KeyError, TypeError):
        raise NotAReport from None
