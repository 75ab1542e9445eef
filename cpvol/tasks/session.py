"""What a task runs in: the streams, the clock, the environment, the folders and the unlocked credential.

Only :mod:`cpvol.tasks` reads the environment or asks for today's date; everything below is told.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from cpvol.codec import UNSEEN
from cpvol.errors import CpvolError

if TYPE_CHECKING:
    from cpvol.ledger.members import Members
    from cpvol.register import Register
    from cpvol.vault.credential import Identity

IDENTITY_FILE = "identity.age"
#: New keys that are not everybody's knowledge yet; they take the place of the old ones once they are.
NEXT_FILE = "identity-next.age"
SETTINGS_FILE = "settings.json"
DEMO_IDENTITY = Path(".git") / "cpvol" / "demo-identity"
_SERVICE = "cpvol"
#: How often a passphrase may be mistyped at a terminal.
_TRIES = 3


# No entry can hold these; names of files and whatever else is repeated may.
_STEERING = re.compile(f"[\x00-\x08\x0b-\x1f{UNSEEN}]")


class NoPassphrase(CpvolError):
    """Nobody to ask for the passphrase."""

    def __init__(self) -> None:
        super().__init__(
            "your passphrase is needed",
            "run this in a terminal, or set CPVOL_PASSPHRASE for a script",
        )


class NoCredential(CpvolError):
    """This person has no credential here."""

    def __init__(self) -> None:
        super().__init__(
            "you have no keys on this computer yet",
            "run `init` to begin, or `recover` with the recovery page if you had keys before",
        )


class NoRecords(CpvolError):
    """There is no records repository to work on."""

    def __init__(self) -> None:
        super().__init__(
            "there are no records yet", "run `init` to make them, or `demo` to look at an example"
        )


def program_folder() -> Path | None:
    """The folder that holds ``tasks.py``, when cpvol runs from there."""
    here = Path(__file__).resolve().parent.parent.parent
    return here if (here / "tasks.py").is_file() and (here / "records").is_dir() else None


@dataclass
class Session:
    """One run of one task.

    :param environ: the environment variables.
    :param project: the folder that holds ``tasks.py``, when cpvol runs from there.
    :ivar let_stand: what was typed, objected to, read again, and may stand.
    """

    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    project: Path | None = field(default_factory=program_folder)
    let_stand: list[object] = field(default_factory=list, init=False, repr=False)

    # -- streams ---------------------------------------------------------------------------------------------

    def out(self, text: str, *, whole: bool = False) -> None:
        """Print a result to standard output.

        :param whole: whether its lines shall stay as they are: to be copied, or laid out already.
        """
        text = _seen(text)
        sys.stdout.write((text if whole else self._fitted(text, sys.stdout)) + "\n")

    def tell(self, text: str, *, whole: bool = False) -> None:
        """Print anything that is not the result, to standard error; the rest is as for :meth:`out`."""
        text = _seen(text)
        sys.stderr.write((text if whole else self._fitted(text, sys.stderr)) + "\n")
        sys.stderr.flush()

    def _fitted(self, text: str, stream: TextIO) -> str:
        if not stream.isatty():
            return text
        from cpvol.tasks.layout import paragraphs

        return paragraphs(text, self.width(stream))

    def width(self, stream: TextIO | None = None) -> int | None:
        """How many cells a line of the window has that shows what is printed; ``None`` when nothing does."""
        stream = stream or sys.stdout
        if not stream.isatty():
            return None
        try:
            columns = os.get_terminal_size(stream.fileno()).columns
        except OSError:
            columns = 0
        # Less one: many terminals begin a new line as soon as the last cell is filled. None at all is one that
        # does not say how wide it is.
        return max(20, (columns or 80) - 1)

    def height(self, stream: TextIO) -> int:
        """How many lines the window has; 24 where it does not say."""
        try:
            return os.get_terminal_size(stream.fileno()).lines or 24
        except OSError:
            return 24

    @property
    def plain(self) -> bool:
        """Whether screens shall suit a screen reader: nothing drawn, a line for each fact, numbers instead of arrows."""
        if (wish := self.environ.get("CPVOL_PLAIN")) is not None:
            return wish.strip().lower() not in ("", "0", "no", "off")
        return bool(self.settings.get("plain"))

    def counting(self, words: str) -> Callable[[int, int], None]:
        """What to tell of how far something has come: (done, of how many), at most once a second, to a terminal."""
        told = monotonic()

        def count(done: int, of: int) -> None:
            nonlocal told
            if self.terminal and monotonic() - told >= 1:
                told = monotonic()
                self.tell(f"{words}: {done} of {of}")

        return count

    @contextmanager
    def working(self, words: str) -> Iterator[None]:
        """Say what is being done when it takes more than a second, and every ten seconds that it goes on.

        Only to a terminal, and in whole lines: a screen reader reads them once, and nothing is drawn over.
        """
        if not self.terminal:
            yield
            return
        done = Event()

        def watch() -> None:
            wait, since = 1, 0
            while not done.wait(wait):
                since += wait
                self.tell(f"{words} …" if since == 1 else f"  still at it, {since} seconds")
                wait = 10 - since % 10

        Thread(target=watch, daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def json(self, data: Any) -> None:
        """Print a result as JSON."""
        self.out(json.dumps(data, ensure_ascii=False, indent=2, default=str), whole=True)

    @cached_property
    def terminal(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    # -- clock -----------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        return int(datetime.now().timestamp())

    def today(self) -> date:
        """Today, where this computer is."""
        return datetime.now().date()

    def day(self, on: str | None) -> date:
        """The day that ``--on`` names, or today."""
        from cpvol.dates import parse_day

        return parse_day(on, self.today()) if on else self.today()

    # -- places ----------------------------------------------------------------------------------------------

    @cached_property
    def home(self) -> Path:
        """The folder of the user's credential and settings."""
        if named := self.environ.get("CPVOL_HOME"):
            return Path(named)
        from platformdirs import user_config_path

        return user_config_path("cpvol", appauthor=False)

    @cached_property
    def folder(self) -> Path:
        """The records folder: named by CPVOL_RECORDS, beside ``tasks.py``, remembered by ``init``, or the demonstration.

        :raises NoRecords: when there is none of these.
        """
        if own := self.own_folder:
            return own
        if self.demo_folder.is_dir():
            self.tell("(these are the demonstration's records)")
            return self.demo_folder
        raise NoRecords

    @property
    def own_folder(self) -> Path | None:
        """The records folder, unless it is the demonstration for want of another."""
        if named := self.environ.get("CPVOL_RECORDS"):
            return Path(named)
        if self.project and (self.project / "records" / "ours").is_dir():
            return self.project / "records" / "ours"
        known = self.settings.get("records")
        return Path(known) if known and Path(known).is_dir() else None

    @property
    def new_folder(self) -> Path:
        """Where ``init`` makes the records."""
        if named := self.environ.get("CPVOL_RECORDS"):
            return Path(named)
        return self._base / "records" / "ours"

    @property
    def demo_folder(self) -> Path:
        """Where the demonstration is, or would be."""
        return self._base / "records" / "demo"

    @property
    def _base(self) -> Path:
        return self.project or self.home

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The user's settings; empty when there are none or they cannot be read."""
        try:
            found = json.loads((self.home / SETTINGS_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, **changes: Any) -> None:
        """Keep something in the user's settings; ``None`` takes it out."""
        from cpvol.files import write_file

        kept = {key: value for key, value in (self.settings | changes).items() if value is not None}
        self.home.mkdir(parents=True, exist_ok=True)
        write_file(self.home / SETTINGS_FILE, json.dumps(kept, indent=2).encode())
        self.__dict__.pop("settings", None)

    def known(self, repository: str) -> dict[str, Any]:
        """What this user's settings keep about one records repository.

        :param repository: the id of its founding commit.
        :returns: ``published`` (the last tip of main that the meeting place had), ``trusted`` (the age keys whose
            words were compared), dates of the last ``synced``, ``backup`` and ``checkpoint``; any may be absent.
        """
        found = self.settings.get("repositories", {})
        about = found.get(repository, {}) if isinstance(found, dict) else {}
        return about if isinstance(about, dict) else {}

    def know(self, repository: str, **changes: Any) -> None:
        """Keep something about one records repository; ``None`` takes it out."""
        about = {k: v for k, v in (self.known(repository) | changes).items() if v is not None}
        found = self.settings.get("repositories", {})
        self.remember(repositories=(found if isinstance(found, dict) else {}) | {repository: about})

    # -- credential and records ------------------------------------------------------------------------------

    @cached_property
    def identity(self) -> Identity:
        """The unlocked credential: the demonstration's own, from the keychain, or unlocked with the passphrase.

        :raises NoCredential: when there is no credential on this computer.
        :raises NoPassphrase: when there is nobody to ask.
        """
        from cpvol.vault import credential

        demo = self.folder / DEMO_IDENTITY
        if self.folder == self.demo_folder and demo.is_file():
            return credential.decode(demo.read_bytes())[0]
        return self.own_credential[0]

    @cached_property
    def own_credential(self) -> tuple[Identity, str]:
        """This user's own keys, whatever records are looked at, and the handle that was chosen with them."""
        from cpvol.vault import credential

        sealed = self.sealed_identity()
        if (token := self._keychain_name(sealed)) == self.settings.get("keychain"):
            import keyring

            try:
                kept = keyring.get_password(_SERVICE, token)
            except Exception:  # noqa: BLE001 - whatever a keychain raises, the passphrase still works
                kept = None
            if kept:
                return credential.unpack(kept)
        return credential.decode(self._unlocked(sealed))

    def unlocked(self, identity: Identity, handle: str) -> None:
        """Go on with these keys, without asking for what unlocks them."""
        self.__dict__["identity"] = identity
        self.__dict__["own_credential"] = (identity, handle)

    def _unlocked(self, sealed: bytes) -> bytes:
        """Keys that a passphrase locks, opened; whoever types may mistype, but a script gives one and no other."""
        from cpvol.vault import credential

        asked = "CPVOL_PASSPHRASE" not in self.environ
        tries = _TRIES if asked else 1
        while True:
            tries -= 1
            given = self.passphrase("Your passphrase (it is not shown while you type): ")
            if asked:
                self.tell("Opening your keys …")
            try:
                return credential.unlock(sealed, given)
            except credential.WrongPassphrase:
                if not tries:
                    raise
                self.tell("That is not the passphrase. Try again, or press Enter alone to stop.")

    def sealed_identity(self) -> bytes:
        """The credential file as it lies on the disk."""
        try:
            return (self.home / IDENTITY_FILE).read_bytes()
        except FileNotFoundError:
            raise NoCredential from None
        except OSError:
            raise CpvolError(
                "your keys cannot be read",
                "check that you may read the folder that CPVOL_HOME names",
            ) from None

    def keep_in_keychain(self, *, keep: bool) -> None:
        """Put the unlocked keys into the operating system's keychain, or take them out.

        :raises CpvolError: when there is no keychain that works.
        """
        import keyring
        from keyring.errors import KeyringError

        from cpvol.vault import credential

        sealed = self.sealed_identity()
        token = self._keychain_name(sealed)
        try:
            if keep:
                identity, handle = credential.decode(self._unlocked(sealed))
                keyring.set_password(_SERVICE, token, credential.pack(identity, handle))
                if keyring.get_password(_SERVICE, token) is None:
                    raise KeyringError  # noqa: TRY301 - a keychain that keeps nothing is one that fails
            elif self.settings.get("keychain"):
                keyring.delete_password(_SERVICE, str(self.settings["keychain"]))
        except KeyringError:
            raise CpvolError(
                "this computer's keychain does not work here",
                "go on with your passphrase, or set CPVOL_PASSPHRASE",
            ) from None
        self.remember(keychain=token if keep else None)

    def _keychain_name(self, sealed: bytes) -> str:
        # Of this very file, so that keys remembered before a change of keys are never used after it.
        return sha256(sealed).hexdigest()[:32]

    def passphrase(self, prompt: str) -> str:
        """The passphrase: from CPVOL_PASSPHRASE, or asked for unseen."""
        if given := self.environ.get("CPVOL_PASSPHRASE"):
            return given
        return self.secret(prompt)

    def secret(self, prompt: str) -> str:
        """Ask for something that is not shown while it is typed."""
        if not self.terminal:
            raise NoPassphrase
        from getpass import getpass

        typed = getpass(prompt, stream=sys.stderr)
        if typed in ("", "\x1b"):
            # Nothing, or Esc: somebody who does not want to go on.
            raise KeyboardInterrupt
        return typed

    def recovery_page(self) -> Identity:
        """The keys on the recovery page, whose groups are typed in or given in ``CPVOL_RECOVERY``."""
        from cpvol.vault import recovery

        if given := self.environ.get("CPVOL_RECOVERY"):
            return recovery.identity(given)
        prompt = "The groups on the recovery page (not shown while you type): "
        while True:
            typed = self.secret(prompt)
            try:
                return recovery.identity(typed)
            except recovery.BadRecoveryCode as error:
                self.tell(f"{error.problem[:1].upper()}{error.problem[1:]}; {error.hint}.")
                self.tell("Type all of them again, or press Enter alone to stop.")

    def register(self, *, keys: bool = True, member: bool = True) -> Register:
        """Open the records, unlocked unless ``keys`` is false.

        :param member: whether only a present member can go on.
        """
        from cpvol.register import Register

        self._leave_demo()
        folder = self.folder
        register = Register.open(folder)
        register.progress = self.counting("Reading the entries")
        if self.settings.get("repositories"):
            # Which records these are takes a walk through their whole history, so it is asked only where it matters.
            register.trusts = lambda key: self.trusts(register.founding, key)
        try:
            if keys:
                register.identity = self.identity
                self._look_for_next(register)
                if member:
                    _ = register.me
        except BaseException:
            register.git.close()
            raise
        return register

    def _leave_demo(self) -> None:
        """Go over to records of one's own that were made since the demonstration was looked at, in a menu left open."""
        if self.__dict__.get("folder") == self.demo_folder and self.own_folder is not None:
            del self.__dict__["folder"]
            self.__dict__.pop("identity", None)

    def trusts(self, repository: str, key: str) -> bool:
        """Whether entries may be sealed to an age key: its words were compared, or nothing was ever asked here."""
        trusted = self.known(repository).get("trusted")
        return trusted is None or key in trusted

    def trust(self, register: Register, *keys: str) -> None:
        """Let age keys read what is entered here, besides those that could until now."""
        trusted = self.known(register.founding).get("trusted")
        before = age_keys(register.members) if trusted is None else trusted
        self.know(register.founding, trusted=sorted({*before, *keys}))

    def take_up_next(self, register: Register) -> None:
        """Put new keys in the place of the old ones, which are deleted, here and in the keychain.

        :param register: opened with the new keys.
        """
        if self.settings.get("keychain"):
            self.keep_in_keychain(keep=False)
        (self.home / NEXT_FILE).replace(self.home / IDENTITY_FILE)
        self.__dict__.pop("own_credential", None)
        self.__dict__["identity"] = register.signer()
        register.former = None

    def _look_for_next(self, register: Register) -> None:
        """Go on with new keys when the members list already has them and the change of keys was interrupted."""
        place = self.home / NEXT_FILE
        if not place.exists():
            return
        from cpvol.ledger.members import Keys
        from cpvol.sync import has_place
        from cpvol.vault import credential

        mine = self.identity
        if register.members.holding(Keys(mine.age_public, mine.signing_public)):
            return
        sealed = place.read_bytes()
        new, _ = credential.decode(self._unlocked(sealed))
        register.former, register.identity = mine, new
        if not has_place(register):
            self.take_up_next(register)


def _seen(text: str) -> str:
    """A text with a mark wherever it would move the cursor, change colours or turn its direction, whoever wrote it."""
    return _STEERING.sub("\ufffd", text)


def age_keys(everyone: Members) -> list[str]:
    """The age keys in force: of the present members, and of the recovery page."""
    return [m.keys.age for m in everyone.members if m.present] + [everyone.recovery.age]
