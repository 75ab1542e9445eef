"""Entries in plain text in stock git: only when somebody asked for it, for what their keys open, and kept nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpvol.register import plain
from cpvol.sync.health import ailments
from tests.support.people import found
from tests.support.programs import needs
from tests.support.terminal import Terminal
from tests.support.world import PASSPHRASE, World, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

NAME = "Robin Sample"


@pytest.fixture
def remembered(world: World) -> World:
    """A world whose keychain holds the keys, and whose user would have git keep what it showed."""
    world.extra |= {
        "PYTHON_KEYRING_BACKEND": "bench.keychain.FileKeychain",
        "CPVOL_BENCH_KEYCHAIN": str(world.root / "keychain.json"),
        "GIT_CONFIG_GLOBAL": str(world.root / "gitconfig"),
    }
    (world.root / "gitconfig").write_text('[diff "cpvol"]\n\tcachetextconv = true\n')
    world.run("key.remember")
    return world


def git(world: World, *words: str) -> str:
    """Run git as the user would, in the records folder."""
    done = subprocess.run(
        ["git", *words],
        cwd=world.records,
        env=world.env(CPVOL_PASSPHRASE=None),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return (done.stdout + done.stderr).decode(errors="replace")


def test_on_and_off_with_stock_git(remembered: World) -> None:
    world = remembered
    id = world.shown(NAME)["id"]
    log = ("log", "-p", "--", f"person/{id[0]}")
    assert NAME not in git(world, *log)
    told = world.run("textconv", "on")
    assert "in plain text" in told.out
    world.enter("amend", id, set="email=robin@charity.example", reason="x")
    shown = git(world, *log)
    assert f'+name: "{NAME}"' in shown
    assert '+email: "robin@charity.example"' in shown
    assert NAME in git(world, "diff", "HEAD~1", "HEAD")
    assert "AGE-SECRET-KEY" not in git(world, "log", "-p", "keyring")
    assert nowhere_kept(world)
    world.run("textconv", "off")
    assert NAME not in git(world, *log)


def nowhere_kept(world: World) -> bool:
    """Whether no file of the world, and no object of git's, holds the name."""
    objects = git(world, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    files = [path.read_bytes() for path in world.root.rglob("*") if path.is_file()]
    return NAME not in objects and not any(NAME.encode() in each for each in files)


def test_the_passphrase_comes_from_the_terminal_and_not_from_the_environment(world: World) -> None:
    world.run("textconv", "on")
    log = ["git", "--no-pager", "log", "-p", "-1", "--", "person"]
    silent = subprocess.run(
        log,
        cwd=world.records,
        env=world.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert b"run `key.remember`" in silent.stdout
    assert NAME.encode() not in silent.stdout
    with Terminal(log, world.env(), world.records) as terminal:
        terminal.answer("Your passphrase", PASSPHRASE)
        assert terminal.end() == 0
    assert NAME in terminal.text
    assert PASSPHRASE not in terminal.text


def test_nothing_that_lies_in_the_records_is_run(remembered: World) -> None:
    world = remembered
    world.run("textconv", "on")
    mark = world.root / "was-run"
    planted = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n"
    for name in ("json.py", "sitecustomize.py", "cpvol/__init__.py", "keyring/__init__.py"):
        place = world.records / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(planted)
    assert NAME in git(world, "log", "-p", "--", "person")
    assert not mark.exists()


def test_neither_on_nor_off_is_refused(world: World) -> None:
    done = world.run("textconv", "perhaps", status=2)
    assert "neither on nor off" in done.err


def test_the_doctor_deletes_what_git_was_told_to_keep(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    first.enter("Robin A")
    with first.open() as register:
        git_, tip = register.git, register.head.oid
        git_.set_setting(
            "diff.cpvol.textconv", f'"{Path(sys.executable).as_posix()}" -c "print(5)"'
        )
        git_.set_setting("diff.cpvol.cachetextconv", "true")
        stock = {**os.environ, "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@y.example"}
        stock |= {"GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@y.example"}
        command = ["git", "log", "-p", "--", "person"]
        subprocess.run(command, cwd=first.folder, env=stock, capture_output=True, check=True)
        kept = git_.find("refs/notes/textconv/cpvol")
        assert kept is not None
        assert "plain text" in str([each.what for each in ailments(register, tip)])
        assert git_.find("refs/notes/textconv/cpvol") is None
        assert git_.find(kept.oid) is None
        assert "plain text" not in str([each.what for each in ailments(register, tip)])


def test_what_is_closed_destroyed_or_no_entry_is_said_in_brackets(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    id = first.enter("Robin A", readers=("member-1",))
    first.sync()
    second.sync()
    with second.open() as register:
        sealed = (second.folder / "person" / id[0] / id[1] / f"{id}.yaml.age").read_bytes()
        assert plain.shown(register, f"tmp_{id}.yaml.age", sealed) == f"({id} is closed to you)\n"
        gone = plain.shown(register, "aaaaaaaaaa.yaml.age", sealed)
        assert gone == "(aaaaaaaaaa was destroyed, or is not in these records)\n"
        assert plain.shown(register, "person.3.age", sealed).startswith("(a file of keys")
    with first.open() as register:
        damaged = plain.shown(register, f"{id}.yaml.age", sealed[:-1])
        assert damaged == f"(none of your keys opens this version of {id})\n"
