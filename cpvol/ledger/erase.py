"""Making superseded keys really gone from this copy of the records.

What a disposal leaves on main is ciphertext whose key is nowhere. The key was in earlier keyring files, and git keeps an
object for as long as anything at all refers to it: a reflog, a tag, a stash, another worktree, the index, a kept pack. This
module takes those away, rewrites the packs, and then lists **every** object there is, reachable or not. Only that list
says whether it is done.
"""

from __future__ import annotations

import re
import shutil
import stat
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.files import clear_scratch, write_file
from cpvol.ledger.commits import keyring_commit
from cpvol.ledger.git import KEYRING, MAIN, Git
from cpvol.ledger.objects import DamagedObject, Object, decode_tree, object_id, tree_of

_NOTHING = object_id("tree", b"")
_INTRO = b"age-encryption.org/v1\n"
_STANZA = b"\n-> X25519 "
# Below ``.git``: where git keeps objects and names of them, and we our notes.
_OWN = re.compile(r"objects/(?:[0-9a-f]{2}|pack|info)/|(?:refs|cpvol)/")
_STORED = re.compile(rb"(?:blob|tree|commit|tag) \d+\0")
_NAME = re.compile(r"[a-z]+(?:-[0-9a-z]+)?\.[1-9][0-9]*\.age\Z")


@dataclass(slots=True)
class Erasure:
    """What was cleaned, and what still holds old keys.

    :param removed: what stood in the way and was taken away, in words.
    :param left: what could not be cleaned, in words with what to do; empty means done.
    :param objects: how many objects were listed.
    """

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    objects: int = 0

    @property
    def done(self) -> bool:
        """Whether no superseded key remains in this copy."""
        return not self.left


def note_erasure(git: Git) -> None:
    """Note that old keys are about to be left behind, so that whoever comes next deletes them if we cannot."""
    write_file(_note(git), b"", flush=True)


def resume(git: Git) -> None:
    """Erase now what was noted and not finished. The caller holds the lock."""
    if _note(git).exists() or left_by_a_guest(git):
        erase(git)


def left_by_a_guest(git: Git) -> bool:
    """Whether something was being taken in when that was killed."""
    if not guest_note(git).exists():
        return False
    import portalocker

    try:
        with portalocker.Lock(guest_note(git), mode="a", timeout=0, fail_when_locked=True):
            return True
    except (portalocker.exceptions.LockException, OSError):
        return False


def stay(git: Git, oids: Sequence[str]) -> bool:
    """Whether one of some objects is there, in a pack maybe."""
    # An empty folder is there for git in every repository.
    asked = "".join(f"{oid}\n" for oid in oids if oid != _NOTHING).encode()
    said = git.run("cat-file", "--batch-check=%(objectname)", stdin=asked)
    return any(not line.endswith(b" missing") for line in said.splitlines())


def erase(git: Git) -> Erasure:
    """Delete everything in this copy that held an old keyring. The caller holds the lock.

    Safe to repeat; a copy in which there is nothing to clean is only listed.
    """
    report = Erasure()
    clear_scratch()
    current = _current(git)
    _come_back(git, report)
    _drop_references(git, current, report)
    _drop_reflogs(git)
    _drop_indexes(git)
    _drop_half_written(git)
    git.run("read-tree", MAIN)
    sound: set[str] = set()
    if _superseded(git, current, sound)[1]:
        _drop_kept_packs(git, report)
        git.close()
        git.run("repack", "-a", "-d", "-q", "--no-write-bitmap-index")
        git.run("prune", "--expire=now")
        git.run("prune-packed", "-q")
    report.objects, still = _superseded(git, current, sound)
    if still:
        _explain(git, still, report)
    _look_outside(git, current, report)
    if report.done:
        _note(git).unlink(missing_ok=True)
        with suppress(OSError):
            guest_note(git).unlink(missing_ok=True)
    return report


def packs(git: Git) -> set[str]:
    """The names of the packs in this copy."""
    return {path.name for path in (git.dir / "objects" / "pack").glob("*.pack")}


def drop_unfinished(git: Git, *, packed: bool) -> None:
    """Delete what an exchange brought that was broken off: nothing names it. The caller holds the lock.

    :param packed: whether some of it may be in a pack.
    """
    _drop_half_written(git)
    git.close()
    if packed:
        git.run("repack", "-a", "-d", "-q", "--no-write-bitmap-index")
    git.run("prune", "--expire=now")


def _note(git: Git) -> Path:
    """Beside the journal while a disposal has not yet made its old keys gone from this copy."""
    return git.dir / "cpvol" / "clean-up"


def guest_note(git: Git) -> Path:
    """Beside it, and locked, while something is taken in."""
    return git.dir / "cpvol" / "guest"


def _current(git: Git) -> set[str]:
    """The ids of the keyring in force: its commit, its tree, its files."""
    commit = git.read(KEYRING)
    tree = tree_of(commit.data)
    return {commit.oid, tree, *(entry.oid for entry in git.tree(tree).values())}


def _superseded(git: Git, current: set[str], sound: set[str]) -> tuple[int, list[str]]:
    """How many objects there are in all, and the ids of those that belong to a keyring no longer in force.

    :param sound: the ids of objects that were read before and belong to none; those read now are added.
    """
    listing = git.run(
        "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
    )
    rows = [line.split(b" ") for line in listing.splitlines()]
    ids = [row[0].decode() for row in rows if row[1] in (b"blob", b"tree", b"commit")]
    unknown = [oid for oid in ids if oid not in current and oid not in sound]
    found = [each.oid for each in git.read_many(unknown) if of_keyring(each)]
    sound.update(set(unknown).difference(found))
    return len(rows), found


def of_keyring(found: Object) -> bool:
    """Whether an object is part of a keyring, told without any key.

    A keyring file is for a reader and the recovery page at least; a record is for exactly one key.
    """
    if found.kind == "blob":
        head = found.data[:65536].partition(b"\n--- ")[0]
        return found.data.startswith(_INTRO) and head.count(_STANZA) > 1
    if found.kind == "commit":
        tree = found.data[5:45].decode("ascii", "replace")
        return len(tree) == 40 and keyring_commit(tree).data == found.data
    # Its first name already tells most trees apart, and there are many.
    if not _NAME.match(found.data[:64].partition(b"\0")[0].decode("ascii", "replace")[7:]):
        return False
    try:
        names = decode_tree(found.data)
    except DamagedObject:
        return False
    return bool(names) and all(_NAME.match(name) for name in names)


def deletable(git: Git, oids: Sequence[str]) -> list[str]:
    """Of the objects that a keyring names, those that may go: whatever somebody put into it, main's own stay.

    :param oids: of a keyring's commit, its folder and its files, which others may have made.
    """
    found = ((oid, git.find(oid)) for oid in oids)
    if all(each is None or of_keyring(each) for _, each in found):
        return list(oids)
    # A keyring file for one reader alone looks like a record, so what main holds has to be listed.
    needed = set(git.run("rev-list", "--objects", "--no-object-names", MAIN).decode().split())
    return [oid for oid in oids if oid not in needed]


def _come_back(git: Git, report: Erasure) -> None:
    """Let the records folder stand on main, and forget working folders that are gone."""
    head = (git.dir / "HEAD").read_text(encoding="utf-8", errors="replace").strip()
    if head != f"ref: {MAIN}":
        git.run("symbolic-ref", "HEAD", MAIN)
        report.removed.append(
            "another version, which was open in the records folder (`doctor` puts the files back)"
        )
    before = len(_other_folders(git))
    git.run("worktree", "prune", "--expire=now")
    if before > len(_other_folders(git)):
        report.removed.append("the memory of a working folder that is not there any more")


def _drop_references(git: Git, current: set[str], report: Erasure) -> None:
    listing = git.run("for-each-ref", "--format=%(refname)").decode(errors="replace").splitlines()
    for name in listing:
        if name not in (MAIN, KEYRING) and _reaches_keyring(git, name, current):
            # A name that stands for another goes alone, and not what it stands for.
            git.run("update-ref", "--no-deref", "-d", name)
            report.removed.append(f"the reference {name}")
    for name in ("FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "AUTO_MERGE", "CHERRY_PICK_HEAD"):
        with suppress(FileNotFoundError):
            (git.dir / name).unlink()


def _reaches_keyring(git: Git, name: str, current: set[str]) -> bool:
    try:
        reached = git.run("rev-list", "--objects", "--no-object-names", name, f"^{MAIN}")
    except CpvolError:
        return True
    ids = [line.decode() for line in reached.split()]
    return any(
        of_keyring(each) for each in git.read_many([oid for oid in ids if oid not in current])
    ) or (bool(current & set(ids)))


def _drop_reflogs(git: Git) -> None:
    for place in (git.dir / "logs", *(git.dir / "worktrees").glob("*/logs")):
        with suppress(FileNotFoundError):
            shutil.rmtree(place)


def _drop_indexes(git: Git) -> None:
    """Lists of objects that git keeps for speed, and that name what is no longer there."""
    info = git.dir / "objects" / "info"
    for path in (info / "commit-graph", git.dir / "objects" / "pack" / "multi-pack-index"):
        path.unlink(missing_ok=True)
    shutil.rmtree(info / "commit-graphs", ignore_errors=True)


def _drop_half_written(git: Git) -> None:
    """What a git that was killed left of objects that it was about to store."""
    objects = git.dir / "objects"
    # What `git fsck --lost-found` writes out in plain.
    shutil.rmtree(git.dir / "lost-found", ignore_errors=True)
    for left in [*objects.glob("tmp_*"), *objects.glob("*/tmp_*")]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.chmod(stat.S_IWRITE | stat.S_IREAD)
                left.unlink()


def _drop_kept_packs(git: Git, report: Erasure) -> None:
    for keep in (git.dir / "objects" / "pack").glob("*.keep"):
        keep.chmod(stat.S_IWRITE | stat.S_IREAD)
        keep.unlink()
        report.removed.append(f"the mark that kept the pack {keep.stem}")


def _explain(git: Git, still: list[str], report: Erasure) -> None:
    """Say what still holds old keys, and what to do about it."""
    alternates = git.dir / "objects" / "info" / "alternates"
    if alternates.exists():
        report.left.append(
            "this copy borrows from another folder (objects/info/alternates): make a fresh copy with `join`"
        )
    elif not _other_folders(git):
        report.left.append(
            f"{len(still)} old files of keys could not be deleted: close other programs, then try again"
        )


def _look_outside(git: Git, current: set[str], report: Erasure) -> None:
    """Old keys that somebody put beside the records, or into another working folder of this copy."""
    listed = git.run("ls-files", "--others", "-z").decode(errors="replace").split("\0")
    # git does not look into a repository within this one.
    report.left += [
        f"another folder with a history of its own lies in the records folder: delete {name}"
        for name in listed
        if name.endswith("/")
    ]
    inside = [
        path.relative_to(git.folder).as_posix()
        for path in git.dir.rglob("*")
        if not _OWN.match(path.relative_to(git.dir).as_posix()) and path.is_file()
    ]
    for name in [each for each in listed if each and not each.endswith("/")] + inside:
        try:
            with (git.folder / name).open("rb") as file:
                head = file.read(65536)
        except OSError:
            continue
        if name in inside and _is_stored(head):
            report.left.append(f"what may hold old keys lies where nothing belongs: delete {name}")
        elif of_keyring(Object("blob", head, "")):
            report.left.append(f"a file of keys lies in the records folder: delete {name}")
        elif _is_old_backup(head, current):
            report.left.append(f"an older backup lies in the records folder: destroy {name}")
    report.left += [
        f"another working folder hangs on this copy: delete {folder}"
        for folder in _other_folders(git)
    ]


def _is_stored(head: bytes) -> bool:
    """Whether a file begins as git stores one object, or many."""
    if head.startswith(b"PACK"):
        return True
    try:
        return _STORED.match(zlib.decompressobj().decompress(head, 64)) is not None
    except zlib.error:
        return False


def _other_folders(git: Git) -> list[Path]:
    links = sorted((git.dir / "worktrees").glob("*/gitdir"))
    return [Path(link.read_text(encoding="utf-8").strip()).parent for link in links]


def _is_old_backup(head: bytes, current: set[str]) -> bool:
    """Whether a file begins as a bundle that holds another keyring than the one in force."""
    if not head.startswith(b"# v") or b" git bundle\n" not in head[:32]:
        return False
    named = re.findall(rb"^([0-9a-f]{40}) \S*keyring$", head, re.MULTILINE)
    return any(oid.decode() not in current for oid in named)
