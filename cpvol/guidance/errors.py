"""What stops the site from being made: always with the page, and the line where there is one."""

from __future__ import annotations

from cpvol.errors import CpvolError


class PageError(CpvolError):
    """A page that cannot be made as it is written.

    :param page: the page's path below the folder of pages.
    :param line: the line in that file, counted from 1.
    :param what: what is wrong there, lower case, no full stop.
    :param hint: what the author can do.
    """

    def __init__(self, page: str, line: int, what: str, hint: str) -> None:
        super().__init__(f"{page}, line {line}: {what}", hint)
        self.page = page
        self.line = line
