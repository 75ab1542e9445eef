"""The guide for auditors: every command on it runs, and the page of where we are stricter says what is tried."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from cpvol.guidance import stricter
from tests.support.attacks import TABLE, Attack
from tests.support.programs import needs
from tests.support.world import World, stock_git

pytest_plugins = ["tests.support.worlds"]
PAGE = Path(__file__).resolve().parents[1] / "site_src" / "pages" / "auditors.md"


def blocks() -> list[str]:
    """The commands on the guide, block by block."""
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def shell(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands as an auditor types them."""
    return subprocess.run(
        ["sh", "-c", commands], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Path:
    """What an auditor has on the desk: checkpoints, a key of their own, and keys that were given to them."""
    made = tmp_path / "desk"
    made.mkdir()
    world.run("checkpoint", "--to", str(made / "last.txt"))
    world.enter(
        "person.add",
        name="Jo Placeholder",
        engagement="volunteer",
        access="query",
        joined_on="01/09/2008",
    )
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made / "overseer"], check=True
    )
    public = subprocess.run(
        ["age-keygen", "-o", made / "auditor.txt"], capture_output=True, text=True, check=True
    ).stderr.split()[-1]
    given = str(made / "given.age")
    world.run("audit.grant", given, "--card", public, "--logs", "training", "--yes")
    world.run("checkpoint", "--to", str(made / "checkpoint.txt"))
    return made


@needs("git", "ssh-keygen", "age", "age-keygen", "sh")
def test_every_command_of_the_guide_runs_as_it_is_written(world: World, desk: Path) -> None:
    anchor = world.run("anchor").out.strip()
    check, point, countersign, read = blocks()
    check = check.replace("FOLDER", f"'{world.records}'")
    check = check.replace("ANCHOR", anchor)
    done = shell(desk, f"{check}\n{point}\n{countersign}\n{read}")
    assert done.returncode == 0, done.stderr
    assert "BAD" not in done.stdout + done.stderr
    assert 'Good "cpvol-checkpoint" signature' in done.stdout
    assert 'course: "User training"' in done.stdout
    witness = (
        "--checkpoint",
        str(desk / "checkpoint.txt"),
        "--witness",
        str(desk / "overseer.pub"),
    )
    world.run("audit", *witness)


@needs("git", "ssh-keygen", "age", "age-keygen", "sh")
def test_a_checkpoint_of_another_history_is_seen_by_its_commands(world: World, desk: Path) -> None:
    stock_git(world.records, "update-ref", "refs/heads/main", "main~1")
    copy = desk / "copy.git"
    stock_git(desk, "clone", "-q", "--bare", "--no-local", str(world.records), str(copy))
    done = shell(copy, blocks()[1])
    assert "BAD" in done.stdout
    (desk / "last.txt").write_text((desk / "checkpoint.txt").read_text())
    point = (desk / "checkpoint.txt").read_text()
    here = stock_git(copy, "rev-parse", "main").strip()
    (desk / "checkpoint.txt").write_text(re.sub("tip: .*", f"tip: {here}", point))
    assert "BAD do not sign" in shell(copy, "\n".join(blocks()[1:3])).stdout


def _answer(row: Attack) -> str:
    if row.holds:
        return "reported"
    return (
        "refused with a key"
        if row.contents
        else "refused with a checkpoint"
        if row.checkpoint
        else "refused"
    )


def test_the_page_of_where_we_are_stricter_says_what_is_tried() -> None:
    """A new attack that stock tools accept belongs into ``cpvol/guidance/stricter.tsv``."""
    tried = {
        row.name: _answer(row)
        for row in TABLE
        if (row.stock, row.fsck) == ("good", "ok") and row.point is None
    }
    assert {case.what: case.answer for case in stricter.cases()} == tried
    assert {case.group for case in stricter.cases()} == {group.key for group in stricter.GROUPS}
    page = stricter.body()
    assert all(f"| {case.what} | {case.answer} |" in page for case in stricter.cases())
