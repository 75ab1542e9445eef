"""The recovery page on paper: one sheet, and nothing on it is cut off."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from cpvol.reports.recovery_page import recovery_page
from cpvol.vault import recovery
from tests.support.browser import browser
from tests.support.programs import find, needs


@needs("chromium")
def test_the_page_is_one_sheet_and_the_anchor_on_it_is_whole(tmp_path: Path) -> None:
    secret = recovery.generate()
    anchor = f"cpvol-anchor-1:{'d' * 40}:SHA256:{'W' * 43}"
    words = "boulder iguana chimney badge coconut lantern sailor broom"
    page = recovery_page(
        "The Example Family Support and Advice Trust of Somewhere",
        secret,
        recovery.groups(secret),
        words,
        anchor,
        date(2009, 3, 31),
    )
    path = tmp_path / "page.html"
    path.write_bytes(page)
    with browser(find("chromium") or "", tmp_path / "profile") as running:
        shown = running.page()
        shown.open(path.as_uri())
        too_wide = shown.run(
            "[...document.querySelectorAll('footer, .row > *, p')]"
            ".filter(each => each.scrollWidth > each.clientWidth + 1).length"
        )
        pdf = shown.print()
    assert too_wide == 0
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
