"""Two tasks at once wait for each other: none is lost, none fails, and a reader is never shown half a change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest

from cpvol.ledger.git import Git
from cpvol.ledger.transaction import locked
from cpvol.register import Overtaken, Register
from tests.support.inspect_records import look, problems
from tests.support.programs import needs
from tests.support.world import World, ids

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")


def start(world: World, *args: str) -> subprocess.Popen[bytes]:
    (world.root / "cwd").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "cpvol", *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=world.root / "cwd",
        env=world.env(),
    )


def test_tasks_at_once_wait_for_each_other(world: World) -> None:
    before = len(look(world.records).records())
    training = ids(world, "training")[0]
    fields = ["--engagement=trustee", "--access=none", "--joined-on=01/09/2008"]
    running = [
        *(start(world, "person.add", f"--name=Person {number}", *fields) for number in range(4)),
        *(start(world, "amend", training, f"--set=venue={n}", "--reason=x") for n in range(2)),
        *(start(world, "list", "training", "--json") for _ in range(2)),
    ]
    ended = [(each.communicate(timeout=120), each.returncode) for each in running]
    said = [(status, err.decode()) for (_, err), status in ended]
    entries, amendments, readings = said[:4], said[4:6], said[6:]
    assert entries == [(0, "")] * 4
    assert readings == [(0, "")] * 2
    # Of two corrections of one entry made from the same text, the later is told to look again.
    assert all(
        (status, err) == (0, "") or (status == 2 and "changed in the meantime" in err)
        for status, err in amendments
    )
    assert (0, "") in amendments
    assert problems(world.records, world.identity()) == []
    assert len(look(world.records).records()) == before + 4
    listed = world.run("list", "person", "--json").json
    names = Counter(each["name"] for each in listed)
    assert {f"Person {number}" for number in range(4)} < set(names)
    assert set(names.values()) == {1}


def test_a_reader_that_began_before_a_change_sees_the_records_whole(world: World) -> None:
    """Between a reader's first look and its last, another task amends what is read and replaces the keyring."""
    training = ids(world, "training")[0]
    with Register.open(world.records, world.identity()) as register:
        assert register.me.handle == "member-1"
        assert register.head.oid == world.git("rev-parse", "main").strip()
        world.run("amend", training, "--set=venue=Town hall", "--reason=known now")
        assert len(register.records()) == 4
        assert register.record("training", training).content()["venue"] == "Town hall"


def test_what_was_read_before_another_task_changed_it_is_not_written_over(world: World) -> None:
    training = ids(world, "training")[0]
    with Register.open(world.records, world.identity()) as register:
        seen = register.record("training", training)
        world.run("amend", training, "--set=venue=Town hall", "--reason=known now")
        # Reading everything again does not make what was read earlier any newer.
        assert len(register.records()) == 4
        with pytest.raises(Overtaken):
            register.enter([seen], "amend", entered=int(time.time()))
    assert world.shown(training)["venue"] == "Town hall"


def test_a_reader_between_the_keys_and_the_history_waits(world: World) -> None:
    """The keyring moves before main; whoever reads in between must not take that for damage."""
    training = ids(world, "training")[0]
    old = world.git("rev-parse", "main").strip()
    world.run("amend", training, "--set=venue=Town hall", "--reason=known now")
    new = world.git("rev-parse", "main").strip()
    with Git(world.records) as git, locked(git):
        world.git("update-ref", "refs/heads/main", old)
        reader = start(world, "list", "training", "--json")
        # Long enough to arrive at the lock; were it not, the test would pass without having tried.
        with suppress(subprocess.TimeoutExpired):
            reader.wait(timeout=3)
        world.git("update-ref", "refs/heads/main", new)
    out, err = reader.communicate(timeout=60)
    assert (reader.returncode, err) == (0, b"")
    assert b"Town hall" in out
