"""Words and tables laid out for a window: pure, so that every width can be tried without one.

A table that fits is a table. One that nearly fits has its long columns wrapped. One that does not is stacked: each row
a paragraph, with its headings in it. Nothing is ever cut. In the plain form, for a screen reader, each fact has a line
of its own and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

#: A column wider than this may be wrapped, down to this many cells.
_LONG = 26
_GAP = "  "


def cells(text: str) -> int:
    """How many cells of the window a text takes: none for an accent of its own, two for a wide character."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def paragraphs(text: str, width: int | None, indent: str = "") -> str:
    """A text in which every line that is too wide is wrapped between words, under where its words begin.

    :param width: the cells of a line, or ``None`` where there is no window.
    :param indent: stands before every line.
    """
    return "\n".join(line for each in text.split("\n") for line in _line(indent + each, width))


def _line(line: str, width: int | None) -> list[str]:
    if width is None or cells(line) <= width:
        return [line]
    words = line.lstrip(" ")
    lead = " " * (len(line) - len(words))
    mark = "- " if words.startswith("- ") else ""
    rest = lead + " " * len(mark)
    found = _wrapped(words.removeprefix(mark), width - len(rest), whole=True)
    return [(lead + mark if at == 0 else rest) + each for at, each in enumerate(found)]


def _wrapped(text: str, width: int, *, whole: bool = False) -> list[str]:
    """The lines of a text; a word that is wider than a line is folded, unless it shall stay whole."""
    lines = [""]
    for word in text.split(" "):
        left = word
        gap = " " if lines[-1] else ""
        if cells(lines[-1]) + len(gap) + cells(left) <= width:
            lines[-1] += gap + left
            continue
        if lines[-1]:
            lines.append("")
        while not whole and cells(left) > width:
            head = _head(left, width)
            lines[-1] = head
            left = left[len(head) :]
            lines.append("")
        lines[-1] = left
    return lines


def _head(word: str, width: int) -> str:
    """As much of a word as fits, at least one character."""
    end = 1
    while end < len(word) and cells(word[: end + 1]) <= width:
        end += 1
    return word[:end]


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int | None,
    *,
    plain: bool = False,
) -> list[str]:
    """The lines of a table.

    :param width: the cells of a line; ``None`` where there is no window: then each row has one line.
    """
    # What was typed into an entry may hold line ends; a cell has none.
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    if plain:
        return [line for row in rows for line in _facts(headings, row, width)]
    natural = [max(cells(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    widths = natural if width is None else _fitted(natural, width)
    if widths is None:
        return [line for row in rows for line in _stacked(headings, row, natural, width or 0)]
    return list(_drawn(headings, rows, widths))


def _fitted(natural: list[int], width: int) -> list[int] | None:
    """How wide each column becomes; ``None`` when even the narrowest do not fit."""
    free = width - len(_GAP) * (len(natural) - 1)
    if sum(natural) <= free:
        return natural
    least = [min(each, _LONG) for each in natural]
    spare = free - sum(least)
    if spare < 0:
        return None
    wanted = sum(natural) - sum(least)
    return [low + spare * (full - low) // wanted for low, full in zip(least, natural, strict=True)]


def _drawn(
    headings: Sequence[str], rows: Sequence[Sequence[str]], widths: list[int]
) -> Iterator[str]:
    yield _beside(headings, widths)
    yield "─" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    for row in rows:
        columns = [_wrapped(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        for at in range(max(len(column) for column in columns)):
            yield _beside([column[at] if at < len(column) else "" for column in columns], widths)


def _beside(row: Sequence[str], widths: list[int]) -> str:
    padded = (cell + " " * (wide - cells(cell)) for cell, wide in zip(row, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _stacked(
    headings: Sequence[str], row: Sequence[str], natural: list[int], width: int
) -> list[str]:
    """A row as a paragraph: up to its longest column as it stands, the rest with their headings below."""
    lead = natural.index(max(natural)) + 1
    first = _GAP.join(cell for cell in row[:lead] if cell)
    rest = "; ".join(
        f"{heading}: {cell}" if heading else cell
        for heading, cell in zip(headings[lead:], row[lead:], strict=True)
        if cell
    )
    lines = _wrapped(first, width - 4)
    below = _wrapped(rest, width - 4) if rest else []
    return [lines[0], *("    " + line for line in lines[1:] + below)]


def _facts(headings: Sequence[str], row: Sequence[str], width: int | None) -> list[str]:
    facts = [
        f"{heading}: {cell}" if heading else cell
        for heading, cell in zip(headings, row, strict=True)
        if cell
    ]
    return [*(line for fact in facts for line in _line(fact, width)), ""]


def form(pairs: Sequence[tuple[str, str]], width: int | None, *, plain: bool = False) -> list[str]:
    """The lines of a form: labels on the left, what stands there beside them."""
    if plain:
        return [line for label, text in pairs for line in _line(f"{label}: {text}", width)]
    wide = max((cells(label) for label, _ in pairs), default=0)
    lines: list[str] = []
    for label, text in pairs:
        lead = f"  {label}{' ' * (wide - cells(label))}  "
        room = None if width is None else max(20, width - wide - 4)
        found = [
            line
            for each in text.split("\n")
            for line in ([each] if room is None else _wrapped(each, room))
        ]
        lines += [lead + found[0], *(" " * (wide + 4) + line for line in found[1:])]
    return lines
