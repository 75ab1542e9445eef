"""Killed at any step of a disposal: it has happened, or it has not, or the next task finishes it; no other key is lost."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.vault import keyring
from cpvol.vault.credential import Identity
from tests.support.inspect_records import keys_of, look, problems
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, posix, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

ON = "--on=03/03/2016"
NEXT = (
    *("person.add", "--name=Next Person", "--engagement=trustee", "--access=none"),
    *("--joined-on=01/09/2008", "--json"),
)
ROTATE = ["key.rotate"]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


@pytest.fixture(scope="module")
def with_leaver(founded_once: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Make one world with somebody who left long ago, and somebody who stays."""
    world = founded_once.copy(tmp_path_factory.mktemp("leaver"))
    for name, left in (("Robin Example", {"left_on": "02/03/2010"}), ("Sam Specimen", {})):
        world.enter(
            "person.add",
            name=name,
            engagement="volunteer",
            access="none",
            joined_on="01/09/2008",
            **left,
        )
    world.enter(
        "ecrb.add",
        person="Robin Example",
        reference="001234567890",
        issued_on="11/08/2008",
        decision="clear",
    )
    world.git("tag", "old-keys", "keyring")
    world.git("gc", "-q")
    return world


def keys_in(world: World, identity: Identity) -> set[str]:
    """Every record that any keyring file in the repository, reachable or not, has a key for."""
    found: set[str] = set()
    for kind, data in look(world.records).objects.values():
        if kind == "blob":
            try:
                found |= keyring.open_(data, identity).keys()
            except CpvolError:
                continue
    return found


# All steps take a quarter of an hour; CI takes a handful of each task, always the same. CPVOL_EVERY_STEP=1 takes all,
# CPVOL_KILL_SEED=n another handful.
HANDFUL = 6
EVERY = bool(os.environ.get("CPVOL_EVERY_STEP"))
SEED = int(os.environ.get("CPVOL_KILL_SEED", "5"))


def chosen(count: int) -> list[int]:
    """The steps to be killed at, counted from 1, and 0 for a run that nothing stops."""
    every = range(1, count + 1)
    if EVERY:
        return [*every, 0]
    return [*sorted(random.Random(SEED).sample(every, min(HANDFUL, count))), 0]  # noqa: S311


def steps_of(steps: Steps, ready: World, place: Path, argv: list[str]) -> int:
    """How many steps a task has when nothing stops it."""
    counted = steps.run(ready.copy(place / "counted"), argv)
    assert counted.status == 0, counted.err
    assert counted.steps > 10
    return counted.steps


@pytest.mark.parametrize("task", ["propose", "approve", "dispose"])
def test_killed_before_each_step(
    steps: Steps, with_leaver: World, tmp_path: Path, task: str
) -> None:
    ready = with_leaver.copy(tmp_path / "ready")
    identity = ready.identity()
    everything = keys_in(ready, identity)
    number = ""
    if task != "propose":
        number = ready.run("retention.propose", ON, "--json").json["id"]
    if task == "dispose":
        ready.run("retention.approve", number, ON)
    argv = [f"retention.{task}", *([number] if number else []), ON]
    outcomes: list[bool] = []
    for at in chosen(steps_of(steps, ready, tmp_path, argv)):
        world = ready.copy(tmp_path / str(at))
        tip = look(world.records).refs["refs/heads/main"]
        ended = steps.run(world, argv, at=at)
        assert ended.status == (-9 if at else 0), ended.err
        confirmed = look(world.records).refs["refs/heads/main"] != tip
        following = steps.run(world, NEXT)
        assert following.status == 0, (at, following.err)

        inside = look(world.records)
        kept = keys_in(world, identity) - {following.json["id"]}
        happened = any(commit.message.action == task for commit, _ in inside.chain())
        if task == "dispose" and happened:
            assert len(kept) == 1, (at, "what was not disposed of keeps its key, the rest is gone")
            assert kept < everything
            assert "refs/tags/old-keys" not in inside.refs
        else:
            assert kept == everything, at
        assert not list((world.records / ".git" / "cpvol").glob("*journal*"))
        assert not (world.records / ".git" / "cpvol" / "clean-up").exists()
        world.git("fsck", "--strict")
        assert world.git("status", "--porcelain") == ""
        assert happened or not confirmed
        outcomes.append(happened)
    assert outcomes == sorted(outcomes)
    assert outcomes[-1]


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_new_keys_killed_before_each_step(
    steps: Steps, with_leaver: World, tmp_path: Path, *, shared: bool
) -> None:
    """Either the old keys open everything, or the new ones do; trying again always ends with new ones."""
    ready = with_leaver.copy(tmp_path / "ready")
    meeting = tmp_path / "place.git"
    if shared:
        ready.run("share", str(meeting))
    old = ready.identity()
    everything = keys_in(ready, old)
    for at in chosen(steps_of(steps, _with_place(ready, tmp_path, "first"), tmp_path, ROTATE)):
        world = _with_place(ready, tmp_path, str(at))
        ended = steps.run(world, ROTATE, at=at)
        assert ended.status == (-9 if at else 0), ended.err
        following = steps.run(world, NEXT)
        assert following.status == 0, (at, following.err)
        assert steps.run(world, ["list", "person"]).status == 0
        if at:
            again = steps.run(world, ROTATE)
            assert again.status == 0, (at, again.err)
        new = world.identity()
        assert new.age_public != old.age_public
        assert not (world.home / "identity-next.age").exists()
        assert keys_in(world, new) == everything | {following.json["id"]}, at
        assert keys_of(look(world.records), new).keys() == everything | {following.json["id"]}
        found = problems(world.records, new)
        # The tag of this world keeps an old keyring on purpose; nothing of it opens with the new keys.
        assert [each for each in found if not each.startswith("a keyring ")] == [], at
        if shared:
            assert steps.run(world, ["sync"]).status == 0
            main = stock_git(tmp_path / f"{at}.git", "rev-parse", "main")
            assert main == world.git("rev-parse", "main")


def _with_place(ready: World, folder: Path, name: str) -> World:
    """A copy of a world, with a copy of its meeting place if it has one."""
    world = ready.copy(folder / name)
    if (place := folder / "place.git").exists():
        shutil.copytree(place, folder / f"{name}.git")
        world.git("config", "remote.origin.url", str(folder / f"{name}.git"))
    return world
