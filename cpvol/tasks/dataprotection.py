"""``dataprotection``: the record of processing, the notice for staff and the draft impact assessment, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from invoke.tasks import Task

from cpvol.files import write_file
from cpvol.tasks.build import JSON, ON, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput


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
    if not to and session.terminal:
        from cpvol.tasks.ask import line
        from cpvol.tasks.papers import free

        suggested = str(free(Path.home() / "data-protection.html"))
        to = line("Where shall the file be put?", suggested)
    if not to:
        raise BadInput("not given: --to", "name the file to write, for example --to privacy.html")
    path = Path(to).expanduser()
    if path.exists():
        raise BadInput("--to: that file is there already", "name another file")
    write_file(path, page(policy, organisation, day), private=True)
    session.out(f"The data protection file is in {path}: a draft to complete, print and sign.")


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "dataprotection",
        "The data protection file: record of processing, notice for staff, draft assessment.",
        [ON, Param("to", "Write the page to print into this file (HTML)."), JSON],
        dataprotection,
    ),
)
