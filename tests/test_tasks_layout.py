"""Tables, forms and sentences fit every window, and nothing in them is ever cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.tasks.layout import cells, form, paragraphs, table

HEADINGS = ("when", "", "what", "who", "number")
ROW = (
    "30/08/2025",
    "overdue",
    "propose the entry for disposal: kept 6 years since the file was closed",
    "Robin Example",
    "pvpw6jn4t2",
)

words = st.text(
    st.characters(categories=("L", "N", "P", "M"), exclude_characters="\x1b"), max_size=30
).map(lambda text: text.strip())
cell = st.lists(words, max_size=8).map(" ".join)


@given(
    rows=st.lists(st.tuples(cell, cell, cell, cell, cell), min_size=1, max_size=5),
    width=st.integers(24, 200),
    plain=st.booleans(),
)
def test_a_table_fits_and_nothing_in_it_is_lost(
    rows: list[tuple[str, ...]], width: int, plain: bool
) -> None:
    lines = table(HEADINGS, rows, width, plain=plain)
    shown = "".join(lines)
    for row in rows:
        for text in row:
            # Column by column and line by line, every character is there; folded words included.
            assert all(shown.count(c) >= text.count(c) for c in set(text) - {" "})
    # Plain text is for hearing: what is longer than a line there is a single word.
    assert plain or all(cells(line) <= width for line in lines)


@given(rows=st.lists(st.tuples(cell, cell, cell, cell, cell), min_size=1, max_size=5))
def test_where_there_is_no_window_each_row_is_one_line(rows: list[tuple[str, ...]]) -> None:
    lines = table(HEADINGS, rows, None)
    assert len(lines) == 2 + len(rows)
    for row, line in zip(rows, lines[2:], strict=True):
        assert all(" ".join(text.split()) in line for text in row)


def test_a_table_that_fits_is_a_table() -> None:
    assert table(("year", "entries"), [("2009", "3"), ("2010", "12")], 79) == [
        "year  entries",
        "─────────────",
        "2009  3",
        "2010  12",
    ]


def test_one_that_nearly_fits_has_its_long_column_wrapped() -> None:
    lines = table(HEADINGS, [ROW], 90)
    assert lines[2].startswith("30/08/2025  overdue  propose the entry for disposal:")
    assert lines[3].startswith(" " * 21 + "years since")
    assert "Robin Example  pvpw6jn4t2" in lines[2]


def test_one_that_does_not_fit_is_stacked() -> None:
    assert table(HEADINGS, [ROW], 60) == [
        "30/08/2025  overdue  propose the entry for disposal:",
        "    kept 6 years since the file was closed",
        "    who: Robin Example; number: pvpw6jn4t2",
    ]


def test_a_screen_reader_gets_a_fact_a_line() -> None:
    assert table(
        ("when", "", "who"), [("30/08/2025", "overdue", ""), ("", "", "Robin")], 79, plain=True
    ) == [
        "when: 30/08/2025",
        "overdue",
        "",
        "who: Robin",
        "",
    ]
    assert form([("Course", "x"), ("Completed on", "18/09/2008")], 79, plain=True) == [
        "Course: x",
        "Completed on: 18/09/2008",
    ]


def test_a_form_keeps_its_columns() -> None:
    assert form([("Course", "a course of many words"), ("Day", "18/09/2008")], 30) == [
        "  Course  a course of many",
        "          words",
        "  Day     18/09/2008",
    ]


def test_sentences_are_wrapped_under_where_they_begin() -> None:
    text = "Now:\n  - take away that computer's access\n  see"
    assert paragraphs(text, 24) == ("Now:\n  - take away that\n    computer's access\n  see")
    # An address or a card is copied whole.
    assert paragraphs("x " + "a" * 50, 24) == "x\n" + "a" * 50
    assert paragraphs("a sentence of some length", None) == "a sentence of some length"


@pytest.mark.parametrize(("text", "wide"), [("Ann", 3), ("Zoe\u0308", 3), ("\u674e", 2), ("é", 1)])
def test_cells(text: str, wide: int) -> None:
    assert cells(text) == wide
