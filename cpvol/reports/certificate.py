"""A certificate of disposal as a page to print: what was destroyed, by whom, under which rules, and what can be said of it.

It names nobody but members, by their handles, and gives no day from which a leaving date could be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what on which day."""

    what: str
    on: date
    by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One destroyed entry.

    :param log: the log's title.
    :param rule: the rule's stable name, or why it went before its time.
    :param source: the rows of the requirements.
    """

    log: str
    number: str
    rule: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the page says.

    :param number: the disposal's.
    :param reason: in words.
    :param members_needed: how many different members it took.
    :param taken_off: how many proposed entries the approver kept.
    :param path: where the certificate stands in the records.
    :param change: the id of the signed change that made it.
    :param holders: what became of every credential that could read the entries, a sentence each.
    :param verdict: the strongest thing that can be said.
    """

    number: str
    reason: str
    members_needed: int
    taken_off: int
    steps: Sequence[Step]
    entries: Sequence[Entry]
    path: str
    change: str
    holders: Sequence[str]
    verdict: str


def page(certificate: Certificate, organisation: str, anchor: str, on: date) -> bytes:
    """The page as one self-contained HTML file.

    :param anchor: what an auditor pins, printed at the foot.
    :param on: the day for which the page says what can be said.
    """
    from jinja2 import Environment, select_autoescape

    template = (resources.files("cpvol.reports") / "certificate.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True), trim_blocks=True
    )
    made = environment.from_string(template).render(
        it=certificate, organisation=organisation, anchor=anchor, on=on
    )
    return made.encode()
