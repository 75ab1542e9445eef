"""The tasks that make letters: into the one file that was named, and "sent" into the log's own step."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.terminal import ENTER, Terminal
from tests.support.world import World, assert_refusal, ids, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

TOKEN = ("token.add", "--number=T-0042", "--person=Robin Sample", "--issued-on=01/10/2008")


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


@pytest.fixture
def lost(steps: Steps, world: World) -> str:
    """The number of a token that Robin Sample lost."""
    made = steps.run(world, [*TOKEN, "--lost-on=01/11/2008", "--used-by-other=no", "--json"])
    assert made.status == 0, made.err
    return str(made.json["id"])


def test_a_letter_is_written_for_its_owner_alone_and_says_what_it_leaves_open(
    steps: Steps, world: World, lost: str
) -> None:
    path = world.root / "lost.html"
    done = steps.run(world, ["letter.lost-token", lost, f"--file={path}"])
    assert done.status == 0, done.err
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Robin Sample" in path.read_text(encoding="utf-8")
    assert "Robin" not in done.out + done.err
    assert "organisation.contact authority_team" in done.err
    assert "left to be filled in by hand: where the authority's team is reached" in done.err
    assert "not locked" in done.err
    assert "after sending" in done.err
    assert "token.lose" in done.err


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("letter.txt", "has to end in .html"),
        ("there.html", "already"),
        ("dangling.html", "already"),
        ("records/letter.html", "inside the records folder"),
        ("link/letter.html", "inside the records folder"),
        ("nowhere/letter.html", "folder is not there"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(
    steps: Steps, world: World, file: str, says: str
) -> None:
    (world.root / "there.html").write_text("kept")
    (world.root / "dangling.html").symlink_to(world.root / "elsewhere.html")
    (world.root / "link").symlink_to(world.records)
    declined(
        *(steps, world, "letter.check-renewal", "Robin Example", f"--file={world.root / file}"),
        *("--on=01/09/2009",),
        says=says,
    )
    assert (world.root / "there.html").read_text() == "kept"
    assert not (world.root / "elsewhere.html").exists()


def test_without_a_file_nothing_is_made(steps: Steps, world: World) -> None:
    declined(steps, world, "letter.declaration", says="not given: --file", hint=r"\.html")


def test_a_folder_that_a_service_keeps_in_step_is_warned_of(steps: Steps, world: World) -> None:
    folder = world.root / "OneDrive - Example"
    folder.mkdir()
    argv = ["letter.check-renewal", "Robin Example", "--on=01/09/2009"]
    done = steps.run(world, [*argv, f"--file={folder / 'letter.html'}"])
    assert done.status == 0
    assert "file-sync service" in done.err


def test_that_it_was_sent_is_a_step_of_the_log_like_any_other(
    steps: Steps, world: World, lost: str
) -> None:
    argv = ["letter.lost-token", lost, f"--file={world.root / 'a.html'}", "--sent-on=02/11/2008"]
    done = steps.run(world, argv)
    assert done.status == 0, done.err
    assert "Recorded" in done.out
    assert "enter the new token" in done.err
    entry = steps.run(world, ["show", lost, "--json"]).json
    assert entry["team_told_on"] == "2008-11-02"
    assert entry["lost_on"] == "2008-11-01"
    assert [(each["action"], each["fields"]) for each in entry["amendments"]] == [
        ("lose", ["team_told_on"])
    ]
    assert world.git("log", "-1", "--format=%s", "main").strip() == f"token: lose {lost}"
    audited = steps.run(world, ["audit", "--contents"])
    assert lost not in audited.out.partition("What the checks of the entries find")[0]
    again = ["letter.lost-token", lost, f"--file={world.root / 'b.html'}"]
    assert "token.lose" not in steps.run(world, again).err


def test_a_day_that_has_not_come_is_not_recorded(steps: Steps, world: World, lost: str) -> None:
    argv = ["letter.lost-token", lost, f"--file={world.root / 'a.html'}", "--sent-on=01/01/2190"]
    done = steps.run(world, argv)
    assert done.status == 2
    assert "not come yet" in done.err
    assert "team_told_on" not in steps.run(world, ["show", lost, "--json"]).json


def test_an_override_is_reported_with_its_time(steps: Steps, world: World) -> None:
    made = steps.run(
        world,
        [
            *("override.add", "--person=Robin Example", "--date=14/08/2009", "--time=23:10"),
            *("--team-unavailable=yes", "--threat=yes", "--holds-right=yes", "--json"),
        ],
    )
    id = made.json["id"]
    argv = ["letter.override-report", id, "--sent-on=15/08/2009"]
    done = steps.run(world, [*argv, f"--file={world.root / 'a.html'}"])
    assert done.status == 2
    done = steps.run(world, [*argv, f"--file={world.root / 'b.html'}", "--sent-at=10:30"])
    assert done.status == 0, done.err
    entry = steps.run(world, ["show", id, "--json"]).json
    assert (entry["reported_on"], entry["reported_time"]) == ("2009-08-15", "10:30")


def test_the_shield_form_leaves_nothing_but_the_day_in_the_log(steps: Steps, world: World) -> None:
    made = steps.run(
        world,
        [
            *("shield.add", "--reference=SH-2009/4", "--requested-on=06/07/2009", "--route=asked"),
            *("--body=Example Family Support", "--relation=parent", "--criteria=child", "--json"),
        ],
    )
    id = made.json["id"]
    before = steps.run(world, ["show", id, "--json"]).json
    file = world.root / "form.html"
    argv = ["letter.shield-form", id, f"--file={file}", "--sent-on=06/07/2009"]
    done = steps.run(world, argv)
    assert done.status == 0, done.err
    assert "keep no copy" in done.err
    after = steps.run(world, ["show", id, "--json"]).json
    assert {key for key in after if after[key] != before.get(key)} == {"team_told_on", "amendments"}
    blank = steps.run(world, ["letter.shield-form", "blank", f"--file={world.root / 'blank.html'}"])
    assert blank.status == 0
    declined(
        steps,
        world,
        *("letter.shield-form", "blank", f"--file={world.root / 'c.html'}", "--sent-on=today"),
        says="stands in no log",
    )


def test_what_is_about_no_entry_needs_no_passphrase(steps: Steps, world: World) -> None:
    world.extra["CPVOL_PASSPHRASE"] = ""
    for number, argv in enumerate(
        (["letter.declaration"], ["letter.job-description"], ["letter.shield-form", "blank"])
    ):
        path = world.root / f"{number}.html"
        done = steps.run(world, [*argv, f"--file={path}"])
        assert done.status == 0, done.err
        assert path.is_file()
        assert "not locked" not in done.err


def test_a_name_is_enough_where_one_entry_is_meant(steps: Steps, world: World, lost: str) -> None:
    del lost
    path = world.root / "a.html"
    done = steps.run(world, ["letter.lost-token", "Robin Sample", f"--file={path}"])
    assert done.status == 0, done.err
    file = f"--file={world.root / 'b.html'}"
    declined(
        steps,
        world,
        "letter.lost-token",
        "Robin Example",
        file,
        says="no entries",
        hint="list token",
    )
    assert steps.run(world, [*TOKEN[:-1], "--issued-on=01/12/2008"]).status == 0
    # A letter about a lost token means the one that is lost.
    done = steps.run(world, ["letter.lost-token", "Robin Sample", file])
    assert done.status == 0, done.err
    second = next(id for id in ids(world, "token") if "lost_on" not in world.shown(id))
    lose = ["token.lose", second, "--lost-on=02/12/2008", "--yes"]
    assert steps.run(world, lose).status == 0
    file = f"--file={world.root / 'c.html'}"
    declined(
        steps, world, "letter.lost-token", "Robin Sample", file, says="2 entries of the log token"
    )
    declined(
        steps,
        world,
        "letter.lost-token",
        ids(world, "ecrb")[0],
        file,
        says="stands in the log ecrb",
    )


def test_an_office_is_chosen_from_those_that_can_be_right(steps: Steps, world: World) -> None:
    made = steps.run(
        world,
        [
            *("breach.add", "--discovered-on=11/05/2009", "--found-through=report", "--json"),
            *("--category=other", "--what=A screen was left open"),
        ],
    ).json
    file = f"--file={world.root / 'a.html'}"
    declined(
        *(steps, world, "letter.breach", made["id"], file, "--office=first_line"),
        says="none of the choices",
        hint="directory_manager",
    )
    argv = ["letter.breach", made["id"], file, "--office=directory manager", "--sent-on=today"]
    assert steps.run(world, argv).status == 0
    shown = steps.run(world, ["show", made["id"], "--json"]).json
    assert "directory_manager_told_on" in shown


def test_words_of_ones_own_are_copied_out_used_and_checked(steps: Steps, world: World) -> None:
    folder = world.root / "our words"
    folder.mkdir()
    done = steps.run(world, ["letter.template", "check-renewal", f"--folder={folder}"])
    assert done.status == 0, done.err
    assert "renewal_role: the role that sees to the renewal of checks" in done.err
    own = folder / "check-renewal.html"
    assert "{{ last_day }}" in own.read_text(encoding="utf-8")
    declined(steps, world, "letter.template", "check-renewal", says="already")
    declined(
        steps, world, "letter.template", "chekc", says="no letter of that name", hint="letterhead"
    )
    argv = ["letter.check-renewal", "Robin Example", "--on=01/09/2009"]
    own.write_text("<h1>Renew by {{ last_day }}</h1>", encoding="utf-8")
    done = steps.run(world, [*argv, f"--file={world.root / 'a.html'}"])
    assert "<h1>Renew by 10 August 2011</h1>" in (world.root / "a.html").read_text("utf-8")
    assert str(own) in done.err
    for text, says in (
        ("<h1>\n{{ lastday }}</h1>", r"line 2: there is no field lastday"),
        ("<script>x</script>", "line 1: an element that no letter may hold"),
        ("x" * 100_001, "too large"),
        ("\udcff", "UTF-8"),
    ):
        own.write_bytes(text.encode(errors="surrogateescape"))
        declined(
            steps,
            world,
            *argv,
            f"--file={world.root / 'b.html'}",
            says=says,
            hidden=("Robin", "001234567890"),
        )
        assert not (world.root / "b.html").exists()


def test_the_accreditation_file_holds_the_declaration(steps: Steps, world: World) -> None:
    path = world.root / "file.html"
    done = steps.run(world, ["accreditation", f"--to={path}"])
    assert done.status in {0, 3}, done.err
    assert "<h2>Declaration</h2>" in path.read_text(encoding="utf-8")


def leaver_letter(world: World) -> Terminal:
    """Somebody who left, and the letter about it at a terminal."""
    for folder in ("cwd", "user", "tmp"):
        (world.root / folder).mkdir(exist_ok=True)
    world.enter("person.leave", "Robin Sample", left_on="01/06/2009")
    command = [sys.executable, "-m", "cpvol", "letter.leaver", "Robin Sample"]
    return Terminal(command, env=world.env(), cwd=world.root / "cwd")


def test_at_a_terminal_the_file_and_the_day_are_asked_for(world: World) -> None:
    with leaver_letter(world) as terminal:
        terminal.wait_for(r"Where shall the file be put")
        terminal.type(ENTER)
        terminal.answer(r"On which day was it sent", "02/06/2009")
        terminal.wait_for("Is this right")
        terminal.type("y" + ENTER)
        assert terminal.end() == 0
    assert (world.root / "user" / "leaver.html").is_file()
    assert "suspended, then record the day" in terminal.text or "Next:" in terminal.text
    assert world.shown("Robin Sample")["team_told_on"] == "2009-06-02"


def test_backing_out_of_the_day_leaves_the_letter_and_says_so(world: World) -> None:
    """It is written by then: "nothing was changed" would leave a file about somebody lying there unknown."""
    with leaver_letter(world) as terminal:
        terminal.wait_for(r"Where shall the file be put")
        terminal.type(ENTER)
        terminal.wait_for(r"On which day was it sent")
        terminal.type("\x03")
        assert terminal.end() == 0
    assert "nothing was changed" not in terminal.text
    assert "once it is sent, record the day" in " ".join(terminal.text.split())
    assert (world.root / "user" / "leaver.html").is_file()
    assert "team_told_on" not in world.shown("Robin Sample")
