"""One version of a record: from sealed bytes to a checked record, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from cpvol import codec
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.register.errors import Damaged
from cpvol.vault import envelope


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record, sealed and not written yet.

    :param commitment: ``Key-SHA256`` of its key.
    """

    record: Record
    key: str
    sealed: bytes
    commitment: str


def seal_version(record: Record) -> Version:
    """A new version of a record under a fresh key; nothing is written."""
    key = envelope.new_key()
    sealed = envelope.seal(codec.encode(record.content()), key)
    return Version(record, key, sealed, envelope.commitment(key))


def parse(log: str, id: str, text: bytes) -> Record:
    """A record from its padded text.

    :raises NotCanonical: when the text is not as cpvol writes it.
    :raises Damaged: when it does not fit the log's form, or stands in another log or under another id than it says.
    """
    data: Any = codec.decode(text.rstrip(b"\n") + b"\n")
    try:
        record = BY_NAME[log].model.model_validate(data)
    except ValidationError:
        raise Damaged(f"entry {id} of the log {log}") from None
    if record.log != log or record.id != id or record.content() != data:
        raise Damaged(f"entry {id} of the log {log}")
    return record


def opened(log: str, id: str, sealed: bytes, keys: Sequence[str]) -> Record:
    """A version of a record, opened with whichever of some keys fits, tried newest first.

    :param keys: oldest first.
    :raises Damaged: when none does, or the text is not as cpvol writes it.
    """
    for key in reversed(keys):
        try:
            return parse(log, id, envelope.open_(sealed, key))
        except envelope.WrongKey:
            continue
        except (codec.NotCanonical, envelope.DamagedRecord):
            break
    raise Damaged(f"entry {id} of the log {log}")


def newer(log: str, text: bytes) -> bool:
    """Whether a padded text says that it has a form of its log that this program does not know yet."""
    try:
        written = codec.decode(text.rstrip(b"\n") + b"\n").get("schema")
    except (codec.NotCanonical, AttributeError):
        return False
    return isinstance(written, int) and written > BY_NAME[log].schema
