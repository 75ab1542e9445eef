"""Backup and restore: one file, read back before it counts, that never brings back what was destroyed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.errors import CpvolError
from cpvol.ledger import erase, transaction
from cpvol.ledger.git import KEYRING, MAIN, Git
from cpvol.ledger.quarantine import CannotCopy, quarantine
from cpvol.ledger.remote import INCOMING_MAIN, Meeting, write_bundle
from cpvol.register import Register
from cpvol.sync import copies
from cpvol.sync.health import ailments
from tests.support.inspect_records import keys_anywhere
from tests.support.people import Someone, found
from tests.support.programs import needs
from tests.support.world import posix

pytestmark = needs("git")


def restored(someone: Someone, folder: Path, file: Path) -> int:
    def unlock(register: Register) -> None:
        register.identity = someone.identity

    register, outcome = copies.restore(folder, file, unlock=unlock, clock=someone.clock)
    register.git.close()
    return outcome.received


def destroy(someone: Someone, id: str) -> None:
    on = date(2009, 3, 2)
    with someone.open() as register:
        made = disposal.propose(register, ids=[id], reason="duplicate", on=on, now=someone.clock())
        disposal.approve(register, made, without=(), on=on, now=someone.clock())
        assert disposal.dispose(register, made.id, on=on, now=someone.clock())[1].done


def test_a_backup_brings_everything_back(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    ids = {first.enter("Robin A"), first.enter("Robin B", readers=("member-1",))}
    file = tmp_path / "backup.cpvol"
    with first.open() as register:
        made = copies.backup(register, file, now=first.clock())
    assert (made.entries, made.closed, made.size) == (2, 0, file.stat().st_size)
    tips = first.tips()
    shutil.rmtree(first.folder)
    assert restored(first, first.folder, file) == 2
    assert first.tips() == tips
    assert set(first.records()) == ids


@posix
def test_a_backup_is_not_written_through_a_link_that_somebody_planted(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    identity = tmp_path / "identity.age"
    identity.write_text("the only one")
    (tmp_path / ".b.new").symlink_to(identity)
    with first.open() as register:
        copies.backup(register, tmp_path / "b", now=first.clock())
    assert identity.read_text() == "the only one"
    assert not (tmp_path / "b").is_symlink()


def test_a_backup_says_how_much_of_it_could_not_be_opened(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    first.enter("Robin A", readers=("member-1",))
    first.sync()
    second.sync()
    with second.open() as register:
        made = copies.backup(register, tmp_path / "b", now=group.clock())
    assert (made.entries, made.closed) == (0, 1)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 40, b"# v2 git bundle\n", b"# v2 git bundle\n" + b"-" * 2_000_000 + b"\n\n"],
)
def test_what_begins_as_no_backup_is_not_read_to_its_end(tmp_path: Path, data: bytes) -> None:
    """Git would read gigabytes of it, looking for the end of a line."""
    _, first = found(tmp_path)
    file = tmp_path / "b"
    file.write_bytes(data)
    for folder in (tmp_path / "new", first.folder):
        with pytest.raises(copies.NoBackup):
            restored(first, folder, file)
    with pytest.raises(CannotCopy, match="holds no records"):
        quarantine(str(file), tmp_path)


def test_a_backup_that_is_not_whole_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = found(tmp_path)
    first.enter("Robin A")
    file = tmp_path / "backup.cpvol"
    file.write_bytes(b"the backup before")

    def cut(git: Git, path: Path) -> None:
        write_bundle(git, path)
        path.write_bytes(path.read_bytes()[:-40])

    monkeypatch.setattr(copies, "write_bundle", cut)
    with first.open() as register, pytest.raises(CpvolError):
        copies.backup(register, file, now=first.clock())
    assert file.read_bytes() == b"the backup before"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_a_copy_takes_from_a_backup_what_it_lacks_and_nothing_that_is_past(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    first.enter("Robin A")
    old = tmp_path / "older"
    shutil.copytree(first.folder, old)
    first.enter("Robin B")
    file = tmp_path / "backup.cpvol"
    with first.open() as register:
        copies.backup(register, file, now=first.clock())
    assert restored(first, old, file) == 1
    first.enter("Robin C")
    tips = first.tips()
    assert restored(first, first.folder, file) == 0
    assert first.tips() == tips


def destroyed_since(first: Someone, tmp_path: Path) -> tuple[str, Path]:
    """The number of an entry that was destroyed, and a backup of before that still has it."""
    id = first.enter("Robin A")
    file = tmp_path / "backup.cpvol"
    with first.open() as register:
        copies.backup(register, file, now=first.clock())
    destroy(first, id)
    return id, file


def test_an_older_backup_leaves_no_key_here_of_what_was_destroyed(tmp_path: Path) -> None:
    """Git puts what it takes from such a file into a pack, of which nothing is deleted singly."""
    _, first = found(tmp_path)
    id, file = destroyed_since(first, tmp_path)
    tips = first.tips()
    assert restored(first, first.folder, file) == 0
    assert first.tips() == tips
    assert id not in keys_anywhere(first.folder, [first.identity])


def test_a_restore_that_was_killed_leaves_none_to_the_next_task(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    id, file = destroyed_since(first, tmp_path)
    with first.open() as register:
        git = register.git
        with transaction.guest(git):
            meeting = Meeting(git, str(file))
            meeting.fetch(meeting.tips())
            with transaction.locked(git):
                # While it is going on, nobody takes away what it looks at.
                assert git.find(INCOMING_MAIN) is not None
        assert id in keys_anywhere(first.folder, [first.identity])
        # As a kill leaves it: the note, and nobody who holds it.
        erase.guest_note(git).touch()
        with transaction.locked(git):
            pass
    assert id not in keys_anywhere(first.folder, [first.identity])
    assert not erase.guest_note(git).exists()


def test_a_file_that_is_no_backup_leaves_nothing_behind(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    file = tmp_path / "letter.txt"
    file.write_text("hello")
    for path, why in ((file, "is no backup"), (tmp_path / "not there", "no such file")):
        with pytest.raises(CpvolError, match=why):
            restored(first, tmp_path / "new", path)
    assert not (tmp_path / "new").exists()


def test_the_doctor_puts_files_back_and_names_what_cannot_be_mended(tmp_path: Path) -> None:
    _, first = found(tmp_path)
    first.enter("Robin A")
    (first.folder / "members.yaml").unlink()
    (first.folder / "policy.yaml").write_text("mine")
    with first.open() as register:
        tip = register.head.oid
        told = [each.what for each in ailments(register, tip)]
        assert told[0].startswith("2 files in the folder")
        assert "member-1 is the only admin" in told
        assert register.git.run("status", "--porcelain") == b""

        keyring = register.git.read(KEYRING).oid
        register.git.set_refs([(KEYRING, register.git.read(f"{MAIN}~1").oid, keyring)])
        register.refresh()
        assert "the keys here do not go with the entries" in [
            each.what for each in ailments(register, tip)
        ]
