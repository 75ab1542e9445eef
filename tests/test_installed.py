"""Installed from its wheel, without the project's folder, cpvol does all that it does there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.programs import needs

pytestmark = needs("git")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but what the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "packages")
    return folder / "packages"


def cpvol(installed: Path, here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CPVOL_")
    } | {"PYTHONPATH": str(installed), "CPVOL_HOME": str(here / "home")}
    return subprocess.run(
        [sys.executable, "-m", "cpvol", *words],
        cwd=here,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_the_demonstration_needs_no_project_folder(installed: Path, tmp_path: Path) -> None:
    made = cpvol(installed, tmp_path, "demo")
    assert made.returncode == 0, made.stderr
    listed = cpvol(installed, tmp_path, "list", "person")
    assert "Robin" in listed.stdout
    assert not (ROOT / "records" / "demo.new").exists()
    assert (tmp_path / "home" / "records" / "demo").is_dir()


def test_the_guidance_site_comes_with_it(installed: Path, tmp_path: Path) -> None:
    made = cpvol(installed, tmp_path, "site.build")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "site" / "index.html").is_file()


def test_what_nobody_reads_to_the_end_is_no_fault(installed: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONPATH": str(installed), "CPVOL_HOME": str(tmp_path / "home")}
    with os.fdopen(writing, "w") as closed:
        ended = subprocess.run(
            [sys.executable, "-m", "cpvol", "--list"],
            cwd=tmp_path,
            env=environment,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.stderr == ""
    assert ended.returncode == 130
