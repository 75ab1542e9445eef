"""Making records, coming back with the recovery page, and the keys on this computer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.files import remove_folder
from cpvol.logs import BY_NAME, LOGS
from cpvol.tasks import folders
from cpvol.tasks.build import YES, Param, make_task
from cpvol.tasks.keys import ask_back, new_credential, new_page, page_file, write_page
from cpvol.tasks.session import IDENTITY_FILE, Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.policy.organisation import Organisation
    from cpvol.register import Register

_ROUTES = {
    "query": "directly, over the internet (query-based)",
    "mediated": "through a mediator",
    "both": "both ways",
}


def init(
    session: Session,
    *,
    name: str | None,
    access: str | None,
    logs: str | None,
    handle: str | None,
    recovery_page: str | None,
    yes: bool,
    profile: str | None = None,
) -> None:
    """The body of ``init``."""
    from cpvol.policy import load
    from cpvol.register import Occupied, found_register

    folder = session.new_folder
    if folder.exists() and any(folder.iterdir()):
        raise Occupied
    policy = load(profile) if profile else load()
    organisation = _organisation(session, name, access, logs)
    page = page_file(session, recovery_page)
    handle = handle or "member-1"
    folders.warn_synced(session, folder)
    if session.terminal and not yes:
        from cpvol.tasks.ask import confirm

        session.tell(f"\nThe records of {organisation.name} will be in this folder:\n  {folder}")
        if not confirm("Make records for it there?"):
            raise KeyboardInterrupt
    fresh = not (session.home / IDENTITY_FILE).exists()
    # Never the demonstration's, which everybody can read, though that may be what is looked at.
    identity = new_credential(session, handle) if fresh else session.own_credential[0]
    secret, recovery = new_page()
    made = False
    try:
        with found_register(
            folder, identity, handle, recovery, organisation, policy, now=session.now()
        ) as register:
            made = True
            anchor = register.anchor()
            write_page(session, page, organisation.name, secret, anchor)
        if session.project is None:
            session.remember(records=str(folder.resolve()))
    except BaseException:
        # Records without their recovery page would be a way to lock everybody out.
        page.path.unlink(missing_ok=True)
        if made:
            remove_folder(folder)
        if fresh:
            (session.home / IDENTITY_FILE).unlink(missing_ok=True)
        raise
    ask_back(session, page.path, secret)
    session.out(f"\nMade records for {organisation.name}. You are {handle}.")
    session.tell("\nTo do now:")
    session.tell("  - print the recovery page, put it in the trustees' safe, and delete the file:")
    session.tell(f"    {page.path}", whole=True)
    session.tell("    It is the only way back if you lose your passphrase.")
    session.tell(
        "  - send this line to whoever oversees the organisation; an audit starts from it:"
    )
    session.tell(f"    {anchor}", whole=True)
    session.tell(
        "  - enter the people with `person.add`, then their checks with `ecrb.add` and their training with `training.add`"
    )
    session.tell(
        "\nYou are the only member so far: the only admin, and the only one who can approve a disposal. Nothing about"
        " yourself can be kept from yourself. `check` says so until somebody joins: see `share` and `member.add`."
    )


def recover(session: Session, *, handle: str | None, recovery_page: str | None, yes: bool) -> None:
    """The body of ``recover``."""
    from cpvol.ledger.members import Keys
    from cpvol.register import Register, check_page, recover_keys
    from cpvol.tasks.sync import send

    with Register.open(session.folder) as register:
        held = session.recovery_page()
        register.identity = held
        _catch_up(session, register)
        check_page(register, held)
        everybody = {member.handle: member.present for member in register.members.members}
        handle = handle or _which_member(session, everybody)
        if handle not in everybody:
            raise BadInput(
                "there is no member of that handle", f"the members are {', '.join(everybody)}"
            )
        page = page_file(session, recovery_page)
        if session.terminal and not yes:
            from cpvol.tasks.ask import confirm

            session.tell(f"\n{handle} gets new keys on this computer. Their old keys stop working.")
            if not everybody[handle]:
                session.tell(f"{handle} was taken out. With new keys they are a member again.")
            if not confirm("Go on?"):
                raise KeyboardInterrupt
        kept = _set_aside(session)
        try:
            identity = new_credential(session, handle)
            secret, renewed = new_page()
            write_page(session, page, register.organisation.name, secret, register.anchor())
            new = Keys(identity.age_public, identity.signing_public)
            session.trust(register, new.age, renewed.age)
            recover_keys(register, held, handle, new, renewed, now=session.now())
            register.identity = identity
            register.refresh()
        except BaseException:
            page.path.unlink(missing_ok=True)
            _bring_back(session, kept)
            raise
        send(session, register)
    ask_back(session, page.path, secret)
    session.out(f"\n{handle} has new keys on this computer, and can read and enter again.")
    session.tell(
        f"The new recovery page is in {page.path}: print it for the safe, delete the file, destroy the old page."
    )
    session.tell("Every audit will show that the recovery page was used today.")


def remember(session: Session, *, forget: bool) -> None:
    """The body of ``key.remember``."""
    session.keep_in_keychain(keep=not forget)
    session.out(
        "Forgotten."
        if forget
        else "This computer's keychain now holds your keys; you will not be asked again."
    )


def anchor(session: Session) -> None:
    """The body of ``anchor``."""
    with session.register(keys=False) as register:
        session.out(register.anchor())


def _organisation(
    session: Session, name: str | None, access: str | None, logs: str | None
) -> Organisation:
    from cpvol.policy.organisation import Organisation
    from cpvol.tasks import ask
    from cpvol.tasks.values import build

    if session.terminal:
        name = name or ask.typed("What is the organisation called?", needed=True)
        access = access or ask.pick("How does it reach the directory?", list(_ROUTES.items()))
        if not logs:
            session.tell("\nAll logs are ticked. In doubt leave it so; it can be changed later.")
        logs = logs or ",".join(
            ask.pick_many(
                "Which logs does it need?",
                {log.name: log.title for log in LOGS},
                [log.name for log in LOGS],
            )
        )
    absent = [option for option, value in (("--name", name), ("--access", access)) if not value]
    if absent:
        raise BadInput(
            f"not given: {', '.join(absent)}",
            "add these, or run the task in a terminal to be asked",
        )
    if access not in _ROUTES:
        raise BadInput("--access: that is none of the choices", f"choose from {', '.join(_ROUTES)}")
    chosen = (
        tuple(log.strip() for log in logs.split(",") if log.strip()) if logs else tuple(BY_NAME)
    )
    if unknown := [log for log in chosen if log not in BY_NAME]:
        raise BadInput(
            f"--logs: there is no log {unknown[0][:20]}", f"the logs are {', '.join(BY_NAME)}"
        )
    ordered = tuple(log.name for log in LOGS if log.name in chosen or log.name == "person")
    return build(Organisation, {"name": name, "access": access, "logs": ordered})


def _which_member(session: Session, handles: Mapping[str, bool]) -> str:
    """Whose keys are replaced.

    :param handles: whether each is still a member; those who are stand first.
    """
    if len(handles) == 1:
        return next(iter(handles))
    if not session.terminal:
        raise BadInput("not given: --handle", f"say whose keys are replaced: {', '.join(handles)}")
    from cpvol.tasks.ask import pick

    return pick(
        "Whose keys are replaced?",
        [
            (handle, handle if handles[handle] else f"{handle}, who was taken out")
            for handle in sorted(handles, key=lambda each: not handles[each])
        ],
    )


def _catch_up(session: Session, register: Register) -> None:
    """Take in first what the others did, since nobody can sign with the page a second time."""
    from cpvol.sync import NotReached, has_place
    from cpvol.tasks.sync import run

    if not has_place(register):
        return
    try:
        run(session, register)
    except NotReached as error:
        session.tell(f"{error.problem}; going on with what is here")


def _set_aside(session: Session) -> Path | None:
    here = session.home / IDENTITY_FILE
    if not here.exists():
        return None
    aside = here.with_name(f"identity-before-{datetime.now():%Y%m%d}-{secrets.token_hex(3)}.age")
    here.replace(aside)
    return aside


def _bring_back(session: Session, kept: Path | None) -> None:
    here = session.home / IDENTITY_FILE
    if kept is not None:
        kept.replace(here)
    else:
        here.unlink(missing_ok=True)


_PAGE = Param("recovery_page", "The file for the recovery page, to be printed for the safe.")
_HANDLE = Param("handle", "A short name that stays in the history for ever; best not your own.")

TASKS: tuple[Task[Any], ...] = (
    make_task(
        "init",
        "Make the records of your organisation.",
        [
            Param("name", "The organisation's name."),
            Param("access", f"How it reaches the directory: {', '.join(_ROUTES)}."),
            Param("logs", "The logs it keeps, with commas; all when left out."),
            Param("profile", "The profile that its numbers come from; contactpoint when left out."),
            _HANDLE,
            _PAGE,
            YES,
        ],
        init,
    ),
    make_task(
        "recover",
        "Come back with the recovery page.",
        [Param("handle", "The handle of the member who gets new keys."), _PAGE, YES],
        recover,
    ),
    make_task("anchor", "Print the line that an audit starts from.", [], anchor),
)

KEY_TASKS: tuple[Task[Any], ...] = (
    make_task(
        "remember",
        "Let this computer's keychain hold your keys.",
        [Param("forget", "Take them out of the keychain again.", flag=True)],
        remember,
    ),
)

__all__ = ["KEY_TASKS", "TASKS"]
