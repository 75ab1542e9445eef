"""At a terminal: fields are asked for one by one, shown before they are signed, and backing out changes nothing."""

from __future__ import annotations

import sys

import pytest

from tests.support.programs import needs
from tests.support.terminal import CONTROL_C, CONTROL_D, DOWN, ENTER, ESCAPE, UP, Terminal
from tests.support.world import PASSPHRASE, World, page_secret, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]


def at(world: World, *argv: str, module: str = "cpvol", **env: str | None) -> Terminal:
    for folder in ("cwd", "user", "tmp"):
        (world.root / folder).mkdir(exist_ok=True)
    return Terminal(
        [sys.executable, "-m", module, *argv], env=world.env(**env), cwd=world.root / "cwd"
    )


def answer_training(terminal: Terminal) -> None:
    """Answer the questions of training.add; Enter passes over what may stay empty."""
    terminal.answer(r"\? Person", "Robin Sample")
    terminal.answer(r"\? Course", "User training")
    terminal.answer(r"\? Completed on", "18 Sept 2008")
    terminal.wait_for("Thursday 18 September 2008")
    terminal.wait_for(r"\? Trainer")
    terminal.wait_for("carried over from an earlier post")
    terminal.type(DOWN + ENTER)
    terminal.answer("Enter them now", "y")
    terminal.answer(r"\? Booked on", "")
    for optional in ("Venue", "Token number", "Personnel file", "Carried over from"):
        terminal.answer(rf"\? {optional}", "")
    terminal.answer(r"\? Evidence seen on", "")
    terminal.answer(r"\? Evidence seen by", "")


def test_an_entry_field_by_field(world: World) -> None:
    with at(world, "training.add", CPVOL_PASSPHRASE=None) as terminal:
        terminal.answer("Your passphrase", PASSPHRASE)
        answer_training(terminal)
        form = terminal.wait_for("Is this right")
        terminal.type("y" + ENTER)
        assert terminal.end() == 0
    assert "Robin Sample" in form
    assert "18/09/2008" in form
    assert "carried over from an earlier post" in form
    made = world.run("find", "carried over", "--json").json
    assert [each["trainer"] for each in made] == ["transferred"]
    assert "Entered" in terminal.text
    # Typed unseen.
    assert PASSPHRASE not in terminal.text


def test_what_cannot_be_read_is_told_at_once(world: World) -> None:
    before = world.files()
    with at(world, "training.add") as terminal:
        terminal.answer("Person", "Zaphod")
        terminal.wait_for("nobody of that name")
        terminal.wait_for(r"\? Person")
        terminal.type(CONTROL_C)
        assert terminal.end() == 130
    assert world.files() == before


def test_only_what_is_missing_is_asked_for(world: World) -> None:
    with at(world, "training.add", "--person=Robin Sample", "--trainer=authority") as terminal:
        terminal.answer("Course", "User training")
        terminal.wait_for("Is this right")
        terminal.type("y" + ENTER)
        assert terminal.end() == 0
    assert "Venue" not in terminal.text


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["n" + ENTER, UP + ENTER], id="no, and nothing is to be changed"),
        pytest.param(["n" + ENTER, ESCAPE], id="no, then Esc"),
        pytest.param([ESCAPE], id="Esc"),
        pytest.param([CONTROL_C], id="Ctrl and C"),
        pytest.param([CONTROL_D], id="the end of input"),
    ],
)
def test_what_was_not_confirmed_is_not_written(world: World, keys: list[str]) -> None:
    before = world.files()
    with at(
        world, "training.add", "--person=Robin Sample", "--trainer=authority", "--course=x"
    ) as terminal:
        for question, pressed in zip(("Is this right", "to be changed"), keys, strict=False):
            terminal.wait_for(question)
            terminal.type(pressed)
        assert terminal.end() == 130
    assert terminal.text.rstrip().endswith("nothing was changed.")
    assert world.files() == before


def test_control_c_at_the_passphrase(world: World) -> None:
    before = world.files()
    with at(world, "list", "person", CPVOL_PASSPHRASE=None) as terminal:
        terminal.wait_for("Your passphrase")
        terminal.type(CONTROL_C)
        assert terminal.end() == 130
    assert "nothing was changed" in terminal.text
    assert "Traceback" not in terminal.text
    assert world.files() == before


def test_a_text_to_look_at_again(world: World) -> None:
    """Refused, it is not entered; let stand, it is, without --reviewed."""
    argv = ["amend", "Robin Sample", "--set=need-to-know=born 1/2/1999", "--reason=x", "--yes"]
    before = world.files()
    with at(world, *argv) as terminal:
        terminal.wait_for("Let it stand")
        terminal.type("n" + ENTER)
        assert terminal.end() == 2
    assert world.files() == before
    with at(world, *argv) as terminal:
        terminal.wait_for("Let it stand")
        terminal.type("y" + ENTER)
        assert terminal.end() == 0
    assert world.shown("Robin Sample")["need_to_know"] == "born 1/2/1999"


def test_init_asks_the_page_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    world = World(tmp_path_factory.mktemp("new"))
    with at(world, "init", module="tests.support.quick_lock", CPVOL_PASSPHRASE=None) as terminal:
        answer_init(terminal, world)
        first = int(terminal.wait_for(r"Type group \d+ of").split()[-2])
        groups = page_secret(world.page).split()
        terminal.answer("", "wrong")
        terminal.wait_for("look again")
        terminal.answer(r"Type group \d+", groups[first - 1].lower())
        # The question that was answered is drawn once more.
        other = rf"Type group (?!{first} )\d+ of"
        second = int(terminal.wait_for(other).split()[-2])
        terminal.type(groups[second - 1] + ENTER)
        assert terminal.end() == 0
    assert first != second
    assert "cpvol-anchor-1:" in terminal.text
    assert world.run("list", "person", "--json").json == []


def answer_init(terminal: Terminal, world: World) -> None:
    terminal.answer("organisation called", "Example Family Support")
    terminal.wait_for("How does it reach")
    terminal.type(ENTER)
    terminal.wait_for("Which logs")
    terminal.type(ENTER)
    terminal.wait_for("Where shall the recovery page be put")
    # What is suggested is rubbed out first.
    terminal.type("\x15" + str(world.page) + ENTER)
    terminal.wait_for("Make records for")
    terminal.type("y" + ENTER)
    terminal.answer("New passphrase", "short")
    terminal.answer("New passphrase", PASSPHRASE)
    terminal.answer("The same again", PASSPHRASE)


def test_stopping_at_the_last_question_of_init_says_what_is_true(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = World(tmp_path_factory.mktemp("new"))
    with at(world, "init", module="tests.support.quick_lock", CPVOL_PASSPHRASE=None) as terminal:
        answer_init(terminal, world)
        terminal.wait_for(r"Type group \d+")
        terminal.type(CONTROL_C)
        assert terminal.end() == 0
    assert "nothing was changed" not in terminal.text
    assert "Made records for Example Family Support" in terminal.text
    assert world.run("list", "person", "--json").json == []
