"""Imports point down: the layers of ARCHITECTURE.md, held over the source of every module.

The unit is a package or module directly under ``cpvol``. Imports inside functions and under
``TYPE_CHECKING`` count as well, since what a module knows is what binds it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: What stands on nothing but errors, and what everybody may use.
LEAVES = {"errors", "findings", "dates", "codec", "files", "publickeys"}
_DATA = {"logs", "policy"} | LEAVES
_PURE = {"compliance", "retention", "audit"} | _DATA

#: What each unit may import, besides itself.
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "findings": {"errors"},
    "dates": {"errors"},
    "codec": {"errors"},
    "files": {"errors"},
    "publickeys": set(),
    "logs": LEAVES,
    "policy": {"logs"} | LEAVES,
    "vault": LEAVES,
    "ledger": LEAVES,
    "register": {"vault", "ledger"} | _DATA,
    "audit": {"ledger"} | _DATA,
    "opening": {"register", "vault"} | _DATA,
    # Made by somebody who has no records and no keys, so there is no register.
    "confide": {"vault"} | _DATA,
    # The keys that are given come from the keyring, and are sealed by what opens them again.
    "granting": {"register", "ledger", "membership", "opening"} | _DATA,
    "compliance": {"retention"} | _DATA,
    "retention": _DATA,
    "reports": _PURE,
    "exchange": _PURE,
    "letters": _PURE,
    "guidance": _PURE,
    # What may go is asked once more at the last moment, so the rules of retention are asked here.
    "disposal": {"register", "ledger", "retention", "granting"} | _DATA,
    "membership": {"register", "ledger"} | _DATA,
    "governance": {"register", "ledger"} | _DATA,
    "sync": {"register", "ledger", "membership", "audit", "disposal", "retention"} | _DATA,
    "demo": _DATA,
}
LAYERS["tasks"] = set(LAYERS)
LAYERS["__main__"] = {"tasks"}

#: The one module in which the two meet; nowhere else do both appear in one file.
MEETING = ("register", {"vault", "ledger"})

#: What the tasks may know of either: a person's own keys and the recovery page, and the form of
#: an id, of public keys and of a disposal. What opens, seals or runs git is the register's.
TASKS_MAY_KNOW = {
    "vault": {"credential", "recovery", "words"},
    "ledger": {"layout", "members", "disposals"},
}

#: Only the rim of the program touches what lies outside it; everybody else is given it.
RIM = "tasks"
RIM_ONLY = {
    "print",
    "input",
    "getpass.getpass",
    "os.environ",
    "os.environb",
    "os.getenv",
    "sys.stdin",
    "sys.stdout",
    "sys.stderr",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
}

#: Modules below the rim that may use such a name all the same, each for the reason beside it.
EXCEPTIONS = {
    # Takes the environment only to hand it on to git without whatever would steer git.
    ("cpvol/ledger/git.py", "os.environ"),
}

#: Only one package runs programs, git above all.
RUNNER = "ledger"
RUNNER_ONLY = {"git", "subprocess", "os.system", "os.popen", "os.startfile"}


def problems(root: Path) -> list[str]:
    """Check every module of the package ``cpvol`` under a folder.

    :returns: one line per broken rule: ``path:line: what``; empty when the layers hold.
    """
    package = root / "cpvol"
    return [
        f"{path.relative_to(root).as_posix()}:{line}: {problem}"
        for path in sorted(package.rglob("*.py"))
        for line, problem in _problems_of(Module(path, root))
    ]


class Module:
    """One source file: where it stands, what it imports, and which outside names it uses."""

    def __init__(self, path: Path, root: Path) -> None:
        parts = path.relative_to(root).with_suffix("").parts
        self.package = parts[:-1]  # that of a module, and of an __init__ itself
        self.unit = parts[1]
        self.path = path.relative_to(root).as_posix()
        self.root = root
        self.tree = ast.parse(path.read_bytes(), str(path))
        #: Local name -> what it stands for, with dots; a name that nothing defines is a builtin.
        self.names = {"print": "print", "input": "input"}
        self.imports: list[tuple[int, str]] = []
        for node in ast.walk(self.tree):
            self._note_import(node)

    def _note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append((node.lineno, alias.name))
                bound = alias.name if alias.asname else alias.name.split(".")[0]
                self.names[alias.asname or bound] = bound
        elif isinstance(node, ast.ImportFrom):
            origin = self._origin(node)
            for alias in node.names:
                self.imports.append((node.lineno, f"{origin}.{alias.name}"))
                self.names[alias.asname or alias.name] = f"{origin}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func).rsplit(".", 1)[-1]
            if called in {"import_module", "__import__"}:
                self.imports.append((node.lineno, str(node.args[0].value)))

    def _origin(self, node: ast.ImportFrom) -> str:
        """Give the full dotted name of the module that a ``from`` imports out of."""
        if not node.level:
            return node.module or ""
        above = self.package[: len(self.package) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])

    def edges(self) -> Iterator[tuple[int, str]]:
        """Give the line and the name of each unit of cpvol that is imported here."""
        for line, name in self.imports:
            first, *rest = name.split(".")
            if first == "cpvol" and rest and self._is_unit(rest[0]):
                yield line, rest[0]

    def parts(self) -> Iterator[tuple[int, str, str]]:
        """Give the line, the unit and the module in it of each import out of a package here."""
        for line, name in self.imports:
            first, *rest = name.split(".")
            if first == "cpvol" and len(rest) > 1:
                yield line, rest[0], rest[1]

    def _is_unit(self, name: str) -> bool:
        """Tell a unit from a name such as ``__version__`` that the package itself defines."""
        place = self.root / "cpvol" / name
        return name in LAYERS or place.is_dir() or place.with_suffix(".py").is_file()

    def uses(self) -> Iterator[tuple[int, str]]:
        """Give the line and the full dotted name of each outside name that is used or imported."""
        yield from self.imports
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name | ast.Attribute) and (name := self._dotted(node)):
                yield node.lineno, name

    def _dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.names.get(node.id, "")
        if isinstance(node, ast.Attribute) and (left := self._dotted(node.value)):
            return f"{left}.{node.attr}"
        return ""


def _problems_of(module: Module) -> Iterator[tuple[int, str]]:
    if module.unit != "__init__" and module.unit not in LAYERS:
        yield 1, f"{module.unit} has no place in LAYERS yet"
        return
    allowed = LAYERS.get(module.unit, set()) | {module.unit}
    for line, target in module.edges():
        if target not in allowed:
            yield line, f"{module.unit} may not import {target}"
    yield from _meetings_of(module)
    for line, name in sorted(set(module.uses())):
        if (module.path, name) in EXCEPTIONS:
            continue
        if name in RIM_ONLY and module.unit != RIM:
            yield line, f"only {RIM} may use {name}"
        if _names(name, RUNNER_ONLY) and module.unit != RUNNER:
            yield line, f"only {RUNNER} may use {name}"


def _meetings_of(module: Module) -> Iterator[tuple[int, str]]:
    meeting, both = MEETING
    if module.unit == RIM:
        for line, target, part in module.parts():
            if target in both and part not in TASKS_MAY_KNOW[target]:
                yield line, f"{RIM} may not know {target}.{part}"
    elif module.unit != meeting and both <= {unit for _, unit in module.edges()} | {module.unit}:
        yield 1, f"only {meeting} may import {' and '.join(sorted(both))} together"


def _names(name: str, things: set[str]) -> bool:
    return any(name == thing or name.startswith(f"{thing}.") for thing in things)


def test_every_import_points_down() -> None:
    assert problems(ROOT) == []


def test_the_layers_have_no_circle() -> None:
    order: list[str] = []
    while left := set(LAYERS) - set(order):
        ready = sorted(unit for unit in left if LAYERS[unit] - {unit} <= set(order))
        assert ready, f"a circle among {sorted(left)}"
        order += ready


def circles(imports: dict[str, set[str]]) -> list[str]:
    """The modules from which imports lead back to themselves."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            new = imports[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    return sorted(name for name in imports if name in reached(name))


def test_no_module_leads_back_to_itself() -> None:
    """Everything can be read from the bottom up; only the list of all tasks stands apart, which the menu asks."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / "cpvol").rglob("*.py")
        if path.relative_to(ROOT).parts[1:] != (RIM, "__init__.py")
    }
    imports: dict[str, set[str]] = {}
    for name, path in modules.items():
        named = {each for _, each in Module(path, ROOT).imports}
        # `from cpvol.ledger import git` names a module; `from cpvol.ledger.git import Git` something in one.
        named = {each if each in modules else each.rpartition(".")[0] for each in named}
        imports[name] = (named & modules.keys()) - {name}
    assert circles(imports) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


BROKEN = {
    "policy to register": ("policy/rules.py", "from cpvol.register import Register"),
    "inside a function": ("vault/key.py", "def f():\n    from cpvol import ledger"),
    "for types only": (
        "logs/base.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import cpvol.policy.rules",
    ),
    "relative": ("logs/base.py", "from ..policy import rules"),
    "relative from a package": ("logs/__init__.py", "from .. import policy"),
    "by its name as text": (
        "logs/base.py",
        "import importlib\nimportlib.import_module('cpvol.tasks.site')",
    ),
    "leaf to package": ("errors.py", "import cpvol.logs"),
    "audit to vault": ("audit/check.py", "from cpvol.vault.envelope import seal"),
    "a unit nobody placed": ("helpers.py", ""),
    "a task that opens records": ("tasks/show.py", "from cpvol.vault.envelope import open_"),
    "a task that runs git": ("tasks/show.py", "from cpvol.ledger import git"),
    "both sides below the tasks": (
        "sync.py",
        "from cpvol.vault import key\nfrom cpvol.ledger import chain",
    ),
    "ledger to vault": ("ledger/chain.py", "import cpvol.vault"),
    "prints": ("register.py", "print('x')"),
    "prints through another name": ("register.py", "import sys as s\ns.stderr.write('x')"),
    "asks": ("guidance/pages.py", "answer = input('?')"),
    "reads the environment beside the exception": (
        "ledger/chain.py",
        "import os\nos.environ['GIT_DIR']",
    ),
    "reads the environment": ("vault/key.py", "import os\nos.environ['HOME']"),
    "reads it by another name": ("vault/key.py", "from os import environ as e\ne['HOME']"),
    "asks for today": ("retention/due.py", "from datetime import date\ndate.today()"),
    "asks for today unseen": (
        "retention/due.py",
        "import datetime as dt\nfield(default_factory=dt.date.today)",
    ),
    "asks for now": ("ledger/chain.py", "from datetime import datetime\ndatetime.now()"),
    "runs a program": ("guidance/build.py", "from subprocess import run"),
    "runs git": ("register.py", "def f():\n    import git.repo"),
    "runs a shell": ("tasks/site.py", "import os\nos.system('x')"),
}


@pytest.mark.parametrize(("path", "source"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_caught(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, path, source)
    assert problems(tmp_path) != []


SOUND = {
    "downwards": ("register.py", "from cpvol.vault import key\nfrom cpvol.ledger import chain"),
    "skipping a layer": ("tasks/add.py", "from cpvol.logs.person import Person"),
    "its own package": ("logs/__init__.py", "from . import base\nfrom cpvol.logs import person"),
    "a leaf": ("vault/key.py", "from cpvol import errors, dates"),
    "a name of the package": ("vault/key.py", "from cpvol import __doc__ as title"),
    "the rim": (
        "tasks/add.py",
        "import os\nfrom datetime import date\nprint(os.environ, date.today(), input())",
    ),
    "a task that makes keys": (
        "tasks/init.py",
        "from cpvol.vault import credential\nfrom cpvol.ledger.members import Keys",
    ),
    "the exception": ("ledger/git.py", "import os\ndict(os.environ)"),
    "the runner": ("ledger/git.py", "import subprocess\nfrom git import Repo"),
    "a name that only looks alike": (
        "ledger/chain.py",
        "from cpvol.ledger import git\ndef f(out):\n    out.print(out.environ, out.today())",
    ),
    "a day that was given": ("dates.py", "from datetime import date\ndate(2009, 1, 31)"),
}


@pytest.mark.parametrize(("path", "source"), SOUND.values(), ids=SOUND)
def test_a_sound_module_passes(tmp_path: Path, path: str, source: str) -> None:
    plant(tmp_path, path, source)
    assert problems(tmp_path) == []


def plant(root: Path, path: str, source: str) -> None:
    """Write one module of a made-up package."""
    place = root / "cpvol" / path
    place.parent.mkdir(parents=True)
    place.write_text(source, encoding="utf-8")
