"""What holds for every test: how many run at once, and that the user's own files, git and keychain are out of reach."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.programs import REQUIRE, missing

# The same examples on every run and every machine; `--hypothesis-profile=search` looks for more.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=50,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("ci")

#: Variables of the user's that would reach into a test.
REMOVED = ("GIT_", "CPVOL_", "SSH_", "XDG_")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a test that waits for git, a browser or a terminal leaves its own idle."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are missing, or fail it where they are required."""
    names = missing(item)
    if names:
        reason = f"not installed here: {', '.join(names)}"
        if os.environ.get(REQUIRE):
            pytest.fail(f"{reason} ({REQUIRE} is set)", pytrace=False)
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty home, a neutral git and no keychain.

    :returns: the home folder; ``CPVOL_HOME`` lies in it and does not exist yet.
    """
    for name in list(os.environ):
        if name.startswith(REMOVED):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("CPVOL_HOME", str(home / "cpvol"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("TZ", "Europe/London")
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()
    return home
