"""The command ``cpvol``: the same tasks as ``inv``, with a hint where a command line cannot be understood.

Beyond ``inv``, it opens the menu when nothing is typed, asks for what should stand beside a task's name, and finishes
words for the shell (``--complete``; see :mod:`cpvol.tasks.completion`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from invoke.exceptions import Exit, ParseError
from invoke.program import Program

from cpvol.tasks import namespace
from cpvol.tasks.build import INTERRUPTED, CpvolTask, Param, guarded
from cpvol.tasks.session import Session

_SEE = "see --list for every task, and --help TASK for one"


class _Cpvol(Program):
    """invoke's program, less its traceback for a command line it cannot parse."""

    def parse_core(self, argv: list[str] | None) -> None:
        try:
            super().parse_core(argv)
        except ParseError as error:
            refuse(error, self.argv[1:])

    def parse_tasks(self) -> None:
        try:
            super().parse_tasks()
        except ParseError as error:
            refuse(error, self.argv[1:])


def main(argv: list[str] | None = None) -> None:
    """Run ``cpvol``; ends the process with the task's exit status."""
    argv = sys.argv if argv is None else argv
    if argv[1:2] == ["--complete"]:
        _complete(argv[2:])
        return
    if sys.stdin.isatty() and sys.stdout.isatty() and (body := by_asking(argv[1:])):
        run(body)
    if argv[1:] == ["help"]:
        argv = [*argv, "topics"]
    program = _Cpvol(name="cpvol", binary="cpvol", version=_version(), namespace=namespace())
    try:
        program.run(argv)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nor is there anybody to tell at the end.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
        raise SystemExit(INTERRUPTED) from None


def by_asking(words: list[str]) -> Callable[[Session], int | None] | None:
    """What to do for somebody at a terminal who typed nothing, or a task without what has to stand beside it."""
    if not words:
        from cpvol.tasks.menu import menu

        return menu
    if len(words) > 1 or words[0] in ("help", "completion"):
        return None
    task = _tasks().get(words[0])
    if task is None or not any(param.positional for param in task.params):
        return None
    from cpvol.tasks.menu import run_by_asking

    return lambda session: run_by_asking(session, task)


def _tasks() -> dict[str, CpvolTask]:
    """Every task by its full name."""
    from cpvol.tasks import outline

    return {f"{group}.{task.name}".lstrip("."): task for group, task in outline.tasks()}


def run(body: Callable[[Session], int | None]) -> NoReturn:
    """Run the body of a task, and end the process with its exit status."""
    try:
        guarded(body)
    except Exit as end:
        raise SystemExit(end.code) from None
    raise SystemExit


def _complete(words: list[str]) -> None:
    """Print what a word may become, a line each."""
    from cpvol.tasks import completion
    from cpvol.tasks.topics import topics

    word, earlier = (words[0] if words else ""), words[2:]
    found = completion.candidates(
        _tasks(), word.removeprefix("="), earlier, topics=[each.name for each in topics()]
    )
    sys.stdout.write("".join(f"{each}\n" for each in found))


def _version() -> str:
    try:
        return version("cpvol")
    except PackageNotFoundError:
        # Run from its own folder without having been installed.
        return "not installed"


def refuse(error: ParseError, words: Sequence[str]) -> NoReturn:
    """End the process with what is wrong with a command line, and what to do about it."""
    what, hint = refusal(str(error), words, _tasks())
    Session().tell(f"cpvol: {what}\n  {hint}")
    raise SystemExit(1)


def refusal(said: str, words: Sequence[str], tasks: dict[str, CpvolTask]) -> tuple[str, str]:
    """What is wrong with a command line, and what to do about it.

    Never repeats a word that is neither a task nor an option: it may be the rest of a name that was not put into quotes.

    :param said: what invoke says of it.
    :param words: the command line, without the program.
    """
    first = next((word for word in words if not word.startswith("-")), "")
    task = tasks.get(first)
    if task is None:
        return _no_task(first, tasks)
    params = {"--" + each.name.rstrip("_").replace("_", "-"): each for each in task.params}
    bare = [word.partition("=")[0] for word in words if word.startswith("--")]
    if unknown := next((option for option in bare if option not in params), None):
        near = get_close_matches(unknown, list(params), n=1)
        beside = next((_needs(first, each) for each in task.params if each.positional), "")
        return (
            f"{first} has no option {unknown}",
            f"did you mean {near[0]}?"
            if near
            else f"it has {_options(task)}{beside and '; '}{beside}",
        )
    if "needed value" in said:
        option = next((each for each in reversed(bare) if not params[each].flag), "an option")
        return f"{option} has no value", f"write it behind the option; see --help {first}"
    missing = next((each for each in task.params if each.positional), None)
    if "required positional" in said and missing:
        return f"{first} needs one more thing", _needs(first, missing)
    return _surplus(first, task, bare, params)


def _surplus(
    name: str, task: CpvolTask, bare: Sequence[str], params: Mapping[str, Param]
) -> tuple[str, str]:
    """What to say of a word that has no place: what stands twice, or has no option before it."""
    if twice := next(
        (each for each in bare if bare.count(each) > 1 and not params[each].many), None
    ):
        return f"{twice} stands twice", "leave one of the two out"
    if twice := next((each for each in bare if params[each].positional), None):
        return (
            f"{twice} stands twice, once with its name and once without",
            f"leave one of the two out; what else there is to say: {_options(task)}",
        )
    if any(each.positional for each in task.params):
        return "there is a word too many", "put a value of several words in quotes"
    return (
        f"{name} takes no word without an option before it",
        f"its options are {_options(task)}" if task.params else f"write {name} alone",
    )


def _options(task: CpvolTask) -> str:
    names = (each.name.rstrip("_").replace("_", "-") for each in task.params if not each.positional)
    return ", ".join(f"--{name}" for name in names)


def _needs(task: str, param: Param) -> str:
    what = param.help.rstrip(".")
    return f"write behind {task}: {what[:1].lower()}{what[1:]}"


def _no_task(word: str, tasks: dict[str, CpvolTask]) -> tuple[str, str]:
    within = [name for name in tasks if name.startswith(f"{word}.")]
    if word and len(within) == 1:
        return "there is no such task", f"did you mean {within[0]}?"
    if word and within:
        return f"{word} stands for several tasks", f"choose from {', '.join(within)}"
    near = get_close_matches(word, list(tasks), n=1)
    return "there is no such task", f"did you mean {near[0]}?" if near else _SEE
