"""Dispose of a tenth of the records in one go, against rewriting the history without them: ``run.py dispose``.

``git filter-repo`` is what one would otherwise reach for: it makes a new history in which the files never were. Both get
a copy of the same repository, and both are a process of their own. Afterwards each is looked at with the same eyes: how
many of the commits that were there are still there under their ids, and how many signatures are good, each by the key
that the commit before lists for its author.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import stage
from measure import Row, medians

from cpvol import disposal
from cpvol.errors import CpvolError
from cpvol.ledger import commits, layout, members, sshsig
from cpvol.ledger.git import MAIN, Git
from cpvol.logs.base import Record
from cpvol.logs.person import Person
from cpvol.register import Register
from cpvol.vault import credential
from cpvol.vault.credential import Identity

PROGRAM = "git-filter-repo"
#: The last day of those who left, and a day on which what hangs on them has been kept long enough.
_LEFT = date(2009, 4, 30)
_DAY = date(2016, 1, 4)
#: How many entries one change brings: some come one by one, some with a spreadsheet.
_LOT = 10
#: How often each takes its turn, at the most; every turn needs a copy of the repository.
_ROUNDS = 3


def measured(folder: Path, size: int, rounds: int) -> list[Row]:
    """Destroy the entries of those who left, about a tenth of all, in both ways.

    :param folder: an empty folder for it.
    :param size: how many records there are.
    """
    start = folder / "start"
    identity = stage.repository(start, size, _with_leavers(size), _LOT)
    keys = folder / "keys"
    keys.write_bytes(credential.encode(identity, "member-1", _DAY))
    number, paths = _approved(start, identity)
    (folder / "paths").write_text("".join(f"{path}\n" for path in paths), encoding="ascii")
    # As a fresh copy is, which is what git filter-repo asks for.
    stage.run("git", "gc", "-q", folder=start)
    before = _look(start)
    rounds = min(rounds, _ROUNDS)
    ours, theirs = (_copies(start, folder / name, rounds) for name in ("cpvol", "filter-repo"))

    def cpvol() -> int:
        stage.run(sys.executable, __file__, str(next(ours)), str(keys), number)
        return len(paths)

    def filter_repo() -> int:
        stage.run(
            PROGRAM,
            *("--force", "--quiet", "--invert-paths", "--paths-from-file", str(folder / "paths")),
            folder=next(theirs),
        )
        return len(paths)

    turns: dict[str, Callable[[], int]] = {"cpvol": cpvol}
    if shutil.which(PROGRAM):
        turns["filter-repo"] = filter_repo
    else:
        print(f"bench: {PROGRAM} is not installed, so nothing is compared", file=sys.stderr)
    taken = medians(turns, rounds)
    what = f"{len(paths):,} of {size:,} records"
    rows: list[Row] = []
    if theirs_taken := taken.get("filter-repo"):
        left = _left(folder / "filter-repo" / "0", before)
        rows.append(
            Row(f"git filter-repo rewrites the history without {what}; {left}", *theirs_taken)
        )
    ours_taken = taken["cpvol"]
    left = _left(folder / "cpvol" / "0", before)
    ratio = ours_taken[0] / theirs_taken[0] if theirs_taken else None
    rows.append(
        Row(
            f"cpvol disposes of {what}; {left}",
            *ours_taken,
            "times git filter-repo" if theirs_taken else "",
            ratio,
        )
    )
    return rows


def _with_leavers(size: int) -> list[Record]:
    """The usual records; of so many people that a tenth of all is about them, the time in the organisation is over."""
    made = stage.records(size)
    people = [each for each in made if isinstance(each, Person)]
    leaving: dict[str, Person] = {}
    about = 0
    for person in people:
        if about * 10 >= size:
            break
        leaving[person.id] = person
        about += 1 + sum(getattr(each, "person", None) == person.id for each in made)
    return [_left_on(each) if each.id in leaving else each for each in made]


def _left_on(person: Record) -> Record:
    values = person.content() | {"left_on": _LEFT}
    return type(person).model_validate(values)


def _approved(folder: Path, identity: Identity) -> tuple[str, list[str]]:
    """Propose and approve what is due; gives the disposal's number, and the paths that it is about."""
    with Register.open(folder, identity) as register:
        now = int(time.time())
        made = disposal.propose(register, ids=(), reason="expired", on=_DAY, now=now)
        disposal.approve(register, made, without=(), on=_DAY, now=now)
    return made.id, [layout.record_path(item.log, item.id) for item in made.proposal.entries]


def _copies(start: Path, folder: Path, count: int) -> Iterator[Path]:
    folder.mkdir()
    return iter([Path(shutil.copytree(start, folder / str(n))) for n in range(count)])


@dataclass(frozen=True)
class _Seen:
    """A history: the ids of its commits, and how many of them are signed as they have to be."""

    ids: frozenset[str]
    good: int


def _look(folder: Path) -> _Seen:
    with Git(folder) as git:
        ids = git.chain(None, MAIN)
        good = sum(_good(git, oid) for oid in ids)
    return _Seen(frozenset(ids), good)


def _good(git: Git, oid: str) -> bool:
    """Whether a commit is signed by the key that the one before lists for its author."""
    try:
        commit = commits.decode(git.read(oid).data)
        listed = members.decode(git.read(f"{commit.parent or oid}:{layout.MEMBERS}").data)
        author = listed.get(commit.handle)
        key = sshsig.verify(commit.signature, commit.payload(), commits.NAMESPACE)
    except CpvolError:
        return False
    return author is not None and author.keys.signing == key


def _left(folder: Path, before: _Seen) -> str:
    after = _look(folder)
    count = len(before.ids)
    return f"{len(after.ids & before.ids)} of {count} ids kept, {after.good} of {len(after.ids)} signatures good"


def main() -> None:
    """Dispose of what was approved: a turn of its own process."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("folder", "keys", "number"):
        parser.add_argument(name)
    given = parser.parse_args()
    identity, _ = credential.decode(Path(given.keys).read_bytes())
    with Register.open(Path(given.folder), identity) as register:
        _, erasure = disposal.dispose(register, given.number, on=_DAY, now=int(time.time()))
    if not erasure.done:
        sys.exit("old keys are left")


if __name__ == "__main__":
    main()
