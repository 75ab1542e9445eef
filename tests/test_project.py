"""The project's own files agree with each other and name nobody's machine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.programs import needs

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: Folders of a developer's own, and hosts that packages come from.
ABSOLUTE = r"(?<![\w.~-])(?:/(?:root|work|home|Users)/\w|[A-Za-z]:\\Users\\\w)"
REGISTRY = r"pypi\.org|pythonhosted\.org|[/]simple/|registry\.npmjs|deb\.debian\.org|index[-]url"
#: Paths that a page or a test may show, because they belong to nobody.
MADE_UP = r"(?:/home|/Users|[A-Za-z]:\\Users)[/\\](?:someone|robin)\b"


def declared() -> list[Requirement]:
    """Every dependency that pyproject.toml names, those of development and building included."""
    lines = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    return [Requirement(line) for line in lines]


def locked() -> list[tuple[Requirement, list[str]]]:
    """Every requirement of the lock with its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    split = [re.split(r"\s+--hash=", entry.strip()) for entry in entries]
    return [(Requirement(first), hashes) for first, *hashes in split]


def locked_versions() -> dict[str, list[Version]]:
    """The versions that the lock allows for each package: more than one where markers differ."""
    versions: dict[str, list[Version]] = {}
    for requirement, _ in locked():
        exact = Version(str(requirement.specifier).removeprefix("=="))
        versions.setdefault(canonicalize_name(requirement.name), []).append(exact)
    return versions


def tracked() -> list[Path]:
    """Every file that git tracks here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_lock_holds_a_fitting_version_of_each_dependency(requirement: Requirement) -> None:
    versions = locked_versions().get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is not in requirements.lock: make it again"
    assert all(requirement.specifier.contains(version) for version in versions)


def test_every_line_of_the_lock_is_exact_and_hashed() -> None:
    for requirement, hashes in locked():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


def test_lock_names_no_place_that_packages_come_from() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def test_lock_says_how_to_make_it_again() -> None:
    head = (ROOT / "requirements.lock").read_text(encoding="utf-8").split("\n", 2)[:2]
    assert all(line.startswith("#") for line in head)
    assert "uv pip compile --universal" in head[1]


@needs("git")
def test_no_tracked_file_names_a_developers_machine_or_a_registry() -> None:
    here = [str(place) for place in (ROOT, Path(sys.prefix)) if len(place.parts) > 2]
    never = re.compile(
        "|".join([ABSOLUTE, REGISTRY, *(re.escape(place) + r"\b" for place in here)])
    )
    found = {}
    for path in tracked():
        text = re.sub(MADE_UP, "", path.read_text(encoding="utf-8", errors="replace"))
        if match := never.search(text):
            found[path.relative_to(ROOT).as_posix()] = match[0]
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [  # in two halves, or this file would be found too
        ("open /home", "/pat/notes"),
        ("'/root", "/x'"),
        ('"/Users', '/pat"'),
        (r"C:\Users", r"\pat"),
        ("https://files.pythonhosted", ".org/x"),
        ("--index", "-url"),
    ],
    ids="".join,
)
def test_the_search_knows_what_it_looks_for(text: tuple[str, str]) -> None:
    assert re.search(f"{ABSOLUTE}|{REGISTRY}", re.sub(MADE_UP, "", "".join(text)))


def test_version_is_the_changelogs_newest() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == PROJECT["project"]["version"]


def test_every_rule_that_is_switched_off_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rules = re.findall(r'^    "[A-Z]+[0-9]+",(.*)$', text, re.MULTILINE)
    assert rules
    assert all(re.fullmatch(r" +# \S.*", reason) for reason in rules)


def test_each_promise_names_tests_that_there_are() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[a-z_]+\.py)`", text))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
    promised = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/test_promise_*.py")}
    assert promised <= named, "a promise that SECURITY.md does not tell of"
