"""Asking a person, field by field, on a terminal. Backing out of any question changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from cpvol.errors import CpvolError
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.tasks.values import Reader

SKIP = "(leave empty)"


def ask_all(
    model: type[BaseModel], values: dict[str, Any], reader: Reader, *, only_required: bool
) -> None:
    """Ask for what has no value yet, and put the answers into ``values``.

    :param only_required: ask for nothing that may stay empty; so when some options were given.
    """
    for spec in fields_of(model):
        if spec.name in values or (only_required and not spec.required):
            continue
        if spec.kind == "items":
            item: dict[str, Any] = {}
            for part in spec.parts:
                answer = _ask(part, reader, required=part.required and bool(item))
                if answer is None and not item:
                    break
                if answer is not None:
                    item[part.name] = answer
            if item:
                values[spec.name] = [item]
        elif spec.kind != "words":
            answer = _ask(spec, reader, required=spec.required)
            if answer is not None:
                values[spec.name] = answer


def _ask(spec: FieldSpec, reader: Reader, *, required: bool) -> Any:
    import questionary

    note = spec.help if required else f"{spec.help} Enter leaves it empty."
    if spec.kind in ("choice", "yesno"):
        choices = [questionary.Choice(label, value) for value, label in spec.choices]
        if not required:
            choices.insert(0, questionary.Choice(SKIP, SKIP))
        found = questionary.select(
            spec.label, choices=choices, instruction=f"({spec.help})"
        ).unsafe_ask()
        return None if found == SKIP else found

    def check(text: str) -> bool | str:
        if not text.strip():
            return not required or "this is needed"
        return _accepts(lambda: reader.value(spec, text))

    if spec.ref == "person":
        names = [person.name for person in reader.people()]
        text = questionary.autocomplete(
            spec.label, choices=names or [""], validate=check, ignore_case=True, match_middle=True
        ).unsafe_ask()
    else:
        example = f" For example {spec.example}." if spec.example else ""
        text = questionary.text(
            spec.label, instruction=f"({note}{example})", validate=check
        ).unsafe_ask()
    return reader.value(spec, text) if text.strip() else None


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
