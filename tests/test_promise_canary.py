"""Nothing that was typed lies anywhere in the open: a canary goes through every task, and then is looked for.

Every name and free text holds one word that nothing else holds. After each task, failed ones included, it may be in no
path, message, reference, git object, index, configuration, settings, temporary file, file that was written and deleted
again, argument of a program that was started, or standard error of a task that failed.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cpvol.ledger.members import Keys
from cpvol.letters import LETTERS
from cpvol.letters.breach import LETTER as BREACH_LETTER
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Log, Part
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.membership import Card
from cpvol.tasks.values import option_names
from cpvol.vault import credential
from tests.support.inspect_records import objects_in
from tests.support.people import words_of
from tests.support.programs import needs
from tests.support.steps import Stepped, Steps
from tests.support.world import World, ids, page_secret, posix, tasks

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git"), posix]

CANARY = "xylophonist"
#: Like nobody's name: whoever is nearly named is guessed, by name.
STRANGER = CANARY + " of the " + "z" * 40
DAY = "05/01/2009"
#: What a story runs: the words of the task, and whether it must be refused; ``None`` after half of it was done.
Run = tuple[list[str], bool | None]
Story = Generator[Run, Stepped, None]


@dataclass(frozen=True)
class Chapter:
    """Some tasks, run one after another in one world.

    :param covers: the tasks of which it runs each at least once with a canary in all that it takes.
    """

    tell: Callable[[World], Story]
    covers: tuple[str, ...]


def ok(*argv: str) -> Run:
    return [*argv], False


def bad(*argv: str) -> Run:
    return [*argv], True


def half(*argv: str) -> Run:
    """What says on standard output what it did, before it is refused."""
    return [*argv], None


PERSON = (
    *("person.add", f"--name=Robin {CANARY}", "--engagement=trustee", "--access=none"),
    *("--joined-on=01/09/2008", "--json"),
)

# -- values for the fields of any log ---------------------------------------------------------------------------------

#: Options that go against another one of the same task when all are given.
LEFT_OUT = {
    "person.leave": {"suspended_on"},
    "session.add": {"mediator"},
}

#: Options that are needed beside those that every entry needs.
NEEDED_TOO = {"consent.add": {"given_by"}, "session.add": {"mediator_office"}}


def typed(task: str, model: type[Part], person: str, *, least: bool = False) -> list[str]:
    """An option for every field of a model, or for those that are needed; the canary in each that takes words."""
    options: list[str] = []
    for spec in fields_of(model):
        if least and not spec.required and spec.name not in NEEDED_TOO.get(task, ()):
            continue
        for name, part in option_names(spec):
            value = None if name in LEFT_OUT.get(task, ()) else _value(part, person)
            if value is not None:
                options.append(f"--{name.replace('_', '-')}={value}")
    return options


def _value(spec: FieldSpec, person: str) -> str | None:
    plain = {
        "line": f"{CANARY}-{spec.name.replace('_', '-')[:16]}-1",
        "text": f"The {CANARY} played\nall evening",
        "words": CANARY,
        "email": f"{CANARY}@example.invalid",
        "date": DAY,
        "time": "10:30",
        "number": "1",
        "yesno": "yes",
        "entries": person,
        "references": person,
    }
    if spec.kind in {"choice", "choices"}:
        return spec.choices[0][0]
    if spec.ref == "person":
        return person
    return plain.get(spec.kind)


def both(task: str, whom: list[str], given: list[str]) -> Story:
    """A task with a day that does not exist, then rightly."""
    wrong = [each.replace(f"={DAY}", "=31/02/2009") for each in given]
    if wrong != given:
        yield bad(task, *whom, *wrong)
    yield ok(task, *whom, *given, "--reviewed", "--json")


def of_log(log: Log) -> Chapter:
    """The tasks of one log: every field given, once rightly and once with a day that does not exist."""
    # A hold is placed and lifted by the steps of disposal.
    names = [f"{log.name}.add", *(f"{log.name}.{step.name}" for step in log.follow_ups)]
    if log.name == "hold":
        names = ["retention.hold", "retention.release"]

    def tell(world: World) -> Story:
        person = ids(world, "person")[0]
        given = typed(names[0], log.model, person)
        yield from both(names[0], [], given)
        least = typed(names[0], log.model, person, least=True)
        made = yield ok(names[0], *least, "--reviewed", "--json")
        for task, step in zip(names[1:], log.follow_ups, strict=True):
            given = typed(task, step.asks, person)
            yield bad(task, STRANGER, *given)
            yield from both(task, [made.json["id"]], given)

    return Chapter(tell, tuple(names))


# -- everything else ------------------------------------------------------------------------------------------------------


def reading(world: World) -> Story:
    made = yield ok(*PERSON)
    person = made.json["id"]
    yield ok("list", "person")
    yield bad("list", CANARY)
    yield ok("show", f"Robin {CANARY}")
    yield bad("show", STRANGER)
    yield ok("find", CANARY)
    yield ok("person.status", f"Robin {CANARY}")
    yield bad("person.status", STRANGER)
    yield ok("amend", person, f"--set=need-to-know={CANARY}s", f"--reason=the {CANARY} said so")
    yield bad("amend", person, f"--set={CANARY}=x", "--reason=x")
    yield bad("amend", person, f"--set=access={CANARY}", "--reason=x")
    yield bad(
        "amend", person, f"--set=name={CANARY}, born 01/02/1990", f"--reason={CANARY} AB1 2DE"
    )
    yield ok("due")
    yield bad("due", f"--on={CANARY}")
    yield bad("due", f"--within={CANARY}")
    yield ok("due", "--brief")
    yield ok("check")
    yield bad("check", f"--explain={CANARY}")
    yield ok("accreditation")
    yield ok("audit.check", "--contents")
    yield bad("audit.check", f"--anchor={CANARY}")
    yield ok("checkpoint")
    yield ok("today")
    yield ok("void", person, f"--reason=the {CANARY} was here twice")
    yield bad("void", person, f"--reason={CANARY}")
    yield bad("person.add", f"--name={CANARY}", f"--engagement={CANARY}")
    yield bad("person.add", f"--name={CANARY}\u202e", "--engagement=trustee", "--access=none")
    # Words that were not put into quotes are not repeated either.
    yield bad("person.add", "--name", "Robin", CANARY)
    yield bad("show", "Robin", CANARY)


def sheets(world: World) -> Story:
    asked = world.root / "asked"
    asked.mkdir()
    yield ok("template", str(asked / "sheet.csv"), "--log=training")
    yield ok("export", str(asked / "people.csv"), "--log=person")
    with (asked / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = csv.reader(file)
    for name, changes in (
        ("filled.csv", {"Robin Example": f"Robin {CANARY}"}),
        ("wrong.csv", {"Robin Example": f"Sam {CANARY}", "volunteer": CANARY}),
    ):
        with (asked / name).open("w", encoding="utf-8", newline="") as file:
            # Without their numbers they are new entries.
            fresh = [["", *(changes.get(cell, cell) for cell in row[1:])] for row in rows]
            csv.writer(file).writerows([headings, *fresh])
    yield ok("import", str(asked / "filled.csv"), "--log=person", "--yes")
    found = yield ok("find", CANARY)
    assert CANARY in found.out
    yield bad("import", str(asked / "wrong.csv"), "--log=person", "--yes")


def workbooks(world: World) -> Story:
    asked = world.root / "asked"
    asked.mkdir()
    yield ok("template", str(asked / "sheet.xlsx"), "--log=training")
    yield ok("export", str(asked / "people.xlsx"), "--log=person")
    yield ok("import", str(asked / "people.xlsx"), "--log=person", "--yes")


def people(world: World) -> Story:
    others = credential.generate()
    keys = Keys(others.age_public, others.signing_public)
    yield ok("member.card")
    yield ok("member.list")
    yield bad("member.add", CANARY, "--roles=auditor", "--words", CANARY)
    card = Card("member-2", keys).line()
    yield bad("member.add", card, "--roles=auditor", "--reads=all", "--words", CANARY)
    yield ok("member.add", card, "--roles=auditor", "--reads=all", "--words", words_of(card))
    yield ok("member.roles", "member-2", "--roles=coordinator", "--reads=training", "--yes")
    yield bad("member.roles", CANARY, "--roles=coordinator", "--yes")
    yield ok("member.lost", "member-2", "--yes")
    again = credential.generate()
    keys = Keys(again.age_public, again.signing_public)
    card = Card("member-2", keys).line()
    yield ok("member.add", card, "--roles=auditor", "--reads=all", "--words", words_of(card))
    yield ok("member.remove", "member-2", "--yes")
    yield bad("member.remove", CANARY, "--yes")
    yield ok("key.rotate")
    yield ok("key.recovery", f"--recovery-page={world.root / 'second-page.html'}")
    yield bad("key.remember")
    yield ok("anchor")
    world.extra["CPVOL_RECOVERY"] = CANARY
    yield bad("recover", f"--recovery-page={world.root / 'third-page.html'}")
    world.extra["CPVOL_RECOVERY"] = page_secret(world.root / "second-page.html")
    yield ok("recover", f"--recovery-page={world.root / 'third-page.html'}", "--handle=member-1")


def founding(world: World) -> Story:
    world.extra["CPVOL_RECORDS"] = str(world.root / "other")
    page = f"--recovery-page={world.root / 'other-page.html'}"
    yield bad("init", f"--name={CANARY}", f"--access={CANARY}", page)
    yield bad("init", f"--name={CANARY}\u202e", "--access=both", page)
    yield ok("init", "--name=Another", "--access=both", page)
    yield bad("init", f"--name={CANARY}", "--access=both", page + "l")


def confided(world: World) -> Story:
    card = (yield ok("member.card")).out.strip()
    file, asked = str(world.root / "report.age"), world.root / "asked"
    asked.mkdir()
    said = (f"--what=the {CANARY}", "--discovered-on=yesterday", "--category=other")
    about = (f"--concerning={CANARY}", f"--reported-by={CANARY}")
    yield bad("breach.seal", file, f"--card={CANARY}", *said)
    yield bad("breach.seal", file, f"--card={card}", *said, f"--risk={CANARY}")
    yield ok("breach.seal", file, f"--card={card}", *said, *about)
    yield bad("breach.unseal", file, f"--persons={CANARY}")
    yield ok("breach.unseal", file)
    yield bad("breach.unseal", file)


def handed_over(world: World) -> Story:
    meeting, file = world.root / "meeting", str(world.root / "handover")
    meeting.mkdir()
    yield ok("share", str(meeting), "--yes")
    ours, anchor = dict(world.extra), (yield ok("anchor")).out.strip()
    theirs = {
        "CPVOL_HOME": str(world.root / "home-2"),
        "CPVOL_RECORDS": str(world.root / "records-2"),
    }
    world.extra |= theirs
    joined = yield ok("join", "--handle=member-2", f"--address={meeting}", f"--anchor={anchor}")
    world.extra = dict(ours)
    card = joined.out.strip()
    yield ok("member.add", card, "--roles=coordinator", "--reads=all", "--words", words_of(card))
    world.extra |= theirs
    yield ok("sync", "--yes")
    yield ok(*PERSON)
    told = ("--discovered-on=yesterday", "--found-through=report", "--category=other")
    yield ok("breach.add", f"--what=the {CANARY}", *told, "--readers=member-2", "--json")
    world.extra = dict(ours)
    yield ok("member.remove", "member-2", "--yes")
    world.extra |= theirs
    yield bad("sync", "--yes", f"--handover=/nowhere/{CANARY}")
    yield bad("sync", "--yes")
    yield half("sync", "--yes", f"--handover={file}")
    world.extra = dict(ours)
    yield bad("handover", f"/nowhere/{CANARY}")
    yield ok("handover", file)
    yield ok("handover", file)
    world.extra = {**ours, "CPVOL_RECOVERY": CANARY}
    yield bad("handover", file, "--page")
    world.extra = {**ours, "CPVOL_RECOVERY": page_secret(world.page)}
    yield ok("handover", file, "--page")
    yield bad("handover", file, "--page")


def auditors(world: World) -> Story:
    asked = world.root / "asked"
    asked.mkdir()
    others = credential.generate()
    card = Card("outsider-1", Keys(others.age_public, others.signing_public)).line()
    yield ok(*PERSON)
    yield ok("audit.check", "--contents", f"--report={asked / 'report.html'}")
    yield bad("audit.check", f"--anchor={CANARY}")
    yield bad("audit.check", f"--witness={CANARY}")
    yield ok(
        "audit.grant", str(world.root / "given.age"), f"--card={card}", "--logs=person", "--yes"
    )
    yield bad("audit.grant", str(world.root / "more.age"), f"--card={CANARY}", "--logs=person")
    yield bad("audit.grant", str(world.root / "more.age"), f"--card={card}", f"--since={CANARY}")
    yield ok("audit.grants")
    yield ok(
        "audit.pack", str(world.root / "p.zip.age"), f"--card={card}", "--logs=person", "--yes"
    )
    yield ok("audit.pack", str(asked / "p.zip"), "--logs=person", "--plain", "--yes")
    yield bad("audit.pack", str(asked / "q.zip"), "--plain", f"--until={CANARY}")
    point = asked / "checkpoint.txt"
    anchor = yield ok("anchor")
    yield ok("checkpoint", f"--to={point}")
    yield bad("audit.countersign", str(point), f"--anchor={CANARY}")
    yield ok("audit.countersign", str(point), f"--anchor={anchor.out.strip()}")
    yield ok("upgrade")


def copies(world: World) -> Story:
    meeting, stick = world.root / "meeting", world.root / "stick"
    meeting.mkdir()
    stick.mkdir()
    yield ok("share", str(meeting), "--yes")
    made = yield ok(*PERSON)
    yield ok("sync", "--yes")
    yield bad("backup", f"/nowhere/{CANARY}")
    yield ok("backup", str(stick / "backup"))
    yield ok("void", made.json["id"], f"--reason=the {CANARY} was no user")
    yield ok("restore", str(stick / "backup"))
    yield bad("restore", f"/nowhere/{CANARY}")
    yield ok("doctor")
    yield bad("textconv", CANARY)
    yield ok("textconv", "on")
    world.extra |= {
        "CPVOL_HOME": str(world.root / "home-2"),
        "CPVOL_RECORDS": str(world.root / "records-2"),
    }
    yield bad("join", f"--handle={CANARY} X")
    yield bad("join", "--handle=member-2", f"--address={meeting}", f"--anchor={CANARY}")
    yield ok("join", "--handle=member-2", f"--address={meeting}")


def disposal(world: World) -> Story:
    long_ago = ("--joined-on=01/01/1999", "--left-on=01/02/2000", "--json")
    for number in range(2):
        yield ok(
            "person.add",
            *(f"--name=Robin {CANARY} {number}", "--engagement=trustee", "--access=none"),
            *long_ago,
        )
    yield ok("retention.due")
    yield bad("retention.propose", f"--entries={CANARY}")
    made = yield ok("retention.propose", "--json")
    yield ok("retention.withdraw", made.json["id"])
    made = yield ok("retention.propose", "--json")
    id = made.json["id"]
    yield ok("retention.approve", id)
    yield bad("retention.approve", CANARY)
    yield ok("retention.dispose", id, "--dry-run")
    yield ok("retention.dispose", id, "--yes")
    yield ok("retention.certificates")
    yield ok("retention.certificates", f"--id={id}")


def letters(world: World) -> Story:
    asked = world.root / "asked"
    asked.mkdir()
    user = [each.replace("access=none", "access=query") for each in PERSON]
    user.append("--account-opened-on=01/10/2008")
    made = yield ok(*user, "--left-on=01/01/2020")
    person = made.json["id"]
    entries = {"person": person}
    for task, given in (
        ("ecrb", ("--decision=failed", "--issued-on=01/09/2008", "--seen-on=02/09/2008")),
        ("token", ("--issued-on=01/10/2008", "--lost-on=01/11/2008")),
        ("training", ("--booked-on=01/09/2008", "--trainer=authority")),
        *((log, ()) for log in ("breach", "sar", "shield", "override")),
    ):
        log = BY_NAME[task]
        needed = typed(f"{task}.add", log.model, person, least=True)
        kept = [each for each in needed if each.partition("=")[0] not in _names(given)]
        made = yield ok(f"{task}.add", *kept, *given, "--reviewed", "--json")
        entries[task] = made.json["id"]
    holder = (yield ok(*user)).json["id"]
    yield ok(
        *("ecrb.add", f"--person={holder}", f"--reference={CANARY}-2", "--issued-on=01/09/2008"),
        *("--seen-on=02/09/2008", "--decision=clear"),
    )
    entries["holder"] = holder
    asks = {"lapsed-check": "holder", "check-renewal": "holder"}
    for letter in LETTERS:
        of = [entries[asks.get(letter.name, letter.log)]] if letter.log else []
        file = f"--file={asked / letter.name}.html"
        sent = ["--sent-on=today"] if letter.sent else []
        sent += ["--sent-at=23:59"] if letter.timed else []
        # All letters are refused by the same lines.
        if letter is LETTERS[0] or letter is BREACH_LETTER:
            yield bad(f"letter.{letter.name}", *of, f"--file={asked / CANARY}.txt")
            yield bad(f"letter.{letter.name}", STRANGER, file)
        yield ok(f"letter.{letter.name}", *of, file, *sent)
    yield bad("letter.template", CANARY)
    yield ok("letter.template", "leaver")
    own = world.home / "letters" / "leaver.html"
    own.write_text("{{ name.upper }}", encoding="utf-8")
    yield bad("letter.leaver", person, f"--file={asked / 'own.html'}")
    own.unlink()


def subject(world: World) -> Story:
    asked = world.root / "asked"
    asked.mkdir()
    person = (yield ok(*PERSON)).json["id"]
    yield ok("amend", person, f"--set=need-to-know={CANARY}s", f"--reason=the {CANARY} said so")
    file = f"--file={asked / 'copy.html'}"
    yield ok("person.export", person, file, f"--file={asked / 'copy.json'}")
    assert CANARY in (asked / "copy.html").read_text(encoding="utf-8")
    yield bad("person.export", STRANGER, f"--file={asked / 'other.html'}")
    yield bad("person.export", person, f"--file={asked / CANARY}.txt")
    yield bad("person.export", person, file)


def _names(given: Sequence[str]) -> set[str]:
    return {each.partition("=")[0] for each in given}


def week(world: World) -> Story:
    """What stands in the calendar and on the sheet only when names are asked for."""
    asked = world.root / "asked"
    asked.mkdir()
    made = yield ok(*PERSON, "--left-on=today", "--account-opened-on=01/10/2008")
    yield ok("calendar", str(world.root / "due.ics"), "--json")
    yield ok("due", f"--sheet={world.root / 'week.html'}", "--brief")
    yield ok("calendar", str(asked / "due.ics"), "--names")
    assert CANARY.encode() in (asked / "due.ics").read_bytes()
    yield ok("void", made.json["id"], f"--reason=the {CANARY} was no user")
    yield ok("calendar", str(asked / "due.ics"), "--json")
    assert CANARY.encode() not in (asked / "due.ics").read_bytes()
    yield bad("calendar", str(asked / f"{CANARY}.txt"))
    (asked / "other.ics").write_text(CANARY, encoding="utf-8")
    yield bad("calendar", str(asked / "other.ics"))
    yield bad("due", f"--sheet={CANARY}")


CHAPTERS = {log.name: of_log(log) for log in LOGS} | {
    "reading": Chapter(
        reading,
        (
            *("list", "show", "find", "amend", "void", "due", "check", "accreditation"),
            *("person.status", "today", "audit.check", "checkpoint"),
        ),
    ),
    "sheets": Chapter(sheets, ("template", "export", "import")),
    "workbooks": Chapter(workbooks, ("template", "export", "import")),
    "people": Chapter(
        people,
        (
            *("member.card", "member.list", "member.add", "member.roles", "member.lost"),
            *("member.remove", "key.rotate", "key.recovery", "key.remember", "anchor", "recover"),
        ),
    ),
    "auditors": Chapter(
        auditors,
        (
            *("audit.check", "audit.grant", "audit.grants", "audit.pack", "audit.countersign"),
            *("anchor", "checkpoint", "upgrade"),
        ),
    ),
    "confided": Chapter(confided, ("breach.seal", "breach.unseal")),
    "handed over": Chapter(handed_over, ("handover",)),
    "copies": Chapter(copies, ("share", "sync", "backup", "restore", "join", "doctor", "textconv")),
    "founding": Chapter(founding, ("init",)),
    "subject": Chapter(subject, ("person.export",)),
    "week": Chapter(week, ("due", "calendar")),
    "letters": Chapter(
        letters, (*(f"letter.{letter.name}" for letter in LETTERS), "letter.template")
    ),
    "disposal": Chapter(
        disposal,
        (
            *("retention.due", "retention.propose", "retention.withdraw", "retention.approve"),
            *("retention.dispose", "retention.certificates"),
        ),
    ),
}

#: Tasks that take no entry in, and why they are not here.
ELSEWHERE = {
    "dataprotection": "is made from policy and the organisation's details, before any entry is opened",
    "completion": "prints what stands in the program",
    "demo": "makes its own records of people that never were, without a passphrase",
    "help": "as completion",
    "launcher": "starts the menu, and knows nothing of any records",
    "menu": "runs the other tasks, and takes nothing in by itself",
    "organisation.contact": "takes the cards of offices, which stand in the open for every member",
    "organisation.set": "takes what stands in the open about the organisation",
    "organisation.show": "as organisation.set",
    "plain": "keeps one yes or no in the settings",
    "policy.diff": "as policy.show",
    "policy.set": "takes a number and its reason, which stand in the open for every auditor",
    "policy.show": "shows the numbers in force, which stand in the open",
    "site.build": "is made from policy and contact cards; its counts of entries: test_site_standing",
    "site.pack": "as site.build",
    "site.serve": "as site.build",
    "traceability": "shows the program's own rules",
}


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


def test_every_task_has_its_canary() -> None:
    """A new task belongs into a chapter, or, with the reason, among those that take nothing in."""
    covered = {task for chapter in CHAPTERS.values() for task in chapter.covers}
    assert covered | set(ELSEWHERE) == set(tasks())
    assert not covered & set(ELSEWHERE)


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_trace_of_what_was_typed(steps: Steps, world: World, name: str) -> None:
    chapter = CHAPTERS[name]
    story = chapter.tell(world)
    ran: set[str] = set()
    argv, refused = next(story)
    while True:
        done = steps.run(world, argv)
        said = f"{argv}\n{done.out}{done.err}"
        if refused is not False:
            assert done.status in {1, 2}, said
            assert "inside the program" not in done.err, said
            assert (done.out == "") == (refused is True), said
            assert CANARY not in done.err.casefold(), said
        else:
            assert done.status in {0, 3}, said
            ran.add(argv[0])
        assert traces(world, done) == [], said
        try:
            argv, refused = story.send(done)
        except StopIteration:
            break
    # A task that cannot succeed without a terminal or a keychain is run all the same.
    assert set(chapter.covers) - ran <= {"key.remember"}


def traces(world: World, done: Stepped) -> list[str]:
    """Where the canary lies in the open after a run."""
    found: list[str] = []
    asked = world.root / "asked"
    for path in sorted(world.root.rglob("*")):
        inside = path.relative_to(world.root).as_posix()
        if path.is_relative_to(asked):
            continue
        if CANARY in inside.casefold():
            found.append(f"path: {inside}")
        if path.is_file() and CANARY.encode() in path.read_bytes().lower():
            found.append(f"file: {inside}")
    for place in sorted(world.root.rglob("objects")):
        if (place.parent / "HEAD").is_file():
            found += [
                f"{kind}: {oid}"
                for oid, (kind, data) in objects_in(place.parent).items()
                if CANARY.encode() in data.lower()
            ]
    found += [f"argument: {words}" for words in done.started if _holds(words)]
    found += [f"written: {path}" for path in done.wrote if not _expected(world, path)]
    found += [f"left: {path}" for path in world.temporary.rglob("*")]
    return found


def _holds(words: Sequence[str]) -> bool:
    return any(CANARY in word.casefold() for word in words)


def _expected(world: World, path: str) -> bool:
    """Whether a file is one that a task may write at all: never one in the folder for temporary files."""
    here = Path(path)
    if here.is_relative_to(world.temporary):
        # Copies that git makes: sealed as the records are.
        return here.relative_to(world.temporary).parts[0].startswith("cpvol-")
    return path == "/dev/null" or here.is_relative_to(world.root)


def test_the_search_finds_what_it_looks_for(world: World) -> None:
    quiet = Stepped(0, "", "", 0)
    assert traces(world, quiet) == []
    for place in ("tmp/x", "home/x", "records/.git/x"):
        path = world.root / place
        path.write_text(f"a {CANARY.upper()} b")
        assert traces(world, quiet)
        path.unlink()
    blob = world.root / "asked-blob"
    blob.write_text(CANARY)
    oid = world.git("hash-object", "-w", str(blob)).strip()
    blob.unlink()
    assert traces(world, quiet) == [f"blob: {oid}"]
    loud: dict[str, Any] = {"started": (("git", CANARY),), "wrote": (str(world.temporary / "x"),)}
    assert len(traces(world, Stepped(0, "", "", 0, **loud))) == 3


def test_the_trail_hears_temporary_files_and_programs(steps: Steps, world: World) -> None:
    done = steps.run(world, ["list", "person"])
    assert any("cat-file" in words for words in done.started)
    done = steps.run(world, ["void", ids(world, "training")[0], "--reason=a mistake"])
    assert any(path.endswith(".journal.json.new") for path in done.wrote)
