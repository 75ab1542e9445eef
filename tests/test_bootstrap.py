"""The first command says in a line what is missing, and does again only what has changed.

A whole installation is what CI itself begins with; here nothing is installed.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[1] / "bootstrap.py"


def start(
    *words: str, before: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run bootstrap.py in a process of its own, after some preparation in Python."""
    code = (
        f"import runpy, sys\nsys.argv = {['bootstrap.py', *words]!r}\n{before}\n"
        f"runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def assert_problem_and_hint(run: subprocess.CompletedProcess[str], problem: str, hint: str) -> None:
    """One line that names the problem, one that says what to do, nothing else."""
    said = run.stderr.splitlines()
    assert len(said) == 2, run.stderr
    assert problem in said[0]
    assert said[1].startswith("hint: ")
    assert hint in said[1]
    assert run.returncode != 0
    assert run.stdout == ""


def test_an_older_python_is_told_which_one_is_needed() -> None:
    run = start("demo", before="sys.version_info = (3, 8, 18, 'final', 0)")
    assert_problem_and_hint(run, "this Python is 3.8, and cpvol needs 3.11", "python3.13")


def test_an_older_python_can_read_the_file_far_enough_to_say_so() -> None:
    ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_missing_git_is_named(tmp_path: Path) -> None:
    run = start("demo", environment={"PATH": str(tmp_path)})
    assert_problem_and_hint(run, "git is not installed", "install it")


def test_a_python_without_venv_is_named() -> None:
    hide = (
        "import importlib.util, shutil\nfind = importlib.util.find_spec\nshutil.which = str\n"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name)"
    )
    assert_problem_and_hint(start("test", before=hide), "venv and pip", "python3-venv")


@pytest.mark.parametrize("words", [(), ("tset",), ("--help",)])
def test_an_unknown_verb_is_answered_with_the_known_ones(words: tuple[str, ...]) -> None:
    assert_problem_and_hint(start(*words), "demo or test", "bootstrap.py demo")


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, in a made-up project whose commands are noted instead of run."""
    root = tmp_path / "a folder"
    root.mkdir()
    (root / "bootstrap.py").write_bytes(BOOTSTRAP.read_bytes())
    (root / "requirements.lock").write_text("one", encoding="utf-8")
    (root / "pyproject.toml").write_text("one", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("made_up_bootstrap", root / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ran: list[str] = []

    def make_environment() -> None:
        ran.append("venv")
        module.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        module.PYTHON.touch()
        for name in ("lock", "project"):
            module.stamp_path(name).unlink(missing_ok=True)

    def run(*arguments: str) -> int:
        ran.append(next((word for word in ("-r", "--editable") if word in arguments), arguments[1]))
        return 0

    monkeypatch.setattr(module, "make_environment", make_environment)
    monkeypatch.setattr(module, "run", run)
    module.__dict__["ran"] = ran
    return module


WHOLE = ["venv", "-r", "--editable"]


def test_the_second_run_installs_nothing(bootstrap: ModuleType) -> None:
    assert bootstrap.main(["demo"]) == 0
    assert bootstrap.main(["demo"]) == 0
    assert bootstrap.ran == [*WHOLE, "invoke", "invoke"]


def test_words_after_the_verb_are_passed_on(bootstrap: ModuleType) -> None:
    assert bootstrap.command_for(["test", "-k", "a b"])[-2:] == ["-k", "a b"]


def test_a_changed_lock_means_a_new_environment(bootstrap: ModuleType) -> None:
    bootstrap.prepare()
    bootstrap.LOCK.write_text("two", encoding="utf-8")
    bootstrap.prepare()
    assert bootstrap.ran == WHOLE * 2


def test_a_changed_project_is_installed_again_alone(bootstrap: ModuleType) -> None:
    bootstrap.prepare()
    bootstrap.PROJECT.write_text("two", encoding="utf-8")
    bootstrap.prepare()
    assert bootstrap.ran == [*WHOLE, "--editable"]


def test_an_environment_whose_python_is_gone_is_made_anew(bootstrap: ModuleType) -> None:
    bootstrap.prepare()
    bootstrap.PYTHON.unlink()
    bootstrap.prepare()
    assert bootstrap.ran == WHOLE * 2


def test_a_failed_installation_is_not_taken_for_a_finished_one(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(bootstrap, "run", lambda *_: 1)
        assert bootstrap.main(["demo"]) == 2
    assert "hint: pip's own words are above" in capsys.readouterr().err
    bootstrap.prepare()
    assert bootstrap.ran == ["venv", *WHOLE]
