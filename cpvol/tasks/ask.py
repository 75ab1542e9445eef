"""Asking a person, field by field, on a terminal. Backing out of any question changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from shutil import get_terminal_size
from textwrap import fill
from typing import Any

from pydantic import BaseModel

from cpvol.dates import parse_day, show_day
from cpvol.errors import CpvolError
from cpvol.logs.fields import SEVERAL, FieldSpec, fields_of
from cpvol.tasks.values import Reader

SKIP = "(leave empty)"
#: With more open details than this, people are asked first whether to go through them now.
ASK_FIRST_ABOVE = 6


def ask_all(
    model: type[BaseModel], values: dict[str, Any], reader: Reader, *, only_required: bool
) -> None:
    """Ask for what has no value yet, and put the answers into ``values``: what is needed first, then the rest.

    :param only_required: ask for nothing that may stay empty; so when some options were given.
    """
    open_fields = [
        spec for spec in fields_of(model) if spec.name not in values and spec.kind != "words"
    ]
    for spec in open_fields:
        if spec.required:
            values[spec.name] = _ask(spec, reader, required=True)
    rest = [spec for spec in open_fields if not spec.required]
    if only_required or not rest:
        return
    if len(rest) > ASK_FIRST_ABOVE and not confirm(
        f"There are {len(rest)} more details, which can also be entered later. Enter them now?"
    ):
        return
    for spec in rest:
        answer = _ask_item(spec, reader) if spec.kind == "items" else _ask(spec, reader)
        if answer is not None:
            values[spec.name] = answer


def _ask_item(spec: FieldSpec, reader: Reader) -> list[dict[str, Any]] | None:
    """Ask for the first entry of a list; leaving its first field empty leaves all of it empty."""
    item: dict[str, Any] = {}
    for part in spec.parts:
        answer = _ask(part, reader, required=part.required and bool(item))
        if answer is None and not item:
            return None
        if answer is not None:
            item[part.name] = answer
    return [item]


def _ask(spec: FieldSpec, reader: Reader, *, required: bool = False) -> Any:
    import questionary

    width = get_terminal_size().columns
    questionary.print("\n" + fill(_note(spec, required=required), width - 1))
    if spec.kind in ("choice", "yesno"):
        choices = [questionary.Choice(label, value) for value, label in spec.choices]
        if not required:
            choices.insert(0, questionary.Choice(SKIP, SKIP))
        found = questionary.select(
            spec.label, choices=choices, instruction="(arrow keys, then Enter)"
        ).unsafe_ask()
        return None if found == SKIP else found

    if spec.kind == "choices":
        found = questionary.checkbox(
            spec.label,
            choices=[questionary.Choice(label, value) for value, label in spec.choices],
            instruction="(space to tick, then Enter)",
            validate=lambda ticked: bool(ticked) or not required or "tick at least one",
        ).unsafe_ask()
        return found or None

    def check(text: str) -> bool | str:
        if not text.strip():
            return not required or "this is needed"
        return _accepts(lambda: _read(spec, reader, text))

    if spec.ref == "person" and spec.kind == "reference":
        names = [person.name for person in reader.people()]
        text = questionary.autocomplete(
            spec.label,
            choices=names or [""],
            validate=check,
            ignore_case=True,
            match_middle=True,
        ).unsafe_ask()
    else:
        text = questionary.text(spec.label, validate=check).unsafe_ask()
    return _read(spec, reader, text) if text.strip() else None


def _read(spec: FieldSpec, reader: Reader, text: str) -> Any:
    if spec.kind in SEVERAL:
        return reader.several(spec, text)
    return reader.value(spec, text)


def _note(spec: FieldSpec, *, required: bool) -> str:
    example = spec.example
    if spec.kind == "date" and example:
        example = show_day(parse_day(example))
    shown = f" For example: {example}." if example and not spec.choices else ""
    return f"{spec.help}{shown}{'' if required else ' Enter leaves it empty.'}"


def _accepts(read: Callable[[], object]) -> bool | str:
    try:
        read()
    except CpvolError as error:
        return f"{error.problem.partition(': ')[2] or error.problem}; {error.hint}"
    return True


def confirm(question: str, *, default: bool = True) -> bool:
    """Ask yes or no."""
    import questionary

    return bool(questionary.confirm(question, default=default).unsafe_ask())


def line(question: str, default: str = "") -> str:
    """Ask for one line."""
    import questionary

    return str(questionary.text(question, default=default).unsafe_ask()).strip()


def pick(question: str, choices: Sequence[tuple[str, str]]) -> str:
    """Ask for one of several (value, words)."""
    import questionary

    return str(
        questionary.select(
            question, choices=[questionary.Choice(words, value) for value, words in choices]
        ).unsafe_ask()
    )


def pick_many(question: str, choices: Mapping[str, str], chosen: Sequence[str]) -> list[str]:
    """Ask for any number of several (value to words); those in ``chosen`` are ticked to begin with."""
    import questionary

    found = questionary.checkbox(
        question,
        choices=[
            questionary.Choice(words, value, checked=value in chosen)
            for value, words in choices.items()
        ],
    ).unsafe_ask()
    return [str(value) for value in found]
