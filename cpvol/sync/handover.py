"""What somebody entered and may no longer send, sealed for those who may enter it on their behalf.

The file is a line and then pieces, each behind a line that gives its length in bytes::

    cpvol-handover-1
    1367
    <the list of what is in it, sealed to everybody whom some part of it is sealed to>
    2391
    <the entries of one log with the same readers, sealed to these>
    …

The list is a text in the one spelling of :mod:`cpvol.codec`, and below it an SSH signature of it in the namespace
``cpvol-handover`` by whoever made the file. Each part holds texts, every one behind a line that gives its length: who
entered it, when, the number of the change that could not be sent, the entry, and the entry before where it was changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger import layout, sshsig
from cpvol.ledger.chain import Head
from cpvol.ledger.members import RECOVERY, Members
from cpvol.logs import BY_NAME
from cpvol.logs.base import Amendment, Handle, Id, Record
from cpvol.register import Closed, Damaged, Register, parcels, parse, uniting
from cpvol.sync.merge import Settle, merge

#: The action of a change that enters what was handed over.
ACTION = "handover"
NAMESPACE = "cpvol-handover"
#: Why a piece need not be entered any more.
THERE, DESTROYED = "it is there already", "the entry was destroyed"
SETTLED = frozenset((THERE, DESTROYED))
#: Bytes that such a file may have.
MAX_BYTES = 1 << 27
#: Parts that it may have: there is one for each log and set of readers.
MAX_PARTS = 1000

_MAGIC = b"cpvol-handover-1\n"
_SIGNATURE = b"-----BEGIN SSH SIGNATURE-----\n"
_KIND: Mapping[str, codec.Value] = {"cpvol": "handover", "format": 1}


class NotAHandover(CpvolError):
    """The file is none of these, or part of it is missing."""

    def __init__(self) -> None:
        super().__init__(
            "that file is not what somebody handed over, or part of it is missing",
            "ask for it again; `sync` makes it on the computer of whoever had entered it",
        )


class ForOthers(CpvolError):
    """Nothing in the file is for this member."""

    def __init__(self) -> None:
        super().__init__(
            "nothing in that file is sealed to your keys",
            "give it to those whom `sync` named when it was made",
        )


class OfOtherRecords(CpvolError):
    """The file belongs to other records."""

    def __init__(self) -> None:
        super().__init__(
            "that was handed over for the records of another organisation",
            "name the right records in CPVOL_RECORDS",
        )


class Forged(CpvolError):
    """The file is not signed by whom it names."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"that file is not signed by {handle}, whom it names",
            "do not enter what is in it; ask them by telephone",
        )


class NeverAMember(CpvolError):
    """Whoever made the file is unknown to these records."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"that file is by {handle}, whom these records do not know",
            "if they joined after a backup that you went back to, add them again, and let them `sync`",
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry, or one change of an entry, that was not sent.

    :param order: its place among all that was handed over.
    :param author: the handle of whoever entered it.
    :param entered: when, seconds since 1970.
    :param change: the number of the change that could not be sent.
    :param before: the entry that it was made from; ``None`` for a new one.
    """

    order: int
    author: str
    entered: int
    action: str
    change: str
    record: Record
    before: Record | None

    def text(self) -> bytes:
        """The piece as it stands in the file."""
        data: dict[str, Any] = {
            "order": self.order,
            "author": self.author,
            "entered": self.entered,
            "action": self.action,
            "change": self.change,
            "entry": self.record.content(),
        }
        if self.before is not None:
            data["before"] = self.before.content()
        return codec.encode(data)


@dataclass(frozen=True, slots=True)
class Part:
    """What the list says of one part.

    :param entries: the numbers of the entries in it.
    :param readers: the handles of those whom it is sealed to, ``recovery`` for the page.
    """

    log: str
    entries: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """A file to hand over.

    :param parts: what is in it.
    :param others: whether others entered it than whoever made the file.
    :param unread: the numbers of entries that could not be put in, because they are closed to whoever made it.
    """

    data: bytes
    parts: tuple[Part, ...]
    unread: tuple[str, ...] = ()
    others: bool = False

    @property
    def count(self) -> int:
        """How many entries are in it."""
        return sum(len(part.entries) for part in self.parts)

    @property
    def readers(self) -> list[str]:
        """The handles of members who can open some of it."""
        return sorted({each for part in self.parts for each in part.readers} - {RECOVERY})

    @property
    def for_the_page(self) -> int:
        """How many entries only the recovery page opens."""
        return sum(len(part.entries) for part in self.parts if part.readers == (RECOVERY,))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was handed over, opened and checked.

    :param by: who made the file and signed it.
    :param pieces: what these keys open, in the order in which it was entered.
    :param others: the parts that are sealed to others.
    """

    by: str
    on: date
    pieces: tuple[Piece, ...]
    others: tuple[Part, ...] = field(default=())


# -- making one -------------------------------------------------------------------------------------------------------


def pack(register: Register, operations: Sequence[Head], everyone: Members, on: date) -> Packed:
    """Seal what was entered here to those who may read it now.

    :param operations: the changes, oldest first; what they did beside entries is left out.
    :param everyone: the members in force.
    """
    grouped: dict[tuple[str, tuple[str, ...]], list[Piece]] = {}
    unread: list[str] = []
    for piece in _pieces(register, operations, unread):
        log = piece.record.log
        keys = register.closed_to(piece.record, everyone) or tuple(register.readers(log, everyone))
        grouped.setdefault((log, keys), []).append(piece)
    handles = {m.keys.age: m.handle for m in everyone.members} | {everyone.recovery.age: RECOVERY}
    parts: list[Part] = []
    sealed: list[bytes] = []
    for (log, keys), pieces in grouped.items():
        ids = tuple(dict.fromkeys(piece.record.id for piece in pieces))
        parts.append(Part(log, ids, tuple(handles[key] for key in keys)))
        sealed.append(parcels.seal(_framed(piece.text() for piece in pieces), keys))
    if not parts:
        return Packed(b"", (), tuple(unread))
    everybody = sorted({key for _, keys in grouped for key in keys})
    listed = _list(register, parts, sealed, on)
    return Packed(
        _MAGIC + _framed([parcels.seal(listed, everybody), *sealed]),
        tuple(parts),
        tuple(unread),
        any(head.commit.handle != register.me.handle for head in operations),
    )


def _pieces(register: Register, operations: Sequence[Head], unread: list[str]) -> Iterator[Piece]:
    order = 0
    for operation in operations:
        commit = operation.commit
        for each in commit.message.written:
            log, _, id = each.record.partition("/")
            try:
                record = _version(register, operation.oid, log, id)
                before = _version(register, commit.parent or "", log, id)
            except (Closed, Damaged):
                unread.append(id)
                continue
            if record is not None:
                order += 1
                yield Piece(
                    order,
                    commit.handle,
                    commit.entered,
                    commit.message.action,
                    operation.oid,
                    record,
                    before,
                )


def _version(register: Register, commit: str, log: str, id: str) -> Record | None:
    found = register.git.find(f"{commit}:{layout.record_path(log, id)}")
    return None if found is None else uniting.version(log, id, found.data, register.ring)


def _list(register: Register, parts: Sequence[Part], sealed: Sequence[bytes], on: date) -> bytes:
    text = codec.encode(
        {
            **_KIND,
            "records": register.founding,
            "by": register.me.handle,
            "made_on": on.isoformat(),
            "parts": [
                {
                    "log": part.log,
                    "entries": list(part.entries),
                    "readers": list(part.readers),
                    "digest": hashlib.sha256(data).hexdigest(),
                }
                for part, data in zip(parts, sealed, strict=True)
            ],
        }
    )
    return text + register.signer().sign(text, NAMESPACE).encode("ascii")


def _framed(pieces: Sequence[bytes] | Iterator[bytes]) -> bytes:
    return b"".join(b"%d\n%s" % (len(piece), piece) for piece in pieces)


def _unframed(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        start = data.find(b"\n", at, at + 10) + 1
        size = data[at : start - 1]
        if not start or not size.isdigit() or int(size) > len(data) - start:
            raise NotAHandover
        at = start + int(size)
        yield data[start:at]


# -- reading one ------------------------------------------------------------------------------------------------------


def is_handover(data: bytes) -> bool:
    """Whether a file begins like one."""
    return data.startswith(_MAGIC)


def read(register: Register, data: bytes) -> HandedOver:
    """Open what was handed over, and check who signed it.

    :raises NotAHandover: when it is none.
    :raises ForOthers: when no part of it is for this member.
    :raises OfOtherRecords: when it belongs to other records.
    :raises Forged: when whoever it names did not sign it.
    """
    if not is_handover(data) or len(data) > MAX_BYTES:
        raise NotAHandover
    sealed = list(islice(_unframed(data[len(_MAGIC) :]), MAX_PARTS + 1))
    if not sealed or len(sealed) > MAX_PARTS:
        raise NotAHandover
    listed = parcels.opened(register, sealed[0])
    if listed is None:
        raise ForOthers
    text, mark, armored = listed.partition(_SIGNATURE)
    try:
        said: Any = codec.decode(text)
        by, on = (
            TypeAdapter(Handle).validate_python(said["by"]),
            date.fromisoformat(said["made_on"]),
        )
        parts = [_part(each) for each in said["parts"]]
        digests = [each["digest"] for each in said["parts"]]
        kind = {name: said[name] for name in _KIND}
        records = said["records"]
    except (codec.NotCanonical, ValidationError, KeyError, TypeError, ValueError):
        raise NotAHandover from None
    if kind != _KIND or digests != [hashlib.sha256(part).hexdigest() for part in sealed[1:]]:
        raise NotAHandover
    if records != register.founding:
        raise OfOtherRecords
    _check_signature(
        register.members, by, text, (mark + armored + b"\n").decode("ascii", "replace")
    )
    pieces: list[Piece] = []
    others: list[Part] = []
    for part, each in zip(parts, sealed[1:], strict=True):
        inside = parcels.opened(register, each)
        if inside is None:
            others.append(part)
        else:
            pieces += [_piece(part.log, one) for one in _unframed(inside + b"\n")]
    return HandedOver(by, on, tuple(sorted(pieces, key=lambda p: p.order)), tuple(others))


def _part(data: Mapping[str, Any]) -> Part:
    if data["log"] not in BY_NAME:
        raise NotAHandover
    ids = TypeAdapter(tuple[Id, ...]).validate_python(data["entries"])
    return Part(data["log"], ids, TypeAdapter(tuple[Handle, ...]).validate_python(data["readers"]))


def _piece(log: str, text: bytes) -> Piece:
    try:
        data: Any = codec.decode(text)
        entry, before = data["entry"], data.get("before")
        found = Piece(
            data["order"],
            TypeAdapter(Handle).validate_python(data["author"]),
            data["entered"],
            _word(data["action"]),
            _number(data["change"]),
            parse(log, entry["id"], codec.encode(entry)),
            parse(log, entry["id"], codec.encode(before)) if before else None,
        )
    except (codec.NotCanonical, ValidationError, KeyError, TypeError, AttributeError, Damaged):
        raise NotAHandover from None
    numbers = (found.order, found.entered)
    if found.text() != text or not all(type(n) is int and 0 <= n < 1 << 32 for n in numbers):
        raise NotAHandover
    return found


def _word(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,20}", value):
        raise NotAHandover
    return value


def _number(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{40}", value):
        raise NotAHandover
    return value


def _check_signature(everyone: Members, by: str, text: bytes, armored: str) -> None:
    member = everyone.get(by)
    try:
        key = sshsig.verify(armored, text, NAMESPACE)
    except sshsig.BadSignature:
        raise Forged(by) from None
    if member is None:
        raise NeverAMember(by)
    if key not in {keys.signing for keys in (*member.former, member.keys)}:
        raise Forged(by)


# -- entering what is in it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one piece.

    :param why: why it was not entered, as the end of a sentence; empty when it was.
    """

    piece: Piece
    why: str = ""


def enter(
    register: Register,
    handed: HandedOver,
    destroyed: Callable[[str], bool],
    *,
    settle: Settle,
    now: int,
) -> list[Taken]:
    """Enter on somebody's behalf what they handed over, each piece as a change of its own with its time of entry.

    :param destroyed: whether an entry of that number was disposed of.
    :param now: seconds since 1970.
    """
    return [
        Taken(piece, _enter(register, piece, destroyed, settle, now)) for piece in handed.pieces
    ]


def _enter(
    register: Register, piece: Piece, destroyed: Callable[[str], bool], settle: Settle, now: int
) -> str:
    if why := hindrance(register, piece, destroyed):
        return why
    record, now_there = piece.record, _now(register, piece)
    fields: list[str] = []
    if piece.before is not None and now_there is not None:
        record = merge(piece.before, piece.record, now_there, settle)
        fields = [
            name
            for name in type(record).model_fields
            if name != "amendments" and getattr(record, name) != getattr(now_there, name)
        ]
    if _nobodys(register, record):
        record = record.model_copy(update={"readers": (*record.readers, register.me.handle)})
        fields = [*fields, "readers"] if piece.before is not None else fields
    note = Amendment(
        on=datetime.fromtimestamp(now, UTC).date(),
        by=register.me.handle,
        action=ACTION,
        reason=f"for {piece.author}, who entered it on {_when(piece.entered)} {_mark(piece)}",
        fields=tuple(fields),
    )
    data = record.model_dump()
    data["schema"] = data.pop("schema_")
    data["amendments"] = [*data["amendments"], note.model_dump()]
    made = type(record).model_validate(data)
    register.enter([made], ACTION, entered=min(piece.entered, now), now=now)
    return ""


def _nobodys(register: Register, record: Record) -> bool:
    """Whether an entry is closed to everybody but the recovery page, so that whoever enters it has to read it."""
    named = (register.members.get(handle) for handle in record.readers)
    return bool(record.readers) and not any(m and m.may_read(record.log) for m in named)


def hindrance(register: Register, piece: Piece, destroyed: Callable[[str], bool]) -> str:
    """Why a piece cannot be entered as the records are now; empty when it can."""
    log, id = piece.record.log, piece.record.id
    if not register.me.may_enter(log):
        return f"you may not enter into the log {log}"
    if destroyed(id):
        return DESTROYED
    try:
        return _known(piece, _now(register, piece))
    except Closed:
        return "it is closed to you"


def _now(register: Register, piece: Piece) -> Record | None:
    log, id = piece.record.log, piece.record.id
    return register.record(log, id) if (log, id) in register.ids(log) else None


def _known(piece: Piece, there: Record | None) -> str:
    if piece.before is None:
        return THERE if there is not None else ""
    if there is None:
        return "there is no such entry to change"
    marked = any(_mark(piece) in (note.reason or "") for note in there.amendments)
    # Whoever made the change may have entered it again themselves.
    made = piece.record.amendments[len(piece.before.amendments) :]
    known = {(note.on, note.by, note.action, note.reason) for note in there.amendments}
    again = bool(made) and {(n.on, n.by, n.action, n.reason) for n in made} <= known
    return THERE if marked or again else ""


def _mark(piece: Piece) -> str:
    return f"(change {piece.change[:12]})"


def _when(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d/%m/%Y at %H:%M} UTC"
