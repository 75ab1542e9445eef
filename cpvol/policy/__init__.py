"""The rules as data: every number in force, with its source, its unit and, where it is ours, the reason.

A number stands once, in ``profiles/<name>.yaml``; how long a log is kept stands with the log. To add a number, write its
entry there and its line in :class:`~cpvol.policy.model.Policy`.
"""

from __future__ import annotations

from cpvol.policy.model import (
    BadPolicy,
    Count,
    Delay,
    Kept,
    Period,
    Policy,
    Port,
    Retention,
    ScheduleRow,
    Sourced,
    Stages,
    Start,
    load,
    misattributed,
    profiles,
    schedule,
)

__all__ = [
    "BadPolicy",
    "Count",
    "Delay",
    "Kept",
    "Period",
    "Policy",
    "Port",
    "Retention",
    "ScheduleRow",
    "Sourced",
    "Stages",
    "Start",
    "load",
    "misattributed",
    "profiles",
    "schedule",
]
