"""A folder's objects are taken over without git running in it; what is out of the ordinary is left to git's own way."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from cpvol.audit.examine import examine
from cpvol.ledger import quarantine as quarantining
from cpvol.ledger import takeover
from cpvol.ledger.git import KEYRING, MAIN
from cpvol.ledger.quarantine import CannotCopy, Refused, quarantine
from tests.support.forge import Forge, git
from tests.support.founding import found
from tests.support.programs import needs

pytestmark = needs("git")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    made = found(tmp_path_factory.mktemp("takeover") / "records")
    for _ in range(4):
        made.leaver()
    return Forge(made.folder, dict(made.people), made.page, made.tick())


@pytest.fixture
def forge(records: Forge, tmp_path: Path) -> Forge:
    shutil.copytree(records.folder, tmp_path / "records")
    return Forge(tmp_path / "records", records.people, records.page, records.clock)


class Wire(Exception):
    """Git's own way was taken."""


def _no_wire(*_: object) -> None:
    raise Wire


def _pack(forge: Forge) -> None:
    git(forge.folder, "repack", "-a", "-d", "-q")


def _two_packs(forge: Forge) -> None:
    """Older history in one pack, the rest in another, and the references in one file."""
    git(forge.folder, "pack-objects", "-q", "--revs", "a", stdin=b"main~3\n")
    for each in forge.folder.glob("a-*"):
        each.rename(forge.folder / ".git" / "objects" / "pack" / f"pack-{each.name}")
    git(forge.folder, "prune-packed", "-q")
    git(forge.folder, "repack", "-d", "-q", "-l")
    git(forge.folder, "pack-refs", "--all")


def _packs_and_files(forge: Forge) -> None:
    _pack(forge)
    git(forge.folder, "hash-object", "-w", "--stdin", stdin=b"of no use\n")


@pytest.mark.parametrize("store", [lambda _: None, _pack, _two_packs, _packs_and_files])
def test_an_ordinary_folder_is_taken_over_as_bytes(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: object
) -> None:
    assert callable(store)
    store(forge)
    monkeypatch.setattr(quarantining, "_fetch", _no_wire)
    (tmp_path / "q").mkdir()
    with quarantine(str(forge.folder), tmp_path / "q") as copy:
        for name in (MAIN, KEYRING):
            assert copy.read(name).oid == forge.ref(name)
        listed = copy.run("rev-list", "--objects", MAIN, KEYRING)
        assert listed.decode().strip() == git(forge.folder, "rev-list", "--objects", MAIN, KEYRING)


def test_no_program_is_run_in_the_folder(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pack(forge)
    started: list[list[str]] = []
    real = subprocess.Popen

    class Watched(real):  # type: ignore[misc, valid-type]
        def __init__(self, words: list[str], **how: object) -> None:
            started.append([*map(str, words), str(how.get("cwd")), str(how.get("env"))])
            super().__init__(words, **how)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    (tmp_path / "q").mkdir()
    assert examine(str(forge.folder), tmp_path / "q", now=int(time.time())).holds
    assert started
    assert not [each for each in started if any(str(forge.folder) in word for word in each)]


def _flip(forge: Forge) -> None:
    _pack(forge)
    (pack,) = (forge.folder / ".git" / "objects" / "pack").glob("*.pack")
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(raw)


def _cut(forge: Forge) -> None:
    _pack(forge)
    (pack,) = (forge.folder / ".git" / "objects" / "pack").glob("*.pack")
    raw = pack.read_bytes()
    pack.chmod(0o644)
    pack.write_bytes(raw[: len(raw) // 2])


def _not_a_pack(forge: Forge) -> None:
    _pack(forge)
    (pack,) = (forge.folder / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(b"KCAP" + pack.read_bytes()[4:])


def _countless(forge: Forge) -> None:
    """A pack that claims four thousand million objects."""
    _pack(forge)
    (pack,) = (forge.folder / ".git" / "objects" / "pack").glob("*.pack")
    raw = pack.read_bytes()
    pack.chmod(0o644)
    pack.write_bytes(raw[:8] + b"\xff" * 4 + raw[12:])


@pytest.mark.parametrize("spoil", [_flip, _cut, _not_a_pack, _countless])
def test_a_damaged_pack_is_refused_with_the_words_of_gits_own_way(
    forge: Forge, tmp_path: Path, spoil: object
) -> None:
    assert callable(spoil)
    spoil(forge)
    (tmp_path / "q").mkdir()
    with pytest.raises(Refused, match="missing or damaged"):
        quarantine(str(forge.folder), tmp_path / "q")


def _twice(forge: Forge) -> None:
    blob = forge.files()["README.md"][1]
    raw = forge.raw(blob)
    _pack(forge)
    forge.loose("blob", raw)


def _settings(forge: Forge) -> None:
    with (forge.folder / ".git" / "config").open("a") as config:
        config.write('[remote "x"]\n\tpromisor = false\n')


def _reference_that_is_a_name(forge: Forge) -> None:
    git(forge.folder, "branch", "other")
    forge.point("ref: refs/heads/other")


def _spoilt_and_of_no_use(forge: Forge) -> None:
    """What a power cut leaves: a file of an object that nothing needs, with nothing in it."""
    oid = forge.loose("blob", b"of no use\n")
    (forge.folder / ".git" / "objects" / oid[:2] / oid[2:]).write_bytes(b"")


@pytest.mark.parametrize(
    "make", [_twice, _settings, _reference_that_is_a_name, _spoilt_and_of_no_use]
)
def test_what_is_unusual_and_sound_goes_gits_own_way(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: object
) -> None:
    assert callable(make)
    tip = forge.ref()
    make(forge)
    (tmp_path / "q").mkdir()
    with quarantine(str(forge.folder), tmp_path / "q") as copy:
        assert copy.read(MAIN).oid == tip
    monkeypatch.setattr(quarantining, "_fetch", _no_wire)
    (tmp_path / "r").mkdir()
    with pytest.raises(Wire):
        quarantine(str(forge.folder), tmp_path / "r")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files here")
def test_nothing_is_waited_for_where_git_would_see_no_records(forge: Forge, tmp_path: Path) -> None:
    """Without HEAD it is no repository; a pipe in the place of a pack would never end."""
    (forge.folder / ".git" / "HEAD").unlink()
    os.mkfifo(forge.folder / ".git" / "objects" / "pack" / "pack-1.pack")
    (tmp_path / "q").mkdir()
    with pytest.raises(CannotCopy, match="holds no records"):
        quarantine(str(forge.folder), tmp_path / "q")


@pytest.mark.parametrize(
    ("bound", "most"), [("MOST_FILES", 5), ("MOST_PACKS", 0), ("MOST_UNFOLDED", 5000)]
)
def test_more_than_a_folder_has_in_any_use_is_left_to_git(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    """Whose time, room and memory are bounded."""
    if bound == "MOST_PACKS":
        _pack(forge)
    monkeypatch.setattr(takeover, bound, most)
    monkeypatch.setattr(quarantining, "_fetch", _no_wire)
    (tmp_path / "q").mkdir()
    with pytest.raises(Wire):
        quarantine(str(forge.folder), tmp_path / "q")


def test_an_odd_mode_is_refused_whichever_way_it_comes(forge: Forge, tmp_path: Path) -> None:
    """Git shows a file that its group may write to as any other: only its check of form tells."""
    rows = [("100664", b"README.md", forge.files()["README.md"][1])]
    forge.put(forge.sign(forge.draft("upgrade", {}, tree=forge.rows(rows))))
    (tmp_path / "q").mkdir()
    with pytest.raises(Refused, match="badFilemode"):
        quarantine(str(forge.folder), tmp_path / "q")


def test_a_host_that_does_not_answer_says_nothing_of_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    with pytest.raises(CannotCopy, match="could not be copied from there"):
        quarantine("ssh://me@host.invalid/records", tmp_path)
