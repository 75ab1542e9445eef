"""Every command of README.md runs as it is written, in the order in which it stands, in a fresh copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cpvol.tasks import namespace
from tests.support.programs import needs
from tests.test_project import tracked

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

#: What is tried elsewhere: by test_bootstrap.py, by .ci/run, and by test_bench.py.
ELSEWHERE = (
    "python3 bootstrap.py ",
    ".venv/bin/ruff ",
    ".venv/bin/mypy",
    ".venv/bin/python bench/run.py",
)
#: Tasks that end with 3 when they have found something; what they find depends on the day.
MAY_FIND = ("inv due", "inv check")


def section(heading: str) -> str:
    """The text below one heading of the second level."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def blocks() -> list[str]:
    """The command blocks for a POSIX shell, in order; a block without a language is for every shell."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in {"", "sh"}]


def script() -> str:
    """All blocks as one script that stops at the first command that fails."""
    lines = [line for block in blocks() for line in block.splitlines()]
    kept = [line for line in lines if not line.startswith(ELSEWHERE)]
    return "set -eu\n" + "".join(
        f"{line} || test $? -eq 3\n" if line.startswith(MAY_FIND) else f"{line}\n" for line in kept
    )


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A copy of what git tracks here, with the environment that the first command would have made."""
    copy = tmp_path / "cpvol"
    for path in tracked():
        place = copy / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    inv = copy / ".venv" / "bin" / "inv"
    inv.parent.mkdir(parents=True)
    inv.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m invoke "$@"\n', encoding="utf-8")
    inv.chmod(0o755)
    return copy


@needs("git", "ssh-keygen", "sh")
def test_every_command_runs_as_written(fresh: Path, tmp_path: Path) -> None:
    environ = {name: os.environ[name] for name in ("PATH",) if name in os.environ} | {
        "HOME": str(tmp_path),
        "CPVOL_HOME": str(tmp_path / "home"),
        "CPVOL_PASSPHRASE": "four plain words here",
    }
    commands = tmp_path / "commands"
    commands.write_text(script(), encoding="utf-8")
    done = subprocess.run(
        ["sh", str(commands)],
        cwd=fresh,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "BAD" not in said
    assert "the anchor fits" in said
    assert "The audit holds" in said
    assert "robin@example.invalid" in said


def every_name() -> set[str]:
    """What may stand after ``inv``: every task's name, and the groups that do something by themselves."""
    found = namespace().task_names
    return {name for task, others in found.items() for name in (task, *others)}


def test_what_is_skipped_is_what_is_tried_elsewhere() -> None:
    lines = {line for block in blocks() for line in block.splitlines()}
    assert all(any(line.startswith(start) for line in lines) for start in ELSEWHERE)


@pytest.mark.parametrize("verb", ["demo", "test"])
def test_the_two_commands_stand_side_by_side_for_both_shells(verb: str) -> None:
    assert f"`python3 bootstrap.py {verb}` | `py bootstrap.py {verb}`" in section("Two commands")


def test_what_is_not_there_yet_is_not_there() -> None:
    named = set(re.findall(r"`([a-z.]+)`", section("Not there yet").split("Sharing")[0]))
    there = every_name()
    assert named & (there | {name.partition(".")[0] for name in there if "." in name}) == set()


def test_every_task_that_is_named_exists() -> None:
    there = every_name()
    named = set(re.findall(r"\binv ([a-z]+(?:\.[a-z-]+)?)", README))
    assert named - there == set()


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README + MAP)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_place_on_the_map_exists() -> None:
    named = re.findall(r"`((?:cpvol|tests|bench|site_src|schemas)/[^`<]*)`", MAP)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_map_draws_every_unit() -> None:
    drawn = set(re.findall(r"[a-z_]+", MAP.split("```")[1]))
    units = {
        path.stem
        for path in (ROOT / "cpvol").iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or path.is_dir())
    }
    assert units - drawn == set()
