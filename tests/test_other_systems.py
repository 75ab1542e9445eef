"""What differs between systems: every branch on the platform is known and tried here, whatever system this is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cpvol.ledger import bounded
from tests.support.programs import needs
from tests.support.world import PASSPHRASE, ROOT, World

pytest_plugins = ["tests.support.worlds"]

#: Every module that asks which system it runs on, and where the answers that are not this system's are tried.
BRANCHES = {
    "bootstrap.py": "two names of folders inside .venv; the workflow runs it on all three systems",
    "cpvol/ledger/bounded.py": "test_a_process_is_bounded_where_the_system_can",
    "cpvol/tasks/comfort.py": "hands the name on to launcher.py",
    "cpvol/tasks/launcher.py": "tests/test_tasks_comfort.py, all three kinds of file",
    "cpvol/tasks/shell.py": "tests/test_tasks_shell.py, the lines for PowerShell",
    "cpvol/vault/many.py": "tests/test_vault_many.py, every way of starting a process",
}


def asks(path: Path) -> bool:
    """Whether a module asks which system it runs on, by one of Python's names for it."""
    tree = ast.parse(path.read_bytes(), str(path))
    return any(
        isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"sys.platform", "os.name", "platform.system", "os.uname"}
        for node in ast.walk(tree)
    )


def test_every_branch_on_the_platform_is_known() -> None:
    places = [ROOT / "bootstrap.py", *sorted((ROOT / "cpvol").rglob("*.py"))]
    found = {path.relative_to(ROOT).as_posix() for path in places if asks(path)}
    # It is given the name of the system, so that all three can be asked for anywhere.
    assert found | {"cpvol/tasks/launcher.py"} == set(BRANCHES)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_process_is_bounded_where_the_system_can(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    if platform == "linux" != sys.platform:
        pytest.skip("only Linux bounds a process from outside")
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "platform", platform)
            bounded.bound(process)
            words = bounded.bounded(["git", "version"])
        assert words[-2:] == ["git", "version"]
        assert words[0] == "git" or platform == "linux"
    finally:
        process.kill()
        process.wait()
        assert process.stdin
        process.stdin.close()


@needs("git")
def test_folders_with_blanks_quotes_and_letters_beyond_ascii(
    populated_once: World, tmp_path: Path
) -> None:
    world = populated_once.copy(tmp_path / "L\u00e9a's records & more, 100%")
    made = world.enter("token.add", person="Robin Sample", number="T-7", issued_on="01/10/2008")
    assert world.shown(made["id"])["number"] == "T-7"
    sheet = world.root / "\u0141\u00f3d\u017a \u674e.csv"
    world.run("export", str(sheet), "--log=token")
    assert b"T-7" in sheet.read_bytes()
    assert "The audit holds" in world.run("audit").out


@needs("git")
@pytest.mark.parametrize("codepage", ["cp1252", "cp850", "ascii"])
def test_a_console_with_an_old_code_page_shows_every_name(world: World, codepage: str) -> None:
    """What is printed is UTF-8 whatever Python was told about the console, and no letter stops a task."""
    name = "Zo\u00eb \u0141ukasz \u674e"
    world.enter("person.add", name=name, engagement="volunteer", access="none", joined_on="today")
    told = {"PYTHONIOENCODING": codepage, "PYTHONUTF8": "0"}
    assert name in world.run("list", "person", env=told).out
    assert "\u2500" in world.run("list", "person", env=told).out
    refused = world.run("person.status", name + "x", status=2, env=told)
    assert "did you mean" in refused.err
    assert PASSPHRASE not in refused.err


@needs("git")
def test_what_is_written_has_the_same_line_ends_everywhere(populated_once: World) -> None:
    """Whatever git's settings of the person say: what is signed has LF, and what is checked out has it too."""
    entries = populated_once.git("ls-tree", "-r", "--name-only", "main").split()
    for path in [each for each in entries if each.endswith((".yaml", ".json", ".md", "signers"))]:
        assert b"\r" not in (populated_once.records / path).read_bytes(), path
