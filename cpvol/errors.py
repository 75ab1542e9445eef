"""The base of every error that a person is shown: what is wrong, and what to do about it.

A leaf error stands beside the code that raises it and owns its sentence. Both sentences are one line;
neither ever holds personal data or a secret, because errors end up in terminals, scrollback and tickets.
"""

from __future__ import annotations


class CpvolError(Exception):
    """Something that cpvol cannot go on from.

    :param problem: what is wrong, one line, lower case, no full stop.
    :param hint: what the person can do now, one line.
    """

    #: What a task ends with when this error reaches it (design: 2, "could not").
    exit_status = 2

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
