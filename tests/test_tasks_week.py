"""The morning look, the sheet of the week and the calendar: few words, no names unasked, and the same file again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape

import pytest

from cpvol import compliance
from cpvol.policy import load
from cpvol.reports.week_sheet import DAYS, page, parts
from cpvol.tasks import morning
from cpvol.tasks.session import Session
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.told import TODAY, organisation, told
from tests.support.world import World, assert_refusal, posix

pytest_plugins = ["tests.support.worlds"]

BOOK = told()
FOUND = compliance.due(BOOK, load(), TODAY, DAYS, organisation())


def declined(
    steps: Steps, world: World, *argv: str, says: str, hint: str = "", hidden: tuple[str, ...] = ()
) -> None:
    """The task is refused, and nothing is changed."""
    before = world.files()
    assert_refusal(steps.run(world, [*argv]), says, hint, hidden)
    assert world.files() == before


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


# -- in the morning ---------------------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], on: date = TODAY) -> list[str]:
    found = compliance.due(BOOK, load(), on, morning.AHEAD, organisation())
    morning.brief(Session(), found, BOOK, on)
    return capsys.readouterr().out.splitlines()


def test_a_morning_is_a_few_sentences_with_what_is_due_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(capsys)
    ours = [each for each in FOUND if each.owner == "us"]
    late = [each for each in ours if each.overdue(TODAY)]
    assert lines[0].startswith(f"{TODAY:%A} {TODAY:%d/%m/%Y}. Overdue: {len(late)}.")
    assert len(lines) <= 8
    assert all(line.endswith(".") for line in lines)
    # A screen reader reads sentences; columns and lines drawn are for eyes.
    assert not any(re.search(r"  |[│─|]", line) for line in lines)
    assert any("times." in line for line in lines)


def test_every_due_date_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    for days in range(0, 400, 37):
        on = TODAY - timedelta(days=days)
        found = compliance.due(BOOK, load(), on, morning.AHEAD, organisation())
        ours = sum(each.owner == "us" for each in found)
        lines = said(capsys, on)
        told_of = 0
        for line in lines[1:]:
            if line.startswith(("Overdue since", "Due ")):
                times = re.search(r", (\d+) times\.$", line)
                told_of += int(times[1]) if times else 1
            elif line.startswith("And "):
                told_of += int(line.split()[1])
        assert told_of == ours
        counts = sum(int(n) for n in re.findall(r": (\d+)\.", lines[0]))
        assert counts == ours


def test_nothing_to_do_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    morning.brief(Session(), [], BOOK, TODAY)
    assert capsys.readouterr().out.splitlines() == [
        "Saturday 21/11/2026. Overdue: nothing. Due today: nothing. Due by 28/11/2026: nothing."
    ]


# -- on paper ---------------------------------------------------------------------------------------------------------


def test_the_sheet_has_everything_of_the_week_and_names_nobody() -> None:
    text = unescape(page(FOUND, "Harbour & Hill", TODAY).decode())
    names = [getattr(each, "name", "?") for each in BOOK.of("person")]
    assert not [name for name in names if name in text]
    for each in FOUND:
        inside = each.overdue(TODAY) or each.due_on < TODAY + timedelta(days=DAYS)
        assert (each.id in text) or not inside
        assert each.what in text or not inside
    assert "Harbour & Hill" in text
    assert "21/11/2026 to 27/11/2026" in text


def test_the_days_of_the_sheet_are_in_order_and_the_eighth_is_left_out() -> None:
    first = FOUND[0]
    from dataclasses import replace

    dues = [replace(first, due_on=TODAY + timedelta(days=n)) for n in (-1, 0, 6, 7)]
    found = parts(dues, TODAY)
    assert [(part.title, len(part.dues)) for part in found] == [
        ("Overdue", 1),
        ("Saturday 21/11/2026", 1),
        ("Friday 27/11/2026", 1),
    ]
    assert b"Nothing is overdue" in page([], "x", TODAY)


# -- the tasks --------------------------------------------------------------------------------------------------------


@needs("git")
@posix
def test_the_sheet_and_the_few_lines_are_options_of_due(steps: Steps, world: World) -> None:
    opened = ["amend", "Robin Example", "--set=account-opened-on=01/10/2008", "--reason=known now"]
    assert steps.run(world, opened).status == 0
    path = world.root / "week.html"
    done = steps.run(world, ["due", "--brief", f"--sheet={path}", "--on=01/06/2011"])
    assert done.status == 3
    assert "Wednesday 01/06/2011." in done.out
    assert path.is_file()
    assert "Robin" not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    declined(steps, world, "due", f"--sheet={path}", says="already")
    declined(steps, world, "due", "--brief", "--json", says="for a week")


@needs("git")
@posix
def test_the_calendar_is_written_again_into_its_own_file_and_no_other(
    steps: Steps, world: World
) -> None:
    path = world.root / "due.ics"
    argv = ["calendar", str(path), "--on=01/06/2011", "--json"]
    first = steps.run(world, argv)
    assert first.status == 0, first.err
    assert first.json["new"] == first.json["events"] > 0
    assert path.stat().st_mode & 0o777 == 0o600
    data = path.read_bytes()
    assert b"Robin" not in data
    again = steps.run(world, argv)
    assert (again.json["new"], again.json["changed"], again.json["cancelled"]) == (0, 0, 0)
    assert path.read_bytes() == data
    named = steps.run(world, [*argv[:-1], "--names"])
    assert "not locked" in named.err
    assert b"Robin Example" in path.read_bytes()
    assert steps.run(world, argv).json["changed"] > 0
    assert b"Robin" not in path.read_bytes()
    other = world.root / "other.ics"
    other.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    declined(steps, world, "calendar", str(other), says="no calendar of these records")
    link = world.root / "link.ics"
    link.symlink_to(other)
    declined(steps, world, "calendar", str(link), says="already")
    declined(
        steps, world, "calendar", str(world.records / "due.ics"), says="inside the records folder"
    )
    declined(steps, world, "calendar", str(world.root / "due.txt"), says=r"end in \.ics")


@needs("git")
@pytest.mark.parametrize(
    "argv",
    [("audit", "--report"), ("checkpoint", "--to"), ("backup", "--file")],
    ids=lambda argv: str(argv[0]),
)
def test_no_file_but_an_earlier_one_of_its_kind_is_written_anew(
    steps: Steps, world: World, argv: tuple[str, str]
) -> None:
    """A slip of the pen must not cost somebody the only file of their keys."""
    task, option = argv
    identity = world.home / "identity.age"
    keys, settings = identity.read_bytes(), (world.records / ".git/config").read_bytes()
    for place, says in (
        (identity, "another file of that name"),
        (world.records / ".git" / "config", "inside the records folder"),
        (world.home / ".." / "records" / "members.yaml", "inside the records folder"),
    ):
        declined(steps, world, task, f"{option}={place}", says=says)
    assert identity.read_bytes() == keys
    assert (world.records / ".git/config").read_bytes() == settings
    for _ in range(2):
        assert steps.run(world, [task, f"{option}={world.root / 'own.file'}"]).status in (0, 3)
