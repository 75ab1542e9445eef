"""The audit against git's own signatures, in one repository of many commits: ``run.py audit``.

The repository is written as packs by hand, because making twenty thousand commits one by one would take longer than all
that is measured in it: a tenth amendments, the rest one to three new records each, all by one member. Then git packs it
anew, as a host would.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import stage
from measure import Row
from nacl.bindings import crypto_sign_open

from cpvol.audit.examine import examine
from cpvol.audit.lots import CHUNK, THREADS, payload, signers
from cpvol.audit.verify import verify
from cpvol.ledger import commits, layout, sshsig
from cpvol.ledger.commits import Change, Commit, Message, Written
from cpvol.ledger.git import KEYRING, MAIN, Git
from cpvol.ledger.members import Keys
from cpvol.ledger.objects import FILE, FOLDER, Entry, Object, Tree, encode_tree, make
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.register import Register, found_register
from cpvol.vault import credential, envelope, keyring, recovery
from cpvol.vault.credential import Identity

LOGS = ("person", "ecrb", "training")
#: How many commits the two loops of git look at; the rest is scaled.
SAMPLE = 300
#: How often git's signatures and the whole audit take turns.
ROUNDS = 3
_START = 1_230_768_000
_PACK = 20_000


@dataclass
class _Folder:
    """One folder of main, with the folders below it."""

    files: Tree
    below: dict[str, _Folder]

    def write(self, out: list[Object], changed: set[str], prefix: str = "") -> str:
        """Write the folders on the way to what changed, and give this one's id."""
        for name, folder in self.below.items():
            path = f"{prefix}{name}/"
            if path in changed:
                self.files[name] = Entry(FOLDER, folder.write(out, changed, path))
        made = make("tree", encode_tree(self.files))
        out.append(made)
        return made.oid


class Long:
    """A long history, made once.

    :param commits: how many there are.
    """

    def __init__(self, folder: Path, count: int, records: int) -> None:
        self.folder = folder
        self.identity = credential.generate()
        page = recovery.identity(recovery.generate())
        register = found_register(
            folder,
            self.identity,
            "member-1",
            Keys(page.age_public, page.signing_public),
            Organisation(name="Example", access="both", logs=LOGS),
            load(),
            now=_START,
        )
        with register:
            self._grow(register, count - 1, records)
        with Git(folder) as git:
            git.run("repack", "-adfq", "--window=10", "--depth=50")

    def _grow(self, register: Register, count: int, records: int) -> None:
        git, head = register.git, register.head
        root = _Folder(dict(head.top), {})
        chance = random.Random(count)  # noqa: S311 - the same history every time, nothing secret
        plan = list(_plan(chance, count, records))
        keys: dict[str, dict[str, tuple[str, ...]]] = {log: {} for log in LOGS}
        for writes in plan:
            for log, id in writes:
                keys[log][id] = (*keys[log].get(id, ()), envelope.new_key())
        readers = register.members.readers("training")
        ring = {
            keyring.file_name(log, 1, shard=shard): keyring.seal(part, readers)
            for log in LOGS
            for shard, part in keyring.layout(keys[log], already_split=False).items()
        }
        digest = keyring.digest(ring)
        out: list[Object] = []
        data, commit, used = head.data, head.commit, dict[tuple[str, str], int]()
        for number, writes in enumerate(plan):
            data, commit = self._commit(
                root, writes, (data, commit), out, keys, used, digest, _START + 600 * (number + 1)
            )
            if len(out) > _PACK:
                git.store(out)
                out.clear()
        ring_blobs = {name: make("blob", sealed) for name, sealed in ring.items()}
        tree = make("tree", encode_tree({n: Entry(FILE, b.oid) for n, b in ring_blobs.items()}))
        branch = commits.keyring_commit(tree.oid)
        git.store([*out, *ring_blobs.values(), tree, branch])
        tip = make("commit", data)
        git.set_refs([(MAIN, tip.oid, head.oid), (KEYRING, branch.oid, git.read(KEYRING).oid)])

    def _commit(
        self,
        root: _Folder,
        writes: list[tuple[str, str]],
        before: tuple[bytes, Commit],
        out: list[Object],
        keys: dict[str, dict[str, tuple[str, ...]]],
        used: dict[tuple[str, str], int],
        digest: str,
        when: int,
    ) -> tuple[bytes, Commit]:
        old, parent = before
        written, changes, touched = [], [], set[str]()
        for log, id in writes:
            version = used.get((log, id), 0)
            used[log, id] = version + 1
            key = keys[log][id][version]
            blob = make("blob", envelope.seal(b"id: " + id.encode() + b"\n", key))
            out.append(blob)
            path = layout.record_path(log, id)
            at, place = root, ""
            for part in path.split("/")[:-1]:
                at = at.below.setdefault(part, _Folder({}, {}))
                place += f"{part}/"
                touched.add(place)
            at.files[path.rpartition("/")[2]] = Entry(FILE, blob.oid)
            changes.append(Change(path, FILE, hashlib.sha256(blob.data).hexdigest()))
            written.append(Written(f"{log}/{id}", envelope.commitment(key)))
        action = "amend" if any(used[each] > 1 for each in writes) else "add"
        message = Message(
            f"records: {action} {len(writes)} entries",
            action,
            digest,
            commits.chain_value(parent.message.chain, old, changes),
            tuple(sorted(written, key=lambda each: each.record)),
        )
        oid = make("commit", old).oid
        made = Commit(root.write(out, touched), oid, "member-1", when, when, message)
        signed = replace(made, signature=self.identity.sign(made.payload(), "git"))
        data = signed.encode()
        out.append(make("commit", data))
        return data, signed


def _plan(chance: random.Random, count: int, records: int) -> Iterator[list[tuple[str, str]]]:
    """What each commit writes: a tenth amend a record, the others share the new ones between them."""
    made: list[tuple[str, str]] = []
    for number in range(count):
        if number % 10 == 9:
            yield [chance.choice(made)]
            continue
        # As many as are left for each of the commits that are left, nine of ten of which add.
        share = max(1, round((records - len(made)) / ((count - number) * 0.9)))
        new = sorted({(chance.choice(LOGS), layout.new_id()) for _ in range(share)})
        made += new
        yield new


@contextmanager
def _signers(long: Long) -> Iterator[list[str]]:
    """The settings under which stock git checks signatures."""
    with TemporaryDirectory() as folder, Git(long.folder) as git:
        place = Path(folder) / "signers"
        top = git.tree(commits.decode(git.read(MAIN).data).tree)
        place.write_bytes(git.read(top[layout.SIGNERS].oid).data)
        yield ["-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={place}"]


@dataclass(frozen=True)
class Spent:
    """What something took: ``wall`` on the clock, ``work`` of processors, other processes of ours included."""

    wall: float
    work: float


@contextmanager
def _spending() -> Iterator[list[Spent]]:
    """Measure what is done inside; the list has it afterwards."""
    before, start, found = os.times(), time.perf_counter(), list[Spent]()
    yield found
    after = os.times()
    found.append(Spent(time.perf_counter() - start, sum(after[:4]) - sum(before[:4])))


def measured(folder: Path, count: int, records: int) -> list[Row]:
    """Everything side by side, in one run; by processor time, which other work on the machine does not change.

    :param count: how many commits; the whole audit is also measured with a twentieth and with two and a half times as
        many.
    """
    few = Long(folder / "few", count // 20, records // 20)
    long = Long(folder / "long", count, records)
    rounds = [(_stock(long, count), _whole(long, count)) for _ in range(ROUNDS)]
    log = _median([log for (log, _), _ in rounds])
    loop = _median([loop for (_, loop), _ in rounds])
    whole = _median([whole for _, whole in rounds])
    ours, one, raw = _signatures(long)
    walk, floor = _walk(long), _floor(long) + raw
    rows = [
        Row(f"git log --format=%G? of {count:,} commits (scaled from {SAMPLE})", log.work, count),
        Row("the same on the clock", log.wall, count),
        Row(f"git verify-commit of each (scaled from {SAMPLE // 5})", loop.work, count),
        Row("raw Ed25519 of as many signatures", raw, count),
        Row(
            *("our signatures alone, as the audit checks them", ours.work, count),
            *("less work than git log", log.work / ours.work, ("at least", 100)),
        ),
        Row(
            *("the same on the clock", ours.wall, count),
            *("faster than git log", log.wall / ours.wall),
        ),
        Row(
            *("our signatures one by one", one, count),
            *("of the raw rate", raw / one, ("at least", 0.7)),
        ),
        Row(
            *("the audit's walk, points 1 to 7", walk.work, count),
            *("less work than git log", log.work / walk.work),
        ),
        Row(
            *("the whole audit, fetching and checking the copy included", whole.work, count),
            *("less work than git log", log.work / whole.work, ("at least", 40)),
        ),
        Row(
            *("the same on the clock", whole.wall, count),
            *("faster than git log", log.wall / whole.wall, ("at least", 40)),
        ),
        Row(
            *("git's own share of it and raw Ed25519, without anything of ours", floor, count),
            *("less work than git log", log.work / floor),
        ),
    ]
    small = _whole(few, count // 20).work / (count // 20)
    rows.append(Row(f"the whole audit of {count // 20:,} commits, for each", small))
    rows.append(_against(f"… of {count:,} commits, for each", whole.work / count, small))
    many = count * 5 // 2
    longest = Long(folder / "longest", many, records * 5 // 2)
    rows.append(
        _against(f"… of {many:,} commits, for each", _whole(longest, many).work / many, small)
    )
    peak = _peak(longest.folder)
    name = f"memory of that: {peak:.0f} MiB"
    return [*rows, Row(name, 1, 1, "of 300 MiB", peak / 300, ("at most", 1))]


def _against(name: str, each: float, small: float) -> Row:
    return Row(name, each, 1, "times that of the fewest", each / small, ("at most", 1.3))


def _stock(long: Long, count: int) -> tuple[Spent, Spent]:
    """Stock git's two ways, sampled and scaled to all commits."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull}
    with _signers(long) as settings:
        words = ("git", *settings, "log", f"-{SAMPLE}", "--format=%G?", "main")
        with _spending() as log:
            stage.run(*words, folder=long.folder, environ=nobody)
        with _spending() as loop:
            for number in range(SAMPLE // 5):
                words = ("git", *settings, "verify-commit", f"main~{number}")
                stage.run(*words, folder=long.folder, environ=nobody)
    return _scaled(log[0], count / SAMPLE), _scaled(loop[0], count / (SAMPLE // 5))


def _median(spent: Sequence[Spent]) -> Spent:
    return Spent(median(each.wall for each in spent), median(each.work for each in spent))


def _floor(long: Long) -> float:
    """The work of the cheapest audit that git can do for anybody: check a copy, compare folders, hand out contents."""
    with TemporaryDirectory() as into, _spending() as spent:
        pack = Path(into) / "objects" / "pack" / "pack-copy.pack"
        _git(Path(into), "init", "--quiet", "--bare", ".")
        (theirs,) = (long.folder / ".git" / "objects" / "pack").glob("*.pack")
        shutil.copyfile(theirs, pack)
        _git(Path(into), "index-pack", "--strict", str(pack))
        listed = _git(long.folder, "rev-list", "--first-parent", "--reverse", "main")
        words = ("diff-tree", "--stdin", "--root", "--raw", "-r", "--no-renames")
        told = _git(long.folder, *words, stdin=listed)
        files = [line.split(b" ")[3] + b"\n" for line in told.splitlines() if line[:1] == b":"]
        _git(long.folder, "cat-file", "--batch", "--buffer", stdin=listed + b"".join(files))
    return spent[0].work


def _git(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", *words], cwd=folder, input=stdin, capture_output=True, check=True)
    return done.stdout


def _scaled(spent: Spent, times: float) -> Spent:
    return Spent(spent.wall * times, spent.work * times)


def _whole(long: Long, count: int) -> Spent:
    with _spending() as spent, TemporaryDirectory() as into:
        found = examine(str(long.folder), Path(into), now=int(time.time()))
    if not found.holds or found.state is None or found.state.count != count:
        raise RuntimeError(f"the audit went wrong: {found.problems[:3]}")
    return spent[0]


def _signatures(long: Long) -> tuple[Spent, float, float]:
    """Our signatures alone, as the audit checks them and one by one; and the raw limit, one by one."""
    with Git(long.folder) as git:
        ids = git.run("rev-list", "main").decode().split()
        read = [each.data for each in git.read_many(ids)]
    decoded = [(commits.decode(data).signature, data) for data in read]
    start = time.process_time()
    for signature, data in decoded:
        sshsig.verify(signature, payload(data), "git")
    one = time.process_time() - start
    listed = [(make("commit", data), commits.decode(data)) for data in read]
    with _spending() as ours, ThreadPoolExecutor(THREADS) as pool:
        lots = [listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK)]
        for _ in pool.map(signers, lots):
            pass
    key = _raw(long.identity)
    signed = [b"".join(_bare(signature, payload(data))) for signature, data in decoded]
    start = time.process_time()
    for bare in signed:
        crypto_sign_open(bare, key)
    return ours[0], one, time.process_time() - start


def _raw(identity: Identity) -> bytes:
    return base64.b64decode(identity.signing_public.split()[1])[-32:]


def _bare(armored: str, message: bytes) -> tuple[bytes, bytes]:
    blob = base64.b64decode("".join(armored.splitlines()[1:-1]))

    def string(raw: bytes) -> bytes:
        return len(raw).to_bytes(4, "big") + raw

    purpose = string(b"git") + string(b"") + string(b"sha512")
    return blob[-64:], b"SSHSIG" + purpose + string(hashlib.sha512(message).digest())


def _walk(long: Long) -> Spent:
    with Git(long.folder) as git:
        tip = git.read(MAIN).oid
        with _spending() as spent:
            if not verify(git, tip, anchor=None, now=int(time.time())).holds:
                raise RuntimeError("the walk went wrong")
    return spent[0]


def _peak(folder: Path) -> float:
    """The most memory, in MiB, that a whole audit took in a process of its own or git's in one of theirs (on Linux)."""
    # What RUSAGE_SELF tells begins with the memory of the process that started that one.
    script = (
        "import sys,time,tempfile,resource;from pathlib import Path;"
        "from cpvol.audit.examine import examine;"
        "d=tempfile.TemporaryDirectory();"
        "examine(sys.argv[1],Path(d.name),now=int(time.time()));"
        "own=[int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmHWM')];"
        "print(max(*own,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, check=True
    )
    return int(done.stdout) / 1024
