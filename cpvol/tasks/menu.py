"""The way in for people: what needs doing today, and a menu over the same tasks, unlocked once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit

from cpvol.errors import CpvolError
from cpvol.logs.book import Records
from cpvol.tasks.build import CpvolTask, Param, guarded, make_task
from cpvol.tasks.copies import OLD_DAYS
from cpvol.tasks.session import NoCredential, NoPassphrase, NoRecords, Session

if TYPE_CHECKING:
    from cpvol.register import Register
    from cpvol.tasks.topics import Topic

#: How many things are shown first.
FIRST = 3
_BACK = "Go back"
_LEAVE = "Leave"
_COPIES = {
    "synced": ("last sync with the others' copies", "run `sync`"),
    "backup": ("last backup", "make one with `backup`"),
    "checkpoint": ("last checkpoint", "make one with `checkpoint`"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the menu.

    :param tasks: the full names of the tasks in it, each with the words that the menu has for it; ``""`` where the
        task's own are as good.
    """

    title: str
    tasks: tuple[tuple[str, str], ...]


#: Entries are made in groups that people think in. Every log stands in one of them.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "About a person: check, training, token …",
        ("person", "ecrb", "training", "token", "acknowledgement", "support"),
    ),
    (
        "The directory in use: sessions, reviews, parents …",
        ("session", "usage", "spotcheck", "accuracy", "notice", "consent", "brokering", "change"),
    ),
    (
        "A request, a complaint, or something that went wrong",
        ("breach", "sar", "dispute", "shield", "override"),
    ),
    ("For the whole organisation", ("declaration", "hold")),
)

NEEDS = Part(
    "See what needs doing",
    (
        ("due", "Everything that falls due, soonest first"),
        ("check", "Which rules are not met"),
        ("person.status", "Where one person stands, and what comes next"),
        ("calendar", "Put what falls due into a file for your calendar"),
    ),
)
LOOK = Part(
    "Look something up, or correct it",
    (
        ("list", "All entries of one log"),
        ("find", "Entries that hold some words"),
        ("show", "One entry, and what was changed in it"),
        ("amend", "Change an entry"),
        ("void", "Strike out an entry that should not be there"),
    ),
)
PARTS: tuple[Part, ...] = (
    Part(
        "Spreadsheets and papers",
        (
            ("import", "Take in a list that you have"),
            ("template", "Make an empty sheet to fill in"),
            ("export", "Write entries into a sheet"),
            ("accreditation", "The accreditation file: what is held, what is missing"),
            ("dataprotection", "The data protection file"),
            ("site.build", "Make the guidance pages for staff"),
        ),
    ),
    Part(
        "Letters to the directory's team",
        (
            ("letter.leaver", "A user leaves"),
            ("letter.lapsed-check", "An enhanced check has lapsed"),
            ("letter.failed-check", "An enhanced check failed"),
            ("letter.lost-token", "A token is lost"),
            ("letter.breach", "A breach or misuse"),
            ("letter.shield-form", "The form that asks for a shield"),
            ("letter.sar-referral", "A request to see data, passed on"),
            ("letter.override-report", "Our report on an override"),
        ),
    ),
    Part(
        "Letters to people, and forms",
        (
            ("letter.leaver-notice", "To a leaver: access ends, with a slip to sign"),
            ("letter.check-renewal", "To a user: renew the enhanced check"),
            ("letter.training-place", "To somebody whose training is booked"),
            ("person.export", "What is held about one person, for their own request"),
            ("letter.job-description", "The insert for a job description"),
            ("letter.declaration", "The declaration, to be signed by two"),
            ("letter.template", "Write the words of a letter anew"),
        ),
    ),
    Part(
        "Copies, and working with others",
        (
            ("sync", "Bring your copy and the others' together"),
            ("backup", "Make a copy on another disk"),
            ("checkpoint", "Print how far the records have come, to send on"),
            ("share", "Invite others: name the place where your copies meet"),
            ("restore", "Bring the records back from a copy"),
            ("doctor", "Look whether all is well on this computer"),
        ),
    ),
    Part(
        "Destroy what was kept long enough",
        (
            ("retention.due", "See what was kept long enough"),
            ("retention.propose", "Propose it for destruction"),
            ("retention.approve", "Approve a proposal"),
            ("retention.withdraw", "Give a proposal up"),
            ("retention.dispose", "Destroy what was approved"),
            ("retention.certificates", "What was destroyed, and what can be said of it"),
        ),
    ),
    Part(
        "Who keeps these records",
        (
            ("member.list", "Who the members are"),
            ("member.add", "Take somebody in, from the card that they sent"),
            ("member.card", "Print your own card"),
            ("member.roles", "Let somebody do more, or less"),
            ("member.remove", "Take somebody out who leaves"),
            ("member.lost", "Somebody's computer or keys are lost"),
            ("key.remember", "Have this computer keep your keys unlocked"),
            ("key.rotate", "Get new keys and another passphrase"),
            ("key.recovery", "Make a new recovery page"),
        ),
    ),
    Part(
        "Settings",
        (
            ("organisation.show", "The organisation's details and contact cards"),
            ("policy.show", "Every number in force, and where it comes from"),
            ("plain", "Screens that suit a screen reader"),
            ("launcher", "Put an icon on this computer that opens this menu"),
            ("anchor", "The line that an examination starts from"),
        ),
    ),
)
#: What stands behind one line of the menu, which fits a small window together with what is shown above it.
SHELVES: tuple[tuple[str, tuple[Part, ...]], ...] = (
    ("Spreadsheets, letters and forms", PARTS[:3]),
    ("These records: copies, members, settings …", PARTS[3:]),
)
#: How somebody begins who has no records here.
BEGIN = Part(
    "How do you want to begin?",
    (
        ("init", "Make the records of your organisation"),
        ("join", "Join records that somebody else keeps"),
        ("restore", "Bring records back from a copy"),
        ("breach.seal", "Report something in confidence, without any records"),
        ("demo", "Only look round: made-up records"),
    ),
)
#: How somebody goes on for whom the records did not open; ``""`` is trying once more.
LOCKED = Part(
    "The records are locked. What now?",
    (
        ("", "Try again"),
        ("recover", "I forgot my passphrase, or have none here"),
        ("sync", "I was let in since: bring the copies together"),
        ("doctor", "Look what is wrong on this computer"),
        ("join", "Make keys, and join records that somebody else keeps"),
    ),
)
_ENTER = "Enter something"
_NEXT_STEP = "Take the next step with something entered before"
_RARE = "Something has happened: a leaver, a loss …"
_HELP = "Help"
#: Stands above the menu over the demonstration, for whoever looked round enough.
_OWN = "Begin records of your own"
#: The menu itself.
OFFERED = (
    NEEDS.title,
    _ENTER,
    _NEXT_STEP,
    LOOK.title,
    _RARE,
    *(title for title, _ in SHELVES),
    _HELP,
    _LEAVE,
)


# -- what needs doing --------------------------------------------------------------------------------------------


def today(session: Session) -> None:
    """The body of ``today``: the first things to do, how old the copies are, and how to go on."""
    _begin(session)
    session.out("`cpvol` alone opens a menu; `help topics` explains; `--list` shows every task.")


def _begin(session: Session) -> None:
    if not _has_records(session):
        session.out("There are no records here yet.")
        session.out(
            "`init` makes those of your organisation, `join` takes you to somebody else's, and `demo` makes an example"
            " to look at."
        )
        return
    try:
        with session.register() as register:
            _say_first(session, register)
            _say_copies(session, register)
    except (NoCredential, NoPassphrase) as error:
        session.out(f"The records are in {session.folder}.")
        session.out(f"{_capital(error.problem)}: {error.hint}.")


def _say_first(session: Session, register: Register) -> None:
    from cpvol import compliance

    day = session.today()
    book = Records(register.records())
    found = [
        each
        for each in compliance.due(book, register.policy, day, 30, register.organisation)
        if each.owner == "us"
    ]
    late = sum(each.overdue(day) for each in found)
    if not found:
        session.out("Nothing has to be done in the next 30 days.")
        return
    things = "1 thing" if len(found) == 1 else f"{len(found)} things"
    session.out(f"{things} to do in the next 30 days, {late} of them overdue. First:")
    for each in found[:FIRST]:
        mark = "overdue since" if each.overdue(day) else "by"
        session.out(f"  - {each.what} ({mark} {each.due_on:%d/%m/%Y}; {each.log} {each.id})")
    if len(found) > FIRST:
        session.out(f"  and {len(found) - FIRST} more: see `due`.")


def _say_copies(session: Session, register: Register) -> None:
    """How old the last sync, backup and checkpoint are; the demonstration needs none."""
    from cpvol.sync import has_place

    if session.folder == session.demo_folder:
        return
    known = session.known(register.founding)
    for name, (words, remedy) in _COPIES.items():
        if name == "synced" and not has_place(register):
            continue
        if (on := known.get(name)) is None:
            session.out(f"{_capital(words)}: never on this computer; {remedy}.")
            continue
        day = date.fromisoformat(on)
        old = (session.today() - day).days > OLD_DAYS[name]
        session.out(f"{_capital(words)}: {day:%d/%m/%Y}{f'; {remedy}' if old else ''}.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- the menu ----------------------------------------------------------------------------------------------------


def menu(session: Session) -> None:
    """Show what needs doing, then a menu that comes back until it is left."""
    if not _has_records(session):
        session.out("Welcome. There are no records here yet.\n")
    if not (_until(session, _has_records, BEGIN) and _until(session, _opens, LOCKED)):
        return
    parts = {part.title: part for part in (NEEDS, LOOK)}
    shelves = dict(SHELVES)
    while (words := _pick("What would you like to do?", _offered(session))) not in (_LEAVE, _BACK):
        if words == _OWN:
            _begin_own(session)
        elif words == _ENTER:
            _enter(session)
        elif words == _NEXT_STEP:
            _next_step(session)
        elif words == _RARE:
            _rare(session)
        elif words == _HELP:
            _help(session)
        elif words in shelves:
            _choose_part(session, words, shelves[words])
        else:
            _offer(session, words, parts[words].tasks)


def _offered(session: Session) -> tuple[str, ...]:
    return OFFERED if _has_own(session) else (_OWN, *OFFERED)


def _has_own(session: Session) -> bool:
    return session.own_folder is not None


def _begin_own(session: Session) -> None:
    """From the demonstration to records of one's own, and on with these."""
    ways = tuple(each for each in BEGIN.tasks if each[0] != "demo")
    if _until(session, _has_own, Part(BEGIN.title, ways)):
        _until(session, _opens, LOCKED)


def _choose_part(session: Session, title: str, within: Sequence[Part]) -> None:
    parts = {part.title: part for part in within}
    while (words := _pick(title, [*parts, _BACK])) != _BACK:
        _offer(session, words, parts[words].tasks)


def _until(session: Session, met: Callable[[Session], bool], part: Part) -> bool:
    """Offer ways on until one has led there; whether it did, or the menu was left."""
    by_words = {words: name for name, words in part.tasks}
    while not met(session):
        words = _pick(part.title, [*by_words, _HELP, _LEAVE])
        if words in (_LEAVE, _BACK):
            return False
        if words == _HELP:
            _help(session)
        elif by_words[words]:
            _run(session, _task(by_words[words]))
    return True


def _opens(session: Session) -> bool:
    """Show what needs doing, which unlocks the records: once, for whatever is chosen afterwards."""
    try:
        with session.register() as register:
            _say_first(session, register)
            _say_copies(session, register)
    except CpvolError as error:
        session.tell(f"\n{_capital(error.problem)}.\n  {error.hint}\n")
        return False
    except (KeyboardInterrupt, EOFError):
        session.tell("")
        return False
    session.out("")
    return True


def _has_records(session: Session) -> bool:
    try:
        # A place that CPVOL_RECORDS names may be one where they are still to be made.
        return session.folder.is_dir() and any(session.folder.iterdir())
    except NoRecords:
        return False


def _offer(session: Session, title: str, tasks: Sequence[tuple[str, str]]) -> None:
    """A part of the menu, until somebody goes back."""
    kept = set(_kept(session))
    by_words = {
        words or _words(name): name for name, words in tasks if about_kept(_task(name), kept)
    }
    while (words := _pick(title, [*by_words, _BACK])) != _BACK:
        _run(session, _task(by_words[words]))


def _enter(session: Session) -> None:
    from cpvol.logs import BY_NAME

    kept = _kept(session)
    groups = {
        title: [
            (f"{_group(log)}.{_adding(log)}", BY_NAME[log].title) for log in logs if log in kept
        ]
        for title, logs in GROUPS
    }
    while (title := _pick(_ENTER, [t for t, logs in groups.items() if logs] + [_BACK])) != _BACK:
        _offer(session, title, groups[title])


def _group(log: str) -> str:
    return "retention" if log == "hold" else log


def _adding(log: str) -> str:
    return "hold" if log == "hold" else "add"


def _next_step(session: Session) -> None:
    from cpvol.logs import BY_NAME

    logs = {
        BY_NAME[name].title: BY_NAME[name] for name in _kept(session) if BY_NAME[name].follow_ups
    }
    while (title := _pick("With an entry of which log?", [*logs, _BACK])) != _BACK:
        log = logs[title]
        steps = [(f"{_group(log.name)}.{step.name}", step.title) for step in log.follow_ups]
        _offer(session, title, steps)


def _rare(session: Session) -> None:
    from cpvol.tasks.topics import topics

    found = {topic.title: topic for topic in topics() if topic.rare}
    while (title := _pick("What has happened?", [*found, _BACK])) != _BACK:
        _explain(session, found[title])


def _help(session: Session) -> None:
    from cpvol.tasks.topics import topics

    found = {topic.title: topic for topic in topics()}
    while (title := _pick("Help on what?", [*found, _BACK])) != _BACK:
        _explain(session, found[title])


def _explain(session: Session, topic: Topic) -> None:
    """Show a topic, and offer the steps that it names: those of logs that are kept, once there are records."""
    from cpvol.logs import BY_NAME

    session.out(f"\n{topic.text}\n")
    if not _has_records(session):
        return
    kept = set(_kept(session))
    steps = [
        (name, _words(name))
        for name in topic.steps
        if (group := name.partition(".")[0]) not in BY_NAME or group in kept
    ]
    _offer(session, "What next?", steps)


def about_kept(task: CpvolTask, kept: Collection[str]) -> bool:
    """Whether a task is for any log or for one that the organisation keeps.

    :param kept: the names of these.
    """
    about = (param.of.partition(" ") for param in task.params if param.positional)
    return all(kind != "entry" or not log or log in kept for kind, _, log in about)


def _kept(session: Session) -> list[str]:
    from cpvol.tasks.choose import kept_logs

    return [log.name for log in kept_logs(session)]


def _run(session: Session, task: CpvolTask) -> None:
    """Run one task as if it had been typed without options; nothing that goes wrong leaves the menu."""
    try:
        run_by_asking(session, task)
    except CpvolError as error:
        session.tell(f"\n{_capital(error.problem)}.\n  {error.hint}\n")
    except (KeyboardInterrupt, EOFError):
        session.tell("\nNothing was changed.\n")
    else:
        session.tell("")


def run_by_asking(session: Session, task: CpvolTask) -> int | None:
    """Run one task, asking for what stands without a name on its command line."""
    return task.act(session, **{param.name: _value(session, param) for param in task.params})


def _value(session: Session, param: Param) -> Any:
    if param.of == "itself":
        return ""
    if param.positional:
        from cpvol.tasks.choose import choose

        return choose(session, param)
    return False if param.flag else [] if param.many else None


def _pick(question: str, words: Sequence[str]) -> str:
    """One of some words; backing out is going back."""
    from cpvol.tasks.ask import pick

    try:
        return pick(question, [(each, each) for each in words])
    except (KeyboardInterrupt, EOFError):
        return _BACK


def _words(name: str) -> str:
    """What the menu calls a task."""
    for part in (NEEDS, LOOK, *PARTS, BEGIN, LOCKED):
        for task, words in part.tasks:
            if task == name and words:
                return words
    return (_task(name).__doc__ or name).rstrip(".")


def _task(name: str) -> CpvolTask:
    """The task of that full name."""
    from cpvol.tasks import places, tasks_at

    group, _, word = name.rpartition(".")
    for where, place in places():
        if where == group:
            for task in tasks_at(place):
                if task.name == word:
                    return task
    raise LookupError(name)


def open_menu(session: Session, *, stay: bool) -> None:
    """The body of ``menu``.

    :param stay: whether the window would close at the end, with whatever it says.
    """
    if not stay:
        menu(session)
        return
    try:
        guarded(menu)
    except Exit:
        # What went wrong stands above; whoever clicked an icon has no window to find it in afterwards.
        from cpvol.tasks.ask import line

        line("Press Enter to close this window.")


TASKS: tuple[CpvolTask, ...] = (
    make_task("today", "The first things to do, and how to go on.", [], today),
    make_task(
        "menu",
        "Open the menu.",
        [Param("stay", "Keep the window open until Enter, when something goes wrong.", flag=True)],
        open_menu,
    ),
)
