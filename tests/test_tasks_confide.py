"""A breach reported in confidence: by somebody without records or keys, opened by those who were named alone."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cpvol import codec, confide
from cpvol.errors import CpvolError
from cpvol.logs.book import Records
from cpvol.logs.breach import Breach, Report
from cpvol.tasks.confide import _meant
from cpvol.tasks.entries import tell_open
from cpvol.tasks.session import Session
from cpvol.tasks.values import Reader
from cpvol.vault import credential, parcel
from tests.support.people import found
from tests.support.programs import needs
from tests.support.world import World, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

REPORT = Report(
    discovered_on=date(2009, 5, 11),
    category="known_people",
    what="Looked up a neighbour",
    concerning="The deputy manager",
)
ON = date(2009, 5, 12)
SAID = (
    *("--discovered-on=11/05/2009", "--category=known_people", "--what=Looked up a neighbour"),
    "--concerning=Robin Sample",
)


def sealed(*to: credential.Identity) -> bytes:
    return confide.seal(REPORT, [each.age_public for each in to], id="k3m9q2x7ab", on=ON)


@needs("age")
def test_from_a_computer_with_nothing_on_it_to_a_closed_entry(world: World, tmp_path: Path) -> None:
    card = world.run("member.card").out.strip()
    file = tmp_path / "report.age"
    nobody = World(tmp_path / "nobody")
    nobody.root.mkdir()
    nothing = {"CPVOL_PASSPHRASE": None, "CPVOL_RECORDS": None}
    done = nobody.run("breach.seal", str(file), f"--card={card}", *SAID, env=nothing)
    assert "only member-1 can open it" in done.out
    assert not nobody.home.exists()
    assert [path for path in nobody.root.rglob("*") if path.is_file()] == []
    assert b"neighbour" not in file.read_bytes()

    before = world.git("rev-parse", "main")
    made = world.run("breach.unseal", str(file), "--persons=Robin Sample", "--json").json
    assert world.git("rev-list", "--count", f"{before.strip()}..main").strip() == "1"
    entry = world.shown(made["id"])
    assert entry["readers"] == ["member-1"]
    assert entry["reported_to"] == "outside"
    assert entry["what"] == "Looked up a neighbour\nConcerning: Robin Sample"
    assert entry["persons"] == [world.shown("Robin Sample")["id"]]
    assert "reported_by" not in entry
    refused(world, "breach.unseal", str(file), says="was entered already")

    # Stock age opens it too, with the file of the reader's keys.
    (tmp_path / "keys").write_bytes(credential.encode(world.identity(), "member-1", ON))
    stock = ["age", "-d", "-i", str(tmp_path / "keys"), str(file)]
    shown = subprocess.run(stock, capture_output=True, check=True).stdout.decode()
    assert "Looked up a neighbour" in shown
    assert "member-1" not in shown


def test_each_reader_opens_it_and_nobody_else() -> None:
    first, second, other = (credential.generate() for _ in range(3))
    data = sealed(first, second)
    for reader in (first, second):
        opened = confide.open_(data, reader)
        assert (opened.report, opened.on) == (REPORT, ON)
        assert opened.to == (first.age_public, second.age_public)
    with pytest.raises(parcel.NotToYou):
        confide.open_(data, other)


def test_what_was_changed_or_is_no_report_is_refused() -> None:
    reader = credential.generate()
    data = sealed(reader)
    for bad in (
        b"",
        b"hello",
        data[:-1],
        data[:200] + bytes([data[200] ^ 1]) + data[201:],
        data + b"x",
    ):
        with pytest.raises(CpvolError):
            confide.open_(bad, reader)
    text = {"cpvol": "report", "format": 1, "id": "k3m9q2x7ab", "sealed_on": "2009-05-12"}
    said = REPORT.model_dump(mode="json", exclude_none=True)
    others: list[dict[str, Any]] = [
        {**text, "to": ["a"], "report": {**said, "what": "a\u202eb"}},
        {**text, "to": ["a"], "report": {**said, "readers": ["member-1"]}},
        {**text, "format": 2, "to": ["a"], "report": said},
        {**text, "to": ["a"]},
        {**text, "id": "../../x", "to": ["a"], "report": said},
    ]
    for other in others:
        with pytest.raises(confide.NotAReport):
            confide.open_(parcel.seal(codec.encode(other), [reader.age_public]), reader)
    with pytest.raises(confide.NotAReport):
        confide.open_(parcel.seal(b"not so\n", [reader.age_public]), reader)


def test_a_card_twice_or_half_a_card_is_refused(world: World, tmp_path: Path) -> None:
    file = str(tmp_path / "report.age")
    refused(world, "breach.seal", file, *SAID, says="not given: --card")
    refused(world, "breach.seal", file, "--card=cpvol-card-1:x", *SAID, says="not a card")
    reader = credential.generate().age_public
    for keys in ([], [reader, reader], ["age1x"]):
        with pytest.raises(parcel.BadRecipient):
            parcel.seal(b"x", keys)


def test_the_entry_is_for_those_it_was_sealed_to_less_those_it_is_about(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    group.newcomer(first, "member-3")
    about = first.enter("Robin A", handle="member-2")
    report = confide.Sealed(
        "k3m9q2x7ab", ON, (first.identity.age_public, second.identity.age_public), REPORT
    )

    def meant(**persons: object) -> list[str]:
        record = Breach.model_validate(
            {"id": report.id, "schema": 1, **report.report.values(), **persons}
        )
        with first.open() as register:
            return _meant(register, record, report)

    assert meant() == ["member-1", "member-2"]
    assert meant(persons=[about]) == ["member-1"]


def test_who_corrects_an_open_entry_is_told_who_reads_it_that_it_has_come_to_concern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group, first = found(tmp_path)
    group.newcomer(first, "member-2")
    group.newcomer(first, "member-3")
    about = first.enter("Robin A", handle="member-2")
    values = {"id": "k3m9q2x7ab", "schema": 1, **REPORT.values()}

    def told(**persons: object) -> str:
        with first.open() as register:
            reader = Reader(Records(register.records()), ON)
            record = Breach.model_validate(values | persons)
            tell_open(Session(), register, record, reader)
        return " ".join(capsys.readouterr().err.split())

    assert told() == ""
    assert told(persons=[about], readers=["member-1"]) == ""
    said = told(persons=[about])
    assert "this entry is not closed, so it can be read by member-2." in said
    assert "enter as a new one with `breach.add`" in said
