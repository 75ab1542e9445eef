"""What somebody makes to exhaust an auditor's computer exhausts nothing: time, memory and room are bounded."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from cpvol.audit import changes as comparing
from cpvol.errors import CpvolError
from cpvol.ledger import commits, outside
from cpvol.ledger.commits import Written
from cpvol.ledger.git import Git
from cpvol.ledger.quarantine import CannotCopy, Refused, quarantine
from tests.support import attacks
from tests.support.forge import Forge, git
from tests.support.founding import found
from tests.support.programs import needs

verifying = import_module("cpvol.audit.verify")
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


def many_large_folders(forge: Forge) -> None:
    """Sixty changes, each with a folder of a hundred thousand names."""
    blob = forge.loose("blob", b"x")
    row = b"100644 %07d.yaml\0" + bytes.fromhex(blob)
    names = b"".join(row % number for number in range(1, 100_000))
    made = forge.draft("add", {})
    rows, parent = _rows(forge, made.tree), made.parent
    for number in range(60):
        folder = forge.loose("tree", b"100644 -%06d.yaml\0" % number + bytes.fromhex(blob) + names)
        top = forge.rows(sorted([*rows, ("40000", b"zz", folder)], key=lambda r: r[1]))
        parent = forge.put(forge.sign(replace(made, parent=parent, tree=top)))


def _rows(forge: Forge, tree: str) -> list[tuple[str, bytes, str]]:
    found = re.findall(rb"(\d+) ([^\0]+)\0(.{20})", forge.raw(tree), re.DOTALL)
    return [(mode.decode(), name, oid.hex()) for mode, name, oid in found]


def many_large_files(forge: Forge) -> None:
    """One change with three hundred and forty schemas of a megabyte each."""
    content = b"x" * (1 << 20)
    forge.change(
        "upgrade", {f"schemas/training-{n}.json": b"%04d" % n + content[4:] for n in range(2, 342)}
    )


def many_large_changes(forge: Forge) -> None:
    """Twelve changes whose messages name a hundred thousand records each."""
    written = tuple(Written(f"training/{n:010d}", "1" * 64) for n in range(100_000))
    made = forge.draft("add", {})
    parent = made.parent
    for _ in range(12):
        message = replace(made.message, written=written)
        parent = forge.put(forge.sign(replace(made, parent=parent, message=message)))


def keyring_of_gigabytes(forge: Forge) -> None:
    """A hundred files of keys, sixteen million zero bytes each, that are one and the same."""
    blob = forge.loose("blob", b"\0" * ((1 << 24) - 1))
    tree = forge.tree({f"training-{n:010d}.1.age": ("100644", blob) for n in range(100)})
    forge.point(forge.loose("commit", commits.keyring_commit(tree).data), "refs/heads/keyring")


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.parametrize(
    "build",
    [
        attacks.huge_blob,
        attacks.tree_bomb,
        many_names,
        long_message,
        many_large_folders,
        many_large_files,
        many_large_changes,
        keyring_of_gigabytes,
    ],
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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds another process")
def test_an_object_of_a_few_bytes_that_unfolds_to_too_many_is_refused(
    forge: Forge, tmp_path: Path
) -> None:
    """Three hundred megabytes, written as a thousand times the same piece of another object."""
    _bomb(forge, 300)
    (tmp_path / "q").mkdir()
    with pytest.raises(Refused, match="too large to be theirs"):
        quarantine(str(forge.folder), tmp_path / "q", most_memory=200 << 20)


def _bomb(forge: Forge, mebibytes: int) -> None:
    """A pack whose second object is written as copies of the first, as git writes likenesses."""
    base = bytes(1 << 20)
    base_id = hashlib.sha1(b"blob %d\0" % len(base) + base, usedforsecurity=False).digest()
    # A copy from the beginning, whose length stands in three bytes.
    step = 0x0FFFFF
    copies = mebibytes
    size = step * copies
    delta = _size(len(base)) + _size(size) + (b"\xf0" + step.to_bytes(3, "little")) * copies
    body = b"PACK" + (2).to_bytes(4, "big") + (2).to_bytes(4, "big")
    body += _head(3, len(base)) + zlib.compress(base)
    body += _head(7, len(delta)) + base_id + zlib.compress(delta)
    body += hashlib.sha1(body, usedforsecurity=False).digest()
    done = subprocess.run(
        ["git", "index-pack", "--stdin"],
        cwd=forge.folder,
        input=body,
        capture_output=True,
        check=True,
    )
    assert done.stdout
    huge = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for _ in range(copies):
        huge.update(base[:step])
    path = forge.record()[0]
    blob = huge.hexdigest()
    made = forge.draft("add", {path: blob.encode()}, modes={path: "160000"})
    entries = forge.files() | {path: ("100644", blob)}
    forge.put(forge.sign(replace(made, tree=forge.tree(entries))))


def _size(number: int) -> bytes:
    """A size as a delta begins with it."""
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _head(kind: int, size: int) -> bytes:
    """How an object begins in a pack."""
    out, rest = bytearray([kind << 4 | size & 15]), size >> 4
    while rest:
        out[-1] |= 0x80
        out.append(rest & 0x7F)
        rest >>= 7
    return bytes(out)


def test_a_history_that_has_no_end_is_not_walked(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "MAX_CHANGES", 5)
    with Git(forge.folder) as git:
        found = verifying.verify(git, forge.ref(), anchor=None, now=forge.clock)
    assert [each.rule for each in found.problems] == ["too-long"]


def test_changes_that_are_too_much_together_are_looked_at_one_by_one(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpvol.audit.lots.MAX_BYTES", 2000)
    monkeypatch.setattr(comparing, "MAX_ANSWER", 9000)
    with Git(forge.folder) as git:
        found = verifying.verify(git, forge.ref(), anchor=None, now=forge.clock)
        assert found.holds
        assert found.state.count == int(git.run("rev-list", "--count", "main"))


def test_a_copy_that_never_ends_is_given_up(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side says nothing: here, a program in git's place that only waits."""
    sleeper = tmp_path / "git"
    sleeper.write_text("#!/bin/sh\nsleep 30 &\nwait\n")
    sleeper.chmod(0o755)
    (tmp_path / "q").mkdir()
    monkeypatch.setattr(outside, "program", lambda: str(sleeper))
    start = time.monotonic()
    with pytest.raises(CannotCopy, match="too much time"):
        quarantine(str(forge.folder), tmp_path / "q", seconds=0.3)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "source",
    ["ext::sh -c x", "--upload-pack=x", "git://example.invalid/x", "-x", "fd::7"],
)
def test_an_address_that_would_run_something_is_no_folder(tmp_path: Path, source: str) -> None:
    with pytest.raises(CpvolError, match="no such folder"):
        quarantine(source, tmp_path)


def test_a_folder_may_be_written_as_an_address_of_this_computer(
    forge: Forge, tmp_path: Path
) -> None:
    tip = forge.ref()
    folder = tmp_path / "with a space"
    forge.folder.rename(folder)
    (tmp_path / "q").mkdir()
    with quarantine(folder.as_uri(), tmp_path / "q") as copy:
        assert copy.read("refs/heads/main").oid == tip
    with pytest.raises(CannotCopy, match="another computer"):
        quarantine("file://example.invalid/records", tmp_path)
    with pytest.raises(CannotCopy, match="no such folder"):
        quarantine("file:///etc/no-such-folder-here", tmp_path)


def test_what_cannot_be_taken_over_from_here_is_not_blamed_on_the_network(
    forge: Forge, tmp_path: Path
) -> None:
    bundle = tmp_path / "copy.bundle"
    git(forge.folder, "bundle", "create", str(bundle), "main")
    bundle.write_bytes(bundle.read_bytes()[:-200])
    (tmp_path / "q").mkdir()
    with pytest.raises(Refused, match="missing or damaged"):
        quarantine(str(bundle), tmp_path / "q")
    git(forge.folder, "branch", "--move", "main", "other")
    (tmp_path / "r").mkdir()
    with pytest.raises(CannotCopy, match="no branch main"):
        quarantine(str(forge.folder), tmp_path / "r")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything"
)
def test_what_may_not_be_read_is_said_to_be_so(forge: Forge, tmp_path: Path) -> None:
    forge.folder.chmod(0)
    try:
        with pytest.raises(CannotCopy, match="may not read"):
            quarantine(str(forge.folder), tmp_path)
    finally:
        forge.folder.chmod(0o700)
