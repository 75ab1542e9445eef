"""A host that sends without end, talks without end or describes something enormous is given up, and nothing of it stays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from cpvol.ledger import commits, outside
from cpvol.ledger.git import KEYRING, MAIN, Git, environment, make_repository
from cpvol.ledger.objects import Entry, encode_tree, make
from cpvol.ledger.outside import MAX_SAID, Bounds
from cpvol.ledger.remote import Meeting, SendsTooMuch
from cpvol.sync.judge import keyring_at
from tests.support.people import Someone, found
from tests.support.programs import needs

pytestmark = needs("git")

LARGE = 3 << 20
has_shell = pytest.mark.skipif(
    os.name == "nt", reason="the stand-ins for a host are shell commands"
)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    make_repository(tmp_path / "records")
    return Git(tmp_path / "records")


def ran(git: Git, shell: str, bounds: Bounds) -> tuple[int, bytes, str]:
    """What comes of a command that stands in for a host."""
    return outside.run(
        ["-c", f"alias.host=!{shell}", "host"], environment(git.dir), git.folder, bounds
    )


@has_shell
def test_only_the_beginning_of_what_is_said_is_kept(git: Git) -> None:
    more = f"head -c {4 * MAX_SAID} /dev/zero"
    status, output, said = ran(git, f"({more}; {more} >&2)", Bounds(60, git.dir))
    assert (status, len(output), len(said)) == (0, MAX_SAID, MAX_SAID)


@has_shell
def test_who_talks_without_end_is_ended(git: Git) -> None:
    with pytest.raises(outside.TooLong):
        ran(git, "yes >&2", Bounds(0.7, git.dir))


@has_shell
def test_who_leaves_somebody_behind_that_says_nothing_is_ended(git: Git) -> None:
    with pytest.raises(outside.TooLong):
        ran(git, "(sleep 60 &)", Bounds(0.7, git.dir))


@has_shell
@pytest.mark.parametrize("prompt", [False, True])
def test_what_it_started_is_ended_with_it_on_a_terminal_too(
    git: Git, tmp_path: Path, *, prompt: bool
) -> None:
    """On a terminal git cannot have a group of its own, and what talks with a host is started by what it starts."""
    late = tmp_path / "late"
    shell = f"sh -c 'sh -c \"sleep 2; touch {late}\"; true'; true"
    words = ["-c", f"alias.host=!{shell}", "host"]
    with pytest.raises(outside.TooLong):
        outside.run(words, environment(git.dir), git.folder, Bounds(0.7, git.dir), prompt=prompt)
    time.sleep(2)
    assert not late.exists()


@has_shell
def test_what_grows_is_ended_while_it_grows(git: Git) -> None:
    with pytest.raises(outside.TooMuch):
        ran(git, f"cat /dev/zero > '{git.dir}/grows'", Bounds(60, git.dir, room=1 << 20))


@has_shell
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds another process's memory")
def test_what_would_take_too_much_memory_is_ended(git: Git) -> None:
    oid = git.run("hash-object", "-w", "--stdin", stdin=bytes(200 << 20)).decode().strip()
    words = ["unpack-file", oid]
    small = outside.run(
        words, environment(git.dir), git.folder, Bounds(60, git.dir, memory=64 << 20)
    )
    assert small[0] != 0
    assert "memory" in small[2] or "alloc" in small[2]
    assert outside.run(words, environment(git.dir), git.folder, Bounds(60, git.dir))[0] == 0


@pytest.fixture
def member(tmp_path: Path) -> Someone:
    _, first = found(tmp_path)
    first.enter("Robin A")
    first.sync()
    return first


def put(place: Path, branch: str, commit: bytes, large: bytes) -> None:
    """Have the meeting place show a branch that holds one large file."""
    with Git(place) as git:
        git.dir = place
        blob = make("blob", large)
        tree = make("tree", encode_tree({"training.1.age": Entry("100644", blob.oid)}))
        made = (
            commits.keyring_commit(tree.oid)
            if branch == KEYRING
            else make("commit", commit.replace(b"TREE", tree.oid.encode()))
        )
        git.store([blob, tree, made])
        git.run("update-ref", branch, made.oid)


@pytest.mark.parametrize("branch", [MAIN, KEYRING])
def test_a_meeting_place_that_sends_too_much_leaves_nothing(member: Someone, branch: str) -> None:
    commit = b"tree TREE\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n"
    put(member.place, branch, commit, os.urandom(LARGE))
    with member.open() as register:
        before, size = member.tips(), outside.size(register.git.dir / "objects")
        meeting = Meeting(register.git, str(member.place), room=LARGE // 2)
        with pytest.raises(SendsTooMuch) as error:
            meeting.fetch(meeting.tips())
        assert member.tips() == before
        assert outside.size(register.git.dir / "objects") < size + LARGE // 10
        assert register.git.run("for-each-ref", "refs/cpvol/incoming") == b""
    assert "\n" not in error.value.problem + error.value.hint
    with member.open() as register:
        register.git.run("fsck", "--strict")


def test_a_keyring_of_more_than_any_records_have_is_none(
    member: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with member.open() as register:
        assert keyring_at(register.git, KEYRING)
        monkeypatch.setattr("cpvol.sync.judge.MAX_KEYRING", 100)
        assert keyring_at(register.git, KEYRING) == {}
