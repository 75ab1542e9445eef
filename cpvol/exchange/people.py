"""The people of the user register, found by what a cell says of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from cpvol.exchange.cells import BadCell
from cpvol.exchange.columns import LIST_SEPARATOR
from cpvol.logs.base import Record
from cpvol.logs.person import Person, plain_name

_NUMBERED = re.compile(r"(.+) \(([0-9a-z]{10})\)\Z", re.DOTALL)


def same_text(text: str) -> str:
    """A text as two entries are compared: without case and doubled spaces."""
    return " ".join(text.casefold().split())


class People:
    """An index of people by name, handle and number.

    A name in a spreadsheet is taken whole: parts of a name are for somebody at a keyboard who sees what they get.

    :param records: among which the people are.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_id: dict[str, Person] = {}
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        self._by_words: dict[tuple[str, ...], list[Person]] = defaultdict(list)
        for person in records:
            if isinstance(person, Person) and not person.voided:
                self._by_id[person.id] = person
                self._by_name[same_text(person.name)].append(person)
                self._by_words[_words(person.name)].append(person)
                if person.handle:
                    self._by_name.setdefault(person.handle, [person])
        self._known: dict[str, Person | BadCell] = {}

    def named(self, name: str) -> list[Person]:
        """Everybody of that name, however it is spelt."""
        return list(self._by_words.get(_words(name), ()))

    def find(self, text: str) -> Person:
        """The one person that a text means: a name, ``Last, First``, a handle, a number, or ``Name (number)``.

        :raises BadCell: when it is nobody, or more than one.
        """
        if text not in self._known:
            self._known[text] = self._find(text)
        found = self._known[text]
        if isinstance(found, BadCell):
            raise found
        return found

    def _find(self, text: str) -> Person | BadCell:
        wanted = same_text(text)
        if wanted in self._by_id and wanted not in self._by_name:
            return self._by_id[wanted]
        numbered = _NUMBERED.match(wanted)
        if numbered and wanted not in self._by_name:
            if known := self._by_id.get(numbered[2]):
                return known
            wanted = numbered[1]
        last, comma, first = wanted.partition(",")
        turned = same_text(f"{first} {last}") if comma else wanted
        for matches in (
            self._by_name.get(wanted, []),
            self._by_name.get(turned, []),
            self._by_words.get(_words(turned), []),
        ):
            if len(matches) == 1:
                return matches[0]
            if matches:
                return BadCell(
                    f"{len(matches)} people in the user register have that name",
                    "write the person's number from `list person` instead",
                )
        return BadCell(
            "nobody of that name is in the user register", "import or enter the people first"
        )

    def shown(self, id: str) -> str:
        """What stands for a person in a cell, such that :meth:`find` finds them again: the name where it is enough."""
        person = self._by_id.get(id)
        if person is None:
            return id
        for text in (person.name, f"{person.name} ({id})"):
            try:
                if LIST_SEPARATOR not in text and self.find(text).id == id:
                    return text
            except BadCell:
                continue
        return id


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(plain_name(name).split()))
