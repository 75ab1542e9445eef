"""What is measured against: records of a made-up organisation, a plain repository of as many files, empty tasks."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from cpvol.ledger.git import KEYRING, Git
from cpvol.ledger.layout import new_id, record_path
from cpvol.ledger.members import Keys
from cpvol.ledger.objects import tree_of
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.register import found_register
from cpvol.vault import credential, keyring, recovery
from cpvol.vault.credential import Identity

_DAY = date(2009, 3, 31)
#: As many as stay single files in the repository, which is what entering one by one leaves behind.
_LOT = 60


def records(count: int) -> list[Record]:
    """Made-up records: one part people, two parts enhanced checks, two parts trainings."""
    chance = random.Random(count)  # noqa: S311 - the same records every time, nothing secret
    people = [_person(number) for number in range(max(1, count // 5))]
    made = people[:count]
    while len(made) < count:
        make = _ecrb if len(made) % 2 else training
        made.append(make(chance.choice(people).id, len(made)))
    return made


def _person(number: int) -> Record:
    joined = _DAY - timedelta(days=number % 2000)
    return _build(
        "person",
        name=f"Robin Example {number}",
        engagement="volunteer",
        access="query",
        joined_on=joined,
        posts=[{"title": "Family worker", "start": joined}],
        need_to_know="Supports families who move between services",
        email=f"robin{number}@example.invalid",
        identity_checked_on=joined,
    )


def _ecrb(person: str, number: int) -> Record:
    issued = _DAY - timedelta(days=number % 1500)
    return _build(
        "ecrb",
        person=person,
        reference=f"{number:012d}",
        issued_on=issued,
        seen_on=issued + timedelta(days=7),
        seen_by="Secretary",
        decision="clear",
    )


def training(person: str, number: int) -> Record:
    """One made-up training."""
    day = _DAY - timedelta(days=number % 1500)
    return _build(
        "training",
        person=person,
        course="ContactPoint user training",
        booked_on=day - timedelta(days=28),
        completed_on=day,
        venue="County training centre",
        trainer="authority",
        token=f"T-{number:05d}",
    )


def _build(log: str, **values: object) -> Record:
    spec = BY_NAME[log]
    return spec.model.model_validate({"id": new_id(), "log": log, "schema": spec.schema, **values})


def repository(
    folder: Path, count: int, listed: list[Record] | None = None, lot: int = _LOT
) -> Identity:
    """Make a records repository of so many records.

    :param listed: the records, where the usual ones will not do.
    :param lot: how many are entered in one change.
    :returns: the only member's keys.
    """
    identity = credential.generate()
    page = recovery.identity(recovery.generate())
    public = Keys(page.age_public, page.signing_public)
    organisation = Organisation(name="Example", access="both", logs=("person", "ecrb", "training"))
    register = found_register(
        folder, identity, "member-1", public, organisation, load(), now=int(time.time())
    )
    with register:
        for entered in _lots(listed or records(count), lot):
            register.enter(entered, "add", entered=int(time.time()))
    return identity


def _lots(listed: list[Record], lot: int) -> Iterator[list[Record]]:
    for start in range(0, len(listed), lot):
        yield listed[start : start + lot]


def keys_of(folder: Path, identity: Identity) -> dict[Path, str]:
    """The newest key of every record, by the record's file."""
    found: dict[Path, str] = {}
    with Git(folder) as git:
        for name, entry in git.tree(tree_of(git.read(KEYRING).data)).items():
            log = keyring.parse_name(name).log
            for id, keys in keyring.open_(git.read(entry.oid).data, identity).items():
                found[folder / record_path(log, id)] = keys[-1]
    return found


class Plain:
    """A plain repository with as many files of the same sizes, whose commits an SSH key file signs.

    :param folder: where it is made.
    :param like: the records repository whose files it has.
    """

    def __init__(self, folder: Path, like: Path) -> None:
        self.folder = folder
        shutil.copytree(like, folder, ignore=shutil.ignore_patterns(".git"))
        key = folder.with_suffix(".key")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        self.git("init", "-q", "-b", "main")
        for name, value in (
            ("user.name", "member-1"),
            ("user.email", "member-1@example.invalid"),
            ("gpg.format", "ssh"),
            ("user.signingkey", str(key)),
        ):
            self.git("config", name, value)
        self.git("add", "-A")
        self.git("commit", "-q", "-S", "-m", "everything so far")

    def git(self, *arguments: str) -> None:
        """Run git as somebody would who has no configuration of their own."""
        run("git", *arguments, folder=self.folder, environ={"GIT_CONFIG_GLOBAL": os.devnull})

    def add(self, path: str, data: bytes) -> None:
        """Write, add and commit one file, signed."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        self.git("add", path)
        self.git("commit", "-q", "-S", "-m", f"training: add {place.name}")


def run(
    *command: str,
    folder: Path | None = None,
    status: int = 0,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end; what it prints is thrown away.

    :param environ: what it finds in the environment besides what is there.
    :param status: the exit status that it must end with.
    :raises RuntimeError: when it ends with another, with what it complained of.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != status:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace')}")
