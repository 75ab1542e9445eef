"""``dataprotection``: the record of processing, the notice for staff and the draft impact assessment, on one page."""

from __future__ import annotations

from typing import Any

from invoke.tasks import Task

from cpvol.tasks.build import JSON, ON, Param, make_task
from cpvol.tasks.papers import new_file
from cpvol.tasks.session import Session


def dataprotection(session: Session, *, on: str | None, to: str | None, json: bool) -> None:
    """The body of ``dataprotection``."""
    from dataclasses import asdict

    from cpvol.reports.data_protection import page, processing

    day = session.day(on)
    with session.register(keys=False) as register:
        organisation, policy = register.organisation, register.policy
    if json:
        session.json([asdict(each) for each in processing(policy, organisation)])
        return
    place = new_file(session, to, (".html",), suggested="data-protection.html", option="--to")
    path = place.put(page(policy, organisation, day))
    session.out(f"The data protection file is in {path}: a draft to complete, print and sign.")


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "dataprotection",
        "The data protection file: record of processing, notice for staff, draft assessment.",
        [ON, Param("to", "Write the page to print into this file (HTML)."), JSON],
        dataprotection,
    ),
)
