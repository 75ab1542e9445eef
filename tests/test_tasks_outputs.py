"""What tasks give to other programs: the JSON faces, the exit statuses, and the same through ``inv`` and ``cpvol``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest

from cpvol.ledger import layout
from tests.support.inspect_records import look
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.world import ROOT, World, ids, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

DUE = {"what", "log", "id", "due_on", "overdue", "owner", "rule", "source"}
CHECK = {"rule", "severity", "log", "id", "message", "source"}
RETENTION = {"log", "id", "trigger", "trigger_on", "expires_on", "rule", "source", "held"}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


def test_an_entry_names_itself_its_place_and_its_change(world: World) -> None:
    made = world.enter(
        "training.add",
        person="Robin Sample",
        course="x",
        trainer="authority",
        booked_on="2008-09-01",
    )
    assert list(made) == ["id", "log", "path", "commit"]
    assert made["log"] == "training"
    assert made["path"] == layout.record_path("training", made["id"])
    assert made["commit"] == world.git("rev-parse", "main").strip()
    assert (world.records / made["path"]).is_file()
    subject, *trailers = world.git("log", "-1", "--format=%B", "main").split("\n")
    assert subject == f"training: add {made['id']}"
    assert [line.partition(":")[0] for line in trailers if line] == [
        *("Action", "Record", "Key-SHA256", "Keyring-SHA256", "Chain-SHA256"),
    ]
    assert world.git("log", "-1", "--format=%an %ae %cn %ce").strip() == (
        "member-1 member-1@cpvol.invalid member-1 member-1@cpvol.invalid"
    )


def test_what_is_read_is_what_was_entered(steps: Steps, world: World) -> None:
    training = ids(world, "training")[0]
    person = next(
        each["id"]
        for each in steps.run(world, ["list", "person", "--json"]).json
        if each["name"] == "Robin Example"
    )
    entry = {
        "id": training,
        "log": "training",
        "schema": 1,
        "person": person,
        "course": "User training",
        "completed_on": "2008-09-18",
        "trainer": "authority",
    }
    assert steps.run(world, ["show", training, "--json"]).json == entry
    assert steps.run(world, ["show", training[:6], "--json"]).json == entry
    assert steps.run(world, ["list", "training", "--json"]).json == [entry]
    found = steps.run(world, ["find", "user TRAIN", "--json"]).json
    assert found == [entry]
    everything = steps.run(world, ["find", "robin exam", "--json"]).json
    assert {each["log"] for each in everything} == {"person", "ecrb", "training"}
    assert steps.run(world, ["find", "nothing of the kind", "--json"]).json == []


def test_due_check_and_retention_keep_their_shape(steps: Steps, world: World) -> None:
    opened = ["amend", "Robin Example", "--set=account-opened-on=01/10/2008", "--reason=known now"]
    assert steps.run(world, opened).status == 0
    far = ["--json", "--on=01/06/2011"]
    due = steps.run(world, ["due", *far])
    check = steps.run(world, ["check", *far])
    assert due.json
    assert check.json
    for each in due.json:
        assert set(each) == DUE
        assert each["owner"] in {"us", "authority"}
        assert each["overdue"] is (date.fromisoformat(each["due_on"]) < date(2011, 6, 1))
        assert each["source"]
    for each in check.json:
        assert set(each) == CHECK
        assert each["severity"] in {"breach", "warning", "note"}
        assert each["source"]
    days = [each["due_on"] for each in due.json]
    assert days == sorted(days)
    assert check.status == 3
    late = any(each["overdue"] and each["owner"] == "us" for each in due.json)
    assert due.status == (3 if late else 0)

    world.enter("person.leave", "Robin Sample", left_on="01/06/2009")
    assert steps.run(world, ["retention.due", "--json", "--on=31/05/2015"]).json == []
    kept = steps.run(world, ["retention.due", "--json", "--on=02/06/2015"])
    assert kept.status == 0
    (only,) = kept.json
    assert set(only) == RETENTION
    assert (only["log"], only["trigger_on"], only["held"]) == ("person", "2009-06-01", False)


def test_nothing_found_is_status_0(steps: Steps, empty: World) -> None:
    assert steps.run(empty, ["check", "--json"]).status in {0, 3}
    assert (steps.run(empty, ["list", "person", "--json"]).json) == []
    assert steps.run(empty, ["retention.due", "--json"]).json == []
    done = steps.run(empty, ["list", "training"])
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(
    "argv",
    [
        ["list", "person"],
        ["list", "person", "--json"],
        ["show", "Robin Example"],
        ["due", "--on=01/06/2011"],
        ["list", "traning"],
        ["anchor"],
    ],
)
def test_inv_and_cpvol_are_one(world: World, argv: list[str]) -> None:
    (world.root / "cwd").mkdir(exist_ok=True)
    cpvol = world.run(*argv, status=None)
    inv = subprocess.run(
        [sys.executable, "-m", "invoke", f"--search-root={ROOT}", *argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=world.root / "cwd",
        env=world.env(),
    )
    assert (inv.returncode, inv.stdout, inv.stderr) == (cpvol.status, cpvol.out, cpvol.err)


# -- corrections -----------------------------------------------------------------------------------------------------------


def test_a_correction_is_recorded_and_the_old_text_stays(steps: Steps, world: World) -> None:
    training = ids(world, "training")[0]
    before = look(world.records).refs["refs/heads/main"]
    argv = ["amend", training, "--set=venue=Town hall", "--set=Token number=T-1"]
    assert steps.run(world, [*argv, "--clear=completed-on", "--reason=typing mistake"]).status == 0
    now = steps.run(world, ["show", training, "--json"]).json
    assert (now["venue"], now["token"], now.get("completed_on")) == ("Town hall", "T-1", None)
    (note,) = now["amendments"]
    assert note == {
        "on": f"{date.today():%Y-%m-%d}",  # noqa: DTZ011 - as the task does
        "by": "member-1",
        "action": "amend",
        "reason": "typing mistake",
        "fields": ["completed_on", "venue", "token"],
    }
    path = layout.record_path("training", training)
    inside = look(world.records)
    assert inside.blob(before, path) != inside.blob(inside.refs["refs/heads/main"], path)
    shown = steps.run(world, ["show", training]).out
    assert "typing mistake" in shown


def test_a_struck_out_entry_stays_and_no_longer_counts(steps: Steps, world: World) -> None:
    training = ids(world, "training")[0]
    assert steps.run(world, ["void", training, "--reason=entered twice"]).status == 0
    assert steps.run(world, ["list", "training", "--json"]).json == []
    (listed,) = steps.run(world, ["list", "training", "--all", "--json"]).json
    assert listed["voided"] is True
    assert listed["amendments"][0]["action"] == "void"
    assert listed["amendments"][0]["fields"] == ["voided"]
    refused(world, "void", training, "--reason=again", says="struck out already", hint="show")
    checked = steps.run(world, ["check", "--json", "--on=01/06/2009"]).json
    assert all(each["id"] != training for each in checked)


def test_the_way_of_a_person_from_joining_to_coming_back(steps: Steps, world: World) -> None:
    def take(*argv: str) -> str:
        done = steps.run(world, [*argv])
        assert done.status == 0, done.err
        return done.err

    who = "Robin Sample"
    take("person.move", who, "--on=01/02/2009", "--post=Team leader", "--access=mediator")
    take("person.suspend", who, "--on=01/03/2009", "--reason=long leave")
    take("person.restore", who, "--on=01/04/2009", "--reason=is back")
    told = take("person.leave", who, "--left-on=01/06/2009")
    assert "tell the directory's team" in told
    assert "`letter.leaver` writes it" in told
    told = take(
        *("person.leave", who, "--team-told-on=01/06/2009", "--notice-given-on=01/06/2009"),
        "--notice-acknowledged-on=02/06/2009",
    )
    assert "Nothing is left to do here" in told
    entry = steps.run(world, ["show", who, "--json"]).json
    assert entry["posts"] == [{"title": "Team leader", "start": "2009-02-01", "end": "2009-06-01"}]
    assert entry["suspensions"] == [
        {
            "on": "2009-03-01",
            "reason": "long leave",
            "restored_on": "2009-04-01",
            "restored_reason": "is back",
        }
    ]
    take("person.rejoin", who, "--joined-on=01/09/2009", "--access=none", "--post=Helper")
    entry = steps.run(world, ["show", who, "--json"]).json
    assert "left_on" not in entry
    assert [post["title"] for post in entry["posts"]] == ["Team leader", "Helper"]
    assert [each["action"] for each in entry["amendments"]] == [
        *("move", "suspend", "restore", "leave", "leave", "rejoin"),
    ]


def test_a_failed_check_says_what_to_do_now(steps: Steps, world: World) -> None:
    check = ids(world, "ecrb")[0]
    done = steps.run(world, ["ecrb.fail", check[:5], "--failed-on=01/10/2008"])
    assert done.status == 0
    assert "withdraw the person's use" in done.err
    assert steps.run(world, ["show", check, "--json"]).json["decision"] == "failed"
    refused(
        world, "ecrb.fail", ids(world, "training")[0], "--failed-on=01/10/2008", says="log training"
    )


def test_a_step_without_answers_only_says_what_is_next(steps: Steps, world: World) -> None:
    before = world.files()
    done = steps.run(world, ["person.leave", "Robin Sample"])
    assert done.status == 0
    assert world.files() == before
