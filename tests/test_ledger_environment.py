"""A variable of git's that was left in the environment, as inside a hook or a script of git's own, steers nothing of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpvol.ledger.git import make_repository
from tests.support.programs import needs
from tests.support.world import World

pytestmark = needs("git")
_QUICK = "tests.support.quick_lock"

#: Each would send git to other objects, another index or configuration, or make another form of repository.
STRAY = {
    "GIT_DIR": "{}/dir",
    "GIT_WORK_TREE": "{}/tree",
    "GIT_INDEX_FILE": "{}/index",
    "GIT_OBJECT_DIRECTORY": "{}/objects",
    "GIT_COMMON_DIR": "{}/common",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
    "GIT_TRACE": "{}/trace",
}


@pytest.mark.parametrize("name", STRAY)
def test_a_repository_is_made_where_it_was_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv(name, STRAY[name].format(elsewhere))
    make_repository(tmp_path / "$HOME")
    monkeypatch.undo()
    config = (tmp_path / "$HOME" / ".git" / "config").read_text("utf-8")
    assert "bare = false" in config
    assert "worktree" not in config
    assert "objectformat" not in config.lower()
    assert (tmp_path / "$HOME" / ".git" / "objects").is_dir()
    assert list(elsewhere.iterdir()) == []


def test_records_are_made_kept_shared_backed_up_and_audited_with_all_of_them_set(
    tmp_path: Path,
) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    strays = {name: value.format(elsewhere) for name, value in STRAY.items()}
    world = World(tmp_path / "ours", strays)
    world.root.mkdir()
    page = f"--recovery-page={world.page}"
    given = ("init", "--name=Example", "--access=query", page)
    world.run(*given, module=_QUICK)
    person = {"name": "Robin Example", "engagement": "volunteer", "access": "query"}
    world.enter("person.add", **person, joined_on="01/09/2008")
    world.run("share", f"--address={tmp_path / 'place'}", "--yes")
    world.run("backup", str(tmp_path / "copy.bundle"))
    assert "hold" in world.run("audit").out
    other = World(tmp_path / "theirs", strays)
    other.root.mkdir()
    joined = ("join", f"--address={tmp_path / 'place'}", "--handle=member-2")
    other.run(*joined, f"--anchor={world.run('anchor').out.strip()}", module=_QUICK)
    assert (other.records / "members.yaml").is_file()
    assert list(elsewhere.iterdir()) == []
