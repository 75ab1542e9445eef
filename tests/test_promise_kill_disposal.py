"""Killed at any step of a disposal: it has happened, or it has not, or the next task finishes it; no other key is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.vault import keyring
from cpvol.vault.credential import Identity
from tests.support.inspect_records import look
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

ON = "--on=03/03/2016"
NEXT = (
    *("person.add", "--name=Next Person", "--engagement=trustee", "--access=none"),
    *("--joined-on=01/09/2008", "--json"),
)


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


# Every step takes minutes; CI takes every fifth. CPVOL_EVERY_STEP=1 takes them all.
STRIDE = 1 if os.environ.get("CPVOL_EVERY_STEP") else 5


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
    for at in range(1, 300, STRIDE):
        world = ready.copy(tmp_path / str(at))
        tip = look(world.records).refs["refs/heads/main"]
        ended = steps.run(world, argv, at=at)
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
        if ended.status == 0:
            break
        assert ended.status == -9, ended.err
    else:
        pytest.fail("it never gets through")
    assert outcomes == sorted(outcomes)
    assert outcomes[-1]
    assert len(outcomes) > 3
