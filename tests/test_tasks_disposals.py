"""What the tasks of a disposal say and write, and what a certificate can say before and after new keys."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.ledger.disposals import decode
from cpvol.vault import envelope
from cpvol.vault.credential import Identity
from tests.support.inspect_records import keys_anywhere, look
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import World, assert_refusal, posix, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

ON = "--on=03/03/2016"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


@pytest.fixture(scope="module")
def approved_once(
    founded_once: World, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, str, str]:
    """Somebody who left long ago, whose disposal is approved: the world, the disposal's number, the entry's."""
    world = founded_once.copy(tmp_path_factory.mktemp("approved"))
    about = {"engagement": "volunteer", "access": "none", "joined_on": "01/09/2008"}
    gone = world.enter("person.add", name="Robin Example", left_on="02/03/2010", **about)["id"]
    world.enter("person.add", name="Sam Specimen", **about)
    number = world.run("retention.propose", ON, "--json").json["id"]
    world.run("retention.approve", number, ON)
    return world, number, gone


@pytest.fixture
def approved(approved_once: tuple[World, str, str], tmp_path: Path) -> tuple[World, str, str]:
    world, number, gone = approved_once
    return world.copy(tmp_path / "world"), number, gone


def opened(aside: Path, sealed: bytes, identities: list[Identity]) -> bool:
    """Whether an entry opens with a key that one of the identities gets out of a copy of the keys kept aside."""
    for key in set().union(*keys_anywhere(aside, identities).values()):
        with suppress(CpvolError):
            envelope.open_(sealed, key)
            return True
    return False


def test_a_copy_kept_aside_opens_until_everybody_has_new_keys_and_the_certificate_says_so(
    steps: Steps, approved: tuple[World, str, str], tmp_path: Path
) -> None:
    world, number, gone = approved
    aside = tmp_path / "aside"
    shutil.copytree(world.records, aside)
    inside = look(world.records)
    sealed = inside.blob(
        inside.refs["refs/heads/main"], f"person/{gone[0]}/{gone[1]}/{gone}.yaml.age"
    )
    then = [world.identity(), world.recovery()]
    assert steps.run(world, ["retention.dispose", number, ON]).status == 0

    told = steps.run(world, ["retention.certificates", f"--id={number}", "--json"]).json
    assert {each["state"] for each in told["holders"]} == {"in use"}
    assert "still in use" in told["standing"]
    assert not opened(world.records, sealed, then)
    assert opened(aside, sealed, [world.identity(), world.recovery()])

    # Keys made in the second of the disposal may have opened what it destroyed, so they would count as in use.
    time.sleep(1.1)
    assert steps.run(world, ["key.rotate"]).status == 0
    told = steps.run(world, ["retention.certificates", f"--id={number}", "--json"]).json
    assert {(h["handle"], h["state"]) for h in told["holders"]} == {
        ("member-1", "replaced"),
        ("recovery", "in use"),
    }
    assert "still in use" in told["standing"]
    assert opened(aside, sealed, [world.identity(), world.recovery()]), "by the recovery page"

    world.page.unlink()
    assert steps.run(world, ["key.recovery", f"--recovery-page={world.page}"]).status == 0
    told = steps.run(world, ["retention.certificates", f"--id={number}", "--json"]).json
    assert {each["state"] for each in told["holders"]} == {"replaced"}
    assert told["standing"].startswith("no current credential opens any copy")
    assert not opened(aside, sealed, [world.identity(), world.recovery()])
    assert opened(aside, sealed, then), "old keys that somebody kept still would; nobody can know"


def test_the_certificate_is_a_page_and_the_stored_file(
    steps: Steps, approved: tuple[World, str, str], tmp_path: Path
) -> None:
    world, number, gone = approved
    page, stored = tmp_path / "certificate.html", tmp_path / "certificate.yaml"
    early = steps.run(world, ["retention.certificates", f"--id={number}", f"--to={page}"])
    assert_refusal(early, "no certificate yet")
    ended = steps.run(world, ["retention.dispose", number, ON])
    assert f"disposal {number}" in ended.out
    assert "cpvol-checkpoint-1" in ended.out, "something for whoever oversees the organisation"
    for task in ("sync", "key.rotate", "key.recovery", "new backup"):
        assert task in ended.err

    for path in (page, stored):
        assert (
            steps.run(world, ["retention.certificates", f"--id={number}", f"--to={path}"]).status
            == 0
        )
    assert stored.read_text() == world.git("show", f"main:disposals/{number}.yaml")
    done = decode(stored.read_bytes())
    assert done.certificate is not None
    text = re.sub(
        r"\s+", " ", re.sub(r"<style>.*</style>|<[^>]+>", "", page.read_text(), flags=re.DOTALL)
    )
    for words in (
        "Example Family Support",
        number,
        gone,
        "kept long enough",
        "03/03/2016",
        "retention-person",
        "E-5.3",
        "member-1",
        "One member was enough",
        stock_git(world.records, "rev-parse", "main").strip(),
        world.run("anchor").out.strip(),
    ):
        assert words in text, words
    # Nobody's name, and no day from which a leaving date could be told.
    for words in ("Robin", "2010", "02/03/2016"):
        assert words not in text, words
    for refused, says in (
        (page, "a file of that name already"),
        (tmp_path / "x.pdf", "has to end in .html or .yaml"),
    ):
        again = steps.run(world, ["retention.certificates", f"--id={number}", f"--to={refused}"])
        assert_refusal(again, says)


def test_the_number_of_what_is_gone_still_has_an_answer(
    steps: Steps, approved: tuple[World, str, str]
) -> None:
    world, number, gone = approved
    dry = steps.run(world, ["retention.dispose", number, ON, "--dry-run", "--json"]).json
    assert dry == {"id": number, "would_remove": [f"person/{gone}"]}
    ended = steps.run(world, ["retention.dispose", number, ON, "--json"]).json
    assert (ended["removed"], ended["erased"], ended["left"]) == ([f"person/{gone}"], True, [])

    shown = steps.run(world, ["show", gone[:4]])
    assert shown.out.startswith(f"Entry person/{gone} was disposed of on 03/03/2016 under {number}")
    told = steps.run(world, ["show", gone, "--json"]).json
    assert told == {"id": gone, "log": "person", "disposed_on": "2016-03-03", "disposal": number}
    assert_refusal(steps.run(world, ["show", gone[:2]]), "not the number of an entry")


def test_nothing_is_entered_about_somebody_who_was_destroyed(
    steps: Steps, approved: tuple[World, str, str]
) -> None:
    world, number, gone = approved
    steps.run(world, ["retention.dispose", number, ON, "--yes"])
    for argv in (
        ["ecrb.add", f"--person={gone}", "--reference=1", "--issued-on=01/02/2009"],
        ["retention.hold", f"--entries={gone[:7]}", "--reason=x", "--placed-on=01/02/2016"],
    ):
        refused = steps.run(world, [*argv, "--yes"])
        assert f"entry person/{gone} was destroyed on 03/03/2016, under {number}" in refused.err
        assert "about somebody who is there" in refused.err
    refused = steps.run(world, ["ecrb.add", "--person=Nobody", "--yes"])
    assert "nobody of that name" in refused.err


def test_what_could_not_be_cleaned_is_a_finding_until_it_is(
    steps: Steps, approved: tuple[World, str, str]
) -> None:
    world, number, _ = approved
    beside = world.records / "papers" / "keys.age"
    beside.parent.mkdir()
    beside.write_bytes(look(world.records).keyring()["person.1.age"])
    ended = steps.run(world, ["retention.dispose", number, ON])
    assert ended.status == 3
    assert "delete papers/keys.age" in ended.out
    beside.unlink()
    again = steps.run(world, ["retention.dispose", number, ON, "--json"])
    assert (again.status, again.json["erased"]) == (0, True)


@pytest.mark.parametrize("task", ["propose", "approve", "withdraw", "dispose"])
def test_no_step_is_taken_on_a_day_that_has_not_come(
    steps: Steps, approved: tuple[World, str, str], task: str
) -> None:
    """Or more could be destroyed than may be today."""
    world, number, _ = approved
    argv = [f"retention.{task}", *([] if task == "propose" else [number]), "--on=01/01/2199"]
    assert_refusal(steps.run(world, argv), "has not come yet", "leave --on out")
    ahead = steps.run(world, ["retention.due", "--on=01/01/2199", "--json"])
    assert [each["log"] for each in ahead.json] == ["person"]
