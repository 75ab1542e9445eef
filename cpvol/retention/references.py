"""What refers to what, read off the models: no log says it twice."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel

from cpvol.logs.fields import fields_of


@cache
def _reference_paths(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a model that hold ids (False) or parts which hold ids (True)."""
    return tuple(
        (spec.name, not spec.ref)
        for spec in fields_of(model)
        if spec.ref or any(part.ref for part in spec.parts)
    )


def references(record: BaseModel) -> tuple[str, ...]:
    """The ids of the records that a record refers to, by its fields with ``ref``."""
    found: list[str] = []
    for name, nested in _reference_paths(type(record)):
        value = getattr(record, name)
        if nested:
            for part in value:
                found += references(part)
        elif isinstance(value, str):
            found.append(value)
        elif value:
            found += value
    return tuple(found)
