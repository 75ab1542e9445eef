"""Writing a file whole, in a folder where somebody else may have put something first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cpvol.files import read_start, scratch, write_file

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and rights as POSIX has them")


def test_it_is_not_written_through_a_link_that_somebody_planted(tmp_path: Path) -> None:
    identity = tmp_path / "identity.age"
    identity.write_text("the only one")
    (tmp_path / ".letter.html.new").symlink_to(identity)
    write_file(tmp_path / "letter.html", b"Dear Robin", private=True)
    assert identity.read_text() == "the only one"
    assert not (tmp_path / "letter.html").is_symlink()
    assert (tmp_path / "letter.html").read_bytes() == b"Dear Robin"


def test_it_is_not_written_into_a_file_that_somebody_else_holds_open(tmp_path: Path) -> None:
    planted = tmp_path / ".letter.html.new"
    planted.touch(mode=0o666)
    with planted.open("rb") as theirs:
        write_file(tmp_path / "letter.html", b"Dear Robin", private=True)
        assert theirs.read() == b""
    assert stat.S_IMODE((tmp_path / "letter.html").stat().st_mode) == 0o600


def test_what_would_never_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "device").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("device", "no file"), ("pipe", "no file"), (".", "irectory")):
        with pytest.raises(OSError, match=why):
            read_start(tmp_path / name, 10)
    (tmp_path / "file").write_bytes(b"0123456789 and more")
    assert read_start(tmp_path / "file", 10) == b"0123456789"


def test_a_folder_for_a_copy_goes_when_whoever_made_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "in").mkdir()
    (tmp_path / "cpvol-copy-link").symlink_to(tmp_path / "else")
    left = tmp_path / "cpvol-copy-left"
    (left / "in").mkdir(parents=True)
    (left / "held").touch()
    with scratch() as first:
        assert not left.exists()
        (first / "keyring").touch()
        with scratch() as second:
            assert (first / "keyring").exists()
            assert second != first
    assert not first.parent.exists()
    assert {each.name for each in tmp_path.iterdir()} == {"else", "cpvol-copy-link"}
    assert (tmp_path / "else" / "in").is_dir()
