"""What pages are made of: placeholders, citations, front matter, contacts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.guidance.cite import cite
from cpvol.guidance.contacts import PURPOSES, card, inline, renewal_role, shield_roles
from cpvol.guidance.errors import PageError
from cpvol.guidance.fill import fill
from cpvol.guidance.literal import literal
from cpvol.guidance.page import Page, read_page
from cpvol.guidance.rows import DOCUMENTS, anchor, known, place, rows, rulings, section_of
from cpvol.guidance.tables import table
from cpvol.policy import Policy, load

HEAD = """---
title: Leaving
description: What to do.
owner: Coordinator
reviewed: 2009-03-31
next_review: 2010-03-31
---
"""
POLICY = load()
TEAM = next(purpose for purpose in PURPOSES if purpose.key == "authority_team")


def test_a_placeholder_becomes_its_value() -> None:
    known_values = {"policy.ecrb_valid": "3 years"}
    assert fill("Valid for {{ policy.ecrb_valid }}.", known_values, "a.md") == "Valid for 3 years."


def test_a_line_about_something_that_is_not_asked_for_falls_away() -> None:
    text = "one\n- From {{ policy.isa_member_from }} on.\ntwo"
    assert fill(text, {"policy.isa_member_from": ""}, "a.md") == "one\ntwo"


def test_a_line_may_hang_on_a_value_that_it_does_not_show() -> None:
    text = (
        "one\n- {{ if policy.breach_notify }}Today.\n- {{ unless policy.breach_notify }}Then.\ntwo"
    )
    assert fill(text, {"policy.breach_notify": "72 hours"}, "a.md") == "one\n- Today.\ntwo"
    assert fill(text, {"policy.breach_notify": ""}, "a.md") == "one\n- Then.\ntwo"
    with pytest.raises(PageError, match=r"nothing is called policy\.breach_notfy"):
        fill("{{ if policy.breach_notfy }}Today.", {"policy.breach_notify": "72 hours"}, "a.md")


def test_an_unknown_placeholder_names_page_line_and_what_may_be_meant() -> None:
    with pytest.raises(PageError) as caught:
        fill(
            "one\n\nfor {{ policy.ecrb_vald }}",
            {"policy.ecrb_valid": "3 years"},
            "users/joining.md",
        )
    assert caught.value.problem == "users/joining.md, line 3: nothing is called policy.ecrb_vald"
    assert "{{ policy.ecrb_valid }}" in caught.value.hint


@given(st.text().filter(lambda text: "{{" not in text))
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert fill(text, {}, "a.md") == text


def test_a_citation_becomes_links_from_where_the_page_is() -> None:
    made = cite("End it. [E-10.6, C12]", "access/mediated.md")
    assert "[E-10.6](../sources/essex.md#e-10-6)" in made
    assert "[C12](../sources/rulings.md#c12)" in made
    assert "(sources/essex.md#e-10-6)" in cite("[E-10.6]", "index.md")


def test_a_citation_of_no_row_names_page_and_line() -> None:
    with pytest.raises(PageError) as caught:
        cite("one\ntwo [E-10.99]", "index.md")
    assert (
        caught.value.problem == "index.md, line 2: there is no row E-10.99 in the source documents"
    )


@pytest.mark.parametrize("text", ["[E-10.6](elsewhere.md)", "[X-1]", "[e-10.6]", "E-10.6"])
def test_what_only_looks_like_a_citation_stays(text: str) -> None:
    assert cite(text, "index.md") == text


def test_every_row_has_a_document_and_where_it_has_sections_a_section() -> None:
    assert len(rows()) == 288
    assert len(rulings()) == 27
    for id in rows():
        document = next(d for d in DOCUMENTS if d.letter == id[0])
        sections = [prefix for prefix, _ in document.sections] or [document.letter]
        assert section_of(id) in sections


def test_every_row_has_a_place_of_its_own() -> None:
    places = [place(id) for id in (*rows(), *rulings())]
    assert len(set(places)) == len(places)
    assert anchor("S-A4.1") == "s-a4-1"
    assert not known("E-20.1")


def test_front_matter_is_read_and_the_foot_says_whose_page_it_is() -> None:
    page = read_page(
        "leaving.md", HEAD.replace("---\n", "---\nalso: [exit, leaver]\n", 1) + "# Leaving\n"
    )
    assert (page.title, page.reviewed, page.also) == (
        "Leaving",
        date(2009, 3, 31),
        ("exit", "leaver"),
    )
    text = page.text()
    assert "Also called: exit, leaver." in text
    assert (
        "Owner of this page: Coordinator. Last reviewed 31/03/2009. Next review by 31/03/2010."
        in text
    )


def test_what_the_theme_reads_from_front_matter_is_handed_on() -> None:
    page = read_page("a.md", HEAD.replace("---\n", "---\nhide: [toc]\n", 1))
    assert 'hide: ["toc"]' in page.text()


def test_a_title_may_hold_what_yaml_would_trip_over() -> None:
    page = Page("a.md", 'Which: "this"?', "d", "# A", "me", date(2009, 3, 31), date(2010, 3, 31))
    assert 'title: "Which: \\"this\\"?"' in page.text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# No head", "has no front matter"),
        (HEAD.replace("owner: Coordinator\n", ""), "has no owner"),
        (HEAD.replace("2009-03-31", "soon"), "reviewed is not a date"),
        (HEAD.replace("title: Leaving", "title: [Leaving"), "cannot be read"),
        ("---\n- a\n---\n", "not a list of names and values"),
        (HEAD.replace("owner:", "also: word\nowner:"), "also is not a list"),
    ],
)
def test_a_page_without_a_right_head_is_refused(text: str, why: str) -> None:
    with pytest.raises(PageError, match=why):
        read_page("a.md", text)


def test_a_contact_that_nobody_filled_in_shows_as_a_blank() -> None:
    assert "phone number to be filled in" in inline(TEAM, None, POLICY)
    assert "phone number to be filled in" in card(TEAM, {"name": "A"}, POLICY, "contacts.md")
    assert "role to be filled in" in shield_roles(None)
    assert "role to be filled in" in renewal_role({})


def test_offices_are_called_what_they_are_called_in_the_time_of_the_profile() -> None:
    def titles(profile: str) -> dict[str, str]:
        policy = load(profile)
        return {
            each.key: f"{inline(each, None, policy)} {card(each, None, policy, 'contacts.md')}"
            for each in PURPOSES
        }

    then, now = titles("contactpoint"), titles("uk-today")
    assert "the authority's user administration" in then["user_administration"]
    assert "the directory's help desk" in now["user_administration"]
    assert [key for key, text in now.items() if "authority's" in text.lower()] == []
    assert then["first_line"] == now["first_line"]


def test_an_organisation_with_a_profile_that_is_not_known_here_has_the_usual_offices() -> None:
    stored = load().stored() | {"profile": "of-another-time"}
    assert Policy.from_stored(stored).office("authority_team") == "the authority's team"


def test_a_contact_shows_what_the_organisation_says() -> None:
    team = {
        "purpose": "authority_team",
        "office": "Children's <services>",
        "telephone": "01234 567 890",
        "email": "team@county.example",
        "address": "County Hall\nTown",
    }
    data = {"contacts": [{"purpose": "first_line", "office": "x"}, team]}
    made = card(TEAM, data, POLICY, "contacts.md")
    assert "Children&#x27;s &lt;services&gt;" in made
    assert '<a href="tel:01234567890">01234 567 890</a>' in made
    assert "County Hall, Town" in made
    assert "filled in" not in made
    assert "team@county.example" in inline(TEAM, data, POLICY)


def test_roles_of_the_organisation_stand_in_the_sentence() -> None:
    data = {"shield_roles": ["Chief officer", "Safeguarding lead"], "renewal_role": "Secretary"}
    assert shield_roles(data) == "Chief officer or Safeguarding lead"
    assert renewal_role(data) == "Secretary"


def test_a_cell_of_a_table_stays_one_cell() -> None:
    assert table(("A",), [["one | two\nthree"]]).splitlines()[-1] == "| one \\| two three |"


def test_what_an_admin_typed_is_text_and_nothing_else() -> None:
    markdown = pytest.importorskip("markdown").markdown
    typed = "[a](javascript:x) ![b](http://host.example/p) <script>x</script> `c` *d* | _e_ {: onclick=x}"
    shown = markdown(f"| A |\n| --- |\n| {literal(typed)} |", extensions=["tables", "attr_list"])
    assert re.findall("<([a-z]+)", shown) == ["table", "thead", "tr", "th", "tbody", "tr", "td"]
    assert typed in unescape(shown)
