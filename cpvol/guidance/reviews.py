"""When each page is to be read through again, and which ones nobody has read in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cpvol.guidance.cite import up
from cpvol.guidance.page import Page
from cpvol.guidance.tables import table

_ABOUT = """\
# When each page is reviewed

The owner reads the whole page and finds it right; only then do its dates change."""


def body(pages: Sequence[Page], on: date, path: str) -> str:
    """The text of the page.

    :param pages: every page of the site.
    :param on: the day for which pages are overdue: those whose next review was due before it.
    """
    soonest = sorted(pages, key=lambda page: (page.next_review, page.path))
    late = [page for page in soonest if page.next_review < on]
    found = _list(late, path) if late else "None, when these pages were made."
    return "\n\n".join([_ABOUT, "## Overdue", found, "## All pages", _list(soonest, path)])


def _list(pages: Sequence[Page], path: str) -> str:
    return table(
        ("Page", "Owner", "Last reviewed", "Next review by"),
        (
            (
                f"[{page.title}]({up(path)}{page.path})",
                page.owner,
                f"{page.reviewed:%d/%m/%Y}",
                f"{page.next_review:%d/%m/%Y}",
            )
            for page in pages
        ),
    )
