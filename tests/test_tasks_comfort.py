"""Comfort at the keyboard: an icon for each system, words finished by Tab, guesses at what was meant, plain screens."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import stat
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cpvol.exchange.people import People
from cpvol.logs import BY_NAME
from cpvol.logs.book import Records
from cpvol.tasks import completion, launcher, namespace, outline
from cpvol.tasks.build import CpvolTask
from cpvol.tasks.lookup import log_named
from cpvol.tasks.papers import dropped
from cpvol.tasks.program import refusal
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, NoSuchPerson, Reader
from tests.support.entries import day, person
from tests.support.programs import needs
from tests.support.world import ROOT, World, posix

pytest_plugins = ["tests.support.worlds"]

#: Folders as people have them, and as nobody should.
FOLDERS = [
    "/srv/robin/cpvol",
    "/srv/robin/My Documents/cpvol",
    '/srv/l\u00e9a/Gr\u00fc\u00dfe & more/it\'s "here"',
    "/srv/robin/100% sure/$HOME `id`/back\\slash; echo no",
]


def command(folder: str) -> list[str]:
    return [f"{folder}/.venv/bin/python", "-m", "cpvol", "menu", "--stay"]


# -- an icon -----------------------------------------------------------------------------------------------------


def exec_key(text: str) -> list[str]:
    """The Exec key as a desktop reads it: the value unescaped, then split by its own quoting rules."""
    file = configparser.RawConfigParser()
    file.optionxform = str  # type: ignore[assignment,method-assign]
    file.read_string(text)
    entry = file["Desktop Entry"]
    assert entry["Type"] == "Application"
    assert entry["Terminal"] == "true"
    value = re.sub(
        r"\\(.)", lambda m: {"s": " ", "n": "\n", "t": "\t"}.get(m[1], m[1]), entry["Exec"]
    )
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', value)
    found = [re.sub(r'\\(["`$\\])', r"\1", quoted) if quoted else bare for quoted, bare in words]
    # A lone percent sign would stand for a file.
    assert not re.search(r"(?<!%)%(?:%%)*(?!%)", value)
    return [word.replace("%%", "%") for word in found]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_icon_for_linux_starts_the_menu(folder: str) -> None:
    shell, option, line = exec_key(launcher.contents("linux", command(folder), folder).decode())
    assert (shell, option) == ("/bin/sh", "-c")
    started, _, held = line.partition(" || ")
    assert shlex.split(started) == command(folder)
    assert "read" in held


@posix
@pytest.mark.parametrize("kind", ["linux", "macos"])
@pytest.mark.parametrize("status", [0, 1])
def test_the_window_stays_when_the_program_fails(
    tmp_path: Path, kind: launcher.Kind, status: int
) -> None:
    """By a real shell, from a folder with whatever may be in a name."""
    folder = tmp_path / 'it\'s 100% "here", $HOME L\u00e9a'
    folder.mkdir()
    program = folder / "python"
    program.write_text(f'#!/bin/sh\necho "in $PWD: $*"\nexit {status}\n', encoding="utf-8")
    program.chmod(0o755)
    made = launcher.write(kind, folder, [str(program), "menu", "--stay"], folder)
    assert made.stat().st_mode & stat.S_IXUSR
    argv = exec_key(made.read_text("utf-8")) if kind == "linux" else [str(made)]
    done = subprocess.run(argv, cwd=folder, input=b"\n", capture_output=True, check=False)
    said = done.stdout.decode()
    assert f"in {folder}: menu --stay" in said
    assert ("Press Enter" in said) == (status == 1)


@pytest.mark.parametrize(
    "folder",
    ["C:\\cpvol", "C:\\Users\\L\u00e9a \u674e\\My cpvol, 100% sure", "D:\\" + "long\\" * 60 + "x"],
)
def test_the_icon_for_windows_is_a_shell_link(folder: str) -> None:
    target = f"{folder}\\.venv\\Scripts\\python.exe"
    data = launcher.contents("windows", [target, "-m", "cpvol", "menu", "--stay"], folder)
    found = read_link(data)
    assert found["target"] == target
    assert found["working"] == folder
    assert found["arguments"] == "-m cpvol menu --stay"
    # The block has a fixed size; a longer path stands in LinkInfo alone.
    assert found.get("environment", target) == target
    assert ("environment" in found) == (len(target) < 260)


def read_link(data: bytes) -> dict[str, str]:
    """A shell link, read by [MS-SHLLINK]."""
    size, clsid, flags = struct.unpack_from("<I16sI", data)
    assert (size, clsid.hex()) == (76, "0114020000000000c000000000000046")
    # Link info, working folder, arguments, Unicode; no list of items, no name, no relative path, no icon.
    assert flags & 0x7F == 0x32
    assert flags & 0x80
    at = 76
    total, head, kinds, volume, old, _, _, new, _ = struct.unpack_from("<9I", data, at)
    assert (head, kinds) == (0x24, 1)
    assert struct.unpack_from("<II", data, at + volume) == (17, 3)
    assert data[at + old : data.index(b"\0", at + old)].isascii()
    end = at + new
    while data[end : end + 2] != b"\0\0":
        end += 2
    found = {"target": data[at + new : end].decode("utf-16-le")}
    at += total
    for name in ("working", "arguments"):
        (count,) = struct.unpack_from("<H", data, at)
        found[name] = data[at + 2 : at + 2 + 2 * count].decode("utf-16-le")
        at += 2 + 2 * count
    (size,) = struct.unpack_from("<I", data, at)
    if size:
        assert (size, struct.unpack_from("<I", data, at + 4)) == (0x314, (0xA0000001,))
        found["environment"] = data[at + 268 : at + 788].decode("utf-16-le").rstrip("\0")
        at += size
    assert bool(flags & 0x200) == ("environment" in found)
    assert data[at:] == bytes(4)
    return found


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("menu", "menu"),
        ("two words", '"two words"'),
        ('say "no"', '"say \\"no\\""'),
        ("ends in \\", '"ends in \\\\"'),
        ("", '""'),
    ],
)
def test_arguments_are_quoted_as_windows_programs_read_them(argument: str, quoted: str) -> None:
    assert (
        read_link(launcher.contents("windows", ["C:\\p.exe", argument], "C:\\"))["arguments"]
        == quoted
    )


@pytest.mark.parametrize(
    ("platform", "environ", "place"),
    [
        ("linux", {}, "home/.local/share/applications"),
        ("linux", {"XDG_DATA_HOME": "elsewhere"}, "elsewhere/applications"),
        ("freebsd14", {}, "home/.local/share/applications"),
        ("darwin", {}, "home/Desktop"),
        ("win32", {}, "home/AppData/Roaming/Microsoft/Windows/Start Menu/Programs"),
        ("win32", {"APPDATA": "roaming"}, "roaming/Microsoft/Windows/Start Menu/Programs"),
    ],
)
def test_where_it_is_put(platform: str, environ: dict[str, str], place: str) -> None:
    found = launcher.place(launcher.kind(platform), environ, Path("home"))
    assert found.as_posix() == place


def test_the_task_writes_it_where_it_is_wanted(tmp_path: Path) -> None:
    world = World(tmp_path)
    (tmp_path / "Desktop").mkdir()
    done = world.run("launcher", f"--to={tmp_path / 'Desktop'}")
    (made,) = (tmp_path / "Desktop").iterdir()
    assert str(made) in done.out
    assert made.name == launcher.NAMES[launcher.kind(sys.platform)]
    again = world.run("launcher", f"--to={tmp_path / 'Desktop'}")
    assert again.status == 0
    refused = world.run("launcher", f"--to={tmp_path / 'nowhere'}", status=2)
    assert "that folder is not there" in refused.err


# -- words finished by Tab ---------------------------------------------------------------------------------------


def tasks() -> dict[str, CpvolTask]:
    return {f"{group}.{task.name}".lstrip("."): task for group, task in outline.tasks()}


def finished(word: str, *earlier: str) -> list[str]:
    return completion.candidates(tasks(), word, earlier, topics=["leaver", "token"])


def test_tab_finishes_tasks_options_logs_and_choices() -> None:
    assert finished("training.") == ["training.add", "training.complete"]
    assert finished("consent.") == ["consent.add"]
    assert set(finished("")) == set(namespace().task_names)
    assert finished("tr", "list") == ["training"]
    assert set(finished("", "list")) == set(BY_NAME)
    assert finished("--tr", "training.add") == ["--trainer", "--transferred-from"]
    assert finished("--trainer=a", "training.add") == ["--trainer=authority"]
    assert finished("a", "training.add", "--trainer") == ["authority"]
    assert finished("a", "training.add", "--trainer", "=") == ["authority"]
    assert finished("=", "training.add", "--trainer") == ["authority", "transferred"]
    assert finished("l", "help") == ["leaver"]
    assert finished("--", "list", "training") == ["--all", "--json"]
    assert finished("--a", "list", "training", "--all") == []
    assert finished("--h") == ["--help"]
    assert finished("x", "no.such.task") == []
    assert finished("", "show") == []


def test_tab_opens_no_records(tmp_path: Path) -> None:
    """Where there are none, and no keys, the answers are the same: nobody's name can come out of it."""
    world = World(tmp_path)
    assert world.run("--complete", "=", "--", "person.status").out == ""
    assert world.run("--complete", "=person.st", "--").out == "person.status\n"
    assert not world.home.exists()


@posix
@needs("bash")
def test_the_script_for_bash_works_in_bash(tmp_path: Path) -> None:
    world = World(tmp_path)
    script = world.run("completion", "bash").out
    asked = """
cpvol() { "$PYTHON" -m cpvol "$@"; }
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _cpvol; echo "${COMPREPLY[*]}"; }
try cpvol person.st
try cpvol list train
try cpvol training.add --trainer = a
"""
    done = subprocess.run(
        ["bash", "-c", script + asked],
        env=world.env(PYTHON=sys.executable),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split() == ["person.status", "training", "authority"]


@pytest.mark.parametrize(
    ("shell", "program"), [("zsh", "zsh"), ("fish", "fish"), ("powershell", "pwsh")]
)
def test_the_other_scripts_are_sound(shell: str, program: str) -> None:
    """By the shell itself where this machine has it; everywhere, that they ask as the program expects."""
    script = completion.SCRIPTS[shell]
    assert 'cpvol --complete "="' in script or 'cpvol --complete "=$' in script
    assert " -- " in script
    if (found := shutil.which(program)) and program != "pwsh":
        subprocess.run([found, "-n", "-c", script], check=True, cwd=ROOT)


# -- what was meant ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said", "problem", "hint"),
    [
        (["person.stauts"], "No idea what", "no such task", "did you mean person.status?"),
        (["consent"], "No idea what", "no such task", "did you mean consent.add?"),
        (["person"], "No idea what", "stands for several", "choose from .*person.add"),
        (
            ["due", "--withn=3"],
            "No idea what",
            "due has no option --withn",
            "did you mean --within?",
        ),
        (["due", "--x"], "No idea what", "due has no option --x", "it has --on, --within"),
        (["due", "--within"], "flag needed value", "--within has no value", "--help due"),
        (["show"], "required positional", "show needs one more", "write behind show: the entry"),
        (["list", "training", "Robin"], "No idea what", "a word too many", "in quotes"),
        (["due", "Robin"], "No idea what", "no word without an option", "options are --on, --"),
        (
            ["template", "person", "--file", "Robin"],
            "",
            "--file stands twice, once with its name",
            "leave one .*: --log$",
        ),
        (["anchor", "Robin"], "No idea what", "no word without an option", "write anchor alone"),
        (["due", "--on=1", "--on", "2"], "", "--on stands twice", "leave one"),
        (
            ["sar.refer", "--entry=Robin"],
            "No idea what",
            "sar.refer has no option --entry",
            "it has --.*; write behind sar.refer: the entry: its number here",
        ),
        (["Robin Example"], "No idea what", "no such task", "see --list"),
        ([], "", "no such task", "see --list"),
    ],
)
def test_a_command_line_that_cannot_be_understood(
    words: list[str], said: str, problem: str, hint: str
) -> None:
    what, then = refusal(said, words, tasks())
    assert re.search(problem, what)
    assert re.search(hint, then)
    assert "Robin" not in what + then


@pytest.mark.parametrize("words", [["lst"], ["due", "--withn=3"], ["show"], ["Robin Example"]])
def test_inv_says_the_same_of_it_as_cpvol(words: list[str], tmp_path: Path) -> None:
    """The words of invoke name what was typed, and guess at nothing."""
    said = [
        subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=os.environ | {"CPVOL_HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        for module in ("invoke", "cpvol")
    ]
    assert said[0].stderr == said[1].stderr
    assert said[0].stderr.startswith("cpvol: ")
    assert [each.returncode for each in said] == [1, 1]


def test_help_alone_lists_its_topics_whichever_program_it_is_asked_of(tmp_path: Path) -> None:
    world = World(tmp_path)
    said = [
        world.run("help", module=each, cwd=ROOT, env={"CPVOL_RECORDS": None})
        for each in ("invoke", "cpvol")
    ]
    assert said[0] == said[1]
    assert "I forgot my passphrase" in said[0].out


@pytest.mark.parametrize(
    "typed", ["zoe o'shea-quince", "Zoe\u0308 O\u2019Shea Quince", "oshea", "o`shea", "QUINCE"]
)
def test_a_name_is_found_however_a_keyboard_spells_it(typed: str) -> None:
    """A spreadsheet program curls apostrophes, and few keyboards have every accent."""
    zoe = person("a", name="Zoë O\u2019Shea\u2011Quince")
    reader = Reader(Records([zoe, person("b", name="Sandy Sample")]), day("2010-03-31"))
    assert reader.person(typed) is zoe
    assert People([zoe]).named("quince, zoe o'shea") == [zoe]
    with pytest.raises(NoSuchPerson):
        reader.person("'")


def test_people_and_logs_are_guessed() -> None:
    reader = Reader(
        Records([person("a", name="Robin Example"), person("b", name="Sandy Sample")]),
        day("2010-03-31"),
    )
    for typed in ("Robni Example", "Robni", "Sandy Smaple"):
        with pytest.raises(NoSuchPerson, match="nobody of that name") as raised:
            reader.person(typed)
        assert raised.value.hint.startswith("did you mean ")
    with pytest.raises(NoSuchPerson) as raised:
        reader.person("Zaphod")
    assert raised.value.hint.startswith("see `list person`")
    assert log_named("DBS").name == "ecrb"
    with pytest.raises(BadInput) as refused:
        log_named("subject acess request")
    assert refused.value.hint.startswith("did you mean sar?")


# -- screens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "kept", "plain"),
    [
        ({}, None, False),
        ({}, True, True),
        ({"CPVOL_PLAIN": "1"}, None, True),
        ({"CPVOL_PLAIN": "0"}, True, False),
        ({"CPVOL_PLAIN": ""}, True, False),
    ],
)
def test_who_wants_plain_screens(
    tmp_path: Path, environ: dict[str, str], kept: bool | None, plain: bool
) -> None:
    session = Session(environ={"CPVOL_HOME": str(tmp_path), **environ}, project=None)
    session.remember(plain=kept)
    assert session.plain is plain


def test_the_setting_is_kept_and_given_up(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.run("plain")
    assert Session(environ={"CPVOL_HOME": str(world.home)}).plain
    world.run("plain", "--off")
    assert not Session(environ={"CPVOL_HOME": str(world.home)}).plain


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a/b c.xlsx", "/a/b c.xlsx"),
        ("'/a/b c.xlsx'", "/a/b c.xlsx"),
        ('"C:\\a\\b c.xlsx" ', "C:\\a\\b c.xlsx"),
        ("/a/b\\ c\\'s.xlsx", "/a/b c's.xlsx"),
        ("C:\\a\\b.xlsx", "C:\\a\\b.xlsx"),
        ("'", "'"),
    ],
)
def test_a_file_that_was_dragged_into_the_window(text: str, path: str) -> None:
    assert dropped(text) == path


def test_what_goes_wrong_keeps_a_clicked_window_open(monkeypatch: pytest.MonkeyPatch) -> None:
    from cpvol.tasks import ask, menu

    asked: list[str] = []

    def line(question: str) -> str:
        asked.append(question)
        return ""

    monkeypatch.setattr(ask, "line", line)
    monkeypatch.setattr(menu, "menu", lambda session: 1 // 0)
    menu.open_menu(Session(), stay=True)
    assert asked == ["Press Enter to close this window."]
    with pytest.raises(ZeroDivisionError):
        menu.open_menu(Session(), stay=False)


# -- what takes longer than a second ----------------------------------------------------------------------------


def test_how_far_it_has_come_is_told_once_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cpvol.tasks import session as module

    clock = iter([0.0, 0.4, 1.2, 1.2, 1.9, 2.3, 2.3, 0.0])
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    session = Session()
    session.__dict__["terminal"] = True
    count = session.counting("Reading the entries")
    for done in (250, 500, 750, 1000):
        count(done, 4000)
    assert capsys.readouterr().err == (
        "Reading the entries: 500 of 4000\nReading the entries: 1000 of 4000\n"
    )
    quiet = Session()
    quiet.__dict__["terminal"] = False
    quiet.counting("Reading")(1, 2)
    assert capsys.readouterr().err == ""


def test_what_is_being_done_is_said_when_it_takes_more_than_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cpvol.tasks import session as module

    told = threading.Event()

    class Clock(threading.Event):
        """Waits for nothing, three times over; then for the end."""

        left = 3

        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            if self.left:
                self.left -= 1
                return False
            told.set()
            return super().wait(60)

    monkeypatch.setattr(module, "Event", Clock)
    session = Session()
    session.__dict__["terminal"] = True
    with session.working("Making the pages"):
        assert told.wait(60)
    assert capsys.readouterr().err == (
        "Making the pages \u2026\n  still at it, 10 seconds\n  still at it, 20 seconds\n"
    )


# -- the first look ---------------------------------------------------------------------------------------------


@needs("git")
def test_the_first_look_says_what_to_do_and_how_old_the_copies_are(world: World) -> None:
    new = world.run("today").out
    assert re.search(r"First:\n  - renew the enhanced check: it has lapsed \(overdue since ", new)
    assert "Last backup: never on this computer; make one with `backup`." in new
    assert "others' copies" not in new
    # Whom it is about is not shown to whoever passes the screen.
    assert "Robin" not in new
    world.run("backup", str(world.root / "copy"))
    assert re.search(r"Last backup: \d\d/\d\d/\d{4}\.", world.run("today").out)
    settings = world.home / "settings.json"
    old = re.sub(r'("backup": ")[^"]+', r"\g<1>2009-01-31", settings.read_text("utf-8"))
    settings.write_text(old, encoding="utf-8")
    assert "Last backup: 31/01/2009; make one with `backup`." in world.run("today").out
