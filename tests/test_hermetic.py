"""The tests' own ground: nothing of the user's is read, and a missing program is never overlooked."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import keyring
import pytest

from tests.support.programs import REQUIRE, find, needs

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]


def test_home_is_an_empty_temporary_folder(hermetic: Path) -> None:
    assert Path.home() == hermetic
    assert list(hermetic.iterdir()) == []
    assert Path(os.environ["CPVOL_HOME"]).parent == hermetic


@needs("git")
def test_git_sees_no_configuration_of_the_users(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "config", "--list"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
    assert {name for name in os.environ if name.startswith("GIT_")} == {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_TERMINAL_PROMPT",
    }


def test_the_keychain_forgets_everything() -> None:
    keyring.set_password("cpvol", "somebody", "example")
    assert keyring.get_password("cpvol", "somebody") is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps one time zone")
def test_the_clock_is_on_british_summer_time_in_july() -> None:
    assert time.localtime(1_215_000_000).tm_gmtoff == 3600


@pytest.mark.parametrize(
    ("required", "outcome"), [("", {"skipped": 1}), ("1", {"errors": 1})], ids=["here", "in CI"]
)
def test_a_missing_program_skips_here_and_fails_in_ci(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    required: str,
    outcome: dict[str, int],
) -> None:
    monkeypatch.setenv(REQUIRE, required)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nmarkers = needs_programs(*names): x\n")
    pytester.makeconftest("from tests.conftest import pytest_runtest_setup\n")
    pytester.makepyfile(
        """
        from tests.support.programs import needs

        @needs("a-program-that-nobody-has")
        def test_it():
            assert True
        """
    )
    result = pytester.runpytest_subprocess("-ra")
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["*not installed here: a-program-that-nobody-has*"])


def test_find_gives_a_full_path_or_nothing() -> None:
    assert find("a-program-that-nobody-has") is None
    git = find("git")
    assert git is None or Path(git).is_absolute()
