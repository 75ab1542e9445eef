"""The organisation's details are filled in by an admin, and the years to come are counted."""

from __future__ import annotations

from tests.support.programs import needs
from tests.support.world import World, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")


def test_contact_cards_and_details_are_put_in_force(empty: World) -> None:
    empty.run("organisation.contact", "first line", "--office=Help desk", "--telephone=01234")
    empty.run("organisation.contact", "authority-team", "--office=County team")
    empty.run("organisation.set", "--shield-roles=Manager, Safeguarding lead")
    found = empty.run("organisation.show", "--json").json
    assert [card["purpose"] for card in found["contacts"]] == ["authority_team", "first_line"]
    assert found["shield_roles"] == ["Manager", "Safeguarding lead"]
    assert "Help desk, 01234" in empty.run("organisation.show").out
    empty.run("organisation.contact", "first_line", "--remove")
    assert "first line: not filled in" in empty.run("organisation.show").out
    assert empty.run("audit").status == 0


def test_details_that_cannot_be_used_are_refused(empty: World) -> None:
    refused(empty, "organisation.contact", "nobody", "--office=x", says="no card")
    refused(empty, "organisation.contact", "first_line", says="not given: --office")
    refused(empty, "organisation.set", says="nothing was given")
    refused(empty, "organisation.set", "--logs=diary", says="there is no log")
    refused(empty, "organisation.set", "--access=query,both", says="")


def test_the_years_to_come_are_counted(empty: World) -> None:
    assert "No entry's time" in empty.run("retention.due", "--by-year").out
    empty.enter(
        "person.add",
        name="Robin Example",
        engagement="trustee",
        access="none",
        joined_on="01/09/2008",
        left_on="02/03/2020",
    )
    years = empty.run("retention.due", "--by-year", "--on=01/01/2024", "--json").json
    assert years["2026"]["person"] == 1
    assert "User register" in empty.run("retention.due", "--by-year", "--on=01/01/2024").out


def test_the_doctor_says_where_the_records_and_the_keys_are(empty: World) -> None:
    said = empty.run("doctor", status=None).err
    assert f"The records: {empty.records}\n" in said
    assert f"Your keys:   {empty.root / 'home' / 'identity.age'}\n" in said
