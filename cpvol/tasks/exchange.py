"""Spreadsheets: ``template``, ``import``, ``export``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.logs.base import Log, Record
from cpvol.logs.book import Records
from cpvol.tasks import answers
from cpvol.tasks.build import JSON, YES, Param, make_task
from cpvol.tasks.entries import REVIEWED
from cpvol.tasks.lookup import log_named
from cpvol.tasks.papers import new_file, warn_open, write_new
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.exchange.locate import Table
    from cpvol.exchange.outlook import Shown
    from cpvol.exchange.plan import Plan, Word
    from cpvol.logs.fields import FieldSpec
    from cpvol.register import Receipt, Register

#: Problems that are told one by one; whoever has more has one that repeats.
_TOLD = 40
_KINDS = (".xlsx", ".csv")


def template(session: Session, *, file: str, log: str | None) -> None:
    """The body of ``template``."""
    from cpvol.exchange import template as make

    wanted = _log(session, log)
    place = new_file(session, file, _KINDS, suggested=f"{wanted.name}-to-fill-in.xlsx")

    def write(path: Path) -> None:
        made = make.to_csv(wanted) if _is_csv(path) else make.to_xlsx(wanted)
        write_new(path, made, private=False)

    path = place.write(write)
    session.out(f"Made {path}, a sheet for the log {wanted.name}. Fill it in, then use import.")


def export(session: Session, *, file: str, log: str | None, closed: bool) -> None:
    """The body of ``export``."""
    from cpvol.exchange import export as make

    wanted = _log(session, log)
    place = new_file(session, file, _KINDS, suggested=f"{wanted.name}-{session.today()}.xlsx")
    with session.register() as register:
        book = Records(register.records(*sorted({"person", wanted.name})))
    entries = [each for each in book.of(wanted.name) if closed or not each.readers]
    left_out = len(book.of(wanted.name)) - len(entries)
    rows = make.table(wanted, entries, book)

    def write(path: Path) -> None:
        write_new(path, make.to_csv(rows) if _is_csv(path) else make.to_xlsx(rows, wanted.title))

    path = place.write(write)
    session.out(f"Wrote {len(entries)} entries of the log {wanted.name} into {path}.")
    if left_out:
        session.tell(f"note: {left_out} closed entries are left out; --closed takes them in")
    warn_open(session, path, "after use")


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def import_(
    session: Session,
    *,
    file: str,
    log: str | None,
    sheet: str | None,
    set: list[str],
    dry_run: bool,
    reviewed: bool,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``import``."""
    from cpvol.exchange.locate import find_table
    from cpvol.exchange.reading import read_file

    sheets = read_file(Path(file))
    table = find_table(sheets, log_named(log).name if log else None, sheet)
    given = _given(table, set)
    options = len(given)
    with session.register() as register:
        records = register.records()
        plan = _plan(session, register, table, Records(records), given, reviewed=reviewed)
        _preview(session, plan)
        if plan.problems:
            raise _refusal(plan, answered=len(given) > options or any(plan.meant.values()))
        after = Records([*records, *plan.new])
        plan.new = [_closed(register, each, after) for each in plan.new]
        shown = _outlook(session, register, records, plan)
        if plan.new and not dry_run and _agreed(session, yes=yes):
            receipt = register.enter(
                plan.new, "import", entered=session.now(), progress=session.counting("Entering")
            )
            answers.forget(session)
        else:
            receipt = None
    _report(session, plan, shown, receipt, json=json)


def _plan(
    session: Session,
    register: Register,
    table: Table,
    book: Records,
    given: dict[str, str],
    *,
    reviewed: bool,
) -> Plan:
    from cpvol.exchange.plan import lacking, make_plan
    from cpvol.ledger.layout import new_id

    absent = lacking(table, given)
    if absent and session.terminal:
        given |= _asked(session, register, table, [spec for _, spec in absent])
    elif absent:
        names = ", ".join(dict.fromkeys(spec.label for _, spec in absent))
        option = absent[0][1].name.replace("_", "-")
        raise BadInput(
            f"the sheet, taken for the log {table.logs[0]}, has no column for: {names}",
            f"add the columns, or give what every row has: --set {option}=VALUE; or name another --log",
        )
    meant: dict[Word, str] = {}
    while True:
        plan = make_plan(
            table, book, session.today(), new_id, given=given, meant=meant, reviewed=reviewed
        )
        if not session.terminal or not plan.unknown.keys() - meant.keys():
            return plan
        meant |= _meanings(session, register, plan)


def _meanings(session: Session, register: Register, plan: Plan) -> dict[Word, str]:
    """What each of the sheet's own words for a choice means: as it was said at the last attempt, or asked for now.

    :returns: the choice, or ``""`` for a word that means none of them.
    """
    from cpvol.tasks import ask

    names = {word: f"{word.log} {word.column} {word.text}" for word in plan.unknown}
    known = answers.kept(session, register, plan.table.logs, names.values())
    found = {word: known[name] for word, name in names.items() if name in known}
    if found:
        session.tell("\nAt your last attempt you said what the sheet's own words mean:")
        for word, meaning in found.items():
            label = dict(plan.unknown[word][0].spec.choices)[meaning]
            session.tell(f"  {_where(plan, word)}: {label}")
        if not ask.confirm("Shall that stand?", default=True):
            found = {}
    for word, (column, _) in plan.unknown.items():
        if word in found:
            continue
        session.tell(f"\n{_where(plan, word)}: that is none of our choices. {column.spec.help}")
        choices = [*column.spec.choices, ("", "None of these: it is wrong in the sheet")]
        found[word] = ask.pick(f"{column.heading}: what does it mean?", choices)
    kept = {names[word]: meaning for word, meaning in found.items() if meaning}
    answers.keep(session, register, plan.table.logs, kept)
    return found


def _where(plan: Plan, word: Word) -> str:
    """In which rows a word stands, and the word where it cannot be anybody's name."""
    from cpvol.exchange.everyday import repeated
    from cpvol.exchange.plan import rows_of

    column, rows = plan.unknown[word]
    said = repeated(column.spec, word.text) or _short(word.text)
    place = f"{rows_of(rows)}, {plan.title(column.heading) or column.heading}"
    return place[:1].upper() + place[1:] + (f", {said}" if said else "")


def _short(text: str) -> str:
    """A sign or an abbreviation with marks or digits in it, such as F2F, in quotation marks; ``""`` for anything else."""
    return f"“{text.upper()}”" if len(text) <= 8 and not re.search(r"[^\W\d_]{2}", text) else ""


def _asked(
    session: Session, register: Register, table: Table, absent: list[FieldSpec]
) -> dict[str, str]:
    """What every row gets, by field: as it was answered at the last attempt, or asked for now."""
    from cpvol.exchange import cells
    from cpvol.tasks import ask

    session.tell("\nThe sheet has no column for some of what every entry needs.")
    names = list(dict.fromkeys(spec.name for spec in absent))
    found = answers.kept(session, register, table.logs, names)
    if found:
        session.tell("At your last attempt you said, for every row:")
        for spec in absent:
            if text := found.get(spec.name):
                session.tell(f"  {spec.label}: {dict(spec.choices).get(text, text)}")
        if not ask.confirm("Shall that stand?", default=True):
            found = {}
    if left := [spec for spec in absent if spec.name not in found]:
        session.tell("What you say now is entered for every row; Esc stops.")
        for spec in left:
            session.tell(f"\n{spec.help}")
            found[spec.name] = (
                ask.pick(spec.label, spec.choices)
                if spec.choices
                else ask.typed(spec.label, check=partial(cells.read, spec), needed=True)
            )
        answers.keep(session, register, table.logs, found)
    return found


def _given(table: Table, sets: list[str]) -> dict[str, str]:
    from cpvol.logs import BY_NAME
    from cpvol.logs.fields import field_named

    found: dict[str, str] = {}
    for each in sets:
        name, equals, text = each.partition("=")
        field = name.strip().lower().replace("-", "_").replace(" ", "_")
        known = any(field_named(BY_NAME[log].model, field) for log in table.logs)
        if not equals or not text.strip() or not known:
            raise BadInput(
                "--set needs a field of the log and a value",
                "for example --set engagement=volunteer",
            )
        if any(table.column(log, field) is not None for log in table.logs):
            raise BadInput(
                f"--set {name.strip()}: the sheet has a column for that", "take one of them out"
            )
        found[field] = text
    return found


def _preview(session: Session, plan: Plan) -> None:
    table = plan.table
    where = (
        f'Sheet {table.sheet.number}, "{table.sheet.title}"' if table.sheet.title else "The file"
    )
    session.tell(
        f"\n{where}: {len(table.rows)} rows below the headings in row {table.heading_row}."
    )
    if table.other is not None:
        session.tell(
            f"  From row {table.other} on something else stands there, under a title of its own; it is left out."
        )
    for log in table.logs:
        already = plan.already.get(log, 0)
        session.tell(f"  {log}: {plan.count(log)} new, {already} there already")
    for note in plan.notes:
        session.tell(f"  note: {note}")
    told = plan.told
    for each in told[:_TOLD]:
        session.tell(f"  {each}")
    if len(told) > _TOLD:
        session.tell(f"  and {len(told) - _TOLD} more")


def _refusal(plan: Plan, *, answered: bool) -> CpvolError:
    """Why nothing was changed, and what to do.

    :param answered: whether somebody was asked, whose answers are kept.
    """
    from cpvol.exchange.errors import BadSpreadsheet

    count = len(plan.problems)
    unknown = any(each.words.startswith("nobody of that name") for each in plan.problems)
    return BadSpreadsheet(
        f"the sheet has {count} problem{'s' if count > 1 else ''}; nothing was changed",
        "import the people first, with --log person, then this sheet"
        if unknown
        else "correct what is named above, then import again"
        + ("; your answers are kept" if answered else ""),
    )


def _closed(register: Register, record: Record, book: Records) -> Record:
    """The entry, closed to those who shall not read it, as it would be when entered by hand."""
    from cpvol.logs import BY_NAME

    log = BY_NAME[record.log]
    closing = log.closing(record, book) if log.closing else None
    if closing is None:
        return record
    me = register.me.handle
    may = {each.handle for each in register.members.members if each.may_read(record.log)}
    readers = {me} if closing.enterer_only else (may - closing.against) | {me}
    return record.model_copy(update={"readers": tuple(sorted(readers))})


def _outlook(
    session: Session, register: Register, records: list[Record], plan: Plan
) -> list[Shown]:
    from cpvol.exchange.outlook import outlook

    if not plan.new:
        return []
    after = Records([*records, *plan.new])
    shown = outlook(Records(records), after, register.policy, session.today())
    if shown:
        session.tell("What this shows already:")
    for each in shown:
        session.tell(f"  {each.words}")
    if closed := sum(1 for each in plan.new if each.readers):
        session.tell(f"  {closed} of the new entries are closed to some members, as by hand")
    return shown


def _agreed(session: Session, *, yes: bool) -> bool:
    if yes or not session.terminal:
        return True
    from cpvol.tasks.ask import confirm

    if not confirm("Enter all of this?"):
        raise KeyboardInterrupt
    return True


def _report(
    session: Session, plan: Plan, shown: list[Shown], receipt: Receipt | None, *, json: bool
) -> None:
    logs: Mapping[str, Any] = {
        log: {
            "new": plan.count(log),
            "already": plan.already.get(log, 0),
            "ids": [each.id for each in plan.new if each.log == log] if receipt else [],
        }
        for log in plan.table.logs
    }
    if json:
        session.json(
            {
                "entered": len(plan.new) if receipt else 0,
                "logs": logs,
                "shows": [{"rule": s.rule, "count": s.count, "words": s.words} for s in shown],
                "commit": receipt.commit if receipt else None,
            }
        )
    elif receipt:
        told = ", ".join(f"{plan.count(log)} into {log}" for log in plan.table.logs)
        session.out(f"Entered {told}, as one change.")
    elif plan.new:
        session.out("Nothing was changed: this was a trial.")
    else:
        session.out("Everything in the sheet is there already; nothing was changed.")


def _log(session: Session, name: str | None) -> Log:
    if not name and session.terminal:
        from cpvol.tasks.choose import log

        name = log(session)
    if not name:
        raise BadInput("not given: --log", "for example --log training")
    return log_named(name)


_FILE = Param("file", "The file: its name ends in .xlsx or .csv.", positional=True, of="itself")
_LOG = Param("log", "The log, for example training.", of="log")

TASKS: tuple[Task[Any], ...] = (
    make_task("template", "Make a spreadsheet to fill in for a log.", [_FILE, _LOG], template),
    make_task(
        "import",
        "Take in a spreadsheet, after showing what it would do; all of it or nothing.",
        [
            replace(_FILE, of="file"),
            Param("log", "The log; without it the headings decide.", of="log"),
            Param("sheet", "The sheet, by name or number, when several could be meant."),
            Param(
                "set",
                "FIELD=VALUE for every row, where there is no column; may be repeated.",
                many=True,
            ),
            Param("dry_run", "Only show what it would do.", flag=True),
            REVIEWED,
            YES,
            JSON,
        ],
        import_,
    ),
    make_task(
        "export",
        "Write the entries of a log into a spreadsheet, which is not locked.",
        [_FILE, _LOG, Param("closed", "Closed entries too.", flag=True)],
        export,
    ),
)
