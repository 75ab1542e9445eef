"""The tasks that people run: the only place that prints, prompts, reads the environment or asks for today's date.

``build`` makes an invoke task and turns every error into a line, a hint and an exit status; ``session`` is what a task
runs in; one module for each group of tasks. :func:`namespace` is all of them, for ``inv`` and for ``cpvol``;
``outline`` is why that takes no time.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from invoke.collection import Collection

from cpvol.tasks.build import CpvolTask, start_quickly

#: Where the tasks stand: group (the word before the dot), module, and the tuple in it.
PLACES: tuple[tuple[str, str, str], ...] = (
    ("", "menu", "TASKS"),
    ("", "topics", "TASKS"),
    ("", "comfort", "TASKS"),
    ("", "setup", "TASKS"),
    ("", "demo", "TASKS"),
    ("", "lookup", "TASKS"),
    ("", "correct", "TASKS"),
    ("", "overview", "TASKS"),
    ("", "accreditation", "TASKS"),
    ("", "traceability", "TASKS"),
    ("", "dataprotection", "TASKS"),
    ("", "exchange", "TASKS"),
    ("", "audit", "TASKS"),
    ("audit", "audit", "AUDIT_TASKS"),
    ("audit", "grants", "TASKS"),
    ("audit", "packing", "TASKS"),
    ("", "members", "ROOT_TASKS"),
    ("", "sync", "TASKS"),
    ("", "copies", "TASKS"),
    ("", "textconv", "TASKS"),
    ("", "handover", "TASKS"),
    ("person", "standing", "TASKS"),
    ("person", "subject", "TASKS"),
    ("breach", "confide", "TASKS"),
    ("letter", "letters", "TASKS"),
    ("", "calendar", "TASKS"),
    ("key", "setup", "KEY_TASKS"),
    ("key", "members", "KEY_TASKS"),
    ("member", "members", "TASKS"),
    ("policy", "policies", "TASKS"),
    ("organisation", "organisation", "TASKS"),
    ("", "upgrade", "TASKS"),
    ("retention", "overview", "RETENTION_TASKS"),
    ("retention", "disposals", "TASKS"),
    ("retention", "certificates", "TASKS"),
    ("site", "site", "TASKS"),
)

#: What `inv` does when nothing is asked of it, and what a group does when its name stands alone.
DEFAULTS = frozenset((("", "today"), ("audit", "check")))


def namespace() -> Collection:
    """Every task, under its name; what it needs is imported when it is run."""
    from cpvol.tasks import outline

    start_quickly()
    root = Collection()
    groups = {"": root}
    for group, task in outline.tasks():
        if group not in groups:
            groups[group] = Collection(group)
            root.add_collection(groups[group])
        groups[group].add_task(task, default=(group, task.name) in DEFAULTS)
    return root


def places() -> Iterator[tuple[str, str]]:
    """Where all tasks stand: their group, and the place that :func:`tasks_at` understands."""
    from cpvol.logs import LOGS
    from cpvol.logs.hold import HOLD

    for group, module, name in PLACES:
        yield group, f"{module}.{name}"
    for log in LOGS:
        # People place and lift a hold; they do not "add" one.
        yield "retention" if log is HOLD else log.name, f"log {log.name}"


def tasks_at(place: str) -> list[CpvolTask]:
    """The tasks at one place, with what they do."""
    if place.startswith("log "):
        from cpvol.logs import BY_NAME
        from cpvol.logs.hold import HOLD
        from cpvol.tasks import entries

        log = BY_NAME[place[4:]]
        return entries.log_tasks(log, add="hold") if log is HOLD else entries.log_tasks(log)
    module, _, name = place.partition(".")
    return list(getattr(import_module(f"cpvol.tasks.{module}"), name))
