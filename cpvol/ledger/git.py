"""The only place that runs git.

Plumbing is run directly, because importing GitPython takes longer than a whole entry may; GitPython makes and clones
repositories. Both run in a pinned environment: nothing of the user's or the system's configuration, no hooks, no
helper programs, no replaced objects, whatever the repository's own configuration says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Self

from cpvol.errors import CpvolError
from cpvol.ledger import bounded
from cpvol.ledger.objects import Entry, Kind, Object, Tree, decode_tree, encode_pack, make

MAIN = "refs/heads/main"
KEYRING = "refs/heads/keyring"

#: Above this many objects a pack of its own is kept; below it they become loose files that can be deleted singly.
LOOSE_LIMIT = 400
# How many objects are asked for at once: their names fit the smallest pipe there is, 4,096 bytes on Windows, so that
# neither side waits for the other.
_LOT = 90
# Above this many, a process of their own is worth its start.
_AHEAD_ABOVE = 500
#: An object larger than this is no part of any repository that cpvol made.
MAX_OBJECT = 64 << 20

_SETTINGS: Mapping[str, str] = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.quotePath": "false",
    "core.fsync": "all",
    "core.logAllRefUpdates": "false",
    "core.commitGraph": "false",
    "core.untrackedCache": "false",
    "core.longPaths": "true",
    "core.protectNTFS": "true",
    "core.protectHFS": "true",
    "commit.gpgSign": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    "init.defaultBranch": "main",
    "protocol.ext.allow": "never",
}
_KINDS: Mapping[bytes, Kind] = {
    b"commit": "commit",
    b"tree": "tree",
    b"blob": "blob",
    b"tag": "tag",
}
# Variables that would point git at other objects, another index, or a program; and ours, one of which is a passphrase,
# that no ssh command or credential helper shall see.
_UNWANTED = ("GIT_", "SSH_ASKPASS", "CPVOL_")


# What a person may have set so that git reaches their host; nothing of it says where the records are.
_ROUTE = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_ASKPASS",
    "GIT_PROXY_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
    "GIT_EXEC_PATH",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_GLOBAL",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
)
_NETWORK_SETTINGS: Mapping[str, str] = {
    "fetch.fsckObjects": "true",
    # Otherwise a mere remark; what compares folders relies on it.
    "fetch.fsck.badFilemode": "error",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "http.lowSpeedLimit": "200",
    "http.lowSpeedTime": "60",
}


class NoGit(CpvolError):
    """The git program is not there."""

    def __init__(self) -> None:
        super().__init__(
            "the program git is not installed", "install it from git-scm.com, then try again"
        )


class GitFailed(CpvolError):
    """git could not do what it was asked. Its own words are kept for a report, not shown to a coordinator."""

    def __init__(self, command: str, status: int, output: str) -> None:
        reason = _plain_reason(output)
        super().__init__(
            reason[0] or f"the records could not be read or written (git {command}: {status})",
            reason[1],
        )
        self.output = output


def _plain_reason(output: str) -> tuple[str, str]:
    text = output.lower()
    if "no space left" in text or "disk full" in text:
        return "the disk is full", "make room on the disk, then try again; nothing was changed"
    if "permission" in text or "read-only" in text or "unable to create" in text:
        return (
            "the records folder cannot be written",
            "check that you may write there, then try again",
        )
    if (
        "corrupt" in text
        or "missing" in text
        or "bad object" in text
        or "inflate" in text
        or "unable to read" in text
    ):
        return "a stored file is damaged", "restore these records from another copy"
    return "", "run `doctor`, or restore these records from another copy"


class MissingObject(CpvolError):
    """An object that the history names is not there, or cannot be read."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"part of the records is missing or damaged ({name[:12]})",
            "restore these records from another copy",
        )


def environment(
    git_dir: Path | None = None, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment that git runs in: the process's own, less everything that could steer git, plus ours."""
    pinned = {
        key: value for key, value in os.environ.items() if not key.upper().startswith(_UNWANTED)
    }
    pinned |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        # What is missing is missing; it is not fetched with a program that the repository names.
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    pinned |= _configured(_SETTINGS)
    if git_dir is not None:
        pinned["GIT_DIR"] = str(git_dir)
    return pinned | dict(extra or {})


def network_environment(
    git_dir: Path, settings: Mapping[str, str], *, prompt: bool, config: Path | None
) -> dict[str, str]:
    """The environment for reaching a meeting place: the user's credential helper, proxy and ssh command are kept.

    :param settings: of git's, besides ours.
    :param prompt: whether git may ask for a password on the terminal.
    :param config: a file in the place of the user's own configuration.
    """
    kept = {key: value for key, value in os.environ.items() if key.upper() in _ROUTE}
    made = environment(git_dir)
    for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"):
        del made[name]
    made |= kept | _configured({**_SETTINGS, **_NETWORK_SETTINGS, **settings})
    made["GIT_TERMINAL_PROMPT"] = "1" if prompt else "0"
    made["GIT_ALLOW_PROTOCOL"] = "file:git:http:https:ssh"
    if config is not None:
        made["GIT_CONFIG_GLOBAL"] = str(config)
    return made


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        found[f"GIT_CONFIG_KEY_{number}"] = key
        found[f"GIT_CONFIG_VALUE_{number}"] = value
    return found


def user_configuration() -> list[Path]:
    """The files of the user's own git configuration, in the order in which git reads them."""
    if named := os.environ.get("GIT_CONFIG_GLOBAL"):
        return [Path(named)]
    base = os.environ.get("XDG_CONFIG_HOME")
    return [
        (Path(base) if base else Path.home() / ".config") / "git" / "config",
        Path.home() / ".gitconfig",
    ]


class Git:
    """One repository's git.

    :param folder: the repository's folder, the one that holds ``.git``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dir = folder / ".git"
        #: Whether the repository's lock is held through this object; see :func:`cpvol.ledger.transaction.locked`.
        self.locked = False
        self._batch: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process, if one was started."""
        batch, self._batch = self._batch, None
        if batch is not None:
            for stream in (batch.stdin, batch.stdout):
                if stream is not None:
                    stream.close()
            batch.wait()

    def run(
        self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> bytes:
        """Run one git command to its end.

        :param arguments: the command and its arguments; never anything a user typed.
        :returns: its standard output.
        :raises GitFailed: when its exit status is not 0.
        """
        try:
            done = subprocess.run(
                [program(), *arguments],
                input=stdin,
                capture_output=True,
                check=False,
                cwd=self.folder,
                env=environment(self.dir, extra),
            )
        except FileNotFoundError:
            raise NoGit from None
        if done.returncode != 0:
            raise GitFailed(arguments[0], done.returncode, done.stderr.decode(errors="replace"))
        return done.stdout

    def read(self, name: str) -> Object:
        """One object by id, or by a name such as ``refs/heads/main``.

        :raises MissingObject: when it is not there, is too large, or its content does not give its id.
        """
        return next(self.read_many([name]))

    def find(self, name: str) -> Object | None:
        """One object, or ``None`` when there is none of that name."""
        try:
            return self.read(name)
        except MissingObject:
            return None

    def read_many(self, names: Sequence[str]) -> Iterator[Object]:
        """Many objects, in the order asked for, through one process.

        :raises MissingObject: as :meth:`read`, for the first that cannot be read.
        """
        if len(names) > _AHEAD_ABOVE:
            yield from self._read_ahead(names)
            return
        for start in range(0, len(names), _LOT):
            lot = names[start : start + _LOT]
            if self._batch is None or self._batch.poll() is not None:
                self._batch = self._start_reader()
            try:
                stdin, stdout = _streams(self._batch)
                stdin.write(_asked(lot))
                stdin.flush()
                # Taken whole before any is handed on, for whoever gets one may ask for another meanwhile.
                found = [_reply(name, stdout) for name in lot]
            except BrokenPipeError:
                self.close()
                raise MissingObject(lot[0]) from None
            except MissingObject:
                # What is left of the answer must not be taken for that to the next question.
                self.close()
                raise
            yield from found

    def _read_ahead(self, names: Sequence[str]) -> Iterator[Object]:
        """Many objects through a process of their own, which reads on while the caller works on what it has."""
        reader = self._start_reader()
        stdin, stdout = _streams(reader)

        def ask() -> None:
            # When nobody wants the rest, the process has ended.
            with suppress(OSError), stdin:
                stdin.write(_asked(names))

        asking = Thread(target=ask, daemon=True)
        asking.start()
        try:
            for name in names:
                yield _reply(name, stdout)
        finally:
            stdout.close()
            reader.wait()
            asking.join()

    def _start_reader(self) -> subprocess.Popen[bytes]:
        try:
            reader = subprocess.Popen(
                [program(), "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=1 << 16,
                cwd=self.folder,
                env=environment(self.dir),
            )
        except FileNotFoundError:
            raise NoGit from None
        bounded.bound(reader)
        return reader

    def tree(self, oid: str) -> Tree:
        """The entries of a tree."""
        return decode_tree(self.read(oid).data)

    def files(self, commit: str) -> dict[str, Entry]:
        """Every file below a commit, by path."""
        found: dict[str, Entry] = {}
        for line in self.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                head, _, path = line.partition(b"\t")
                mode, _, oid = head.decode("ascii").split(" ")
                found[path.decode(errors="replace")] = Entry(mode, oid)
        return found

    def store(self, objects: Iterable[Object]) -> None:
        """Write objects, flushed to the disk before this returns; many become one pack, few become single files."""
        listed = list({each.oid: each for each in objects}.values())
        if not listed:
            return
        pack = encode_pack(listed)
        if len(listed) > LOOSE_LIMIT:
            self.run("index-pack", "--stdin", "--no-rev-index", stdin=pack)
        else:
            self.run("unpack-objects", "-q", stdin=pack)

    def complete(self, new: str, old: str | None) -> bool:
        """Whether everything that a commit needs is there, taking for granted what an older one needs."""
        try:
            self.run("rev-list", "--objects", "--quiet", new, *([f"^{old}"] if old else []))
        except GitFailed:
            return False
        return True

    def set_refs(self, updates: Sequence[tuple[str, str, str | None]]) -> None:
        """Move references, one after another, each only if it still has its old value.

        :param updates: (name, new id, old id or ``None`` when it must not exist yet).
        """
        zero = "0" * 40
        lines = "".join(
            f"start\nupdate {name} {new} {old or zero}\nprepare\ncommit\n"
            for name, new, old in updates
        )
        self.run("update-ref", "--stdin", stdin=lines.encode())

    def setting(self, name: str) -> str | None:
        """A setting of this repository's own configuration."""
        try:
            found = self.run("config", "--local", "--get", name)
        except GitFailed:
            return None
        return found.decode(errors="replace").rstrip("\n")

    def set_setting(self, name: str, value: str | None) -> None:
        """Change this repository's own configuration; ``None`` takes a setting out."""
        if value is not None:
            self.run("config", "--local", name, value)
        elif self.setting(name) is not None:
            self.run("config", "--local", "--unset-all", name)

    def drop_ref(self, name: str) -> None:
        """Delete a reference, if it is there."""
        self.run("update-ref", "-d", name)

    def base(self, one: str, other: str) -> str | None:
        """The last commit that two chains have in common."""
        try:
            return self.run("merge-base", one, other).decode("ascii").strip()
        except GitFailed:
            return None

    def chain(self, after: str | None, upto: str) -> list[str]:
        """The commits that follow one (all, when none is named) and end with another, oldest first."""
        below = [f"^{after}"] if after else []
        return self.run("rev-list", "--reverse", upto, *below).decode("ascii").split()

    def history(self, path: str, upto: str) -> list[str]:
        """The commits that changed a file, oldest first."""
        return self.run("rev-list", "--reverse", upto, "--", path).decode("ascii").split()

    def differences(self, old: str, new: str) -> dict[str, Entry | None]:
        """The files that differ between two commits, as the newer has them; ``None`` for one that went."""
        found = self.run("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new).split(b"\0")
        changed: dict[str, Entry | None] = {}
        for head, path in zip(found[0:-1:2], found[1::2], strict=True):
            _, mode, _, oid, status = head.decode("ascii").split(" ")
            changed[path.decode(errors="replace")] = None if status == "D" else Entry(mode, oid)
        return changed

    def indexed(self) -> list[str]:
        """The paths in the index: what the working files were brought to last."""
        return [
            path.decode(errors="replace")
            for path in self.run("ls-files", "-z").split(b"\0")
            if path
        ]

    def follow(self, changed: Mapping[str, Entry | None]) -> None:
        """Bring the index to what main holds; ``None`` takes a path out."""
        lines = [
            f"{entry.mode} {entry.oid}\t{path}\0" if entry else f"0 {'0' * 40}\t{path}\0"
            for path, entry in changed.items()
        ]
        self.run("update-index", "-z", "--index-info", stdin="".join(lines).encode())


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise NoGit
    return process.stdin, process.stdout


def _asked(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _reply(name: str, stdout: IO[bytes]) -> Object:
    head = stdout.readline().split()
    if len(head) != 3 or head[1] not in _KINDS or int(head[2]) > MAX_OBJECT:
        raise MissingObject(name)
    size = int(head[2])
    data = stdout.read(size + 1)
    if len(data) != size + 1 or data[-1:] != b"\n":
        raise MissingObject(name)
    found = make(_KINDS[head[1]], data[:-1])
    # git itself does not compare an object with its name when it is only asked for its content.
    if found.oid != head[0].decode():
        raise MissingObject(name)
    return found


def program() -> str:
    """The full path of git, so that a program of that name in the records folder is never run (Windows looks there)."""
    found = shutil.which("git")
    if found is None:
        raise NoGit
    return found


def make_repository(folder: Path) -> None:
    """Make an empty repository in a folder, without templates, hooks or the user's configuration."""
    program()
    # Others who use this computer need not see even how many entries there are.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # GitPython runs git even while it is imported.
    with _nothing_steers():
        from git import Git as Commands
        from git import GitError

        try:
            Commands(folder).init(
                initial_branch="main", env=environment(extra={"GIT_TEMPLATE_DIR": ""})
            )
        except GitError as error:
            raise GitFailed("init", 1, str(error)) from None


@contextmanager
def _nothing_steers() -> Iterator[None]:
    """Take out of this process's environment what would steer git: GitPython adds to it, and takes nothing out."""
    strays = {
        key: os.environ.pop(key) for key in [*os.environ] if key.upper().startswith(_UNWANTED)
    }
    try:
        yield
    finally:
        os.environ.update(strays)
