"""Several people, measured: taking in a week of entries, a change of members, and what a push costs the host.

Where every file is sealed to every reader, as sops, pass and agebox keep them, a change of members means opening and
sealing every file again. That is done here twice: in one process, which is kinder than those programs are, and with the
``age`` command, one file after another, as they do it. It is a sample, scaled to all files.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from pathlib import Path

import stage
from measure import Row
from pyrage import decrypt, encrypt, x25519

from cpvol import membership
from cpvol.ledger.git import KEYRING, MAIN, Git
from cpvol.ledger.members import Keys
from cpvol.ledger.remote import Meeting, make_meeting_place
from cpvol.register import Register
from cpvol.sync import Outcome, clone, sync
from cpvol.vault import credential
from cpvol.vault.credential import Identity

#: Entries that come in with one sync.
INCOMING = 1000
#: Files that the sampled loop of the ``age`` command seals again.
SAMPLE = 100
#: Pushes that the growth of the host is measured over.
PUSHES = 1000
_READERS = 3


def clock() -> int:
    """The time, seconds since 1970."""
    return int(time.time())


def measured(folder: Path, large: Path, identity: Identity, rounds: int) -> list[Row]:
    """Every line of this benchmark.

    :param folder: for what is made on the way.
    :param large: the large records repository; it is copied, and stays as it is.
    :param identity: its only member's keys.
    """
    own = folder / "own"
    shutil.copytree(large, own)
    place = folder / "place.git"
    make_meeting_place(place)
    other = credential.generate()
    with Register.open(own, identity) as register:
        _sync(register, place)
        _join(register, other)
        _sync(register, place)
        _pack(place)
        count = len(register.ids())
    clone(folder / "other", str(place), anchor=None, now=clock()).git.close()
    return [
        *_incoming(folder, own, place, (identity, other), count, min(rounds, 3)),
        *_members(folder, own, identity, count),
        *_pushes(own, place, identity, count),
    ]


def _sync(register: Register, place: Path) -> Outcome:
    return sync(register, Meeting(register.git, str(place)), published=None, clock=clock)


def _join(register: Register, newcomer: Identity, handle: str = "member-2") -> None:
    card = membership.Card(handle, Keys(newcomer.age_public, newcomer.signing_public))
    membership.add(register, card, ("coordinator",), ("all",), now=clock())


def _pack(place: Path) -> None:
    subprocess.run(["git", "gc", "-q", "--prune=now"], cwd=place, check=True)


def _incoming(
    folder: Path, own: Path, place: Path, both: tuple[Identity, Identity], count: int, rounds: int
) -> list[Row]:
    """Somebody else's entries, one commit each, come in with one sync."""
    many = min(INCOMING, count)
    with Register.open(own, both[0]) as register:
        person = register.ids("person")[0][1]
        for number in range(many):
            register.enter([stage.training(person, number)], "add", entered=clock())
        _sync(register, place)
    taken: list[float] = []
    for number in range(rounds):
        copy = folder / f"copy-{number}"
        shutil.copytree(folder / "other", copy)
        with Register.open(copy, both[1]) as register:
            start = time.perf_counter()
            received = _sync(register, place).received
            taken.append(time.perf_counter() - start)
            assert received == many  # noqa: S101 - otherwise the figure would mean nothing
        shutil.rmtree(copy)
    name = f"cpvol takes in {many:,} entries, one by one verified, at {count:,} records"
    return [Row(name, statistics.median(taken), many)]


def _members(folder: Path, own: Path, identity: Identity, count: int) -> list[Row]:
    """A member is taken out: the keyring alone is sealed anew, against every file."""
    with Register.open(own, identity) as register:
        leaver = credential.generate()
        _join(register, leaver, "member-3")
        start = time.perf_counter()
        membership.remove(register, "member-3", lost=False, now=clock())
        ours = time.perf_counter() - start
    in_process = _seal_all(count)
    rows = [
        Row(f"cpvol takes out a member at {count:,} records", ours),
        Row(
            f"every one of {count:,} files opened and sealed again, in one process (pyrage)",
            in_process,
            against="cpvol takes out a member",
            ratio=in_process / ours,
        ),
    ]
    if shutil.which("age"):
        by_command = _seal_by_command(folder, count)
        rows.append(
            Row(
                f"the same by the age command, a sample scaled to {count:,} files",
                by_command,
                against="cpvol takes out a member",
                ratio=by_command / ours,
            )
        )
    return rows


def _seal_all(count: int) -> float:
    mine = x25519.Identity.generate()
    everybody = [mine.to_public()]
    everybody += [x25519.Identity.generate().to_public() for _ in range(_READERS - 1)]
    sealed = encrypt(b"\n" * 1024, everybody)
    start = time.perf_counter()
    for _ in range(count):
        encrypt(decrypt(sealed, [mine]), everybody)
    return time.perf_counter() - start


def _seal_by_command(folder: Path, count: int) -> float:
    mine = x25519.Identity.generate()
    keys = folder / "age-keys"
    keys.write_text(f"{mine}\n", encoding="ascii")
    to = [str(mine.to_public())]
    to += [str(x25519.Identity.generate().to_public()) for _ in range(_READERS - 1)]
    recipients = [word for public in to for word in ("-r", public)]
    sealed = encrypt(b"\n" * 1024, [x25519.Recipient.from_str(public) for public in to])
    many = min(SAMPLE, count)
    start = time.perf_counter()
    for _ in range(many):
        opened = subprocess.run(
            ["age", "-d", "-i", str(keys)], input=sealed, capture_output=True, check=True
        )
        subprocess.run(["age", *recipients], input=opened.stdout, capture_output=True, check=True)
    return (time.perf_counter() - start) / many * count


def _pushes(own: Path, place: Path, identity: Identity, count: int) -> list[Row]:
    """What one entry and one sync cost: time, bytes sent, and growth of a host that nobody looks after.

    A host packs what it has now and then: by itself, which keeps for two weeks what nothing refers to any more, and
    with ``--prune=now``, which keeps nothing of it. Old keyrings are such.
    """
    many = min(PUSHES, count)
    sent: list[int] = []
    taken: list[float] = []
    with Register.open(own, identity) as register:
        _sync(register, place)
        _pack(place)
        before = _size(place)
        person = register.ids("person")[0][1]
        for number in range(many):
            main = register.head.oid
            register.enter([stage.training(person, number)], "add", entered=clock())
            sent.append(_bytes_since(register.git, main))
            start = time.perf_counter()
            _sync(register, place)
            taken.append(time.perf_counter() - start)
    grown = _size(place) - before
    start = time.perf_counter()
    subprocess.run(["git", "gc", "-q"], cwd=place, check=True)
    packing = time.perf_counter() - start
    by_itself = _size(place) - before
    _pack(place)
    whole = _size(place) - before
    return [
        Row(
            f"one entry and one sync at {count:,} records, {many:,} times: {_kb(statistics.mean(sent))} sent",
            statistics.median(taken),
        ),
        Row(
            f"the host after these {many:,}: {_kb(grown / many)} more for each; after git gc {_kb(by_itself / many)},"
            f" after git gc --prune=now {_kb(whole / many)}",
            packing,
        ),
    ]


def _kb(size: float) -> str:
    return f"{size / 1000:,.1f} kB"


def _bytes_since(git: Git, old: str) -> int:
    wanted = f"{git.read(MAIN).oid}\n{git.read(KEYRING).oid}\n^{old}\n"
    # The keyring before is gone here, so that all of the new one is sent.
    return len(git.run("pack-objects", "--revs", "--stdout", "-q", stdin=wanted.encode()))


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
