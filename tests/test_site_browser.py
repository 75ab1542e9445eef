"""The built site in a real browser: nothing leaves the machine, everybody can use it, search finds, forms print.

One Chromium serves all of these tests. Reader's view: from a shared drive (``file://``, in a folder with an awkward
name) and over HTTP.
"""

from __future__ import annotations

import functools
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cpvol.guidance.build import build
from tests.support.browser import Page, browser
from tests.support.programs import find, needs
from tests.support.site import FACTS

pytestmark = needs("chromium")

PROJECT = Path(__file__).parent.parent
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
WIDE, NARROW = 1280, 320
#: WCAG 2.0 to 2.2, levels A and AA, and what axe's authors hold to be good practice.
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("drive") / "Shared (S) 100% & #2"
    build(PROJECT, target, FACTS)
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = find("chromium")
    assert program is not None
    with browser(program, tmp_path_factory.mktemp("profile")) as running:
        yield running.page()


@pytest.fixture(autouse=True)
def _anew(request: pytest.FixtureRequest) -> None:
    tab: Page = request.getfixturevalue("tab")
    tab.look(WIDE)
    tab.forget()


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Keep the test's output to itself."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _leaving(requests: list[str], home: str) -> list[str]:
    inside = ("data:", "blob:", "about:", home)
    return [request for request in requests if not request.startswith(inside)]


def test_from_a_shared_drive_no_request_leaves_and_nothing_goes_wrong(
    tab: Page, site: Path, pages: list[str]
) -> None:
    for page in pages:
        tab.open((site / page).as_uri())
    _search(tab, "token")
    assert _leaving(tab.requests, site.as_uri()) == []
    assert tab.complaints == []


def test_over_http_no_request_leaves_and_nothing_goes_wrong(
    tab: Page, address: str, pages: list[str]
) -> None:
    for page in pages:
        tab.open(f"{address}/{page}")
    _search(tab, "token")
    assert _leaving(tab.requests, address) == []
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("dongle", "index.html"),
        ("locked out", "index.html"),
        ("someone looks for me", "access/mediated.html"),
        ("query-based", "access/query.html"),
        ("secure reference", "access/mediated.html"),
        ("which route", "access/route.html"),
        ("FAQ", "access/questions.html"),
        ("CRB", "users/joining.html"),
        ("DBS", "users/joining.html"),
        ("leaver", "users/leaving.html"),
        ("retention schedule", "records/index.html"),
        ("how long", "records/index.html"),
        ("phone numbers", "contacts.html"),
        ("trawling", "glossary.html"),
        ("verify", "auditors.html"),
        ("screen reader", "about/accessibility.html"),
    ],
)
def test_search_finds_the_page_by_the_readers_own_words(
    tab: Page, site: Path, typed: str, page: str
) -> None:
    tab.open((site / "index.html").as_uri())
    assert page in _search(tab, typed)[:3]


def test_search_works_over_http(tab: Page, address: str) -> None:
    tab.open(f"{address}/glossary.html")
    assert "users/leaving.html" in _search(tab, "leaver")[:3]


def _search(tab: Page, typed: str) -> list[str]:
    """The pages that a search finds, best first, as they stand below the site's folder."""
    tab.run("document.querySelector('.md-search__input').focus()")
    tab.type(typed)
    found = tab.wait_for(
        "(() => { const links = [...document.querySelectorAll('.md-search-result__item > .md-search-result__link')];"
        " return links.length && links.map(link => link.href) })()"
    )
    base = tab.run(
        "new URL(JSON.parse(document.getElementById('__config').textContent).base + '/', location).href"
    )
    paths = [
        urlsplit(link.removeprefix(base))._replace(query="", fragment="").geturl() for link in found
    ]
    return list(dict.fromkeys(paths))


def test_no_page_breaks_a_rule_of_accessibility(tab: Page, site: Path, pages: list[str]) -> None:
    found: dict[str, list[str]] = {}
    for page in pages:
        tab.look(WIDE)
        tab.open((site / page).as_uri())
        tab.run(AXE)
        for width in (WIDE, NARROW):
            tab.look(width)
            tab.wait_for("document.body.dataset.mdColorScheme === 'default'")
            found[f"{page} at {width}"] = _axe(tab, STANDARDS)
            # The dark colours change nothing but colours.
            tab.look(width, dark=True)
            tab.wait_for("document.body.dataset.mdColorScheme === 'slate'")
            found[f"{page} at {width}, dark"] = _axe(tab, ["cat.color"])
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def _axe(tab: Page, tags: list[str]) -> list[str]:
    options = {
        "preload": False,
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": tags},
    }
    found = tab.run(
        f"axe.run(document, {json.dumps(options)}).then(r => r.violations.flatMap(v =>"
        " v.nodes.map(n => v.id + ': ' + n.target + ' ' + (n.any[0]?.message ?? ''))))"
    )
    return [str(one) for one in found]


def test_nothing_is_wider_than_a_narrow_window(tab: Page, site: Path, pages: list[str]) -> None:
    tab.look(NARROW)
    wide = []
    for page in pages:
        tab.open((site / page).as_uri())
        if tab.run("document.documentElement.scrollWidth") > NARROW:
            wide.append(page)
    assert wide == []


def _focus(tab: Page) -> str:
    return str(
        tab.run(
            "(() => { const at = document.activeElement;"
            " return at.getAttribute('aria-label') || at.textContent.trim() || at.tagName })()"
        )
    )


def _tab_to(tab: Page, name: str) -> None:
    for _ in range(40):
        if _focus(tab) == name:
            return
        tab.press("Tab")
    raise AssertionError(f"no keyboard reaches {name}")


def test_narrow_the_keyboard_reaches_the_menu_and_comes_back(tab: Page, site: Path) -> None:
    tab.look(NARROW)
    tab.open((site / "index.html").as_uri())
    _tab_to(tab, "Menu")
    tab.press("Enter")
    assert _focus(tab) == "Start"
    tab.press("Escape")
    assert _focus(tab) == "Menu"
    assert tab.run("document.querySelector('.cp-menu').ariaExpanded") == "false"


def test_narrow_a_page_can_be_chosen_from_the_menu_by_keyboard(tab: Page, site: Path) -> None:
    tab.look(NARROW)
    tab.open((site / "index.html").as_uri())
    _tab_to(tab, "Menu")
    tab.press(" ")
    _tab_to(tab, "Users")
    tab.press("Enter")
    _tab_to(tab, "Leaving")
    tab.press("Enter")
    tab.wait_for("location.pathname.endsWith('/users/leaving.html')")


def test_narrow_the_keyboard_reaches_search_and_comes_back(tab: Page, site: Path) -> None:
    tab.look(NARROW)
    tab.open((site / "index.html").as_uri())
    _tab_to(tab, "Search")
    tab.press("Enter")
    tab.wait_for("document.activeElement.matches('.md-search__input')")
    tab.type("leaver")
    tab.wait_for("!!document.querySelector('.md-search-result__link')")
    tab.press("Escape")
    tab.wait_for("document.activeElement.matches('.cp-find')")


def test_narrow_nothing_off_the_screen_takes_the_focus(tab: Page, site: Path) -> None:
    tab.look(NARROW)
    tab.open((site / "access/mediated.html").as_uri())
    stops = 0
    while stops < 80:
        tab.press("Tab")
        seen = tab.run(
            "(() => { const at = document.activeElement; if (at === document.body) return null;"
            " const box = at.getBoundingClientRect(); const palette = at.matches('.md-option, .md-skip');"
            " return palette || (box.right > 0 && box.left < innerWidth && at.checkVisibility({"
            "visibilityProperty: true, opacityProperty: true})) ? true : at.outerHTML.slice(0, 120) })()"
        )
        if seen is None:
            break
        assert seen is True
        stops += 1
    assert stops > 10


def test_single_letters_do_nothing_outside_a_field(tab: Page, site: Path) -> None:
    tab.open((site / "index.html").as_uri())
    for letter in "sfnp":
        tab.press(letter)
    assert tab.run("location.pathname.endsWith('/index.html')")
    assert tab.run("document.activeElement === document.body")


def _shown(tab: Page) -> list[str]:
    shown = tab.run(
        "[...document.querySelectorAll('.cp-helper > section')].filter(s => s.checkVisibility())"
        ".map(s => s.querySelector('h2').id)"
    )
    return [str(one) for one in shown]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_answer_of_the_helper_is_reached_by_keyboard(
    tab: Page, site: Path, width: int
) -> None:
    tab.look(width)
    page = (site / "access/route.html").as_uri()
    ends, ways = set(), [[]]  # type: ignore[var-annotated]
    while ways:
        way = ways.pop()
        tab.open(page)
        for answer in way:
            tab.run("document.querySelector('main a')?.blur()")
            _choose(tab, answer)
        (step,) = _shown(tab)
        answers = tab.run(
            f"document.getElementById('{step}').parentElement.querySelectorAll('li').length"
        )
        if not answers:
            ends.add(step)
        ways += [[*way, number] for number in range(answers)]
    assert ends == {
        f"route-{end}"
        for end in (
            "query", "authority", "colleague", "third-party", "password", "token", "wait", "no-route", "ask",
        )
    }  # fmt: skip


def _choose(tab: Page, answer: int) -> None:
    """Follow one answer of the step that shows: Tab from its heading to the link, then Enter."""
    (step,) = _shown(tab)
    link = f"document.getElementById('{step}').parentElement.querySelectorAll('li a')[{answer}]"
    # The first step has no heading that a link led to; the others have the focus on theirs.
    tab.run(f"document.getElementById('{step}').focus()")
    for _ in range(12):
        tab.press("Tab")
        if tab.run(f"document.activeElement === {link}"):
            break
    to = tab.run(f"{link}.hash.slice(1)")
    tab.press("Enter")
    tab.wait_for(f"document.activeElement.id === '{to}'")
    assert _shown(tab) == [to]


def test_back_leads_to_the_question_before(tab: Page, site: Path) -> None:
    tab.open((site / "access/route.html").as_uri())
    _choose(tab, 0)
    _choose(tab, 1)
    tab.run("history.back()")
    tab.wait_for("location.hash === '#route-account'")
    assert _shown(tab) == ["route-account"]


def test_every_state_of_the_helper_is_accessible(tab: Page, site: Path) -> None:
    tab.open((site / "access/route.html").as_uri())
    steps = tab.run("[...document.querySelectorAll('.cp-helper h2')].map(h => h.id)")
    tab.run(AXE)
    for step in steps:
        tab.run(f"location.hash = '{step}'")
        assert _shown(tab) == [step]
        assert _axe(tab, STANDARDS) == []


def _sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_each_form_prints_on_one_sheet_of_a4(tab: Page, site: Path, pages: list[str]) -> None:
    forms = [
        page for page in pages if page.startswith("forms/") and not page.endswith("index.html")
    ]
    assert forms
    for form in forms:
        tab.look(WIDE, dark=True)
        tab.open((site / form).as_uri())
        pdf = tab.print()
        assert (form, _sheets(pdf)) == (form, 1)
        assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]", pdf)


def test_every_step_of_the_helper_prints(tab: Page, site: Path) -> None:
    tab.open((site / "access/route.html").as_uri())
    tab.send("Emulation.setEmulatedMedia", media="print")
    try:
        assert len(_shown(tab)) == tab.run(
            "document.querySelectorAll('.cp-helper > section').length"
        )
    finally:
        tab.send("Emulation.setEmulatedMedia", media="")


def test_without_scripts_the_menu_is_there_and_the_helper_works(tab: Page, site: Path) -> None:
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        for width in (WIDE, NARROW):
            tab.look(width)
            tab.open((site / "index.html").as_uri())
            tab.open((site / "access/route.html").as_uri() + "#route-account")
            assert _shown(tab) == ["route-account"]
            assert tab.run(
                "document.querySelector('#cp-nav a').checkVisibility({visibilityProperty: true})"
            )
    finally:
        tab.send("Emulation.setScriptExecutionDisabled", value=False)
