"""The traceability page: every row of the sources, whose it is, what meets it, and the pages that say it.

What meets a row is :mod:`cpvol.policy.traceability`; the pages are those that cite it. A row with neither shows as a gap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from cpvol.compliance.explain import RULES
from cpvol.guidance.cite import up
from cpvol.guidance.page import Page
from cpvol.guidance.rows import DOCUMENTS, ID, Row, place, rows
from cpvol.guidance.tables import table
from cpvol.logs import BY_NAME
from cpvol.policy import Policy
from cpvol.policy.traceability import Trace, traces

_LINK = re.compile(rf"\[({ID})\]\([^)]*sources/[^)]*\)")
_BEARERS = {"us": "ours", "authority": "the authority's", "nobody": "nobody's"}


def body(
    pages: Sequence[Page],
    policy: Policy,
    path: str,
    found: Sequence[Trace] | None = None,
) -> str:
    """The text of the traceability page.

    :param pages: every page that may be named, with its citations resolved.
    :param path: the path of this page, for its links.
    :param found: what meets each row; the program's own when not given.
    """
    met = {trace.row: trace for trace in (traces() if found is None else found)}
    said = _said_on(pages)
    gaps = [id for id in rows() if id not in met and id not in said]
    about = (
        f"The sources have {len(rows())} rows. {_gaps(gaps, path)} Some rows bind the local authority and not us; some"
        " bind nobody and only tell us something."
    )
    parts = ["# Every rule, and what meets it", about]
    show = _shower(policy, path)
    for document in DOCUMENTS:
        mine = [row for row in rows().values() if row.id.startswith(f"{document.letter}-")]
        lines = [_line(row, met.get(row.id), said.get(row.id, []), show, path) for row in mine]
        head = ("Row", "What it asks", "Whose", "What meets it", "Said on")
        parts += [f"## {document.name}", table(head, lines)]
    return "\n\n".join(parts)


def _gaps(gaps: Sequence[str], path: str) -> str:
    if not gaps:
        return "Something meets each of them."
    return f"**Nothing meets these yet:** {', '.join(_row(id, path) for id in gaps)}."


def _line(
    row: Row,
    trace: Trace | None,
    said: Sequence[Page],
    show: Callable[[str, str], str],
    path: str,
) -> tuple[str, ...]:
    pages = ", ".join(f"[{page.title}]({up(path)}{page.path})" for page in said)
    if trace is None:
        return (_row(row.id, path), row.text, "", "" if said else "**a gap**", pages)
    whose = _BEARERS[trace.bearer] + (f": {trace.reason}" if trace.reason else "")
    met = "; ".join(show(kind, name) for kind, name in trace.satisfied if kind != "page")
    return (_row(row.id, path), row.text, whose, met, pages)


def _row(id: str, path: str) -> str:
    return f"[{id}]({up(path)}{place(id)})"


def _said_on(pages: Sequence[Page]) -> Mapping[str, list[Page]]:
    said: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for row in dict.fromkeys(_LINK.findall(page.body)):
            said[row].append(page)
    return said


def _shower(policy: Policy, path: str) -> Callable[[str, str], str]:
    """What turns a kind and a name into words with a link."""
    root = up(path)

    def rule(name: str) -> str:
        return f"{RULES[name].title} (`{name}`)"

    def log(name: str) -> str:
        return f"log: [{BY_NAME[name].title}]({root}reference/{name}.md)"

    def kept(name: str) -> str:
        keep = policy.keep(BY_NAME[name])
        return f"kept for [{keep.words}]({root}records/index.md#how-long-we-keep-it)"

    def number(name: str) -> str:
        value = getattr(policy, name)
        return f"number: [{value.words if value else 'none'}]({root}about/numbers.md)"

    kinds: dict[str, Callable[[str], str]] = {
        "log": log,
        "retention": kept,
        "policy": number,
        "check": lambda name: f"check: {rule(name)}",
        "due": lambda name: f"due date: {rule(name)}",
        "task": lambda name: f"task: `{name}`",
        "letter": lambda name: f"letter or form: `letter.{name}`",
        "organisation": lambda name: f"detail of the organisation: {name.replace('_', ' ')}",
        "module": lambda name: f"the program itself: `{name}`",
    }
    return lambda kind, name: kinds[kind](name)
