"""When the disk gives out, at whatever step: a task that says it failed changed nothing, one that says done is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.inspect_records import look, problems, texts
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, assert_refusal, ids, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

Task = Callable[[World], list[str]]

NEXT = (
    *("person.add", "--name=Next Person", "--engagement=trustee", "--access=none"),
    "--joined-on=01/09/2008",
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
def test_full_at_each_step(steps: Steps, populated_once: World, tmp_path: Path, task: Task) -> None:
    argv = task(populated_once)
    identity = populated_once.identity()
    before = texts(populated_once.records, identity)
    statuses: list[int] = []
    for at in range(1, 200):
        world = populated_once.copy(tmp_path / str(at))
        ended = steps.run(world, argv, at=at, how="full")
        if ended.status == 2:
            assert_refusal(ended, "", "")
            after = before
        else:
            assert ended.status == 0, (at, ended)
            after = texts(world.records, identity)
            assert after != before
        # What the task said holds for the next one too: nothing appears later that was said to have failed.
        following = steps.run(world, NEXT)
        assert following.status == 0, (at, following.err)
        assert problems(world.records, identity) == [], at
        now = texts(world.records, identity)
        assert len(now) == len(after) + 1
        assert now.items() > after.items(), at
        statuses.append(ended.status)
        if ended.steps < at:
            break
    assert statuses.count(2) > 5
    assert statuses[-1] == 0


def test_full_at_each_step_of_init(steps: Steps, tmp_path: Path) -> None:
    """Nothing is left that would be in the way of trying again, and no records without their recovery page."""
    statuses: list[int] = []
    # Most of its steps write one working file after another; of those every ninth is enough.
    for at in (*range(1, 31), *range(31, 600, 9)):
        world = World(tmp_path / str(at))
        world.root.mkdir()
        argv = ["init", "--name=Example", "--access=both", f"--recovery-page={world.page}"]
        ended = steps.run(world, argv, at=at, how="full")
        statuses.append(ended.status)
        if ended.status == 2:
            assert_refusal(ended, "", "")
            assert world.files() == {}
            assert not world.records.exists()
            # The folder is as before, so that trying again now and then is enough.
            if at % 5:
                continue
            ended = steps.run(world, argv)
        assert ended.status == 0, (at, ended.err)
        # The working files may wait for the next task; what counts is in the history.
        assert steps.run(world, ["list", "person"]).status == 0
        assert problems(world.records, world.identity()) == [], at
        assert world.recovery().secret
        if ended.steps < at:
            break
    assert statuses.count(2) > 5
    assert statuses[-1] == 0


GIT = """#!/bin/sh
case "$1" in
  {command})
    {action}
    echo "fatal: write error: No space left on device" >&2
    exit 128;;
esac
exec {git} "$@"
"""


@pytest.mark.parametrize("task", [add, amend], ids=["add", "amend"])
@pytest.mark.parametrize(
    ("command", "action", "done"),
    [
        pytest.param("unpack-objects", ":", False, id="no objects"),
        pytest.param("unpack-objects", "head -c 3000 | {git} unpack-objects -q", False, id="some"),
        pytest.param("unpack-objects", "{git} unpack-objects -q", False, id="all objects"),
        pytest.param("update-ref", ":", False, id="no refs"),
        pytest.param("update-ref", "{one}", False, id="one of two refs"),
        pytest.param("update-ref", "{git} update-ref --stdin", True, id="both refs"),
        pytest.param("update-index", ":", True, id="the index"),
    ],
)
def test_full_inside_git(
    steps: Steps,
    populated_once: World,
    tmp_path: Path,
    task: Task,
    command: str,
    action: str,
    done: bool,
) -> None:
    git = shutil.which("git")
    world = populated_once.copy(tmp_path / "world")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    # The disk has room again for the reference that is moved back.
    one = (
        f'test -e "$0.once" && exec {git} "$@"; : > "$0.once"; head -n 4 | {git} update-ref --stdin'
    )
    script.write_text(GIT.format(command=command, action=action.format(git=git, one=one), git=git))
    script.chmod(0o755)
    identity = world.identity()
    before = texts(world.records, identity)
    refs = look(world.records).refs
    env = {"PATH": f"{script.parent}:{world.env()['PATH']}"}
    ended = steps.run(world, task(world), env=env)
    if done:
        assert ended.status == 0, ended.err
        assert look(world.records).refs != refs
    else:
        assert_refusal(ended, "the disk is full", "make room .* nothing was changed")
        assert look(world.records).refs == refs
    after = texts(world.records, identity)
    assert (after != before) is done
    following = steps.run(world, NEXT)
    assert following.status == 0, following.err
    assert problems(world.records, identity) == []
    assert texts(world.records, identity).items() > after.items()
