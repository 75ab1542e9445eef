"""The chain: where main stands, and the next commit on top of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cpvol.ledger import commits, transaction, trees
from cpvol.ledger.commits import Change, Commit, Message, Written
from cpvol.ledger.git import KEYRING, Git
from cpvol.ledger.objects import FILE, Entry, Object, Tree, encode_tree, make, tree_of


@dataclass(frozen=True, slots=True)
class Head:
    """A commit of main, read: its id, its object, what it says, and its top folder."""

    oid: str
    data: bytes
    commit: Commit
    top: Tree


def read_head(git: Git, name: str) -> Head:
    """The commit of that id or name.

    :raises MissingObject: when it is not there.
    :raises BadCommit: when it is not in the form that cpvol writes.
    """
    found = git.read(name)
    commit = commits.decode(found.data)
    return Head(found.oid, found.data, commit, git.tree(commit.tree))


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit to be made.

    :param handle: author and committer.
    :param sign: (message, namespace) to an armored signature.
    :param subject: the first line of its message; holds no personal data.
    :param entered: when it was entered, seconds since 1970.
    :param accepted: when it takes its place.
    :param files: the files of main that change, by path; ``None`` takes one out.
    :param ring: every keyring file after it, sealed, by name.
    :param digest: ``Keyring-SHA256`` of that keyring.
    :param written: the record versions it writes, in the order of their names.
    :param removed: the records that a disposal takes out, ``log/id``, in order.
    """

    handle: str
    sign: Callable[[bytes, str], str]
    subject: str
    action: str
    entered: int
    accepted: int
    files: Mapping[str, bytes | None]
    ring: Mapping[str, bytes]
    digest: str
    written: tuple[Written, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A commit of main that was made and is not written yet.

    :param main: the commit.
    :param objects: its files and folders that may be new; not the commit itself.
    :param working: as in :class:`~cpvol.ledger.transaction.Plan`.
    """

    main: Object
    objects: Sequence[Object]
    working: Mapping[str, tuple[Entry, bytes] | None]


def link(git: Git, head: Head | None, draft: Draft) -> Link:
    """The commit that a draft makes on top of another; the keyring is left out but for its digest.

    :param head: the parent, or ``None`` for a founding commit.
    """
    blobs = {path: make("blob", data) for path, data in draft.files.items() if data is not None}
    if head is not None:
        # A file that is written as it was is no change, and the chain value must not name it.
        same = {path for path, b in blobs.items() if head.top.get(path) == Entry(FILE, b.oid)}
        draft = replace(draft, files={p: d for p, d in draft.files.items() if p not in same})
        blobs = {path: blob for path, blob in blobs.items() if path not in same}
    entries = {
        path: Entry(FILE, blobs[path].oid) if path in blobs else None for path in draft.files
    }
    root, folders = trees.changed(git, head.commit.tree if head else None, entries)
    message = Message(
        draft.subject, draft.action, draft.digest, _chain(head, draft), draft.written, draft.removed
    )
    commit = Commit(
        root, head.oid if head else None, draft.handle, draft.entered, draft.accepted, message
    )
    signature = draft.sign(commit.payload(), commits.NAMESPACE)
    main = make("commit", replace(commit, signature=signature).encode())
    working = {
        path: (Entry(FILE, blobs[path].oid), blobs[path].data) if path in blobs else None
        for path in draft.files
    }
    return Link(main, [*blobs.values(), *folders], working)


def keyring_objects(
    git: Git, files: Mapping[str, bytes]
) -> tuple[Object, list[Object], str | None]:
    """The commit of a keyring, its objects that the present keyring does not have, and the present keyring's id."""
    old = git.find(KEYRING)
    known: set[str] = set()
    if old is not None:
        known = {e.oid for e in git.tree(tree_of(old.data)).values()}
    ring = {name: make("blob", data) for name, data in files.items()}
    tree = make("tree", encode_tree({name: Entry(FILE, b.oid) for name, b in ring.items()}))
    commit = commits.keyring_commit(tree.oid)
    fresh = [blob for blob in ring.values() if blob.oid not in known]
    return commit, [*fresh, tree, commit], old.oid if old else None


def plan(git: Git, head: Head | None, draft: Draft) -> transaction.Plan:
    """The objects and references of a commit on top of another; nothing is written yet.

    :param head: the parent, or ``None`` for a founding commit.
    """
    made = link(git, head, draft)
    keyring, ring, keyring_old = keyring_objects(git, draft.ring)
    return transaction.Plan(
        main=made.main,
        main_old=head.oid if head else None,
        keyring=keyring,
        keyring_old=keyring_old,
        objects=[*ring, *made.objects, made.main],
        working=made.working,
    )


def _chain(head: Head | None, draft: Draft) -> str:
    changes = [
        Change(path) if data is None else Change(path, FILE, hashlib.sha256(data).hexdigest())
        for path, data in draft.files.items()
    ]
    if head is None:
        return commits.chain_value(commits.NO_DIGEST, b"", changes)
    return commits.chain_value(head.commit.message.chain, head.data, changes)
