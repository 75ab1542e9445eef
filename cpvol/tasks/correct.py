"""Correcting entries: ``amend`` and ``void``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from invoke.tasks import Task

from cpvol.errors import CpvolError
from cpvol.logs.base import Record
from cpvol.logs.fields import SEVERAL, FieldSpec, fields_of
from cpvol.logs.guard import private_text
from cpvol.logs.shown import shown
from cpvol.tasks.build import JSON, YES, Param, make_task
from cpvol.tasks.entries import (
    REVIEWED,
    agreed_to,
    amended,
    new_findings,
    object_to,
    reader_of,
    report,
    tell_open,
)
from cpvol.tasks.lookup import ID, one
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader, option

_REASON = Param("reason", "Why, in a few words.")


def amend(
    session: Session,
    *,
    id: str,
    set: list[str],
    clear: list[str],
    reason: str | None,
    reviewed: bool,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``amend``."""
    with session.register() as register:
        log, found = one(session, register, id)
        record = register.record(log, found)
        reader = reader_of(session, register)
        changes = _changes(type(record), set, clear, reader)
        if session.terminal and not changes:
            changes = _ask_changes(session, record, reader)
        if session.terminal and not reason:
            reason = _ask_why(session, "Why is it corrected?")
        absent = [
            name
            for name, there in (("--set or --clear", changes), ("--reason", reason))
            if not there
        ]
        if absent:
            raise BadInput(
                f"not given: {', '.join(absent)}",
                "for example: amend ID --set completed-on=31/03/2009 --reason 'typing mistake'",
            )
        changed = amended(record, changes, "amend", reason, register.me.handle, session.today())
        object_to(session, type(record), changes, reviewed=reviewed)
        _object_reason(reason or "", reviewed=reviewed)
        if session.terminal and not yes:
            _tell_changes(session, record, changed, changes, reader)
        tell_open(session, register, changed, reader)
        found_rules = new_findings(register, reader, changed, session.today())
        if not agreed_to(session, changed, reader, found_rules, yes=yes):
            raise KeyboardInterrupt
        receipt = register.enter([changed], "amend", entered=session.now())
    report(session, receipt, f"Corrected {found}.", json=json)


def _tell_changes(
    session: Session, record: Record, changed: Record, changes: Mapping[str, Any], reader: Reader
) -> None:
    for spec in fields_of(type(record)):
        if spec.name in changes:
            before, after = (
                shown(spec, getattr(each, spec.name), reader.book) or "nothing"
                for each in (record, changed)
            )
            session.tell(f"\n{spec.label}: {before} becomes {after}.")


def _object_reason(reason: str, *, reviewed: bool) -> None:
    if not reviewed and (why := private_text(reason)):
        raise BadInput(
            f"--reason: {why}", "take it out, or add --reviewed after reading the text again"
        )


def _changes(
    model: type[Record], sets: Sequence[str], clears: Sequence[str], reader: Reader
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for each in sets:
        name, equals, text = each.partition("=")
        spec = _field(model, name)
        if not equals:
            raise BadInput(
                "--set needs a field and a value", f"write --set {option(spec.name)[2:]}=VALUE"
            )
        if spec.kind == "items":
            raise BadInput(
                f"{option(spec.name)}: it is a list", "use the log's own steps to change it"
            )
        changes[spec.name] = _corrected(spec, text, reader) if text.strip() else None
    for name in clears:
        spec = _field(model, name)
        if spec.required:
            raise BadInput(
                f"{option(spec.name)}: it cannot be empty", "give it a new value with --set"
            )
        changes[spec.name] = () if spec.kind == "items" or spec.kind in SEVERAL else None
    return changes


def _corrected(spec: FieldSpec, text: str, reader: Reader) -> Any:
    try:
        return reader.read(spec, text)
    except CpvolError as error:
        raise BadInput(f"{spec.label}: {error.problem}", error.hint) from None


def _field(model: type[Record], name: str) -> FieldSpec:
    from difflib import get_close_matches

    wanted = name.strip().lstrip("-").replace("-", "_").replace(" ", "_").lower()
    names = {spec.name: spec for spec in fields_of(model)}
    by_label = {
        spec.label.lower().replace(" ", "_").replace("-", "_"): spec for spec in fields_of(model)
    }
    if spec := names.get(wanted) or by_label.get(wanted):
        return spec
    near = get_close_matches(wanted, list(names), n=1)
    meant = f"did you mean {near[0].replace('_', '-')}? " if near else ""
    raise BadInput(
        "this log has no such field",
        f"{meant}its fields are {', '.join(n.replace('_', '-') for n in names)}",
    )


def _ask_why(session: Session, question: str) -> str:
    """The reason for a correction, asked for until there is one that may stand."""
    from cpvol.tasks.ask import typed

    def stands(text: str) -> None:
        if why := private_text(text):
            raise BadInput(why, "take it out: a child must never be recognisable")

    session.tell("\nIn a few words, for example: typing mistake.")
    return typed(question, check=stands, needed=True)


def _ask_changes(session: Session, record: Record, reader: Reader) -> dict[str, Any]:
    """One field and what it shall say, asked for until the entry can be so."""
    from cpvol.tasks import ask

    specs = [spec for spec in fields_of(type(record)) if spec.kind != "items"]
    name = ask.pick(
        "What is to be corrected?",
        [
            (
                spec.name,
                f"{spec.label}: {shown(spec, getattr(record, spec.name), reader.book) or '-'}",
            )
            for spec in specs
        ],
    )
    spec = next(spec for spec in specs if spec.name == name)
    before = shown(spec, getattr(record, spec.name), reader.book)
    while True:
        ticked = getattr(record, spec.name) if spec.kind in SEVERAL else ()
        answer = ask.ask_field(
            type(record), spec, reader, required=spec.required, before=before, ticked=ticked
        )
        if answer is None and spec.kind in SEVERAL:
            answer = ()
        elif answer is None and spec.required:
            answer = getattr(record, spec.name)
        try:
            amended(record, {name: answer}, "amend", None, "member-1", session.today())
        except BadInput as error:
            session.tell(f"{error.problem[:1].upper()}{error.problem[1:]}; {error.hint}.")
        else:
            return {name: answer}


def void(session: Session, *, id: str, reason: str | None, yes: bool, json: bool) -> None:
    """The body of ``void``."""
    with session.register() as register:
        log, found = one(session, register, id)
        record = register.record(log, found)
        if record.voided:
            raise BadInput("this entry is struck out already", "look at it with `show`")
        if session.terminal and not reason:
            reason = _ask_why(session, "Why is it struck out?")
        if not reason:
            raise BadInput("not given: --reason", "say why in a few words")
        _object_reason(reason, reviewed=False)
        reader = reader_of(session, register)
        changed = amended(
            record, {"voided": True}, "void", reason, register.me.handle, session.today()
        )
        if not agreed_to(session, changed, reader, [], yes=yes, question="Strike out this entry?"):
            raise KeyboardInterrupt
        receipt = register.enter([changed], "void", entered=session.now())
    report(
        session,
        receipt,
        f"Struck out {found}; it stays in the history and no longer counts.",
        json=json,
    )


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "amend",
        "Correct an entry; what stood before stays in the history.",
        [
            ID,
            Param("set", "FIELD=VALUE; may be given several times.", many=True),
            Param("clear", "A field to empty; may be given several times.", many=True),
            _REASON,
            REVIEWED,
            YES,
            JSON,
        ],
        amend,
    ),
    make_task(
        "void", "Strike out an entry that was made by mistake.", [ID, _REASON, YES, JSON], void
    ),
)
