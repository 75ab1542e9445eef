"""The staging step: one plain tree, written only where it changed, with every number from data."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.guidance.errors import PageError
from cpvol.guidance.stage import expand, stage
from cpvol.policy import Policy, load
from cpvol.policy.model import VALUES

SOURCE = Path(__file__).parent.parent / "site_src"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A site of one authored page."""
    folder = tmp_path / "source"
    for part in ("pages", "data/helpers"):
        (folder / part).mkdir(parents=True)
    shutil.copy(SOURCE / "pages" / "contacts.md", folder / "pages" / "index.md")
    (folder / "data" / "glossary.yaml").write_text("- {term: Log, means: A list.}\n", "utf-8")
    return folder


def _with(name: str) -> Policy:
    """The profile's policy with one number changed, as an organisation's own file would change it."""
    stored = load("contactpoint").stored()
    own = dict(stored["values"][name])
    value = own["value"]
    if isinstance(value, int):
        own["value"] = value + 1
    elif isinstance(value, str):
        own["value"] = "2011-11-11"
    else:
        own["value"] = [value[0] + 1, *value[1:]]
    own |= {"origin": "ours", "reason": "a test"}
    return Policy.from_stored({"values": {name: own}})


def test_nothing_but_plain_pages_is_left(tmp_path: Path) -> None:
    staged = stage(SOURCE, tmp_path / "pages", load("contactpoint"), None)
    assert {"index.md", "reference/person.md", "forms/person.md", "sources/rulings.md"} <= set(
        staged.pages
    )
    for page in staged.pages:
        text = (staged.folder / page).read_text("utf-8")
        assert "{{" not in text
        assert "next review" in text.lower()


def test_the_same_again_writes_nothing(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "pages"
    stage(source, target, load("contactpoint"), None)
    times = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    stage(source, target, load("contactpoint"), None)
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == times


def test_a_page_that_is_gone_goes_and_what_is_not_ours_stays(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "pages"
    (source / "pages" / "old.md").write_bytes((source / "pages" / "index.md").read_bytes())
    stage(source, target, load("contactpoint"), None)
    (target / "mine.txt").write_text("mine", "utf-8")
    (source / "pages" / "old.md").unlink()
    stage(source, target, load("contactpoint"), None)
    assert not (target / "old.md").exists()
    assert (target / "mine.txt").exists()


def test_an_error_names_the_line_in_the_authors_file(tmp_path: Path, source: Path) -> None:
    page = source / "pages" / "index.md"
    lines = [*page.read_text("utf-8").splitlines(), "{{ nothing.such }}"]
    page.write_text("\r\n".join(lines), "utf-8", newline="")
    with pytest.raises(PageError) as caught:
        stage(source, tmp_path / "pages", load("contactpoint"), None)
    assert (caught.value.page, caught.value.line) == ("index.md", len(lines))


def test_a_wrong_data_file_is_named(tmp_path: Path, source: Path) -> None:
    (source / "data" / "glossary.yaml").write_text("- {term: Log}\n", "utf-8")
    with pytest.raises(PageError, match=r"data/glossary\.yaml"):
        stage(source, tmp_path / "pages", load("contactpoint"), None)


def test_without_the_projects_folder_the_hint_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(CpvolError) as caught:
        stage(tmp_path, tmp_path / "pages", load("contactpoint"), None)
    assert "site_src" in caught.value.hint


def test_every_number_that_a_page_asks_for_comes_from_the_policy(tmp_path: Path) -> None:
    asked = {
        name
        for path in SOURCE.rglob("*")
        if path.suffix in {".md", ".yaml"}
        for name in re.findall(r"\{\{ *policy\.(\w+) *\}\}", path.read_text("utf-8"))
    }
    assert asked
    assert asked <= set(VALUES)
    before = _texts(tmp_path / "before", load("contactpoint"))
    for name in sorted(asked):
        assert _texts(tmp_path / name, _with(name)) != before, name


def _texts(target: Path, policy: Policy) -> dict[str, str]:
    staged = stage(SOURCE, target, policy, None)
    return {page: (target / page).read_text("utf-8") for page in staged.pages}


def test_the_organisations_name_and_contacts_reach_the_pages(tmp_path: Path) -> None:
    data = {
        "name": "Harbour Trust",
        "contacts": [{"purpose": "authority_team", "office": "Team", "telephone": "01234 567890"}],
    }
    stage(SOURCE, tmp_path, load("contactpoint"), data)
    assert "Harbour Trust" in (tmp_path / "forms" / "person.md").read_text("utf-8")
    assert "01234 567890" in (tmp_path / "index.md").read_text("utf-8")


def test_a_folder_in_the_menu_becomes_its_pages_index_first() -> None:
    pages = ["index.md", "reference/a.md", "reference/index.md", "reference/deep/b.md"]
    nav = [{"Start": "index.md"}, {"Logs": [{"Each": "reference/"}]}]
    assert expand(nav, pages) == [
        {"Start": "index.md"},
        {"Logs": [{"Each": ["reference/index.md", "reference/a.md"]}]},
    ]
