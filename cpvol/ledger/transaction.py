"""The order of writing: one change of main and of the keyring, whole or not at all, whenever the power goes.

    1  journal      what is about to happen, with both references' old and new ids      .git/cpvol/journal.json
    2  objects      everything new, flushed to the disk
    3  keyring      the reference, so that no record is ever on main without its key
    4  main         the reference; from here on the change is confirmed
    5  superseded   the keyring's old objects are deleted
    6  working files and index follow main
    7  the journal goes

Whoever comes next and finds a journal finishes it when all objects are there, and otherwise takes back the little
that was written. A task that fails before step 4 is done takes it back itself: what it said did not happen does not
happen later. All of this happens under one lock for each repository.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError
from cpvol.files import write_file
from cpvol.ledger import erase
from cpvol.ledger.git import KEYRING, MAIN, Git
from cpvol.ledger.objects import Entry, Object, decode_tree, tree_of

if TYPE_CHECKING:
    import portalocker

#: How long a task waits for another one that is writing.
PATIENCE_SECONDS = 60

_LOCKS = (
    "index.lock",
    "HEAD.lock",
    "config.lock",
    "packed-refs.lock",
    "refs/heads/main.lock",
    "refs/heads/keyring.lock",
)


class Busy(CpvolError):
    """Another task holds the lock for longer than anybody should wait."""

    def __init__(self) -> None:
        super().__init__(
            "another task is still writing to these records",
            "wait until it is done, then try again",
        )


class CannotWrite(CpvolError):
    """The folder does not let us write."""

    def __init__(self, error: OSError) -> None:
        import errno

        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            super().__init__(
                "the disk is full", "make room on the disk, then try again; nothing was changed"
            )
        else:
            super().__init__(
                "the records folder cannot be written",
                "check that you may write there, then try again",
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """One change, ready to be written.

    :param main: the new commit of main.
    :param main_old: the id that main has now, ``None`` before the founding commit.
    :param keyring: the new keyring commit.
    :param keyring_old: the id that the keyring has now.
    :param objects: every object that may be new, the commits included.
    :param working: the files that change: their entry and content, or ``None`` when they go.
    """

    main: Object
    main_old: str | None
    keyring: Object
    keyring_old: str | None
    objects: Sequence[Object]
    working: Mapping[str, tuple[Entry, bytes] | None] = field(default_factory=dict)


@contextmanager
def locked(git: Git) -> Iterator[None]:
    """Hold the repository's lock; finish or take back first what an interrupted task left.

    Whoever holds it already through the same :class:`Git` goes straight on.

    :raises Busy: when another task holds it for a minute.
    """
    if git.locked:
        yield
        return
    import portalocker

    place = git.dir / "cpvol"
    try:
        place.mkdir(exist_ok=True)
        lock = portalocker.Lock(
            place / "lock", mode="a", timeout=PATIENCE_SECONDS, fail_when_locked=False
        )
        lock.acquire()
    except portalocker.exceptions.LockException:
        raise Busy from None
    except OSError as error:
        raise CannotWrite(error) from None
    git.locked = True
    try:
        recover(git)
        erase.resume(git)
        yield
    except OSError as error:
        raise CannotWrite(error) from None
    finally:
        git.locked = False
        lock.release()


@contextmanager
def guest(git: Git) -> Iterator[None]:
    """Note, for as long as it is so, that keys from elsewhere are in this copy, which may be those of what was destroyed.

    When this is killed, whoever comes next deletes them. Two at once would take away what the other is looking at.

    :raises Busy: when another goes on for a minute.
    """
    place = erase.guest_note(git)
    lock, left = _held(place)
    try:
        if left:
            with locked(git):
                erase.erase(git)
        yield
    finally:
        try:
            place.unlink()
            lock.release()
        except OSError:
            # Windows lets go of nothing that is open; and whoever waited for it may have it by then.
            lock.release()
            with suppress(OSError):
                place.unlink()


def _held(place: Path) -> tuple[portalocker.Lock, bool]:
    """A lock on a file that is still there; and whether it was there before, as somebody who was killed leaves it."""
    import portalocker

    try:
        place.parent.mkdir(exist_ok=True)
        while True:
            left = place.exists()
            lock = portalocker.Lock(
                place, mode="a", timeout=PATIENCE_SECONDS, fail_when_locked=False
            )
            file = lock.acquire()
            with suppress(OSError):
                if os.path.samestat(os.fstat(file.fileno()), place.stat()):
                    return lock, left
            lock.release()
    except portalocker.exceptions.LockException:
        raise Busy from None
    except OSError as error:
        raise CannotWrite(error) from None


def write(git: Git, plan: Plan) -> None:
    """Carry out a plan. The caller holds the lock and made the plan from the references as they are now.

    :raises CpvolError: when it could not be done; it will then not be done later either.
    """
    journal: dict[str, Any] = {
        "format": 1,
        "main": [plan.main_old, plan.main.oid],
        "keyring": [plan.keyring_old, plan.keyring.oid],
        "superseded": _superseded(git, plan),
        "fresh": _fresh(git, plan),
    }
    with _undisturbed():
        try:
            write_file(_journal(git), json.dumps(journal).encode(), flush=True)
            git.store(plan.objects)
            _move_refs(git, journal)
        except (CpvolError, OSError):
            if _ref(git, MAIN) != plan.main.oid:
                with suppress(CpvolError, OSError):
                    _take_back(git, journal)
                raise
        # Confirmed: from here on nothing may say that it failed. What cannot be done now, the next task does.
        with suppress(CpvolError, OSError):
            forget(git, journal["superseded"])
            _follow(git, plan.working)
            _journal(git).unlink(missing_ok=True)


def recover(git: Git) -> bool:
    """Finish or take back what an interrupted task left. The caller holds the lock.

    :returns: whether there was anything.
    """
    path = _journal(git)
    try:
        journal = json.loads(path.read_bytes())
        main_old, main_new = journal["main"]
        keyring_old, keyring_new = journal["keyring"]
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        # Written whole or not at all, so this is no journal of ours; nothing was begun with it.
        path.unlink(missing_ok=True)
        return True
    for name in _LOCKS:
        (git.dir / name).unlink(missing_ok=True)
    git.close()
    main, keyring = _ref(git, MAIN), _ref(git, KEYRING)
    begun = main in (main_old, main_new) and keyring in (keyring_old, keyring_new)
    if begun and git.complete(main_new, main_old) and git.complete(keyring_new, None):
        _move_refs(git, journal)
        forget(git, journal["superseded"])
        with suppress(CpvolError, OSError):
            # The record is safe in the history; a working file that cannot be written is for `doctor` to mend.
            _follow_everything(git, main_new)
        path.unlink(missing_ok=True)
    elif begun and main == main_old:
        _take_back(git, journal)
    else:
        path.unlink(missing_ok=True)
    return True


def _move_refs(git: Git, journal: Mapping[str, Any]) -> None:
    updates = [
        (name, new, old)
        for name, (old, new) in ((KEYRING, journal["keyring"]), (MAIN, journal["main"]))
        if _ref(git, name) != new
    ]
    if updates:
        git.set_refs(updates)


def _take_back(git: Git, journal: Mapping[str, Any]) -> None:
    """Leave the repository as it was before a change that is not confirmed."""
    # First what makes the change impossible to finish; deleting works on a full disk too.
    forget(git, [journal["main"][1]])
    old, new = journal["keyring"]
    if old is not None and old != new and _ref(git, KEYRING) == new:
        git.set_refs([(KEYRING, old, new)])
    forget(git, journal["fresh"])
    _journal(git).unlink(missing_ok=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no Ctrl-C cut a change in two; a program started meanwhile does not hear it either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler if before is None else before)


def forget(git: Git, oids: Iterable[str]) -> None:
    """Delete objects that stand alone as files; what is inside a pack stays until a disposal clears the packs."""
    for oid in oids:
        path = _loose(git, oid)
        with suppress(FileNotFoundError):
            path.chmod(stat.S_IWRITE | stat.S_IREAD)
            path.unlink()
    git.close()


def _loose(git: Git, oid: str) -> Path:
    return git.dir / "objects" / oid[:2] / oid[2:]


def _journal(git: Git) -> Path:
    return git.dir / "cpvol" / "journal.json"


def _ref(git: Git, name: str) -> str | None:
    found = git.find(name)
    return found.oid if found else None


def _fresh(git: Git, plan: Plan) -> list[str]:
    """The ids of what the change brings: what must not stay behind when it is taken back.

    One that lies in a pack already is never written as a file of its own, so that forgetting it does nothing.
    """
    return [each.oid for each in plan.objects if not _loose(git, each.oid).exists()]


def _superseded(git: Git, plan: Plan) -> list[str]:
    if plan.keyring_old is None or plan.keyring_old == plan.keyring.oid:
        return []
    by_id = {each.oid: each for each in plan.objects}
    new_tree = by_id[tree_of(plan.keyring.data)]
    kept = {plan.keyring.oid, new_tree.oid, *(e.oid for e in decode_tree(new_tree.data).values())}
    old_tree = tree_of(git.read(plan.keyring_old).data)
    old = [plan.keyring_old, old_tree, *(e.oid for e in git.tree(old_tree).values())]
    return erase.deletable(git, [oid for oid in old if oid not in kept])


def _follow(git: Git, working: Mapping[str, tuple[Entry, bytes] | None]) -> None:
    sound: set[Path] = set()
    for path, new in working.items():
        place = _place(git, path, sound)
        if new is None:
            _remove(place, path)
        else:
            write_file(place, new[1])
    git.follow({path: new[0] if new else None for path, new in working.items()})


def _remove(place: Path, path: str) -> None:
    """Delete a working file, and the folders that it leaves empty."""
    place.unlink(missing_ok=True)
    for above in list(place.parents)[: path.count("/")]:
        with suppress(OSError):
            above.rmdir()


def _place(git: Git, path: str, sound: set[Path]) -> Path:
    """Where a working file stands; ``sound`` remembers the folders that were looked at."""
    place = git.folder.joinpath(*path.split("/"))
    if place.parent not in sound:
        # A link planted in the working folder must not lead a file to somewhere else.
        if not place.parent.resolve().is_relative_to(git.folder.resolve()):
            raise OSError(f"{path.partition('/')[0]} leads out of the records folder")
        sound.add(place.parent)
    return place


def follow_main(git: Git) -> list[str]:
    """Bring the working files to what main holds. The caller holds the lock.

    :returns: the paths that were not as they had to be.
    """
    files = git.files(MAIN)
    blobs = git.read_many([entry.oid for entry in files.values()])
    wrong = []
    for path, blob in zip(files, blobs, strict=True):
        place = git.folder.joinpath(*path.split("/"))
        if not place.is_file() or place.read_bytes() != blob.data:
            wrong.append(path)
    if wrong:
        _follow_everything(git, MAIN)
    return wrong


def _follow_everything(git: Git, main: str) -> None:
    files = git.files(main)
    blobs = git.read_many([entry.oid for entry in files.values()])
    sound: set[Path] = set()
    for path, blob in zip(files, blobs, strict=True):
        place = _place(git, path, sound)
        if not place.is_file() or place.read_bytes() != blob.data:
            write_file(place, blob.data)
    for path in git.indexed():
        if path not in files:
            _remove(_place(git, path, sound), path)
    git.run("read-tree", main)
