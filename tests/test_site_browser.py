"""The built site in a real browser: nothing leaves the machine, everybody can use it, search finds, forms print.

One Chromium serves all of these tests. Reader's view: from a shared drive (``file://``, in a folder with an awkward
name) and over HTTP.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cpvol.guidance.build import build
from cpvol.guidance.helper import read_steps
from cpvol.guidance.standing import standing
from tests.support.browser import Page, browser
from tests.support.entries import whole
from tests.support.phrases import PHRASES, SEARCH_BEGINS, SEARCH_FOUND, pages_of
from tests.support.programs import find, needs
from tests.support.site import FACTS, TODAY

pytestmark = needs("chromium")

PROJECT = Path(__file__).parent.parent
HELPER_DATA = PROJECT / "site_src" / "data" / "helpers"
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
WIDE, NARROW = 1280, 320
#: WCAG 2.0 to 2.2, levels A and AA, and what axe's authors hold to be good practice.
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("drive") / "Shared (S) 100% & #2"
    facts = TODAY if os.environ.get("CPVOL_ALL_PAGES") == "uk-today" else FACTS
    counted = standing(whole(), facts.policy, facts.on)
    build(PROJECT, target, replace(facts, standing=counted))
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="module")
def sample(site: Path, pages: list[str]) -> list[str]:
    """The pages that are looked at closely: all of them when the environment says so, else a fixed choice.

    ``CPVOL_ALL_PAGES=1`` takes all pages; ``uk-today`` takes all with the numbers of the present day.

    Pages of one folder are made alike, so of each it is the middle one by size; and those that are like no other.
    """
    if os.environ.get("CPVOL_ALL_PAGES"):
        return pages
    folders: dict[str, list[str]] = {}
    for page in sorted(pages, key=lambda page: (site / page).stat().st_size):
        folders.setdefault(page.rpartition("/")[0], []).append(page)
    middle = {inside[len(inside) // 2] for inside in folders.values()}
    return sorted(middle | {"index.html", "auditors.html", "access/route.html"})


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
    tab: Page, site: Path, sample: list[str]
) -> None:
    for page in sample:
        tab.open((site / page).as_uri())
    _search(tab, "token")
    assert _leaving(tab.requests, site.as_uri()) == []
    assert tab.complaints == []


def test_over_http_no_request_leaves_and_nothing_goes_wrong(
    tab: Page, address: str, sample: list[str]
) -> None:
    for page in sample:
        tab.open(f"{address}/{page}")
    _search(tab, "token")
    assert _leaving(tab.requests, address) == []
    assert tab.complaints == []


def test_search_finds_the_page_by_the_readers_own_words(tab: Page, site: Path) -> None:
    assert len(PHRASES) >= 30
    tab.open((site / "index.html").as_uri())
    found = {typed: _search(tab, typed)[:3] for typed in PHRASES}
    assert {typed: got for typed, got in found.items() if PHRASES[typed] not in got} == {}


def test_search_works_over_http(tab: Page, address: str) -> None:
    tab.open(f"{address}/glossary.html")
    assert "users/leaving.html" in _search(tab, "leaver")[:3]


def _search(tab: Page, typed: str) -> list[str]:
    """The pages that a search finds, best first, as they stand below the site's folder."""
    tab.run(SEARCH_BEGINS)
    tab.type(typed)
    return pages_of(*tab.wait_for(SEARCH_FOUND))


def test_no_page_breaks_a_rule_of_accessibility(tab: Page, site: Path, sample: list[str]) -> None:
    found: dict[str, list[str]] = {}
    for page in sample:
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


def _axe(tab: Page, tags: list[str], part: str = "html") -> list[str]:
    options = {
        "preload": False,
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": tags},
    }
    found = tab.run(
        f"axe.run({json.dumps(part)}, {json.dumps(options)}).then(r => r.violations.flatMap(v =>"
        " v.nodes.map(n => v.id + ': ' + n.target + ' ' + (n.any[0]?.message ?? ''))))"
    )
    return [str(one) for one in found]


def test_nothing_is_wider_than_a_narrow_window(tab: Page, site: Path, sample: list[str]) -> None:
    tab.look(NARROW)
    wide = []
    for page in sample:
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


#: Each page with a decision helper.
HELPERS = {
    "route": "access/route.html",
    "shield": "shielding/decide.html",
    "report": "using/report.html",
}


def test_no_helper_is_forgotten_here() -> None:
    assert set(HELPERS) == {path.stem for path in HELPER_DATA.glob("*.yaml")}


@pytest.mark.parametrize("helper", HELPERS)
def test_every_answer_of_a_helper_is_reached_by_keyboard(
    tab: Page, site: Path, helper: str
) -> None:
    page = (site / HELPERS[helper]).as_uri()
    steps = read_steps(
        YAML(typ="safe").load(HELPER_DATA.joinpath(f"{helper}.yaml").read_text("utf-8"))
    )
    tab.open(page)
    assert _shown(tab) == [f"{helper}-{steps[0].name}"]
    reached = {steps[0].name}
    for number, step in enumerate(steps):
        # By turns, so that both widths see every kind of step; with all pages, each width sees every step.
        both = (WIDE, NARROW)
        for width in both if os.environ.get("CPVOL_ALL_PAGES") else both[number % 2 :][:1]:
            tab.look(width)
            for answer, (_, to) in enumerate(step.answers):
                tab.open(f"{page}#{helper}-{step.name}")
                _choose(tab, answer)
                assert _shown(tab) == [f"{helper}-{to}"]
                reached.add(to)
    assert reached == {step.name for step in steps}


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


@pytest.mark.parametrize("helper", HELPERS)
def test_every_state_of_a_helper_is_accessible(tab: Page, site: Path, helper: str) -> None:
    tab.open((site / HELPERS[helper]).as_uri())
    steps = tab.run("[...document.querySelectorAll('.cp-helper h2')].map(h => h.id)")
    tab.run(AXE)
    for step in steps:
        tab.run(f"location.hash = '{step}'")
        assert _shown(tab) == [step]
        assert _axe(tab, STANDARDS, ".cp-helper") == []


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


#: Pages that somebody takes along or pins up: each on one sheet.
SHORT = (
    "index.html",
    "contacts.html",
    "roles/mediation.html",
    "roles/practitioner.html",
    "roles/safeguarding.html",
    "roles/trustees.html",
    "users/joining.html",
    "users/leaving.html",
    "using/disputes.html",
    "using/support.html",
    "shielding/override.html",
    "shielding/reviews.html",
)


def test_short_pages_print_on_one_sheet(tab: Page, site: Path) -> None:
    printed = {}
    for page in SHORT:
        tab.open((site / page).as_uri())
        printed[page] = _sheets(tab.print())
    assert printed == dict.fromkeys(SHORT, 1)


def test_a_part_of_the_guide_shows_and_prints_alone(tab: Page, site: Path) -> None:
    tab.open((site / "access/route.html").as_uri())
    part = tab.run("document.querySelector('.cp-paper a').href")
    tab.open(part)
    shown = "[...document.querySelectorAll('.cp-sheet')].filter(s => s.checkVisibility()).map(s => s.id)"
    access = ["index", "route", "query", "mediated", "questions"]
    assert tab.run(shown) == [f"access-{page}" for page in access]
    assert len(access) <= _sheets(tab.print()) <= 4 * len(access)
    # What stands in another part is still one step away.
    tab.run("document.querySelector(':target .cp-part-name a').click()")
    assert len(tab.run(shown)) > len(access)


@pytest.mark.skipif(
    not os.environ.get("CPVOL_ALL_PAGES"), reason="printing the whole guide takes seconds"
)
def test_the_whole_guide_prints(tab: Page, site: Path, pages: list[str]) -> None:
    tab.open((site / "print.html").as_uri())
    assert len(pages) < _sheets(tab.print()) < 4 * len(pages)


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
