"""What a log's fields are, seen from outside: for prompts, options, forms, templates and reference pages.

Everything here is read off the model; nothing is said twice.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from cpvol.logs.base import ID_PATTERN, OWN_FIELDS

Kind = Literal[
    "line",
    "text",
    "email",
    "date",
    "time",
    "choice",
    "number",
    "yesno",
    "choices",
    "reference",
    "references",
    "entries",
    "items",
    "words",
]

#: The kinds of which a field holds several, written one after another.
SEVERAL: frozenset[Kind] = frozenset(("words", "choices", "references", "entries"))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a log or of a follow-up step.

    :param name: the name in the model and in the stored text.
    :param label: the heading people see.
    :param help: one sentence.
    :param kind: how it is asked for. ``items`` is a list whose entries have fields of their own (``parts``).
    :param required: whether every record has it.
    :param choices: (stored value, words) for a choice, or for several of them (``choices``).
    :param ref: the log whose id it holds, or ``""``.
    :param item: for ``items``: the word for one entry (``post``).
    :param future: whether the date may lie ahead.
    :param later: whether only a follow-up step comes to know it.
    :param first: whether it is asked for together with what is needed, although it may stay empty.
    :param rows: the rows of the requirements that ask for it.
    :param example: an example as a person would write it, or ``""``.
    """

    name: str
    label: str
    help: str
    kind: Kind
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    ref: str = ""
    item: str = ""
    parts: tuple[FieldSpec, ...] = ()
    future: bool = False
    later: bool = False
    first: bool = False
    rows: tuple[str, ...] = ()
    example: str = ""
    longest: int = 0


@cache
def fields_of(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The fields that people are asked for, in the order of the model."""
    return tuple(
        _spec(name, info) for name, info in model.model_fields.items() if name not in OWN_FIELDS
    )


def field_named(model: type[BaseModel], name: str) -> FieldSpec | None:
    """One field, or ``None`` when there is none of that name."""
    return next((spec for spec in fields_of(model) if spec.name == name), None)


def item_of(model: type[BaseModel], name: str) -> type[BaseModel]:
    """The model of the entries of a list that a field holds."""
    annotation, _ = _bare(model.model_fields[name].annotation, [])
    found: type[BaseModel] = get_args(annotation)[0]
    return found


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    annotation, metadata = _bare(info.annotation, info.metadata)
    limits = next((m for m in metadata if isinstance(m, StringConstraints)), None)
    kind: Kind = "line"
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple[FieldSpec, ...] = ()
    labels: Any = extra.get("x-labels", {})
    if get_origin(annotation) is Literal:
        kind = "yesno" if set(get_args(annotation)) == {"yes", "no", "unknown"} else "choice"
        choices = _choices(annotation, labels)
    elif get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        kind = _list_kind(inner, ref=bool(extra.get("x-ref")))
        parts = fields_of(inner) if kind == "items" else ()
        choices = _choices(inner, labels) if kind == "choices" else ()
    elif annotation is date:
        kind = "date"
    elif annotation is time:
        kind = "time"
    elif annotation is int:
        kind = "number"
    elif extra.get("x-ref") or (limits and limits.pattern == ID_PATTERN):
        kind = "reference"
    elif limits and limits.pattern and "@" in str(limits.pattern):
        kind = "email"
    elif limits and (limits.max_length or 0) > 200:
        kind = "text"
    return FieldSpec(
        name=name,
        label=info.title or name.replace("_", " "),
        help=info.description or "",
        kind=kind,
        required=info.is_required(),
        choices=choices,
        ref=str(extra.get("x-ref", "")),
        item=str(extra.get("x-item", "")),
        parts=parts,
        future=bool(extra.get("x-future", False)),
        later=bool(extra.get("x-later", False)),
        first=bool(extra.get("x-first", False)),
        rows=tuple(str(row) for row in _listed(extra.get("x-rows"))),
        example=str(extra.get("x-example", "")),
        longest=(limits.max_length or 0) if limits else 0,
    )


def _choices(literal: Any, labels: Any) -> tuple[tuple[str, str], ...]:
    return tuple((v, labels.get(v, str(v).replace("_", " "))) for v in get_args(literal))


def _list_kind(inner: Any, *, ref: bool) -> Kind:
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return "items"
    if get_origin(inner) is Literal:
        return "choices"
    if ref:
        return "references"
    _, metadata = _bare(inner, [])
    patterns = [m.pattern for m in metadata if isinstance(m, StringConstraints)]
    return "entries" if ID_PATTERN in patterns else "words"


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _bare(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    """Take ``| None`` and ``Annotated`` off a type, and keep what they said."""
    metadata = list(metadata)
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            metadata += annotation.__metadata__
            annotation = annotation.__origin__
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation, metadata
