"""The columns of a log in a spreadsheet: one for each field, one for each part of a list's entries.

A list such as ``posts`` has columns for its first entry (``Post``, ``In post from``), and numbered ones for the next
(``Post 2``, ``In post from 2``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from cpvol.logs.base import Log, Record
from cpvol.logs.fields import FieldSpec, fields_of

NUMBER = "cpvol number"
"""The heading of the column that holds the entries' own numbers, in what cpvol wrote itself."""

#: The separator of several people or words in one cell; a line break, when one of them holds it.
LIST_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Column:
    """Where the values of one column belong.

    :param spec: the field, or the part of a list's entry.
    :param field: the name of the field.
    :param index: which entry of a list, from 0.
    :param in_list: whether it is a part of a list's entry.
    :param half: the first names or the last name alone, when a name stands in two columns.
    """

    log: str
    spec: FieldSpec
    field: str
    index: int = 0
    in_list: bool = False
    half: Literal["", "first", "last"] = ""

    @property
    def heading(self) -> str:
        """What stands above the column."""
        return self.spec.label if self.index == 0 else f"{self.spec.label} {self.index + 1}"


def columns_of(log: Log, entries: Iterable[Record] = ()) -> list[Column]:
    """The columns of a log, in the order of its form.

    :param entries: what is to be written; lists get as many columns as the longest needs.
    """
    entries = list(entries)
    found: list[Column] = []
    for spec in fields_of(log.model):
        if spec.kind == "items":
            longest = max((len(getattr(entry, spec.name)) for entry in entries), default=0)
            for index in range(max(longest, 1)):
                found += list_columns(log.name, spec, index)
        else:
            found.append(Column(log.name, spec, spec.name))
    return found


def list_columns(log: str, spec: FieldSpec, index: int) -> Iterator[Column]:
    """The columns of one entry of a list."""
    for part in spec.parts:
        yield Column(log, part, spec.name, index, in_list=True)
