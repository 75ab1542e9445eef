"""Files that somebody was handed: a pipe or a device in the place of one is refused at once, by every task that reads one."""

from __future__ import annotations

import os
from datetime import date

import pytest

from cpvol import confide
from cpvol.logs.breach import Report
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
