"""The staging step: one plain tree, written only where it changed, with every number from data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cpvol.errors import CpvolError
from cpvol.guidance import commands, trace
from cpvol.guidance.errors import PageError
from cpvol.guidance.facts import Facts, TaskLine
from cpvol.guidance.fill import fill
from cpvol.guidance.rows import ID, place, rows
from cpvol.guidance.stage import expand, stage
from cpvol.guidance.values import values
from cpvol.logs import LOGS
from cpvol.logs.fields import fields_of
from cpvol.policy import Policy, schedule
from tests.support.site import FACTS, TODAY

#: Every number, and a profile that has it.
NAMES = {name: facts for facts in (TODAY, FACTS) for name in facts.policy.numbers()}
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


def _with(name: str) -> Facts:
    """What pages are made from with one number changed, as an organisation's own file would change it."""
    facts = NAMES[name]
    stored = facts.policy.stored()
    own = dict(stored["values"][name])
    value = own["value"]
    if isinstance(value, int):
        own["value"] = value + 1
    elif isinstance(value, str):
        own["value"] = "2011-11-11"
    else:
        own["value"] = [value[0] + 1, *value[1:]]
    own |= {"origin": "ours", "reason": "a test"}
    policy = Policy.from_stored({"profile": facts.policy.profile, "values": {name: own}})
    return replace(facts, policy=policy)


def test_nothing_but_plain_pages_is_left(tmp_path: Path) -> None:
    staged = stage(SOURCE, tmp_path / "pages", FACTS)
    assert {"index.md", "reference/person.md", "forms/person.md", "sources/rulings.md"} <= set(
        staged.pages
    )
    for page in staged.pages:
        text = (staged.folder / page).read_text("utf-8")
        assert "{{" not in text
        assert "next review" in text.lower()


def test_the_same_again_writes_nothing(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "pages"
    stage(source, target, FACTS)
    times = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    stage(source, target, FACTS)
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == times


def test_a_page_that_is_gone_goes_and_what_is_not_ours_stays(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "pages"
    (source / "pages" / "old.md").write_bytes((source / "pages" / "index.md").read_bytes())
    stage(source, target, FACTS)
    (target / "mine.txt").write_text("mine", "utf-8")
    (source / "pages" / "old.md").unlink()
    stage(source, target, FACTS)
    assert not (target / "old.md").exists()
    assert (target / "mine.txt").exists()


def test_an_error_names_the_line_in_the_authors_file(tmp_path: Path, source: Path) -> None:
    page = source / "pages" / "index.md"
    lines = [*page.read_text("utf-8").splitlines(), "{{ nothing.such }}"]
    page.write_text("\r\n".join(lines), "utf-8", newline="")
    with pytest.raises(PageError) as caught:
        stage(source, tmp_path / "pages", FACTS)
    assert (caught.value.page, caught.value.line) == ("index.md", len(lines))


def test_a_wrong_data_file_is_named(tmp_path: Path, source: Path) -> None:
    (source / "data" / "glossary.yaml").write_text("- {term: Log}\n", "utf-8")
    with pytest.raises(PageError, match=r"data/glossary\.yaml"):
        stage(source, tmp_path / "pages", FACTS)


def test_without_the_projects_folder_the_hint_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(CpvolError) as caught:
        stage(tmp_path, tmp_path / "pages", FACTS)
    assert "site_src" in caught.value.hint


def _authored() -> dict[str, str]:
    """What people wrote, by file: pages and the data that pages are made of."""
    return {
        path.relative_to(SOURCE).as_posix(): path.read_text("utf-8")
        for path in SOURCE.rglob("*")
        if path.suffix in {".md", ".yaml"}
    }


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The pages that change with a number of the policy, by the number's name."""
    target = tmp_path_factory.mktemp("changed")
    before = {id(facts): _texts(target, facts) for facts in (FACTS, TODAY)}
    found = {}
    for name, facts in NAMES.items():
        after = _texts(target, _with(name))
        found[name] = {page for page, text in before[id(facts)].items() if after[page] != text}
    return found


def test_every_number_of_the_policy_reaches_a_page(changing: dict[str, set[str]]) -> None:
    assert [name for name, pages in changing.items() if not pages] == []


def test_every_page_that_asks_for_a_number_changes_with_it(changing: dict[str, set[str]]) -> None:
    asked = [
        (file.removeprefix("pages/"), name)
        for file, text in _authored().items()
        if file.startswith("pages/")
        for name in set(re.findall(r"\{\{ *policy\.(\w+) *\}\}", text))
    ]
    assert len(asked) > 40
    assert [(page, name) for page, name in asked if page not in changing[name]] == []


def test_lines_on_todays_law_are_there_with_todays_numbers_alone(tmp_path: Path) -> None:
    page = "using/breach.md"
    assert "Information Commissioner" in _texts(tmp_path, TODAY)[page]
    assert "Information Commissioner" not in _texts(tmp_path, FACTS)[page]


def test_with_todays_numbers_a_page_says_that_the_directory_is_gone(tmp_path: Path) -> None:
    then, today = _texts(tmp_path / "then", FACTS), _texts(tmp_path / "today", TODAY)
    told = {page for page, text in today.items() if "cp-note" in text}
    assert told >= {"access/index.md", "using/tokens.md", "shielding/override.md"}
    assert not [page for page, text in then.items() if "cp-note" in text]
    assert "as if it still were" in then["index.md"]
    assert "as if it still were" not in today["index.md"]
    assert "## What still holds today" in today["about/index.md"]
    assert "What still holds" not in then["about/index.md"]


@pytest.mark.parametrize(("facts", "other"), [(FACTS, TODAY), (TODAY, FACTS)])
def test_no_line_with_a_number_cites_what_the_number_does_not_rest_on(
    facts: Facts, other: Facts
) -> None:
    """A line about a number cites the rows of the policy in force, not those of another policy."""
    rests, rested = _rests_on(facts), _rests_on(other)
    known = values(facts.policy, None, {}, "a.md")
    wrong = []
    for file, text in _authored().items():
        for line in text.splitlines() if file.endswith(".md") else []:
            named = [name for name in re.findall(r"\{\{ *(\S+) *\}\}", line) if name in rests]
            if not named or not _kept(line, known):
                continue
            cited = set(re.findall(ID, " ".join(re.findall(r"\[([^\]]+)\](?!\()", line))))
            stale = {row for name in named for row in rested.get(name, set()) - rests[name]}
            wrong += [(file, row) for row in cited & stale]
    assert wrong == []


def _rests_on(facts: Facts) -> dict[str, set[str]]:
    """The rows that a number or a time of keeping rests on, by the placeholder's name."""
    numbers = {f"policy.{name}": set(n.rows) for name, n in facts.policy.numbers().items()}
    return numbers | {f"keep.{row.log}": set(row.rows) for row in schedule(facts.policy)}


def _kept(line: str, known: Mapping[str, str]) -> bool:
    """Whether a page made with these values has the line."""
    single = re.sub(r"\{\{ *(?:card|table|list|helper|note)\.\S+ *\}\}", "", line)
    return bool(fill(single, known, "a.md"))


def test_no_page_has_a_number_of_its_own_that_belongs_into_the_policy() -> None:
    units = r"(?:years?|months?|weeks?|days?|hours?|working days?|records|people|items|bits)"
    written = re.compile(rf"\b(?:\d+|two|three|four|six|seven|ten|forty) {units}\b", re.IGNORECASE)
    found = {
        (file, number.lower())
        for file, text in _authored().items()
        for number in written.findall(text)
    }
    assert found == {
        # What somebody reads off a calendar; the answer below it has the number in force.
        ("pages/questions.md", "three years"),
        # Not numbers that anybody sets.
        ("data/glossary.yaml", "two records"),
        ("pages/auditors.md", "two people"),
        ("pages/roles/trustees.md", "two people"),
        ("pages/shielding/household.md", "two records"),
    }


def _texts(target: Path, facts: Facts) -> dict[str, str]:
    staged = stage(SOURCE, target, facts)
    return {page: (target / page).read_text("utf-8") for page in staged.pages}


def test_the_organisations_name_and_contacts_reach_the_pages(tmp_path: Path) -> None:
    data = {
        "name": "Harbour Trust",
        "contacts": [{"purpose": "authority_team", "office": "Team", "telephone": "01234 567890"}],
    }
    stage(SOURCE, tmp_path, replace(FACTS, organisation=data))
    assert "Harbour Trust" in (tmp_path / "forms" / "person.md").read_text("utf-8")
    assert "01234 567890" in (tmp_path / "index.md").read_text("utf-8")


def test_a_folder_in_the_menu_becomes_its_pages_index_first() -> None:
    pages = ["index.md", "reference/a.md", "reference/index.md", "reference/deep/b.md"]
    nav = [{"Start": "index.md"}, {"Logs": [{"Each": "reference/"}]}]
    assert expand(nav, pages) == [
        {"Start": "index.md"},
        {"Logs": [{"Each": ["reference/index.md", "reference/a.md"]}]},
    ]


def test_every_row_of_the_sources_is_met_by_something(tmp_path: Path) -> None:
    page = _texts(tmp_path, FACTS)["about/traceability.md"]
    assert "Something meets each of them." in page
    assert all(f"[{row}](../{place(row)})" in page for row in rows())


def test_a_row_that_nothing_meets_shows_as_a_gap() -> None:
    page = trace.body([], FACTS.policy, "about/traceability.md", [])
    listed, table = page.split("## Essex")
    assert "Nothing meets these yet:**" in listed
    assert "[W-14](../sources/worcestershire.md#w-14)" in listed
    assert table.strip().endswith("| **a gap** |  |")


def test_a_page_past_its_review_is_listed_as_overdue(tmp_path: Path) -> None:
    on_time = _texts(tmp_path / "now", FACTS)["about/reviews.md"]
    assert "None, when these pages were made." in on_time
    assert "[Glossary](../glossary.md)" in on_time
    last_day = FACTS.on.replace(year=FACTS.on.year + 1)
    late = _texts(tmp_path / "last", replace(FACTS, on=last_day))["about/reviews.md"]
    assert late == on_time
    late = _texts(tmp_path / "late", replace(FACTS, on=last_day + timedelta(1)))["about/reviews.md"]
    assert late.count("[Glossary](../glossary.md)") == 2


def test_the_task_reference_has_every_task_with_its_options(tmp_path: Path) -> None:
    page = _texts(tmp_path, FACTS)["tasks.md"]
    assert "### `person.leave`" in page
    for task in FACTS.tasks:
        assert f"### `{task.name}`\n\n{task.help}" in page
        assert all(f"`{option}`" in page for option, _ in task.options)
    made = commands.body([TaskLine("token.lose", "Lost.", (("--on", "The day."),))])
    assert "## Token register: `token`" in made
    assert "| `--on` | The day. |" in made


def test_each_log_has_a_worked_example_of_its_needed_fields(tmp_path: Path) -> None:
    texts = _texts(tmp_path, FACTS)
    for log in LOGS:
        found = texts[f"reference/{log.name}.md"].partition("## A worked example")[2]
        found = found.partition("\n## ")[0]
        for spec in fields_of(log.model):
            assert not spec.required or f"| {spec.label} |" in found, (log.name, spec.name)
    assert "| Date | 31/03/2009 |" in texts["reference/session.md"]
    assert "| Route | the directory's team |" in texts["reference/session.md"]
