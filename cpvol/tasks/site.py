"""The guidance site: ``site.build``, ``site.pack`` and ``site.serve``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.tasks.build import Param, make_task
from cpvol.tasks.papers import Place, refuse_other, refuse_records
from cpvol.tasks.session import NoRecords, Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.guidance.facts import Facts, TaskLine
    from cpvol.guidance.standing import Standing
    from cpvol.policy import Policy


def build(session: Session, *, to: str | None, profile: str | None, counts: bool) -> None:
    """The body of ``site.build``."""
    from cpvol.guidance.build import build as build_site

    place = Place(
        session,
        str(_target(session, to, "site")),
        partial(_refuse_folder, session),
        option="--to",
        suggested="guidance",
        question="In which folder shall the site be?",
    )
    facts, pages = _facts(session, profile, counts=counts), 0

    def write(target: Path) -> None:
        nonlocal pages
        with session.working("Making the pages"):
            pages = build_site(_source(session), target, facts).pages

    target = place.write(write)
    session.out(f"Built {pages} pages. Open {target / 'index.html'}")


def pack(session: Session, *, to: str | None, profile: str | None, counts: bool) -> None:
    """The body of ``site.pack``."""
    from tempfile import TemporaryDirectory

    from cpvol.guidance.build import build as build_site
    from cpvol.guidance.pack import FOLDER
    from cpvol.guidance.pack import pack as pack_site

    place = Place(
        session,
        str(_target(session, to, "guidance.zip")),
        partial(_refuse_zip, session),
        option="--to",
        suggested="guidance.zip",
    )
    facts = _facts(session, profile, counts=counts)
    with session.working("Making the pages"), TemporaryDirectory() as temporary:
        site = build_site(_source(session), Path(temporary, "site"), facts).target
        target = place.write(lambda path: pack_site(site, path))
        size = target.stat().st_size
    session.out(
        f"Packed {target} ({size / 1_000_000:.1f} MB). Unpack it where everybody can read it, then open"
        f" index.html in the folder {FOLDER}"
    )


def serve(session: Session, *, profile: str | None) -> None:
    """The body of ``site.serve``."""
    from cpvol.guidance.build import serve as serve_site

    session.tell("The site is at http://127.0.0.1:8000/ until you press Ctrl and C.")
    serve_site(_source(session), _facts(session, profile))


def task_lines() -> tuple[TaskLine, ...]:
    """Every task of the program, as the site's reference shows it: groups together, in the order of :mod:`cpvol.tasks`."""
    from cpvol.guidance.facts import TaskLine
    from cpvol.tasks import outline

    lines: dict[str, list[TaskLine]] = {}
    for group, task in outline.tasks():
        name = f"{group}.{task.name}" if group else task.name
        options = tuple((_typed(param), param.help) for param in task.params)
        lines.setdefault(group, []).append(TaskLine(name, task.__doc__ or "", options))
    return tuple(line for group in lines.values() for line in group)


def _typed(param: Param) -> str:
    name = param.name.rstrip("_").replace("_", "-")
    return f"<{name}>" if param.positional else f"--{name}"


def _source(session: Session) -> Path:
    """The folder with ``mkdocs.yml`` and ``site_src``: the project's, or the one that was installed with the program."""
    from cpvol import guidance

    return session.project or Path(guidance.__file__).parent / "site"


def _target(session: Session, to: str | None, name: str) -> Path:
    """Where the site goes: to the place that was named, else beside ``tasks.py``, else into the folder we are in."""
    return Path(to).expanduser().resolve() if to else (session.project or Path.cwd()) / name


def _refuse_folder(session: Session, target: Path) -> None:
    """Refuse a folder in which the site may not be built."""
    from cpvol.guidance.build import replaceable

    refuse_records(session, target)
    try:
        replaceable(target)
    except CpvolError as error:
        raise BadInput(error.problem, error.hint) from None


def _refuse_zip(session: Session, target: Path) -> None:
    """Refuse a file into which the site may not be packed."""
    if target.suffix.lower() != ".zip":
        raise BadInput("the site is packed into a zip file", "name a file that ends in .zip")
    refuse_other(session, target, b"PK")


def _facts(session: Session, profile: str | None, *, counts: bool = False) -> Facts:
    from cpvol.guidance.facts import Facts

    policy, organisation = _data(session, profile)
    standing = _standing(session, profile) if counts else None
    return Facts(policy, session.today(), organisation, task_lines(), standing)


def _standing(session: Session, profile: str | None) -> Standing:
    """Counts from the records, in which nobody can be found."""
    from cpvol.guidance.standing import standing
    from cpvol.logs import BY_NAME
    from cpvol.logs.book import Records
    from cpvol.tasks.overview import by_one

    if profile:
        raise CpvolError(
            "--counts: a site without your organisation's data has nothing to count",
            "leave --profile out",
        )
    with session.register() as register:
        if not all(register.me.may_read(log) for log in BY_NAME):
            raise CpvolError(
                "--counts: there are logs that you may not read, so the counts would be too low",
                "ask a member who reads all of them",
            )
        return standing(
            Records(register.records()),
            register.policy,
            session.today(),
            register.organisation,
            by_one(register),
        )


def _data(session: Session, profile: str | None) -> tuple[Policy, Mapping[str, object] | None]:
    """The organisation's own policy and details, when it has records and no profile was named; else a profile's."""
    from cpvol.policy import load

    if profile:
        return load(profile), None
    try:
        folder = session.folder
    except NoRecords:
        return load(), None
    if folder == session.demo_folder:
        return load(), None
    with session.register(keys=False) as register:
        return register.policy, register.organisation.stored()


_PROFILE = Param("profile", "Build it with these numbers and no names: contactpoint, uk-today.")
_COUNTS = Param(
    "counts", "Add a page that says how you stand: counts from your records, no names.", flag=True
)

TASKS: tuple[Task[Any], ...] = (
    make_task(
        "build",
        "Build the guidance site.",
        [Param("to", "The folder to build it in."), _PROFILE, _COUNTS],
        build,
    ),
    make_task(
        "pack",
        "Pack the guidance site into one file for a shared drive.",
        [Param("to", "The zip file to write."), _PROFILE, _COUNTS],
        pack,
    ),
    make_task(
        "serve",
        "Show the guidance site in a browser while it is being written.",
        [_PROFILE],
        serve,
    ),
)
