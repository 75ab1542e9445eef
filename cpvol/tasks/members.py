"""People: ``member.*`` and ``key.rotate``, ``key.recovery``. Whoever they concern is told in words, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.tasks import folders, shell
from cpvol.tasks.build import JSON, YES, CpvolTask, Param, make_task
from cpvol.tasks.keys import ask_back, new_credential, new_page, page_file, words, write_page
from cpvol.tasks.session import IDENTITY_FILE, NEXT_FILE, Session
from cpvol.tasks.values import BadInput, option

if TYPE_CHECKING:
    from cpvol.ledger.members import Keys
    from cpvol.register import Register

_READS_NOTHING = "nothing"


class NotConfirmed(CpvolError):
    """Nobody was there to say yes."""

    def __init__(self) -> None:
        super().__init__(
            "nobody confirmed that, so nothing was changed",
            "run it in a terminal, or again with --yes",
        )


class NotCompared(CpvolError):
    """Nobody said that the words agree."""

    def __init__(self) -> None:
        super().__init__(
            "it was not confirmed that the words agree",
            "have them read out to you by telephone, then run this in a terminal, or again with --words",
        )


def agreed(session: Session, question: str, *, yes: bool) -> None:
    """Ask, unless told not to.

    :raises NotConfirmed: when there is nobody to ask.
    """
    if yes:
        return
    if not session.terminal:
        raise NotConfirmed
    from cpvol.tasks.ask import confirm

    if not confirm(question, default=False):
        raise KeyboardInterrupt


def _compared(session: Session, handle: str, keys: Keys, heard: str | None) -> None:
    """See to it that somebody's keys are theirs: the words that they read out are those of the card.

    :param heard: the words, where they were written down already.
    :raises BadInput: when they are others.
    :raises NotCompared: when there are none, and there is nobody to ask.
    """
    if heard is not None:
        if heard.casefold().split() != words(keys).casefold().split():
            raise BadInput(
                "--words: these are not the words of that card",
                "ask for the card again, by another way than it came; take nobody in until they agree",
            )
        return
    if not session.terminal:
        raise NotCompared
    session.tell(
        "Somebody could have put another card in the place of theirs, and would read everything. So telephone them, at a"
        f" number that you know, and have them read out their words. {handle}'s words, by this card:"
    )
    session.tell(f"  {words(keys)}", whole=True)
    agreed(session, "Did they read out exactly these words to you?", yes=False)


def join(session: Session, *, handle: str | None, address: str | None, anchor: str | None) -> None:
    """The body of ``join``."""
    if session.terminal and not address:
        address, anchor = _from_invitation(session, anchor)
    if not (session.home / IDENTITY_FILE).exists():
        if not handle and session.terminal:
            from cpvol.tasks.ask import typed

            session.tell("\nA short name (handle) stands beside all that you enter, for ever.")
            session.tell("Best not your own name.")
            handle = typed("Which short name would you like?", default="member-2", check=_checked)
        if not handle:
            raise BadInput("not given: --handle", "choose a short name, for example member-2")
        new_credential(session, _checked(handle))
        session.tell(f"Your keys are in {session.home / IDENTITY_FILE}.")
    elif handle and handle != (chosen := session.own_credential[1]):
        session.tell(
            f"You have keys here already, with the short name {chosen}; they are used, and {handle} is not."
        )
    if address:
        _copy(session, address, anchor)
    card(session)
    if address:
        session.tell("Once an admin has added you, and a reader has synced, run `sync`.")


def _from_invitation(session: Session, anchor: str | None) -> tuple[str, str | None]:
    """The meeting place and the anchor, asked for; without a place there will be a card and no copy yet."""
    from cpvol.tasks.ask import line
    from cpvol.tasks.papers import dropped

    session.tell("The invitation names a place, and a line that begins with cpvol-anchor-1.")
    session.tell("Without an invitation, Enter alone makes your keys and your card only.")
    address = dropped(line("The place, as it stands behind --address"))
    if address and not anchor:
        anchor = line("The line, as it stands behind --anchor") or None
    return address, anchor


def _checked(handle: str) -> str:
    import re

    from cpvol.ledger.members import RECOVERY

    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", handle) or handle == RECOVERY:
        raise BadInput(
            "--handle: it is not in the right form",
            "use small letters, digits and hyphens, beginning with a letter, for example robin-2",
        )
    return handle


def _copy(session: Session, address: str, anchor: str | None) -> None:
    from cpvol.audit.anchor import read_anchor
    from cpvol.sync import clone

    folder = session.new_folder
    folders.warn_synced(session, folder)
    pinned = read_anchor(anchor) if anchor else None
    session.tell("Fetching …")
    with clone(
        folder, address, anchor=pinned, now=session.now(), prompt=session.terminal
    ) as register:
        session.trust(register)
        published = session.known(register.founding).get("published")
        if published is None or register.git.find(published) is not None:
            session.know(register.founding, published=register.head.oid)
        else:
            session.tell("note: it lacks changes that the meeting place had when you synced last;")
            session.tell("  ask an admin why, before you go on: the next `sync` will ask you too")
        session.tell(f"You have a copy of the records of {register.organisation.name}.")
        if pinned is None:
            session.tell("Compare this line with whoever invited you; it has to be the same:")
            session.tell(f"  {register.anchor()}")
    if session.project is None and "CPVOL_RECORDS" not in session.environ:
        session.remember(records=str(folder.resolve()))


def show_list(session: Session, *, json: bool) -> None:
    """The body of ``member.list``."""
    from cpvol.membership import alone
    from cpvol.tasks import show

    with session.register(keys=False) as register:
        everyone, logs = register.members, register.organisation.logs
    if json:
        session.json(
            [
                {
                    "handle": member.handle,
                    "roles": list(member.roles),
                    "reads": list(member.reads),
                    "present": member.present,
                    "words": words(member.keys),
                }
                for member in everyone.members
            ]
        )
        return
    rows = [
        (
            member.handle,
            ", ".join(member.roles),
            ", ".join(member.reads) or _READS_NOTHING,
            "" if member.present else "left",
            words(member.keys),
        )
        for member in everyone.members
    ]
    rows.append(("recovery page", "", "all", "", words(everyone.recovery)))
    show.table(session, ("who", "roles", "reads", "", "words of their keys"), rows)
    for sentence in alone(everyone, logs):
        session.tell(f"note: {sentence}")


def card(session: Session) -> None:
    """The body of ``member.card``."""
    from cpvol.ledger.members import Keys
    from cpvol.membership import Card

    identity, handle = session.own_credential
    keys = Keys(identity.age_public, identity.signing_public)
    session.out(Card(handle, keys).line())
    session.tell("This line is your card; nothing in it is secret. Send it to an admin.")
    session.tell(f"When they telephone, read these words to them:\n  {words(keys)}")


def add(
    session: Session,
    *,
    card: str,
    handle: str | None,
    roles: str | None,
    reads: str | None,
    words: str | None,
) -> None:
    """The body of ``member.add``."""
    from dataclasses import replace

    from cpvol import membership

    newcomer = membership.read_card(card)
    if handle:
        newcomer = replace(newcomer, handle=handle)
    chosen = membership.roles_from(*_ask_roles(session, roles, reads))
    with session.register() as register:
        before = register.members.get(newcomer.handle)
        if before is not None and not before.present:
            session.tell(f"{newcomer.handle} was a member before; they come back with new keys.")
        _compared(session, newcomer.handle, newcomer.keys, words)
        session.trust(register, newcomer.keys.age)
        membership.add(register, newcomer, *chosen, now=session.now())
        session.out(f"{newcomer.handle} is a member now: {_what(*chosen)}.")
        if "coordinator" not in register.me.roles:
            session.tell("They can read after somebody who reads these logs runs `sync`.")
        _afterwards(session, register)


def remove(session: Session, *, handle: str, yes: bool) -> None:
    """The body of ``member.remove``."""
    _take_out(session, handle, lost=False, yes=yes)
    session.tell(f"{handle} cannot open anything written from now on, and cannot enter anything.")
    session.tell("What they could read until now they may have copied. So, today:")
    session.tell("  - take away their access to the meeting place (the folder or the host)")
    session.tell("  - have them say in writing that they kept nothing")
    session.tell("  - once something has been disposed of, everybody runs `key.rotate`")


def lost(session: Session, *, handle: str, yes: bool) -> None:
    """The body of ``member.lost``."""
    _take_out(session, handle, lost=True, yes=yes)
    session.tell(f"The old keys of {handle} are worth nothing for what is written from now on.")
    session.tell("Now, in this order:")
    session.tell(
        "  - take away that computer's access to the meeting place (the folder or the host)"
    )
    session.tell(f"  - {handle} makes new keys with `join` on another computer and sends the card;")
    session.tell(f"    then: member.add CARD --handle {handle}")
    session.tell("  - if a token or papers were lost too, report them lost as well")
    session.tell(
        "  - enter what happened, and tell whom the breach log says to tell. A draft to complete:"
    )
    draft = _breach_draft(session, handle)
    given = " ".join(f"{option(n)} {_quoted(v)}" for n, v in draft.items())
    command = f"{shell.program(session)} breach.add {given}"
    # In one line, to be copied.
    session.tell(command, whole=True)
    if session.terminal and not yes:
        _enter_breach(session, draft)


def _breach_draft(session: Session, handle: str) -> dict[str, str]:
    """What is known already of the breach that lost keys are."""
    return {
        "discovered_on": f"{session.today():%d/%m/%Y}",
        "found_through": "own",
        "category": "credentials",
        "what": f"A computer or a file with the keys of {handle} was lost or stolen",
        "personal_data": "unknown",
        "risk": "unknown",
    }


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _enter_breach(session: Session, draft: dict[str, str]) -> None:
    """Offer to enter the draft now; whoever would rather not has it on the screen."""
    from cpvol.tasks import tasks_at
    from cpvol.tasks.ask import confirm

    with session.register() as register:
        if not register.me.may_enter("breach"):
            session.tell("    You do not enter into that log: ask a coordinator to.")
            return
    if not confirm("Enter this breach now? It is shown first, and can be changed."):
        return
    task = tasks_at("log breach")[0]
    given = {param.name: False if param.flag else None for param in task.params}
    try:
        task.act(session, **given | draft)
    except KeyboardInterrupt:
        session.tell("The breach was not entered.")


def change_roles(
    session: Session, *, handle: str, roles: str | None, reads: str | None, yes: bool
) -> None:
    """The body of ``member.roles``."""
    from cpvol import membership

    chosen = membership.roles_from(*_ask_roles(session, roles, reads))
    with session.register() as register:
        membership.with_roles(register, handle, *chosen)
        agreed(session, f"From now on {handle}: {_what(*chosen)}. Is this right?", yes=yes)
        membership.change_roles(register, handle, *chosen, now=session.now())
        session.out(f"{handle}: {_what(*chosen)}.")
        _afterwards(session, register)


def rotate(session: Session) -> None:
    """The body of ``key.rotate``."""
    from cpvol import membership
    from cpvol.ledger.members import Keys
    from cpvol.sync import has_place
    from cpvol.tasks.sync import run

    with session.register() as register:
        shared = has_place(register)
        if shared:
            run(session, register)
        handle = register.me.handle
        identity = new_credential(session, handle, NEXT_FILE)
        keys = Keys(identity.age_public, identity.signing_public)
        try:
            session.trust(register, keys.age)
            membership.rotate(register, keys, now=session.now())
        except BaseException:
            (session.home / NEXT_FILE).unlink(missing_ok=True)
            raise
        register.former, register.identity = register.identity, identity
        register.refresh()
        session.out(f"{handle} has new keys. Their words:\n  {words(keys)}")
        if shared:
            # The old keys may go only when everybody can know the new ones.
            run(session, register)
        else:
            session.take_up_next(register)
        session.tell(f"The old keys were deleted: {session.home / IDENTITY_FILE} holds the new.")
        _afterwards(session, register)
    session.tell("Make a new backup now; an old one holds the old keys.")


def renew_page(session: Session, *, recovery_page: str | None) -> None:
    """The body of ``key.recovery``."""
    from cpvol import membership

    with session.register() as register:
        page = page_file(session, recovery_page)
        secret, keys = new_page()
        write_page(session, page, register.organisation.name, secret, register.anchor())
        try:
            session.trust(register, keys.age)
            membership.renew_page(register, keys, now=session.now())
        except BaseException:
            page.path.unlink(missing_ok=True)
            raise
        ask_back(session, page.path, secret)
        session.out("The recovery page was renewed.")
        session.tell(
            f"It is in {page.path}: print it for the safe, delete the file, destroy the old page."
        )
        if sum(member.present for member in register.members.members) > 1:
            session.tell(f"At their next sync, the others ask you for its name: {words(keys)}")
        _afterwards(session, register)


def _take_out(session: Session, handle: str, *, lost: bool, yes: bool) -> None:
    from cpvol import membership

    with session.register() as register:
        membership.without(register, handle)
        why = "whose keys were lost" if lost else "who leaves"
        agreed(session, f"Take out {handle}, {why}?", yes=yes)
        membership.remove(register, handle, lost=lost, now=session.now())
        session.out(f"{handle} is no longer a member.")
        _afterwards(session, register)


def _afterwards(session: Session, register: Register) -> None:
    """Say who is alone with something now, send what was changed, and hand out a checkpoint."""
    from cpvol.membership import alone
    from cpvol.tasks.sync import hand_out

    for sentence in alone(register.members, register.organisation.logs):
        session.tell(f"note: {sentence}")
    hand_out(session, register)


def _ask_roles(session: Session, roles: str | None, reads: str | None) -> tuple[str, str | None]:
    from cpvol.ledger.members import ALL, ROLES
    from cpvol.logs import LOGS
    from cpvol.tasks import ask

    if not roles:
        if not session.terminal:
            raise BadInput("not given: --roles", f"some of {', '.join(ROLES)}, with commas")
        about = {
            "admin": "admin: changes members and policy",
            "coordinator": "coordinator: enters, reads and disposes",
            "auditor": "auditor: reads",
        }
        roles = ",".join(ask.pick_many("What are they?", about, [], required=True))
    if roles.strip() != "admin" and not reads:
        if not session.terminal:
            raise BadInput("not given: --reads", "all, or the names of logs with commas")
        chosen = ask.pick_many(
            "Which logs may they read?",
            {ALL: "all of them, also those to come"} | {log.name: log.title for log in LOGS},
            [],
            required=True,
        )
        reads = ",".join(chosen)
    return roles, reads


def _what(roles: tuple[str, ...], reads: tuple[str, ...]) -> str:
    return f"{', '.join(roles)}; reads {', '.join(reads) or _READS_NOTHING}"


_HANDLE = Param("handle", "The member's handle.", positional=True, of="member")
_ROLES = Param("roles", "Of admin, coordinator and auditor, with commas.")
_READS = Param("reads", "The logs they may read, with commas, or all.")

ROOT_TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "join",
        "Make your keys and your card, and take a copy of the records.",
        [
            Param("handle", "A short name that stays in the history for ever; best not your own."),
            Param("address", "The meeting place, from the invitation."),
            Param("anchor", "The line that begins with cpvol-anchor-1, from the invitation."),
        ],
        join,
    ),
)

TASKS: tuple[CpvolTask, ...] = (
    make_task("list", "Who the members are.", [JSON], show_list),
    make_task("card", "Print your card, for an admin to add you.", [], card),
    make_task(
        "add",
        "Make somebody a member, from the card that they sent.",
        [
            Param("card", "The line that they sent.", positional=True),
            Param("handle", "A handle other than the one on the card."),
            _ROLES,
            _READS,
            Param("words", "The words that they read out to you from their own screen."),
        ],
        add,
    ),
    make_task("remove", "Take out somebody who leaves.", [_HANDLE, YES], remove),
    make_task(
        "lost", "Take out the lost or stolen keys of somebody who stays.", [_HANDLE, YES], lost
    ),
    make_task("roles", "Give somebody other roles.", [_HANDLE, _ROLES, _READS, YES], change_roles),
)

KEY_TASKS: tuple[CpvolTask, ...] = (
    make_task("rotate", "Replace your keys by new ones.", [], rotate),
    make_task(
        "recovery",
        "Make a new recovery page.",
        [Param("recovery_page", "The file for the recovery page, to be printed for the safe.")],
        renew_page,
    ),
)
