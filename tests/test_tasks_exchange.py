"""``template``, ``import`` and ``export`` as they are run: all or nothing, one signed change, nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cpvol.errors import CpvolError
from cpvol.ledger.members import Keys
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Log
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.register import Register, found_register
from cpvol.tasks import ask
from cpvol.tasks import exchange as tasks
from cpvol.tasks.session import IDENTITY_FILE, Session
from cpvol.vault import credential, recovery
from tests.support.sheets import workbook
from tests.support.weak_scrypt import lock_quickly

pytestmark = pytest.mark.needs_programs("git")
PASSPHRASE = "correct horse battery staple"
PEOPLE = (
    "Name,Engagement,Access,Joined on,Left on",
    "Robin Example,volunteer,query,01/09/2008,",
    "Jo Placeholder,employee,none,01/09/1999,01/02/2001",
)


class House:
    """A records repository with one member, and the tasks run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.records = folder / "records"
        identity = credential.generate()
        page = recovery.identity(recovery.generate())
        with found_register(
            self.records,
            identity,
            "member-1",
            Keys(page.age_public, page.signing_public),
            Organisation(name="Example", access="both", logs=tuple(BY_NAME)),
            load(),
            now=int(time.time()) - 60,
        ):
            pass
        self.home.mkdir()
        text = credential.encode(identity, "member-1", date(2009, 1, 1))
        (self.home / IDENTITY_FILE).write_bytes(lock_quickly(text, PASSPHRASE))

    @property
    def environ(self) -> dict[str, str]:
        return {
            "CPVOL_HOME": str(self.home),
            "CPVOL_RECORDS": str(self.records),
            "CPVOL_PASSPHRASE": PASSPHRASE,
        }

    def session(self) -> Session:
        return Session(environ=self.environ, project=None)

    def file(self, data: bytes | tuple[str, ...], name: str = "sheet.csv") -> str:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else "\n".join(data).encode())
        return str(path)

    def take_in(self, data: bytes | tuple[str, ...], **options: Any) -> None:
        defaults: dict[str, Any] = {
            "log": None,
            "sheet": None,
            "set": [],
            "dry_run": False,
            "reviewed": False,
        }
        tasks.import_(
            self.session(),
            file=self.file(data),
            **{**defaults, "yes": False, "json": True, **options},
        )

    def head(self) -> str:
        with Register.open(self.records) as register:
            return register.head.oid

    def entries(self, log: str) -> list[Any]:
        with self.session().register() as register:
            return list(register.records(log))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_sheet_becomes_entries_in_one_signed_change(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    before = house.head()
    house.take_in(PEOPLE)
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert (result["entered"], result["logs"]["person"]["new"]) == (2, 2)
    assert sorted(each.id for each in house.entries("person")) == sorted(
        result["logs"]["person"]["ids"]
    )
    with Register.open(house.records) as register:
        assert register.head.commit.parent == before
        assert register.head.oid == result["commit"]
        assert register.head.commit.message.action == "import"
    assert "person: 2 new, 0 there already" in shown.err
    assert "1 kept long enough to be destroyed: log person" in shown.err
    assert {"rule": "retention-person", "count": 1} in [
        {"rule": each["rule"], "count": each["count"]} for each in result["shows"]
    ]


def test_importing_twice_changes_nothing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.take_in(PEOPLE)
    before = house.head()
    capsys.readouterr()
    house.take_in(PEOPLE)
    result = json.loads(capsys.readouterr().out)
    assert (result["entered"], result["logs"]["person"]["already"], result["commit"]) == (
        0,
        2,
        None,
    )
    assert house.head() == before


def test_a_trial_changes_nothing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    before = house.head()
    house.take_in(PEOPLE, dry_run=True, json=False)
    assert capsys.readouterr().out == "Nothing was changed: this was a trial.\n"
    assert house.head() == before


def test_one_bad_cell_keeps_everything_out(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    before = house.head()
    with pytest.raises(CpvolError, match="has 1 problem; nothing was changed"):
        house.take_in((*PEOPLE, "Kim Pattern,trustee,none,31/02/2009,"))
    assert "  row 4, Joined on: there is no such day" in capsys.readouterr().err
    assert house.head() == before


def test_people_have_to_be_there_first(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    checks = ("Name,CRB number,Issue date,Decision", "Robin Example,001,11/08/2008,clear")
    with pytest.raises(CpvolError) as caught:
        house.take_in(checks)
    assert "import the people first, with --log person" in caught.value.hint
    assert "Robin" not in capsys.readouterr().err
    house.take_in(PEOPLE)
    house.take_in(checks)
    (check,) = house.entries("ecrb")
    assert check.reference == "001"


def test_the_combined_sheet_fills_two_logs(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.take_in(PEOPLE)
    capsys.readouterr()
    house.take_in(
        (
            "Trainee name,Training date,Venue,Token number,Issue,Return",
            "Robin Example,18/09/2008,Hall,T-1,,",
        )
    )
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert {log: each["new"] for log, each in result["logs"].items()} == {"training": 1, "token": 1}
    assert 'no column for Course: every entry gets "User training"' in shown.err


def test_what_is_lacking_is_named_with_the_way_to_give_it(house: House) -> None:
    sheet = ("Name,Joined on", "Robin Example,01/09/2008")
    with pytest.raises(CpvolError) as caught:
        house.take_in(sheet, log="person")
    assert caught.value.problem.endswith("has no column for: Engagement, Access")
    assert "--set engagement=VALUE" in caught.value.hint
    house.take_in(sheet, log="person", set=["engagement=volunteer", "access=none"])
    (made,) = house.entries("person")
    assert (made.engagement, made.access) == ("volunteer", "none")
    for wrong in ("nonsense=1", "engagement", "engagement= ", "joined-on=1/1/2009"):
        with pytest.raises(CpvolError, match="--set"):
            house.take_in(sheet, log="person", set=[wrong])


def test_what_was_answered_is_kept_sealed_for_the_next_attempt_and_then_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = (
        "Name,CRB number,Issue date",
        "Robin Example,1,31/02/2009",
    )
    house.take_in(PEOPLE)
    monkeypatch.setattr(Session, "terminal", True)
    asked: list[str] = []

    def pick(question: str, choices: Any) -> str:
        asked.append(question)
        return str(choices[0][0])

    def confirm(question: str, *, default: bool | None = None) -> bool:
        asked.append(question)
        return default or question.startswith("Enter")

    monkeypatch.setattr(ask, "pick", pick)
    monkeypatch.setattr(ask, "confirm", confirm)
    with pytest.raises(CpvolError) as refused:
        house.take_in(bad)
    assert refused.value.hint.endswith("your answers are kept")
    with pytest.raises(CpvolError):
        house.take_in(bad)
    assert asked == ["Decision", "Shall that stand?"]
    assert (
        "At your last attempt you said, for every row:\n  Decision: clear"
        in capsys.readouterr().err
    )
    (sealed,) = house.home.glob("import-answers*")
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert b"clear" not in sealed.read_bytes()
    # Nothing is offered for other questions.
    with pytest.raises(CpvolError):
        house.take_in(("Name,Start date,Access", "Sam Specimen,31/02/2009,none"), log="person")
    with pytest.raises(CpvolError):
        house.take_in(bad)
    assert asked[2:] == ["Engagement", "Decision"]
    house.take_in((bad[0], "Robin Example,1,02/02/2009"))
    assert asked[4:] == ["Shall that stand?", "Enter all of this?"]
    assert not sealed.exists()
    (check,) = house.entries("ecrb")
    assert check.decision == "clear"


#: A sheet with words of its own: one that is told, one that could be a name, and what it means is asked once for each.
OWN_WORDS = (
    "Name,Type,Access,Start date",
    "Jo Alpha,Bank,F2F,01/09/2008",
    "Kim Beta,bank,f2f,02/09/2008",
    "Lee Gamma,Volunteer,query,03/09/2008",
)


def test_a_word_of_the_sheets_own_for_a_choice_is_asked_about_once_and_remembered(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Session, "terminal", True)
    asked: list[str] = []
    means = {"Engagement": "volunteer", "Access": "nominated"}

    def pick(question: str, choices: Any) -> str:
        asked.append(question)
        assert choices[-1][0] == ""
        return means[question.partition(":")[0]]

    def confirm(question: str, *, default: bool | None = None) -> bool:
        asked.append(question)
        return default or question.startswith("Enter")

    monkeypatch.setattr(ask, "pick", pick)
    monkeypatch.setattr(ask, "confirm", confirm)
    wrong = (*OWN_WORDS, "Max Delta,Volunteer,query,31/02/2009")
    with pytest.raises(CpvolError) as refused:
        house.take_in(wrong, log="person")
    assert refused.value.hint.endswith("your answers are kept")
    questions = ["Engagement: what does it mean?", "Access: what does it mean?"]
    assert asked == questions
    said = capsys.readouterr().err
    assert "Rows 2 and 3, Type: that is none of our choices." in said
    assert "Rows 2 and 3, Access, “F2F”: that is none of our choices." in said
    # A column may have slipped, and hold names.
    assert "bank" not in said.casefold()
    house.take_in(OWN_WORDS, log="person")
    assert asked[2:] == ["Shall that stand?", "Enter all of this?"]
    found = {each.name: (each.engagement, each.access) for each in house.entries("person")}
    assert found["Jo Alpha"] == found["Kim Beta"] == ("volunteer", "nominated")
    assert found["Lee Gamma"] == ("volunteer", "query")
    assert not list(house.home.glob("import-answers*"))


def test_a_word_that_means_none_of_the_choices_stays_a_problem(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.head()
    monkeypatch.setattr(Session, "terminal", True)
    asked: list[str] = []

    def pick(question: str, choices: Any) -> str:
        asked.append(question)
        return str(choices[-1][0])

    monkeypatch.setattr(ask, "pick", pick)
    with pytest.raises(CpvolError, match="4 problems"):
        house.take_in(OWN_WORDS, log="person")
    assert len(asked) == 2
    assert house.head() == before


def test_a_script_is_told_each_word_in_a_line_of_its_own(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CpvolError, match="5 problems"):
        house.take_in((*OWN_WORDS, "Max Delta,Robin Sample,query,03/09/2008"), log="person")
    lines = [line for line in capsys.readouterr().err.splitlines() if "none of the choices" in line]
    assert [line.partition(":")[0].strip() for line in lines] == [
        *("rows 2 and 3, Type (Engagement)", "rows 2 and 3, Access", "row 5, Type (Engagement)"),
    ]
    assert all("choose from" in line for line in lines)


def test_whoever_says_no_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = house.head()
    monkeypatch.setattr(Session, "terminal", True)
    asked: list[str] = []

    def answer(question: str, *, default: bool = True) -> bool:
        del default
        asked.append(question)
        return False

    monkeypatch.setattr(ask, "confirm", answer)
    with pytest.raises(KeyboardInterrupt):
        house.take_in(PEOPLE)
    assert asked == ["Enter all of this?"]
    assert house.head() == before


def test_a_request_about_a_shielded_record_is_closed_as_by_hand(house: House) -> None:
    """C16: to whoever enters it."""
    house.take_in(
        (
            "Received on,In writing,Who asks,Case reference,Scope,Shielded",
            "02/06/2009,yes,parent,SAR-1,directory,yes",
            "03/06/2009,yes,parent,SAR-2,directory,no",
        ),
        log="sar",
    )
    assert {each.case: each.readers for each in house.entries("sar")} == {
        "SAR-1": ("member-1",),
        "SAR-2": (),
    }


def test_closed_entries_stay_out_of_an_export_unless_asked_for(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "Received on,In writing,Who asks,Case reference,Scope,Shielded"
    house.take_in((head, "02/06/2009,yes,parent,SAR-1,directory,yes"), log="sar")
    for closed, name in ((False, "open.csv"), (True, "all.csv")):
        path = house.folder / name
        tasks.export(house.session(), file=str(path), log="sar", closed=closed)
        assert (b"SAR-1" in path.read_bytes()) == closed
    told = capsys.readouterr().err
    assert "1 closed entries are left out" in told
    assert told.count("warning: this file is not locked") == 2


def test_an_export_is_never_written_among_the_records(house: House) -> None:
    house.take_in(PEOPLE)
    session = house.session()
    with pytest.raises(CpvolError, match="inside the records folder"):
        tasks.export(session, file=str(session.folder / "out.csv"), log="person", closed=False)
    assert not (session.folder / "out.csv").exists()


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_an_export_taken_in_again_is_all_there(
    house: House, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    house.take_in(PEOPLE)
    path = house.folder / name
    tasks.export(house.session(), file=str(path), log="person", closed=False)
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    capsys.readouterr()
    house.take_in(path.read_bytes())
    assert json.loads(capsys.readouterr().out)["logs"]["person"] == {
        "new": 0,
        "already": 2,
        "ids": [],
    }


@pytest.mark.parametrize("log", LOGS, ids=[log.name for log in LOGS])
def test_a_template_is_made_without_keys_and_never_over_a_file(tmp_path: Path, log: Log) -> None:
    session = Session(environ={"CPVOL_HOME": str(tmp_path)}, project=None)
    for name in ("new.xlsx", "new.csv"):
        path = tmp_path / name
        tasks.template(session, file=str(path), log=log.name)
        made = path.read_bytes()
        with pytest.raises(CpvolError, match="already"):
            tasks.template(session, file=str(path), log=log.name)
        assert path.read_bytes() == made


def test_a_file_is_never_written_through_a_link_or_under_another_ending(tmp_path: Path) -> None:
    session = Session(environ={"CPVOL_HOME": str(tmp_path)}, project=None)
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    for name in ("link.csv", "sheet.xls", "sheet", "none/sheet.csv"):
        with pytest.raises(CpvolError):
            tasks.template(session, file=str(tmp_path / name), log="person")
    assert not (tmp_path / "elsewhere.csv").exists()
    for log, words in ((None, "--log"), ("trainning", "no log of that name")):
        with pytest.raises(CpvolError, match=words):
            tasks.template(session, file=str(tmp_path / "a.csv"), log=log)


def test_the_program_itself_takes_in_a_workbook(house: House) -> None:
    """In a process of its own, with what it is told on one stream and its result on the other."""
    file = house.file(workbook([row.split(",") for row in PEOPLE]), "people.xlsx")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cpvol", *arguments],
            env={**os.environ, **house.environ},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("import", file, "--json")
    assert (done.returncode, json.loads(done.stdout)["entered"]) == (0, 2)
    assert run("import", file, "--dry-run").stdout.startswith("Everything in the sheet is there")
    broken = run("import", house.file(b"%PDF-1.4", "renamed.xlsx"))
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr == (
        "cpvol: this is a PDF and no spreadsheet\n  ask for the spreadsheet itself\n"
    )
