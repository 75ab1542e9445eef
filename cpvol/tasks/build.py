"""Making invoke tasks: options from a list of parameters, and one edge at which every error becomes two lines.

invoke shows a traceback for any exception but its own, cannot take an optional positional argument, and reads a missing
value as the next option; so every option is text or a flag that defaults to nothing, and what it means is checked
inside.
"""

from __future__ import annotations

import atexit
import gc
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.tasks.session import Session

FOUND_SOMETHING = 3
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a task.

    :param name: the option without its hyphens, with underscores.
    :param help: one line.
    :param flag: whether it takes no value.
    :param many: whether it may be given several times.
    :param positional: whether it stands without a name; at most one of a task.
    :param of: what it names, for people who choose it from a list: ``person``, ``entry``, ``entry training``, ``log``,
        ``member``, ``disposal``, ``file``, ``topic``; ``itself`` where the task asks for it; or ``""``.
    :param choices: the words that it may be, with commas, where there are only so many.
    """

    name: str
    help: str
    flag: bool = False
    many: bool = False
    positional: bool = False
    of: str = ""
    choices: str = ""


JSON = Param("json", "Print the result as JSON.", flag=True)
ON = Param("on", "Reckon as if today were this day (31/03/2009 or 2009-03-31).")
YES = Param("yes", "Do not ask for confirmation.", flag=True)


class CpvolTask(Task[Any]):
    """An invoke task that knows what it was made from.

    :param params: its options.
    :param act: what it does, without the edge around it.
    """

    params: tuple[Param, ...]
    act: Callable[..., int | None]

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """The options, in the form that invoke's parser takes."""
        found = super().get_arguments(ignore_unknown_help)
        for argument in found:
            argument.__class__ = _Option
        return list(found)


class _Option(Argument):
    """An option that is quick to copy: for each command line, invoke copies every option of every task."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Argument:
        made = copy(self)
        made._value = copy(self._value)  # noqa: SLF001 - its own
        return made


def make_task(
    name: str, help_text: str, params: Sequence[Param], body: Callable[..., int | None]
) -> CpvolTask:
    """An invoke task.

    :param name: its last word, as it is typed.
    :param help_text: its first line is what ``--list`` shows.
    :param body: called with a :class:`Session` and every parameter by name; returns an exit status or ``None``.
    """

    def run(context: Context, **given: Any) -> None:
        del context
        guarded(lambda session: body(session, **_asked(given)))

    run.__doc__ = help_text
    run.__name__ = name.replace("-", "_")
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        + [
            inspect.Parameter(
                param.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty
                if param.positional
                else (False if param.flag else None),
            )
            for param in params
        ]
    )
    task = CpvolTask(
        run,
        name=name,
        positional=[param.name for param in params if param.positional],
        iterable=[param.name for param in params if param.many],
        help={param.name.replace("_", "-"): param.help for param in params},
        auto_shortflags=False,
    )
    task.params = tuple(params)
    task.act = body
    return task


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, unless it asks for help where invoke takes it for the entry's name."""
    if {"--help", "-h"} & {value for value in given.values() if isinstance(value, str)}:
        raise CpvolError("--help stands before the task", "for example: inv --help person.leave")
    return given


def start_quickly() -> None:
    """Put right what makes a short program slow to start, and to end.

    invoke has Python throw away compiled modules, so that every task would compile all that it imports, every time.
    Python would look for circles of unused objects every 700 objects, and three times more when it ends: a third of the
    time of a task that makes hardly any. And pydantic would look through every installed package for plugins, which
    would see all that is typed.
    """
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
    gc.set_threshold(200_000)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def guarded(body: Callable[[Session], int | None]) -> None:
    """Run the body of a task; whatever goes wrong becomes a line, a hint and an exit status.

    :raises Exit: with the task's exit status, unless it is 0.
    """
    start_quickly()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    session = Session()
    try:
        status = body(session)
    except CpvolError as error:
        session.tell(f"cpvol: {error.problem}\n  {error.hint}")
        status = error.exit_status
    except (KeyboardInterrupt, EOFError):
        session.tell("\nStopped; nothing was changed.")
        status = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        status = INTERRUPTED
    except Exit:
        raise
    except Exception as error:  # noqa: BLE001 - the last edge: a traceback would show what was typed
        session.tell(_unexpected(error))
        status = CpvolError.exit_status
    if status:
        raise Exit(code=status)


def _unexpected(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else "?"
    if isinstance(error, OSError):
        return f"cpvol: a file could not be read or written ({type(error).__name__})\n  check the disk and the folder"
    return (
        f"cpvol: something went wrong inside the program ({type(error).__name__} at {where})\n"
        "  nothing you typed is in this message; please report it to whoever looks after cpvol for you"
    )
