"""A person at a computer: an organisation's records, a credential, and the real program run as they would run it.

Every run is a process of its own that sees nothing of this machine: its home, temporary and working folders lie in the
world's own folder. Making a credential takes seconds of scrypt on purpose, so worlds are copied from one that was
made once, under a lock that opens in milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cpvol.vault import credential, recovery

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "weather vane copper"

posix = pytest.mark.skipif(os.name == "nt", reason="uses what only POSIX systems have")

_UNWANTED = ("GIT_", "CPVOL_", "SSH_", "XDG_", "PYTEST_")


@dataclass(frozen=True)
class Done:
    """How a run ended: its exit status (negative: the signal that ended it), and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


@dataclass
class World:
    """One person's computer.

    :param root: the folder that all of it lies in.
    :param extra: environment variables of every run, beside those that name the folders.
    """

    root: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Path:
        """The records repository."""
        return self.root / "records"

    @property
    def home(self) -> Path:
        """The folder that ``CPVOL_HOME`` names."""
        return self.root / "home"

    @property
    def page(self) -> Path:
        """The recovery page that ``init`` wrote."""
        return self.root / "recovery-page.html"

    @property
    def temporary(self) -> Path:
        """The folder for temporary files."""
        return self.root / "tmp"

    def env(self, **changes: str | None) -> dict[str, str]:
        """The environment of a run; ``None`` takes a variable out."""
        kept = {
            key: value for key, value in os.environ.items() if not key.upper().startswith(_UNWANTED)
        }
        kept |= {
            "HOME": str(self.root / "user"),
            "USERPROFILE": str(self.root / "user"),
            "APPDATA": str(self.root / "user" / "appdata"),
            "LOCALAPPDATA": str(self.root / "user" / "appdata"),
            "TMPDIR": str(self.temporary),
            "TEMP": str(self.temporary),
            "TMP": str(self.temporary),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "CPVOL_HOME": str(self.home),
            "CPVOL_RECORDS": str(self.records),
            "CPVOL_PASSPHRASE": PASSPHRASE,
            "TZ": "Europe/London",
        }
        for key, value in (self.extra | changes).items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value
        return kept

    def run(
        self,
        *args: str,
        status: int | None = 0,
        module: str = "cpvol",
        env: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> Done:
        """Run a task with nobody at the keyboard.

        :param status: the exit status that it must have, or ``None`` for any.
        :param module: what ``python -m`` runs.
        :param env: changes to the environment.
        :param options: for :func:`subprocess.run`.
        """
        for folder in ("cwd", "user", "tmp"):
            (self.root / folder).mkdir(exist_ok=True)
        options.setdefault("cwd", self.root / "cwd")
        ended = subprocess.run(
            [sys.executable, "-m", module, *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=self.env(**dict(env or {})),
            timeout=120,
            **options,
        )
        done = Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
        assert status is None or done.status == status, (args, done)
        return done

    def enter(self, task: str, *args: str, **fields: str) -> dict[str, Any]:
        """Run a task that makes or changes an entry.

        :returns: what it prints with ``--json``.
        """
        options = [f"--{name.replace('_', '-')}={value}" for name, value in fields.items()]
        found: dict[str, Any] = self.run(task, *args, *options, "--json").json
        return found

    def shown(self, id: str) -> dict[str, Any]:
        """An entry as ``show --json`` gives it."""
        found: dict[str, Any] = self.run("show", id, "--json").json
        return found

    def git(self, *args: str, check: bool = True) -> str:
        """Run stock git in the records."""
        return stock_git(self.records, *args, check=check)

    def files(self) -> dict[str, str]:
        """A digest of every file that a task could change, git's own included."""
        found: dict[str, str] = {}
        for place in (self.records, self.home, self.root / "user", self.page):
            for path in sorted([place, *place.rglob("*")] if place.exists() else []):
                # The lock is an empty file that stays; held or not is the system's to know.
                if path.is_file() and path.parts[-2:] != ("cpvol", "lock"):
                    name = path.relative_to(self.root).as_posix()
                    found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def identity(self) -> credential.Identity:
        """The unlocked credential."""
        sealed = (self.home / "identity.age").read_bytes()
        passphrase = self.extra.get("CPVOL_PASSPHRASE", PASSPHRASE)
        return credential.decode(credential.unlock(sealed, passphrase))[0]

    def recovery(self) -> credential.Identity:
        """The keys on the recovery page."""
        return recovery.identity(page_secret(self.page))

    def copy(self, root: Path) -> World:
        """The same world in another folder."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        return World(root, dict(self.extra))


def stock_git(folder: Path, *args: str, check: bool = True) -> str:
    """Run git as an outsider has it, with nobody's configuration."""
    ended = subprocess.run(
        ["git", *args],
        cwd=folder,
        capture_output=True,
        check=False,
        env=os.environ
        | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"},
    )
    assert not check or ended.returncode == 0, (args, ended.stderr)
    return ended.stdout.decode()


def page_secret(page: Path) -> str:
    """The groups on a recovery page, as a person would type them off it."""
    reader = _Groups()
    reader.feed(page.read_text(encoding="utf-8"))
    assert [len(group) for group in reader.groups] == [5] * 10 + [4] * 2
    return " ".join(reader.groups)


class _Groups(HTMLParser):
    """Takes the numbered groups out of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "span" and "data-n" in dict(attrs)

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.groups.append(data)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._inside = False


def refused(
    world: World,
    *args: str,
    says: str,
    hint: str = "",
    hidden: tuple[str, ...] = (),
    env: Mapping[str, str | None] | None = None,
    module: str = "cpvol",
) -> Done:
    """Run a task that must be refused: status 2, a line, a hint, nothing on standard output, nothing changed.

    :param says: a pattern that the line must match.
    :param hint: a pattern that the hint must match.
    :param hidden: texts that must not be repeated.
    """
    before = world.files()
    done = world.run(*args, status=None, env=env, module=module)
    assert_refusal(done, says, hint, hidden)
    assert world.files() == before
    return done


def assert_refusal(done: Done, says: str, hint: str = "", hidden: tuple[str, ...] = ()) -> None:
    """Check how a refusal looks; see :func:`refused`."""
    assert done.status == 2, done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "inside the program" not in done.err
    *_, line, told = done.err.splitlines()
    assert line.startswith("cpvol: "), done.err
    assert re.search(says, line), done.err
    assert re.match(r"  \S", told), done.err
    assert re.search(hint, told), done.err
    assert max(len(line), len(told)) < 400
    for text in hidden:
        assert text not in done.err


def found(root: Path) -> World:
    """Make a world with empty records, by the program's own ``init``."""
    world = World(root)
    world.run(
        "init",
        "--name=Example Family Support",
        "--access=both",
        f"--recovery-page={world.page}",
        module="tests.support.quick_lock",
    )
    return world


def ids(world: World, log: str) -> list[str]:
    """The ids of a log's entries, by stock git."""
    names = world.git("ls-tree", "-r", "--name-only", "main", f"{log}/").split()
    return sorted(name.rpartition("/")[2].partition(".")[0] for name in names)


def tasks() -> Iterator[str]:
    """Every task of the program, by name."""
    from cpvol.tasks import namespace

    yield from sorted(namespace().task_names)
