"""A worked example of a log: the entry that its fields' own examples make."""

from __future__ import annotations

from datetime import date

from cpvol.dates import show_day
from cpvol.guidance.tables import table
from cpvol.logs.base import Log
from cpvol.logs.fields import FieldSpec, fields_of


def body(log: Log) -> str:
    """An entry as a table: the field, and what somebody might write there. All of it is made up."""
    lines = [line for spec in fields_of(log.model) for line in _lines(spec)]
    return table(("Field", "What is written"), lines)


def _lines(spec: FieldSpec) -> list[tuple[str, str]]:
    if spec.parts:
        return [
            (f"{spec.label}: {part.label.lower()}", _written(part))
            for part in spec.parts
            if part.example
        ]
    if spec.example:
        return [(spec.label, _written(spec))]
    # Every entry has it, so an example without it would be none.
    return [(spec.label, "the number of each entry")] if spec.required else []


def _written(spec: FieldSpec) -> str:
    if spec.kind == "date":
        return show_day(date.fromisoformat(spec.example))
    words = dict(spec.choices)
    return (
        "; ".join(words.get(one.strip(), one.strip()) for one in spec.example.split(","))
        if words
        else spec.example
    )
