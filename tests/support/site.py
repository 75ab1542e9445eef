"""What the tests of the guidance site are made from: the profile's own numbers, blanks for contacts, every task."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cpvol.guidance.facts import Facts
from cpvol.policy import load
from cpvol.tasks.site import task_lines

FACTS = Facts(load("contactpoint"), date(2026, 11, 21), tasks=task_lines())
#: The same with the numbers of the present day, some of which the other profile does not have.
TODAY = replace(FACTS, policy=load("uk-today"))
