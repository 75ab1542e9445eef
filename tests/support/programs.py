"""Stock programs that some promises are tested against: age, ssh-keygen, git, a browser.

A machine without one skips those tests and says why. Where ``CPVOL_REQUIRE_TOOLS`` is set, as it
is in CI, a missing program fails them instead: a promise of interoperability must not go untested
unnoticed.
"""

from __future__ import annotations

import shutil

import pytest

#: The names under which a program is found, where there is more than one.
NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome", "chrome")}

#: The environment variable that turns a skip for a missing program into a failure.
REQUIRE = "CPVOL_REQUIRE_TOOLS"


def find(program: str) -> str | None:
    """Give the full path of a program, or ``None`` when this machine does not have it."""
    found = (shutil.which(name) for name in NAMES.get(program, (program,)))
    return next((path for path in found if path), None)


def needs(*programs: str) -> pytest.MarkDecorator:
    """Mark a test, a class or (as ``pytestmark``) a module that runs these programs.

    :param programs: names as typed on a command line, for example ``"age", "ssh-keygen"``.
    """
    return pytest.mark.needs_programs(*programs)


def missing(item: pytest.Item) -> list[str]:
    """Give the programs that a collected test needs and this machine does not have."""
    marks = item.iter_markers("needs_programs")
    return sorted({name for mark in marks for name in mark.args if find(name) is None})
