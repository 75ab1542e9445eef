"""What a legal hold keeps: the entries it names, while it is in force."""

from __future__ import annotations

from datetime import date

from cpvol.logs.base import Book
from cpvol.logs.hold import Hold


def held(book: Book, on: date) -> frozenset[str]:
    """The ids of the entries that a hold in force on a day names.

    What these hang on stays as well, without being named: a training under hold keeps its person.
    """
    return frozenset(
        id
        for hold in book.of("hold")
        if isinstance(hold, Hold)
        and hold.placed_on <= on
        and (hold.lifted_on is None or on < hold.lifted_on)
        for id in hold.entries
    )
