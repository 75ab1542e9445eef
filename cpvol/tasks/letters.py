"""Letters and forms: one task for each, ``letter.<name>``, and ``letter.template`` for those who want other words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cpvol.dates import parse_time, say_day
from cpvol.letters import BY_NAME as LETTERS_BY_NAME
from cpvol.letters import LETTERS
from cpvol.letters.base import Letter, Matter, Sent
from cpvol.letters.template import LETTERHEAD, LETTERHEAD_FIELDS, MOST_BYTES, BadTemplate, built_in
from cpvol.logs import BY_NAME
from cpvol.logs.base import FollowUp, Record
from cpvol.logs.book import Records
from cpvol.tasks.build import ON, YES, CpvolTask, Param, make_task
from cpvol.tasks.entries import entry_of, say_next, take_step
from cpvol.tasks.papers import (
    Place,
    new_file,
    refuse_records,
    refuse_unusable,
    warn_open,
    write_new,
)
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader, gather

if TYPE_CHECKING:
    from cpvol.letters.page import Page
    from cpvol.policy.organisation import Purpose
    from cpvol.register import Register

_BLANK = "blank"


class _Make:
    """The body of ``letter.<name>``."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter

    def __call__(
        self,
        session: Session,
        *,
        file: str | None,
        on: str | None,
        id: str = "",
        office: str | None = None,
        sent_on: str | None = None,
        sent_at: str | None = None,
        yes: bool = False,
    ) -> None:
        from cpvol.letters.page import make

        letter = self.letter
        day = session.day(on)
        # What is made of no entry needs nobody's passphrase.
        about = bool(letter.log) and not self._blank(id)
        with session.register(keys=about) as register:
            reader = Reader(Records(register.records() if about else ()), session.today())
            record = self._record(session, register, reader, id)
            if record is None and (sent_on or sent_at):
                raise BadInput("--sent-on: a blank form stands in no log", "leave it out")
            matter = Matter(record, reader.book, register.policy, register.organisation, day)
            chosen = _office(letter, office) or _ask_office(session, letter, matter)
            page = make(letter, matter, own_templates(session, letter), chosen)
            path = new_file(
                session, file, (".html",), suggested=f"{letter.name}.html", option="--file"
            ).put(page.html)
            _say(session, letter, page, matter, path)
            if record is not None and letter.sent is not None:
                how = letter.sent(record, page.office)
                _record_sent(session, register, reader, record, how, sent_on, sent_at, yes=yes)

    def _blank(self, id: str) -> bool:
        return self.letter.blank and id.strip().casefold() == _BLANK

    def _record(
        self, session: Session, register: Register, reader: Reader, id: str
    ) -> Record | None:
        letter = self.letter
        if not letter.log or self._blank(id):
            return None
        if letter.log == "person":
            return reader.person(id)
        return entry_of(session, register, reader, letter.log, id, letter.fits)


def _office(letter: Letter, named: str | None) -> Purpose | None:
    if named is None:
        return None
    wanted = named.strip().casefold().replace(" ", "_").replace("-", "_")
    for office in letter.offices:
        if office == wanted:
            return office
    raise BadInput(
        "--office: that is none of the choices", f"choose from {', '.join(letter.offices)}"
    )


def _ask_office(session: Session, letter: Letter, matter: Matter) -> Purpose | None:
    """Whom the letter goes to, where there is a choice and somebody to ask; the usual office stands first."""
    if not letter.offices or letter.office is None or not session.terminal:
        return None
    from cpvol.tasks.ask import pick

    usual = letter.office(matter)
    offered = sorted(letter.offices, key=lambda office: office != usual)
    words = {office: matter.policy.office(office) for office in offered}
    words |= {
        office: f"{words[office]}: {c.office}" for office in offered if (c := matter.card(office))
    }
    words[usual] += " (as usual)"
    found = pick("Whom does it go to?", list(words.items()))
    return next(office for office in offered if office == found)


def _say(session: Session, letter: Letter, page: Page, matter: Matter, path: Path) -> None:
    session.out(f"Made {path}: print it from a browser, or save it there as a PDF.")
    if page.gaps:
        session.tell(f"note: left to be filled in by hand: {'; '.join(page.gaps)}")
    if page.office is not None and matter.card(page.office) is None:
        session.tell(
            f"note: there is no contact card for {matter.policy.office(page.office)};"
            f" an admin fills it in with `organisation.contact {page.office}`"
        )
    if letter.then:
        session.tell(f"note: {letter.then}")
    if not letter.keep:
        session.tell("note: this form is never kept: send it by a safe way, and keep no copy")
    if matter.record is not None:
        warn_open(session, path, "after sending")


def _record_sent(
    session: Session,
    register: Register,
    reader: Reader,
    record: Record,
    how: Sent,
    sent_on: str | None,
    sent_at: str | None,
    *,
    yes: bool,
) -> None:
    """Record that the letter was sent, by the step of the log that is there for it."""
    step = _step(record.log, how.step)
    known = getattr(record, how.day)
    if not sent_on and session.terminal and known is None:
        from cpvol.tasks.ask import typed

        try:
            sent_on = typed(
                "On which day was it sent? (Enter: not yet, or somebody else sends it)",
                check=reader.day,
                understood=lambda text: say_day(reader.day(text)),
            )
        except (KeyboardInterrupt, EOFError):
            # The letter is made by now: backing out undoes nothing, and must not say that it did.
            session.tell("")
            sent_on = None
        if sent_on and how.time and not sent_at:
            sent_at = typed("At what time, for example 10:30?", check=parse_time, needed=True)
    if not sent_on:
        if known is None:
            session.tell(
                f"note: once it is sent, record the day with `{record.log}.{how.step}`,"
                " or make it again with --sent-on"
            )
        return
    given = {how.day: sent_on, how.time: sent_at} if how.time else {how.day: sent_on}
    values = {**how.answers, **gather(step.asks, given, reader)}
    changed, _ = take_step(session, register, reader, step, record, values, yes=yes)
    session.out(f"Recorded for {record.id} that it was sent.")
    say_next(session, step, changed, reader)


def _step(log: str, name: str) -> FollowUp:
    return next(step for step in BY_NAME[log].follow_ups if step.name == name)


# -- templates of one's own -------------------------------------------------------------------------------------------


def template(session: Session, *, name: str, folder: str | None) -> None:
    """The body of ``letter.template``."""
    wanted = name.strip().casefold().removesuffix(".html")
    if wanted not in {LETTERHEAD, *LETTERS_BY_NAME}:
        raise BadInput(
            "there is no letter of that name",
            f"choose from {', '.join((LETTERHEAD, *LETTERS_BY_NAME))}",
        )

    def write(place: Path) -> None:
        write_new(place / f"{wanted}.html", built_in(wanted).encode(), private=False)

    if folder:
        place = _own_folder(session, folder, f"{wanted}.html").write(write).absolute()
        session.remember(letters=str(place))
    else:
        place = _folder(session)
        place.mkdir(parents=True, exist_ok=True)
        write(place)
    session.out(f"Made {place / f'{wanted}.html'}. What stands there is used from now on.")
    session.tell("Between {{ and }} stand the fields, which are filled in. It may use:")
    for field, what in _fields(wanted).items():
        session.tell(f"  {field}: {what}")
    session.tell("Take the file away to go back to the built-in words.")


def _own_folder(session: Session, given: str, name: str) -> Place:
    def refuse(folder: Path) -> None:
        refuse_records(session, folder)
        if not folder.is_dir():
            raise BadInput("that folder is not there", "make it first, or name another")
        refuse_unusable(session, folder / name)

    question = "In which folder shall it be?"
    return Place(session, given, refuse, option="--folder", suggested="", question=question)


def _fields(name: str) -> Mapping[str, str]:
    return LETTERHEAD_FIELDS if name == LETTERHEAD else LETTERS_BY_NAME[name].fields


def _folder(session: Session) -> Path:
    """Where this user's own templates are: in the folder named last, else beside their settings."""
    known = session.settings.get("letters")
    return Path(known) if isinstance(known, str) else session.home / "letters"


def own_templates(session: Session, letter: Letter) -> dict[str, str]:
    """The templates of one's own that bear on a letter, by name; says so when there is any."""
    found = {}
    for name in (LETTERHEAD, letter.name):
        path = _folder(session) / f"{name}.html"
        if path.is_file():
            found[name] = _read(name, path)
            session.tell(f"note: made with {path}")
    return found


def _read(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        raise BadTemplate(name, 1, "it cannot be read") from None
    if len(data) > MOST_BYTES:
        raise BadTemplate(name, 1, "it is too large for a letter")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadTemplate(name, 1, "it is not saved as UTF-8", "save it again as UTF-8") from None


# -- tasks ------------------------------------------------------------------------------------------------------------


def _params(letter: Letter) -> list[Param]:
    params = []
    if letter.log:
        of = "person" if letter.log == "person" else f"entry {letter.log}"
        params.append(Param("id", _whom(letter), positional=True, of=of))
    params += [Param("file", "The file to write, which ends in .html; it is not locked."), ON]
    if letter.offices:
        offices = f"Whom it goes to: {', '.join(letter.offices)}."
        params.append(Param("office", offices, choices=",".join(letter.offices)))
    if letter.sent is not None:
        params.append(Param("sent_on", "The day on which it was sent, to be recorded."))
        if letter.timed:
            params.append(Param("sent_at", "The time at which it was sent."))
        params.append(YES)
    return params


def _whom(letter: Letter) -> str:
    if letter.log == "person":
        return "The person: name, handle or number."
    blank = ", or the word blank for an empty form" if letter.blank else ""
    return f"The entry of the log {letter.log}: its number, or whom it is about{blank}."


TASKS: tuple[CpvolTask, ...] = (
    *(make_task(letter.name, letter.title, _params(letter), _Make(letter)) for letter in LETTERS),
    make_task(
        "template",
        "Copy a letter's words out, to write them anew.",
        [
            Param(
                "name",
                "The letter, or the word letterhead.",
                positional=True,
                choices=",".join((LETTERHEAD, *LETTERS_BY_NAME)),
            ),
            Param("folder", "The folder for templates of your own; it is remembered."),
        ],
        template,
    ),
)
