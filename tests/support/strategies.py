"""Arbitrary data that cpvol has to store: canonical data of any shape, and records of any log."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, Literal, get_args, get_origin

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from cpvol.logs.base import _HIDDEN, ID_ALPHABET, ID_PATTERN, Amendment, Log, Record, _opaque
from cpvol.logs.fields import _bare

#: Words that one YAML reader or another takes for something else than text.
TREACHEROUS = (
    *("yes", "no", "on", "off", "y", "n", "true", "false", "null", "none", "nan", "inf", "~", ""),
    *("Yes", "NO", "On", "TRUE", "Null", ".inf", "-.inf", ".nan", "0x1f", "0o17", "017", "1_000"),
    *("1e3", "1.5", "+1", "-0", "12:30", "2009-03-31", "2009-03-31T12:00:00Z", "=", "<<", "---"),
    *(
        "...",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "@a",
        "`a",
        "%a",
        "{a}",
        "[a]",
    ),
    *("'a'", '"a"', "a\\b", " a", "a ", "a\nb", "a\tb", "a\rb", "\x00", "\x7f", "\x85", "\xa0"),
    *(
        "\u2028",
        "a \u2028 b",
        "a \x85 b",
        "\ufeff",
        "\u202e",
        "\uffff",
        "\U0001f600",
        "é",
        "e\u0301",
        "a-",
        "a_",
        "a" * 200,
    ),
)

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
ids = st.text(ID_ALPHABET, min_size=10, max_size=10)
keys = st.from_regex(
    re.compile(r"[a-z][a-z0-9_-]{0,20}", re.ASCII), fullmatch=True
) | st.sampled_from(
    [word for word in TREACHEROUS if re.fullmatch(r"[a-z][a-z0-9_-]*", word) and len(word) <= 64]
)
scalars = (
    st.booleans()
    | st.integers(-(10**17), 10**18 - 1)
    | st.text(max_size=40)
    | st.sampled_from(TREACHEROUS)
)


def _mappings(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(keys, inner, min_size=1, max_size=5)


#: Anything that the codec can write: mappings of scalars, lists and mappings.
canonical = _mappings(
    st.recursive(
        scalars,
        lambda inner: _mappings(inner) | st.lists(scalars | _mappings(inner), max_size=4),
        max_leaves=8,
    )
)


def _visible(*, lines: bool, longest: int) -> st.SearchStrategy[str]:
    several = "\n" if lines else ""
    characters = st.characters(exclude_categories=("Cs", "Cc"), include_characters=several)
    return st.text(
        characters.filter(lambda one: not _HIDDEN.search(one)), min_size=1, max_size=longest
    ).filter(lambda text: bool(text.strip()))


def _text(limits: StringConstraints | None) -> st.SearchStrategy[str]:
    longest = limits.max_length if limits and limits.max_length else 120
    pattern = str(limits.pattern) if limits and limits.pattern else ""
    if pattern == ID_PATTERN:
        return ids
    if "@" in pattern:
        return st.from_regex(
            re.compile(r"[a-z0-9.+'-]{1,20}@[a-z0-9-]{1,20}\.[a-z]{2,6}", re.ASCII), fullmatch=True
        )
    if pattern:
        return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    return _visible(lines=longest > 200, longest=min(longest, 60))


def _value(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    annotation, metadata = _bare(annotation, metadata)
    limits = next((one for one in metadata if isinstance(one, StringConstraints)), None)
    if any(getattr(one, "func", None) is _opaque for one in metadata):
        return st.from_regex(re.compile(r"[A-Z]{1,3}[-/.][0-9]{1,9}", re.ASCII), fullmatch=True)
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple:
        return st.lists(_value(get_args(annotation)[0], []), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return parts(annotation)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        date: days,
        time: st.times().map(lambda at: at.replace(second=0, microsecond=0)),
        bool: st.booleans(),
        int: st.integers(1, 500),
    }
    return plain[annotation] if annotation in plain else _text(limits)


def _field(info: FieldInfo) -> st.SearchStrategy[Any]:
    return _value(info.annotation, list(info.metadata))


def _sorted_days(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """Exchange days until none of a model's pairs is in the wrong order."""
    pairs = getattr(model, "ORDER", ())
    while wrong := [
        (first, second)
        for first, second in pairs
        if data.get(first) and data.get(second) and data[first] > data[second]
    ]:
        first, second = wrong[0]
        data[first], data[second] = data[second], data[first]
    return data


def parts(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """What a model can be made of: every required field, and any of the others."""
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    return st.fixed_dictionaries(
        {name: _field(info) for name, info in fields.items() if info.is_required()},
        optional={name: _field(info) for name, info in fields.items() if not info.is_required()},
    ).map(lambda data: _sorted_days(model, data))


@st.composite
def records(draw: st.DrawFn, log: Log) -> Record:
    """Records of a log, with any of its fields, struck out or amended too.

    What a log's own rule over several fields refuses is drawn again.
    """
    data = draw(parts(log.model)) | {"log": log.name, "schema": log.schema}
    data["amendments"] = draw(st.lists(parts(Amendment), max_size=3))
    try:
        return log.model.model_validate(data)
    except ValidationError as error:
        if any(one["loc"] for one in error.errors()):
            raise
        reject()
