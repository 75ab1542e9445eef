"""Pages for an auditor who can install nothing: only what was asked for, the same bytes each time, nothing loaded."""

from __future__ import annotations

import io
import subprocess
import zipfile
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cpvol.vault import credential
from tests.support.programs import needs
from tests.support.world import World, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

NAMES = ("Robin Example", "Robin Sample")


def pages(file: Path) -> dict[str, str]:
    """The files of a ZIP file, as text."""
    with zipfile.ZipFile(file) as archive:
        return {each: archive.read(each).decode() for each in archive.namelist()}


class _Page(HTMLParser):
    """What a page would load or run, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in {"script", "link", "iframe", "img", "object"} or "src" in found:
            self.loads.append(tag)
        if tag == "a":
            self.leads.append(found.get("href") or "")


@pytest.fixture(scope="module")
def packed(populated_once: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    world = populated_once.copy(tmp_path_factory.mktemp("pack"))
    whole, again = world.root / "whole.zip", world.root / "again.zip"
    for file in (whole, again):
        world.run("audit.pack", str(file), "--logs", "training", "--plain", "--yes")
    assert whole.read_bytes() == again.read_bytes()
    return pages(whole)


def test_it_holds_what_was_asked_for_and_no_name(packed: dict[str, str]) -> None:
    assert list(packed) == [
        *("index.html", "report.html", "training.html", "certificates.html"),
        *("checkpoint.txt", "checkpoint.txt.sig"),
    ]
    assert "User training" in packed["training.html"]
    for name in NAMES:
        assert not any(name in text for text in packed.values())
    assert "The audit holds" in packed["report.html"]
    assert packed["checkpoint.txt"].startswith("cpvol-checkpoint-1\n")


def test_its_pages_need_nothing_and_lead_to_one_another(packed: dict[str, str]) -> None:
    for name, text in packed.items():
        if name.endswith(".html"):
            page = _Page()
            page.feed(text)
            assert page.loads == []
            assert "url(" not in text
            assert all(each in packed for each in page.leads), name
    for name, text in packed.items():
        if name != "index.html":
            assert sha256(text.encode()).hexdigest() in packed["index.html"]


def test_names_come_with_the_log_of_persons_alone(world: World, tmp_path: Path) -> None:
    file = tmp_path / "pages.zip"
    world.run("audit.pack", str(file), "--logs", "person,training", "--plain", "--yes")
    found = pages(file)
    assert all(name in found["person.html"] for name in NAMES)
    assert NAMES[0] in found["training.html"]
    world.run("audit.pack", str(tmp_path / "none.zip"), "--plain")
    assert list(pages(tmp_path / "none.zip"))[1:3] == ["report.html", "certificates.html"]


def test_a_period_leaves_out_what_came_in_at_another_time(world: World, tmp_path: Path) -> None:
    file = tmp_path / "pages.zip"
    world.run(
        *(
            "audit.pack",
            str(file),
            "--logs",
            "training",
            "--until",
            "31/12/2015",
            "--plain",
            "--yes",
        )
    )
    assert "0 entries: as they stood at the end of 31/12/2015" in pages(file)["training.html"]


@needs("age")
def test_it_can_be_sealed_to_the_auditors_card(world: World, tmp_path: Path) -> None:
    auditor = credential.generate()
    (tmp_path / "auditor.txt").write_text(auditor.secret + "\n")
    file = tmp_path / "pages.zip.age"
    given = ("audit.pack", str(file), "--logs", "training", "--card", auditor.age_public)
    silent = world.run(*given, status=2)
    assert "nobody confirmed" in silent.err
    assert not file.exists()
    world.run(*given, "--yes")
    opened = subprocess.run(
        ["age", "-d", "-i", "auditor.txt", file.name], cwd=tmp_path, capture_output=True, check=True
    )
    with zipfile.ZipFile(io.BytesIO(opened.stdout)) as archive:
        assert archive.testzip() is None
        assert b"User training" in archive.read("training.html")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("pages.zip",), "not given: --card, or else --plain"),
        (("pages.zip", "--plain", "--card", "age1x"), "not given: --card, or else --plain"),
        (("pages.html", "--plain"), "has to end in .zip"),
        (("pages.zip", "--plain", "--logs", "nonsense"), "there is no log nonsense"),
        (("pages.zip", "--plain", "--since", "01/01/2020"), "not given: --logs"),
        (("pages.zip.age", "--card", "me"), "not a card"),
        (("nowhere/pages.zip", "--plain"), "folder is not there"),
    ],
)
def test_what_cannot_be_packed_is_refused_in_words(
    world: World, given: tuple[str, ...], says: str
) -> None:
    refused(world, "audit.pack", *given, says=says)


def test_entries_are_not_given_away_unasked(world: World, tmp_path: Path) -> None:
    file = tmp_path / "pages.zip"
    done = world.run("audit.pack", str(file), "--logs", "person", "--plain", status=2)
    assert "It is not encrypted" in done.err
    assert not file.exists()
