"""Whatever somebody does to a records repository: what stock git says of it, and that the audit refuses or reports it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.audit.anchor import NAMESPACE, Checkpoint, read_anchor
from cpvol.audit.examine import Examined, Keys, Outside, checkpoint_of, examine
from cpvol.audit.words import verdict
from cpvol.findings import Severity
from cpvol.ledger.git import Git
from cpvol.ledger.members import ALL, Member
from cpvol.opening import Opener
from cpvol.vault import credential
from tests.support.attacks import TABLE, Attack
from tests.support.forge import NEUTRAL, Forge
from tests.support.founding import found, keys_of
from tests.support.programs import needs

pytestmark = [
    needs("git", "ssh-keygen"),
    pytest.mark.skipif(os.name == "nt", reason="writes paths that Windows cannot hold"),
]

#: No attack may keep an auditor waiting for longer, on a slow machine.
PATIENCE_SECONDS = 60


class Base:
    """An ordinary organisation's records, made once and copied for each attack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "records"
        self.made = made = found(self.folder)
        made.coordinator("member-2")
        made.coordinator("member-3")
        for handle, role in (("member-4", "auditor"), ("member-5", "admin")):
            made.people[handle] = identity = credential.generate()
            member = Member(handle, (role,), (ALL,) if role == "auditor" else (), keys_of(identity))
            with made.open() as register:
                after = register.members.with_member(member)
                register.change_members(after, "join", f"members: join {handle}", now=made.tick())
        made.leaver()
        kept = [
            made.enter(
                "training", person=made.leaver()[0].id, course="One", trainer="authority", by=by
            )
            for by in ("member-1", "member-2", "member-3")
        ]
        self.notes = {"founding": self._run("rev-list", "--max-parents=0", "main")}
        path = f"training/{kept[0].id[0]}/{kept[0].id[1]}/{kept[0].id}.yaml.age"
        self.notes |= {
            "amended path": path,
            "first version": self._run("rev-parse", f"main:{path}"),
        }
        made.amend(kept[0], course="Two")
        self.notes["before removal"] = self._tip("main")
        with made.open() as register:
            after = register.members.without("member-3")
            register.change_members(after, "remove", "members: remove member-3", now=made.tick())
        made.people["member-2-old"], new = made.people["member-2"], credential.generate()
        with made.open("member-2") as register:
            after = register.members.with_keys("member-2", keys_of(new))
            register.change_members(after, "rotate", "members: rotate member-2", now=made.tick())
        made.people["member-2"] = new
        self._destroy(kept[2].id)
        self.notes |= {"destroyed": f"training/{kept[2].id}", "held": f"training/{kept[1].id}"}
        with made.open() as register:
            self.ring = register.sealed_keyring()
        made.enter(
            "hold",
            entries=(kept[1].id,),
            reason="A claim is expected",
            placed_on="2009-01-01",
            placed_by="Chair",
        )
        made.tick(days=20)
        with made.open() as register:
            self.anchor = read_anchor(register.anchor())
        with Git(self.folder) as git:
            point = checkpoint_of(git, self._tip("main"), self.anchor, "member-1", _day(made.clock))
        signature = made.people["member-1"].sign(point.text(), NAMESPACE)
        self.checkpoint = Checkpoint(
            point.anchor, point.count, point.tip, point.chain, point.on, point.by, signature
        )
        # So that every object is a file that a forger can swap.
        packs = list((self.folder / ".git" / "objects" / "pack").glob("*.pack"))
        assert packs == []

    def _destroy(self, id: str) -> None:
        made = self.made
        on = _day(made.tick())
        with made.open() as register:
            proposed = disposal.propose(
                register, ids=[id], reason="duplicate", on=on, now=made.tick()
            )
        with made.open("member-2") as register:
            disposal.approve(register, proposed, without=[], on=on, now=made.tick())
        with made.open() as register:
            disposal.dispose(register, proposed.id, on=on, now=made.tick())

    def _tip(self, name: str) -> str:
        return self._run("rev-parse", name)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def copy(self, into: Path) -> Forge:
        """The records in a forger's hands."""
        shutil.copytree(self.folder, into)
        made = self.made
        people, notes = dict(made.people), dict(self.notes)
        return Forge(into, people, made.page, made.clock, notes, self.ring)


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return Base(tmp_path_factory.mktemp("base"))


def _audit(base: Base, forge: Forge, into: Path, row: Attack) -> Examined:
    into.mkdir()
    points = [row.point(base.checkpoint, forge) if row.point else base.checkpoint]
    return examine(
        str(forge.folder),
        into,
        Outside(base.anchor, points if row.checkpoint else []),
        Keys(Opener(forge.people["member-1"])) if row.contents else None,
        now=int(time.time()),
    )


def stock_says(forge: Forge) -> str:
    """What ``git verify-commit`` says of the tip against its parent's list, as the records' own README has it."""
    environ = os.environ | NEUTRAL
    listed = subprocess.run(
        ["git", "show", "main^1:allowed_signers"],
        cwd=forge.folder,
        capture_output=True,
        env=environ,
        check=False,
    )
    if listed.returncode:
        return "-"
    signers = forge.folder.with_name("signers")
    signers.write_bytes(listed.stdout + forge.notes.get("extra signer", "").encode())
    done = subprocess.run(
        [
            "git",
            "-c",
            "gpg.format=ssh",
            "-c",
            f"gpg.ssh.allowedSignersFile={signers}",
            "verify-commit",
            "main",
        ],
        cwd=forge.folder,
        capture_output=True,
        env=environ,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return "bad" if done.returncode else "good"


def fsck_says(forge: Forge) -> str:
    """What ``git fsck --strict`` says of the folder."""
    done = subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling"],
        cwd=forge.folder,
        capture_output=True,
        env=os.environ | NEUTRAL,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return "bad" if done.returncode else "ok"


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_an_attack_is_refused_or_reported(base: Base, tmp_path: Path, row: Attack) -> None:
    forge = base.copy(tmp_path / "records")
    row.build(forge)
    runs_programs = row.fsck == "-"
    if not runs_programs:
        assert (stock_says(forge), fsck_says(forge)) == (row.stock, row.fsck)
    start = time.monotonic()
    examined = _audit(base, forge, tmp_path / "quarantine", row)
    assert time.monotonic() - start < PATIENCE_SECONDS
    said = [each.message for each in examined.problems]
    assert any(re.search(row.says, each, re.IGNORECASE) for each in [*said, verdict(examined)]), (
        said
    )
    assert examined.holds == row.holds
    assert not (tmp_path / "marker").exists()


def test_the_records_that_all_attacks_begin_from_raise_no_alarm(base: Base, tmp_path: Path) -> None:
    row = Attack("none", lambda forge: None, "good", "ok", "", True, checkpoint=True, contents=True)
    forge = base.copy(tmp_path / "records")
    examined = _audit(base, forge, tmp_path / "quarantine", row)
    serious = [each for each in examined.problems if each.severity is Severity.BREACH]
    assert serious == []
    assert (stock_says(forge), fsck_says(forge)) == ("good", "ok")


def test_a_fork_from_before_a_removal_cannot_be_told_without_a_checkpoint(
    base: Base, tmp_path: Path
) -> None:
    """The limit that every report states: nobody can tell what was dropped since the last checkpoint."""
    row = next(row for row in TABLE if "forking from before" in row.name)
    forge = base.copy(tmp_path / "records")
    row.build(forge)
    (tmp_path / "quarantine").mkdir()
    from cpvol.audit.verify import verify

    with Git(forge.folder) as git:
        tip = git.run("rev-parse", "main").decode().strip()
        assert verify(git, tip, anchor=base.anchor, now=int(time.time())).holds


def test_a_second_checkpoint_does_not_hide_the_first(base: Base, tmp_path: Path) -> None:
    """Two that count the same: one from outside, and one of another history, made to fit it."""
    forge = base.copy(tmp_path / "records")
    next(row for row in TABLE if row.name == "amended tip").build(forge)
    with Git(forge.folder) as git:
        other = checkpoint_of(git, forge.ref(), base.anchor, "member-1", base.checkpoint.on)
    signature = forge.people["member-1"].sign(other.text(), NAMESPACE)
    points = [base.checkpoint, replace(other, signature=signature)]
    (tmp_path / "quarantine").mkdir()
    examined = examine(
        str(forge.folder),
        tmp_path / "quarantine",
        Outside(base.anchor, points),
        now=int(time.time()),
    )
    assert [p.rule for p in examined.problems if p.severity is Severity.BREACH] == ["checkpoint"]


def test_the_table_is_long_enough() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE) >= 50
