"""Measure cpvol against the programs that people would use otherwise, side by side, in one run.

``run.py`` measures everything, ``run.py read``, ``add``, ``start``, ``sync``, ``audit``, ``rows``, ``dispose`` or ``machine`` one thing. ``--size`` sets how many
records there are (10,000), ``--rounds`` how often each contestant takes its turn, and ``--full`` has the ``age`` command
open every record instead of a sample. It prints one table and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import audit as auditing
import dispose as disposing
import guide as building
import import_rows as importing
import stage
import sync as syncing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measure import Row, medians, table
from pyrage import decrypt, encrypt, x25519

from cpvol.ledger.layout import record_path
from cpvol.register import Register
from cpvol.vault import credential
from cpvol.vault.credential import Identity

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
#: How many records the sampled loop of the ``age`` command opens in each round.
SAMPLE = 200
#: How many entries a small organisation has: those that a whole task is measured in.
SMALL = 25


@dataclass(frozen=True)
class Setting:
    """What one run is asked for, and a folder for it that goes afterwards."""

    folder: Path
    size: int
    rounds: int
    full: bool


class Large:
    """The large records repository, made once for all that is measured in it."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.folder = setting.folder / "large"
        self._identity: Identity | None = None

    @property
    def identity(self) -> Identity:
        """The member's keys; the repository is made when they are first asked for."""
        if self._identity is None:
            say(f"making a repository of {self.setting.size:,} records")
            self._identity = stage.repository(self.folder, self.setting.size)
        return self._identity


def read(setting: Setting, large: Large) -> list[Row]:
    """Open, decrypt, parse and validate every record in a fresh process, against the ``age`` command."""
    keys = setting.folder / "keys"
    keys.write_bytes(credential.encode(large.identity, "member-1", date.today()))  # noqa: DTZ011
    by_file = stage.keys_of(large.folder, large.identity)
    chosen = sorted(by_file)
    if not setting.full:
        chosen = random.Random(1).sample(chosen, min(SAMPLE, len(chosen)))  # noqa: S311
    key_files: dict[Path, Path] = {}
    (setting.folder / "each").mkdir()
    for number, path in enumerate(chosen):
        key_files[path] = setting.folder / "each" / str(number)
        key_files[path].write_text(by_file[path] + "\n", encoding="ascii")

    def cpvol() -> int:
        stage.run(sys.executable, str(HERE / "read_all.py"), str(large.folder), str(keys))
        return len(by_file)

    def age() -> int:
        for path, key in key_files.items():
            stage.run("age", "-d", "-i", str(key), str(path))
        return len(key_files)

    say("reading all records, and opening them with age")
    taken = medians({"cpvol": cpvol, "age": age}, 1 if setting.full else setting.rounds)
    ours, count = taken["cpvol"]
    one_by_one = taken["age"][0] / taken["age"][1] * count
    how = "all" if setting.full else f"scaled from {len(key_files)}"
    return [
        Row(f"loop of the age command over {count:,} records ({how})", one_by_one, count),
        Row(
            f"cpvol reads, parses and validates {count:,} records, from a cold start",
            ours,
            count,
            "faster than the age loop",
            one_by_one / ours,
            ("at least", 15),
        ),
    ]


def add(setting: Setting, large: Large) -> list[Row]:
    """Enter one record into the large repository, against a signed commit of one file among as many."""
    identity = large.identity
    say(f"making a plain repository of {setting.size:,} files")
    plain = stage.Plain(setting.folder / "plain", large.folder)
    sealed = next(large.folder.glob("training/*/*/*.age")).read_bytes()
    with Register.open(large.folder, identity) as register:
        person = register.ids("person")[0][1]
        numbers = iter(range(1_000_000))

        def cpvol() -> int:
            record = stage.training(person, next(numbers))
            register.enter([record], "add", entered=int(time.time()))
            return 1

        def git() -> int:
            record = stage.training(person, 0)
            plain.add(record_path(record.log, record.id), sealed)
            return 1

        cpvol()
        git()
        say("entering, and committing")
        taken = medians({"git": git, "cpvol": cpvol}, setting.rounds * 4)
    theirs, ours = taken["git"][0], taken["cpvol"][0]
    return [
        Row(f"git add + git commit -S of one file among {setting.size:,}", theirs),
        Row(
            f"cpvol enters one record among {setting.size:,}, from confirmed to done",
            ours,
            1,
            "times git add + commit -S",
            ours / theirs,
            ("at most", 1),
        ),
    ]


def start(setting: Setting, large: Large) -> list[Row]:
    """Whole processes, against invoke listing an empty tasks file."""
    del large
    empty = setting.folder / "empty"
    empty.mkdir()
    (empty / "tasks.py").write_text("", encoding="ascii")
    environ = _remembered(setting)
    person = _first_person(setting)
    answers = (
        *("--person", person, "--course", "ContactPoint user training"),
        *("--trainer", "authority", "--completed-on", "2009-03-31"),
    )

    def task(
        program: str, *words: str, folder: Path = HERE.parent, status: int = 0
    ) -> Callable[[], int]:
        def turn() -> int:
            stage.run(str(BIN / program), *words, folder=folder, status=status, environ=environ)
            return 1

        return turn

    def adding(program: str) -> Callable[[], int]:
        # Each turn in a copy of its own, or every entry would make the next one slower.
        places = iter([_copy(setting, f"{program}-{n}") for n in range(setting.rounds * 3 + 2)])

        def turn() -> int:
            environ["CPVOL_RECORDS"] = str(next(places))
            return task(program, "training.add", *answers)()

        return turn

    turns = {
        # invoke ends with 1 when there is nothing to list.
        "empty": task("inv", "--list", folder=empty, status=1),
        "inv --list": task("inv", "--list"),
        "cpvol --list": task("cpvol", "--list"),
        "inv training.add": adding("inv"),
        "cpvol training.add": adding("cpvol"),
    }
    for turn in (*turns.values(), *turns.values()):
        turn()
    say("starting tasks")
    taken = {name: found for name, (found, _) in medians(turns, setting.rounds * 3).items()}
    base = taken.pop("empty")
    rows = [Row("inv --list of an empty tasks file", base)]
    for name, seconds in taken.items():
        whole = f"{name} …, whole, remembered keys" if "add" in name else name
        bound = 3 if "add" in name else 2
        rows.append(
            Row(whole, seconds, 1, "times the empty list", seconds / base, ("at most", bound))
        )
    return rows


def _remembered(setting: Setting) -> dict[str, str]:
    """A small organisation's records, and a keychain that holds the member's keys."""
    identity = stage.repository(setting.folder / "small", SMALL)
    home = setting.folder / "home"
    home.mkdir()
    passphrase = "a passphrase for measuring only"  # noqa: S105 - of keys that go with the run
    text = credential.encode(identity, "member-1", date.today())  # noqa: DTZ011
    (home / "identity.age").write_bytes(credential.lock(text, passphrase))
    environ = {
        "CPVOL_HOME": str(home),
        "CPVOL_RECORDS": str(setting.folder / "small"),
        "CPVOL_PASSPHRASE": passphrase,
        "CPVOL_BENCH_KEYCHAIN": str(setting.folder / "keychain.json"),
        "PYTHON_KEYRING_BACKEND": "keychain.FileKeychain",
        "PYTHONPATH": str(HERE),
    }
    stage.run(str(BIN / "cpvol"), "key.remember", folder=HERE.parent, environ=environ)
    # From here on the keychain alone serves: an unlocking would fail rather than be measured.
    del environ["CPVOL_PASSPHRASE"]
    return environ


def _copy(setting: Setting, name: str) -> Path:
    return Path(shutil.copytree(setting.folder / "small", setting.folder / name))


def _first_person(setting: Setting) -> str:
    with Register.open(setting.folder / "small") as register:
        return register.ids("person")[0][1]


def machine(setting: Setting, large: Large) -> list[Row]:
    """What the two curves cost here: the floor under everything that opens or signs."""
    del large
    many = 2000
    key = x25519.Identity.generate()
    sealed = encrypt(b"\n" * 1024, [key.to_public()])
    signing = Ed25519PrivateKey.generate()
    signature, verifying = signing.sign(b"x"), signing.public_key()

    def opening() -> int:
        for _ in range(many):
            decrypt(sealed, [key])
        return many

    def sealing() -> int:
        for _ in range(many):
            encrypt(b"\n" * 1024, [key.to_public()])
        return many

    def sign() -> int:
        for _ in range(many):
            signing.sign(b"x")
        return many

    def verify() -> int:
        for _ in range(many):
            verifying.verify(signature, b"x")
        return many

    say("measuring the machine")
    turns = {
        "raw X25519: open a kilobyte for one recipient (pyrage)": opening,
        "raw X25519: seal a kilobyte for one recipient (pyrage)": sealing,
        "raw Ed25519: sign (cryptography)": sign,
        "raw Ed25519: verify (cryptography)": verify,
    }
    return [Row(name, *found) for name, found in medians(turns, setting.rounds).items()]


def sync(setting: Setting, large: Large) -> list[Row]:
    """Several people: entries that come in, a change of members, and what a push costs."""
    identity = large.identity
    say("measuring several people")
    folder = setting.folder / "people"
    folder.mkdir()
    return syncing.measured(folder, large.folder, identity, setting.rounds)


def audit(setting: Setting, large: Large) -> list[Row]:
    """A whole audit, against git's own signatures: two commits and three records for each of the size."""
    del large
    say("making a long history, and auditing it")
    folder = setting.folder / "audit"
    folder.mkdir()
    return auditing.measured(folder, setting.size * 2, setting.size * 3)


def rows(setting: Setting, large: Large) -> list[Row]:
    """A large spreadsheet taken in, against openpyxl that writes a plain YAML file for each row."""
    del large
    say("importing a spreadsheet")
    folder = setting.folder / "rows"
    folder.mkdir()
    return importing.measured(folder, setting.size, setting.rounds)


def dispose(setting: Setting, large: Large) -> list[Row]:
    """A tenth of the records destroyed in one go, against git filter-repo, and what is left valid."""
    del large
    say("making records of those who left, and disposing of them")
    folder = setting.folder / "dispose"
    folder.mkdir()
    return disposing.measured(folder, setting.size, setting.rounds)


def site(setting: Setting, large: Large) -> list[Row]:
    """The whole guidance site, against mkdocs alone on the same staged tree."""
    del large
    say("building the guidance site")
    folder = setting.folder / "site"
    folder.mkdir()
    return building.measured(folder, setting.rounds)


BENCHES = {
    "machine": machine,
    "read": read,
    "add": add,
    "start": start,
    "sync": sync,
    "audit": audit,
    "rows": rows,
    "site": site,
    "dispose": dispose,
}


def main() -> None:
    """Run what the command line names, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--size", type=int, default=10_000, help="how many records")
    parser.add_argument("--rounds", type=int, default=5, help="how many turns each takes")
    parser.add_argument("--full", action="store_true", help="let age open every record")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in BENCHES]:
        parser.error(f"nothing is called {unknown[0]}: choose from {', '.join(BENCHES)}")
    rows: list[Row] = []
    # Nothing of the user's steers git or cpvol, and Python may keep compiled modules, as it does by itself.
    steering = ("GIT_", "CPVOL_", "PYTHONDONTWRITEBYTECODE")
    for name in [name for name in os.environ if name.startswith(steering)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="cpvol-bench-") as folder:
        setting = Setting(Path(folder), given.size, given.rounds, given.full)
        large = Large(setting)
        for name in given.names or BENCHES:
            rows += BENCHES[name](setting, large)
    print(table(rows))


def say(text: str) -> None:
    """Tell how far it has come, on standard error."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
