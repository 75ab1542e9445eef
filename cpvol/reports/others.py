"""What a text says of other people, taken out: their names, addresses and numbers, wherever they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

from cpvol.logs.book import Records
from cpvol.logs.ecrb import Ecrb
from cpvol.logs.person import Person
from cpvol.logs.token import Token
from cpvol.logs.training import Training

#: What stands where something about somebody else stood.
OTHER = "[another person]"
LEFT_OUT = "[left out]"
#: A shorter number is left out only where it stands by itself: it is part of too much else.
_SURE = 4
_EMAIL = re.compile(r"[^\s@<>,;()]+@[^\s@<>,;()]+\.[^\s@<>,;()]+")


@dataclass(frozen=True)
class Others:
    """Everybody in the register but one.

    :param person: who asks for what is held about them.
    :param book: every entry that could be read, struck-out ones included.
    :param organisation: its name, of which a part may be a name of somebody's.
    """

    person: Person
    book: Records
    organisation: str = ""

    def without(self, text: str, *, own: bool = False) -> str:
        """The text without what it says of others.

        :param own: it was the person's own once, such as an earlier address, so only what is known to be somebody
            else's is taken out.
        """
        text = normalize("NFC", text)
        if not own:
            text = _EMAIL.sub(self._mail, text)
        for pattern, instead in self._patterns:
            text = pattern.sub(instead, text)
        return text

    def named_in(self, text: str) -> bool:
        """Whether a text may speak of the person: their name, a part of it, their handle or address."""
        text = normalize("NFC", text)
        if self.organisation:
            text = text.replace(normalize("NFC", self.organisation), "")
        return self._own.search(text) is not None

    def _mail(self, found: re.Match[str]) -> str:
        mine = (self.person.email or "").casefold()
        return found[0] if found[0].casefold() == mine else LEFT_OUT

    @cached_property
    def _own(self) -> re.Pattern[str]:
        mine = {*_words(self.person.name), self.person.handle, self.person.email} - {None}
        return _any(sorted(word for word in mine if word), alone=True)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        own = set(self._numbers(mine=True))
        numbers = {each for each in self._numbers(mine=False) if each.casefold() not in own}
        names = {normalize("NFC", each.name) for each in self._people} - {self.person.name}
        mine = {word.casefold() for word in _words(self.person.name)}
        words = {word for name in names for word in _words(name) if word.casefold() not in mine}
        words |= {each.handle for each in self._people if each.handle}
        found = [
            ([each for each in numbers if len(each) >= _SURE], False, LEFT_OUT),
            ([each for each in numbers if len(each) < _SURE], True, LEFT_OUT),
            (names, False, OTHER),
            (words, True, OTHER),
        ]
        return [(_any(some, alone=alone), instead) for some, alone, instead in found if some]

    @cached_property
    def _people(self) -> list[Person]:
        return [
            each for each in self.book if isinstance(each, Person) and each.id != self.person.id
        ]

    def _numbers(self, *, mine: bool) -> Iterator[str]:
        """The numbers and addresses of the person, or of everybody else; one's own in lower case."""
        for each in self.book:
            if isinstance(each, (Token, Ecrb, Training)):
                if (each.person == self.person.id) == mine:
                    yield from _folded(_of_entry(each), mine=mine)
            elif isinstance(each, Person) and (each.id == self.person.id) == mine:
                yield from _folded((each.id, each.email or ""), mine=mine)


def _of_entry(entry: Token | Ecrb | Training) -> tuple[str, ...]:
    if isinstance(entry, Token):
        return (entry.number, entry.post_reference or "")
    if isinstance(entry, Ecrb):
        return (entry.reference,)
    return (entry.token or "", entry.personnel_file or "")


def _folded(numbers: Iterable[str], *, mine: bool) -> Iterator[str]:
    for number in numbers:
        if number:
            yield normalize("NFC", number).casefold() if mine else normalize("NFC", number)


def _words(name: str) -> list[str]:
    """The parts of a name that can stand by themselves."""
    return [word for word in re.split(r"[\s\-]+", normalize("NFC", name)) if len(word) > 1]


def _any(texts: Iterable[str], *, alone: bool) -> re.Pattern[str]:
    """What matches any of some texts, the longest first; where they must stand alone, not inside a word."""
    ordered = sorted(texts, key=lambda text: (-len(text), text))
    either = "|".join(r"\s+".join(map(re.escape, text.split())) for text in ordered)
    pattern = rf"(?<!\w)(?:{either})(?!\w)" if alone else f"(?:{either})"
    return re.compile(pattern if ordered else r"(?!)", re.IGNORECASE)
