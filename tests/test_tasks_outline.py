"""The outline of the tasks says what the tasks themselves say, and never outlives a change of them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from cpvol.tasks import namespace, outline, places, tasks_at


@pytest.fixture(autouse=True)
def _place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "_place", lambda: tmp_path / "outline.json")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_outlined_tasks_have_the_options_and_words_of_the_real_ones(tmp_path: Path) -> None:
    list(outline.tasks())
    assert (tmp_path / "outline.json").is_file()
    outlined = [
        (group, task.name, task.__doc__, [asdict(param) for param in task.params])
        for group, task in outline.tasks()
    ]
    real = [
        (group, task.name, task.__doc__, [asdict(param) for param in task.params])
        for group, place in places()
        for task in tasks_at(place)
    ]
    assert outlined == real


def test_no_two_tasks_of_a_group_share_a_name() -> None:
    names = [(group, task.name) for group, task in outline.tasks()]
    assert len(set(names)) == len(names) == len(namespace().task_names)


def test_a_changed_module_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "cpvol"
    package.mkdir()
    module = package / "logs.py"
    module.write_text("a = 1\n", encoding="ascii")
    monkeypatch.setattr(outline, "_PACKAGE", package)
    made = iter(
        [[{"group": "", "place": "site.TASKS", "name": n, "help": "", "params": []}] for n in "ab"]
    )
    monkeypatch.setattr(outline, "_made", lambda: next(made))

    def names() -> list[str]:
        return [task.name for _, task in outline.tasks()]

    assert [names(), names()] == [["a"], ["a"]]
    module.write_text("a = 22\n", encoding="ascii")
    assert [names(), names()] == [["b"], ["b"]]


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"of": 1}', b'{"tasks": []}', b"\xff"])
def test_a_spoilt_outline_is_made_anew(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "outline.json").write_bytes(kept)
    assert "init" in [task.name for _, task in outline.tasks()]


def test_where_it_cannot_be_written_the_tasks_are_there_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(outline, "_place", lambda: tmp_path / "file" / "outline.json")
    assert "init" in [task.name for _, task in outline.tasks()]


def test_listing_tasks_imports_no_log(tmp_path: Path) -> None:
    """What makes a short task short: the models, and the library they stand on, stay out of it."""
    script = (
        "import sys; from cpvol.tasks import namespace; namespace().to_contexts();"
        "print([m for m in ('pydantic', 'cpvol.logs', 'cpvol.register') if m in sys.modules])"
    )
    environ = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    root = Path(__file__).resolve().parents[1]
    said = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=root, env=environ, capture_output=True, check=True
        ).stdout.decode()
        for _ in range(2)
    ]
    assert said[1].strip() == "[]"
