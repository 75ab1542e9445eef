"""The built site in a real Firefox, from a shared drive: nothing leaves the machine, search and helpers work.

Chromium sees to the rest (``test_site_browser``). A machine without Firefox skips these tests, in CI too: there is no
one package of it for Debian and Ubuntu.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpvol.guidance.build import build
from tests.support.firefox import Firefox, find, firefox
from tests.support.phrases import PHRASES, SEARCH_BEGINS, SEARCH_FOUND, pages_of
from tests.support.site import FACTS

pytestmark = pytest.mark.skipif(find() is None, reason="Firefox is not installed")

PROJECT = Path(__file__).parent.parent
#: One of each kind, and those that are like no other.
PAGES = (
    "index.html",
    "access/index.html",
    "access/mediated.html",
    "forms/session.html",
    "reference/person.html",
    "sources/essex.html",
    "questions.html",
    "glossary.html",
    "print.html",
)
_TAB, _ENTER = "\ue004", "\ue007"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("drive") / "Shared (S) 100% & #2"
    build(PROJECT, target, FACTS)
    return target


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = find()
    assert program is not None
    with firefox(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


def test_no_request_leaves_and_nothing_goes_wrong(tab: Firefox, site: Path) -> None:
    tab.requests.clear()
    tab.complaints.clear()
    for page in PAGES:
        tab.open((site / page).as_uri())
    assert _search(tab, "token")
    inside = ("data:", "blob:", "about:", "file:")
    assert [request for request in tab.requests if not request.startswith(inside)] == []
    assert tab.complaints == []


def test_over_http_search_works_and_no_request_leaves(tab: Firefox, site: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Keep the test's output to itself."""

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    tab.requests.clear()
    tab.complaints.clear()
    try:
        tab.open(f"{address}glossary.html")
        assert "users/leaving.html" in _search(tab, "leaver")[:3]
        assert f"{address}glossary.html" in tab.requests
        inside = ("data:", "blob:", "about:", address)
        assert [request for request in tab.requests if not request.startswith(inside)] == []
        assert tab.complaints == []
    finally:
        server.shutdown()
        server.server_close()


def test_a_request_that_left_would_have_been_heard(tab: Firefox, site: Path) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/gone.png"
    tab.open((site / "index.html").as_uri())
    try:
        tab.run(
            f"new Promise(r => {{ const i = new Image(); i.onerror = r; i.src = '{address}' }})"
        )
        tab.wait_for("true")
        assert address in tab.requests
    finally:
        server.shutdown()
        server.server_close()


def test_search_finds_the_page_by_the_readers_own_words(tab: Firefox, site: Path) -> None:
    tab.open((site / "index.html").as_uri())
    found = {typed: _search(tab, typed)[:3] for typed in list(PHRASES)[::4]}
    assert {typed: got for typed, got in found.items() if PHRASES[typed] not in got} == {}


def _search(tab: Firefox, typed: str) -> list[str]:
    tab.run(SEARCH_BEGINS)
    tab.press(*typed)
    return pages_of(*tab.wait_for(SEARCH_FOUND))


def test_a_helper_is_walked_by_keyboard_and_back_leads_back(tab: Firefox, site: Path) -> None:
    for width in (1280, 320):
        tab.look(width)
        tab.open((site / "access" / "route.html").as_uri())
        assert _shown(tab) == ["route-accredited"]
        tab.run("document.querySelector('.cp-helper a[href^=\"#route-\"]').focus()")
        tab.press(_ENTER)
        tab.wait_for("document.activeElement.id === 'route-account'")
        assert _shown(tab) == ["route-account"]
        for _ in range(12):
            tab.press(_TAB)
            if tab.run("document.activeElement.hash === '#route-nominated'"):
                break
        tab.press(_ENTER)
        tab.wait_for("document.activeElement.id === 'route-nominated'")
        tab.run("history.back()")
        tab.wait_for("location.hash === '#route-account'")
        assert _shown(tab) == ["route-account"]


def _shown(tab: Firefox) -> list[str]:
    shown = tab.run(
        "[...document.querySelectorAll('.cp-helper > section')].filter(s => s.checkVisibility())"
        ".map(s => s.querySelector('h2').id)"
    )
    return [str(one) for one in shown]


def test_a_part_of_the_guide_shows_alone(tab: Firefox, site: Path) -> None:
    tab.open(f"{(site / 'print.html').as_uri()}#part-3")
    tab.wait_for("!!document.querySelector(':target')")
    shown = tab.run(
        "[...document.querySelectorAll('.cp-sheet')].filter(s => s.checkVisibility()).map(s => s.id)"
    )
    assert [one.partition("-")[0] for one in shown] == ["access"] * 5
