"""``backup``, ``restore`` and ``doctor``: the records in one file, back again, and whether all is well here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.tasks import folders
from cpvol.tasks.build import FOUND_SOMETHING, JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.papers import Place, refuse_other
from cpvol.tasks.session import (
    IDENTITY_FILE,
    NEXT_FILE,
    NoCredential,
    NoPassphrase,
    NoRecords,
    Session,
)
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.register import Register
    from cpvol.sync.health import Ailment

#: After so many days without one, `doctor` asks for a sync, a backup and a checkpoint.
OLD_DAYS = {"synced": 14, "backup": 31, "checkpoint": 92}
_WORDS = {
    "synced": ("the last sync", "run `sync`"),
    "backup": ("the last backup", "run `backup` with a file on another disk"),
    "checkpoint": ("the last checkpoint", "run `checkpoint` and send what it prints"),
}


def backup(session: Session, *, file: str) -> None:
    """The body of ``backup``."""
    from cpvol.sync.copies import Backup, BackupFailed, BackupNotWritten, backup

    place = Place(
        session,
        file,
        lambda path: refuse_other(session, path, b"# v"),
        suggested="records-backup.bundle",
        question="Where shall the backup be put? Best on another disk",
    )
    with session.register() as register:
        made: list[Backup] = []

        def write(path: Path) -> None:
            session.tell("Writing, then reading it back …")
            try:
                made[:] = [backup(register, path, now=session.now())]
            except (BackupFailed, BackupNotWritten) as error:
                raise BadInput(error.problem, error.hint) from None

        path = place.write(write)
        session.know(register.founding, backup=session.today().isoformat())
    [done] = made
    closed = f"; {done.closed} closed to you are in it unopened" if done.closed else ""
    session.out(f"The backup is in {path}: {done.entries} entries were opened from it{closed}.")
    session.tell("It opens with your keys or the recovery page: keep it away from both.")
    session.tell("After something was disposed of, destroy older backups: they hold the old keys.")


def restore(session: Session, *, file: str, disaster: bool = False, yes: bool = False) -> None:
    """The body of ``restore``."""
    from cpvol.sync.copies import restore

    try:
        folder = session.folder
    except NoRecords:
        folder = session.new_folder
    if folder == session.demo_folder:
        folder = session.new_folder
    fresh = not folder.exists() or not any(folder.iterdir())

    def unlock(register: Register) -> None:
        register.identity = session.own_credential[0]
        register.trusts = lambda key: session.trusts(register.founding, key)

    path = Path(file).expanduser()
    if disaster:
        _really(session, yes=yes)
    session.tell("Reading it, and checking all that is in it …")
    register, outcome = restore(folder, path, unlock=unlock, clock=session.now)
    with register:
        if fresh:
            session.trust(register)
            session.out(f"{outcome.received} entries of {register.organisation.name} are back.")
            session.tell(f"They begin with this line; it has to be yours:\n  {register.anchor()}")
            session.tell(
                "What was destroyed after this backup was made is back with it: `sync` with a copy that knows of it, or have"
                " it disposed of again."
            )
            if not disaster:
                session.tell(
                    "Run `share` with the address of your meeting place, which syncs as well."
                )
                _say_what_is_missing(session, register)
        elif outcome.received:
            session.out(f"{outcome.received} changes were in the backup and not here.")
        else:
            session.out("Everything in this backup is here already; nothing was changed.")
        if disaster:
            _declare(session, register, path)
    if fresh and session.project is None and "CPVOL_RECORDS" not in session.environ:
        session.remember(records=str(folder.resolve()))


def _really(session: Session, *, yes: bool) -> None:
    """Ask whether nothing newer is left, before it is declared."""
    session.tell("Everything that was entered after this backup is given up by this.")
    session.tell(
        "A meeting place, or one member's computer that has more, is better: use `sync` there."
    )
    if session.terminal and not yes:
        from cpvol.tasks.ask import confirm

        if not confirm("Is this backup all that is left?", default=False):
            raise KeyboardInterrupt


def _declare(session: Session, register: Register, path: Path) -> None:
    """Put the admin's act on top of what was restored."""
    from cpvol.sync import disaster
    from cpvol.sync.copies import tip_of

    register.identity = session.own_credential[0]
    published = session.known(register.founding).get("published")
    backup = tip_of(register, path)
    disaster.declare(register, backup=backup, published=published, now=session.now())
    # What the others remember, they are asked about themselves.
    session.know(register.founding, published=None)
    session.out("Declared, with your signature, that this backup is all there is.")
    session.tell("Every audit shows it. Now, in this order:")
    session.tell("  - run `share` with an empty folder, or a new address, as the meeting place")
    session.tell(
        "  - telephone every member: each syncs, is asked once whether you said so, and then"
    )
    session.tell(
        "    enters again by that what they still have; what others had entered is handed over"
    )
    session.tell(
        "  - run `checkpoint`, and send it with a word of explanation to whoever oversees you"
    )


def _say_what_is_missing(session: Session, register: Register) -> None:
    published = session.known(register.founding).get("published")
    if published is not None and register.git.find(published) is None:
        session.tell(
            "note: this backup is older than what the meeting place had when you synced last."
        )
        session.tell(
            "  If the meeting place and every newer copy are gone for good, an admin runs this again with --disaster."
        )


def doctor(session: Session, *, json: bool) -> int:
    """The body of ``doctor``."""
    session.tell(f"The records: {session.folder}", whole=True)
    session.tell(f"Your keys:   {session.home / IDENTITY_FILE}", whole=True)
    found = [*_of_this_computer(session), *_of_the_records(session)]
    if json:
        session.json([{"what": each.what, "remedy": each.remedy} for each in found])
    elif not found:
        session.out("All is well.")
    for each in found if not json else ():
        session.out(f"- {each.what}" + (f"\n    {each.remedy}" if each.remedy else ""))
    return FOUND_SOMETHING if any(each.remedy for each in found) else 0


def _of_this_computer(session: Session) -> Iterator[Ailment]:
    from cpvol.sync.health import Ailment

    try:
        _ = session.own_credential
    except NoPassphrase:
        yield Ailment("your keys were not tried", "run this in a terminal to try your passphrase")
    except NoCredential as error:
        yield Ailment(error.problem, error.hint)
    except CpvolError as error:
        yield Ailment(f"your keys: {error.problem}", error.hint)
    if (session.home / NEXT_FILE).exists():
        yield Ailment("a change of keys was begun and not finished", "run `sync`")


def _of_the_records(session: Session) -> Iterator[Ailment]:
    from cpvol.sync.health import Ailment, ailments

    if folders.is_synced(session.folder):
        yield Ailment(
            "the records are in a folder that a file-sync service keeps in step",
            "move them out of it, and set CPVOL_RECORDS to the new place",
        )
    with session.register(keys=False) as register:
        known = session.known(register.founding)
        yield from ailments(register, known.get("published"))
        shared = known.get("synced") is not None
    for name, days in OLD_DAYS.items():
        if name == "synced" and not shared:
            continue
        words, remedy = _WORDS[name]
        if (on := known.get(name)) is None:
            yield Ailment(f"no {words.removeprefix('the last ')} on this computer yet", remedy)
        elif (age := (session.today() - date.fromisoformat(on)).days) > days:
            yield Ailment(f"{words} was {age} days ago", remedy)


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "backup",
        "Write the records into one file, and read it back.",
        [Param("file", "The file, best on another disk.", positional=True, of="itself")],
        backup,
    ),
    make_task(
        "restore",
        "Make the records again from a backup.",
        [
            Param("file", "The file that `backup` wrote.", positional=True, of="file"),
            Param("disaster", "Declare, as an admin, that this backup is all there is.", flag=True),
            YES,
        ],
        restore,
    ),
    make_task("doctor", "Say what is wrong here, and what helps.", [JSON], doctor),
)
