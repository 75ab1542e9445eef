"""Pages made from data: logs, forms, retention, sources, glossary, decision helpers."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cpvol.guidance import form, glossary, helper, reference, retention, sources
from cpvol.guidance.rows import DOCUMENTS, rows, rulings
from cpvol.logs import LOGS
from cpvol.logs.base import Log
from cpvol.logs.fields import fields_of
from cpvol.policy import ScheduleRow, load, schedule

HELPERS = Path(__file__).parent.parent / "site_src" / "data" / "helpers"
KEPT = {row.log: row for row in schedule(load("contactpoint"))}
ASK: dict[str, Any] = {
    "step": "a",
    "ask": "Well?",
    "answers": [{"say": "Yes", "to": "b"}, {"say": "No", "to": "c"}],
}
YES: dict[str, Any] = {"step": "b", "advise": "Do it", "text": "Now.", "rows": ["E-10.6"]}
NO: dict[str, Any] = {"step": "c", "advise": "Do not"}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_reference_page_says_all_there_is_about_a_log(log: Log) -> None:
    page = reference.body(log, KEPT[log.name], f"reference/{log.name}.md")
    for spec in fields_of(log.model):
        assert f"**{spec.label}**" in page
        assert " ".join(spec.help.split()) in page
        assert all(f"[{row}](" in page for row in spec.rows)
        assert all(words in page for _, words in spec.choices)
        assert all(f"**{part.label}**" in page for part in spec.parts)
    assert all(f"`cpvol {log.name}.{step.name}`" in page for step in log.follow_ups)
    assert KEPT[log.name].keep in page
    assert all(what in page for what, _ in reference.NEVER)


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_form_has_a_place_for_each_field_and_marks_what_is_needed(log: Log) -> None:
    page = unescape(form.body(log, "Harbour & Hill"))
    assert "Harbour & Hill" in page
    for spec in fields_of(log.model):
        mark = " <strong>*</strong>" if spec.required else "</span>"
        assert f">{spec.label}{mark}" in page
        assert all(f">{words}</span>" in page for _, words in spec.choices)
        assert all(f">{part.label}</th>" in page for part in spec.parts)


def test_the_schedule_says_whose_number_it_is() -> None:
    mine = ScheduleRow(
        "token", "Token log", "5 years", "x", ("C26",), "ours", "claims take that long"
    )
    made = retention.schedule_table([mine], "records/index.md")
    assert "5 years" in made
    assert "Our own number: claims take that long" in made
    assert "(../reference/token.md)" in made
    assert "Our own number" not in retention.sentence(KEPT["person"], "reference/person.md")


def test_every_row_and_ruling_stands_once_on_the_source_pages() -> None:
    pages = [sources.document_body(d, f"sources/{d.slug}.md") for d in DOCUMENTS]
    named = re.findall(r'<span id="[^"]+">([^<]+)</span>', "".join(pages))
    assert named == list(rows())
    page = sources.rulings_body("sources/rulings.md")
    assert re.findall(r'<span id="[^"]+">([^<]+)</span>', page) == list(rulings())


def test_a_ruling_leads_to_the_rows_that_it_decides_between() -> None:
    assert sources.mentions("E-3.2 against E-99.9", "sources/rulings.md") == (
        "[E-3.2](../sources/essex.md#e-3-2) against E-99.9"
    )


def test_glossary_terms_come_in_the_order_of_the_alphabet() -> None:
    terms = glossary.read_terms(
        [
            {"term": "Token", "means": "A device.", "also": ["fob"], "rows": ["E-4.5"]},
            {"term": "eCRB", "means": "A check."},
        ]
    )
    page = glossary.body(terms, "glossary.md")
    assert page.index("## eCRB") < page.index("## Token")
    assert "Also called: fob." in page


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "not a list"),
        ([{"term": "Token"}], "entry 1 needs term and means"),
        ([{"term": "Token", "means": "x", "colour": "red"}], "entry 1 needs"),
        ([{"term": "Token", "means": "x", "rows": ["E-99.9"]}], "E-99.9"),
    ],
)
def test_a_wrong_glossary_is_refused(data: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        glossary.read_terms(data)


def test_a_helper_is_links_from_answer_to_step() -> None:
    page = helper.body("route", helper.read_steps([ASK, YES, NO]), "access/route.md")
    assert "## Well? {#route-a tabindex=-1}" in page
    assert "- [Yes](#route-b){: data-cp-to=2 }" in page
    assert "Now." in page
    assert page.count("[Start again](#route-a)") == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "not a list of steps"),
        ([ASK, YES], "leads to c, which is no step"),
        ([ASK, YES, NO, {"step": "d", "advise": "Never"}], "no answer leads to the step d"),
        ([ASK, YES, NO, NO], "the same name"),
        ([{**ASK, "answers": ASK["answers"][:1]}, YES], "fewer than two answers"),
        (
            [{**ASK, "answers": [{"say": "Yes", "to": "a"}, {"say": "No", "to": "c"}]}, NO],
            "back to itself",
        ),
        ([{"step": "a"}], "either ask or advise"),
        ([{**ASK, "answers": "none"}], "are no lists"),
        ([ASK, {**YES, "rows": ["E-99.9"]}, NO], "E-99.9"),
    ],
)
def test_a_helper_with_a_dead_end_or_a_circle_is_refused(data: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        helper.read_steps(data)


@pytest.mark.parametrize("path", sorted(HELPERS.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_helper_of_the_site_leads_from_every_question_to_advice(path: Path) -> None:
    steps = {
        step.name: step
        for step in helper.read_steps(YAML(typ="safe").load(path.read_text("utf-8")))
    }
    # Whatever the reader answers, the way ends in advice that says what to do.
    for step in steps.values():
        seen, ahead = set(), [step.name]
        while ahead:
            name = ahead.pop()
            seen.add(name)
            ahead += [to for _, to in steps[name].answers]
        ends = [steps[name] for name in seen if not steps[name].answers]
        assert ends
        assert all(len(end.text) > 20 for end in ends)
    pages = [
        page.read_text("utf-8") for page in HELPERS.parent.parent.joinpath("pages").rglob("*.md")
    ]
    assert sum(f"{{{{ helper.{path.stem} }}}}" in page for page in pages) == 1


def test_the_shield_helper_asks_what_the_chart_of_the_source_asks() -> None:
    steps = helper.read_steps(YAML(typ="safe").load((HELPERS / "shield.yaml").read_text("utf-8")))
    by_name = {step.name: step for step in steps}
    charted = [step.name for step in steps if "S-A2.1" in step.rows]
    assert charted == ["child", "crime", "adult", "placement", "cohabitant"]
    assert all(by_name[name].answers[0] == ("Yes", "rights") for name in charted)
    assert dict(by_name["other"].answers) == {"Yes": "consult", "No": "leave-open"}
    assert by_name["consult"].answers[0][1] == "rights"
    assert by_name["consult"].answers[1][1] == "not-agreed"
