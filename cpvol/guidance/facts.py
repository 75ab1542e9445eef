"""What a site is made from, besides its own pages: everything that the layers above know and this one is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cpvol.policy import Policy

if TYPE_CHECKING:
    from cpvol.guidance.standing import Standing


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of the program, as its reference shows it.

    :param name: with its group: ``person.leave``.
    :param help: what it does, one sentence.
    :param options: each as it is typed (``--on``), and its help.
    """

    name: str
    help: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What pages are made from.

    :param policy: every number in force.
    :param on: the day for which pages are found to be overdue.
    :param organisation: the organisation's own data, or ``None`` for blanks that show.
    :param standing: counts from the records, for a page of them; ``None`` for no such page.
    :param tasks: the tasks of the program, in the order in which they are listed.
    """

    policy: Policy
    on: date
    organisation: Mapping[str, object] | None = None
    tasks: tuple[TaskLine, ...] = ()
    standing: Standing | None = None
