"""The meeting place: the folder or host where members' copies meet. Any plain git remote serves.

What is fetched lands in references of our own, never in ``refs/remotes``, so that no old keyring is kept alive by one::

    refs/cpvol/incoming/main       what the meeting place has, until it is accepted or refused
    refs/cpvol/incoming/keyring
    refs/cpvol/refused/<id>        a refused end of main, kept as evidence

Network commands keep the user's credential helper, proxy and ssh command; every one is bounded (:mod:`.outside`).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cpvol.codec import UNSEEN
from cpvol.errors import CpvolError
from cpvol.ledger import erase, outside, transaction
from cpvol.ledger.foreign import check_folder
from cpvol.ledger.git import (
    KEYRING,
    MAIN,
    Git,
    GitFailed,
    NoGit,
    environment,
    network_environment,
    program,
    user_configuration,
)

INCOMING_MAIN = "refs/cpvol/incoming/main"
INCOMING_KEYRING = "refs/cpvol/incoming/keyring"
REFUSED = "refs/cpvol/refused"

#: How long one exchange with a meeting place may take, in seconds.
LIMIT_SECONDS = 300
#: How many bytes one exchange may bring. The records of an organisation with 10,000 entries take a twentieth.
LIMIT_BYTES = 1 << 30

_ADDRESS = "remote.origin.url"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCP = re.compile(r"[^/\\]+:")
_HIDDEN = re.compile(f"[\x00-\x1f{UNSEEN}]")
_TAKEN = re.compile(r"(?:https?|ssh|git|file)://", re.IGNORECASE)
# What git, or the ssh that it starts, could take for an option.
_OPTION = re.compile(r"(?:[a-z]+://)?(?:[^/@]*@)?-", re.IGNORECASE)
# A password, or what hosts give out in the place of one and people put where the name stands.
_SECRET = re.compile(
    r"[a-z]+://(?:[^/@]*:[^/]*|gh[a-z]_[^/@]*|github_pat_[^/@]*|glpat-[^/@]*|[^/@]{30,})@",
    re.IGNORECASE,
)
# For what git starts in a folder whose own configuration somebody else wrote: nothing of theirs may run.
_HARMLESS = (
    f"-c core.hooksPath={os.devnull} -c core.fsmonitor=false -c receive.autogc=false"
    " -c core.alternateRefsCommand=true -c receive.denyCurrentBranch=refuse"
)


# With its own check on, git keeps a pack whatever the limit; the keyring's form is checked by whoever takes it in.
_SINGLY = {"fetch.unpackLimit": "1000000", "fetch.fsckObjects": "false"}


class NotReached(CpvolError):
    """The meeting place cannot be reached just now."""

    def __init__(self, why: str = "the meeting place cannot be reached") -> None:
        super().__init__(why, "go on working as you are; sync when you are connected again")


class Hangs(CpvolError):
    """The meeting place does not answer in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the meeting place did not finish within {seconds:.0f} seconds",
            "try again later; nothing was changed here",
        )


class NoMeetingPlace(CpvolError):
    """There is nothing at that address."""

    def __init__(self) -> None:
        super().__init__(
            "there is no meeting place at that address",
            "connect the drive or the network, or name the right address with `share`",
        )


class NotLetIn(CpvolError):
    """The host or the folder does not let this person in."""


class DamagedThere(CpvolError):
    """What the meeting place sends is damaged."""

    def __init__(self) -> None:
        super().__init__(
            "what the meeting place sent is damaged",
            "nothing was changed here; another member can put it right with `share` to a new place",
        )


class LostRace(CpvolError):
    """Somebody else synced in the same moment."""

    def __init__(self) -> None:
        super().__init__("others were syncing all the time", "wait a minute, then run `sync` again")


class HostRefuses(CpvolError):
    """The host does not let the keyring be replaced."""

    def __init__(self) -> None:
        super().__init__(
            "the meeting place does not let a branch be replaced, which the keys need",
            "there, allow force pushes to the branches keyring and main"
            " (receive.denyNonFastForwards false; no branch protection)",
        )


class BadAddress(CpvolError):
    """The text cannot be the address of a meeting place."""


@dataclass(frozen=True, slots=True)
class Tips:
    """Where the two branches stand at the meeting place; ``None`` for a branch that is not there."""

    main: str | None
    keyring: str | None


class SendsTooMuch(CpvolError):
    """The meeting place sends more than records can be."""

    def __init__(self) -> None:
        super().__init__(
            "the meeting place sends far more than records can be",
            "ask whoever looks after it what is in it; nothing was changed here",
        )


class Meeting:
    """A repository's meeting place.

    :param address: a folder or an address that git understands.
    :param prompt: whether git may ask for a password on the terminal.
    :param limit: seconds that one exchange may take.
    :param room: bytes that one may bring.
    """

    def __init__(
        self,
        git: Git,
        address: str,
        *,
        prompt: bool = False,
        limit: float = LIMIT_SECONDS,
        room: int = LIMIT_BYTES,
    ) -> None:
        self.git = git
        self.address = address
        self.folder = as_folder(address)
        self.prompt = prompt
        self.limit = limit
        self.room = room

    def tips(self) -> Tips:
        """Ask where the branches stand.

        :raises CpvolError: in plain words, when it cannot be told.
        """
        listing = self._run(
            ["ls-remote", *self._helper("upload-pack"), "--", self.address, MAIN, KEYRING]
        )
        found: dict[str, str] = {}
        for line in listing.decode(errors="replace").splitlines():
            oid, _, name = line.partition("\t")
            if re.fullmatch(r"[0-9a-f]{40}", oid):
                found[name] = oid
        return Tips(found.get(MAIN), found.get(KEYRING))

    def fetch(self, there: Tips) -> Tips:
        """Bring both branches into references of our own.

        The keyring's objects become single files, so that they can be deleted one by one.

        :param there: the branches that there are.
        :returns: what was fetched.
        :raises SendsTooMuch: beyond the room that one exchange may take; nothing of it is left then.
        """
        most = outside.size(self._objects) + self.room
        packs = erase.packs(self.git)
        try:
            if there.keyring is not None:
                self._fetch(f"+{KEYRING}:{INCOMING_KEYRING}", _SINGLY, most)
            if there.main is not None:
                self._fetch(f"+{MAIN}:{INCOMING_MAIN}", {}, most)
        except SendsTooMuch:
            self.forget()
            with transaction.locked(self.git):
                erase.drop_unfinished(self.git, packed=erase.packs(self.git) != packs)
            raise
        self.git.close()
        found = [self.git.find(name) for name in (INCOMING_MAIN, INCOMING_KEYRING)]
        return Tips(*(each.oid if each else None for each in found))

    @property
    def _objects(self) -> Path:
        return self.git.dir / "objects"

    def _fetch(self, what: str, settings: Mapping[str, str], most: int) -> None:
        options = ["--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap="]
        helper = self._helper("upload-pack")
        self._run(["fetch", "-q", *options, *helper, "--", self.address, what], settings, most)

    def forget(self) -> None:
        """Drop the references of what was fetched."""
        for name in (INCOMING_KEYRING, INCOMING_MAIN):
            self.git.drop_ref(name)
        self.git.close()

    def push(self, new: Tips, old: Tips) -> None:
        """Replace both branches there, if they still stand where they did.

        :raises LostRace: when they do not.
        :raises HostRefuses: when the host's settings forbid it.
        """
        both = [(KEYRING, new.keyring, old.keyring), (MAIN, new.main, old.main)]
        changes = [(name, mine, theirs) for name, mine, theirs in both if mine != theirs]
        try:
            self._push(["--atomic"], changes)
        except _NotAtomic:
            # The keyring first: an entry is then never there without its key.
            for change in changes:
                self._push([], [change])

    def _push(
        self, options: Sequence[str], changes: Sequence[tuple[str, str | None, str | None]]
    ) -> None:
        leases = [f"--force-with-lease={name}:{theirs or ''}" for name, _, theirs in changes]
        specs = [f"{mine}:{name}" for name, mine, _ in changes]
        helper = self._helper("receive-pack")
        words = ["push", "-q", "--no-verify", *options, *helper, *leases, "--"]
        self._run([*words, self.address, *specs])

    def _helper(self, name: str) -> list[str]:
        return [f"--{name}=git {_HARMLESS} {name}"] if self.folder else []

    def _run(
        self,
        arguments: Sequence[str],
        settings: Mapping[str, str] | None = None,
        most: int = 0,
    ) -> bytes:
        if self.folder is not None:
            check_folder(self.git, self.folder)
        with self._configuration() as config:
            env = network_environment(
                self.git.dir, settings or {}, prompt=self.prompt, config=config
            )
            bounds = outside.Bounds(self.limit, self._objects, most)
            try:
                status, output, said = outside.run(
                    arguments, env, self.git.folder, bounds, prompt=self.prompt
                )
            except outside.TooLong:
                raise Hangs(self.limit) from None
            except outside.TooMuch:
                raise SendsTooMuch from None
        if status != 0:
            raise _refusal(said)
        return output

    @contextmanager
    def _configuration(self) -> Iterator[Path | None]:
        """For a folder that may belong to another user: a configuration in which git takes it nevertheless."""
        if self.folder is None:
            yield None
            return
        lines = [f"[include]\n\tpath = {_quoted(path)}\n" for path in user_configuration()]
        lines.append(f"[safe]\n\tdirectory = {_quoted(self.folder)}\n")
        lines.append(f"\tdirectory = {_quoted(self.folder / '.git')}\n")
        with tempfile.TemporaryDirectory(prefix="cpvol-") as place:
            path = Path(place) / "config"
            path.write_text("".join(lines), encoding="utf-8", newline="\n")
            yield path


class _NotAtomic(CpvolError):
    """The host cannot take two branches in one go."""

    def __init__(self) -> None:
        super().__init__("the meeting place is too old", "use a newer host")


def _quoted(path: Path) -> str:
    text = path.as_posix().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def as_folder(address: str) -> Path | None:
    """The folder that an address names, or ``None`` when it names a host."""
    if address.lower().startswith("file://"):
        return Path(re.sub(r"^file://", "", address, flags=re.IGNORECASE))
    if not _DRIVE.match(address) and (_URL.match(address) or _SCP.match(address)):
        return None
    return Path(address)


def address_from(text: str) -> str:
    """The address as git is told it: a folder as its full path.

    :raises BadAddress: for what git could take for an option, and for an address with a password in it.
    """
    text = text.strip()
    strange = not text or "::" in text or _HIDDEN.search(text) or _OPTION.match(text)
    if strange or (_URL.match(text) and not _TAKEN.match(text)):
        raise BadAddress(
            "that is not the address of a meeting place",
            "give a folder, or an https or ssh address",
        )
    if _SECRET.match(text):
        raise BadAddress(
            "the address has a password in it, which would be kept in plain text",
            "leave the password out; git asks for it, or its credential helper knows it",
        )
    folder = as_folder(text)
    return text if folder is None else str(folder.expanduser().absolute())


def meeting_address(git: Git) -> str | None:
    """The address of the meeting place, if these records have one."""
    return git.setting(_ADDRESS)


def set_meeting_address(git: Git, address: str | None) -> None:
    """Keep the address of the meeting place in the repository's own configuration; ``None`` takes it out."""
    git.set_setting(_ADDRESS, address)


def make_meeting_place(folder: Path) -> None:
    """Make an empty bare repository in a folder.

    :raises NotLetIn: when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise NotLetIn(
            "the folder for the meeting place cannot be made", "check that you may write there"
        ) from None
    _plain(["init", "-q", "--bare", "--template=", "--initial-branch=main", "."], folder)
    for name, value in (
        # The keys are replaced whole at each change, and what they replaced shall not stay.
        ("receive.denyNonFastForwards", "false"),
        ("receive.denyDeletes", "true"),
        ("core.logAllRefUpdates", "false"),
        ("receive.fsckObjects", "true"),
    ):
        _plain(["config", name, value], folder)


def write_bundle(git: Git, path: Path) -> None:
    """Write both branches into one file, as git's own bundle.

    :param path: the file; replaced when it is there.
    :raises OSError: when the folder does not let us.
    """
    # Given the name, git would write through a link that somebody planted under it.
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o666), "wb") as file:  # noqa: PTH123 - a new file and no other
        _plain(["bundle", "create", "-q", "-", MAIN, KEYRING], git.folder, git.dir, into=file)
        os.fsync(file.fileno())


def _plain(
    arguments: Sequence[str],
    folder: Path,
    git_dir: Path | None = None,
    into: IO[bytes] | None = None,
) -> None:
    try:
        done = subprocess.run(
            [program(), *arguments],
            cwd=folder,
            env=environment(git_dir),
            stdin=subprocess.DEVNULL,
            stdout=into or subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError:
        raise NoGit from None
    if done.returncode:
        raise GitFailed(arguments[0], done.returncode, done.stderr.decode(errors="replace"))


_FULL = ("the meeting place is full", "make room there, then sync again")
_STRANGER = (
    "the host is not the one that this computer knows",
    "ask whoever looks after the host before you go on",
)
_UNPROVEN = (
    "the host cannot prove who it is (its certificate)",
    "ask whoever looks after the host before you go on",
)
_READS_ONLY = ("you may not write to the meeting place", "ask for the right to write there")
_NO_RIGHTS = (
    "the meeting place does not let you in",
    "check your password or key there, or ask for access",
)

# What git says, in the order in which it is looked for, and what it means.
_MEANINGS: Sequence[tuple[Callable[[], CpvolError], Sequence[str]]] = (
    (lambda: NotLetIn(*_FULL), ("no space left", "disk quota")),
    (_NotAtomic, ("does not support --atomic",)),
    (SendsTooMuch, ("out of memory", "malloc failed", "calloc failed", "realloc failed")),
    (
        HostRefuses,
        ("non-fast-forward", "denynonfastforwards", "protected branch", "hook declined", "gh006"),
    ),
    (
        LostRace,
        ("stale info", "fetch first", "cannot lock ref", "incorrect old value", "already exists"),
    ),
    (lambda: NotLetIn(*_STRANGER), ("host key verification failed",)),
    (lambda: NotLetIn(*_UNPROVEN), ("certificate",)),
    (
        lambda: NotLetIn(*_READS_ONLY),
        ("insufficient permission", "unable to create", "read-only", "unable to migrate"),
    ),
    (
        lambda: NotLetIn(*_NO_RIGHTS),
        (
            "authentication failed",
            "permission denied",
            "access denied",
            "could not read username",
            "could not read password",
            "invalid credentials",
            "returned error: 401",
            "returned error: 403",
            "dubious ownership",
        ),
    ),
    (
        NoMeetingPlace,
        (
            "does not appear to be a git repository",
            "not found",
            "does not exist",
            "no such file",
            "couldn't find remote ref",
        ),
    ),
    (
        NotReached,
        (
            "could not resolve",
            "connection refused",
            "connection timed out",
            "connection reset",
            "network is unreachable",
            "no route to host",
            "operation timed out",
            "failed to connect",
            "unable to access",
            "too slow",
        ),
    ),
    (
        DamagedThere,
        (
            "fsck",
            "index-pack",
            "unpack",
            "corrupt",
            "bad object",
            "did not send",
            "missing",
            "inflate",
        ),
    ),
)


def _refusal(said: str) -> CpvolError:
    text = said.lower()
    for meaning, words in _MEANINGS:
        if any(word in text for word in words):
            return meaning()
    return NotReached("the exchange with the meeting place broke off")
