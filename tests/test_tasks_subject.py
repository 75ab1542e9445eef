"""``person.export``: what is held about one person, with what stood before, into the files that were named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from cpvol.ledger.members import Keys
from cpvol.membership import Card
from cpvol.vault import credential
from tests.support.people import words_of
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.weak_scrypt import lock_quickly
from tests.support.world import PASSPHRASE, World, assert_refusal, ids, posix

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]


def declined(
    steps: Steps, world: World, *argv: str, says: str, hint: str = "", hidden: tuple[str, ...] = ()
) -> None:
    """The task is refused, and nothing is changed."""
    before = world.files()
    assert_refusal(steps.run(world, [*argv]), says, hint, hidden)
    assert world.files() == before


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


def test_all_of_it_with_what_stood_before_and_nobody_else(steps: Steps, world: World) -> None:
    training = ids(world, "training")[0]
    for venue in ("Town hall, with Robin Sample", "County hall"):
        argv = ["amend", training, f"--set=venue={venue}", "--reason=typing mistake"]
        assert steps.run(world, argv).status == 0
    files = [world.root / "copy.html", world.root / "copy.json"]
    argv = ["person.export", "Robin Example", *(f"--file={path}" for path in files)]
    done = steps.run(world, argv)
    assert done.status == 0, done.err
    assert "It holds 3 entries of 3 logs." in done.out
    assert "Robin" not in done.out + done.err
    assert "To be read again" in done.err
    assert "not locked" in done.err
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text(encoding="utf-8")
        assert "Robin Example" in text
        assert "001234567890" in text
        assert "Sample" not in text
    found = json.loads(files[1].read_text(encoding="utf-8"))
    assert [part["log"] for part in found["logs"]] == ["person", "ecrb", "training"]
    (entry,) = found["logs"][2]["entries"]
    assert entry["id"] == training
    changes = entry["changes"]
    assert [change["reason"] for change in changes] == ["typing mistake", "typing mistake"]
    assert changes[0]["before"] == []
    assert [line["value"] for line in changes[1]["before"]] == ["Town hall, with [another person]"]


def test_closed_entries_are_for_whoever_answers_to_decide(steps: Steps, world: World) -> None:
    made = steps.run(
        world,
        [
            *("breach.add", "--discovered-on=11/05/2009", "--found-through=report", "--json"),
            *("--category=other", "--what=A screen was left open", "--persons=Robin Example"),
            "--readers=member-1",
        ],
    )
    id = made.json["id"]
    assert (
        steps.run(
            world, ["breach.conclude", id, "--concluded-on=12/05/2009", "--outcome=nothing"]
        ).status
        == 0
    )
    path = world.root / "copy.html"
    done = steps.run(world, ["person.export", "Robin Example", f"--file={path}"])
    assert f"breach {id}: it is closed to some members" in done.err
    assert id not in path.read_text(encoding="utf-8")
    other = world.root / "whole.html"
    done = steps.run(world, ["person.export", "Robin Example", f"--file={other}", "--closed"])
    assert id in other.read_text(encoding="utf-8")
    assert "it is closed" not in done.err


def test_a_member_reads_what_the_list_of_members_says_of_them(steps: Steps, world: World) -> None:
    argv = ["amend", "Robin Sample", "--set=handle=member-1", "--reason=was not known at first"]
    assert steps.run(world, argv).status == 0
    path = world.root / "copy.json"
    done = steps.run(world, ["person.export", "Robin Sample", f"--file={path}"])
    assert done.status == 0, done.err
    told = " ".join(json.loads(path.read_text(encoding="utf-8"))["history"])
    assert "you are known as member-1" in told
    assert "is a member of these records as admin and coordinator, may read every log" in told
    assert "member-1" in path.read_text(encoding="utf-8")


def test_who_does_not_read_every_log_is_told_which_are_missing(steps: Steps, world: World) -> None:
    mine = credential.generate()
    card = Card("member-2", Keys(mine.age_public, mine.signing_public)).line()
    added = ["member.add", card, "--roles=coordinator", "--reads=person,training"]
    added += ["--words", words_of(card)]
    assert steps.run(world, added).status == 0
    home = world.root / "home-2"
    home.mkdir()
    sealed = lock_quickly(credential.encode(mine, "member-2", date(2009, 1, 1)), PASSPHRASE)
    (home / "identity.age").write_bytes(sealed)
    world.extra["CPVOL_HOME"] = str(home)
    path = world.root / "copy.html"
    done = steps.run(world, ["person.export", "Robin Example", f"--file={path}"])
    assert done.status == 0, done.err
    assert "you do not read Check register; ask" in done.err
    assert "001234567890" not in path.read_text(encoding="utf-8")


def test_no_file_is_written_when_one_of_them_cannot_be(steps: Steps, world: World) -> None:
    good, bad = f"--file={world.root / 'a.html'}", f"--file={world.root / 'a.txt'}"
    declined(
        steps, world, "person.export", "Robin Example", good, bad, says=r"end in \.html or \.json"
    )
    declined(steps, world, "person.export", "Robin Example", good, good, says="named twice")
    declined(steps, world, "person.export", "Robin Example", says="not given: --file")
    declined(steps, world, "person.export", "Zaphod", good, says="nobody of that name")
    assert not (world.root / "a.html").exists()
