"""``{{ policy.ecrb_valid }}`` in a page becomes the value in force: a look-up in a dictionary, nothing more."""

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

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        if name not in values:
            close = difflib.get_close_matches(name, values, 1)
            raise PageError(
                page,
                text.count("\n", 0, found.start()) + 1,
                f"nothing is called {name or 'by an empty name'}",
                f"write {{{{ {close[0]} }}}}, if that is what you meant"
                if close
                else "take the placeholder out",
            )
        return values[name]

    return _PLACEHOLDER.sub(value, text)
