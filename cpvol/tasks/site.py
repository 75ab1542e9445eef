"""The guidance site: ``site.build`` and ``site.serve``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.tasks.build import Param, make_task
from cpvol.tasks.session import NoRecords, Session

if TYPE_CHECKING:
    from cpvol.policy import Policy


def build(session: Session, *, to: str | None) -> None:
    """The body of ``site.build``."""
    from cpvol.guidance.build import build as build_site

    project = _project(session)
    policy, organisation = _data(session)
    result = build_site(
        project, Path(to).expanduser().resolve() if to else project / "site", policy, organisation
    )
    session.out(f"Built {result.pages} pages. Open {result.target / 'index.html'}")


def serve(session: Session) -> None:
    """The body of ``site.serve``."""
    from cpvol.guidance.build import serve as serve_site

    session.tell("The site is at http://127.0.0.1:8000/ until you press Ctrl and C.")
    policy, organisation = _data(session)
    serve_site(_project(session), policy, organisation)


def _project(session: Session) -> Path:
    if session.project is None:
        raise CpvolError("the site's pages are not here", "run this where tasks.py is")
    return session.project


def _data(session: Session) -> tuple[Policy, Mapping[str, object] | None]:
    """The organisation's own policy and details, when it has records; else the profile's."""
    from cpvol.policy import load

    try:
        folder = session.folder
    except NoRecords:
        return load(), None
    if folder == session.demo_folder:
        return load(), None
    with session.register(keys=False) as register:
        return register.policy, register.organisation.stored()


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "build", "Build the guidance site.", [Param("to", "The folder to build it in.")], build
    ),
    make_task("serve", "Show the guidance site in a browser while it is being written.", [], serve),
)
