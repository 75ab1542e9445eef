"""What an import would do: headings and days as people write them, names in two columns, what is there already."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.exchange import cells
from cpvol.exchange.columns import columns_of
from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.headings import FORBIDDEN, SYNONYMS, headings_of
from cpvol.exchange.locate import ASSUMED, find_table
from cpvol.exchange.outlook import outlook
from cpvol.exchange.people import People
from cpvol.exchange.plan import lacking
from cpvol.exchange.reading import read_bytes
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import FieldSpec, field_named, fields_of
from cpvol.logs.person import Person
from cpvol.logs.token import Token
from cpvol.logs.training import Training
from tests.support.entries import POLICY, ecrb, person
from tests.support.sheets import TODAY, csv, midnight, planned, told, workbook

EVERY_LOG = pytest.mark.parametrize("log", LOGS, ids=[log.name for log in LOGS])
ROBIN, SAM = person("a", name="Robin Example"), person("b", name="Sam Specimen")
DAY = FieldSpec("on", "Day", "", "date", required=True)

# -- headings ------------------------------------------------------------------------------------------------------


@EVERY_LOG
def test_every_label_and_every_name_is_found(log: Log) -> None:
    headings = headings_of(log.name)
    labels = {column.heading.casefold() for column in columns_of(log)}
    for column in columns_of(log):
        for written in (column.heading, column.heading.upper(), f" {column.heading}* (if known) "):
            assert headings.find(written) == column
        name = column.field.replace("_", " ")
        if not column.in_list and name not in labels:
            assert headings.find(name.replace(" ", "-")) == column


@EVERY_LOG
def test_the_headings_of_a_log_are_all_different(log: Log) -> None:
    written = [column.heading for column in columns_of(log)]
    assert len(set(written)) == len(written)


def test_every_synonym_is_for_a_field_that_is_there() -> None:
    for log, words in SYNONYMS.items():
        for field in words:
            name, _, part = field.partition(".")
            spec = field_named(BY_NAME[log].model, name)
            assert spec is not None, field
            assert not part or part in {each.name for each in spec.parts}, field


@EVERY_LOG
def test_no_log_has_a_field_that_is_forbidden(log: Log) -> None:
    words = {word for each in FORBIDDEN.values() for word in each}
    assert not words & {column.heading.casefold() for column in columns_of(log)}


@pytest.mark.parametrize(
    ("log", "heading", "field"),
    [
        ("ecrb", "Date of issue", "issued_on"),
        ("ecrb", "Issue Date", "issued_on"),
        ("ecrb", "CRB No.", "reference"),
        ("ecrb", "Isued on", "issued_on"),
        ("training", "Training date", "completed_on"),
        ("training", "Date Completed", "completed_on"),
        ("training", "Trainee's name", "person"),
        ("training", "Location", "venue"),
        ("token", "Token No", "number"),
        ("token", "Return", "returned_on"),
        ("token", "Date returned", "returned_on"),
        ("person", "Start Date", "joined_on"),
        ("person", "E-mail", "email"),
        ("person", "Job title", "posts"),
        ("person", "Surname", "name"),
    ],
)
def test_what_people_write_above_a_column_is_understood(log: str, heading: str, field: str) -> None:
    found = headings_of(log).find(heading)
    assert found is not None
    assert found.field == field


@pytest.mark.parametrize("heading", ["Seen", "On", "Shoe size", "2", "", "Fax", "Date of birth"])
def test_what_is_not_understood_is_left_alone(heading: str) -> None:
    assert headings_of("person").find(heading) is None


def test_columns_that_are_no_fields_are_told_of_by_their_letter() -> None:
    plan = planned(
        csv("Name,Shoe size,Engagement,Access,Joined on", "A B,44,volunteer,query,1/9/2008")
    )
    assert plan.notes == ["not taken over, since the log has no such field: column B"]


# -- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "31/03/2009",
        "31/3/2009",
        "2009-03-31",
        " 31.03.2009 ",
        "31-03-2009",
        "31 March 2009",
        "31st Mar 2009",
        "31-Mar-2009",
        "2009-03-31 00:00:00",
        "31/03/2009 00:00",
        "39903",
        39903,
        39903.0,
        midnight(date(2009, 3, 31)),
        date(2009, 3, 31),
    ],
)
def test_a_day_is_read_however_it_is_written(written: str | float | date) -> None:
    assert cells.read(DAY, written) == date(2009, 3, 31)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("31/03/09", "two digits"),
        ("31-Mar-09", "two digits"),
        ("31/02/2009", "no such day"),
        ("03/31/2009", "no such day"),
        ("March 2009", "not a date"),
        ("2009", "not a date"),
        (2009, "not a date"),
        (39903.5, "not a date"),
        (True, "not a date"),
        (time(9, 30), "not a date"),
        ("31/03/1899", "before 1900"),
    ],
)
def test_what_is_no_day_says_why(written: str | float | time, words: str) -> None:
    with pytest.raises(cells.BadCell, match=words):
        cells.read(DAY, written)


@given(st.dates(date(1900, 3, 1), date(2199, 12, 31)))
def test_a_date_cell_is_read_as_the_day_it_shows(day: date) -> None:
    from tests.support.sheets import parts

    serial = (day - date(1899, 12, 30)).days
    styles = '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-809]dd\\ mmmm\\ yyyy;@"/></numFmts>'
    styles += (
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    main = (
        '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    )
    main += '<Relationship Id="rId2" Type="x/styles" Target="styles.xml"/></Relationships>'
    row = f'<row><c s="1"><v>{serial}</v></c><c s="2"><v>{serial}.25</v></c><c s="0"><v>{serial}</v></c></row>'
    (sheet,) = read_bytes(
        parts(row, **{"xl/styles.xml": styles, "xl/_rels/workbook.xml.rels": main})
    )
    first, second, third = sheet.rows[0].cells
    assert first == midnight(day)
    assert cells.read(DAY, second) == day
    assert third == serial


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14:30", "14:30"),
        ("9.05", "09:05"),
        ("2:30 pm", "14:30"),
        ("12:15am", "00:15"),
        (time(14, 30), "14:30"),
    ],
)
def test_a_time_is_read_however_it_is_written(written: str | time, read: str) -> None:
    assert cells.read(FieldSpec("at", "At", "", "time", required=True), written) == read


@pytest.mark.parametrize("written", ["1.23457E+11", 1.23e20, 123456789012345678])
def test_a_number_that_a_spreadsheet_shortened_is_refused(written: str | float) -> None:
    with pytest.raises(cells.BadCell, match="shortened"):
        cells.read(FieldSpec("reference", "Reference", "", "line", required=True), written)


def test_choices_and_yes_or_no_are_taken_by_word_and_by_label() -> None:
    access = field_named(Person, "access")
    email = field_named(Person, "shielder")
    assert access is not None
    assert email is not None
    assert cells.read(access, "Uses the directory directly") == "query"
    assert cells.read(access, "QUERY ") == "query"
    assert [cells.read(email, each) for each in ("Y", "no", True, "Not known")] == [
        "yes",
        "no",
        "yes",
        "unknown",
    ]
    with pytest.raises(cells.BadCell, match="none of the choices"):
        cells.read(access, "quarry")


def test_a_word_that_is_none_of_the_choices_is_repeated_with_those_that_are_and_the_nearest() -> (
    None
):
    plan = planned(
        csv(
            "Name,Paid or volunteer (ask Jo),Access,Joined on",
            "A B,Paid,none,01/03/2009",
            "C D,volunteer,none,01/03/2009",
            "E F,Paid,none,01/03/2009",
            "G H,Paid staff / trustee,Mediated,01/03/2009",
        )
    )
    choices = "choose from employee, volunteer, contractor, trustee"
    access = (
        "did you mean nominated? choose from query: uses the directory directly; nominated: nominated for"
        " mediated access; mediator: mediates for nominated colleagues; none: no access"
    )
    where = "Paid or volunteer (Engagement): the sheet says"
    assert plan.told == [
        f"rows 2 and 4, {where} “Paid”, which is none of the choices (did you mean employee? {choices})",
        f"row 5, {where} “Paid staff / trustee”, which is none of the choices ({choices})",
        f"row 5, Access: the sheet says “Mediated”, which is none of the choices ({access})",
    ]


@pytest.mark.parametrize(
    "held", ["Robin Jones", "May", "Will", "Grant", "Mark", "07700 900123", "b@c.example"]
)
def test_what_may_be_somebodys_is_never_repeated_whatever_column_it_slipped_into(held: str) -> None:
    for log in LOGS:
        for spec in fields_of(log.model):
            if spec.choices and spec.kind != "choices":
                with pytest.raises(cells.BadCell) as raised:
                    cells.read(spec, f"paid {held}")
                assert raised.value.problem == "that is none of the choices"
                # Nor in the hint, which has the choices and perhaps a guess at one of them.
                with pytest.raises(cells.BadCell) as other:
                    cells.read(spec, "paid qxqxqx")
                assert raised.value.hint == other.value.hint


# -- people ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "Robin Example",
        "robin  EXAMPLE",
        "Example, Robin",
        "Example Robin",
        "per000000a",
        "Robin Example (per000000a)",
    ],
)
def test_somebody_is_found_by_name_or_number(written: str) -> None:
    assert People([ROBIN, SAM]).find(written) == ROBIN


@pytest.mark.parametrize("written", ["Robin", "Example", "Rob", "nobody"])
def test_a_part_of_a_name_is_not_enough(written: str) -> None:
    with pytest.raises(cells.BadCell, match="nobody of that name"):
        People([ROBIN, SAM]).find(written)


def test_a_name_that_two_people_have_is_asked_about() -> None:
    twin = person("c", name="robin example")
    plan = planned(
        csv("Name,CRB number,Issue date,Decision", "Robin Example,1,1/9/2008,clear"),
        book=[ROBIN, twin],
    )
    (problem,) = told(plan)
    assert problem.startswith(
        "row 2, Name (Person): 2 people in the user register have that name (write"
    )


def test_people_who_are_not_in_the_register_are_named_by_row() -> None:
    plan = planned(
        csv(
            "Name,CRB number,Issue date,Decision",
            "A B,1,1/9/2008,clear",
            "Robin Example,2,1/9/2008,clear",
            "C D,3,1/9/2008,clear",
        ),
        book=[ROBIN],
    )
    assert [each.row for each in plan.problems] == [2, 4]
    assert all("nobody of that name is in the user register" in each for each in told(plan))


@pytest.mark.parametrize("head", ["First name,Surname", "Forename,Last Name", "Name,Surname"])
def test_a_name_in_two_columns_is_put_together(head: str) -> None:
    plan = planned(
        csv(f"{head},Type,Access,Start date", " Robin ,Example,volunteer,query,1/9/2008")
    )
    assert [each.name for each in plan.new if isinstance(each, Person)] == ["Robin Example"]
    check = planned(
        csv(f"{head},CRB number,Issue date,Decision", "Robin,Example,1,1/9/2008,clear"),
        book=[ROBIN],
    )
    assert [getattr(each, "person", "") for each in check.new] == [ROBIN.id]


# -- whole sheets ------------------------------------------------------------------------------------------------------


def test_a_sheet_as_such_organisations_keep_it() -> None:
    """A title, mixed days, trailing spaces, empty rows, an empty cell."""
    rows = [
        ("Example Family Support - staff 2009",),
        (),
        ("First name", "Surname ", "Staff or volunteer", "Access", "Start date", "Role", "Left"),
        ("Robin", "Example  ", "Volunteer", "query", midnight(date(2008, 9, 1)), "Worker", None),
        (None, None),
        ("Sam", "Specimen", "employee", "mediator ", "2nd September 2008", None, "31/12/2009"),
        ("Kim", "Pattern", "trustee", "none", "2008-09-03", None, None),
    ]
    plan = planned(workbook(rows))
    assert told(plan) == []
    assert [
        (each.name, each.engagement, f"{each.joined_on}", len(each.posts), f"{each.left_on}")
        for each in plan.new
        if isinstance(each, Person)
    ] == [
        ("Robin Example", "volunteer", "2008-09-01", 1, "None"),
        ("Sam Specimen", "employee", "2008-09-02", 0, "2009-12-31"),
        ("Kim Pattern", "trustee", "2008-09-03", 0, "None"),
    ]


COMBINED = (
    "Trainee name,Training date,Venue,Token number,Issue,Return",
    "Robin Example,18/09/2008,Hall,T-1,,",
    "Sam Specimen,19/09/2008,Hall,,,",
    "Sam Specimen,,,T-2,20/09/2008,21/10/2009",
)


def test_the_combined_sheet_splits_into_trainings_and_tokens() -> None:
    """E-6.3. A token is issued at the training unless the sheet says otherwise (E-11.3)."""
    for log in (None, "training"):
        plan = planned(csv(*COMBINED), log, [ROBIN, SAM])
        assert told(plan) == []
        trained = [
            (e.person, f"{e.completed_on}", e.token) for e in plan.new if isinstance(e, Training)
        ]
        assert trained == [(ROBIN.id, "2008-09-18", "T-1"), (SAM.id, "2008-09-19", None)]
        tokens = [
            (e.number, e.person, f"{e.issued_on}", f"{e.returned_on}")
            for e in plan.new
            if isinstance(e, Token)
        ]
        assert tokens == [
            ("T-1", ROBIN.id, "2008-09-18", "None"),
            ("T-2", SAM.id, "2008-09-20", "2009-10-21"),
        ]
        assert [label for label, _ in plan.assumed] == ["Course", "Trainer"]
        assert planned(csv(*COMBINED), log, [ROBIN, SAM, *plan.new]).new == []


def test_a_sheet_of_trainings_alone_makes_no_tokens() -> None:
    plan = planned(
        csv("Trainee,Training date,Token number", "Robin Example,18/09/2008,T-1"), book=[ROBIN]
    )
    assert plan.table.logs == ("training",)
    assert [type(each) for each in plan.new] == [Training]


def test_a_row_of_a_combined_sheet_that_says_nothing_is_a_problem() -> None:
    plan = planned(csv(COMBINED[0], "Robin Example,,,,,"), book=[ROBIN])
    assert told(plan)[0].startswith("row 2: it says neither when")


def test_importing_twice_adds_nothing_whatever_the_spaces_and_cases() -> None:
    head = "Name,Engagement,Access,Joined on"
    first = planned(csv(head, "Robin Example,volunteer,query,01/09/2008"))
    again = planned(csv(head, " ROBIN  example,Volunteer,query,2008-09-01"), book=first.new)
    assert (again.new, again.already, again.differing) == ([], {"person": 1}, [])
    other = planned(csv(head, "Robin Example,employee,query,2008-09-01"), book=first.new)
    assert (other.new, other.differing) == ([], [2])
    assert "the entries of row 2 are there with other details" in other.notes[0]
    struck = [each.model_copy(update={"voided": True}) for each in first.new]
    assert len(planned(csv(head, "Robin Example,volunteer,query,01/09/2008"), book=struck).new) == 1


def test_somebody_with_another_day_of_joining_is_taken_in_and_told_of() -> None:
    plan = planned(
        csv("Name,Engagement,Access,Joined on", "Robin Example,volunteer,query,02/09/2009"),
        book=[ROBIN],
    )
    assert (len(plan.new), plan.namesakes) == (1, [2])


def test_a_row_that_repeats_another_counts_once() -> None:
    head, row = "Name,Engagement,Access,Joined on", "Robin Example,volunteer,query,01/09/2008"
    plan = planned(csv(head, row, row))
    assert (len(plan.new), plan.repeated) == (1, 1)
    other = planned(csv(head, row, row.replace("query", "none")))
    assert told(other) == [
        "row 3: the same entry stands in row 2 with other details (take one of them out)"
    ]


def test_every_problem_is_named_by_its_cell() -> None:
    plan = planned(
        csv(
            "Name,Engagement,Access,Joined on,Left on,Why access is needed,Personal e-mail",
            "A B,volunteer,query,31/02/2009,,,",
            "C D,pirate,query,01/03/2009,01/02/2009,,",
            "E F,volunteer,query,01/03/2009,01/02/2009,,",
            "G H,volunteer,query,,,,",
            "I J,volunteer,query,01/03/2009,,lives at SW1A 1AA,",
            "K L,volunteer,query,01/03/2030,,,nonsense",
            "M N,volunteer,query,01/03/2030,,,",
        )
    )
    assert [each.partition(" (")[0] for each in told(plan)] == [
        "row 2, Joined on: there is no such day",
        "row 3, Engagement: that is none of the choices",
        "row 4: “left on” is before “joined on”",
        "row 5, Joined on: it is empty",
        "row 6, Why access is needed: it holds what reads as a postcode",
        "row 7, Personal e-mail: it is not in the right form",
        "row 8, Joined on: that day has not come yet",
    ]


def test_text_that_was_reviewed_may_stand() -> None:
    data = csv(
        "Name,Engagement,Access,Joined on,Why access is needed",
        "A B,volunteer,query,1/3/2009,SW1A 1AA",
    )
    assert told(planned(data, reviewed=True)) == []


def test_what_the_sheet_lacks_may_be_given_for_every_row() -> None:
    data = csv("Name,Joined on", "A B,1/3/2009", "C D,1/3/2009")
    table = find_table(read_bytes(data), "person", None)
    assert [spec.name for _, spec in lacking(table, {"access": "none"})] == ["engagement"]
    plan = planned(data, "person", given={"access": "none", "engagement": "volunteer"})
    assert [(e.access, e.engagement) for e in plan.new if isinstance(e, Person)] == [
        ("none", "volunteer")
    ] * 2
    assert (
        planned(data, "person", given={"access": "x", "engagement": "volunteer"}).problems[0].row
        == 0
    )


def test_what_goes_without_saying_is_a_field_and_a_choice_of_its_log() -> None:
    for log, values in ASSUMED.items():
        specs = {spec.name: spec for spec in fields_of(BY_NAME[log].model)}
        for name, value in values.items():
            assert cells.read(specs[name], value) == value


def test_headings_that_fit_two_logs_alike_are_asked_about() -> None:
    with pytest.raises(BadSpreadsheet, match="more than one log"):
        planned(csv("Closed on,Outcome", "1/1/2009,b"))


# -- what it shows -------------------------------------------------------------------------------------------------------


def test_the_outlook_tells_what_the_new_entries_bring_to_light() -> None:
    """A check that lapses soon; a leaver from long ago whose entry was kept long enough."""
    before: list[Record] = [SAM]
    gone = person(
        "c",
        name="Jo Placeholder",
        joined_on="1999-01-01",
        left_on="2001-01-01",
        account_opened_on=None,
        access="none",
    )
    new: list[Record] = [ROBIN, ecrb("a", issued_on="2007-06-01", seen_on="2007-06-02"), gone]
    shown = {
        each.rule: each
        for each in outlook(Records(before), Records([*before, *new]), POLICY, TODAY)
    }
    assert shown["ecrb-renewal"].words.startswith("1 within 90 days")
    assert shown["retention-person"].words == "1 kept long enough to be destroyed: log person"
    assert shown["access-training"].count == 1
    assert not any("Robin" in each.words for each in shown.values())
    assert outlook(Records(before), Records(before), POLICY, TODAY) == []
