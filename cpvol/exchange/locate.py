"""Finding the table in a file: the sheet, the row of headings, and the log or logs that its columns belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cpvol.exchange.columns import Column
from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.headings import Headings, forbidden, headings_of, plain
from cpvol.exchange.sheet import Row, Sheet, Value, letter
from cpvol.logs import LOGS
from cpvol.logs.fields import fields_of

#: Rows in which the headings are looked for: a title, a date and some remarks stand above them at most.
_TOP = 60
#: A row is one of headings when at least so many of its cells are known.
_ENOUGH = 2

#: What a sheet of a log may leave out, since it goes without saying there (E-3.4); said in the preview.
ASSUMED: Mapping[str, Mapping[str, str]] = {
    "training": {"course": "User training", "trainer": "authority"}
}

#: A training sheet with columns of this log, beyond the token's number, holds both logs (E-6.3).
COMBINED = ("training", "token")

#: Without a day of training, a sheet with token numbers is one of tokens.
_TRAINED = frozenset(("completed_on", "booked_on"))

_DIGIT = re.compile("[0-9]").search

EXAMPLE = "EXAMPLE: "
HELP = "HELP: "


@dataclass(frozen=True, slots=True)
class Table:
    """A table of entries, found.

    :param logs: the log of its entries; two for the combined sheet of trainings and tokens.
    :param columns: by place, what the column holds; for a combined sheet one column may serve both.
    :param ignored: the places of the columns that are not taken over.
    :param rows: the rows of entries.
    :param skipped: how many rows of examples and help were left out.
    :param other: the row in which something else begins below the entries, with a title of its own; or ``None``.
    """

    sheet: Sheet
    logs: tuple[str, ...]
    heading_row: int
    columns: Mapping[int, tuple[Column, ...]]
    ignored: tuple[int, ...]
    rows: Sequence[Row]
    skipped: int
    other: int | None = None

    def column(self, log: str, name: str) -> int | None:
        """The place of a field's column."""
        return next(
            (
                place
                for place, columns in self.columns.items()
                if any(each.log == log and each.field == name for each in columns)
            ),
            None,
        )


@dataclass(slots=True)
class _Candidate:
    sheet: Sheet
    log: str
    row: int
    columns: dict[int, Column] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """How well the headings fit: those that are known, less those that every entry needs and that are not there."""
        there = {each.field for each in self.columns.values()}
        model = next(log.model for log in LOGS if log.name == self.log)
        lacking = [
            spec
            for spec in fields_of(model)
            if spec.required
            and spec.name not in there
            and spec.name not in ASSUMED.get(self.log, {})
        ]
        return len(self.columns) - 1.5 * len(lacking)


def find_table(sheets: Sequence[Sheet], log: str | None, sheet: str | None) -> Table:
    """The one table to be taken in.

    :param log: the log that was asked for; without it the headings decide.
    :param sheet: the name or the number of the sheet, when it was given.
    :raises BadSpreadsheet: when there is none, or more than one, or it holds what no log may hold.
    """
    looked_at = _chosen(sheets, sheet)
    wanted = [log] if log else [each.name for each in LOGS]
    found = [
        best for each in looked_at for name in wanted if (best := _best(each, headings_of(name)))
    ]
    if not found:
        for each in looked_at:
            _refuse_forbidden(each.rows[:_TOP])
        raise BadSpreadsheet(
            "no row of headings was recognised",
            "make a sheet with `template`, or use its headings above your columns",
        )
    best = _only(found, named=bool(log))
    table = _table(best)
    _refuse_merged(table)
    return table


def _chosen(sheets: Sequence[Sheet], named: str | None) -> list[Sheet]:
    if named is None:
        visible = [each for each in sheets if not each.hidden and each.rows]
        if not visible:
            raise BadSpreadsheet("the file holds no entries", "check that it is the right one")
        return visible
    wanted = named.casefold().strip()
    for each in sheets:
        if wanted in (each.title.casefold().strip(), str(each.number)):
            return [each]
    raise BadSpreadsheet(
        "there is no sheet of that name", f"give its name, or its number from 1 to {len(sheets)}"
    )


def _best(sheet: Sheet, headings: Headings) -> _Candidate | None:
    """The row of a sheet that fits a log's headings best, the first of equals."""
    best: tuple[int, Row] | None = None
    for row in sheet.rows[:_TOP]:
        known = {found for _, found in _known(row, headings, slips=True)}
        if len(known) >= _ENOUGH and (best is None or len(known) > best[0]):
            best = (len(known), row)
    if best is None:
        return None
    candidate = _Candidate(sheet, headings.log.name, best[1].number)
    for place, column in _known(best[1], headings, slips=True):
        candidate.columns[place] = column
    return candidate


def _known(row: Row, headings: Headings, *, slips: bool) -> Iterator[tuple[int, Column]]:
    for place, value in enumerate(row.cells):
        if (
            isinstance(value, str)
            and len(value) <= 80
            and (found := headings.find(value, slips=slips))
        ):
            yield place, found


def _only(found: list[_Candidate], *, named: bool) -> _Candidate:
    """The one candidate that is better than every other, or a question."""
    best_by_sheet: dict[int, list[_Candidate]] = defaultdict(list)
    for each in found:
        best_by_sheet[each.sheet.number].append(each)
    firsts: list[_Candidate] = []
    for several in best_by_sheet.values():
        top = max(each.score for each in several)
        best = [each for each in several if each.score == top]
        if both := _combined(several):
            best = [both]
        if len(best) > 1 and not named:
            places = sorted({each.row for each in best})
            if len(places) > 1:
                raise _two_tables(*places[:2])
            raise BadSpreadsheet(
                "the headings fit more than one log",
                f"say which with --log: {' or '.join(each.log for each in best)}",
            )
        firsts.append(best[0])
    top = max(each.score for each in firsts)
    # Another sheet counts when it has what an entry needs: a page of notes is no second table.
    rivals = [each for each in firsts if each.score == top or each.score > 0]
    if len(rivals) == 1:
        return rivals[0]
    numbers = ", ".join(f"{each.sheet.number} ({each.log})" for each in rivals)
    raise BadSpreadsheet(
        "several sheets of the file hold entries",
        f"say which with --sheet and its number: {numbers}",
    )


def _combined(several: list[_Candidate]) -> _Candidate | None:
    """The candidate for trainings, when its sheet holds tokens too."""
    for each in several:
        if each.log == COMBINED[0] and _TRAINED & {c.field for c in each.columns.values()}:
            heading = next(row for row in each.sheet.rows if row.number == each.row)
            if _with_tokens(heading, {place: (c,) for place, c in each.columns.items()}):
                return each
    return None


def _table(best: _Candidate) -> Table:
    sheet, log = best.sheet, best.log
    heading = next(row for row in sheet.rows if row.number == best.row)
    _refuse_forbidden([heading])
    logs: tuple[str, ...] = (log,)
    by_place: dict[int, tuple[Column, ...]] = {
        place: (column,) for place, column in _halves(best.columns, heading).items()
    }
    if log == COMBINED[0] and _TRAINED & {each.field for each in best.columns.values()}:
        both = _with_tokens(heading, by_place)
        if both is not None:
            logs, by_place = COMBINED, both
    _refuse_twice(by_place)
    _refuse_side_by_side(heading, by_place)
    rows, skipped = _entries(sheet, heading)
    rows, other = _own(rows, by_place)
    ignored = [
        place
        for place, value in enumerate(heading.cells)
        if value is not None and place not in by_place
    ]
    return Table(sheet, logs, best.row, by_place, tuple(ignored), rows, skipped, other)


def _halves(columns: dict[int, Column], heading: Row) -> dict[int, Column]:
    """The columns, with "Name" beside "Surname" taken for the first names, and halves beside a whole name left out."""
    halves = {each.half for each in columns.values() if each.half}
    name = next((p for p, c in columns.items() if _is_name(c) and not c.half), None)
    if not halves or name is None:
        return columns
    if halves == {"last"} and plain(str(heading.cells[name])) in ("name", "names"):
        last = next(each for each in columns.values() if each.half)
        return columns | {name: _half(last)}
    return {place: each for place, each in columns.items() if not each.half}


def _is_name(column: Column) -> bool:
    return column.field == headings_of(column.log).name_field and not column.in_list


def _half(last: Column) -> Column:
    return Column(last.log, last.spec, last.field, half="first")


def _with_tokens(
    heading: Row, columns: dict[int, tuple[Column, ...]]
) -> dict[int, tuple[Column, ...]] | None:
    """The columns of a combined sheet, or ``None`` when it is one of trainings alone."""
    tokens = headings_of("token")
    person = next((p for p, c in columns.items() if c[0].field == "person"), None)
    number = next((p for p, c in columns.items() if c[0].field == "token"), None)
    if person is None or number is None:
        return None
    both = dict(columns)
    for place, column in _known(heading, tokens, slips=True):
        if place not in both and column.field not in ("person", "number"):
            both[place] = (column,)
    if both.keys() == columns.keys():
        return None
    for place in (place for place, c in columns.items() if c[0].field in ("person", "token")):
        name = "person" if columns[place][0].field == "person" else "number"
        spec = next(s for s in fields_of(tokens.log.model) if s.name == name)
        twin = Column("token", spec, name, half=columns[place][0].half)
        both[place] = (*columns[place], twin)
    return both


def _refuse_forbidden(rows: Sequence[Row]) -> None:
    for row in rows:
        for place, value in enumerate(row.cells):
            if isinstance(value, str) and (what := forbidden(value)):
                raise BadSpreadsheet(
                    f"column {letter(place)} is for {what}",
                    "take the column out of the sheet, then import again",
                )


def _refuse_twice(columns: Mapping[int, tuple[Column, ...]]) -> None:
    places: dict[Column, int] = {}
    for place, each in columns.items():
        first = places.setdefault(each[0], place)
        if first != place:
            raise BadSpreadsheet(
                f"columns {letter(first)} and {letter(place)} are both headed as {each[0].heading}",
                "rename or take out one of them; two tables go on two sheets",
            )


def _refuse_side_by_side(heading: Row, columns: Mapping[int, tuple[Column, ...]]) -> None:
    groups: list[list[int]] = [[]]
    for place, value in enumerate(heading.cells):
        if value is None:
            groups.append([])
        elif place in columns:
            groups[-1].append(place)
    tables = [group for group in groups if len(group) >= _ENOUGH]
    if len(tables) > 1:
        raise BadSpreadsheet(
            f"two tables seem to stand side by side, in columns {letter(tables[0][0])} and"
            f" {letter(tables[1][0])}",
            "take the empty column out, or put each table on a sheet of its own",
        )


def _entries(sheet: Sheet, heading: Row) -> tuple[list[Row], int]:
    """The rows below the headings, less repeated headings, examples and help."""
    every = [headings_of(log.name) for log in LOGS]
    rows: list[Row] = []
    skipped = 0
    above = [row for row in sheet.rows if row.number < heading.number]
    for place, row in enumerate(above[:-1]):
        if _is_heading(row, every) and above[place + 1 :]:
            raise _two_tables(row.number, heading.number)
    for row in sheet.rows:
        if row.number <= heading.number:
            continue
        first = next((value for value in row.cells if value is not None), None)
        if isinstance(first, str) and first.startswith((EXAMPLE, HELP)):
            skipped += 1
        elif row.cells == heading.cells:
            continue
        elif _is_heading(row, every):
            raise _two_tables(heading.number, row.number)
        else:
            rows.append(row)
    return rows, skipped


def _own(
    rows: list[Row], columns: Mapping[int, tuple[Column, ...]]
) -> tuple[list[Row], int | None]:
    """The rows down to where something else begins, and the number of the row in which it does.

    That is an empty row, then one with a single text, its title, when no row from there on could be an entry: none
    fills every column that an entry needs. A heading between two groups of entries is therefore none.
    """
    needed = [place for place, (first, *_) in columns.items() if first.spec.required]
    for at, row in enumerate(rows):
        lone = [value for value in row.cells if value is not None]
        apart = at > 0 and row.number > rows[at - 1].number + 1
        if not (apart and needed and len(lone) == 1 and isinstance(lone[0], str)):
            continue
        if not any(all(cell(each, place) is not None for place in needed) for each in rows[at:]):
            return rows[:at], row.number
    return rows, None


def _is_heading(row: Row, every: Sequence[Headings]) -> bool:
    texts = [value for value in row.cells if value is not None]
    # Cheap first: a row of entries has a number, a day or a long text somewhere.
    if len(texts) < _ENOUGH or not all(isinstance(v, str) and len(v) <= 60 for v in texts):
        return False
    if sum(1 for text in texts if _DIGIT(str(text))) * 2 > len(texts):
        return False
    for headings in every:
        known = sum(1 for _ in _known(row, headings, slips=False))
        if known >= max(_ENOUGH, (len(texts) + 1) // 2):
            return True
    return False


def _two_tables(first: int, second: int) -> BadSpreadsheet:
    return BadSpreadsheet(
        f"the sheet holds two tables, with headings in rows {first} and {second}",
        "put each on a sheet of its own",
    )


def _refuse_merged(table: Table) -> None:
    last = table.rows[-1].number if table.rows else table.heading_row
    for block in table.sheet.merged:
        inside = block.bottom >= table.heading_row and block.top <= last
        if inside and any(block.left <= place <= block.right for place in table.columns):
            raise BadSpreadsheet(
                f"cells {letter(block.left)}{block.top} to {letter(block.right)}{block.bottom} are"
                " merged",
                "take the merging out, and fill in each cell",
            )


def cell(row: Row, place: int) -> Value:
    """What a row holds in a column."""
    return row.cells[place] if place < len(row.cells) else None
