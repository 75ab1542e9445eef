"""What must not be in any log, looked for when an entry is made: postcodes, dates of birth, days that have not come.

These are questions to the person who types, not part of the form: text that was reviewed may hold a date, and what is
already stored is read as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from cpvol.logs.fields import FieldSpec, fields_of

_POSTCODE = re.compile(
    r"\b(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_WHOLE_DATE = re.compile(
    rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH},? \d{{4}}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"\b(?:d\.?o\.?b\b|born\b|date of birth|birthday)", re.IGNORECASE)

#: A day may lie this far ahead without being a slip: clocks and time zones differ.
_TOMORROW = timedelta(days=1)


def private_text(text: str) -> str | None:
    """Why a text should not go into a log as it stands, or ``None``.

    A whole date is taken for a date of birth: the days of events have fields of their own (E-1.4, N-5).
    """
    found = [
        what
        for what, there in (
            ("a postcode", _POSTCODE.search(text)),
            ("a date of birth", _WHOLE_DATE.search(text) or _BIRTH.search(text)),
        )
        if there
    ]
    return f"it holds what reads as {' and as '.join(found)}" if found else None


def objections(
    model: type[BaseModel], values: Mapping[str, Any], today: date, *, reviewed: bool
) -> list[tuple[str, str]]:
    """What to ask about before values are entered: (field, why) each; never the value itself.

    :param values: the fields that are new or changed, as the model holds them.
    :param reviewed: whether the person has said that the text was reviewed and may stand.
    """
    found: list[tuple[str, str]] = []
    for spec in fields_of(model):
        value = values.get(spec.name)
        if value is not None:
            found += _of_field(spec, value, today, reviewed=reviewed)
    return found


def ahead(spec: FieldSpec, day: date, today: date) -> bool:
    """Whether a day has not come yet that a field can only know of afterwards; somewhere it may be tomorrow already."""
    return not spec.future and day > today + _TOMORROW


def _of_field(spec: FieldSpec, value: Any, today: date, *, reviewed: bool) -> list[tuple[str, str]]:
    if spec.kind == "items":
        return [
            (spec.name, why)
            for item in value
            for part in spec.parts
            if (
                inner := item.get(part.name) if isinstance(item, dict) else getattr(item, part.name)
            )
            is not None
            for _, why in _of_field(part, inner, today, reviewed=reviewed)
        ]
    if spec.kind == "date" and isinstance(value, date) and ahead(spec, value, today):
        return [(spec.name, "that day has not come yet")]
    if (
        spec.kind == "text"
        and not reviewed
        and isinstance(value, str)
        and (why := private_text(value))
    ):
        return [(spec.name, why)]
    return []
