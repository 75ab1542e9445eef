"""Broken and hostile spreadsheets: each is refused in one sentence, or read rightly; no cell's value is ever repeated."""

from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import time as clock
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.locate import find_table
from cpvol.exchange.reading import read_bytes, read_file
from cpvol.exchange.sheet import MAX_FILE, Flaw
from tests.support.entries import person
from tests.support.sheets import archive, csv, inline, parts, planned, told, workbook

HEAD = ("Name", "Engagement", "Access", "Joined on")
ROW = ("Secretname Person", "volunteer", "query", "01/09/2008")


def refused(data: bytes, log: str | None = None) -> str:
    """The sentence with which a file is refused, hint included; never more than a line each."""
    with pytest.raises(BadSpreadsheet) as caught:
        planned(data, log)
    words = f"{caught.value.problem}; {caught.value.hint}"
    assert "\n" not in words
    assert "Secretname" not in words
    return words


def one(data: bytes) -> list[str]:
    """The names of the people in a file."""
    plan = planned(data)
    assert told(plan) == []
    return [getattr(each, "name", "") for each in plan.new]


# -- what kind of file it is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"%PDF-1.4 \x00 renamed", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls\b"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "no spreadsheet"),
        (b"{\\rtf1 Name}", "no spreadsheet"),
        (b"PK\x05\x06" + bytes(18), "damaged"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (csv("Name,Engagement") + b"\0\0\0", "no text has"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text"),
        (b"Name\x81\x8d,\xff\xfe\n", "no text that can be read"),
    ],
)
def test_a_file_of_another_kind_is_named(data: bytes, words: str) -> None:
    assert re.search(words, refused(data))


def test_a_word_document_is_no_spreadsheet() -> None:
    data = archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
    assert "no spreadsheet" in refused(data)


def test_a_file_of_100_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    tracemalloc.start()
    with pytest.raises(BadSpreadsheet, match="larger than 20 MB"):
        read_file(path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert "larger than" in refused(b"a," * (MAX_FILE // 2 + 1))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, words in (
        ("pipe", "not a file"),
        (".", "not a file"),
        ("dangling", "no such file"),
        ("loop", "cannot be read"),
        ("nul\0byte", "cannot be read"),
        ("nothing", "no such file"),
    ):
        with pytest.raises(BadSpreadsheet, match=words):
            read_file(tmp_path / name)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(csv(",".join(HEAD), ",".join(ROW)))
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert len(read_file(tmp_path / "link.csv")[0].rows) == 2


# -- workbooks made to do harm -----------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_by_what_its_directory_says() -> None:
    bomb = parts(inline(HEAD), **{"xl/media/a.bin": bytes(101 << 20)})
    assert len(bomb) < 1 << 20
    assert "more than 100 MB" in refused(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too() -> None:
    """The directory says a hundred bytes; what is unpacked is cut off there, and no longer fits its checksum."""
    bomb = bytearray(parts("<!-- -->" + " " * (8 << 20)))
    name = b"xl/worksheets/sheet1.xml"
    for signature, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = -1
        while (at := bomb.find(signature, at + 1)) >= 0:
            if bomb[at + name_at : at + name_at + len(name)] == name:
                struct.pack_into("<I", bomb, at + size_at, 100)
    assert "damaged" in refused(bytes(bomb))


def test_what_is_unpacked_is_counted_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part read many times over would pass the directory's sum."""
    monkeypatch.setattr("cpvol.exchange.xlsx.MAX_UNPACKED", 5_000)
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 9))
    book = f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>'
    assert "unpacks to more" in refused(parts(inline(*([HEAD] * 5)), **{"xl/workbook.xml": book}))


def test_entities_that_grow_without_end_are_never_unfolded() -> None:
    """The billion laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    sheet = f"<!DOCTYPE worksheet [{laughs}]><worksheet><sheetData>{inline(['&l9;'])}</sheetData></worksheet>"
    start = clock.perf_counter()
    assert "declarations" in refused(parts("", **{"xl/worksheets/sheet1.xml": sheet}))
    assert clock.perf_counter() - start < 30


def test_an_entity_that_names_a_file_is_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Secretname")
    sheet = f'<!DOCTYPE w [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><worksheet>&x;</worksheet>'
    for encoding in ("utf-8", "utf-16"):
        data = parts("", **{"xl/worksheets/sheet1.xml": sheet.encode(encoding)})
        assert "declarations" in refused(data)


def test_macros_are_refused() -> None:
    kinds = '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    assert "macros" in refused(parts(inline(HEAD, ROW), **{"[Content_Types].xml": kinds}))
    assert "macros" in refused(parts(inline(HEAD, ROW), **{"xl/vbaProject.bin": b"x"}))


def test_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    link = (
        '<Relationships><Relationship Id="rId1" TargetMode="External" Type="x/worksheet"'
        f' Target="{tmp_path.as_uri()}/a.xml"/></Relationships>'
    )
    assert "no entries" in refused(parts(inline(HEAD, ROW), **{"xl/_rels/workbook.xml.rels": link}))
    beside = {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}
    assert one(parts(inline(HEAD, ROW), **beside)) == [ROW[0]]


def test_a_part_outside_the_workbook_is_not_looked_for() -> None:
    away = '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/></Relationships>'
    assert "no entries" in refused(parts("", **{"xl/_rels/workbook.xml.rels": away}))


def test_a_locked_archive_and_an_odd_compression_are_refused() -> None:
    data = bytearray(parts(inline(HEAD)))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert "password" in refused(bytes(data))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
    assert "damaged" in refused(target.getvalue())


def test_more_rows_columns_or_letters_than_anybody_needs_are_refused() -> None:
    assert "50,000 rows" in refused(csv(*["a"] * 50_001))
    assert "200 columns" in refused(csv("a," * 200 + "a"))
    assert "32,767 characters" in refused(csv("Name,Access", "x" * 32_768 + ",y"))
    far = '<row r="1"><c r="ZZZ1" t="inlineStr"><is><t>x</t></is></c></row>'
    assert "200 columns" in refused(parts(far))
    assert "32,767 characters" in refused(parts(inline(HEAD, ("x" * 40_000,))))


@pytest.mark.parametrize(
    "sheet",
    [
        "<row><c></row>",
        '<row><c r="nonsense"><v>1</v></c></row>',
        '<row><c t="s"><v>7</v></c></row>',
        "<row><c><v>many</v></c></row>",
        '<row><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged(sheet: str) -> None:
    assert "damaged" in refused(parts(sheet))


# -- what people do to a sheet -----------------------------------------------------------------------------------------


def test_a_formula_counts_as_what_it_last_showed() -> None:
    formula = '<c t="str"><f>A1&amp;B1</f><v>Robin Example</v></c>'
    rest = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ROW[1:])
    plan = planned(parts(inline(HEAD) + f"<row>{formula}{rest}</row>"))
    assert [getattr(each, "name", "") for each in plan.new] == ["Robin Example"]
    assert any("1 cells are formulas" in note for note in plan.notes)


def test_a_formula_that_was_never_calculated_is_named_by_its_cell() -> None:
    assert told(planned(workbook([HEAD, ("=1+1", *ROW[1:])]))) == [
        f"row 2, Name: {Flaw.UNCALCULATED.value} (correct it in the sheet)"
    ]
    error = '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    (problem,) = told(planned(parts(inline(HEAD) + f"<row>{error * 1}</row>")))[:1]
    assert problem.startswith("row 2, Name: it shows an error")


def test_a_formula_in_a_csv_is_text_and_stays_text() -> None:
    assert one(csv(",".join(HEAD), "\"=cmd|'/c calc'!A0\",volunteer,query,01/09/2008")) == [
        "=cmd|'/c calc'!A0"
    ]


def test_merged_cells_in_the_table_are_refused_and_above_it_welcome() -> None:
    title = ("Staff list",)

    def merge(cells: str) -> bytes:
        return workbook([title, HEAD, ROW, ROW], lambda book: book.worksheets[0].merge_cells(cells))

    assert refused(merge("A3:A4")).startswith("cells A3 to A4 are merged")
    assert len(one(merge("A1:D1"))) == 1


def test_two_tables_on_a_sheet_are_refused() -> None:
    stacked = csv(
        ",".join(HEAD),
        ",".join(ROW),
        "",
        "Name,CRB number,Issue date,Decision",
        "x,1,1/1/2009,clear",
    )
    assert "two tables, with headings in rows 1 and 4" in refused(stacked)
    assert "two tables" in refused(stacked, "ecrb")
    beside = csv("Name,Access,,Engagement,Joined on", "x,query,,volunteer,1/1/2009")
    assert "side by side, in columns A and D" in refused(beside)
    twice = csv("Name,Access,,Name,Access", "x,query,,y,query")
    assert "both headed as Name" in refused(twice)


def test_what_stands_below_under_a_title_of_its_own_is_left_out_and_told() -> None:
    below = csv(",".join(HEAD), ",".join(ROW), "", "Keys to the office", "Key,Who", "1,Robin")
    table = find_table(read_bytes(below), None, None)
    assert ([row.number for row in table.rows], table.other) == ([2], 4)
    # A title between two groups of entries is no end: whoever wrote it is asked to take it out.
    groups = csv(",".join(HEAD), ",".join(ROW), "", "Volunteers", ",".join(ROW))
    table = find_table(read_bytes(groups), None, None)
    assert ([row.number for row in table.rows], table.other) == ([2, 4, 5], None)


def test_headings_that_are_missing_or_doubled_are_refused() -> None:
    assert "no row of headings" in refused(csv(",".join(ROW), ",".join(ROW)))
    assert "columns A and C are both headed as Name" in refused(
        csv("Name,Access,Full name", "a,query,b")
    )


def test_headings_repeated_for_printing_are_no_entries() -> None:
    head = ",".join(HEAD)
    assert one(csv(head, ",".join(ROW), head, "Robin Example,volunteer,query,02/09/2008")) == [
        ROW[0],
        "Robin Example",
    ]


@pytest.mark.parametrize(
    "heading", ["DOB", "D.O.B.", "Date of Birth", "Child's name", "Password", "PIN"]
)
def test_a_column_that_no_log_may_hold_is_refused_outright(heading: str) -> None:
    assert refused(
        csv(f"Name,{heading},Access,Joined on", "Secretname,1/1/2001,query,1/1/2009")
    ).startswith("column B is for ")


def test_a_hidden_sheet_is_left_alone_and_a_hidden_row_is_told_of() -> None:
    def hide(book: Workbook) -> None:
        book.create_sheet("old").append(HEAD)
        book["old"].append(ROW)
        book["old"].sheet_state = "hidden"
        book.worksheets[0].row_dimensions[2].hidden = True

    plan = planned(workbook([HEAD, ROW], hide))
    assert (plan.table.sheet.number, len(plan.new)) == (1, 1)
    assert "1 rows are hidden in the sheet and are taken in all the same" in plan.notes


def test_several_sheets_that_could_be_meant_are_asked_about() -> None:
    def another(book: Workbook) -> None:
        book.create_sheet("Checks").append(("Name", "CRB number", "Issue date", "Decision"))
        book["Checks"].append(("Robin Example", "1", "01/09/2008", "clear"))
        book.create_sheet("Notes").append(("Call Robin", "Tuesday"))

    data = workbook([HEAD, ROW], another)
    assert "1 (person), 2 (ecrb)" in refused(data)
    assert planned(data, "ecrb", [person("a", name="Robin Example")]).table.sheet.number == 2
    assert planned(data, sheet="checks", book=[person("a", name="Robin Example")]).table.logs == (
        "ecrb",
    )
    with pytest.raises(BadSpreadsheet, match="no sheet of that name"):
        planned(data, sheet="9")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_name_reads_the_same_in_every_encoding(encoding: str) -> None:
    text = "Name;Engagement;Access;Joined on\nZoë O\u2019Example;volunteer;query;01/09/2008\n"
    assert one(text.encode(encoding)) == ["Zoë O\u2019Example"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_out(separator: str) -> None:
    rows = [HEAD, ('"Example, Robin; twice"', *ROW[1:])]
    assert one(csv(*(separator.join(row) for row in rows))) == ["Example, Robin; twice"]
    assert one(csv(f"sep={separator}", *(separator.join(row) for row in rows))) == [
        "Example, Robin; twice"
    ]


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows() -> None:
    data = csv(",".join(HEAD), f'"{",".join(ROW)}', ",".join(ROW), ",".join(ROW))
    assert "breaks off" in refused(data)


def test_characters_that_cannot_be_seen_are_named_by_their_cell() -> None:
    data = csv(",".join(HEAD), "Robin\u202eSecretname,volunteer,query,01/09/2008")
    (problem,) = told(planned(data))
    assert problem.startswith("row 2, Name: it holds characters that cannot be seen")


def test_rows_count_as_the_spreadsheet_counts_them() -> None:
    """Empty rows, and cells of several lines."""
    data = csv("Staff list", "", '"a\nb",,', ",".join(HEAD), "", "Robin,volunteer,query,31/02/2009")
    assert told(planned(data)) == [
        "row 6, Joined on: there is no such day (write day/month/year, for example 31/03/2009)"
    ]


def test_nothing_of_a_cell_is_ever_said() -> None:
    """Whatever is wrong with it."""
    bad = ("Secretname", "Secretname", "Secretname", "Secretname")
    for head in (HEAD, ("Name", "Personal e-mail", "Joined on", "Why access is needed")):
        plan = planned(
            csv(",".join(head), ",".join(bad), ",".join([*ROW[:3], "born 01/02/2001"])), "person"
        )
        assert plan.problems
        assert not any("Secretname" in each for each in (*told(plan), *plan.notes))


def test_random_damage_to_a_workbook_ends_in_a_sentence() -> None:
    """Every byte that decides something, turned over."""
    whole = workbook([HEAD, ROW])
    for at in range(0, len(whole), 23):
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        with contextlib.suppress(BadSpreadsheet):
            read_bytes(bytes(broken))
