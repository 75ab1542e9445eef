"""The program before there is a task: what somebody sees who stops it while it is being loaded."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

import cpvol.__main__

ROOT = Path(__file__).resolve().parents[1]


class _Stopped:
    """Stands in the place of Ctrl and C while a module is looked for."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "cpvol.tasks.program":
            raise KeyboardInterrupt


def test_stopped_while_it_is_being_loaded_it_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "cpvol.tasks.program", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Stopped(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        cpvol.__main__.main()
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_the_command_begins_there() -> None:
    """So that nothing is loaded before somebody may stop it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"cpvol": "cpvol.__main__:main"}
    text = (ROOT / "cpvol" / "__main__.py").read_text(encoding="utf-8")
    assert "\nfrom cpvol" not in text
