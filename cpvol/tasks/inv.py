"""What ``inv`` says of a command line that it cannot understand: the same as ``cpvol``.

invoke gives a ``tasks.py`` no say in this. Its program reads ours before it reads the command line, though, so that
the one public method that reads it can be replaced from there; a later invoke without that method says its own words.
"""

from __future__ import annotations

import sys

from invoke.exceptions import ParseError
from invoke.program import Program


def guess_as_cpvol() -> None:
    """Have invoke's own program ask, guess and hint as :mod:`cpvol.tasks.program` does, for this process."""
    read = getattr(Program, "parse_tasks", None)
    if read is None:
        return

    def parse_tasks(program: Program) -> None:
        try:
            read(program)
        except ParseError as error:
            from cpvol.tasks import program as ours

            words = list(program.argv[1:])
            if words == ["help"]:
                from cpvol.tasks.topics import show_topics

                ours.run(show_topics)
            if sys.stdin.isatty() and sys.stdout.isatty() and (body := ours.by_asking(words)):
                ours.run(body)
            ours.refuse(error, words)

    Program.parse_tasks = parse_tasks  # type: ignore[method-assign,assignment]
