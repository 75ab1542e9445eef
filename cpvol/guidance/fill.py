"""``{{ policy.ecrb_valid }}`` in a page becomes the value in force: a look-up in a dictionary, nothing more.

A line in which a value is empty is left out: it is about something that is not asked for here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from cpvol.guidance.errors import PageError

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")


def fill(text: str, values: Mapping[str, str], page: str) -> str:
    """Replace every placeholder of a page.

    A value of several lines must stand alone on its line: it is a block.

    :param values: Markdown or HTML by name: ``policy.ecrb_valid``, ``contact.authority_team``.
    :param page: the page's path, for the error.
    :raises PageError: no value has that name.
    """
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        names = [name.strip() for name in _PLACEHOLDER.findall(line)]
        for name in names:
            if name not in values:
                raise PageError(page, number, *_unknown(name, values))
        if all(values[name] for name in names):
            lines.append(_PLACEHOLDER.sub(lambda found: values[found[1].strip()], line))
    return "\n".join(lines)


def _unknown(name: str, values: Mapping[str, str]) -> tuple[str, str]:
    close = difflib.get_close_matches(name, values, 1)
    hint = "take the placeholder out"
    if close:
        hint = f"write {{{{ {close[0]} }}}}, if that is what you meant"
    return f"nothing is called {name or 'by an empty name'}", hint
