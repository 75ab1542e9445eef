"""Take in a large spreadsheet: cpvol's import against plain openpyxl that writes a YAML file for each row.

Every turn is a process of its own, so that its peak of memory is its own. ``import_rows.py`` runs by itself too;
``--size`` sets how many rows there are.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import stage
from measure import Row, medians, table

from cpvol.register import Register
from cpvol.tasks.session import DEMO_IDENTITY, Session
from cpvol.vault import credential

#: Rows for each person of the user register.
_EACH = 5
_DAY = date(2009, 3, 31)


def measured(folder: Path, size: int, rounds: int) -> list[Row]:
    """Import ``size`` trainings of a fifth as many people, and read the same sheet plainly.

    :param folder: an empty folder for it.
    """
    start = _prepare(folder / "start" / "records" / "demo", size // _EACH)
    sheet = folder / "sheet.xlsx"
    _write_sheet(sheet, start, size)
    peaks: dict[str, list[int]] = {"cpvol": [], "plain": []}

    def turn(name: str) -> Callable[[], int]:
        def run() -> int:
            place = folder / name
            if place.exists():
                shutil.rmtree(place)
            if name == "cpvol":
                shutil.copytree(folder / "start", place)
            command = [sys.executable, __file__, "--turn", name, str(sheet), str(place)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            peaks[name].append(int(done.stdout.split()[-1]))
            return size

        return run

    taken = medians({name: turn(name) for name in peaks}, rounds)
    plain, ours = taken["plain"][0], taken["cpvol"][0]
    memory = {name: max(found) >> 10 for name, found in peaks.items()}
    return [
        Row(
            f"openpyxl to {size:,} plain YAML files, one by one; peak {memory['plain']} MB",
            plain,
            size,
        ),
        Row(
            f"cpvol imports {size:,} rows in one signed change; peak {memory['cpvol']} MB",
            ours,
            size,
            "times openpyxl to plain YAML",
            ours / plain,
        ),
    ]


def _prepare(folder: Path, people: int) -> list[str]:
    """A records repository whose keys lie open beside it; gives the names of the people in it."""
    folder.parent.mkdir(parents=True)
    identity = stage.repository(folder, 1)
    (folder / DEMO_IDENTITY).write_bytes(credential.encode(identity, "member-1", _DAY))
    with Register.open(folder, identity) as register:
        everybody = stage.records(people * _EACH)[1:people]
        register.enter(everybody, "add", entered=int(time.time()))
        return [str(getattr(each, "name", "")) for each in register.records("person")]


def _write_sheet(path: Path, people: list[str], size: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Training log")
    sheet.append(["Training log 2009"])
    sheet.append(
        ["Trainee", "Course", "Booked on", "Training date", "Venue", "Trainer", "Token no"]
    )
    for number in range(size):
        day = _DAY - timedelta(days=number // len(people) * 30 + number % 29)
        name = people[number % len(people)]
        words = (
            "ContactPoint user training",
            day - timedelta(days=28),
            day,
            "County training centre",
        )
        sheet.append([name, *words, "authority", f"T-{number:05d}"])
    book.save(path)


def _cpvol(sheet: Path, place: Path) -> None:
    from cpvol.tasks.exchange import import_

    session = Session(environ={"CPVOL_HOME": str(place / "home")}, project=place)
    import_(
        session,
        file=str(sheet),
        log=None,
        sheet=None,
        set=[],
        dry_run=False,
        reviewed=False,
        yes=True,
        json=False,
    )


def _plain(sheet: Path, place: Path) -> None:
    from openpyxl import load_workbook
    from ruamel.yaml import YAML

    place.mkdir()
    yaml = YAML(typ="safe")
    rows = load_workbook(sheet, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
    names = [str(each) for each in next(rows)]
    for number, row in enumerate(rows):
        with (place / f"{number}.yaml").open("w", encoding="utf-8") as file:
            yaml.dump(dict(zip(names, row, strict=True)), file)


def main() -> None:
    """Measure, or take one turn and print the process's peak of memory in kilobytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--turn", nargs=3, metavar=("NAME", "SHEET", "PLACE"))
    given = parser.parse_args()
    if given.turn:
        name, sheet, place = given.turn
        (_cpvol if name == "cpvol" else _plain)(Path(sheet), Path(place))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    with tempfile.TemporaryDirectory(prefix="cpvol-bench-") as folder:
        print(table(measured(Path(folder), given.size, given.rounds)))


if __name__ == "__main__":
    main()
