"""``share`` and ``sync``: the meeting place, and what is asked and told on the way there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpvol.tasks import folders
from cpvol.tasks.build import YES, CpvolTask, Param, make_task
from cpvol.tasks.session import Session

if TYPE_CHECKING:
    from cpvol.ledger.members import Keys
    from cpvol.register import Register
    from cpvol.sync import Conflict, Outcome, Voice
    from cpvol.sync.correction import Correction
    from cpvol.sync.disaster import Act
    from cpvol.sync.handover import Packed


def share(session: Session, *, address: str, yes: bool) -> None:
    """The body of ``share``."""
    from cpvol.sync.place import address_of, share, take_back, to_be_made

    if session.terminal and not yes and (folder := to_be_made(address)) is not None:
        from cpvol.tasks.ask import confirm

        session.tell("\nThere is no such folder yet:")
        session.tell(f"  {folder}", whole=True)
        if not confirm("Shall it be made? A slip in its name would lead the others nowhere."):
            raise KeyboardInterrupt
    with session.register() as register:
        before = address_of(register)
        kept = share(register, address)
        if kept != before:
            # What another place had is no measure for this one.
            session.know(register.founding, published=None)
        try:
            run(session, register, yes=yes)
        except BaseException:
            take_back(register, before)
            raise
        folders.warn_synced(session, session.folder)
        session.out(f"The meeting place is {kept}.")
        session.out(
            "\nAn invitation; nothing in it is secret. Send it to whoever shall join:\n\n"
            "  Set cpvol up as its README says, then, in its folder, run this line:\n"
            f"    inv join --address {_quoted(kept)} --anchor {register.anchor()}\n"
            "  It prints a line that begins with cpvol-card-1. Send that line back to me.\n"
            "  I shall telephone you: read me the eight words that it printed below the line.",
            whole=True,
        )
        session.tell("The folder or host must let them in; that is set there, not here.")


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def sync(
    session: Session,
    *,
    yes: bool,
    put_back: bool,
    words: Sequence[str] = (),
    believe: str | None = None,
    handover: str | None = None,
    disaster: bool = False,
) -> None:
    """The body of ``sync``."""
    from cpvol.ledger.members import Keys

    with session.register(member=False) as register:
        outcome = run(
            session,
            register,
            yes=yes,
            words=words,
            believe=believe,
            put_back=put_back,
            handover=handover,
            disaster=disaster,
        )
        if outcome.received or outcome.sent:
            session.out(f"{_changes(outcome.received)} received, {_changes(outcome.sent)} sent.")
        else:
            session.out("Everything is the same here and at the meeting place.")
        identity = register.signer()
        keys = Keys(identity.age_public, identity.signing_public)
        if register.members.holding(keys) is None:
            session.tell(
                "Your keys belong to no present member: send your card to an admin (`member.card`)."
            )


def _entries(count: int) -> str:
    return "is one entry" if count == 1 else f"are {count} entries"


def _changes(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"


def run(
    session: Session,
    register: Register,
    *,
    yes: bool = False,
    words: Sequence[str] = (),
    believe: str | None = None,
    put_back: bool = False,
    handover: str | None = None,
    disaster: bool = False,
) -> Outcome:
    """Sync, tell what the person has to know, and keep what the next sync has to know.

    :param words: what newcomers read out, where it was written down already.
    :param believe: whose word is taken that a change, which cannot be looked at here, had to be taken out.
    """
    from dataclasses import replace

    from cpvol.ledger.members import RECOVERY
    from cpvol.sync import meeting_of, sync

    meeting = meeting_of(register, prompt=session.terminal)
    # From now on a newcomer's words are compared before anything is sealed to them.
    session.trust(register)
    register.trusts = lambda key: session.trusts(register.founding, key)
    outcome = sync(
        register,
        meeting,
        published=session.known(register.founding).get("published"),
        clock=session.now,
        voice=replace(
            _voice(session, register, yes=yes, heard=words, believed=believe, handover=handover),
            disaster=lambda act: disaster or _gave_up(session, act),
        ),
        put_back=put_back,
    )
    session.know(register.founding, published=outcome.tip, synced=session.today().isoformat())
    if register.former is not None:
        session.take_up_next(register)
    for notice in outcome.notices:
        session.tell(f"note: {notice}")
    for handle in outcome.waiting:
        whose = "the new recovery page" if handle == RECOVERY else handle
        session.tell(
            f"note: {whose} cannot open what you enter until you accept the words: telephone, then run `sync` in a"
            " terminal, or with --words"
        )
    return outcome


def send(session: Session, register: Register) -> bool:
    """Sync after something that the others should know soon; where that cannot be, say so and go on.

    :returns: whether the meeting place has it now.
    """
    from cpvol.errors import CpvolError
    from cpvol.sync import has_place

    if not has_place(register):
        return False
    try:
        run(session, register)
    except CpvolError as error:
        session.tell(f"This was not sent yet: {error.problem}.\n  {error.hint}")
        return False
    return True


def hand_out(session: Session, register: Register) -> None:
    """Send what was changed, and print what whoever oversees the organisation shall keep."""
    from cpvol.sync import has_place
    from cpvol.tasks.audit import checkpoint

    if has_place(register) and not send(session, register):
        session.tell("Once `sync` has sent it, run `checkpoint` and send what it prints.")
        return
    checkpoint(
        session,
        to=None,
        first="So that what was done today can never be undone or altered unseen, send these lines to whoever oversees the"
        " organisation. They keep them, and the next audit is held against them:",
    )


def _voice(
    session: Session,
    register: Register,
    *,
    yes: bool,
    heard: Sequence[str],
    believed: str | None,
    handover: str | None = None,
) -> Voice:
    from cpvol.sync import Voice

    def trust(handle: str, keys: Keys) -> bool:
        from cpvol.ledger.members import RECOVERY
        from cpvol.tasks.keys import words

        page = handle == RECOVERY
        session.tell(
            "There is a new recovery page, which opens every entry. The name that stands on it:"
            if page
            else f"{handle} is new to you among those who read. The words of their keys:"
        )
        session.tell(f"  {words(keys)}")
        read_out = [each.casefold().split() for each in heard]
        accepted = words(keys).casefold().split() in read_out or _confirmed(
            session,
            "Did whoever made the page read out exactly this name?"
            if page
            else "Did they read out exactly these words?",
        )
        if accepted:
            session.trust(register, keys.age)
        return accepted

    def clock_is_right(handle: str) -> bool:
        now = f"{session.today():%d/%m/%Y}"
        session.tell(f"A change by {handle} is dated more than a day ahead. Here it is {now}.")
        return yes or _confirmed(session, f"Is it {now} today?")

    return Voice(
        settle=lambda conflict: settled(session, conflict),
        trust=trust,
        took_over=lambda key: session.trust(register, key),
        clock_is_right=clock_is_right,
        refuse=lambda author, last: _refused(session, author, last),
        corrected=lambda found: _corrected(session, found, believed),
        tell=session.tell,
        hand_over=lambda packed: _handed_over(session, packed, handover),
    )


def _refused(session: Session, author: str, last: str) -> bool:
    """Whether a change is given up whose key is missing; nobody to ask means that it is waited for."""
    if not session.terminal:
        return False
    from cpvol.tasks.ask import confirm

    session.tell(
        f"The key of a change by {author} is missing, and {last} has changed the keys since."
    )
    session.tell(
        f"When {author} runs `sync` it is put right. Only if they cannot, go on without it:"
    )
    return confirm(f"Refuse that change by {author}, and all that follows it?", default=False)


def _corrected(session: Session, found: Correction, believed: str | None) -> bool:
    """Whether a change goes that this person cannot look at, because somebody says so who can."""
    logs = ", ".join(found.logs)
    session.tell(f"{found.handle} took out a change by {found.author} that this copy has.")
    session.tell(
        f"They say that it wrote what nobody can read. It concerns what you do not read yourself: {logs}."
    )
    session.tell("If you would rather keep it, say no, and ask others who read that log.")
    question = f"Did {found.handle} tell you so, by telephone or in person?"
    return found.handle == believed or _confirmed(session, question)


def _handed_over(session: Session, packed: Packed, given: str | None) -> bool:
    """Put what may not be sent any more into a file, and say what to do with it."""
    from cpvol.files import read_start, write_file
    from cpvol.sync.handover import is_handover
    from cpvol.tasks.papers import Place, free, refuse_unusable
    from cpvol.tasks.values import BadInput

    if given is None and session.terminal:
        from cpvol.tasks.ask import line

        whose = (
            "by others, which only this copy has"
            if packed.others
            else "that you may not send any more"
        )
        session.tell(f"There {_entries(packed.count)} {whose}.")
        it, them = ("It", "it") if packed.count == 1 else ("They", "them")
        session.tell(f"{it} can be sealed into a file, for those who may enter {them}.")
        given = line("Where shall it be put?", str(free(Path.home() / "handover.cpvol")))
    if not given:
        return False

    def refuse(path: Path) -> None:
        refuse_unusable(session, path, replace=True)
        if path.exists() and not is_handover(read_start(path, 64)):
            raise BadInput("something else is there already", "name another file")

    place = Place(session, given, refuse, option="--handover", suggested="handover.cpvol")
    path = place.write(lambda path: write_file(path, packed.data, flush=True, private=True))
    whom = " or ".join(packed.readers)
    session.out(f"Sealed in {path}: {packed.count} {'entry' if packed.count == 1 else 'entries'}.")
    if whom:
        session.tell(f"Give it to {whom}, who can open it and enter them with: handover FILE")
    if packed.for_the_page:
        session.tell(
            f"Only the recovery page opens {packed.for_the_page} of them, which nobody else could read:"
            " a member enters them together with the trustees, with: handover FILE --page"
        )
    return True


def _gave_up(session: Session, act: Act) -> bool:
    """Whether the person, having asked the admin, confirms that a backup is all there is."""
    on = f"{datetime.fromtimestamp(act.at, UTC):%d/%m/%Y}"
    session.tell(f"{act.handle} declared on {on} that a backup is all there is.")
    if act.given_up:
        session.tell(
            "Given up by that, unless somebody enters it again, are changes that this copy has:"
        )
        for handle, count in act.given_up:
            session.tell(f"  {_changes(count)} by {handle}")
        session.tell("If you would rather keep them, say no, and run `sync --put-back`.")
    if act.stranger:
        from cpvol.tasks.keys import words

        session.tell(f"It is signed with keys that are new here. Their words:\n  {words(act.keys)}")
    question = f"Did {act.handle} tell you so themselves, by telephone or in person?"
    return _confirmed(session, question)


def _confirmed(session: Session, question: str) -> bool:
    if not session.terminal:
        return False
    from cpvol.tasks.ask import confirm

    return confirm(question, default=False)


def settled(session: Session, conflict: Conflict) -> bool:
    """Whether our value stands, asked in words; nobody to ask means that the incoming one does."""
    if not session.terminal:
        return False
    from cpvol.logs import BY_NAME
    from cpvol.logs.base import label_of
    from cpvol.logs.book import Records
    from cpvol.logs.fields import field_named
    from cpvol.logs.shown import shown
    from cpvol.tasks.ask import pick

    record = conflict.record
    spec = field_named(type(record), conflict.field)
    book = Records([record])

    def said(value: Any) -> str:
        return (shown(spec, value, book) if spec else str(value)) or "nothing"

    title = BY_NAME[record.log].title
    what = label_of(type(record), conflict.field) if spec else conflict.field
    chosen = pick(
        f"Both of you changed “{what}” ({title}, number {record.id}). Which one stands?",
        [
            ("theirs", f"{said(conflict.theirs)}, which came in"),
            ("ours", f"{said(conflict.ours)}, which you entered"),
        ],
    )
    return chosen == "ours"


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "share",
        "Give these records a meeting place, and print an invitation.",
        [
            Param("address", "A folder that the others reach, or an address.", positional=True),
            YES,
        ],
        share,
    ),
    make_task(
        "sync",
        "Bring your copy and the meeting place together.",
        [
            Param("yes", "This computer's clock is right.", flag=True),
            Param(
                "words",
                "The words that a newcomer read out to you; once for each.",
                many=True,
            ),
            Param(
                "put_back",
                "Send again what the meeting place lost or had replaced.",
                flag=True,
            ),
            Param(
                "disaster",
                "An admin told you that a backup is all there is.",
                flag=True,
            ),
            Param(
                "believe",
                "The member who told you that they had to take a change out, which you cannot look at.",
                of="member",
            ),
            Param(
                "handover",
                "The file for entries of yours that you may not send any more.",
            ),
        ],
        sync,
    ),
)
