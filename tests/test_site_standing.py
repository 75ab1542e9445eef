"""How we stand: counts from real records on the site, on request, in which nobody can be found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from cpvol.errors import CpvolError
from cpvol.guidance.stage import stage
from cpvol.guidance.standing import band, body, standing
from cpvol.logs import LOGS
from cpvol.tasks import site
from tests.support.entries import POLICY, book, ecrb, person, training, whole
from tests.support.programs import needs
from tests.support.site import FACTS
from tests.support.world import World, posix

pytest_plugins = ["tests.support.worlds"]

SOURCE = Path(__file__).parent.parent / "site_src"
DAY = date(2009, 3, 31)
CANARY = "xylophonist"


def test_counts_are_of_the_day() -> None:
    left = {"suspensions": [{"on": date(2009, 3, 1), "reason": "on leave"}]}
    counted = standing(
        book(person("a"), person("b", **left), ecrb("a"), training("a")), POLICY, DAY
    )
    assert counted.accounts == {"open": 1, "suspended": 1}
    assert counted.entries["User register"] == 2
    assert counted.entries["Breach log"] == 0
    assert counted.work["Rules that are broken"] > 0
    long_after = standing(
        whole(left_on="2009-01-01", account_closed_on="2009-01-01"), POLICY, date(2015, 6, 1)
    )
    assert long_after.accounts == {"open": 0, "suspended": 0}
    assert long_after.work["Entries that have been kept long enough"] == 3


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "fewer than 5"),
        (1, "fewer than 5"),
        (4, "fewer than 5"),
        (5, "5 to 9"),
        (14, "10 to 14"),
    ],
)
def test_no_count_tells_of_a_single_entry(count: int, shown: str) -> None:
    assert band(count) == shown


def test_an_entry_more_changes_nothing_within_a_band() -> None:
    one = body(standing(whole(), POLICY, DAY))
    two = body(
        standing(book(*whole(), person("b", account_opened_on=None, access="none")), POLICY, DAY)
    )
    assert one == two
    # Every log is there, so that none tells by being there that something is in it.
    assert all(log.title in one for log in LOGS)


def test_without_being_asked_there_is_no_such_page(tmp_path: Path) -> None:
    page = "about/standing.md"
    assert page not in stage(SOURCE, tmp_path / "without", FACTS).pages
    asked = replace(FACTS, standing=standing(whole(), POLICY, DAY))
    assert page in stage(SOURCE, tmp_path / "with", asked).pages


@posix
@needs("git")
def test_nothing_of_an_entry_reaches_the_site(world: World, tmp_path: Path) -> None:
    entered = world.enter(
        "person.add",
        name=f"Robin {CANARY}",
        engagement="trustee",
        access="none",
        joined_on="17/11/2008",
    )
    world.run("site.build", "--counts", f"--to={tmp_path / 'site'}")
    page = (tmp_path / "site" / "about" / "standing.html").read_text("utf-8")
    assert "<td>User register</td>" in page
    assert "How we stand" in (tmp_path / "site" / "index.html").read_text("utf-8")
    kept = (CANARY, entered["id"], "17/11/2008", "2008-11-17", "Robin Example", "001234567890")
    for path in (tmp_path / "site").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            # The worked examples have a day and a number of their own.
            looked_for = kept if path.name == "standing.html" else kept[:4]
            assert not [one for one in looked_for if one.encode() in content], path.name


def test_who_may_not_read_every_log_cannot_count() -> None:
    """Their counts would be too low, and nobody would see it."""
    session = MagicMock()
    me = session.register.return_value.__enter__.return_value.me
    me.may_read.side_effect = lambda log: log != "breach"
    with pytest.raises(CpvolError, match="logs that you may not read"):
        site._standing(session, None)


@posix
@needs("git")
def test_a_profile_without_records_cannot_be_counted(world: World) -> None:
    done = world.run("site.build", "--counts", "--profile=contactpoint", status=2)
    assert "nothing to count" in done.err
