"""Files that somebody was handed: a pipe or a device in the place of one is refused at once, by every task that reads one."""

from __future__ import annotations

import os
from datetime import date

import pytest
from pydantic import ValidationError

from cpvol import confide
from cpvol.logs.base import Amendment
from cpvol.logs.breach import Report
from cpvol.tasks.session import Session
from tests.support.programs import needs
from tests.support.world import World, posix, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

READING = {
    "handover": ("handover", "{}"),
    "unseal": ("breach.unseal", "{}"),
    "checkpoint": ("audit", "--checkpoint={}"),
    "grant": ("audit", "--grant={}"),
    "report": ("audit", "--report={}"),
}


@pytest.mark.parametrize("line", READING.values(), ids=READING)
def test_nothing_is_waited_for_that_never_ends(world: World, line: tuple[str, ...]) -> None:
    pipe = world.root / "pipe"
    os.mkfifo(pipe)
    refused(world, *(word.format(pipe) for word in line), says="")


def test_a_report_of_endless_length_is_refused(world: World) -> None:
    endless = world.root / "endless"
    endless.symlink_to("/dev/zero")
    refused(world, "breach.unseal", str(endless), says="cannot be read")


def test_what_a_stranger_sealed_does_not_pass_the_guard_unseen(world: World) -> None:
    """Whoever has a card can make such a file by other means than `breach.seal`, which asks."""
    what = "Looked up the child born 01/02/2003 at AB1 2DE"
    report = Report(discovered_on=date(2009, 5, 11), category="known_people", what=what)
    sealed = confide.seal(
        report, [world.identity().age_public], id="k3m9q2x7ab", on=date(2009, 5, 12)
    )
    (file := world.root / "report.age").write_bytes(sealed)
    done = world.run("breach.unseal", str(file))
    assert "holds what reads as a postcode and as a date of birth" in done.err
    assert "AB1" not in done.err


def test_nothing_that_is_repeated_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(environ={}, project=None)
    session.out("a\x1b]0;x\x07\u202eb\nc\td\x9b", whole=True)
    session.tell("\x1b[2Jé🙂")
    assert capsys.readouterr() == ("a\ufffd]0;x\ufffd\ufffdb\nc\td\ufffd\n", "\ufffd[2Jé🙂\n")


def test_what_was_changed_is_told_in_names_that_can_be_seen() -> None:
    """They are shown as they stand, and whoever signs an entry writes them."""
    with pytest.raises(ValidationError):
        Amendment(on=date(2009, 3, 2), by="member-2", action="amend", fields=("name\x1b[2J",))
