"""The whole guidance site against mkdocs alone on the same staged tree, and how much lies in each.

mkdocs has the same theme and configuration, with the pages staged before and the menu written out; it makes no document
of the whole guide and leaves its dead weight in. ``guide.py`` runs by itself too.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from measure import Row, medians, table
from ruamel.yaml import YAML

from cpvol.guidance.facts import Facts
from cpvol.guidance.stage import expand, stage
from cpvol.policy import load
from cpvol.tasks.site import task_lines

_PROJECT = Path(__file__).resolve().parent.parent


def measured(folder: Path, rounds: int) -> list[Row]:
    """Build the site both ways, each in a process of its own.

    :param folder: an empty folder for it.
    """
    ours, theirs = folder / "ours", folder / "theirs" / "site"
    _prepare(folder / "theirs")

    def turn(words: list[str], at: Path, made: Path) -> Callable[[], int]:
        def run() -> int:
            shutil.rmtree(made, ignore_errors=True)
            subprocess.run([sys.executable, *words], cwd=at, check=True, capture_output=True)
            return sum(1 for _ in made.rglob("*.html"))

        return run

    task = ["-m", "cpvol", "site.build", "--profile", "contactpoint", "--to", str(ours)]
    turns = {
        "mkdocs": turn(["-m", "mkdocs", "build", "--quiet"], theirs.parent, theirs),
        "cpvol": turn(task, _PROJECT, ours),
    }
    taken = medians(turns, rounds)
    (alone, pages), (whole, _) = taken["mkdocs"], taken["cpvol"]
    light, heavy = _size(ours), _size(theirs)
    return [
        Row(f"mkdocs alone builds {pages} staged pages, the whole process", alone),
        Row("site.build, the whole process", whole, 1, "times mkdocs", whole / alone, ("at most", 1.3)),
        Row("size of what mkdocs alone leaves", heavy, unit="B"),
        Row("size of what site.build leaves", light, 1, "times that", light / heavy, ("at most", 1), unit="B"),
    ]  # fmt: skip


def _prepare(folder: Path) -> None:
    """The staged pages and a configuration for mkdocs alone."""
    facts = Facts(load("contactpoint"), date.today(), tasks=task_lines())  # noqa: DTZ011
    staged = stage(_PROJECT / "site_src", folder / "pages", facts)
    yaml = YAML(typ="safe")
    config = yaml.load((_PROJECT / "mkdocs.yml").read_text("utf-8"))
    del config["hooks"], config["watch"], config["theme"]["static_templates"]
    config["docs_dir"] = "pages"
    config["theme"]["custom_dir"] = str(_PROJECT / "site_src" / "theme")
    config["nav"] = expand(config["nav"], staged.pages)
    with (folder / "mkdocs.yml").open("w", encoding="utf-8") as file:
        yaml.dump(config, file)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Build both, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how many turns each takes")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="cpvol-bench-") as folder:
        print(table(measured(Path(folder), rounds)))


if __name__ == "__main__":
    main()
