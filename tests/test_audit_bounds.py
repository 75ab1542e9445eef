"""What somebody makes to exhaust an auditor's computer exhausts nothing: time, memory and room are bounded."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.ledger import quarantine as quarantining
from cpvol.ledger.quarantine import CannotCopy, quarantine
from tests.support import attacks
from tests.support.forge import Forge
from tests.support.founding import found
from tests.support.programs import needs

pytestmark = needs("git")

#: What a whole audit may take, git's own processes included.
MOST_MEBIBYTES = 300

_AUDIT = """
import resource, sys, time
from pathlib import Path
from cpvol.audit.examine import examine
found = examine(sys.argv[1], Path(sys.argv[2]), now=int(time.time()))
# What RUSAGE_SELF tells begins with the memory of the process that started this one.
(own,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(int(found.holds), max(int(own.split()[1]), children))
"""


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    made = found(tmp_path / "records")
    made.leaver()
    made.leaver()
    return Forge(made.folder, dict(made.people), made.page, made.tick())


def many_names(forge: Forge) -> None:
    """A folder of three hundred thousand names."""
    blob = forge.loose("blob", b"x")
    rows = [("100644", b"%010d.yaml" % number, blob) for number in range(300_000)]
    folder = forge.rows(rows)
    attacks._top(forge, lambda top: sorted([*top, ("40000", b"zz", folder)], key=lambda r: r[1]))


def long_message(forge: Forge) -> None:
    """Forty mebibytes of a message."""
    made = forge.sign(forge.draft("add", {}))
    forge.put(made.encode() + b"x" * (40 << 20))


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.parametrize(
    "build",
    [attacks.huge_blob, attacks.tree_bomb, many_names, long_message],
    ids=lambda b: b.__name__,
)
def test_no_attack_takes_more_memory_than_it_may(
    forge: Forge, tmp_path: Path, build: attacks.Build
) -> None:
    build(forge)
    (tmp_path / "q").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT, str(forge.folder), str(tmp_path / "q")],
        capture_output=True,
        check=True,
        cwd=Path(__file__).resolve().parents[1],
        timeout=120,
    )
    holds, kibibytes = done.stdout.split()
    assert holds == b"0"
    assert int(kibibytes) < MOST_MEBIBYTES << 10


def test_a_copy_that_takes_too_much_room_is_given_up(forge: Forge, tmp_path: Path) -> None:
    import os

    for _ in range(6):
        path = forge.record()[0]
        forge.change("add", {path: os.urandom(8 << 20)})
    (tmp_path / "q").mkdir()
    with pytest.raises(CannotCopy, match="too much room"):
        quarantine(str(forge.folder), tmp_path / "q", most_bytes=1 << 20)


def test_a_copy_that_never_ends_is_given_up(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side says nothing: here, a program in git's place that only waits."""
    sleeper = tmp_path / "git"
    sleeper.write_text("#!/bin/sh\nsleep 30 &\nwait\n")
    sleeper.chmod(0o755)
    (tmp_path / "q").mkdir()
    monkeypatch.setattr(quarantining, "program", lambda: str(sleeper))
    start = time.monotonic()
    with pytest.raises(CannotCopy, match="too much time"):
        quarantine(str(forge.folder), tmp_path / "q", seconds=0.3)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "source",
    ["ext::sh -c x", "--upload-pack=x", "file:///etc", "git://example.invalid/x", "-x", "fd::7"],
)
def test_an_address_that_would_run_something_is_no_folder(tmp_path: Path, source: str) -> None:
    with pytest.raises(CpvolError, match="no such folder"):
        quarantine(source, tmp_path)
