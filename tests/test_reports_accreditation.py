"""The accreditation file: everything that the procedures ask of the organisation is in it, with how it is met."""

from __future__ import annotations

from datetime import date

import pytest
from markupsafe import Markup

from cpvol.guidance.rows import rows
from cpvol.letters import LETTERS
from cpvol.logs import LOGS
from cpvol.logs.book import Records
from cpvol.policy import load, profiles
from cpvol.policy.organisation import Contact, Organisation
from cpvol.policy.traceability import traces
from cpvol.reports.accreditation import CARDS, Section, accreditation, page

ON = date(2009, 3, 31)
WORDS = {id: row.text for id, row in rows().items()}
FORMS = {letter.name: letter.title for letter in LETTERS}
CONTACTS = tuple(
    Contact(purpose=purpose, office=f"Office for {purpose}", telephone="01632 960123")
    for purpose, _ in CARDS.values()
)


def organisation(**more: object) -> Organisation:
    logs = tuple(log.name for log in LOGS)
    fields = {"name": "Example Family Support", "access": "both", "logs": logs} | more
    return Organisation.model_validate(fields)


def sections(profile: str = "contactpoint", **more: object) -> dict[str, Section]:
    made = accreditation(Records([]), load(profile), organisation(**more), ON, WORDS, FORMS)
    return {str(section.number): section for section in made}


@pytest.mark.parametrize("profile", profiles())
def test_everything_that_is_asked_of_the_organisation_is_in_it_once_and_met(profile: str) -> None:
    asked = [each for section in sections(profile).values() for each in section.asked]
    ours = [trace.row for trace in traces() if trace.row.startswith("E-") and trace.bearer == "us"]
    assert sorted(each.row for each in asked) == sorted(ours)
    assert all(each.words == WORDS[each.row] for each in asked)
    assert [each.row for each in asked if not each.met or not all(each.met)] == []


#: What the procedures have an organisation write down or fill in (kinds A and F of their rows), where the program or
#: the organisation has it: section, row, and words of how it is met.
FILLED = [
    ("2", "E-2.2", "Acknowledgements"),
    ("3", "E-3.8", "Acknowledgements"),
    ("3", "E-3.9", "insert for a job description"),
    ("4", "E-4.4", "the address for tokens: Office for token_returns, 01632 960123"),
    ("4", "E-4.6", "a slip to sign"),
    ("4", "E-4.7", "Token register"),
    ("5", "E-5.4", "the role that sees to the renewal of checks: Secretary"),
    ("5", "E-5.9", "calendar"),
    ("6", "E-6.2", "Training log"),
    ("7", "E-7.5", "Breach log"),
    ("7", "E-7.13", "Acknowledgements"),
    ("8", "E-8.3", "Acknowledgements"),
    ("9", "E-9.3", "the roles that decide on shields: Chief officer, Safeguarding lead"),
    ("9", "E-9.12", "the form: "),
    ("10", "E-10.7", "Mediated sessions"),
    ("10", "E-10.8", "Mediated sessions"),
    ("11", "E-11.7", "Token register"),
    ("12", "E-12.2", "Checks with parents and carers"),
    ("13", "E-13.3", "Personal e-mail"),
    ("14", "E-14.6", "Office for subject_access, 01632 960123"),
    ("14", "E-14.11", "Acknowledgements"),
    ("16", "E-16.9", "Spot checks of workstations"),
    ("17", "E-17.7", "Changes of systems and networks"),
    ("18", "E-18.6", "using/support"),
    ("19", "E-19.5", "Disputes and complaints"),
    ("D", "E-D.1", "Declarations"),
    ("D", "E-D.2", "Office for authority_team, 01632 960123"),
    ("D", "E-D.3", "about/accessibility"),
]


@pytest.mark.parametrize(("number", "row", "words"), FILLED, ids=[row for _, row, _ in FILLED])
def test_what_the_procedures_have_filled_in_is_filled_in(number: str, row: str, words: str) -> None:
    made = sections(
        renewal_role="Secretary",
        shield_roles=("Chief officer", "Safeguarding lead"),
        contacts=CONTACTS,
    )
    (asked,) = [each for each in made[number].asked if each.row == row]
    assert words.casefold() in "; ".join(asked.met).casefold()


def test_what_is_not_filled_in_is_missing() -> None:
    blank, full = (
        sections(),
        sections(renewal_role="Secretary", shield_roles=("Chief officer",), contacts=CONTACTS),
    )
    for number, words in (
        ("5", "the role that sees to the renewal of checks not named yet"),
        ("9", "the roles that decide on shields not named yet"),
        ("4", "no contact card of the address for tokens"),
        ("14", "no contact card of the authority's access to records team"),
        ("D", "no contact card of the authority's team"),
    ):
        assert [each for each in blank[number].missing if words in each], number
        assert not [each for each in full[number].missing if words in each], number


def test_an_address_for_what_is_not_kept_is_not_missed() -> None:
    made = sections(logs=("person", "training"))
    assert not any("contact card" in each for n in ("4", "14") for each in made[n].missing)
    (tokens,) = [each for each in made["4"].asked if each.row == "E-4.7"]
    assert "which this organisation does not keep" in tokens.met[0]


def test_all_of_it_is_on_the_page() -> None:
    made = sections(contacts=CONTACTS)
    text = page(made.values(), "Example", ["Office"], ON, Markup("<h2>Declaration</h2>")).decode()
    for section in made.values():
        assert f"{section.number}. {section.title}" in text
        assert all(f"<td>{asked.row}</td>" in text for asked in section.asked)
    assert "<h2>Declaration</h2>" in text
