"""The guide for auditors: every command on it runs, and the page of where we are stricter says what is tried."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path

import pytest

from cpvol.guidance import stricter
from cpvol.vault import credential
from tests.support.attacks import TABLE, Attack
from tests.support.forge import Forge
from tests.support.programs import needs
from tests.support.world import World, posix, stock_git

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
    count = stock_git(world.records, "rev-list", "--count", "main").strip()
    assert f"{count} changes, the last of 20" in done.stdout
    assert "\n\n" not in done.stdout
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
    signers = "signers=../signers\n"
    done = shell(copy, signers + blocks()[1])
    assert "BAD" in done.stdout
    (desk / "last.txt").write_text((desk / "checkpoint.txt").read_text())
    point = (desk / "checkpoint.txt").read_text()
    here = stock_git(copy, "rev-parse", "main").strip()
    (desk / "checkpoint.txt").write_text(re.sub("tip: .*", f"tip: {here}", point))
    assert "BAD do not sign" in shell(copy, signers + "\n".join(blocks()[1:3])).stdout


def loop(text: str) -> str:
    """The walk along the chain, as a page has it."""
    found = re.search(r"^export GIT_CONFIG.*?BAD end\"$", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[0]


def test_every_page_has_the_same_loop(world: World, tmp_path: Path) -> None:
    """The README's, the guide's and the report's: what one of them catches, all do."""
    place = tmp_path / "report.html"
    world.run("audit", "--report", str(place))
    report = html.unescape(place.read_text(encoding="utf-8")).replace("</pre>", "")
    readme = (PAGE.parents[2] / "README.md").read_text(encoding="utf-8")
    assert loop(blocks()[0]) == loop(readme) == loop(report)
    own = re.findall(r"<pre>(anchor=.*?)</pre>", html.unescape(place.read_text("utf-8")), re.DOTALL)
    anchor = world.run("anchor").out.strip()
    done = shell(tmp_path, own[0].replace("ANCHOR", anchor).replace("FOLDER", f"'{world.records}'"))
    count = stock_git(world.records, "rev-list", "--count", "main").strip()
    assert done.stdout.splitlines()[0] == "the anchor fits", done
    assert done.stdout.splitlines()[1].startswith(f"{count} changes, the last of ")


@needs("git", "ssh-keygen", "sh")
@pytest.mark.parametrize(
    "hide",
    [
        pytest.param((("tag", "main", "main~1"),), id="a tag of the branch's name"),
        pytest.param((("branch", "-m", "main", "other"),), id="no such branch"),
    ],
)
def test_a_loop_that_looks_elsewhere_says_so(
    world: World, tmp_path: Path, hide: tuple[tuple[str, ...], ...]
) -> None:
    """Git takes a tag for the branch, and lists nothing below what is not there."""
    anchor = world.run("anchor").out.strip()
    author = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    stock_git(world.records, *author, "commit", "-q", "--allow-empty", "-m", "nobody's")
    for words in hide:
        stock_git(world.records, *words)
    check = blocks()[0].replace("FOLDER", f"'{world.records}'").replace("ANCHOR", anchor)
    done = shell(tmp_path, check)
    assert "the anchor fits" in done.stdout
    assert "BAD" in done.stdout


@needs("git", "ssh-keygen", "sh")
def test_a_checkpoint_steers_nothing(world: World, desk: Path) -> None:
    """What it says is read before anybody can know whether it is signed."""
    copy = desk / "copy.git"
    stock_git(desk, "clone", "-q", "--bare", "--no-local", str(world.records), str(copy))
    tip = stock_git(copy, "rev-parse", "main").strip()
    point = (desk / "checkpoint.txt").read_text()
    (desk / "checkpoint.txt").write_text(re.sub("tip: .*", f"tip: --output=../marker {tip}", point))
    (desk / "last.txt").write_text((desk / "checkpoint.txt").read_text())
    done = shell(copy, "signers=../signers\n" + "\n".join(blocks()[1:3]))
    assert not (desk / "marker").exists()
    assert done.stdout.count("BAD") >= 3


@posix
@needs("git", "ssh-keygen", "sh")
def test_its_commands_run_nothing_that_the_folder_names(world: World, tmp_path: Path) -> None:
    """Every setting and hook of the table that would start a program, in one folder."""
    anchor = world.run("anchor").out.strip()
    forge = Forge(world.records, {}, credential.generate(), 0)
    rows = [row for row in TABLE if row.says == "programs that git would run"]
    assert len(rows) > 10
    for row in rows:
        row.build(forge)
    check = blocks()[0].replace("FOLDER", f"'{world.records}'").replace("ANCHOR", anchor)
    done = shell(tmp_path, check)
    assert "the anchor fits" in done.stdout
    assert "BAD" not in done.stdout
    marker = forge.folder.with_name("marker")
    assert not marker.exists()
    subprocess.run([forge.folder.with_name("evil.sh")], check=True)
    assert marker.exists()


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
