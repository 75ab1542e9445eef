"""Every row of the sources is accounted for, by something that is there and that names the row itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from cpvol.compliance.explain import RULES
from cpvol.guidance.rows import ID, known, rows, rulings
from cpvol.letters import BY_NAME as LETTERS
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.fields import fields_of
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.policy.traceability import Trace, traces
from cpvol.tasks import places, tasks_at
from cpvol.tasks.session import Session
from cpvol.tasks.traceability import traceability

ROOT = Path(__file__).resolve().parents[1]
EVERY = pytest.mark.parametrize("trace", traces(), ids=lambda trace: trace.row)
_CITATION = re.compile(rf"\[((?:{ID})(?:, (?:{ID}))*)\](?![(\[])")
#: Rows as they stand in code and texts; a section (``E-10``) stands for its rows.
_MENTION = re.compile(
    r"(?<![\w/.-])(?:[EBSNW]-(?:[A-D]?\d+(?:\.\d+[a-z]?)?|D\.\d)|C\d{1,2})(?![\w/-])"
)


def test_all_rows_and_no_others() -> None:
    assert [trace.row for trace in traces()] == list(rows())
    assert len(traces()) == 288


@EVERY
def test_a_row_has_something_and_says_why_when_it_is_not_ours(trace: Trace) -> None:
    assert trace.satisfied
    assert trace.bearer in {"us", "authority", "nobody"}
    assert bool(trace.reason) == (trace.bearer != "us")


@EVERY
def test_what_satisfies_a_row_is_there_and_names_it(trace: Trace) -> None:
    for kind, name in trace.satisfied:
        named = cited(kind, name)
        assert named is None or trace.row in named, f"{kind}:{name} does not name {trace.row}"


@EVERY
def test_a_page_that_lists_every_row_satisfies_none_of_ours(trace: Trace) -> None:
    """The source pages show all rows, so they prove nothing."""
    if trace.bearer == "us":
        assert any(not name.startswith("sources/") for _, name in trace.satisfied)


@cache
def cited(kind: str, name: str) -> frozenset[str] | None:
    """The rows that a thing names; ``None`` where it names none but is there.

    :raises AssertionError: it is not there.
    """
    found: Iterable[str] | None = None
    if kind == "log":
        log = BY_NAME[name]
        specs = [s for spec in fields_of(log.model) for s in (spec, *spec.parts)]
        found = {*log.rows, *(row for spec in specs for row in spec.rows)}
    elif kind == "retention":
        found = BY_NAME[name].keep.rows
    elif kind in {"check", "due"}:
        found = RULES[name].source
    elif kind == "policy":
        found = load().numbers()[name].rows
    elif kind == "module":
        found = _MENTION.findall(import_module(name).__doc__ or "") + _MENTION.findall(
            Path(import_module(name).__file__ or "").read_text(encoding="utf-8")
        )
    elif kind == "page":
        found = cited_by_page(name)
    elif kind == "organisation":
        assert name in Organisation.model_fields
    elif kind == "letter":
        found = LETTERS[name].rows
    elif kind == "task":
        assert name in task_names()
    else:
        raise AssertionError(f"{kind} is no kind")
    return None if found is None else frozenset(found)


def cited_by_page(name: str) -> list[str]:
    if name.startswith("sources/"):
        return list(rows())
    text = (ROOT / "site_src" / "pages" / f"{name}.md").read_text(encoding="utf-8")
    return [row for found in _CITATION.finditer(text) for row in found[1].split(", ")]


@cache
def task_names() -> frozenset[str]:
    return frozenset(
        f"{group}.{task.name}".lstrip(".") for group, place in places() for task in tasks_at(place)
    )


def test_no_rule_log_or_number_names_a_row_that_does_not_exist() -> None:
    policy = load()
    named = {
        *(row for rule in RULES.values() for row in rule.source),
        *(row for log in LOGS for row in (*log.rows, *log.keep.rows)),
        *(row for letter in LETTERS.values() for row in letter.rows),
        *(row for log in LOGS for row in (cited("log", log.name) or ())),
        *(row for number in policy.numbers().values() for row in number.rows),
    }
    assert {row for row in named if not known(row)} == set()


def test_no_text_of_the_program_mentions_a_row_that_does_not_exist() -> None:
    sections = {row.rpartition(".")[0] for row in rows()} | {"E-D"}
    unknown = {
        f"{path.relative_to(ROOT)}: {row}"
        for path in sorted((ROOT / "cpvol").rglob("*"))
        if path.suffix in {".py", ".yaml", ".html", ".tsv"}
        for row in _MENTION.findall(path.read_text(encoding="utf-8"))
        if not known(row) and row not in sections
    }
    assert unknown == set()


def test_every_ruling_is_kept_by_something() -> None:
    policy = load()
    named = {row for rule in RULES.values() for row in rule.source}
    named |= {row for log in LOGS for row in (cited("log", log.name) or ())}
    named |= {row for log in LOGS for row in log.keep.rows}
    named |= {row for number in policy.numbers().values() for row in number.rows}
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "site_src" / "pages").rglob("*.md")
    )
    program = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "cpvol").rglob("*.py"))
    for ruling in rulings():
        assert ruling in named or f"{ruling}]" in text or ruling in program, ruling


def test_the_task_shows_rows_with_where(capsys: pytest.CaptureFixture[str]) -> None:
    traceability(Session(), row="e-3.2", bearer=None, json=True)
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["row"] == "E-3.2"
    assert "retention:training" in shown["satisfied"]
    assert len(shown["where"]) == len(shown["satisfied"])
    traceability(Session(), row=None, bearer="authority", json=False)
    assert "W-9" in capsys.readouterr().out
