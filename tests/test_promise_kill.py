"""Killed at any instant: the next task works, nothing confirmed is lost, and no half-done thing stays behind.

The real program is killed before each thing it does that leaves a trace, one after another, until it gets through.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpvol.ledger.objects import encode_pack, make
from tests.support.inspect_records import look, problems, texts, without_key
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, ids, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

Task = Callable[[World], list[str]]

NEXT = (
    *("person.add", "--name=Next Person", "--engagement=trustee", "--access=none"),
    *("--joined-on=01/09/2008", "--json"),
)


def add(world: World) -> list[str]:
    """A task that makes an entry."""
    return ["person.add", "--name=New Person", *NEXT[2:]]


def amend(world: World) -> list[str]:
    """A task that corrects an entry."""
    return ["amend", ids(world, "training")[0], "--set=venue=Town hall", "--reason=known now"]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


@pytest.mark.parametrize("task", [add, amend], ids=["add", "amend"])
def test_killed_before_each_step(
    steps: Steps, populated_once: World, tmp_path: Path, task: Task
) -> None:
    argv = task(populated_once)
    identity = populated_once.identity()
    before = texts(populated_once.records, identity)
    outcomes: list[bool] = []
    for at in range(1, 200):
        world = populated_once.copy(tmp_path / str(at))
        tip = look(world.records).refs["refs/heads/main"]
        ended = steps.run(world, argv, at=at)
        confirmed = look(world.records).refs["refs/heads/main"] != tip
        assert without_key(world.records, identity) == []
        if at % 2:
            assert steps.run(world, ["list", "person"]).status == 0
        following = steps.run(world, NEXT)
        assert (following.status, following.err.count("\n")) == (0, 0), (at, following.err)
        assert problems(world.records, identity) == [], at
        after = texts(world.records, identity)
        written = len(look(world.records).records()) - len(before)
        changed = {id for id in before if after[id] != before[id]}
        assert following.json["id"] in after
        if task is add:
            assert (changed, len(after)) == (set(), len(before) + written)
            assert written == 2 or not confirmed
        else:
            assert written == 1
            assert changed == {argv[1]} or not confirmed
        outcomes.append(confirmed)
        if ended.status == 0:
            break
        assert ended.status == -9
        assert ended.out == ""
    else:
        pytest.fail("it never gets through")
    # Every step was there to be killed at, before and after the moment that counts.
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes)
    assert outcomes.count(True) > 5


GIT = """#!/bin/sh
case "$1" in
  {command})
    {action}
    kill -9 $PPID
    exit 1;;
esac
exec {git} "$@"
"""


@pytest.mark.parametrize("task", [add, amend], ids=["add", "amend"])
@pytest.mark.parametrize(
    ("command", "action"),
    [
        pytest.param("update-ref", "head -n 4 | {git} update-ref --stdin", id="one of two refs"),
        pytest.param(
            "update-ref",
            'for r in main keyring; do : > "$GIT_DIR/refs/heads/$r.lock"; done',
            id="a lock on the refs",
        ),
        pytest.param("update-ref", "{git} update-ref --stdin", id="both refs"),
        pytest.param("update-index", ': > "$GIT_DIR/index.lock"', id="a lock on the index"),
        pytest.param("unpack-objects", "head -c 3000 | {git} unpack-objects -q", id="some objects"),
        pytest.param("unpack-objects", "{git} unpack-objects -q", id="all objects"),
    ],
)
def test_killed_inside_git(
    steps: Steps, populated_once: World, tmp_path: Path, task: Task, command: str, action: str
) -> None:
    git = shutil.which("git")
    world = populated_once.copy(tmp_path / "world")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(GIT.format(command=command, action=action.format(git=git), git=git))
    script.chmod(0o755)
    env = {"PATH": f"{script.parent}:{world.env()['PATH']}"}
    before = texts(world.records, world.identity())
    assert steps.run(world, task(world), env=env).status == -9
    # At no instant does main hold a record whose key is not there, whoever copies it just then.
    assert without_key(world.records, world.identity()) == []
    following = steps.run(world, NEXT)
    assert following.status == 0, following.err
    assert problems(world.records, world.identity()) == []
    after = texts(world.records, world.identity())
    assert set(before) < set(after)
    done = {id for id in before if after[id] != before[id]} or len(after) - len(before) == 2
    assert bool(done) is not ("some" in action or "-c 3000" in action)


def test_the_inspection_sees_what_it_looks_for(world: World) -> None:
    """A check that never fails proves nothing: each fault is put in and found."""
    identity = world.identity()
    git = world.records / ".git"
    old = look(world.records)
    assert problems(world.records, identity) == []
    world.run(*NEXT)
    assert problems(world.records, identity) == []
    (world.records / "plain.txt").write_text("left")
    (git / "index.lock").touch()
    (git / "cpvol" / "journal.json").write_text("{}")
    assert problems(world.records, identity) == [
        "left behind: cpvol/journal.json",
        "left behind: index.lock",
        "working files: ?? plain.txt",
    ]
    for path in (world.records / "plain.txt", git / "index.lock", git / "cpvol" / "journal.json"):
        path.unlink()
    # The keyring of before comes back, as a copy or an old backup would bring it.
    encoded = encode_pack([make(kind, data) for kind, data in old.objects.values()])  # type: ignore[arg-type]
    subprocess.run(["git", "unpack-objects", "-q"], cwd=world.records, input=encoded, check=True)
    assert sorted(line.rpartition(":")[0] for line in problems(world.records, identity)) == [
        "a keyring commit is left",
        "a keyring file is left",
    ]
    world.git("update-ref", "refs/heads/keyring", old.refs["refs/heads/keyring"])
    found = problems(world.records, identity)
    assert found[0] == "the tip names another keyring"
    assert "lacks a key" in found[1]
