"""A letter on its page: letterhead, whom it goes to, the words, where to sign, and the rows that ask for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from cpvol.letters.base import Letter, Matter, NotThisLetter, Value, day_in_words
from cpvol.letters.clean import NotClean, clean
from cpvol.letters.template import (
    LETTERHEAD,
    LETTERHEAD_FIELDS,
    BadTemplate,
    built_in,
    fill,
)
from cpvol.policy.organisation import Purpose

_SLIP = Markup('<div class="slip">')


@dataclass(frozen=True, slots=True)
class Page:
    """A letter that is ready to be printed.

    :param html: the whole page.
    :param office: the card it goes to, or ``None``.
    :param gaps: what is left blank in it, to be filled in by hand; each as the template's fields call it.
    """

    html: bytes
    office: Purpose | None
    gaps: tuple[str, ...]


class Gap(Markup):
    """What stands where a value is not known: a line to write on, and, in a condition, nothing."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __hash__(self) -> int:
        return super().__hash__()


def make(
    letter: Letter,
    matter: Matter,
    own: Mapping[str, str] | None = None,
    office: Purpose | None = None,
) -> Page:
    """A letter about an entry.

    :param own: templates that stand in place of the built-in ones, by name.
    :param office: the card it goes to, where people chose one.
    :raises NotThisLetter: when no such letter can be made of the entry.
    :raises BadTemplate: when a template cannot be used.
    """
    own = own or {}
    if matter.record is not None and matter.record.voided:
        raise NotThisLetter("this entry is struck out", "choose one that counts, with `list`")
    if office is None and letter.office is not None:
        office = letter.office(matter)
    known = letter.fill(matter)
    head = body(
        LETTERHEAD,
        own.get(LETTERHEAD),
        LETTERHEAD_FIELDS,
        {"organisation": matter.organisation.name},
    )
    text = body(letter.name, own.get(letter.name), letter.fields, known)
    # Whoever answers cuts the slip off, so what we sign stands above it.
    words, slip, rest = text.partition(_SLIP)
    to, gaps = _addressee(letter, matter, office)
    # The text was written anew, which spells an apostrophe in another way.
    gaps += [what for what in letter.fields.values() if clean(_gap(what)) in text]
    html = _frame().render(
        letter=letter,
        matter=matter,
        to=to,
        head=head,
        body=words,
        slip=slip + rest,
        day=day_in_words(matter.on),
        reference=f"{matter.record.log} {matter.record.id}" if matter.record else "",
        rows=", ".join(letter.rows),
    )
    return Page(html.encode(), office, tuple(gaps))


def part(letter: Letter, matter: Matter, own: Mapping[str, str] | None = None) -> Markup:
    """A letter's words alone, as a section of another page."""
    text = body(letter.name, (own or {}).get(letter.name), letter.fields, letter.fill(matter))
    lower = re.sub(
        r"(?<=<h)[12](?=>)|(?<=</h)[12](?=>)", lambda found: str(int(found[0]) + 1), text
    )
    return Markup(lower)  # noqa: S704 - written anew already


def body(
    name: str, own: str | None, fields: Mapping[str, str], known: Mapping[str, Value]
) -> Markup:
    """The words of a template, filled in and written anew.

    :param own: the text that stands in place of the built-in one.
    :raises BadTemplate: when it cannot be used.
    """
    text = own if own is not None else built_in(name)
    values = {key: _shown(value, fields, key) for key, value in known.items()}
    try:
        return Markup(clean(fill(name, text, fields, values)))  # noqa: S704 - written anew, all text escaped
    except NotClean as error:
        raise BadTemplate(name, error.line, error.why) from None


def _shown(value: Value, fields: Mapping[str, str], name: str) -> Any:
    if value is None:
        return _gap(fields[name])
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, list):
        return [
            {part: _shown(each, fields, f"{name}.{part}") for part, each in row.items()}
            if isinstance(row, dict)
            else row
            for row in value
        ]
    return value


def _addressee(
    letter: Letter, matter: Matter, office: Purpose | None
) -> tuple[list[str], list[str]]:
    """The lines of the address, and which of them nobody filled in."""
    if letter.to_person is not None:
        return [letter.to_person(matter)], []
    if office is None:
        return [], []
    card = matter.card(office)
    if card is None:
        title = matter.policy.office(office)
        return [_capital(title), _gap("address")], [f"where {title} is reached"]
    lines = [card.office, *(card.address or "").splitlines()]
    if not card.address:
        lines.append(card.email or card.telephone or _gap("address"))
    gaps = [] if card.address or card.email or card.telephone else ["the office's address"]
    return lines, gaps


def _gap(what: str) -> Gap:
    return Gap(f'<span class="gap">{Markup.escape(what)}</span>')


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _frame() -> Any:
    from jinja2 import Environment

    made = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )  # nothing of it comes from outside
    return made.from_string(built_in("frame"))
