"""The tasks that people run: the only place that prints, prompts, reads the environment or asks for today's date.

``build`` makes an invoke task and turns every error into a line, a hint and an exit status; ``session`` is what a task
runs in; one module for each group of tasks. :func:`namespace` is all of them, for ``inv`` and for ``cpvol``.
"""

from __future__ import annotations

from typing import Any

from invoke.collection import Collection
from invoke.tasks import Task


def namespace() -> Collection:
    """Every task, under its name."""
    from cpvol.logs import LOGS
    from cpvol.tasks import demo, entries, overview, setup, site

    root = _collection(None, (*setup.TASKS, *demo.TASKS, *entries.TASKS, *overview.TASKS))
    for log in LOGS:
        root.add_collection(_collection(log.name, entries.log_tasks(log)))
    root.add_collection(_collection("key", setup.KEY_TASKS))
    root.add_collection(_collection("retention", overview.RETENTION_TASKS))
    root.add_collection(_collection("site", site.TASKS))
    return root


def _collection(name: str | None, tasks: tuple[Task[Any], ...] | list[Task[Any]]) -> Collection:
    made = Collection(name) if name else Collection()
    for task in tasks:
        made.add_task(task)
    return made
