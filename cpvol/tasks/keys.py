"""Making keys: a person's own, under a passphrase, and the recovery page's; and saying them in words."""

from __future__ import annotations

from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.files import write_file
from cpvol.tasks.papers import Place, new_file
from cpvol.tasks.session import IDENTITY_FILE, Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.ledger.members import Keys
    from cpvol.vault.credential import Identity


def new_credential(session: Session, handle: str, file: str = IDENTITY_FILE) -> Identity:
    """Make keys, locked under a passphrase that is asked for, and keep them in the user's folder.

    :param file: the name of the file.
    """
    from cpvol.vault import credential

    passphrase = new_passphrase(session)
    session.tell("Locking your keys, which takes a few seconds …")
    identity = credential.generate()
    sealed = credential.lock(credential.encode(identity, handle, session.today()), passphrase)
    try:
        session.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(session.home / file, sealed, flush=True, private=True)
    except OSError:
        raise CpvolError(
            "your keys cannot be written",
            "check that you may write to the folder that CPVOL_HOME names",
        ) from None
    if file == IDENTITY_FILE:
        # Whoever has just chosen the passphrase is not asked for it.
        session.unlocked(identity, handle)
    return identity


def new_passphrase(session: Session) -> str:
    """Have a passphrase chosen that is not among the first that anybody would try."""
    from cpvol.vault import credential

    session.tell(
        f"Choose a passphrase for your keys, of {credential.MIN_PASSPHRASE} characters or more: a few words that only you"
        " would put together. Nothing shows while you type it."
    )
    while True:
        chosen = session.passphrase("New passphrase: ")
        why = credential.weak(chosen)
        given = "CPVOL_PASSPHRASE" in session.environ
        if why is None and (given or session.secret("The same again: ") == chosen):
            return chosen
        problem = f"this passphrase {why}" if why else "the two are not the same"
        if given or not session.terminal:
            raise BadInput(problem, "choose another")
        session.tell(f"{problem[:1].upper()}{problem[1:]}. Try again.")


def words(keys: Keys) -> str:
    """The fingerprint of somebody's keys, in words to be read out."""
    from cpvol.membership import words_from
    from cpvol.vault.words import fingerprint_words

    return fingerprint_words(words_from(keys))


def page_file(session: Session, given: str | None) -> Place:
    """The place of the recovery page, asked for on a terminal; nothing is there yet."""
    return new_file(
        *(session, given, (".html",)),
        suggested="recovery-page.html",
        option="--recovery-page",
        question="Where shall the recovery page be put, to print it?",
    )


def new_page() -> tuple[str, Keys]:
    """A fresh recovery page: its secret line, and its public keys."""
    from cpvol.ledger.members import Keys
    from cpvol.vault import recovery

    secret = recovery.generate()
    page = recovery.identity(secret)
    return secret, Keys(page.age_public, page.signing_public)


def write_page(session: Session, place: Place, organisation: str, secret: str, anchor: str) -> None:
    """Write the recovery page, to be printed for the safe."""
    from cpvol.ledger.members import Keys
    from cpvol.membership import words_from
    from cpvol.reports.recovery_page import recovery_page
    from cpvol.vault import recovery
    from cpvol.vault.words import fingerprint_words

    held = recovery.identity(secret)
    words = fingerprint_words(words_from(Keys(held.age_public, held.signing_public)))
    page = recovery_page(
        organisation, secret, recovery.groups(secret), words, anchor, session.today()
    )
    place.put(page)


def ask_back(session: Session, page: Path, secret: str) -> None:
    """Have two groups typed back, so that the page is printed or at least looked at.

    :param page: the file that it is in.
    """
    from cpvol.vault import recovery

    if not session.terminal:
        session.tell("(nobody to ask: check by yourself that the recovery page can be read)")
        return
    from cpvol.tasks.ask import line

    session.tell(
        f"\nThe recovery page is written. Open it with a double click, and print it:\n  {page}"
    )
    session.tell("It has numbered groups of letters and digits. Two of them are asked for now.")
    groups = recovery.groups(secret)
    try:
        for number in recovery.ask_back(secret, SystemRandom()):
            while recovery.bare(line(f"Type group {number + 1} of the page:")) != groups[number]:
                session.tell("That is not what the page says; look again.")
    except (KeyboardInterrupt, EOFError):
        session.tell("(Not checked. Everything is made all the same; look at the page yourself.)")
