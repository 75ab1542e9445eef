"""Where one person stands: ``person.status``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.logs.book import Records
from cpvol.tasks.build import JSON, ON, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import Reader

if TYPE_CHECKING:
    from cpvol.compliance import Step

_STATES = {"done": "done", "next": "next", "missing": "to do"}
_WAYS = {"joiner": "joining", "mover": "moving", "leaver": "leaving"}


def status(session: Session, *, id: str, on: str | None, json: bool) -> None:
    """The body of ``person.status``: what is done, what is missing, what is next, by when, by which rule."""
    from cpvol import compliance
    from cpvol.tasks import show

    day = session.day(on)
    with session.register() as register:
        book = Records(register.records())
        policy = register.policy
    person = Reader(book, session.today()).person(id)
    found = compliance.status(person, book, policy, day)
    if json:
        session.json(
            {
                "id": person.id,
                "on": day,
                "way": found.way,
                "next": found.next.step if found.next else None,
                "steps": [_plain(step, day) for step in found.steps],
            }
        )
        return
    session.out(f"{person.name}, {_WAYS[found.way]}")
    if not found.steps:
        session.out("There is no access to give or to end.")
        return
    rows = [
        (
            _STATES[step.state],
            step.title,
            _day(step.done_on),
            _by(step, day),
            step.rule,
            ", ".join(step.source),
        )
        for step in found.steps
    ]
    show.table(session, ("", "step", "done on", "by", "rule", "source"), rows)
    if found.next is None:
        session.out("Nothing is left to do.")


def _plain(step: Step, day: date) -> dict[str, Any]:
    return {
        "step": step.step,
        "title": step.title,
        "state": step.state,
        "done_on": step.done_on,
        "due_on": step.due_on,
        "overdue": step.overdue(day),
        "rule": step.rule,
        "source": list(step.source),
    }


def _by(step: Step, day: date) -> str:
    """By when it is to be done; a check that counts says by when it is to be done again."""
    if step.due_on is None:
        return ""
    again = "again " if step.state == "done" and step.step == "ecrb" else ""
    return f"{again}{step.due_on:%d/%m/%Y}{' (overdue)' if step.overdue(day) else ''}"


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "status",
        "Where a person stands: what is done, what is missing, what is next.",
        [
            Param("id", "The person: name, handle or number.", positional=True, of="person"),
            ON,
            JSON,
        ],
        status,
    ),
)
