"""A page of the site as text: front matter, body, and a foot that says whose page it is and how old.

Front matter stands at the head of an authored page::

    ---
    title: Leaving
    description: One sentence for search results.
    owner: Coordinator
    reviewed: 2009-03-31
    next_review: 2010-03-31
    also: [exit, leaver]        # the reader's own words, so that search finds them
    ---
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cpvol.guidance.cite import up
from cpvol.guidance.errors import PageError

_FENCE = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_WORD = re.compile(r"[\w-]{3,}")
_NEEDED = ("title", "description", "owner", "reviewed", "next_review")
_CONTACTS = "contacts.md"
_HINT = "see the head of another page for how it is written"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, ready to be written.

    :param path: below the folder of pages, with forward slashes: ``records/index.md``.
    :param owner: the role that answers for what the page says.
    :param reviewed: the last day on which somebody read the whole page and found it right.
    :param next_review: the day by which that is to happen again.
    :param also: other words for what the page is about.
    :param options: what the theme reads from front matter, as it stands: ``hide``, ``search``.
    """

    path: str
    title: str
    description: str
    body: str
    owner: str
    reviewed: date
    next_review: date
    also: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """The page as the site's builder reads it."""
        return f"{self._head()}\n{self.body.strip()}\n\n{self._foot()}\n"

    def _head(self) -> str:
        import json

        # JSON is YAML, and quotes whatever a title or description may hold.
        head: dict[str, object] = {
            "title": self.title,
            "description": self.description,
            **self.options,
        }
        if self.also:
            # What search weighs most; it takes each of these as one word.
            head["tags"] = sorted({word for words in self.also for word in _WORD.findall(words)})
        return "\n".join(
            ["---", *(f"{key}: {json.dumps(value)}" for key, value in head.items()), "---\n"]
        )

    def _foot(self) -> str:
        whose = (
            f"Owner of this page: {self.owner}. Last reviewed {self.reviewed:%d/%m/%Y}."
            f" Next review by {self.next_review:%d/%m/%Y}."
        )
        if self.path != _CONTACTS:
            whose += f" Still not sure? [Who to contact]({up(self.path)}{_CONTACTS})."
        also = [f"Also called: {', '.join(self.also)}.", "{: .cp-also}", ""] if self.also else []
        return "\n".join(['<footer class="cp-foot" markdown>', "", *also, whose, "", "</footer>"])


def read_page(path: str, text: str) -> Page:
    """Read an authored page.

    :param path: below the folder of pages, for the page and for errors.
    :raises PageError: the front matter is missing, cannot be read, or lacks what every page has.
    """
    found = _FENCE.match(text)
    if not found:
        raise PageError(path, 1, "the page has no front matter", _HINT)
    head = _front_matter(path, found[1])
    if missing := [name for name in _NEEDED if name not in head]:
        raise PageError(path, 1, f"the front matter has no {missing[0]}", _HINT)
    return Page(
        path=path,
        title=str(head.pop("title")),
        description=str(head.pop("description")),
        owner=str(head.pop("owner")),
        reviewed=_day(path, head, "reviewed"),
        next_review=_day(path, head, "next_review"),
        also=_words(path, head.pop("also", [])),
        options=head,
        body=text[found.end() :],
    )


def _front_matter(path: str, text: str) -> dict[str, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        head = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise PageError(path, 1, "the front matter cannot be read", _HINT) from error
    if not isinstance(head, dict):
        raise PageError(path, 1, "the front matter is not a list of names and values", _HINT)
    return {str(key): value for key, value in head.items()}


def _words(path: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise PageError(path, 1, "also is not a list", "write it as [one, two]")
    return tuple(str(word) for word in value)


def _day(path: str, head: dict[str, object], name: str) -> date:
    value = head.pop(name)
    if not isinstance(value, date):
        raise PageError(path, 1, f"{name} is not a date", "write it as 2009-03-31")
    return value
