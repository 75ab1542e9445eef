"""What falls due and what breaks a rule: pure functions of records, policy and a date.

:func:`due` and :func:`check` run every rule; :func:`explain` says why a rule is there; :func:`status` shows one person's
way. To add a group of rules, write ``due_<name>.py`` or ``check_<name>.py`` and add its line in ``due.py`` or
``checks.py``.
"""

from __future__ import annotations

from cpvol.compliance.base import Check, Due, DueRule
from cpvol.compliance.checks import CHECKS, OF_ENTRIES, check
from cpvol.compliance.due import DUE_RULES, due
from cpvol.compliance.explain import Explanation, UnknownRule, explain
from cpvol.compliance.status import Status, Step, status

__all__ = [
    "CHECKS",
    "DUE_RULES",
    "OF_ENTRIES",
    "Check",
    "Due",
    "DueRule",
    "Explanation",
    "Status",
    "Step",
    "UnknownRule",
    "check",
    "due",
    "explain",
    "status",
]
