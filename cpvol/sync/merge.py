"""Two changes of the same entry, made without knowledge of each other, become one, field by field. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from cpvol.logs.base import OWN_FIELDS, Record, label_of

_NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that was changed here and elsewhere, to different values.

    :param record: the entry as it came in.
    :param field: the field's name.
    :param ours: its value here.
    :param theirs: its value as it came in.
    """

    record: Record
    field: str
    ours: Any
    theirs: Any


Settle = Callable[[Conflict], bool]
"""Whether our value stands. The other one is kept in the entry's changes either way."""


def merge(base: Record, ours: Record, theirs: Record, settle: Settle) -> Record:
    """The entry after both changes.

    :param base: the version that both were made from.
    :param settle: asked about each field that both changed.
    :returns: the incoming version with our changes on top; where the two do not go together, the incoming version
        with ours noted in its changes.
    """
    values: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for name in type(base).model_fields:
        was, mine, other = (getattr(each, name) for each in (base, ours, theirs))
        if name == "amendments" or mine in (was, other):
            continue
        if other == was:
            values[name] = mine
        elif (both := _both_lists(was, mine, other)) is not None:
            values[name] = both
        elif settle(Conflict(theirs, name, mine, other)):
            values[name], beside[name] = mine, other
        else:
            beside[name] = mine
    try:
        return _with(base, ours, theirs, values, beside)
    except ValidationError:
        # Each change was right by itself and the two together are not, such as an end before a beginning.
        mine = {name: getattr(ours, name) for name in (*values, *beside)}
        return _with(base, ours, theirs, {}, mine)


def _both_lists(was: Any, mine: Any, other: Any) -> Any:
    """A list that both only added to, with what both added."""
    if not isinstance(was, tuple) or mine[: len(was)] != was or other[: len(was)] != was:
        return None
    return (*other, *(item for item in mine[len(was) :] if item not in other))


def _with(
    base: Record, ours: Record, theirs: Record, values: dict[str, Any], beside: dict[str, Any]
) -> Record:
    data = theirs.model_dump() | values
    data["schema"] = data.pop("schema_")
    changed = [name for name in type(base).model_fields if name in values]
    notes = _notes(theirs, beside)
    fresh = [each.model_dump() for each in ours.amendments[len(base.amendments) :]]
    for each in fresh:
        each["fields"] = [name for name in each["fields"] if name in changed]
    if fresh:
        last = fresh[-1]
        for note in notes:
            if last["reason"] and len(last["reason"]) + len(note) + 2 <= _NOTE_LENGTH:
                last["reason"] += f"; {note}"
            elif not last["reason"]:
                last["reason"] = note
            else:
                fresh.append(last := {**last, "fields": [], "reason": note})
    data["amendments"] = [*(each.model_dump() for each in theirs.amendments), *fresh]
    return type(base).model_validate(data)


def _notes(record: Record, beside: dict[str, Any]) -> list[str]:
    """What a field was also given as, in pieces that fit into a reason."""
    notes: list[str] = []
    for name, value in beside.items():
        label = label_of(type(record), name) if name not in OWN_FIELDS else name
        text = f"{label} was also given as: {_words(value)}"
        notes += [text[at : at + _NOTE_LENGTH].strip() for at in range(0, len(text), _NOTE_LENGTH)]
    return [note for note in notes if note]


def _words(value: Any) -> str:
    if value is None or value == ():
        return "nothing"
    if isinstance(value, tuple):
        plain = [
            each.model_dump(mode="json") if hasattr(each, "model_dump") else each for each in value
        ]
        return json.dumps(plain, ensure_ascii=False)
    return str(value)
