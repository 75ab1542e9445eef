"""The whole guide as one document: what was a link between pages leads to a place in it."""

from __future__ import annotations

import pytest

from cpvol.guidance.whole import bind, place

LIST = (
    '<ol><li><a href="access/query.html">Step by step</a> <a href="#part-2">Only this</a></li></ol>'
)


def _bound(content: str, page: str = "access/query.html") -> str:
    """What becomes of a page's content in a document of two pages."""
    pages = f"<!--sheet 1 {page}-->{content}<!--/sheet--><!--sheet 2 glossary.html-->g<!--/sheet-->"
    return bind(f"<nav>{LIST}</nav><!--contents-->{LIST}<!--/contents--><main>{pages}</main>")


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("../glossary.html", "#glossary"),
        ("../glossary.html#token", "#glossary--token"),
        ("#end", "#access-query--end"),
        ("query.html", "#access-query"),
        ("../assets/picture.svg", "assets/picture.svg"),
        ("not-bound.html#there", "access/not-bound.html#there"),
        ("tel:01234", "tel:01234"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_a_link_leads_to_the_same_place_as_on_its_page(link: str, becomes: str) -> None:
    assert f'<a class="x" href="{becomes}">' in _bound(f'<a class="x" href="{link}">there</a>')


def test_the_list_of_contents_leads_into_the_document() -> None:
    nav, contents = _bound("").split("</nav>")
    assert '<a href="#access-query">' in contents
    assert '<a href="#part-2">' in contents
    # The site's menu still leads to the pages.
    assert '<a href="access/query.html">' in nav


def test_names_are_made_unique_and_what_points_to_them_follows() -> None:
    made = _bound('<svg aria-labelledby="a b"><title id="a">A</title></svg>')
    assert '<svg aria-labelledby="access-query--a access-query--b">' in made
    assert '<title id="access-query--a">' in made
    assert '<section class="cp-sheet" id="access-query">' in made


def test_headings_go_down_a_level_and_the_first_has_its_number() -> None:
    made = _bound('<h1 id="t">Query</h1><h2 id="u">Before</h2><h3 id="v">More</h3>')
    assert '<h2 id="access-query--t"><span class="cp-number">1</span> Query</h2>' in made
    assert '<h3 id="access-query--u">Before</h3>' in made
    assert '<h4 id="access-query--v">More</h4>' in made


def test_what_only_looks_like_a_name_or_a_link_stays() -> None:
    text = "<code>git log -- id=&quot;x&quot;</code> data-href"
    assert text in _bound(text)


def test_pages_of_one_name_in_two_folders_have_two_places() -> None:
    assert place("access/index.html") != place("shielding/index.html")
