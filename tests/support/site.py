"""What the tests of the guidance site are made from: the profile's own numbers, blanks for contacts, every task."""

from __future__ import annotations

from datetime import date

from cpvol.guidance.facts import Facts
from cpvol.policy import load
from cpvol.tasks.site import task_lines

FACTS = Facts(load("contactpoint"), date(2026, 11, 21), tasks=task_lines())
