"""The traceability page: every row of the sources, and what meets it. A row that nothing meets shows as a gap.

Nothing is written by hand: a log, a field, a number, a check, a due date or a page that names a row is what meets it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cpvol.compliance.explain import RULES
from cpvol.guidance.cite import up
from cpvol.guidance.page import Page
from cpvol.guidance.rows import DOCUMENTS, ID, Row, place, rows
from cpvol.guidance.tables import table
from cpvol.logs import LOGS
from cpvol.logs.base import Log
from cpvol.logs.fields import fields_of
from cpvol.policy import Policy, schedule
from cpvol.policy.model import VALUES

_LINK = re.compile(rf"\[({ID})\]\([^)]*sources/[^)]*\)")


def met(pages: Sequence[Page], policy: Policy, path: str) -> dict[str, list[str]]:
    """What meets each row, in Markdown, by the row's id; a row without an entry is a gap.

    :param pages: the authored pages, with their citations resolved.
    :param path: the path of the page that shows it, for its links.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    root = up(path)
    for row, what in (*_logs(root), *_numbers(policy, root), *_rules(), *_pages(pages, root)):
        found[row][what] = None
    return {row: list(found[row]) for row in rows() if row in found}


def body(pages: Sequence[Page], policy: Policy, path: str) -> str:
    """The text of the traceability page; the arguments are those of :func:`met`."""
    by_row = met(pages, policy, path)
    gaps = [id for id in rows() if id not in by_row]
    about = (
        f"The sources have {len(rows())} rows. {_gaps(gaps, path)} Some rows bind the local authority and not us."
        " What we keep of those is little, and the rest is said on a page."
    )
    parts = ["# Every rule, and what meets it", about]
    for document in DOCUMENTS:
        mine = [row for row in rows().values() if row.id.startswith(f"{document.letter}-")]
        parts += [f"## {document.name}", _table(mine, by_row, path)]
    return "\n\n".join(parts)


def _gaps(gaps: Sequence[str], path: str) -> str:
    if not gaps:
        return "Something meets each of them."
    return f"**Nothing meets these yet:** {', '.join(_row(id, path) for id in gaps)}."


def _table(some: Sequence[Row], by_row: Mapping[str, Sequence[str]], path: str) -> str:
    return table(
        ("Row", "What it asks", "Whose", "What meets it"),
        (
            (
                _row(row.id, path),
                row.text,
                row.bearer,
                "; ".join(by_row.get(row.id, ())) or "**a gap**",
            )
            for row in some
        ),
    )


def _row(id: str, path: str) -> str:
    return f"[{id}]({up(path)}{place(id)})"


def _logs(root: str) -> Iterator[tuple[str, str]]:
    for log in LOGS:
        linked = f"log: [{log.title}]({root}reference/{log.name}.md)"
        for row in _rows_of(log):
            yield row, linked


def _rows_of(log: Log) -> Iterator[str]:
    yield from log.rows
    for spec in fields_of(log.model):
        yield from spec.rows
        for part in spec.parts:
            yield from part.rows


def _numbers(policy: Policy, root: str) -> Iterator[tuple[str, str]]:
    for name in VALUES:
        value = getattr(policy, name)
        for row in value.rows:
            yield row, f"number: [{value.words}]({root}about/numbers.md)"
    for kept in schedule(policy):
        for row in kept.rows:
            yield row, f"kept: [{kept.keep}]({root}records/index.md#how-long-we-keep-it)"


def _rules() -> Iterator[tuple[str, str]]:
    for rule in RULES.values():
        for row in rule.source:
            yield row, f"check: `{rule.rule}`"


def _pages(pages: Sequence[Page], root: str) -> Iterator[tuple[str, str]]:
    for page in pages:
        for row in dict.fromkeys(_LINK.findall(page.body)):
            yield row, f"page: [{page.title}]({root}{page.path})"
