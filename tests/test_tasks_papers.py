"""Where a task may write what is not locked: never among the records; a refused place is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpvol.tasks import ask, outline
from cpvol.tasks.papers import Place, new_file
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, assert_refusal

pytest_plugins = ["tests.support.worlds"]

#: The options that name a file or folder to be written.
_WRITTEN = {
    *("file", "to", "sheet", "report", "recovery_page", "handover", "folder"),
}
#: Tasks whose option of that name is read.
_READ = {"import", "audit.countersign", "restore", "handover", "breach.unseal"}

_ROBIN = "Robin Example"
#: Every task that writes, with a place among the records.
WRITING: dict[str, tuple[str, ...]] = {
    "launcher": ("--to={records}",),
    "init": ("--name=A", "--access=both", "--recovery-page={records}/page.html"),
    "due": ("--sheet={records}/week.html",),
    "accreditation": ("--to={records}/a.html",),
    "dataprotection": ("--to={records}/a.html",),
    "template": ("{records}/a.xlsx", "--log=training"),
    "export": ("{records}/a.xlsx", "--log=training"),
    "checkpoint": ("--to={records}/point",),
    "audit.check": ("--report={records}/a.html",),
    "audit.grant": ("{records}/keys", "--card={card}"),
    "audit.pack": ("{records}/a.zip", "--plain"),
    "backup": ("{records}/a.bundle",),
    "person.export": (_ROBIN, "--file={records}/a.html"),
    "breach.seal": ("{records}/a", "--card={card}"),
    "letter.template": ("breach", "--folder={records}"),
    "calendar": ("{records}/a.ics",),
    "key.recovery": ("--recovery-page={records}/page.html",),
    "site.build": ("--to={records}/site",),
    "site.pack": ("--to={records}/site.zip",),
    "letter.declaration": ("--file={records}/a.html",),
    "letter.job-description": ("--file={records}/a.html",),
}
#: What goes the same way, and would take long to bring to the point where it writes.
ALSO = {
    "recover": "by the same function as init and key.recovery",
    "sync": "tests/test_sync_handover.py",
    "retention.certificates": "tests/test_tasks_disposals.py",
}


def writing_tasks() -> set[str]:
    """Every task that has an option for a file or folder to be written, letters by one of their kind."""
    return {
        name
        for group, task in outline.tasks()
        if _WRITTEN & {param.name for param in task.params}
        and (name := f"{group}.{task.name}".lstrip(".")) not in _READ
        and (group != "letter" or name in WRITING)
    }


def test_no_task_that_writes_is_forgotten() -> None:
    assert writing_tasks() == set(WRITING) | set(ALSO)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


@pytest.fixture(scope="module")
def home(populated_once: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    return populated_once.copy(tmp_path_factory.mktemp("papers"))


@needs("git")
@pytest.mark.parametrize("task", sorted(WRITING))
def test_nothing_is_written_among_the_records(steps: Steps, home: World, task: str) -> None:
    world = World(home.root / "new") if task == "init" else home
    world.records.mkdir(parents=True, exist_ok=True)
    card = steps.run(home, ["member.card"]).out.strip()
    argv = [each.format(records=world.records, card=card) for each in WRITING[task]]
    before = world.files()
    assert_refusal(steps.run(world, [task, *argv]), "inside the records folder", "somewhere else")
    assert world.files() == before


# -- asked again ------------------------------------------------------------------------------------------------------


class _Somebody(Session):
    """A session with somebody at the keyboard."""

    terminal = True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What is answered, one after another; a question that is not expected fails."""
    given: list[str] = []
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(ask, "_plain", lambda: False)
    monkeypatch.setattr(ask, "_answer", lambda question, default, among: given.pop(0) or default)
    return given


def test_what_was_named_and_cannot_be_is_said_in_a_line_and_asked_for_again(
    answers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [str(tmp_path / "nowhere" / "a.html"), f"'{tmp_path / 'b c.html'}'"]
    place = new_file(_Somebody(), str(tmp_path / "a.txt"), (".html",), suggested="x.html")
    assert place.path == tmp_path / "b c.html"
    assert place.put(b"kept").read_bytes() == b"kept"
    told = capsys.readouterr().err
    assert "The file's name has to end in .html; name it so." in told
    assert "That folder is not there; name a file in a folder that is." in told


def test_what_cannot_be_written_is_written_elsewhere_and_nothing_is_lost(
    answers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [""]
    place = new_file(_Somebody(), str(tmp_path / "a.html"), (".html",), suggested="a.html")
    # It appeared after it was looked at.
    (tmp_path / "a.html").write_bytes(b"theirs")
    assert place.put(b"ours") == tmp_path / "a-2.html"
    assert (tmp_path / "a.html").read_bytes() == b"theirs"
    assert (tmp_path / "a-2.html").read_bytes() == b"ours"
    assert "There is a file of that name already" in capsys.readouterr().err


def test_a_full_disk_is_a_place_like_others(answers: list[str], tmp_path: Path) -> None:
    def write(path: Path) -> None:
        if path.name == "a":
            raise OSError
        path.write_bytes(b"ours")

    answers += [str(tmp_path / "b")]
    place = new_file(_Somebody(), str(tmp_path / "a"), suggested="a")
    assert place.write(write) == tmp_path / "b"


def test_with_nobody_to_ask_it_is_refused_and_the_option_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^--to: that folder is not there"):
        new_file(Session(), str(tmp_path / "nowhere" / "a"), suggested="a", option="--to")
    with pytest.raises(BadInput, match=r"^not given: --to"):
        new_file(Session(), None, suggested="a", option="--to")
    place = new_file(Session(), str(tmp_path / "a"), suggested="a", option="--to")
    (tmp_path / "a").mkdir()
    with pytest.raises(BadInput, match=r"^--to: there is a file of that name"):
        place.put(b"")


def test_a_folder_is_offered_where_a_folder_is_asked_for(
    answers: list[str], tmp_path: Path
) -> None:
    def refuse(path: Path) -> None:
        if not path.is_dir():
            raise BadInput("that folder is not there", "name one that is")

    answers += [""]
    assert Place(_Somebody(), "/nowhere", refuse, suggested="").path == tmp_path
