"""``traceability``: every row of the requirements, whose it is, and what satisfies it where."""

from __future__ import annotations

from typing import Any

from invoke.tasks import Task

from cpvol.tasks.build import JSON, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

_BEARERS = {"us": "us", "authority": "the authority", "nobody": "nobody"}

#: Where people find what satisfies a row, by its kind.
_WHERE = {
    "log": "task list {}",
    "retention": "the retention schedule, {}",
    "check": "task check --explain {}",
    "due": "task check --explain {}",
    "policy": "task policy.show --key {}",
    "organisation": "the organisation's own details, {}",
    "task": "task {}",
    "letter": "task letter.{}",
    "page": "the guidance site, {}",
    "module": "the program, {}",
}


def traceability(session: Session, *, row: str | None, bearer: str | None, json: bool) -> None:
    """The body of ``traceability``."""
    from cpvol.guidance.rows import rows
    from cpvol.policy.traceability import traces
    from cpvol.tasks import show

    if bearer and bearer not in _BEARERS:
        raise BadInput(
            "--bearer: that is none of the choices", f"choose from {', '.join(_BEARERS)}"
        )
    found = [
        each
        for each in traces()
        if (not row or each.row.lower() == row.strip().lower())
        and (not bearer or each.bearer == bearer)
    ]
    if not found:
        raise BadInput("there is no such row", "write it as it stands in a source, such as E-3.2")
    if json:
        session.json(
            [
                {
                    "row": each.row,
                    "text": rows()[each.row].text,
                    "bearer": each.bearer,
                    "satisfied": [f"{kind}:{name}" for kind, name in each.satisfied],
                    "where": [_WHERE[kind].format(name) for kind, name in each.satisfied],
                    "reason": each.reason,
                }
                for each in found
            ]
        )
        return
    lines = [
        (
            each.row,
            rows()[each.row].text,
            _BEARERS[each.bearer],
            "; ".join(_WHERE[kind].format(name) for kind, name in each.satisfied),
            each.reason,
        )
        for each in found
    ]
    show.table(session, ("row", "what it asks", "whose", "where", "reason"), lines)
    counts = [
        f"{words} {sum(each.bearer == bearer for each in found)}"
        for bearer, words in _BEARERS.items()
    ]
    session.out(f"{len(found)} rows: {', '.join(counts)}")


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "traceability",
        "Every row of the sources: whose it is, and what satisfies it.",
        [
            Param("row", "One row alone, for example E-3.2."),
            Param("bearer", "The rows of us, authority or nobody alone."),
            JSON,
        ],
        traceability,
    ),
)
