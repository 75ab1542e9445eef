"""Lines to be copied into a shell: they start our own programs from where one stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cpvol.tasks import shell
from cpvol.tasks.session import Session
from tests.support.world import posix

pytestmark = posix


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose environment has both programs."""
    folder = tmp_path / "my project"
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("inv", "cpvol"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} $1\n", encoding="utf-8")
        (programs / name).chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    return folder


def said(line: str, where: Path) -> str:
    return subprocess.run(
        shlex.split(f"{line} due"), cwd=where, capture_output=True, text=True, check=True
    ).stdout


def test_in_the_project_it_is_inv_and_a_short_path(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(beside)
    session = Session(environ={}, project=beside)
    assert shell.program(session) == ".venv/bin/inv"
    assert shell.program(session, menu=True) == ".venv/bin/cpvol"
    assert said(shell.program(session), beside) == "inv due\n"


@pytest.mark.parametrize("installed", [True, False])
def test_elsewhere_it_is_cpvol_by_its_whole_path(
    beside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, installed: bool
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    session = Session(environ={}, project=None if installed else beside)
    assert "cpvol" in shell.program(session)
    assert said(shell.program(session), other) == "cpvol due\n"


def test_what_the_shell_finds_by_itself_has_no_path(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setenv("PATH", str(beside / ".venv" / "bin"))
    assert shell.program(Session(environ={}, project=None)) == "cpvol"


def test_without_either_program_it_is_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "a b" / "python"))
    line = shell.program(Session(environ={}, project=None))
    assert shlex.split(line) == [str(tmp_path / "a b" / "python"), "-m", "cpvol"]


def test_a_variable_is_set_for_the_window(tmp_path: Path) -> None:
    line = shell.set_for_this_window("PLACE", str(tmp_path / "a b"))
    shown = subprocess.run(
        ["sh", "-c", f'{line}; echo "$PLACE"'], capture_output=True, text=True, check=True
    ).stdout
    assert shown == f"{tmp_path / 'a b'}\n"


def test_the_lines_for_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, strange = Path("/rooms/inv"), Path("/Brien's rooms/inv")
    with monkeypatch.context() as patched:
        patched.setattr(os, "name", "nt")
        assert shell._quoted(plain) == str(plain)
        assert shell._quoted(strange) == "& '/Brien''s rooms/inv'"
        line = shell.set_for_this_window("CPVOL_RECORDS", "/Brien's rooms")
    assert line == "$env:CPVOL_RECORDS = '/Brien''s rooms'"
