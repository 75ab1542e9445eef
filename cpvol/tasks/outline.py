"""The outline of all tasks: their names, options and help, without what they do.

To list the tasks, or to understand a command line, invoke must know the options of every task, and those follow from
the models of the logs, whose import takes longer than everything else in a short task. So the outline is kept beside
the compiled modules, as Python keeps those: made when it is missing, made again when any module of cpvol has changed,
and done without where it cannot be written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from cpvol.tasks.build import CpvolTask, Param, make_task
from cpvol.tasks.session import Session

_PACKAGE = Path(__file__).resolve().parent.parent


def tasks() -> Iterator[tuple[str, CpvolTask]]:
    """Every task with its group; a task imports what it needs when it is run."""
    for each in _kept() or _keep(_made()):
        params = [Param(**param) for param in each["params"]]
        stub = _Stub(each["place"], each["name"])
        yield each["group"], make_task(each["name"], each["help"], params, stub)


class _Stub:
    """The body of a task of which only the outline is known."""

    def __init__(self, place: str, name: str) -> None:
        self.place = place
        self.name = name

    def __call__(self, session: Session, **given: Any) -> int | None:
        from cpvol.tasks import tasks_at

        task = next(task for task in tasks_at(self.place) if task.name == self.name)
        done: int | None = task.act(session, **given)
        return done


def _made() -> list[dict[str, Any]]:
    from cpvol.tasks import places, tasks_at

    return [
        {
            "group": group,
            "place": place,
            "name": task.name,
            "help": task.__doc__,
            "params": [asdict(param) for param in task.params],
        }
        for group, place in places()
        for task in tasks_at(place)
    ]


def _place() -> Path:
    return Path(cache_from_source(__file__)).with_suffix(".json")


def _kept() -> list[dict[str, Any]] | None:
    with suppress(OSError, ValueError, LookupError, TypeError):
        kept = json.loads(_place().read_bytes())
        if kept["of"] == _modules():
            found: list[dict[str, Any]] = kept["tasks"]
            return found
    return None


def _keep(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not sys.dont_write_bytecode:
        from cpvol.files import write_file

        with suppress(OSError):
            write_file(_place(), json.dumps({"of": _modules(), "tasks": made}).encode())
    return made


def _modules() -> str:
    """What tells this state of cpvol's modules from any other: as Python does it, by their size and time."""
    seen = sha256(sys.version.encode())
    folders = [_PACKAGE]
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                folders.append(Path(entry.path))
            elif entry.name.endswith(".py"):
                about = entry.stat()
                seen.update(f"{entry.path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return seen.hexdigest()
