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
    from cpvol.logs.hold import HOLD
    from cpvol.tasks import (
        accreditation,
        demo,
        disposals,
        entries,
        members,
        overview,
        setup,
        site,
        standing,
    )

    groups: dict[str, list[Task[Any]]] = {
        "": [*setup.TASKS, *demo.TASKS, *entries.TASKS, *overview.TASKS, *accreditation.TASKS],
        "person": [*standing.TASKS],
        "key": [*setup.KEY_TASKS, *members.KEY_TASKS],
        "member": [*members.TASKS],
        "retention": [*overview.RETENTION_TASKS, *disposals.TASKS],
        "site": [*site.TASKS],
    }
    for log in LOGS:
        if log is HOLD:
            # People place and lift a hold; they do not "add" one.
            groups["retention"] += entries.log_tasks(log, add="hold")
        else:
            groups.setdefault(log.name, []).extend(entries.log_tasks(log))
    root = Collection()
    for name, tasks in groups.items():
        group = Collection(name) if name else root
        for task in tasks:
            group.add_task(task)
        if name:
            root.add_collection(group)
    return root
