"""Asking a person, field by field, on a terminal. Backing out of any question changes nothing.

Esc, Ctrl and C, the end of input, and nothing where something is needed are all ways out: each raises
:class:`KeyboardInterrupt` or :class:`EOFError`, which ends the task before it has changed anything. For a screen reader
(``CPVOL_PLAIN``, or the setting that the task ``plain`` keeps) nothing is drawn or moved: choices have numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from cpvol.dates import parse_day, say_day, show_day
from cpvol.errors import CpvolError
from cpvol.logs.fields import FieldSpec, Kind, fields_of, item_of
from cpvol.logs.shown import about, entry_named, shown
from cpvol.tasks.layout import paragraphs
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader, fit

if TYPE_CHECKING:
    from questionary import Choice, Question

    from cpvol.logs.base import Record
    from cpvol.logs.book import Records

SKIP = "(leave empty)"
#: With more open details than this, people are asked first whether to go through them now.
ASK_FIRST_ABOVE = 6
#: A list longer than this, or than the window, can be made shorter by typing.
_LONG_LIST = 15
#: The rows of a window that a list does not have for itself.
_AROUND = 3
#: An answer longer than this that cannot be used stays on the line, to be mended; a shorter one is typed again.
_LONG_ANSWER = 30
#: Kinds whose answers mean just what was typed.
_PROSE: frozenset[Kind] = frozenset(("line", "text", "email"))
_ESCAPE = "\x1b"
_YES = {"y": True, "yes": True, "n": False, "no": False}


def ask_all(
    model: type[BaseModel], values: dict[str, Any], reader: Reader, *, only_required: bool
) -> None:
    """Ask for what has no value yet, and put the answers into ``values``: what is needed first, then the rest.

    :param only_required: ask for nothing that may stay empty; so when some options were given.
    """
    open_fields = [
        spec
        for spec in fields_of(model)
        if spec.name not in values and spec.kind != "words" and not spec.later
    ]
    for spec in open_fields:
        if spec.required or (spec.first and not only_required):
            answer = ask_field(model, spec, reader, required=spec.required)
            if answer is not None:
                values[spec.name] = answer
    rest = [spec for spec in open_fields if not (spec.required or spec.first)]
    if only_required or not rest:
        return
    if len(open_fields) > len(rest) > ASK_FIRST_ABOVE:
        tell(f"\nThere are {len(rest)} more details. They can be added later with `amend`.")
        if not confirm("Enter them now?"):
            return
    for spec in rest:
        answer = ask_field(model, spec, reader)
        if answer is not None:
            values[spec.name] = answer


def ask_field(
    model: type[BaseModel],
    spec: FieldSpec,
    reader: Reader,
    *,
    required: bool = False,
    before: str = "",
    ticked: Sequence[str] = (),
) -> Any:
    """Ask for one field of any kind; ``None`` when it was left empty, or what is needed was left as it is.

    :param model: whose field it is; what it does not take is told at once.
    :param before: what it holds already, to be gone over; then nothing typed is an answer to what is needed, too.
    :param ticked: the same of a field that holds several, as they are stored.
    """
    if spec.kind == "items":
        return _ask_item(model, spec, reader)
    return _ask(model, spec, reader, required=required, before=before, ticked=ticked)


def _ask_item(
    model: type[BaseModel], spec: FieldSpec, reader: Reader
) -> list[dict[str, Any]] | None:
    """Ask for the entries of a list, until there are no more; leaving the first field empty leaves all of it empty."""
    tell(f"\n{spec.help} With none, leave the first question empty.")
    found: list[dict[str, Any]] = []
    while (item := _ask_parts(item_of(model, spec.name), spec, reader)) is not None:
        found.append(item)
        if not confirm(f"Is there another {spec.item}?", default=False):
            break
    return found or None


def _ask_parts(model: type[BaseModel], spec: FieldSpec, reader: Reader) -> dict[str, Any] | None:
    item: dict[str, Any] = {}
    for part in spec.parts:
        answer = _ask(model, part, reader, required=part.required and bool(item))
        if answer is None and not item:
            return None
        if answer is not None:
            item[part.name] = answer
    return item


def _ask(
    model: type[BaseModel],
    spec: FieldSpec,
    reader: Reader,
    *,
    required: bool = False,
    before: str = "",
    ticked: Sequence[str] = (),
) -> Any:
    if (
        not required
        and spec.kind in ("reference", "references")
        and not any(reader.book.of(spec.ref))
    ):
        return None
    tell("\n" + _note(spec, required=required))
    if spec.kind in ("choice", "yesno"):
        choices = list(spec.choices)
        if not required:
            choices.insert(0, (SKIP, SKIP))
        found = pick(spec.label, choices, next((v for v, words in choices if words == before), ""))
        return None if found == SKIP else found
    if spec.kind == "entries" or (spec.kind == "reference" and spec.ref != "person"):
        return _entries(spec, reader, ticked, required=required)
    if spec.kind == "references":
        people = {person.id: person.name for person in reader.people()}
        return pick_many(spec.label, people, ticked, required=required) or None
    if spec.kind == "choices":
        return pick_many(spec.label, dict(spec.choices), ticked, required=required) or None
    names = (
        [person.name for person in reader.people()]
        if spec.ref == "person" and spec.kind == "reference"
        else []
    )
    if before and spec.kind not in _PROSE:
        tell(f"It says now: {before}. Enter alone {'leaves it so' if required else 'empties it'}.")
    text = typed(
        spec.label,
        default=before if spec.kind in _PROSE else "",
        among=names,
        check=lambda text: fit(model, spec.name, reader.read(spec, text)),
        understood=lambda text: _understood(spec, reader, text),
        needed=required and not (before and spec.kind not in _PROSE),
    )
    return reader.read(spec, text) if text else None


def _entries(
    spec: FieldSpec, reader: Reader, ticked: Sequence[str], *, required: bool
) -> str | list[str] | None:
    """One entry of the log that a field refers to, or several of any, from a list, since nobody knows the numbers."""
    if spec.kind == "entries":
        return several(reader, spec.label, ticked, needed=required) or None
    skip = [] if required else [(SKIP, SKIP)]
    found = pick(spec.label, [*skip, *offered(reader.book.of(spec.ref), reader.book)])
    return None if found == SKIP else found


def offered(found: Iterable[Record], book: Records) -> list[tuple[str, str]]:
    """Entries to choose from: the number, and whom and what they are about; in the order of the names."""
    words = [(record.id, about(record, book)) for record in found]
    return sorted(words, key=lambda each: (each[1].casefold(), each[0]))


def several(
    reader: Reader, question: str, ticked: Sequence[str] = (), *, needed: bool
) -> list[str]:
    """Any entries of any logs: by whose they are, by their log, or by number, until there are no more.

    :param ticked: the numbers of those that were chosen before.
    :returns: their numbers.
    """
    from cpvol.logs import LOGS

    tell(
        "You need no numbers: say whose they are, or of which log, and tick them. Enter alone ends it."
    )
    names = [each.name for each in reader.people()] + [log.title for log in LOGS]
    found = {id: entry_named(id, reader.book) for id in ticked}
    while True:
        for each in found.values():
            tell(f"  {each}")
        text = typed(
            question if not found else "More of them? Enter alone when not",
            among=names,
            check=lambda text: _meant(reader, text),
            needed=needed and not found,
        )
        if not text:
            return list(found)
        words = dict(offered(_meant(reader, text), reader.book))
        chosen = pick_many("Which of these?", words, [id for id in words if id in found])
        found = {id: each for id, each in found.items() if id not in words}
        found |= {id: words[id] for id in chosen}


def _meant(reader: Reader, text: str) -> list[Record]:
    """All entries that a name, a log, or a number means.

    :raises CpvolError: when there are none.
    """
    from cpvol.logs import LOGS
    from cpvol.retention import references

    wanted = " ".join(text.casefold().split())
    for log in LOGS:
        if wanted in (log.name, log.title.casefold()):
            if found := reader.book.of(log.name):
                return found
            raise BadInput("that log has no entries", "name another, or somebody")
    if found := [each for each in reader.book if len(wanted) > 2 and each.id.startswith(wanted)]:
        return found
    person = reader.person(text)
    return [
        each
        for each in reader.book
        if not each.voided and person.id in (each.id, *references(each))
    ]


def _understood(spec: FieldSpec, reader: Reader, text: str) -> str:
    """An answer as it was understood, so that whoever typed it sees a slip at once."""
    if spec.kind in _PROSE:
        return text
    value = reader.read(spec, text)
    if spec.kind == "time":
        return str(value)
    return say_day(value) if spec.kind == "date" else shown(spec, value, reader.book) or text


def _note(spec: FieldSpec, *, required: bool) -> str:
    example = spec.example
    if spec.kind == "date" and example:
        example = show_day(parse_day(example))
    shown = f" For example: {example}." if example and not spec.choices else ""
    return f"{spec.help}{shown}{'' if required else ' It may stay empty.'}"


def typed(
    question: str,
    *,
    default: str = "",
    among: Sequence[str] = (),
    check: Callable[[str], object] | None = None,
    understood: Callable[[str], str] | None = None,
    needed: bool = False,
) -> str:
    """Ask for one line until it can be used.

    :param among: what is offered while it is typed; anything else may be typed all the same.
    :param check: raises :class:`CpvolError` for what cannot be used; its words are shown, and the question comes again.
    :param understood: gives the words for what can be used; they are shown in the place of what was typed.
    :param needed: whether nothing is no answer.
    """
    begin = default
    while True:
        text = (_answer_plainly if _plain() else _answer)(question, begin, among).strip()
        try:
            if text and check:
                check(text)
        except CpvolError as error:
            _echo(question, text, text)
            # Whoever answers a question gave no option.
            tell(
                f"{_capital(error.problem.removeprefix(_option_of(error.problem)))}; {error.hint}."
            )
            begin = text if len(text) > _LONG_ANSWER else ""
            if begin:
                tell("What you typed is still there, to be mended. Ctrl and U rubs it out.")
            continue
        _echo(question, text, understood(text) if text and understood else text)
        if text or not needed:
            return text
        tell("This is needed. Esc, or Ctrl and C, stops without changing anything.")


def _option_of(problem: str) -> str:
    """The option that an error names, as it stands before it, or nothing."""
    head, colon, _ = problem.partition(": ")
    return head + colon if colon and head.startswith("--") else ""


def _echo(question: str, text: str, words: str) -> None:
    """Write an answered question down: a drawn one was wiped off, and a screen reader's needs no more than the news."""
    if not _plain():
        tell(f"? {question} {words}".rstrip())
    elif words != text:
        tell(words)


def _answer(question: str, default: str, among: Sequence[str]) -> str:
    import questionary

    if among:
        asked = questionary.autocomplete(
            question, list(among), default, ignore_case=True, match_middle=True, **_screen()
        )
    else:
        asked = questionary.text(question, default=default, **_screen())
    return str(_run(asked))


def _answer_plainly(question: str, default: str, among: Sequence[str]) -> str:
    del among
    offered = f" [{default}]" if default else ""
    return _typed_line(f"{question}{offered}: ") or default


def confirm(question: str, *, default: bool | None = None) -> bool:
    """Ask yes or no.

    :param default: what Enter alone means; when ``None``, it means nothing and the question comes again.
    """
    enter = {True: ", Enter means yes", False: ", Enter means no", None: ""}[default]
    while True:
        text = typed(f"{question} (y or n{enter})").casefold()
        if text in _YES:
            return _YES[text]
        if not text and default is not None:
            return default
        tell("Type y for yes or n for no.")


def line(question: str, default: str = "") -> str:
    """Ask for one line; it may be empty."""
    return typed(question, default=default)


def pick(question: str, choices: Sequence[tuple[str, str]], now: str = "") -> str:
    """Ask for one of several (value, words).

    :param now: the value on which the list stands to begin with; the first when empty.
    """
    if _plain():
        return _pick_plainly(question, choices)
    import questionary

    offered = [questionary.Choice(_in_lines(words), value) for value, words in choices]
    narrow = _is_long(offered)
    asked = questionary.select(
        question,
        choices=offered,
        instruction="(arrow keys, or type a part; then Enter)"
        if narrow
        else "(arrow keys, then Enter)",
        default=now or None,
        use_search_filter=narrow,
        use_jk_keys=False,
        **_screen(),
    )
    found = str(_run(asked))
    tell(f"? {question} {dict(choices)[found]}")
    return found


def _is_long(offered: Sequence[Choice]) -> bool:
    """Whether a list is made shorter by typing: it is long, or longer than the window."""
    rows = sum(str(each.title).count("\n") + 1 for each in offered)
    return len(offered) > _LONG_LIST or rows > Session().height(sys.stderr) - _AROUND


def _pick_plainly(question: str, choices: Sequence[tuple[str, str]]) -> str:
    tell(question)
    for at, (_, words) in enumerate(choices, 1):
        tell(f"{at}. {words}")
    while True:
        text = _typed_line(f"Number, 1 to {len(choices)}: ").strip()
        if not text:
            raise KeyboardInterrupt
        if text.isdecimal() and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1][0]
        tell("Type one of the numbers, or Enter alone to stop.")


def pick_many(
    question: str, choices: Mapping[str, str], chosen: Sequence[str], *, required: bool = False
) -> list[str]:
    """Ask for any number of several (value to words); those in ``chosen`` are ticked to begin with."""
    while True:
        found = (
            _pick_many_plainly(question, choices, chosen)
            if _plain()
            else _tick(question, choices, chosen)
        )
        if found or not required:
            return found
        tell("Choose at least one. Esc, or Ctrl and C, stops without changing anything.")


def _tick(question: str, choices: Mapping[str, str], chosen: Sequence[str]) -> list[str]:
    import questionary

    offered: list[Choice] = [
        questionary.Choice(_in_lines(words), value, checked=value in chosen)
        for value, words in choices.items()
    ]
    narrow = _is_long(offered)
    asked = questionary.checkbox(
        question,
        choices=offered,
        instruction="(type a part; space ticks, Enter goes on)"
        if narrow
        else "(space ticks, Enter goes on)",
        use_search_filter=narrow,
        use_jk_keys=False,
        **_screen(),
    )
    found = [str(value) for value in _run(asked)]
    several = "; ".join(choices[value] for value in found)
    tell(f"? {question} {several if len(found) < len(choices) else 'all of them'}")
    return found


def _pick_many_plainly(
    question: str, choices: Mapping[str, str], chosen: Sequence[str]
) -> list[str]:
    values = list(choices)
    tell(question)
    for at, (value, words) in enumerate(choices.items(), 1):
        tell(f"{at}. {words}{' (chosen)' if value in chosen else ''}")
    stays = "those that are chosen" if chosen else "none"
    while True:
        text = _typed_line(f"Numbers with commas, or all; Enter means {stays}: ").strip()
        if not text:
            return [value for value in values if value in chosen]
        if text.casefold() == "all":
            return values
        numbers = [word.strip() for word in text.split(",")]
        if all(word.isdecimal() and 1 <= int(word) <= len(values) for word in numbers):
            wanted = {int(word) - 1 for word in numbers}
            return [value for at, value in enumerate(values) if at in wanted]
        tell(f"Type numbers from 1 to {len(values)} with commas between them.")


# -- the terminal itself -----------------------------------------------------------------------------------------


def _plain() -> bool:
    return Session().plain


def tell(text: str) -> None:
    """Say something between two questions."""
    Session().tell(text)


def _typed_line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    text = sys.stdin.readline()
    if not text:
        raise EOFError
    if text.strip() == _ESCAPE:
        raise KeyboardInterrupt
    return text.strip()


def _screen() -> dict[str, Any]:
    """How questions are drawn: not on standard output, which may be a file for the result.

    An answered one is wiped off, because it is drawn without regard to words at the edge; we write it down instead.
    """
    from prompt_toolkit.output import create_output

    return {"output": create_output(sys.stderr), "erase_when_done": True}


def _in_lines(words: str) -> str:
    """A choice that is never cut at the edge of the window."""
    width = Session().width(sys.stderr)
    return paragraphs(words, width - 6 if width else None).replace("\n", "\n     ")


def _run(asked: Question) -> Any:
    """Put a question, with Esc and the end of input as ways out."""
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings

    out = KeyBindings()

    @out.add("escape")
    @out.add("c-d")
    def _(event: Any) -> None:
        event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    app = asked.application
    app.key_bindings = merge_key_bindings([app.key_bindings or KeyBindings(), out])
    # A terminal sends an arrow key as Esc and more, at once; Esc alone is known by nothing following it.
    app.ttimeoutlen = app.timeoutlen = 0.2
    return asked.unsafe_ask()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
