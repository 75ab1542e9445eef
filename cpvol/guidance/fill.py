"""``{{ policy.ecrb_valid }}`` in a page becomes the value in force: a look-up in a dictionary, nothing more.

A line in which a value is empty is left out: it is about something that is not asked for here. A line may also hang on a
value without showing it: ``{{ if policy.breach_notify }}`` keeps its line where there is that number, and
``{{ unless policy.breach_notify }}`` where there is none. So one page is right under every policy.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

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
        asked = [_Asked.read(inside) for inside in _PLACEHOLDER.findall(line)]
        for one in asked:
            if one.name not in values:
                raise PageError(page, number, *_unknown(one.name, values))
        if all(bool(values[one.name]) is one.there for one in asked):
            lines.append(_PLACEHOLDER.sub(lambda found: _Asked.read(found[1]).shown(values), line))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One placeholder: the value it names, whether its line needs that value to be there, and whether it shows it."""

    name: str
    there: bool = True
    shows: bool = True

    @classmethod
    def read(cls, inside: str) -> _Asked:
        word, _, name = inside.strip().partition(" ")
        if word in {"if", "unless"}:
            return cls(name.strip(), word == "if", shows=False)
        return cls(inside.strip())

    def shown(self, values: Mapping[str, str]) -> str:
        return values[self.name] if self.shows else ""


def _unknown(name: str, values: Mapping[str, str]) -> tuple[str, str]:
    close = difflib.get_close_matches(name, values, 1)
    hint = "take the placeholder out"
    if close:
        hint = f"write {{{{ {close[0]} }}}}, if that is what you meant"
    return f"nothing is called {name or 'by an empty name'}", hint
