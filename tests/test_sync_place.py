"""Meeting places of every kind, and others who are faster."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.ledger.git import environment
from cpvol.ledger.remote import BadAddress, LostRace, Meeting, Tips, as_folder
from cpvol.sync import run
from cpvol.sync.place import address_of, share, to_be_made
from cpvol.tasks import ask
from cpvol.tasks import sync as tasks
from cpvol.tasks.session import Session
from tests.support.people import Someone, found
from tests.support.programs import needs
from tests.support.world import posix

pytestmark = needs("git")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Someone, Someone]:
    group, first = found(tmp_path)
    return first, group.newcomer(first, "member-2")


def configure(place: Path, *setting: str) -> None:
    subprocess.run(["git", "config", *setting], cwd=place, env=environment(), check=True)


def test_a_host_that_takes_one_branch_at_a_time_is_given_the_keys_first(
    pair: tuple[Someone, Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    configure(first.place, "receive.advertiseAtomic", "false")
    sent: list[list[str]] = []
    real = Meeting._push

    def push(self: Meeting, options: list[str], changes: list[tuple[str, str, str]]) -> None:
        sent.append([name for name, _, _ in changes])
        real(self, options, changes)

    monkeypatch.setattr(Meeting, "_push", push)
    id = first.enter("Robin A")
    first.sync()
    assert sent[1:] == [["refs/heads/keyring"], ["refs/heads/main"]]
    second.sync()
    assert id in second.records()


def test_the_users_own_git_configuration_leads_to_the_host(
    pair: tuple[Someone, Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    config = tmp_path / "users-config"
    config.write_text(
        f'[url "{first.place.as_posix()}"]\n\tinsteadOf = https://host.example/records\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    id = first.enter("Robin A")
    with first.open() as register:
        meeting = Meeting(register.git, "https://host.example/records")
        outcome = run.sync(register, meeting, published=first.published, clock=first.clock)
    assert outcome.sent == 1
    second.sync()
    assert id in second.records()


@pytest.mark.parametrize("times", [1, 3])
def test_whoever_is_slower_begins_again_and_loses_nothing(
    pair: tuple[Someone, Someone], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    first, second = pair
    real = Meeting.push
    left = [times]
    ids = [first.enter("Robin A")]

    def push(self: Meeting, new: Tips, old: Tips) -> None:
        if self.git.folder == first.folder and left[0]:
            left[0] -= 1
            ids.append(second.enter(f"Sandy {left[0]}"))
            second.sync()
        real(self, new, old)

    monkeypatch.setattr(Meeting, "push", push)
    outcome = first.sync()
    assert outcome.received == times
    second.sync()
    assert first.tips() == second.tips()
    assert set(first.records()) == set(ids)


def test_whoever_is_always_slower_is_told_so(
    pair: tuple[Someone, Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    first.enter("Robin A")

    def push(self: Meeting, new: Tips, old: Tips) -> None:
        raise LostRace

    with monkeypatch.context() as patch:
        patch.setattr(Meeting, "push", push)
        with pytest.raises(LostRace):
            first.sync()
    first.sync()
    second.sync()
    assert first.tips() == second.tips()


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://host.example/records.git", False),
        ("ssh://git@host.example/records.git", False),
        ("git@host.example:records.git", False),
        ("host:records", False),
        ("C:\\Users\\me\\records", True),
        ("C:/Daten/records", True),
        ("/media/stick/records.git", True),
        ("../records", True),
        ("file:///media/stick/records.git", True),
        ("\\\\nas\\share\\records", True),
    ],
)
def test_a_folder_is_told_from_a_host(address: str, folder: bool) -> None:
    assert (as_folder(address) is not None) == folder


def test_each_exchange_takes_only_what_is_new(pair: tuple[Someone, Someone]) -> None:
    first, second = pair
    with second.open() as register:
        before = Meeting(register.git, str(first.place)).tips()
    assert second.sync().received == 0
    assert second.sync().sent == 0
    with second.open() as register:
        assert Meeting(register.git, str(first.place)).tips() == before


@posix
def test_nobody_else_on_this_computer_looks_into_the_records(pair: tuple[Someone, Someone]) -> None:
    for each in pair:
        assert each.folder.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for ssh is a shell script")
def test_no_program_that_git_starts_sees_the_passphrase(
    pair: tuple[Someone, Someone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, script = tmp_path / "seen", tmp_path / "ssh"
    script.write_text(f"#!/bin/sh\nenv > {seen}\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("CPVOL_PASSPHRASE", "correct horse battery staple")
    with pair[0].open() as register, pytest.raises(CpvolError):
        Meeting(register.git, "ssh://host.example/records").tips()
    assert "GIT_SSH_COMMAND" in seen.read_text()
    assert "CPVOL_" not in seen.read_text()


def test_nobodys_own_copy_becomes_a_meeting_place(pair: tuple[Someone, Someone]) -> None:
    """Nothing could be sent there, or it would change under the feet of whoever works in it."""
    first, second = pair
    with first.open() as register:
        before = address_of(register)
        for folder in (second.folder, first.folder):
            with pytest.raises(BadAddress, match="own copy of records"):
                share(register, str(folder))
        assert address_of(register) == before


class _Somebody(Session):
    """A session with somebody at the keyboard."""

    terminal = True


def test_a_slip_in_the_name_of_the_place_is_seen_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "shraed"
    monkeypatch.setattr(ask, "confirm", lambda question: False)
    with pytest.raises(KeyboardInterrupt):
        tasks.share(_Somebody({}, tmp_path), address=str(place), yes=False)
    assert not place.exists()
    assert str(place) in capsys.readouterr().err
    assert to_be_made(str(tmp_path)) is None
    assert to_be_made("git@host.example:records.git") is None
