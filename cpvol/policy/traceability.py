"""What satisfies each row of the requirements, and who bears it: ``traceability.tsv``, a line for each row.

Columns: ``row``; ``bearer`` (``us``, ``authority``, ``nobody``); ``satisfied``, names such as ``check:access-need`` with
spaces between them; ``reason``, why a row is not ours. Each thing that is named here names the row itself.

=================  ==========================================================================
``log:``           a log or one of its fields
``retention:``     how long a log is kept
``check:``         a check
``due:``           a due date
``policy:``        a number of the policy
``organisation:``  a detail that an organisation gives of itself
``task:``          a task
``letter:``        a letter or form
``page:``          a page of the guidance site, without its ``.md``
``module:``        a part of the program
=================  ==========================================================================
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Bearer = Literal["us", "authority", "nobody"]


@dataclass(frozen=True, slots=True)
class Trace:
    """One row and what satisfies it.

    :param bearer: whose the row is; ``nobody`` where it only informs or is out of scope.
    :param satisfied: names, each with its kind: ``("log", "token")``.
    :param reason: why it is not ours; empty where it is.
    """

    row: str
    bearer: Bearer
    satisfied: tuple[tuple[str, str], ...]
    reason: str


@cache
def traces() -> tuple[Trace, ...]:
    """Every row, in the order of the documents."""
    text = files(__package__).joinpath("traceability.tsv").read_text("utf-8")
    lines = csv.DictReader(text.splitlines(), dialect="excel-tab", quoting=csv.QUOTE_NONE)
    return tuple(
        Trace(line["row"], cast("Bearer", line["bearer"]), _named(line), line["reason"])
        for line in lines
    )


def _named(line: dict[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = (each.partition(":") for each in line["satisfied"].split())
    return tuple((kind, name) for kind, _, name in pairs)
