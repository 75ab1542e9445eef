"""Nobody is locked out for ever: with the recovery page alone, and no credential, the founder writes again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest

from cpvol.vault import recovery
from tests.support.inspect_records import look, problems, texts
from tests.support.programs import needs
from tests.support.world import World, ids, page_secret, posix, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")


@pytest.fixture
def back(world: World) -> World:
    """Recover on a new computer, which has a copy of the records, the old page on paper, and nothing else."""
    new = World(world.root / "new-computer", {"CPVOL_PASSPHRASE": "another kettle of fish"})
    new.root.mkdir()
    shutil.copytree(world.records, new.records)
    new.run(
        *("recover", f"--recovery-page={new.root / 'new-page.html'}"),
        module="tests.support.quick_lock",
        env={"CPVOL_RECOVERY": page_secret(world.page)},
    )
    return new


def test_with_the_page_alone_the_founder_writes_again(world: World, back: World) -> None:
    assert not (back.root / "user" / "identity.age").exists()
    made = back.enter(
        "training.add",
        person="Robin Sample",
        course="User training",
        completed_on="18/09/2008",
        trainer="authority",
    )
    assert back.shown(made["id"])["course"] == "User training"
    # Everything from before is there and can be read.
    old = {each["id"] for each in world.run("list", "training", "--json").json}
    assert {each["id"] for each in back.run("list", "training", "--json").json} == {
        *old,
        made["id"],
    }
    assert back.run("anchor").out == world.run("anchor").out


def test_the_old_keys_open_nothing_that_is_written_from_then_on(world: World, back: World) -> None:
    person = ids(back, "person")[0]
    back.enter("amend", person, set="email=robin@charity.example", reason="known now")
    sealed = look(back.records).keyring().values()
    for old in (world.identity(), world.recovery()):
        for each in sealed:
            with pytest.raises(pyrage.DecryptError):
                pyrage.decrypt(each, [old.opener])
    new = recovery.identity(page_secret(back.root / "new-page.html"))
    assert texts(back.records, new) == texts(back.records, back.identity())
    assert problems(back.records, new) == []


def test_a_program_with_the_old_keys_is_refused(world: World, back: World) -> None:
    old = World(back.root)
    shutil.copy(world.home / "identity.age", back.home / "identity.age")
    refused(old, "list", "person", says="belong to no present member", hint="CPVOL_HOME")


def test_the_old_page_is_refused(world: World, back: World) -> None:
    before = back.files()
    page = back.root / "third-page.html"
    done = back.run(
        *("recover", f"--recovery-page={page}"),
        module="tests.support.quick_lock",
        env={"CPVOL_RECOVERY": page_secret(world.page)},
        status=2,
    )
    assert "not the one in force" in done.err
    assert back.files() == before
    # The keys that work are still the ones in use, and no page was made that opens nothing.
    assert not page.exists()
    assert back.run("list", "person").status == 0
    assert not list(back.home.glob("identity-*"))


@needs("age")
def test_age_opens_the_records_with_the_new_page(back: World, tmp_path: Path) -> None:
    secret = page_secret(back.root / "new-page.html").replace(" ", "")
    (tmp_path / "page").write_text(f"AGE-SECRET-KEY-1{secret}\n")
    for sealed in look(back.records).keyring().values():
        opened = subprocess.run(
            ["age", "-d", "-i", str(tmp_path / "page")],
            input=sealed,
            capture_output=True,
            check=True,
        )
        assert b"AGE-SECRET-KEY-1" in opened.stdout


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(lambda code: code[:-1], "57 characters", id="a character is missing"),
        pytest.param(lambda code: code[:-1] + "b", "never use", id="a character that is not used"),
        pytest.param(
            lambda code: code[:5] + ("q" if code[5] in "pP" else "p") + code[6:],
            "wrong character",
            id="a slip",
        ),
        pytest.param(lambda code: recovery.generate(), "not the one in force", id="another page"),
    ],
)
def test_a_slip_on_the_page_changes_nothing(
    world: World, spoil: Callable[[str], str], says: str
) -> None:
    typed = spoil(page_secret(world.page).replace(" ", ""))
    refused(
        world,
        *("recover", f"--recovery-page={world.root / 'new-page.html'}"),
        says=says,
        hidden=(typed,),
        env={"CPVOL_RECOVERY": typed},
        module="tests.support.quick_lock",
    )
    assert not (world.root / "new-page.html").exists()


@posix
def test_the_page_and_the_credential_are_for_their_owner_alone(world: World) -> None:
    for path in (world.page, world.home / "identity.age"):
        assert path.stat().st_mode & 0o077 == 0
