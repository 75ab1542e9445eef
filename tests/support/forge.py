"""A forger: makes any commit, tree or object, sound or not, signed with whatever keys a test gives it.

Objects are written as loose files by hand, so that nothing of git or cpvol refuses them on the way.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cpvol.ledger import commits, layout
from cpvol.ledger.commits import Change, Commit, Message, Written
from cpvol.ledger.objects import FILE, Kind, object_id
from cpvol.vault import envelope
from cpvol.vault.credential import Identity

Sign = Callable[[bytes], str]
Files = Mapping[str, bytes | None]
#: A tree's entries: (mode, name, id), written in the order in which they are given.
Row = tuple[str, bytes, str]

NEUTRAL = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def git(folder: Path, *words: str, stdin: bytes = b"", status: int | None = 0) -> str:
    """Run stock git as somebody would who has no configuration of their own."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=os.environ | NEUTRAL,
        check=False,
        timeout=60,
    )
    if status is not None:
        assert done.returncode == status, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="replace").strip()


@dataclass
class Forge:
    """A records repository in the forger's hands.

    :param people: credentials by handle; those that the forger may sign with.
    :param clock: the time of the next commit.
    :param ring: an old copy of the keyring.
    """

    folder: Path
    people: dict[str, Identity]
    page: Identity
    clock: int
    notes: dict[str, str] = field(default_factory=dict)
    ring: dict[str, bytes] = field(default_factory=dict)

    # -- reading -----------------------------------------------------------------------------------------------

    def ref(self, name: str = "refs/heads/main") -> str:
        """The id that a reference has."""
        return git(self.folder, "rev-parse", name)

    def raw(self, oid: str) -> bytes:
        """The content of an object."""
        kind = git(self.folder, "cat-file", "-t", oid)
        done = subprocess.run(
            ["git", "cat-file", kind, oid],
            cwd=self.folder,
            capture_output=True,
            env=os.environ | NEUTRAL,
            check=True,
        )
        return done.stdout

    def commit_at(self, name: str = "refs/heads/main") -> Commit:
        """A commit, read."""
        return commits.decode(self.raw(self.ref(name)))

    def files(self, name: str = "refs/heads/main") -> dict[str, tuple[str, str]]:
        """Every file of a commit: (mode, id) by path."""
        found = {}
        for line in git(self.folder, "ls-tree", "-r", name).splitlines():
            head, _, path = line.partition("\t")
            mode, _, oid = head.split(" ")
            found[path] = (mode, oid)
        return found

    def content(self, path: str, name: str = "refs/heads/main") -> bytes:
        """The content of a file of main."""
        return self.raw(self.files(name)[path][1])

    def records(self, log: str) -> list[str]:
        """The paths of a log's records."""
        return [path for path in self.files() if path.startswith(f"{log}/")]

    # -- writing -----------------------------------------------------------------------------------------------

    def loose(self, kind: Kind | str, data: bytes, oid: str = "") -> str:
        """Write an object, under its own id or under another."""
        whole = b"%s %d\0" % (kind.encode(), len(data)) + data
        oid = oid or hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        place = self.folder / ".git" / "objects" / oid[:2] / oid[2:]
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            place.chmod(0o644)
        place.write_bytes(zlib.compress(whole, 1))
        return oid

    def point(self, oid: str, name: str = "refs/heads/main") -> str:
        """Let a reference point at any object."""
        place = self.folder / ".git" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(oid + "\n")
        return oid

    def tree(self, files: Mapping[str, tuple[str, str]]) -> str:
        """Trees over files by path."""
        rows: list[Row] = []
        below: dict[str, dict[str, tuple[str, str]]] = {}
        for path, entry in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {})[rest] = entry
            else:
                rows.append((entry[0], name.encode("utf-8", "surrogateescape"), entry[1]))
        rows += [("40000", name.encode(), self.tree(inner)) for name, inner in below.items()]
        rows.sort(key=lambda row: row[1] + (b"/" if row[0] == "40000" else b""))
        return self.rows(rows)

    def rows(self, rows: Sequence[Row]) -> str:
        """One tree of exactly these entries in exactly this order."""
        data = b"".join(b"%s %s\0%s" % (m.encode(), n, bytes.fromhex(o)) for m, n, o in rows)
        return self.loose("tree", data)

    def draft(
        self,
        action: str,
        files: Files,
        *,
        by: str = "member-1",
        subject: str = "",
        parent: str | None = None,
        modes: Mapping[str, str] | None = None,
        tree: str = "",
        keys: Mapping[str, str] | None = None,
        **message: object,
    ) -> Commit:
        """A commit that fits its parent in every way that is not asked to be otherwise; not signed yet.

        :param files: what changes, by path.
        :param modes: of files that are to have another mode than an ordinary file.
        :param tree: the id of the tree, when it is not that of the files.
        :param keys: the keys that records were sealed to, by path.
        :param message: fields of the message to put in the place of the right ones.
        """
        parent = parent or self.ref()
        data = self.raw(parent)
        before = commits.decode(data)
        now = self.files(parent)
        changes = []
        for path, new in files.items():
            mode = (modes or {}).get(path, FILE)
            if new is None:
                now.pop(path)
                changes.append(Change(path))
            else:
                oid = new.decode() if mode == "160000" else self.loose("blob", new)
                now[path] = (mode, oid)
                changes.append(Change(path, mode, hashlib.sha256(new).hexdigest()))
        named = {path: parsed for path in files if (parsed := layout.parse_record_path(path))}
        written = [
            Written(
                "/".join(named[path]), envelope.commitment((keys or {}).get(path) or _new_key())
            )
            for path in named
            if files[path] is not None
        ]
        removed = ["/".join(named[path]) for path in named if files[path] is None]
        self.clock += 60
        said = Message(
            subject or f"{action if not named else 'records'}: {action} {len(files)} entries",
            action,
            before.message.keyring,
            commits.chain_value(before.message.chain, data, changes),
            tuple(sorted(written, key=lambda each: each.record)),
            tuple(sorted(removed)) if action == "dispose" else (),
        )
        return Commit(
            tree or self.tree(now),
            parent,
            by,
            self.clock,
            self.clock,
            replace(said, **message),  # type: ignore[arg-type]
        )

    def sign(self, commit: Commit, by: Identity | None = None, namespace: str = "git") -> Commit:
        """Sign a commit, as its author or as somebody else."""
        identity = by or (self.page if commit.handle == "recovery" else self.people[commit.handle])
        return replace(commit, signature=identity.sign(commit.payload(), namespace))

    def put(self, commit: Commit | bytes) -> str:
        """Write a commit and let main point at it."""
        data = commit if isinstance(commit, bytes) else commit.encode()
        return self.point(self.loose("commit", data))

    def change(
        self, action: str, files: Files, *, signer: Identity | None = None, **how: object
    ) -> str:
        """Draft, sign and put."""
        return self.put(self.sign(self.draft(action, files, **how), signer))  # type: ignore[arg-type]

    def record(self, log: str = "training", text: bytes = b"id: x\n") -> tuple[str, bytes, str]:
        """A sealed record that was never entered: its path, bytes and key."""
        key = _new_key()
        return layout.record_path(log, layout.new_id()), envelope.seal(text, key), key


def _new_key() -> str:
    return envelope.new_key()


def raw_signed(forge: Forge, head: bytes, message: bytes, by: str = "member-1") -> bytes:
    """A commit of any header and message, signed over exactly what git would sign."""
    payload = head + b"\n" + message
    signature = forge.people[by].sign(payload, "git").rstrip("\n").replace("\n", "\n ")
    return head + f"gpgsig {signature}\n".encode() + b"\n" + message


def random_hex() -> str:
    """Sixty-four characters that are nobody's digest."""
    return secrets.token_hex(32)


__all__ = ["Forge", "git", "object_id", "random_hex", "raw_signed"]
