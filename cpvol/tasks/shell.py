"""What somebody types into a shell: how our two programs are called from where they stand, and how a variable is set."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Literal

from cpvol.tasks.session import Session


def program(session: Session, *, menu: bool = False) -> str:
    """What stands before a task's name such that the line can be copied into the same window.

    :param menu: whether it shall open the menu instead, which ``inv`` does not.
    """
    # `inv` looks for tasks.py upwards from where one stands; `cpvol` needs none.
    here = session.project is not None and Path.cwd().is_relative_to(session.project)
    return _called("inv" if here and not menu else "cpvol")


def _called(name: Literal["inv", "cpvol"]) -> str:
    script = Path(sys.executable).with_name(f"{name}.exe" if os.name == "nt" else name)
    if not script.is_file():
        module = {"inv": "invoke", "cpvol": "cpvol"}[name]
        return f"{_quoted(Path(sys.executable))} -m {module}"
    found = shutil.which(name)
    if found and Path(found) == script:
        return name
    if script.is_relative_to(Path.cwd()):
        return _quoted(Path(script.relative_to(Path.cwd())).with_suffix(""))
    return _quoted(script)


def _quoted(path: Path) -> str:
    if os.name == "nt":
        return f"& {_literal(str(path))}" if re.search(r"[^\w.:/\\-]", str(path)) else str(path)
    return shlex.quote(str(path))


def _literal(text: str) -> str:
    """A text as PowerShell takes it word for word."""
    return "'" + text.replace("'", "''") + "'"


def set_for_this_window(name: str, value: str) -> str:
    """What sets an environment variable until the window is closed."""
    if os.name == "nt":
        return f"$env:{name} = {_literal(value)}"
    return f"export {name}={shlex.quote(value)}"
