"""Looks at a records repository from outside, object by object, and says what is wrong with it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyrage

from cpvol.errors import CpvolError
from cpvol.ledger import commits, layout
from cpvol.ledger.objects import Tree, decode_tree
from cpvol.vault import keyring
from cpvol.vault.credential import Identity
from tests.support.world import stock_git

MAIN = "refs/heads/main"
KEYRING = "refs/heads/keyring"


@dataclass
class Inside:
    """Everything that a repository holds, reachable or not, read by stock git in one go.

    :param refs: the references and where they point.
    :param objects: by id: kind and content.
    """

    folder: Path
    refs: dict[str, str]
    objects: dict[str, tuple[str, bytes]]

    def tree(self, oid: str) -> Tree:
        """The entries of the tree of that id, or of the commit of that id."""
        kind, data = self.objects[oid]
        return decode_tree(data) if kind == "tree" else self.tree(data[5:45].decode())

    def keyring(self) -> dict[str, bytes]:
        """The files of the keyring branch."""
        return {n: self.objects[e.oid][1] for n, e in self.tree(self.refs[KEYRING]).items()}

    def chain(self) -> Iterator[tuple[commits.Commit, str]]:
        """The commits of main with their ids, newest first."""
        oid: str | None = self.refs[MAIN]
        while oid:
            commit = commits.decode(self.objects[oid][1])
            yield commit, oid
            oid = commit.parent

    def blob(self, commit: str, path: str) -> bytes:
        """A file of a commit."""
        *folders, name = path.split("/")
        tree = self.tree(commit)
        for folder in folders:
            tree = self.tree(tree[folder].oid)
        return self.objects[tree[name].oid][1]

    def records(self) -> set[tuple[str, str]]:
        """(log, id) of every record that was ever entered."""
        return {
            (log, id)
            for commit, _ in self.chain()
            for each in commit.message.written
            for log, _, id in [each.record.partition("/")]
        }


def look(folder: Path) -> Inside:
    """Read a whole repository."""
    named = (line.split(" ") for line in stock_git(folder, "show-ref").splitlines())
    refs = {name: oid for oid, name in named}
    return Inside(folder, refs, objects_in(folder))


def objects_in(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Every object of a repository, bare or not: by id, its kind and content."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch", "--batch-all-objects"],
        cwd=folder,
        capture_output=True,
        check=True,
    ).stdout
    objects: dict[str, tuple[str, bytes]] = {}
    at = 0
    while at < len(listed):
        end = listed.index(b"\n", at)
        oid, kind, size = listed[at:end].decode().split(" ")
        objects[oid] = (kind, listed[end + 1 : end + 1 + int(size)])
        at = end + 2 + int(size)
    return objects


def keys_of(inside: Inside, identity: Identity) -> dict[str, tuple[str, ...]]:
    """Every record's keys, oldest version first, out of the keyring as it is now."""
    found: keyring.Keys = {}
    for sealed in inside.keyring().values():
        found |= keyring.decode(pyrage.decrypt(sealed, [identity.opener]))
    return found


def keys_anywhere(folder: Path, identities: Iterable[Identity]) -> dict[str, set[str]]:
    """Every record key that an identity gets out of any object of a repository, reachable or not, by record."""
    keys: dict[str, set[str]] = {}
    identities = list(identities)
    for kind, data in objects_in(folder).values():
        for identity in identities if kind == "blob" else ():
            with suppress(CpvolError):
                for id, held in keyring.open_(data, identity).items():
                    keys.setdefault(id, set()).update(held)
    return keys


def texts(folder: Path, identity: Identity) -> dict[str, bytes]:
    """What stands in every record now, by id, opened without the program."""
    inside = look(folder)
    keys = keys_of(inside, identity)
    found: dict[str, bytes] = {}
    for log, id in inside.records():
        sealed = inside.blob(inside.refs[MAIN], layout.record_path(log, id))
        opened = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(keys[id][-1])])
        found[id] = opened.rstrip(b"\n")
    return found


def without_key(folder: Path, identity: Identity) -> list[str]:
    """The records whose present version opens with none of its keys; also in the middle of a change."""
    inside = look(folder)
    keys = keys_of(inside, identity)
    found: list[str] = []
    for log, id in sorted(inside.records()):
        sealed = inside.blob(inside.refs[MAIN], layout.record_path(log, id))
        openers = [pyrage.x25519.Identity.from_str(key) for key in keys.get(id, ())]
        try:
            pyrage.decrypt(sealed, openers)
        except pyrage.DecryptError:
            found.append(f"{log}/{id}")
    return found


def problems(folder: Path, identity: Identity) -> list[str]:
    """What is wrong with a repository that no task is working on.

    The tip of main names the keyring there is; every version of every record has its key, which matches its
    commitment and opens it; no other keyring is left anywhere; no lock, journal or half file lies about; the
    working files and the index are those of main.
    """
    inside = look(folder)
    found = list(_of_keys(inside, identity))
    found += _of_leftovers(inside, identity)
    status = stock_git(folder, "status", "--porcelain", "--ignored")
    found += [f"working files: {line}" for line in status.splitlines()]
    fsck = stock_git(folder, "fsck", "--strict", "--full", check=False)
    found += [line for line in fsck.splitlines() if not line.startswith("dangling")]
    return found


def _of_keys(inside: Inside, identity: Identity) -> Iterator[str]:
    tip, _ = next(inside.chain())
    if keyring.digest(inside.keyring()) != tip.message.keyring:
        yield "the tip names another keyring"
    keys = keys_of(inside, identity)
    versions = {record: list(its) for record, its in keys.items()}
    for commit, oid in inside.chain():
        for each in commit.message.written:
            log, _, id = each.record.partition("/")
            if not versions.get(id):
                yield f"{each.record} lacks a key"
                continue
            key = versions[id].pop()
            if hashlib.sha256(key.encode()).hexdigest() != each.key:
                yield f"{each.record} has a key that does not match its commitment"
            sealed = inside.blob(oid, layout.record_path(log, id))
            try:
                pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
            except pyrage.DecryptError:
                yield f"{each.record} does not open with its key"
    yield from (
        f"{id} has keys for versions that are not on main" for id, its in versions.items() if its
    )


def _of_leftovers(inside: Inside, identity: Identity) -> Iterator[str]:
    current = {inside.refs[KEYRING]} | {e.oid for e in inside.tree(inside.refs[KEYRING]).values()}
    for oid, (kind, data) in inside.objects.items():
        if oid in current:
            continue
        if kind == "commit" and b"gpgsig" not in data:
            yield f"a keyring commit is left: {oid}"
        if kind == "blob" and data.startswith(b"age-encryption.org/v1"):
            try:
                pyrage.decrypt(data, [identity.opener])
            except pyrage.DecryptError:
                continue
            yield f"a keyring file is left: {oid}"
    git = inside.folder / ".git"
    for path in sorted(git.rglob("*")):
        name = path.name
        if name.endswith((".lock", ".new")) or name.startswith(("tmp_", "journal")):
            yield f"left behind: {path.relative_to(git).as_posix()}"
