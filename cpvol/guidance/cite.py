"""``[E-10.6]`` in a page becomes a link to that row of the source documents.

Several stand in one pair of brackets, with a comma: ``[E-10.6, B-7, C12]``. A row that does not exist stops
the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cpvol.guidance.errors import PageError
from cpvol.guidance.rows import ID, known, place

_CITATION = re.compile(rf"\[((?:{ID})(?:, (?:{ID}))*)\](?![(\[])")


def cite(text: str, page: str) -> str:
    """Replace every citation of a page by links.

    :param text: Markdown, whole pages or parts.
    :param page: the page's path below the folder of pages; links are made relative to it.
    :raises PageError: a citation names no row and no ruling.
    """

    def linked(found: re.Match[str]) -> str:
        ids = found[1].split(", ")
        for id in ids:
            if not known(id):
                raise PageError(
                    page,
                    text.count("\n", 0, found.start()) + 1,
                    f"there is no row {id} in the source documents",
                    "cite a row that stands on the site's source pages",
                )
        return links(ids, page)

    return _CITATION.sub(linked, text)


def links(ids: Iterable[str], page: str, *others: str) -> str:
    """Links to rows and rulings, as they stand behind a rule; empty when there are none.

    :param others: links that follow them, as Markdown.
    """
    made = ", ".join([*(f"[{id}]({up(page)}{place(id)})" for id in ids), *others])
    return f'<span class="cp-cite">\\[{made}\\]</span>' if made else ""


def up(page: str) -> str:
    """What leads from a page to the folder of all pages: ``../`` for each folder it lies in."""
    return "../" * page.count("/")
