"""Changing what an organisation goes by: its policy, number by number, and its details; signed by an admin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger import layout, transaction
from cpvol.ledger.objects import object_id
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.schema import json_schema
from cpvol.policy import Policy, Retention, Sourced, load, profiles
from cpvol.policy.model import NAMES, AnyNumber
from cpvol.policy.organisation import Organisation
from cpvol.register import NotAllowed, Register, draft_of

_RETENTION = "retention."
_ROWS = re.compile(r"(?:[EBSNW]-[A-Z]?\d*(?:\.\d+)?[a-z]?|C\d{1,2})(?:,\s*|\s+|$)")
_NUMBER = re.compile(r"(\d{1,6})(?:\s+([a-z_ ]+))?\Z")


class UnknownKey(CpvolError):
    """No number of the policy has that name."""

    def __init__(self, near: str = "") -> None:
        super().__init__(
            "the policy has no number of that name",
            f"did you mean {near}?" if near else "see `policy.show` for their names",
        )


class BadNumber(CpvolError):
    """What was typed is no number for this place."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number in which a policy differs from its profile; ``None`` where one of them has none."""

    key: str
    ours: AnyNumber | Retention | None
    profile: AnyNumber | Retention | None


def numbers(policy: Policy) -> dict[str, AnyNumber | Retention]:
    """Every number in force by its key: those of the policy, then ``retention.<log>`` for each log."""
    kept = {f"{_RETENTION}{name}": policy.keep(log) for name, log in BY_NAME.items()}
    return {**policy.numbers(), **kept}


def differences(policy: Policy) -> list[Difference]:
    """Where a policy differs from the profile that it was made from, by value, unit or origin.

    :raises UnknownKey: when this cpvol does not know the profile.
    """
    if policy.profile not in profiles():
        raise UnknownKey
    ours, theirs = numbers(policy), numbers(load(policy.profile))
    keys = [key for key in (*NAMES, *theirs) if key in ours or key in theirs]
    return [
        Difference(key, ours.get(key), theirs.get(key))
        for key in dict.fromkeys(keys)
        if _plain(ours.get(key)) != _plain(theirs.get(key))
    ]


def _plain(number: AnyNumber | Retention | None) -> tuple[object, ...]:
    return (number.value, number.unit, number.origin) if number else ()


def changed(policy: Policy, key: str, value: str, reason: str | None, source: str | None) -> Policy:
    """The policy with another number, checked as a whole.

    A number that is the profile's own again goes back to it with its source; any other is the organisation's own.

    :param key: as in :func:`numbers`.
    :param value: as people write it: ``30``, ``30 days``, ``90, 60, 30``, ``2009-10-01``.
    :param source: rows of the requirements with commas, or any other source in words.
    :raises UnknownKey: there is no such number.
    :raises BadNumber: the value cannot be read, or there is no reason for it.
    :raises BadPolicy: the policy would break one of its rules.
    """
    key = key.strip().replace("-", "_")
    before = numbers(policy).get(key)
    theirs = numbers(load(policy.profile)).get(key) if policy.profile in profiles() else None
    model = before or theirs
    if model is None:
        raise UnknownKey(_near(key, policy))
    number = _read(model, value)
    if theirs is not None and (theirs.value, theirs.unit) == _as_model(theirs, number):
        return _with(policy, key, _stored(theirs))
    if not reason:
        raise BadNumber("not given: --reason", "say why the organisation decided on this number")
    data = _stored(model) | number | {"origin": "ours", "sure": "ours", "reason": reason}
    for name in ("source", "unconfirmed"):
        data.pop(name, None)
    return _with(policy, key, data | _sources(source))


def _near(key: str, policy: Policy) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(key, list(numbers(policy)), n=1)), "")


def _read(model: AnyNumber | Retention, value: str) -> dict[str, Any]:
    text = value.strip().lower()
    if model.unit == "date":
        from cpvol.dates import parse_day

        return {"value": parse_day(text).isoformat()}
    if isinstance(model.value, tuple):
        parts = [part.strip() for part in text.removesuffix("days").split(",")]
        if not all(part.isdecimal() and len(part) <= 6 for part in parts):
            raise BadNumber(
                "--value: these are not days", "write them with commas, for example 90, 60, 30"
            )
        return {"value": [int(part) for part in parts]}
    found = _NUMBER.match(text)
    if found is None:
        raise BadNumber(
            "--value: that is not a number", f"write a whole number, for example {model.words}"
        )
    unit = (found[2] or model.unit).strip().replace(" ", "_")
    return {"value": int(found[1]), "unit": unit}


def _as_model(model: AnyNumber | Retention, number: Mapping[str, Any]) -> tuple[object, object]:
    value = number["value"]
    if isinstance(value, list):
        value = tuple(value)
    return (
        value if model.unit != "date" else model.value if value == str(model.value) else value,
        number.get("unit", model.unit),
    )


def _sources(source: str | None) -> dict[str, Any]:
    if not source:
        return {}
    text = source.strip()
    if not _ROWS.sub("", text):
        return {"rows": re.split(r",\s*|\s+", text)}
    return {"source": text}


def _stored(number: Sourced) -> dict[str, Any]:
    data = number.model_dump(mode="json", exclude_none=True)
    return {name: found for name, found in data.items() if name != "since" and found != []}


def _with(policy: Policy, key: str, data: Mapping[str, Any]) -> Policy:
    stored = policy.stored()
    part = "retention" if key.startswith(_RETENTION) else "values"
    return Policy.from_stored(
        stored | {part: stored[part] | {key.removeprefix(_RETENTION): dict(data)}}
    )


def _spoken(key: str) -> str:
    """A key as it stands in the history, where a first line has words alone: ``retention token``."""
    return key.replace("_", " ").replace(".", " ")


def put_in_force(register: Register, policy: Policy, key: str, *, now: int) -> str:
    """Put another policy in force, signed by an admin.

    :param key: the number that changes, for the history.
    :returns: the id of the commit.
    :raises NotAllowed: when this member is no admin.
    """
    subject = f"policy: policy {_spoken(key)}"
    return _signed(register, subject, "policy", layout.POLICY, policy.stored(), now)


def put_details(register: Register, organisation: Organisation, *, now: int) -> str:
    """Put other details of the organisation in force, signed by an admin.

    :returns: the id of the commit.
    :raises NotAllowed: when this member is no admin.
    """
    subject = "organisation: organisation"
    stored = organisation.stored()
    return _signed(register, subject, "organisation", layout.ORGANISATION, stored, now)


def outdated(register: Register) -> dict[str, bytes]:
    """The fixed files of which these records have another content than this version of cpvol writes, by path."""
    wanted = layout.fixed_files() | {
        layout.schema_path(log.name, log.schema): json_schema(log) for log in LOGS
    }
    here = register.git.files(register.head.oid)
    return {
        path: data
        for path, data in wanted.items()
        if path not in here or here[path].oid != object_id("blob", data)
    }


def upgrade(register: Register, *, now: int) -> list[str]:
    """Bring the page inside the records and the schemas up to what this version of cpvol writes; signed by an admin.

    :returns: the paths that changed; empty when there was nothing to do.
    :raises NotAllowed: when this member is no admin.
    """
    files = outdated(register)
    if files:
        _write(register, "organisation: upgrade fixed files", "upgrade", files, now)
    return sorted(files)


def _signed(
    register: Register, subject: str, action: str, path: str, data: Mapping[str, Any], now: int
) -> str:
    return _write(register, subject, action, {path: codec.encode(data)}, now)


def _write(
    register: Register, subject: str, action: str, files: Mapping[str, bytes], now: int
) -> str:
    if "admin" not in register.me.roles:
        what = (
            "brings the fixed files up to date" if action == "upgrade" else f"changes the {action}"
        )
        raise NotAllowed(f"only an admin {what}", "ask an admin to do it")
    with transaction.locked(register.git):
        register.refresh()
        draft = draft_of(
            register.me.handle,
            register.signer(),
            subject,
            action,
            (now, now),
            files,
            register.sealed_keyring(),
        )
        return register.write(draft)
