"""The task reference: every task of the program, what it does and what can be said to it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cpvol.guidance.facts import TaskLine
from cpvol.guidance.tables import table
from cpvol.logs import BY_NAME

_ABOUT = """\
# Every task

Type `inv` or `cpvol`, a space and the name of the task: `cpvol today`. What you leave out is asked for. Add `--help` to
read about a task on the spot."""


def body(tasks: Sequence[TaskLine]) -> str:
    """The text of the task reference.

    :param tasks: with those of one group next to each other.
    """
    parts = [_ABOUT]
    for group, members in groupby(tasks, key=_group):
        parts.append(f"## {_title(group)}")
        parts += [_task(task, group) for task in members]
    return "\n\n".join(parts)


def _group(task: TaskLine) -> str:
    return task.name.rpartition(".")[0]


def _title(group: str) -> str:
    if not group:
        return "For every day"
    title = BY_NAME[group].title if group in BY_NAME else f"{group[0].upper()}{group[1:]}"
    return f"{title}: `{group}`"


def _task(task: TaskLine, group: str) -> str:
    head = f"### `{task.name}`\n\n{task.help}"
    if not task.options:
        return head
    if group in BY_NAME and task.name.endswith(".add"):
        named = ", ".join(f"`{option}`" for option, _ in task.options)
        return f"{head} Its options: {named}. [What each field means](reference/{group}.md)."
    return f"{head}\n\n{table(('Option', 'What it says'), ((f'`{option}`', said) for option, said in task.options))}"
