"""An organisation's years, through the real program: a spreadsheet of ten people, and six years after one of them left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.programs import needs
from tests.support.world import World

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

NAMES = (
    *("Amber Example", "Basil Sample", "Cedar Specimen", "Dahlia Dummy", "Elder Invented"),
    *("Fern Madeup", "Gorse Notional", "Hazel Pattern", "Iris Template", "Juniper Fictional"),
)


def sheet(path: Path, heading: str, rows: list[str]) -> str:
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def organisation(empty: World) -> World:
    """Ten people with their checks, trainings and tokens, out of three spreadsheets."""
    people = sheet(
        empty.root / "people.csv",
        "Full name,Engagement,Access,Joined on,Account opened on,Personal e-mail",
        [
            f"{name},volunteer,query,07/01/2008,03/03/2008,{name.split()[0].lower()}@example.invalid"
            for name in NAMES
        ],
    )
    checks = sheet(
        empty.root / "checks.csv",
        "Person,Disclosure reference,Issued on,Seen on,Decision",
        [f"{name},0012{number},10/12/2007,20/12/2007,clear" for number, name in enumerate(NAMES)],
    )
    trainings = sheet(
        empty.root / "trainings.csv",
        "Trainee name,Course,Training date,Venue,Trainer,Token number,Token issued on",
        [
            f"{name},User training,04/02/2008,County hall,authority,T-{number},04/02/2008"
            for number, name in enumerate(NAMES)
        ],
    )
    empty.run("import", people, "--log=person", "--yes", status=None)
    empty.run("import", checks, "--log=ecrb", "--yes", status=None)
    empty.run("import", trainings, "--yes", status=None)
    return empty


def entries(world: World, log: str) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = world.run("list", log, "--json").json
    return listed


def test_six_years_after_somebody_left_all_of_theirs_and_nothing_else_is_due(
    organisation: World,
) -> None:
    world = organisation
    assert [len(entries(world, log)) for log in ("person", "ecrb", "training", "token")] == [10] * 4
    people = {entry["name"]: entry["id"] for entry in entries(world, "person")}
    amber = people["Amber Example"]

    session = world.enter(
        "session.add",
        person="Amber Example",
        route="authority",
        mediator_office="Authority's team",
        own_login="yes",
        date="02/03/2009",
        start="14:30",
        reason="contact",
    )
    assert "session-ended" in rules(world, "03/03/2009")
    world.enter("session.end", session["id"], ended="14:45", end_confirmed_by="Authority's team")
    assert "session-ended" not in rules(world, "03/03/2009")

    lost = next(t for t in entries(world, "token") if t["person"] == people["Basil Sample"])
    new = world.enter("token.add", person="Basil Sample", number="T-99", issued_on="12/05/2010")
    world.enter(
        "token.lose",
        lost["id"],
        lost_on="10/05/2010",
        team_told_on="10/05/2010",
        replaced_by=new["id"],
    )

    breach = world.enter(
        "breach.add",
        discovered_on="01/06/2010",
        found_through="report",
        category="known_people",
        what="A record was looked at without a reason",
        persons="Cedar Specimen",
        reported_to="manager",
        team_told_on="01/06/2010",
    )
    world.enter(
        "breach.act",
        breach["id"],
        on="01/06/2010",
        what="Statement taken",
        by="Manager",
        opened_on="01/06/2010",
        suspended_on="01/06/2010",
    )
    assert "breach-account" in rules(world, "02/06/2010")
    world.enter("person.suspend", "Cedar Specimen", on="01/06/2010", reason="A breach")
    assert "breach-account" not in rules(world, "02/06/2010")
    world.enter("breach.conclude", breach["id"], concluded_on="01/07/2010", outcome="A lapse")
    world.enter("person.restore", "Cedar Specimen", on="01/07/2010", reason="Concluded")

    sar = world.enter(
        "sar.add",
        received_on="01/09/2010",
        in_writing="yes",
        relation="parent",
        case="SAR-2010/1",
        scope="directory",
        identity_complete_on="01/09/2010",
        identity_verified_on="01/09/2010",
    )
    assert "sar-refer" in dues(world, "01/09/2010")
    world.enter("sar.refer", sar["id"], referred_to="team", referred_on="02/09/2010")
    assert "sar-refer" not in dues(world, "02/09/2010")
    world.enter("sar.close", sar["id"], closed_on="08/10/2010", outcome="Answered")

    leave_well(world, amber)

    before = {e["id"] for e in world.run("retention.due", "--on=01/04/2016", "--json").json}
    assert before == {session["id"]}, "only the session, whose own six years have run"
    due = {e["id"] for e in world.run("retention.due", "--on=02/04/2016", "--json").json}
    theirs = {amber, session["id"]} | {
        entry["id"]
        for log in ("ecrb", "training", "token")
        for entry in entries(world, log)
        if entry["person"] == amber
    }
    assert due == theirs
    assert len(theirs) == 5


def leave_well(world: World, person: str) -> None:
    """Take the leaver's way to its end: it asks for each step until the token and the notice are done."""
    token = next(t["id"] for t in entries(world, "token") if t["person"] == person)
    first = world.run("person.leave", person, "--left-on=01/04/2010", "--team-told-on=01/04/2010")
    assert "take the token back" in first.err
    world.run("person.leave", person, "--suspended-on=01/04/2010", "--account-closed-on=08/04/2010")
    world.enter("token.return", token, returned_on="01/04/2010")
    world.enter("token.post", token, posted_on="06/04/2010", post_reference="RP1GB")
    noticed = world.run(
        "person.leave",
        person,
        "--notice-given-on=01/04/2010",
        "--notice-acknowledged-on=02/04/2010",
    )
    assert "token.confirm" in noticed.err
    world.enter("token.confirm", token, received_on="09/04/2010")
    assert "Nothing is left to do here" in world.run("person.leave", person).err


def rules(world: World, on: str) -> set[str]:
    return {each["rule"] for each in world.run("check", f"--on={on}", "--json", status=None).json}


def dues(world: World, on: str) -> set[str]:
    return {each["rule"] for each in world.run("due", f"--on={on}", "--json", status=None).json}
