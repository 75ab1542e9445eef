"""What there is to do: ``due``, ``check``, ``retention.due``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.logs import BY_NAME
from cpvol.logs.book import Records
from cpvol.logs.shown import name_of
from cpvol.tasks.build import FOUND_SOMETHING, JSON, ON, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.register import Register

#: So many days ahead are looked at when nobody says how many.
AHEAD = 90
_WITHIN = Param("within", "Look so many days ahead.")


def due(
    session: Session,
    *,
    on: str | None,
    within: str | None,
    json: bool,
    brief: bool = False,
    sheet: str | None = None,
) -> int:
    """The body of ``due``."""
    from cpvol.tasks.audit import remind_of_checkpoint

    day = session.day(on)
    with session.register() as register:
        if (brief or sheet) and (json or within):
            raise BadInput(
                "--brief and --sheet are for a week, and for people",
                "leave --within and --json out, or use `due` without the two",
            )
        if brief or sheet:
            return _of_the_week(session, register, day, brief=brief, sheet=sheet)
        status = show_due(session, register, day, days(within, AHEAD), json=json)
        remind_of_checkpoint(session, register)
        return status


def show_due(
    session: Session, register: Register, day: date, within: int = AHEAD, *, json: bool = False
) -> int:
    """Print what falls due; the exit status says whether something of ours is overdue."""
    from cpvol import compliance
    from cpvol.tasks import show

    book = Records(register.records())
    found = compliance.due(
        book, register.policy, day, within, register.organisation, by_one(register)
    )
    ours = any(each.owner == "us" and each.overdue(day) for each in found)
    if json:
        session.json(
            [
                {
                    "what": each.what,
                    "log": each.log,
                    "id": each.id,
                    "due_on": each.due_on,
                    "overdue": each.overdue(day),
                    "owner": each.owner,
                    "rule": each.rule,
                    "source": list(each.source),
                }
                for each in found
            ]
        )
    elif not found:
        session.out(f"Nothing falls due in the next {within} days.")
    else:
        others = register.policy.office("authority_team")
        rows = [
            (
                f"{each.due_on:%d/%m/%Y}",
                "overdue" if each.overdue(day) else "",
                each.what,
                name_of(book.get(each.id), book),
                "us" if each.owner == "us" else others,
                f"{each.log} {each.id}".strip(),
                ", ".join(each.source),
            )
            for each in found
        ]
        show.table(session, ("when", "", "what", "who", "whose", "entry", "source"), rows)
    return FOUND_SOMETHING if ours else 0


def _of_the_week(
    session: Session, register: Register, day: date, *, brief: bool, sheet: str | None
) -> int:
    """What is overdue and what falls due in a week: in a few lines, on a sheet of paper, or both."""
    from cpvol import compliance
    from cpvol.tasks import morning

    book = Records(register.records())
    found = compliance.due(
        book, register.policy, day, morning.AHEAD, register.organisation, by_one(register)
    )
    if sheet:
        morning.sheet(session, sheet, found, register.organisation, day)
    if brief:
        morning.brief(session, found, book, day)
    return FOUND_SOMETHING if any(each.owner == "us" and each.overdue(day) for each in found) else 0


def check(session: Session, *, on: str | None, explain: str | None, json: bool) -> int:
    """The body of ``check``."""
    if explain:
        return _explain(session, explain, json=json)
    day = session.day(on)
    with session.register() as register:
        return show_check(session, register, day, json=json)


def show_check(session: Session, register: Register, day: date, *, json: bool = False) -> int:
    """Print what the checks find."""
    from cpvol import compliance, disposal
    from cpvol.tasks import show

    book = Records(register.records())
    found = compliance.check(
        book,
        register.policy,
        day,
        organisation=register.organisation,
        by_one=by_one(register),
        unseen={id: "" for _, id in register.ids()} | disposal.destroyed(register),
    )
    if json:
        session.json(
            [
                {
                    "rule": each.rule,
                    "severity": str(each.severity),
                    "log": each.log,
                    "id": each.id,
                    "message": each.message,
                    "source": list(each.source),
                }
                for each in found
            ]
        )
    elif not found:
        session.out("The checks find nothing.")
    else:
        show.findings(session, found, lambda each: name_of(book.get(each.id), book))
    return FOUND_SOMETHING if found else 0


def _explain(session: Session, rule: str, *, json: bool) -> int:
    from cpvol import compliance

    found = compliance.explain(rule)
    if json:
        session.json(
            {"rule": rule, "title": found.title, "why": found.why, "source": list(found.source)}
        )
    else:
        session.out(f"{found.title}\n{found.why}\nSource: {', '.join(found.source)}")
    return 0


def retention_due(
    session: Session, *, on: str | None, within: str | None, by_year: bool, json: bool
) -> None:
    """The body of ``retention.due``."""
    day = session.day(on)
    with session.register() as register:
        if by_year:
            _show_years(session, register, day, json=json)
            return
        show_retention(session, register, day, days(within, 0), json=json)


def show_retention(
    session: Session, register: Register, day: date, within: int = 0, *, json: bool = False
) -> int:
    """Print the entries that have been kept long enough."""
    from cpvol import disposal
    from cpvol.tasks import show

    seen = disposal.review(register, day, within)
    book, found = seen.book, seen.due
    if json:
        session.json(
            [
                {
                    "log": each.log,
                    "id": each.id,
                    "trigger": each.trigger,
                    "trigger_on": each.trigger_on,
                    "expires_on": each.expires_on,
                    "rule": each.rule,
                    "source": list(each.source),
                    "held": each.held,
                }
                for each in found
            ]
        )
    elif not found:
        session.out("Nothing has been kept long enough to be destroyed.")
    else:
        rows = [
            (
                f"{each.expires_on:%d/%m/%Y}",
                f"{each.log} {each.id}",
                name_of(book.get(each.id), book),
                f"{each.trigger}: {each.trigger_on:%d/%m/%Y}",
                "kept by a hold" if each.held else "",
                ", ".join(each.source),
            )
            for each in found
        ]
        show.table(session, ("kept until", "entry", "who", "since", "", "source"), rows)
    return 0


def _show_years(session: Session, register: Register, day: date, *, json: bool) -> None:
    """Print how many entries of each log fall due in each year; what is open or held is left out."""
    from cpvol import disposal, retention
    from cpvol.tasks import show

    seen = disposal.review(register, day)
    years = retention.preview(seen.book, register.policy, day, seen.held)
    if json:
        session.json({str(year): logs for year, logs in years.items()})
        return
    if not years:
        session.out("No entry's time has begun to run yet.")
        return
    rows = [
        (str(year), BY_NAME[log].title, str(number))
        for year, of in years.items()
        for log, number in of.items()
        if number
    ]
    show.table(session, ("year", "log", "entries"), rows)


def by_one(register: Register) -> list[str]:
    """What hangs on one member alone, a sentence each."""
    from cpvol.membership import alone

    return alone(register.members, register.organisation.logs)


def days(text: str | None, default: int) -> int:
    """A number of days that was typed, or the default.

    :raises BadInput: for anything but a whole number up to ten years.
    """
    if text is None:
        return default
    if not text.isdecimal() or int(text) > 3660:
        raise BadInput("--within: that is not a number of days", "write a whole number up to 3660")
    return int(text)


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "due",
        "What falls due, soonest first.",
        [
            ON,
            _WITHIN,
            Param("brief", "Only a few lines, for a look in the morning.", flag=True),
            Param("sheet", "Write a sheet of the week without names into this file (HTML)."),
            JSON,
        ],
        due,
    ),
    make_task(
        "check",
        "Which rules are not met.",
        [ON, Param("explain", "Say what one rule is for, by its name."), JSON],
        check,
    ),
)

RETENTION_TASKS: tuple[Task[Any], ...] = (
    make_task(
        "due",
        "Entries that have been kept long enough.",
        [
            ON,
            _WITHIN,
            Param(
                "by_year", "Only how many of each log there are in each year to come.", flag=True
            ),
            JSON,
        ],
        retention_due,
    ),
)
