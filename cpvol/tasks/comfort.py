"""Comfort at the keyboard: ``plain``, ``launcher``, ``completion``."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from cpvol.tasks import completion, launcher
from cpvol.tasks.build import CpvolTask, Param, make_task
from cpvol.tasks.papers import Place, refuse_records
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput


def plain(session: Session, *, off: bool) -> None:
    """The body of ``plain``."""
    session.remember(plain=None if off else True)
    session.out(
        "Screens are as they were at first."
        if off
        else "From now on every list is numbered, and each fact has a line of its own."
    )
    if "CPVOL_PLAIN" in session.environ:
        session.tell("CPVOL_PLAIN is set on this computer, and goes before this.")
    elif not off:
        session.tell("`plain --off` ends it.")


def make_launcher(session: Session, *, to: str | None) -> None:
    """The body of ``launcher``."""
    kind = launcher.kind(sys.platform)
    command = [sys.executable, "-m", "cpvol", "menu", "--stay"]
    if not to:
        folder = launcher.place(kind, session.environ, Path.home())
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        to = str(folder)

    def refuse(folder: Path) -> None:
        refuse_records(session, folder)
        if not folder.is_dir():
            raise BadInput("that folder is not there", "name a folder that is")

    def write(folder: Path) -> None:
        launcher.write(kind, folder, command, session.project or session.home)

    question = "In which folder shall the icon be?"
    place = Place(session, to, refuse, option="--to", suggested="", question=question)
    made = place.write(write) / launcher.NAMES[kind]
    session.out(f"Made {made}. A double click on it opens the menu.")
    session.tell(launcher.AFTERWARDS[kind])


def show_completion(session: Session, *, shell: str) -> None:
    """The body of ``completion``."""
    if shell not in completion.SCRIPTS:
        raise BadInput("that is none of the shells", f"choose from {', '.join(completion.SCRIPTS)}")
    session.out(completion.SCRIPTS[shell].rstrip("\n"), whole=True)
    session.tell(completion.WHERE[shell])


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "plain",
        "Make every screen suit a screen reader.",
        [Param("off", "Have screens as they were at first.", flag=True)],
        plain,
    ),
    make_task(
        "launcher",
        "Put an icon on this computer that opens the menu.",
        [Param("to", "The folder to put it in, when not the usual one.")],
        make_launcher,
    ),
    make_task(
        "completion",
        "Print what lets the Tab key finish names in your shell.",
        [
            Param(
                "shell",
                f"Which: {', '.join(completion.SCRIPTS)}.",
                positional=True,
                choices=",".join(completion.SCRIPTS),
            )
        ],
        show_completion,
    ),
)
