"""What a rule is for, by its name: the answer to "why is this here?"."""

from __future__ import annotations

from dataclasses import dataclass

from cpvol.compliance.base import Check, DueRule
from cpvol.compliance.checks import CHECKS
from cpvol.compliance.due import DUE_RULES
from cpvol.errors import CpvolError


class UnknownRule(CpvolError):
    """There is no check and no due date of that name."""

    def __init__(self) -> None:
        super().__init__(
            "no rule has that name", "take the name from the list that check or due shows"
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in words.

    :param title: the rule in a few words.
    :param why: why it is there, a sentence or two.
    :param source: the rows of the requirements it comes from.
    """

    rule: str
    title: str
    why: str
    source: tuple[str, ...]


def _explanation(one: Check | DueRule) -> Explanation:
    return Explanation(one.rule, one.title, " ".join(one.why.split()), one.source)


RULES: dict[str, Explanation] = {
    **{one.rule: _explanation(one) for one in CHECKS},
    **{one.rule: _explanation(one) for one in DUE_RULES},
}


def explain(rule: str) -> Explanation:
    """What a check or a due date is for.

    :raises UnknownRule: when there is none of that name.
    """
    if rule not in RULES:
        raise UnknownRule
    return RULES[rule]
