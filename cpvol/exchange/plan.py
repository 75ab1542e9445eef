"""From a table to the entries it would make: every problem by its cell, what is there already, and what is new.

Nothing is changed here. A plan with problems is never carried out; what it holds then is for the preview alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from cpvol.exchange import cells
from cpvol.exchange.cells import BadCell
from cpvol.exchange.columns import LIST_SEPARATOR, Column
from cpvol.exchange.headings import headings_of, plain, without_remarks
from cpvol.exchange.locate import ASSUMED, Table, cell
from cpvol.exchange.people import People, same_text
from cpvol.exchange.sheet import Row, Value, letter
from cpvol.logs import BY_NAME
from cpvol.logs.base import OWN_FIELDS, Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import SEVERAL, FieldSpec, fields_of
from cpvol.logs.guard import objections

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell, or with a whole row.

    :param row: as the spreadsheet program counts; 0 for what was given for every row.
    :param label: our word for the column, ``""`` when it is about the row.
    :param hint: what to do, ``""`` when the sentence says it.
    :param title: what stands above the column, where that is another word than ours.
    :param word: what the cell says, where a choice should be; it keeps apart what is different, and is never told.
    """

    row: int
    label: str
    words: str
    hint: str = ""
    title: str = ""
    word: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.told([self.row])

    def told(self, rows: list[int]) -> str:
        """The problem, of all the rows that have it."""
        where = rows_of(rows) if self.row else "every row"
        if self.title:
            where += f", {self.title} ({self.label})"
        elif self.label:
            where += f", {self.label}"
        return f"{where}: {self.words}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the sheet's own under the heading of a choice, which may mean one of the choices.

    :param log: whose column it is, and ``column`` which.
    :param text: the word, without case and doubled blanks.
    """

    log: str
    column: str
    text: str = field(repr=False)


@dataclass(slots=True)
class Plan:
    """What an import would do.

    :param new: the entries that would be made.
    :param already: by log, how many rows are entries that are there.
    :param repeated: how many rows say the same as one above them.
    :param differing: rows whose entry is there with other details; they are left as they are.
    :param namesakes: rows of people whose name is in the register with another day of joining.
    :param assumed: (label, value) of what the sheet does not say and every row gets.
    :param unknown: words of the sheet's own that are none of the choices, each with its column and its rows.
    :param meant: what other words of its own were said to mean.
    """

    table: Table
    new: list[Record] = field(default_factory=list)
    already: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    differing: list[int] = field(default_factory=list)
    namesakes: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    assumed: list[tuple[str, str]] = field(default_factory=list)
    unknown: dict[Word, tuple[Column, list[int]]] = field(default_factory=dict)
    meant: Mapping[Word, str] = field(default_factory=dict)

    def count(self, log: str) -> int:
        """How many new entries a log gets."""
        return sum(1 for record in self.new if record.log == log)

    def title(self, label: str) -> str:
        """What stands above a column, where that is another word than ours; or ``""``."""
        return _titles(self.table).get(label, "")

    @property
    def told(self) -> list[str]:
        """The problems, one sentence for all the rows that have the same."""
        rows: dict[Problem, list[int]] = defaultdict(list)
        for problem in self.problems:
            rows[replace(problem, row=min(problem.row, 1))].append(problem.row)
        return [problem.told(numbers) for problem, numbers in rows.items()]

    @property
    def notes(self) -> list[str]:
        """What was left out or taken for granted, a sentence each."""
        table = self.table
        told = [
            f'no column for {label}: every entry gets "{value}"' for label, value in self.assumed
        ]
        if table.ignored:
            places = ", ".join(letter(place) for place in table.ignored)
            told.append(f"not taken over, since the log has no such field: column {places}")
        if table.skipped:
            told.append(f"{table.skipped} rows of help and examples are left out")
        if self.repeated:
            told.append(f"{self.repeated} rows say the same as one above them")
        if hidden := sum(1 for row in table.rows if row.hidden):
            told.append(f"{hidden} rows are hidden in the sheet and are taken in all the same")
        if table.sheet.formulas:
            told.append(
                f"{table.sheet.formulas} cells are formulas: what they last showed is taken"
            )
        if self.differing:
            told.append(
                f"the entries of {rows_of(self.differing)} are there with other details and stay as they"
                " are; correct them with `amend`"
            )
        if self.namesakes:
            told.append(
                f"{rows_of(self.namesakes)}: somebody of that name is there who joined on another day;"
                " make sure that they are two people"
            )
        return told


def rows_of(numbers: list[int], most: int = 20) -> str:
    """Rows as people are told of them, the first twenty by number."""
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    more = len(numbers) - most
    *first, last = [str(number) for number in numbers[:most]] + (
        [f"{more} more"] if more > 0 else []
    )
    return f"rows {', '.join(first)} and {last}"


def lacking(table: Table, given: Mapping[str, str]) -> list[tuple[str, FieldSpec]]:
    """(log, field) for each field that every entry needs and that neither the sheet nor ``given`` has."""
    return [
        (log, spec)
        for log in table.logs
        for spec in fields_of(BY_NAME[log].model)
        if spec.required
        and table.column(log, spec.name) is None
        and spec.name not in given
        and spec.name not in ASSUMED.get(log, {})
        and not _from_training(table, log, spec.name)
    ]


def _from_training(table: Table, log: str, name: str) -> bool:
    # A token is given out at the training unless the sheet says otherwise (E-11.3).
    return len(table.logs) > 1 and log == "token" and name == "issued_on"


def make_plan(
    table: Table,
    book: Records,
    today: date,
    new_id: Callable[[], str],
    *,
    given: Mapping[str, str] | None = None,
    meant: Mapping[Word, str] | None = None,
    reviewed: bool = False,
) -> Plan:
    """Read every row of a table.

    :param book: every entry that is there.
    :param new_id: gives a fresh number for an entry.
    :param given: by field, what every row gets that the sheet has no column for.
    :param meant: the choices that words of the sheet's own stand for.
    :param reviewed: whether free text was read again and may stand.
    """
    return _Planner(table, book, today, new_id, given or {}, meant or {}, reviewed=reviewed).plan()


@dataclass(slots=True)
class _Draft:
    """One row's part for one log."""

    log: Log
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    number: str = ""
    problems: list[Problem] = field(default_factory=list)


class _Planner:
    def __init__(
        self,
        table: Table,
        book: Records,
        today: date,
        new_id: Callable[[], str],
        given: Mapping[str, str],
        meant: Mapping[Word, str],
        *,
        reviewed: bool,
    ) -> None:
        self.table, self.book, self.today, self.new_id = table, book, today, new_id
        self.reviewed = reviewed
        self.people = People(book)
        self.result = Plan(table, meant=meant)
        self.given = self._given(given)
        self.own = any(each.field == "id" for columns in table.columns.values() for each in columns)
        self.known = {log: _by_key(BY_NAME[log], book.of(log)) for log in table.logs}
        self.seen: dict[str, dict[_Key, _Draft]] = {log: {} for log in table.logs}
        self.renumbered: dict[str, str] = {}
        self.drafts: list[tuple[_Draft, str]] = []

    def plan(self) -> Plan:
        """Every row read, compared, and made an entry."""
        for row in self.table.rows:
            for draft in self._drafts(row):
                self._sort(draft)
        for draft, id in self.drafts:
            self._build(draft, id)
        # A column that serves two logs is blamed once.
        titles = _titles(self.table)
        found = (replace(each, title=titles.get(each.label, "")) for each in self.result.problems)
        self.result.problems = sorted(dict.fromkeys(found), key=lambda each: each.row)
        return self.result

    def _given(self, given: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """What every entry of a log gets; one that is assumed is told of."""
        found: dict[str, dict[str, Any]] = {log: {} for log in self.table.logs}
        for log in self.table.logs:
            for spec in fields_of(BY_NAME[log].model):
                if self.table.column(log, spec.name) is not None:
                    continue
                text = given.get(spec.name, ASSUMED.get(log, {}).get(spec.name))
                if text is not None:
                    value = self._value(spec, text)
                    if value is not None:
                        found[log][spec.name] = value
                        label = dict(spec.choices).get(text, text)
                        self.result.assumed.append((spec.label, label))
        return found

    # -- one row ---------------------------------------------------------------------------------------------

    def _drafts(self, row: Row) -> list[_Draft]:
        """The row's part for each log; none for a log of which the row says nothing."""
        found: list[_Draft] = []
        for log in self.table.logs:
            draft = _Draft(BY_NAME[log], row.number)
            halves: dict[str, str] = {}
            lists: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
            for place, columns in self.table.columns.items():
                value = cell(row, place)
                column = next((each for each in columns if each.log == log), None)
                if column is None or value is None:
                    continue
                try:
                    read = self._read(column, value, row.number)
                    self._put(draft, column, read, halves, lists)
                except BadCell as error:
                    word = _word(column, value)
                    draft.problems.append(
                        Problem(
                            *(row.number, column.heading, error.problem, error.hint),
                            word=word.text if word else "",
                        )
                    )
            self._finish(draft, halves, lists)
            if self._says_something(draft, found):
                found.append(draft)
        if not found and len(self.table.logs) > 1 and any(cell(row, p) for p in self.table.columns):
            words = "it says neither when the person was trained nor what became of a token"
            self.result.problems.append(Problem(row.number, "", words))
        return found

    def _read(self, column: Column, value: Value, row: int) -> Any:
        """What a cell holds; one of the sheet's own words is what it was said to mean.

        :raises BadCell: when it cannot be read; a word that may mean one of the choices is noted.
        """
        word = _word(column, value)
        if word is not None and (meaning := self.result.meant.get(word)):
            return meaning
        try:
            return cells.read(column.spec, value, own=self.own)
        except BadCell:
            if word is not None:
                self.result.unknown.setdefault(word, (column, []))[1].append(row)
            raise

    def _put(
        self,
        draft: _Draft,
        column: Column,
        read: Any,
        halves: dict[str, str],
        lists: dict[str, dict[int, dict[str, Any]]],
    ) -> None:
        if column.field == "id":
            draft.number = read.strip().lower()
        elif column.half:
            halves[column.half] = read
        elif column.in_list:
            entry = lists[column.field].setdefault(column.index, {})
            entry[column.spec.name] = self._resolved(column.spec, read)
        else:
            draft.values[column.field] = self._resolved(column.spec, read)

    def _resolved(self, spec: FieldSpec, read: Any) -> Any:
        """References and lists, which a cell holds as text."""
        if spec.kind == "choices":
            return [cells.choice(spec, part) for part in _parts(read)]
        if spec.kind in SEVERAL:
            return [
                self.people.find(part).id if spec.ref == "person" else part for part in _parts(read)
            ]
        if spec.ref == "person":
            return self.people.find(read).id
        return read

    def _value(self, spec: FieldSpec, text: str) -> Any:
        try:
            return self._resolved(spec, cells.read(spec, text))
        except BadCell as error:
            self.result.problems.append(Problem(0, spec.label, error.problem, error.hint))
            return None

    def _finish(
        self,
        draft: _Draft,
        halves: Mapping[str, str],
        lists: Mapping[str, Mapping[int, dict[str, Any]]],
    ) -> None:
        if halves:
            name = " ".join(halves[each] for each in ("first", "last") if each in halves)
            target = headings_of(draft.log.name).name_field
            try:
                draft.values[target] = (
                    name if draft.log.name == "person" else self.people.find(name).id
                )
            except BadCell as error:
                draft.problems.append(Problem(draft.row, "Name", error.problem, error.hint))
        for name, entries in lists.items():
            draft.values[name] = [entries[index] for index in sorted(entries)]

    def _says_something(self, draft: _Draft, before: list[_Draft]) -> bool:
        """Whether the row has anything for this log; completes what it may take from the other one."""
        if len(self.table.logs) == 1:
            own = draft.values | dict.fromkeys(each.label for each in draft.problems)
        else:
            shared = {"person", "token"} if draft.log.name == "training" else {"person"}
            own = {name: each for name, each in draft.values.items() if name not in shared}
            own |= {p.label: "" for p in draft.problems if p.label != "Person"}
        if not own:
            return False
        if draft.log.name == "token" and before and "issued_on" not in draft.values:
            trained = before[0].values.get("completed_on")
            if trained is not None:
                draft.values["issued_on"] = trained
        for name, value in self.given[draft.log.name].items():
            draft.values.setdefault(name, value)
        blamed = {each.label for each in draft.problems}
        for spec in fields_of(draft.log.model):
            if spec.required and spec.name not in draft.values and spec.label not in blamed:
                if (
                    self.table.column(draft.log.name, spec.name) is not None
                    and "Name" not in blamed
                ):
                    draft.problems.append(Problem(draft.row, spec.label, "it is empty"))
                elif _from_training(self.table, draft.log.name, spec.name):
                    draft.problems.append(
                        Problem(
                            draft.row, spec.label, "neither it nor the day of the training is there"
                        )
                    )
        return True

    # -- new, there already, or said before ----------------------------------------------------------------------

    def _sort(self, draft: _Draft) -> None:
        there = self.book.get(draft.number) if draft.number else None
        if there is not None and there.log == draft.log.name:
            self._is_there(draft, there)
            return
        if draft.problems:
            self.result.problems += draft.problems
            return
        key = _key(draft.log, draft.values)
        if there := self.known[draft.log.name].get(key):
            if draft.number:
                self.renumbered[draft.number] = there.id
            self._is_there(draft, there)
            return
        above = self.seen[draft.log.name].setdefault(key, draft)
        # Two entries that cpvol wrote out as two are two.
        if above is not draft and not (draft.number and draft.number != above.number):
            if draft.values == above.values:
                self.result.repeated += 1
            else:
                words = f"the same entry stands in row {above.row} with other details"
                self.result.problems.append(Problem(draft.row, "", words, "take one of them out"))
            return
        id = self.new_id()
        if draft.number:
            self.renumbered[draft.number] = id
        if draft.log.name == "person" and self.people.named(str(draft.values.get("name", ""))):
            self.result.namesakes.append(draft.row)
        self.drafts.append((draft, id))

    def _is_there(self, draft: _Draft, there: Record) -> None:
        self.result.already[draft.log.name] = self.result.already.get(draft.log.name, 0) + 1
        if draft.problems or self._differs(draft, there):
            self.result.differing.append(draft.row)

    def _differs(self, draft: _Draft, there: Record) -> bool:
        same = dict(draft.values)
        for spec in fields_of(draft.log.model):
            # What refers to another entry is compared by number, which may be of another register.
            if spec.kind == "reference" and spec.ref != "person":
                same.pop(spec.name, None)
        stored = {
            each: getattr(there, each)
            for each in type(there).model_fields
            if each not in OWN_FIELDS
        }
        try:
            record = draft.log.model.model_validate(stored | same | _own(draft.log, there.id))
        except ValidationError:
            return True
        return any(_plain(getattr(record, each)) != _plain(getattr(there, each)) for each in same)

    # -- the entries -------------------------------------------------------------------------------------------

    def _build(self, draft: _Draft, id: str) -> None:
        specs = fields_of(draft.log.model)
        for spec in specs:
            if spec.kind == "reference" and spec.ref != "person" and spec.name in draft.values:
                target = self._entry(spec, str(draft.values[spec.name]))
                if target is None:
                    words = "there is no single entry with that number"
                    self.result.problems.append(Problem(draft.row, spec.label, words))
                    return
                draft.values[spec.name] = target
        try:
            record = draft.log.model.model_validate(draft.values | _own(draft.log, id))
        except ValidationError as error:
            self.result.problems += _explained(draft, specs, error)
            return
        held = {name: getattr(record, name) for name in draft.values}
        labels = {spec.name: spec.label for spec in specs}
        for name, why in objections(draft.log.model, held, self.today, reviewed=self.reviewed):
            hint = "take it out, or use --reviewed" if why.startswith("it holds") else ""
            self.result.problems.append(Problem(draft.row, labels[name], why, hint))
        self.result.new.append(record)

    def _entry(self, spec: FieldSpec, number: str) -> str | None:
        wanted = number.strip().lower()
        if wanted in self.renumbered:
            return self.renumbered[wanted]
        there = self.book.get(wanted)
        return wanted if there is not None and there.log == spec.ref else None


def _word(column: Column, value: Value) -> Word | None:
    """The word that stands where a choice should be; ``None`` under any other heading, and for what is no word."""
    if column.spec.kind not in ("choice", "yesno") or not isinstance(value, str):
        return None
    return Word(column.log, f"{column.field}.{column.spec.name}", same_text(value))


def _titles(table: Table) -> dict[str, str]:
    """By our word for a column, what stands above it, where that is another."""
    (heading,) = (row for row in table.sheet.rows if row.number == table.heading_row)
    found: dict[str, str] = {}
    for place, columns in table.columns.items():
        title = without_remarks(str(cell(heading, place)))
        for column in columns:
            if plain(title) != plain(column.heading):
                found.setdefault(column.heading, title)
    return found


def _parts(text: str) -> list[str]:
    separator = "\n" if "\n" in text else LIST_SEPARATOR
    return [part.strip() for part in text.split(separator) if part.strip()]


def _own(log: Log, id: str) -> dict[str, Any]:
    return {"id": id, "log": log.name, "schema": log.schema}


def _by_key(log: Log, records: Iterable[Record]) -> dict[_Key, Record]:
    found: dict[_Key, Record] = {}
    for record in records:
        found.setdefault(_key(log, {name: getattr(record, name) for name in log.same}), record)
    return found


def _key(log: Log, values: Mapping[str, Any]) -> _Key:
    return tuple(_plain(values.get(name)) for name in log.same)


def _plain(value: Any) -> object:
    """A value as two entries are compared."""
    if isinstance(value, str):
        return same_text(value)
    if isinstance(value, (list, tuple)):
        return tuple(_plain(each) for each in value)
    if hasattr(value, "strftime") and hasattr(value, "hour"):
        return f"{value:%H:%M}"
    return value


def _explained(
    draft: _Draft, specs: tuple[FieldSpec, ...], error: ValidationError
) -> list[Problem]:
    """What the model objects to, by field; never the value."""
    by_name = {spec.name: spec for spec in specs}
    found: list[Problem] = []
    for one in error.errors(include_input=False, include_url=False):
        where = [str(part) for part in one["loc"]]
        spec = by_name.get(where[0]) if where else None
        part = next((p for p in spec.parts if where[2:3] == [p.name]), None) if spec else None
        label = (part or spec).label if spec else ""
        found.append(Problem(draft.row, label, _words(str(one["type"]), one)))
    return found


def _words(kind: str, one: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(one["msg"]).removeprefix("Value error, ")
    if kind == "string_too_long":
        return f"it is longer than {one.get('ctx', {}).get('max_length')} characters"
    if kind == "missing":
        return "it is empty"
    if kind == "string_pattern_mismatch":
        return "it is not in the right form"
    return "it cannot be used"
