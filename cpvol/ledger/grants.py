"""Keys that were given to somebody outside: ``grants/<id>.yaml``, written once. No personal data.

id: g4k9q2x7ab
by: member-1
on: "2026-11-21"
to: "age1…"                      (the key that they were sealed to)
logs:
- training
since: "2026-01-01"              (with a period: the versions that came in from this day …)
until: "2026-03-31"              (… to this one, by the time of acceptance in UTC)
without:                         (records of these logs whose keys were not given: closed ones)
- "training/k3m9q2x7ab"
changes: 123                     (versions that the first 123 changes wrote; nothing that came later)
keys: 34                         (how many keys that is)
sha256: "<of the sealed file>"

What is given is a file for stock ``age``: one identity file with the keys of those versions, sealed to one card::

    # cpvol-grant-1
    # anchor: cpvol-anchor-1:7a…:SHA256:Nn…
    # grant: g4k9q2x7ab
    # training/k3m9q2x7ab 7c4a…               (the commit that wrote this version)
    AGE-SECRET-KEY-1…
    …
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger.disposals import Digest, Handle, Id, IsoDay, LogName, Place

FOLDER = "grants"

AgeKey = Annotated[str, StringConstraints(pattern=r"^age1[02-9ac-hj-np-z]{58}$")]
Count = Annotated[int, Field(ge=1, le=10**9, strict=True)]


class BadGrant(CpvolError):
    """The file of a grant is not in the form that cpvol writes."""

    def __init__(self) -> None:
        super().__init__(
            "what was written down about keys that were given is damaged",
            "restore these records from another copy",
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Which versions of records are meant.

    :param since: the first day on which they came in, ISO and in UTC; ``None`` for no bound.
    :param until: the last such day.
    :param without: records, ``log/id``, that are left out.
    """

    logs: tuple[str, ...]
    since: str | None
    until: str | None
    without: tuple[str, ...] = ()

    def covers(self, record: str, accepted: int) -> bool:
        """Whether a version of a record is meant.

        :param record: ``log/id``.
        :param accepted: when that version came in, seconds since 1970.
        """
        day = datetime.fromtimestamp(accepted, UTC).date().isoformat()
        return (
            record.partition("/")[0] in self.logs
            and record not in self.without
            and (self.since or day) <= day <= (self.until or day)
        )


class Grant(BaseModel):
    """Keys that were given: by whom, to which key, and which."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    id: Id
    by: Handle
    on: IsoDay
    to: AgeKey
    logs: tuple[LogName, ...]
    since: IsoDay | None = None
    until: IsoDay | None = None
    without: tuple[Place, ...] = ()
    changes: Count
    keys: Count
    sha256: Digest

    @property
    def path(self) -> str:
        """Where it stands on main."""
        return f"{FOLDER}/{self.id}.yaml"

    @property
    def scope(self) -> Scope:
        """Which versions' keys they are, of those that the first :attr:`changes` wrote."""
        return Scope(self.logs, self.since, self.until, self.without)

    def words(self) -> str:
        """What was given, for people: ``the log training, 01/01/2026 to 31/03/2026``."""
        logs = (
            f"the log {self.logs[0]}" if len(self.logs) == 1 else f"the logs {', '.join(self.logs)}"
        )
        if self.since or self.until:
            first = f"{date.fromisoformat(self.since):%d/%m/%Y}" if self.since else "the beginning"
            last = f"{date.fromisoformat(self.until):%d/%m/%Y}" if self.until else "then"
            return f"{logs}, {first} to {last}"
        return logs

    def encode(self) -> bytes:
        """The file."""
        data: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return codec.encode({name: value for name, value in data.items() if value != []})


def decode(text: bytes) -> Grant:
    """Read a grant's file.

    :raises BadGrant: for anything that :meth:`Grant.encode` would not have written.
    """
    try:
        found = Grant.model_validate(codec.decode(text))
        for day in (found.on, found.since, found.until):
            if day is not None:
                date.fromisoformat(day)
    except (ValidationError, codec.NotCanonical, ValueError):
        raise BadGrant from None
    ordered = found.logs == tuple(sorted(set(found.logs))) and found.logs
    if found.encode() != text or not ordered or found.without != tuple(sorted(set(found.without))):
        raise BadGrant
    return found


def read(text: bytes) -> Grant | None:
    """Read a grant's file; ``None`` when it is not in its form."""
    try:
        return decode(text)
    except BadGrant:
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """The key of one version of one record: ``record`` is ``log/id``, ``commit`` wrote the version."""

    record: str
    commit: str
    key: str


_FIRST = "# cpvol-grant-1\n"


def encode_given(anchor: str, id: str, given: Iterable[Given]) -> bytes:
    """The text of the file that is given, before it is sealed."""
    head = f"{_FIRST}# anchor: {anchor}\n# grant: {id}\n"
    return (head + "".join(f"# {g.record} {g.commit}\n{g.key}\n" for g in given)).encode("ascii")


def decode_given(text: bytes) -> tuple[str, str, list[Given]]:
    """The anchor, the grant's id and the keys in a file that was given.

    :raises BadGrant: for anything that :func:`encode_given` would not have written.
    """
    try:
        lines = text.decode("ascii").split("\n")
        given = list(_given(lines[3:-1]))
        anchor, id = lines[1].removeprefix("# anchor: "), lines[2].removeprefix("# grant: ")
    except (UnicodeDecodeError, IndexError):
        raise BadGrant from None
    if encode_given(anchor, id, given) != text:
        raise BadGrant
    return anchor, id, given


def _given(lines: list[str]) -> Iterator[Given]:
    for comment, key in zip(lines[::2], lines[1::2], strict=False):
        record, _, commit = comment.removeprefix("# ").partition(" ")
        yield Given(record, commit, key)
