"""The daily round and the rare day at a terminal, by prompts alone, as a volunteer would go through them.

Each scenario runs the real program in a terminal of 80 or 120 cells, goes by what the window shows, and asserts on
what was seen and on what came of it. ``KEEP_SCREENS=folder`` keeps all that each of them drew, to be looked at.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpvol.tasks import menu
from tests.support.people import words_of
from tests.support.programs import needs
from tests.support.screen import Screen
from tests.support.sheets import workbook
from tests.support.terminal import CONTROL_C, CONTROL_D, CONTROL_U, ENTER, ESCAPE, UP
from tests.support.world import PASSPHRASE, World, page_secret, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

KEEP = os.environ.get("KEEP_SCREENS")
both = pytest.mark.parametrize("width", [80, 120])
#: Whatever is copied whole and wider than the window, which only the terminal can break: a word, or a command.
LONG_WORDS = ("cpvol-anchor-1:", "cpvol-card-1", "/", " --")
NEW = "brass kettle harbour"
ASKED = "What would you like to do"


@contextmanager
def sitting_at(
    world: World,
    *argv: str,
    width: int = 80,
    height: int = 40,
    module: str = "tests.support.quick_lock",
    **env: str | None,
) -> Iterator[Screen]:
    """Somebody at a terminal; at the end the whole of what was drawn is in order."""
    for folder in ("cwd", "user", "tmp"):
        (world.root / folder).mkdir(exist_ok=True)
    given = {"CPVOL_PASSPHRASE": None, **env}
    screen = Screen(
        [sys.executable, "-m", module, *argv],
        world.env(**given),
        world.root / "cwd",
        width=width,
        height=height,
    )
    try:
        with screen:
            yield screen
    finally:
        if KEEP:
            name = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0]
            place = Path(KEEP) / f"{name}-{width}.txt"
            place.write_text(
                (place.read_text("utf-8") if place.exists() else "") + screen.page + "\n\n=====\n",
                encoding="utf-8",
            )
    in_order(screen)


def in_order(screen: Screen) -> None:
    """Nothing ran over the edge, nothing is garbled, and nothing secret was shown."""
    lines = screen.page.split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if len(line) == screen.width and not any(mark in line for mark in LONG_WORDS):
            # Filled to the edge: then it has to end there, and what follows begins something new.
            assert not following or following.startswith((" ", "?")), f"{line}\n{following}"
    assert not re.search(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]|\^\[|Traceback", screen.page), screen.page
    assert PASSPHRASE not in screen.page


def unlock(screen: Screen) -> None:
    screen.sees("Your passphrase")
    screen.type(PASSPHRASE + ENTER)


def leave(screen: Screen) -> None:
    """Go back to the beginning, and leave."""
    while ASKED not in screen.sees_question("then Enter"):
        screen.choose(".", "Go back")
    screen.choose(ASKED, "Leave")
    assert screen.end() == 0


def begin(screen: Screen, world: World) -> None:
    """From the welcome to records of one's own."""
    screen.choose("How do you want to begin", "Make the records")
    screen.reply("organisation called", "Example Family Support")
    screen.choose("How does it reach", "directly")
    screen.sees("Which logs")
    screen.type(ENTER)
    screen.sees("Where shall the recovery page be put")
    screen.type(CONTROL_U + str(world.page) + ENTER)
    screen.reply("Make records", "y")
    screen.sees("New passphrase")
    screen.type(PASSPHRASE + ENTER)
    screen.sees("The same again")
    screen.type(PASSPHRASE + ENTER)
    read_page_back(screen, world.page)


def read_page_back(screen: Screen, page: Path) -> None:
    """Answer the two questions about the page."""
    seen: set[int] = set()
    for _ in range(2):
        others = "|".join(str(each) for each in seen) or "none"
        shown = screen.sees_question(rf"Type group (?!(?:{others}) )\d+ of")
        number = int(re.findall(r"\d+", shown)[0])
        seen.add(number)
        screen.type(page_secret(page).split()[number - 1] + ENTER)


@both
def test_from_nothing_to_a_first_signed_training_entry(tmp_path: Path, width: int) -> None:
    world = World(tmp_path)
    with sitting_at(world, width=width) as screen:
        screen.sees("There are no records here yet")
        begin(screen, world)
        screen.sees("send this line to whoever oversees")
        screen.choose(ASKED, "Enter something")
        screen.choose("Enter something", "About a person")
        screen.choose("About a person", "User register")
        screen.reply("Name", "Robin Example")
        screen.choose("Engagement", "volunteer")
        screen.choose("Access", "uses the directory directly")
        screen.reply("Joined on", "31 Sept 08", again=True)
        # What cannot be used is gone from the line, and what can is shown as it was understood.
        screen.sees("There is no such day.* Joined on$")
        screen.reply("Joined on", "1 Sept 08")
        screen.sees("Joined on Monday 1 September 2008")
        screen.reply("Enter them now", "n")
        screen.sees("01/09/2008")
        screen.reply("Is this right", "y")
        screen.sees("Entered. User register")
        screen.choose("About a person", "Training log")
        screen.reply("Person", "robin")
        screen.reply("Course", "User training")
        screen.reply("Completed on", "18/09/2008")
        screen.choose("Trainer", "directory's team")
        screen.reply("Enter them now", "y")
        screen.reply("Booked on")
        for optional in ("Venue", "Token number", "Personnel file", "Carried over"):
            screen.reply(optional)
        screen.reply("Evidence seen on", "19/09/2008")
        screen.reply("Evidence seen by", "Secretery")
        screen.reply("Is this right", "n")
        # Another answer than the one that was meant: Enter leaves it so, and nothing of the rest is lost.
        screen.choose("What is to be changed", "Person")
        screen.sees("It says now: Robin Example. Enter alone leaves it so")
        screen.reply("Person")
        screen.sees("Robin Example .* Is this right")
        # A mistake seen in time: one answer is changed, the others stand.
        screen.reply("Is this right", "n")
        screen.choose("What is to be changed", "Evidence seen by")
        screen.reply("Evidence seen by", CONTROL_U + "Secretary")
        screen.sees("Secretary .* Is this right")
        screen.reply("Is this right", "y")
        screen.sees("Entered. Training log")
        leave(screen)
    (training,) = world.run("list", "training", "--json").json
    assert training["completed_on"] == "2008-09-18"
    assert training["evidence_seen_by"] == "Secretary"
    assert world.git("log", "--format=%an", "main").split() == ["member-1"] * 3


@both
def test_a_spreadsheet_as_organisations_keep_it(
    founded_once: World, tmp_path: Path, width: int
) -> None:
    """A title row, mixed dates, blanks behind names, names in two columns, and a second table below."""
    world = founded_once.copy(tmp_path)
    file = tmp_path / "Staff list (final), L\u00e9a.xlsx"
    file.write_bytes(
        workbook(
            [
                ["Staff and volunteers, as at March 2009"],
                [],
                ["First name", "Surname ", "Staff or volunteer", "Start date", "Access"],
                ["Robin ", "Example", "volunteer", "1 September 2008", "query"],
                ["Sandy", " Sample", "employee", "03/11/2008", "none"],
                ["Alex", "Template", "Volunteer", "2009-01-05", "nominated"],
                [],
                ["Keys to the office"],
                ["Key", "Who"],
                ["1", "Robin"],
            ]
        )
    )
    with sitting_at(world, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "Spreadsheets, letters")
        screen.choose("Spreadsheets, letters", "Spreadsheets and papers")
        screen.choose("Spreadsheets and papers", "Take in a list")
        screen.reply("Which file", f"'{file}'")
        screen.reply("Enter all of this", "y")
        leave(screen)
    people = world.run("list", "person", "--json", env={"CPVOL_PASSPHRASE": PASSPHRASE}).json
    assert sorted(each["name"] for each in people) == [
        "Alex Template",
        "Robin Example",
        "Sandy Sample",
    ]


@both
def test_somebody_leaves(world: World, width: int) -> None:
    with sitting_at(world, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "Something has happened")
        screen.choose("What has happened", "Somebody leaves")
        screen.sees("Enter the last day")
        screen.choose("What next", "somebody leaves")
        screen.reply("Who", "Robin", again=True)
        screen.sees("2 people answer to that")
        screen.reply("Who", CONTROL_U + "Robin E")
        screen.reply("Left on", "today")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        screen.sees("Recorded for .* Next: .*token")
        leave(screen)
    shown = world.shown("Robin E")
    assert shown["left_on"]
    assert shown["amendments"][0]["action"] == "leave"


@both
def test_a_subject_access_request(world: World, width: int) -> None:
    with sitting_at(world, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "Something has happened")
        screen.choose("What has happened", "asks what is held")
        screen.choose("What next", "subject access referrals")
        screen.reply("Received on", "today")
        screen.choose("In writing", "yes")
        screen.choose("Who asks", "a parent or carer")
        screen.reply("Case reference", "Example, Sam", again=True)
        screen.sees("a number of your own with at least one digit")
        screen.reply("Case reference", CONTROL_U + "SAR-2026/1")
        screen.choose("Scope", "directory alone")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        screen.choose("What next", "passed on")
        screen.choose("Which entry", "SAR-2026/1")
        screen.choose("Referred to", "team")
        screen.reply("Referred on", "today")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        leave(screen)


@both
def test_a_breach_about_a_coordinator(world: World, tmp_path: Path, width: int) -> None:
    """Reported by somebody without any records, in a file that only the other reader opens."""
    card = world.run("member.card").out.strip()
    reporter = World(tmp_path / "reporter")
    reporter.root.mkdir()
    file = tmp_path / "report"
    with sitting_at(reporter, width=width) as screen:
        screen.choose("How do you want to begin", "in confidence")
        screen.reply("Where shall the sealed report be put", CONTROL_U + str(file))
        screen.reply("The card of one of them", card)
        screen.reply("Another card", "")
        screen.reply("Do you trust", "y")
        screen.reply("Discovered on", "today")
        screen.choose("Kind", "looking up family")
        screen.reply("What happened", "A record was looked at without a reason to do with work")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        screen.sees("only member-1 can open it")
        screen.choose("How do you want to begin", "Leave")
        assert screen.end() == 0
    assert b"Discovered" not in file.read_bytes()
    with sitting_at(world, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "Something has happened")
        screen.choose("What has happened", "Something went wrong")
        screen.choose("What next", "Read a report")
        screen.reply("Which file", str(file))
        # What was reported is shown before anything is asked about it.
        screen.sees("without a reason to do with work .* People concerned")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        leave(screen)


@pytest.fixture
def pair(world: World, tmp_path: Path) -> tuple[World, World]:
    """Two coordinators, each with a copy, and the folder where these meet."""
    place = tmp_path / "place"
    place.mkdir()
    invitation = world.run("share", str(place), "--yes").out
    anchor = next(word for word in invitation.split() if word.startswith("cpvol-anchor-1:"))
    other = World(tmp_path / "other")
    other.root.mkdir()
    joined = other.run(
        "join",
        "--handle=member-2",
        f"--address={place}",
        f"--anchor={anchor}",
        module="tests.support.quick_lock",
    )
    card = joined.out.strip().splitlines()[-1]
    world.run(
        "member.add", card, "--roles=admin,coordinator", "--reads=all", "--words", words_of(card)
    )
    other.run("sync", "--yes")
    return world, other


@both
def test_a_disposal_by_two(pair: tuple[World, World], width: int) -> None:
    first, second = pair
    first.run(
        "person.leave", "Robin Sample", "--left-on=01/02/2010", "--account-closed-on=02/02/2010"
    )
    with sitting_at(first, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "These records")
        screen.choose("These records", "Destroy what was kept")
        screen.choose("Destroy", "See what was kept")
        screen.sees("Robin Sample")
        screen.choose("Destroy", "Propose it")
        screen.reply("Propose these", "y")
        screen.sees("Another coordinator approves it")
        leave(screen)
    first.run("sync")
    second.run("sync")
    with sitting_at(second, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "These records")
        screen.choose("These records", "Destroy what was kept")
        screen.choose("Destroy", "Approve a proposal")
        screen.choose("Which proposal", "proposed by member-1, not approved")
        screen.reply("Approve", "y")
        screen.choose("Destroy", "Destroy what was approved")
        screen.choose("Which proposal", "approved")
        screen.reply("Destroy these now", "n")
        screen.sees("Nothing was changed")
        screen.choose("Destroy", "Destroy what was approved")
        screen.choose("Which proposal", "approved")
        screen.reply("Destroy these now", "y")
        screen.sees("Done: 1 entry destroyed")
        leave(screen)
    second.run("sync")
    first.run("sync")
    for world in (first, second):
        assert [each["name"] for each in world.run("list", "person", "--json").json] == [
            "Robin Example"
        ]


def test_somebody_joins_by_an_invitation(world: World, tmp_path: Path) -> None:
    """From the welcome to a card: the invitation is copied into the window, and the words are there to be read out."""
    place = tmp_path / "the place where we meet"
    place.mkdir()
    invitation = world.run("share", str(place), "--yes").out
    anchor = next(word for word in invitation.split() if word.startswith("cpvol-anchor-1:"))
    newcomer = World(tmp_path / "newcomer")
    newcomer.root.mkdir()
    with sitting_at(newcomer) as screen:
        screen.choose("How do you want to begin", "Join records")
        screen.reply("The place", f'"{place}"')
        screen.reply("The line", anchor)
        screen.reply("short name", CONTROL_U + "member-7")
        screen.sees("New passphrase")
        screen.type(PASSPHRASE + ENTER)
        screen.sees("The same again")
        screen.type(PASSPHRASE + ENTER)
        screen.sees("read these words to them")
        # Nobody has let them in yet: the menu says so, and goes on when somebody has.
        screen.choose("The records are locked", "Leave")
        assert screen.end() == 0
        card = next(word for word in screen.text.split() if word.startswith("cpvol-card-1"))
    world.run("member.add", card, "--roles=coordinator", "--reads=all", "--words", words_of(card))
    newcomer.run("sync", "--yes")
    assert len(newcomer.run("list", "person", "--json").json) == 2


@both
def test_a_lost_laptop(pair: tuple[World, World], width: int) -> None:
    first, _ = pair
    with sitting_at(first, width=width) as screen:
        unlock(screen)
        screen.choose(ASKED, "Something has happened")
        screen.choose("What has happened", "computer is lost")
        screen.choose("What next", "computer or keys are lost")
        screen.choose("Which member", "member-2")
        screen.reply("Take out", "y")
        screen.sees("worth nothing for what is written from now on")
        screen.reply("Enter this breach now", "y")
        screen.skip_to("Is this right")
        screen.reply("Is this right", "y")
        screen.sees("Entered. Breach log")
        leave(screen)
    members = {each["handle"]: each["present"] for each in first.run("member.list", "--json").json}
    assert members == {"member-1": True, "member-2": False}
    assert len(first.run("list", "breach", "--json").json) == 1


@both
def test_a_forgotten_passphrase(founded_once: World, tmp_path: Path, width: int) -> None:
    world = founded_once.copy(tmp_path)
    page = tmp_path / "new page.html"
    with sitting_at(world, width=width) as screen:
        screen.sees("Your passphrase")
        screen.type("not this one" + ENTER)
        screen.sees("That is not the passphrase.* Your passphrase")
        screen.type(ENTER)
        screen.choose("The records are locked", "I forgot my passphrase")
        screen.sees("groups on the recovery page")
        # One slip in 58 characters that nobody sees is to be expected, and costs nobody the way back.
        screen.type(page_secret(world.page)[:-1] + ENTER)
        screen.sees("has 57 characters.* Type all of them again.* groups on the recovery page")
        screen.type(page_secret(world.page) + ENTER)
        screen.sees("Where shall the recovery page be put")
        # The page that is there already costs nobody the groups that were typed in.
        screen.type(CONTROL_U + str(world.page) + ENTER)
        screen.sees(r"a file of that name already; choose another name.* \? Where shall")
        screen.sees_question("Where shall")
        screen.type(CONTROL_U + str(page) + ENTER)
        screen.reply("Go on", "y")
        screen.sees("New passphrase")
        screen.type(NEW + ENTER)
        screen.sees("The same again")
        screen.type(NEW + ENTER)
        read_page_back(screen, page)
        leave(screen)


def test_a_small_window_shows_what_needs_doing_and_the_whole_menu(world: World) -> None:
    with sitting_at(world, height=24, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
        screen.sees_question(ASKED)
        shown = "\n".join(screen.display)
        assert "in the next 30 days" in shown
        assert "Last checkpoint: never on this computer" in shown
        for words in menu.OFFERED:
            assert words in shown
        leave(screen)


def test_a_list_longer_than_the_window_scrolls_and_can_be_narrowed(world: World) -> None:
    with sitting_at(world, "template", height=12, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
        screen.sees_question("Which log.*type a part")
        assert "User register" in "\n".join(screen.display)
        assert "Legal holds" not in "\n".join(screen.display)
        screen.type(UP)
        screen.shows("» Legal holds")
        screen.type("Check reg")
        screen.shows("» Check register")
        screen.type(ESCAPE)
        assert screen.end() == 130


@pytest.mark.parametrize("task", ["template", "export"])
def test_a_sheet_is_asked_for_by_its_log_then_offered_a_name(
    world: World, tmp_path: Path, task: str
) -> None:
    with sitting_at(world, task, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
        screen.choose("Which log", "Training log")
        screen.sees_question("Where shall the file be put")
        screen.shows(r"training-[-\w]+\.xlsx")
        # One that cannot be used is asked for again.
        screen.type(CONTROL_U + str(tmp_path / "a.xls") + ENTER)
        screen.sees(r"has to end in .*one of the two\. .* \? Where shall")
        screen.sees_question("Where shall the file be put")
        screen.type(CONTROL_U + f"'{tmp_path / 'a.csv'}'" + ENTER)
        assert screen.end() == 0
    assert (tmp_path / "a.csv").is_file()


def test_a_letter_with_a_choice_of_offices_asks_which(world: World, tmp_path: Path) -> None:
    breach = json.loads(
        world.run(
            *("breach.add", "--discovered-on=02/03/2009", "--what=A record was looked at"),
            *("--category=known_people", "--persons=Robin Sample"),
            *("--found-through=spot_check", "--yes", "--json"),
            env={"CPVOL_PASSPHRASE": PASSPHRASE},
        ).out
    )["id"]
    with sitting_at(world, "letter.breach", breach, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
        assert "directory manager (as usual)" in screen.shows(r"» .*")
        screen.choose("Whom does it go to", "authority's team")
        screen.sees_question("Where shall the file be put")
        screen.type(CONTROL_U + str(tmp_path / "letter.html") + ENTER)
        screen.sees_question("On which day was it sent")
        screen.type(ENTER)
        assert screen.end() == 0
    assert "The authority's team" in html.unescape((tmp_path / "letter.html").read_text("utf-8"))


def test_a_correction_in_a_small_window(world: World) -> None:
    """The list of what can be corrected is as long as the window; what cannot be is told before anything is lost."""
    with sitting_at(
        world, "amend", "Robin Sample", height=24, CPVOL_PASSPHRASE=PASSPHRASE
    ) as screen:
        screen.choose("What is to be corrected", "Left on")
        screen.reply("Left on", "31 June 2009", again=True)
        screen.sees("There is no such day")
        screen.reply("Left on", "30/6/1990", again=True)
        screen.sees("left on” is before “joined on")
        screen.reply("Left on", "Fri 18 Sept 2009")
        screen.sees("Left on Friday 18 September 2009")
        screen.reply("Why is it corrected", "", again=True)
        screen.reply("Why is it corrected", "was not known")
        screen.sees("Left on: nothing becomes 18/09/2009")
        screen.reply("Is this right", "y")
        assert screen.end() == 0
    assert world.shown("Robin Sample")["left_on"] == "2009-09-18"


def test_by_a_screen_reader_every_list_is_numbered_and_nothing_is_drawn(world: World) -> None:
    with sitting_at(world, CPVOL_PLAIN="1") as screen:
        unlock(screen)
        number(screen, ASKED, "Enter something")
        number(screen, "Enter something", "About a person")
        number(screen, "About a person", "Training log")
        answer(screen, "Person:$", "Robin Sampel")
        screen.sees("did you mean Robin Sample")
        answer(screen, r"Person:$", "Robin Sample")
        answer(screen, "Course:$", "User training")
        answer(screen, "Completed on:$", "18 Sept 2008")
        screen.sees("Thursday 18 September 2008")
        number(screen, "Trainer", "directory's team")
        answer(screen, r"Enter them now\? \(y or n\):$", "n")
        screen.sees(
            "Person: Robin Sample Course: User training Completed on: 18/09/2008 Trainer: the directory's team"
        )
        answer(screen, r"Is this right\? \(y or n\):$", "y")
        screen.sees("Entered. Training log")
        # Nothing typed is a way back, through each list to the end.
        for question in ("About a person", "Enter something", ASKED):
            screen.shows(rf"(?ms)^{question}[^\n]*\n1\. .*^Number, 1 to \d+:\s*\Z")
            screen.type(ENTER)
        assert screen.end() == 0
        assert not re.search(r"[»○●─│]|\x1b\[[0-9;]*m", screen.page + screen.raw)
    assert len(world.run("find", "Robin Sample", "--json").json) == 2


def number(screen: Screen, question: str, words: str) -> None:
    """Choose from a numbered list."""
    shown = screen.shows(rf"(?ms)^{question}[^\n]*\n1\. .*^Number, 1 to \d+:\s*\Z")
    (at,) = re.findall(rf"^(\d+)\. .*{words}", shown, re.MULTILINE)
    screen.type(at + ENTER)


def answer(screen: Screen, question: str, text: str) -> None:
    """Answer a question that stands behind what was said before, at the end of the window."""
    screen.sees(question)
    screen.type(text + ENTER)


def test_without_colour_where_colour_is_not_wanted(world: World) -> None:
    colours = r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|38|48|9[0-7])[0-9;]*m"
    for wish, coloured in ((None, True), ("1", False)):
        with sitting_at(world, NO_COLOR=wish, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
            screen.sees("» See what needs doing .* Leave")
            # What is pointed at has a mark of its own beside its colour.
            assert sum(line.startswith(" » ") for line in screen.display) == 1
            leave(screen)
            assert bool(re.search(colours, screen.raw)) is coloured


#: One question of every kind, as its answer is asked for first.
KINDS = {
    "a line": (["ecrb.add", "--person=Robin Sample"], "Disclosure reference"),
    "a person": (["training.add"], "Person"),
    "a choice": (["training.add", "--person=Robin Sample", "--course=x"], "Trainer"),
    "yes or no": (["void", "Robin Sample", "--reason=x"], "Strike out"),
    "a list": (["person.status"], "Who"),
    "a file": (["import"], "Which file"),
}


@pytest.mark.parametrize("way", [CONTROL_C, CONTROL_D, ESCAPE], ids=["Ctrl-C", "Ctrl-D", "Esc"])
def test_backing_out_of_any_kind_of_question_changes_nothing(
    populated_once: World, tmp_path: Path, way: str
) -> None:
    world = populated_once.copy(tmp_path)
    before = world.files()
    for argv, question in KINDS.values():
        with sitting_at(world, *argv, CPVOL_PASSPHRASE=PASSPHRASE) as screen:
            screen.sees_question(question)
            screen.type(way)
            assert screen.end() == 130, argv
            assert "nothing was changed" in screen.page
    assert world.files() == before
