"""The command ``cpvol``: the same tasks as ``inv``, with a hint where a command line cannot be understood."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from invoke.exceptions import Exit, ParseError
from invoke.program import Program

from cpvol.tasks import namespace
from cpvol.tasks.build import INTERRUPTED, guarded


class _Cpvol(Program):
    """invoke's program, less its traceback for a command line it cannot parse."""

    def parse_core(self, argv: list[str] | None) -> None:
        try:
            super().parse_core(argv)
        except ParseError as error:
            _refuse(str(error))

    def parse_tasks(self) -> None:
        try:
            super().parse_tasks()
        except ParseError as error:
            _refuse(str(error), [str(name) for name in self.scoped_collection.task_names])


def main(argv: list[str] | None = None) -> None:
    """Run ``cpvol``; ends the process with the task's exit status."""
    if len(sys.argv if argv is None else argv) == 1 and sys.stdin.isatty() and sys.stdout.isatty():
        _open_menu()
        return
    program = _Cpvol(name="cpvol", binary="cpvol", version=_version(), namespace=namespace())
    try:
        program.run(argv)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nor is there anybody to tell at the end.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
        raise SystemExit(INTERRUPTED) from None


def _open_menu() -> None:
    from cpvol.tasks.menu import menu

    try:
        guarded(menu)
    except Exit as end:
        raise SystemExit(end.code) from None


def _version() -> str:
    try:
        return version("cpvol")
    except PackageNotFoundError:
        # Run from its own folder without having been installed.
        return "not installed"


def _refuse(problem: str, names: list[str] | None = None) -> None:
    word = problem.rpartition("'")[0].rpartition("'")[2]
    near = get_close_matches(word, names or [], n=1)
    hint = (
        f"did you mean {near[0]}?"
        if near
        else "put a value of several words in quotes; see --list and --help TASK"
    )
    what = problem[:1].lower() + problem[1:].rstrip(".!")
    if problem.startswith("No idea what") or "ambiguous" in problem:
        # invoke repeats the word; it may be the rest of a name that was not put into quotes.
        option = word.partition("=")[0] if word.startswith("--") else ""
        what = f"{option} cannot stand here, or not twice" if option else "there is no such task"
    sys.stderr.write(f"cpvol: {what}\n  {hint}\n")
    raise SystemExit(1)
