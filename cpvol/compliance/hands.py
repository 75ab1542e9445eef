"""Where a token is on a day: questions that due dates, checks and the ways of people ask in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from cpvol.logs.base import Book
from cpvol.logs.token import Token

Place = Literal["ahead", "hand", "lost", "told", "returned", "posted", "back"]


def by(day: date | None, on: date) -> date | None:
    """A day that has come, so that what is recorded for later is not done yet."""
    return day if day is not None and day <= on else None


def tokens(book: Book) -> Iterator[Token]:
    """Every token in the register."""
    return cast("Iterator[Token]", iter(book.of("token")))


def tokens_of(person: str, book: Book) -> list[Token]:
    """The tokens that a person holds or held."""
    return cast("list[Token]", list(book.about(person, "token")))


def place(token: Token, on: date) -> Place:
    """Where a token is on a day.

    :returns: ``ahead`` before it is issued, ``hand`` with its holder, ``lost`` while nobody was told, ``told`` once the
        directory's team knows of the loss, ``returned`` to us, ``posted``, ``back`` with the directory's team. A token that is handed
        in after it was lost is on its way back like any other.
    """
    if token.issued_on > on:
        return "ahead"
    stations: tuple[tuple[date | None, Place], ...] = (
        (token.received_on, "back"),
        (token.posted_on, "posted"),
        (token.returned_on, "returned"),
        (token.team_told_on, "told"),
        (token.lost_on, "lost"),
    )
    return next((name for day, name in stations if by(day, on) is not None), "hand")


def untold(token: Token, on: date) -> date | None:
    """The day of a loss or misuse of which the directory's team has not heard, or ``None`` (E-11.6).

    That the token was found and handed in does not undo what may have been done with it; only the directory's receipt
    says that it knows.
    """
    known = by(token.team_told_on, on) or by(token.received_on, on)
    return by(token.lost_on, on) if known is None else None


def same_number(number: str) -> str:
    """A token's number as it is compared: ``T-0042``, ``t 0042`` and ``T0042`` are one."""
    return "".join(filter(str.isalnum, number.casefold())) or number
