"""The demonstration: made by the program's own paths, the same for a day wherever it is made, and made again at will."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest

from cpvol.letters import LETTERS
from cpvol.letters.base import Letter, Matter, NotThisLetter
from cpvol.letters.page import make
from cpvol.policy import load
from cpvol.policy.organisation import TITLES
from cpvol.tasks import copies, menu, setup
from cpvol.tasks.demo import LOOK_ROUND, organisation
from cpvol.tasks.session import DEMO_IDENTITY, Session
from cpvol.vault import credential
from tests.support.inspect_records import problems, texts
from tests.support.programs import needs
from tests.support.told import TODAY, told
from tests.support.world import PASSPHRASE, ROOT, Done, World, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")
#: What no log holds, so that it is written on the letter by hand.
BY_HAND = {"training-place": ("day and time of the training",)}


class Project(World):
    """A copy of the program with its own ``records`` folder, as somebody has it who downloaded it."""

    @property
    def demo(self) -> Path:
        return self.root / "project" / "records" / "demo"

    def inv(self, *argv: str, status: int | None = 0) -> Done:
        env = self.env(
            PYTHONPATH=str(self.root / "project"), CPVOL_RECORDS=None, CPVOL_PASSPHRASE=None
        )
        for folder in ("user", "tmp"):
            (self.root / folder).mkdir(exist_ok=True)
        ended = subprocess.run(
            [sys.executable, "-m", "invoke", *argv],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=self.root / "project",
            env=env,
        )
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert status is None or done.status == status, done
        return done

    def content(self) -> dict[str, bytes]:
        """What stands in every record, by id."""
        identity = credential.decode((self.demo / ".git" / "cpvol" / "demo-identity").read_bytes())
        assert problems(self.demo, identity[0]) == []
        return texts(self.demo, identity[0])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("downloaded")
    home = root / "project"
    ignored = shutil.ignore_patterns("__pycache__", "demo", "ours")
    for name in ("cpvol", "records"):
        shutil.copytree(ROOT / name, home / name, ignore=ignored)
    # The package of the demonstration's story has the name that is left out above.
    shutil.copytree(ROOT / "cpvol" / "demo", home / "cpvol" / "demo", dirs_exist_ok=True)
    shutil.copy(ROOT / "tasks.py", home)
    return Project(root)


@pytest.fixture(scope="module")
def first(project: Project) -> Done:
    """What is said when the demonstration is made."""
    return project.inv("demo", "--on=01/06/2009")


def test_the_demonstration_and_again(project: Project, first: Done) -> None:
    assert "12 people and 104 entries over eight years." in first.out
    assert "wrote something down 174 times" in first.out
    assert "An audit counts 175 changes" in first.out
    content = project.content()
    # Nothing else was made: no credential, no settings, no question.
    assert not project.home.exists()
    founding = stock_git(project.demo, "rev-list", "--max-parents=0", "main")

    again = project.inv("demo", "--on=01/06/2009")
    assert again.out == first.out
    assert project.content() == content
    # Made anew, with keys of its own.
    assert stock_git(project.demo, "rev-list", "--max-parents=0", "main") != founding
    assert not project.demo.with_name("demo.new").exists()

    project.inv("demo", "--on=01/06/2010")
    assert project.content() != content


def test_the_demonstration_is_there_to_look_around_in(project: Project) -> None:
    if not project.demo.exists():
        project.inv("demo")
    listed = project.inv("list", "person", "--json")
    assert "demonstration" in listed.err
    assert "Robin Example" in {each["name"] for each in listed.json}
    assert project.inv("due", status=None).status in {0, 3}


def test_what_is_said_at_the_end_fits_a_window_and_can_be_copied(
    project: Project, first: Done
) -> None:
    rows = [row for line in first.out.splitlines() for row in (textwrap.wrap(line, 79) or [""])]
    assert len(rows) < 23
    lines = [line.strip() for line in first.out.splitlines() if line.startswith("    ")]
    assert len(lines) == len(LOOK_ROUND) + 1
    for line in lines[:-1]:
        words = shlex.split(line)
        # Of a program beside the interpreter that runs these tests, or that interpreter itself.
        assert Path(words[0]).parent == Path(sys.executable).parent, line
        ended = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=project.demo.parent.parent,
            env=project.env(
                PYTHONPATH=str(project.demo.parent.parent),
                CPVOL_RECORDS=None,
                CPVOL_PASSPHRASE=None,
            ),
        )
        assert ended.returncode in {0, 3}, (line, ended.stderr)
        assert ended.stdout
    assert lines[-1].endswith("cpvol")


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.name)
def test_every_letter_of_the_demonstration_names_its_office_and_comes_out_whole(
    letter: Letter,
) -> None:
    """It has all that a letter asks for; only what is for a hand to write is left to it."""
    offices = organisation()
    assert {card.purpose for card in offices.contacts} == set(TITLES)
    book = told(TODAY)
    made = []
    for record in list(book.of(letter.log)) if letter.log else [None]:
        matter = Matter(record, book, load(), offices, TODAY)
        with suppress(NotThisLetter):
            made.append(make(letter, matter))
    assert min((page.gaps for page in made), key=len) == BY_HAND.get(letter.name, ())


@pytest.fixture
def looking(populated_once: World, tmp_path: Path) -> tuple[World, Session]:
    """Somebody with keys and no records, who looks at a demonstration; the records that the keys are for lie beside."""
    world = populated_once.copy(tmp_path)
    project = tmp_path / "project"
    demo = project / "records" / "demo"
    shutil.copytree(world.records, demo)
    (demo / DEMO_IDENTITY).parent.mkdir(exist_ok=True)
    (demo / DEMO_IDENTITY).write_bytes(credential.encode(credential.generate(), "member-1", TODAY))
    session = Session({"CPVOL_HOME": str(world.home), "CPVOL_PASSPHRASE": PASSPHRASE}, project)
    assert session.identity != session.own_credential[0]
    return world, session


def test_records_of_ones_own_never_get_the_demonstrations_keys(
    looking: tuple[World, Session], tmp_path: Path
) -> None:
    """These lie open in its folder. And a menu that stands over it goes on with the records that were made."""
    _, session = looking
    assert menu._offered(session)[0] == "Begin records of your own"
    setup.init(
        session,
        name="Harbour & Hill",
        access="query",
        logs=None,
        handle=None,
        recovery_page=str(tmp_path / "page.html"),
        yes=True,
    )
    with session.register() as register:
        (me,) = register.members.members
        assert me.keys.age == session.own_credential[0].age_public
    assert session.folder == session.new_folder
    assert menu._offered(session) == menu.OFFERED


def test_the_way_from_the_demonstration_to_ones_own_ends_where_these_are_open(
    looking: tuple[World, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys may be lost, or be another computer's: what helps then is offered here as for everybody else."""
    ways: list[menu.Part] = []

    def offered(session: Session, met: object, part: menu.Part) -> bool:
        ways.append(part)
        return True

    monkeypatch.setattr(menu, "_until", offered)
    menu._begin_own(looking[1])
    assert [part.title for part in ways] == [menu.BEGIN.title, menu.LOCKED.title]
    assert "demo" not in dict(ways[0].tasks)


def test_a_copy_is_brought_back_while_the_demonstration_is_looked_at(
    looking: tuple[World, Session], tmp_path: Path
) -> None:
    world, session = looking
    world.run("backup", f"--file={tmp_path / 'copy'}")
    copies.restore(session, file=str(tmp_path / "copy"))
    with session.register() as register:
        assert register.git.folder == session.new_folder
        assert register.records("person")


def test_what_is_not_a_demonstration_is_left_alone(project: Project) -> None:
    if project.demo.exists():
        shutil.rmtree(project.demo)
    project.demo.mkdir(parents=True)
    mine = project.demo / "mine.txt"
    mine.write_text("mine")
    done = project.inv("demo", status=2)
    assert "is not a demonstration" in done.err
    assert mine.read_text() == "mine"
    shutil.rmtree(project.demo)


def test_installed_the_program_remembers_where_the_records_are(
    populated_once: World, tmp_path: Path
) -> None:
    """Without a folder of its own, ``init`` puts the place into the user's settings."""
    site = tmp_path / "site-packages"
    shutil.copytree(ROOT / "cpvol", site / "cpvol", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "support", site / "tests" / "support")
    # Some installed package brings a "tests" of its own, which only another whole package goes before.
    shutil.copy(ROOT / "tests" / "__init__.py", site / "tests")
    world = World(tmp_path / "world", {"PYTHONPATH": str(site)})
    world.root.mkdir()
    world.run(
        *("init", "--name=x", "--access=both", f"--recovery-page={world.page}"),
        module="tests.support.quick_lock",
    )
    assert populated_once.records.exists()
    assert not (populated_once.home / "settings.json").exists()
    elsewhere = {"CPVOL_RECORDS": None}
    assert world.run("list", "person", "--json", env=elsewhere).json == []
    shutil.rmtree(world.records)
    gone = world.run("list", "person", env=elsewhere, status=2)
    assert "no records yet" in gone.err
