"""The policy in force: every number with its unit, its source and, where it is ours, the reason.

Stored as canonical text (:mod:`cpvol.codec`), each value and each log's retention complete in itself, so that a reader
needs nothing else to see where a number comes from::

    profile: contactpoint
    values:
      ecrb_valid:
        value: 3
        unit: years
        rows:
        - "E-3.6"
        origin: source
        what: "An enhanced check counts for this long, beginning with its date of issue."
    retention:
      training:
        value: 6
        …
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from cpvol.dates import Unit, last_valid_day, later, show_day
from cpvol.errors import CpvolError
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Day, Line, Log, Text
from cpvol.policy.organisation import TITLES, Purpose

Origin = Literal["source", "ours"]
#: How firm a number is: a law, an authority's guidance, what is usual, or our own decision.
Sure = Literal["law", "guidance", "custom", "ours"]
Row = Annotated[str, StringConstraints(pattern=r"^(?:[EBSNW]-[A-Z]?\d*(?:\.\d+)?[a-z]?|C\d{1,2})$")]
# Beyond these, a period is a slip of the pen and the calendar ends.
Number = Annotated[int, Field(strict=True, ge=1, le=1000)]
NumberOrNone = Annotated[int, Field(strict=True, ge=0, le=1000)]

_FOLDER = Path(__file__).parent / "profiles"
_HINT = "correct it there, or take the line out so that the profile's own number holds"


class BadPolicy(CpvolError):
    """A policy that cannot be in force. The problem names the key."""

    def __init__(self, key: str, why: str, hint: str = _HINT) -> None:
        super().__init__(f"the policy's {key} is not right: {why}", hint)
        self.key = key


class Sourced(BaseModel):
    """What every value of the policy has beside its number.

    ``rows`` are rows of the requirements and rulings, ``source`` any other; ``reason`` is obligatory where ``origin`` is
    ``ours``. ``sure`` says how firm the number is, ``unconfirmed`` what of it could not be confirmed.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    rows: tuple[Row, ...] = ()
    source: Line | None = None
    origin: Origin
    sure: Sure | None = None
    unconfirmed: Text | None = None
    reason: Text | None = None
    what: Text

    @model_validator(mode="after")
    def _accounted_for(self) -> Sourced:
        if self.origin == "ours" and not self.reason:
            raise ValueError("a number of our own needs a reason")
        if self.origin == "source" and not (self.rows or self.source):
            raise ValueError("a number from a source needs the rows it comes from")
        return self

    @property
    def cited(self) -> tuple[str, ...]:
        """Where the number comes from, each as it is cited."""
        return (*self.rows, self.source) if self.source else self.rows


class Delay(Sourced):
    """A length of time that may be nothing at all: the same day."""

    value: NumberOrNone
    unit: Unit

    @property
    def words(self) -> str:
        """The value as people say it: ``6 years``."""
        return _words(self.value, self.unit)

    def after(self, start: date) -> date:
        """The day that lies this long after ``start``; from 29 February it may be 1 March (C27)."""
        return later(start, self.value, self.unit)


class Period(Delay):
    """A length of time."""

    value: Number

    def last_day(self, start: date) -> date:
        """The last day of a period that begins with ``start`` as its first day (C2)."""
        return last_valid_day(start, self.value, self.unit)


class Stages(Sourced):
    """Several lengths of time before an event, longest first."""

    value: Annotated[tuple[Number, ...], Field(min_length=1, max_length=12)]
    unit: Literal["days"]

    @model_validator(mode="after")
    def _longest_first(self) -> Stages:
        if list(self.value) != sorted(set(self.value), reverse=True):
            raise ValueError("the longest comes first, and each only once")
        return self

    @property
    def words(self) -> str:
        """The stages as people say them: ``90, 60, 30 and 7 days``."""
        *rest, last = (str(number) for number in self.value)
        return f"{', '.join(rest)} and {last} days" if rest else _words(self.value[0], self.unit)

    def stage(self, left: int) -> int | None:
        """The shortest stage that covers ``left`` remaining days, or ``None`` before the first warning."""
        return min((number for number in self.value if number >= left), default=None)


class Count(Sourced):
    """A number of things."""

    value: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    unit: Literal["records", "people", "items", "bits"]

    @property
    def words(self) -> str:
        """The value as people say it: ``10 records``."""
        return _words(self.value, self.unit)


class Port(Sourced):
    """A port of a network connection."""

    value: Annotated[int, Field(strict=True, ge=1, le=65_535)]
    unit: Literal["port"]

    @property
    def words(self) -> str:
        """The value as people say it: ``port 443``."""
        return f"port {self.value}"


class Start(Sourced):
    """The day from which a rule holds."""

    value: Day
    unit: Literal["date"]

    @property
    def words(self) -> str:
        """The value as people write it: ``01/10/2009``."""
        return show_day(self.value)


AnyNumber: TypeAlias = Delay | Stages | Count | Port | Start
"""A number of the policy; a :class:`Period` is a :class:`Delay`."""


class Retention(Sourced):
    """How long the records of a log are kept after what starts their clock."""

    value: Number
    unit: Literal["years", "months", "days"]

    @property
    def words(self) -> str:
        """The value as people say it: ``6 years``."""
        return _words(self.value, self.unit)

    def last_day(self, trigger: date) -> date:
        """The last day on which a record is kept: the anniversary of the trigger itself (C27)."""
        return later(trigger, self.value, self.unit)


class Kept(Retention):
    """A log's retention as it is in force, with what starts the clock in words."""

    since: Line


def _words(number: int, unit: str) -> str:
    one = {"people": "person"}.get(unit, unit.removesuffix("s"))
    return f"{number} {one if number == 1 else unit}".replace("_", " ")


class Policy(BaseModel):
    """Every number in force; each is described in the profile. One that may be ``None`` is not asked for where it is."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    profile: Line

    ecrb_valid: Period
    ecrb_warnings: Stages
    ecrb_close: Period
    tell_at_once: Delay
    training_chase: Period
    isa_member_from: Start | None = None
    certificate_kept: Period | None = None
    token_post: Period
    token_confirm: Period
    investigation_review: Period
    sar_response: Period
    sar_refer: Period
    sar_extension: Period | None = None
    sar_pause_from: Start | None = None
    breach_notify: Period | None = None
    complaint_acknowledge: Period | None = None
    override_report: Period
    override_investigation: Period
    shield_review_first: Period
    shield_review_next: Period
    shielders_named: Count
    shielded_items: Count
    shield_form_criteria: Count
    shield_log_fields: Count
    shield_log_outcomes: Count
    search_limit: Count
    search_limit_shielder: Count
    authentication_factors: Count
    forbidden_activities: Count
    transport_bits: Count
    transport_port: Port
    spot_check: Period
    usage_review: Period
    accuracy_check: Period
    declaration: Period
    accuracy_after: Period
    calendar_alarms: Stages
    brokering_chase: Period
    support_chase: Period
    dispute_chase: Period
    remedy: Period
    practitioner_contacts: Period
    age_limit: Period
    age_limit_extended: Period
    approvers: Count
    single_admin_reminder: Period

    retention: Mapping[str, Retention]

    @classmethod
    def from_stored(cls, data: Mapping[str, Any]) -> Policy:
        """Read an organisation's own policy.

        :param data: ``profile``, ``values`` and ``retention`` as :meth:`stored` gives them. A value or a log that is
            left out has the profile's number.
        :raises BadPolicy: for an unknown key, a wrong unit, a number out of range, a missing source or reason, or a
            retention that claims a source for a number which the source does not state.
        """
        _known_only(data, ("profile", "values", "retention"), "")
        values, retention = (_mapping(data, key) for key in ("values", "retention"))
        _known_only(values, NAMES, "values.")
        _known_only(retention, BY_NAME, "retention.")
        profile = data.get("profile", "contactpoint")
        base: Mapping[str, AnyNumber] = {}
        if any(name not in values for name in VALUES):
            base = load(str(profile)).numbers()
        return _checked({"profile": profile, "retention": retention, **base, **values})

    def numbers(self) -> dict[str, AnyNumber]:
        """Every number in force, by its name, in the order in which they stand."""
        found = ((name, getattr(self, name)) for name in NAMES)
        return {name: number for name, number in found if number is not None}

    def stored(self) -> dict[str, Any]:
        """Every number in force with its source, each log's retention included, ready for the codec."""
        return {
            "profile": self.profile,
            "values": {name: _plain(number) for name, number in self.numbers().items()},
            "retention": {log.name: _plain(self._retention(log)) for log in LOGS},
        }

    def office(self, purpose: Purpose) -> str:
        """What an office is called inside a sentence: as this policy's profile has it, else as the documents have it."""
        return offices(self.profile).get(purpose, TITLES[purpose])

    def keep(self, log: Log) -> Kept:
        """How long a log is kept: what this policy says, else what the log itself says."""
        return Kept(**self._retention(log).model_dump(), since=log.keep.since)

    def _retention(self, log: Log) -> Retention:
        return self.retention.get(log.name) or _of_log(log)


#: The names of all values, in the order in which they stand.
NAMES: tuple[str, ...] = tuple(
    name for name in Policy.model_fields if name not in {"profile", "retention"}
)
#: Those that every policy has.
VALUES: tuple[str, ...] = tuple(name for name in NAMES if Policy.model_fields[name].is_required())


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One line of the retention schedule that people read.

    :param keep: how long, in words: ``6 years``.
    :param since: what starts the clock, in words.
    """

    log: str
    title: str
    keep: str
    since: str
    rows: tuple[str, ...]
    origin: Origin
    reason: str


def schedule(policy: Policy) -> list[ScheduleRow]:
    """The retention schedule in force, a row for each log, in the order of the logs."""
    rows = []
    for log in LOGS:
        kept = policy.keep(log)
        rows.append(
            ScheduleRow(
                log.name,
                log.title,
                kept.words,
                kept.since,
                kept.rows,
                kept.origin,
                kept.reason or "",
            )
        )
    return rows


def misattributed(policy: Policy, profile: Policy) -> list[str]:
    """The keys of values that claim a source although the profile's number for them is another one."""
    theirs = {name: _number(number) for name, number in profile.numbers().items()}
    return [
        name
        for name, mine in policy.numbers().items()
        if mine.origin == "source" and _number(mine) != theirs.get(name)
    ]


def _number(found: AnyNumber) -> tuple[object, object]:
    return found.value, found.unit


def profiles() -> list[str]:
    """The names of the profiles that come with cpvol."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def load(profile: str = "contactpoint") -> Policy:
    """Read a profile that comes with cpvol.

    :raises BadPolicy: when there is none of that name, or it breaks a rule that every policy keeps.
    """
    if profile not in profiles():
        raise BadPolicy(
            "profile", "there is none of that name", f"the profiles are: {', '.join(profiles())}"
        )
    data = _profile(profile)
    if missing := [name for name in VALUES if name not in data["values"]]:
        raise BadPolicy(f"values.{missing[0]}", "it is missing")
    _known_only(data, ("profile", "offices", "values", "retention"), "")
    _known_only(data["values"], NAMES, "values.")
    _known_only(data.get("offices", {}), TITLES, "offices.")
    return _checked({"profile": profile, "retention": data["retention"], **data["values"]})


@cache
def offices(profile: str) -> Mapping[str, str]:
    """What a profile calls the offices that it calls otherwise than the documents do, by purpose."""
    # The name stands in an organisation's own records, which may come from a newer cpvol.
    found: Mapping[str, str] = _profile(profile).get("offices", {}) if profile in profiles() else {}
    return found


def _profile(name: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def _of_log(log: Log) -> Retention:
    return Retention(
        value=log.keep.years,
        unit="years",
        rows=log.keep.rows,
        origin=log.keep.origin,
        reason=log.keep.reason or None,
        what=f"How long an entry of the {log.name} log is kept after this day: {log.keep.since}.",
    )


_STORED = ("value", "unit", "rows", "source", "origin", "sure", "unconfirmed", "reason", "what")


def _plain(value: Sourced) -> dict[str, Any]:
    """A value as it is stored: number first, then where it comes from."""
    data = value.model_dump(mode="json", exclude_none=True)
    return {key: data[key] for key in _STORED if data.get(key, ()) != ()}


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, Mapping):
        raise BadPolicy(key, "names and their numbers are expected")
    return found


def _known_only(data: Mapping[str, Any], known: Iterable[str], prefix: str) -> None:
    if unknown := sorted(str(key) for key in data if key not in known):
        raise BadPolicy(
            prefix + unknown[0],
            "nothing of that name is known",
            "check the spelling, or use a newer cpvol",
        )


def _checked(flat: dict[str, Any]) -> Policy:
    try:
        policy = Policy.model_validate(flat)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = [str(part) for part in first["loc"]]
        why = first["msg"].removeprefix("Value error, ").splitlines()[0]
        prefix = ["values"] if where and where[0] in NAMES else []
        raise BadPolicy(".".join(prefix + where), why[:1].lower() + why[1:]) from None
    for name, mine in policy.retention.items():
        stated = _of_log(BY_NAME[name])
        if mine.origin == "source" and (mine.value, mine.unit, stated.origin) != (
            stated.value,
            stated.unit,
            "source",
        ):
            raise BadPolicy(
                f"retention.{name}",
                "no source states that number",
                "give origin ours and the reason for it",
            )
    return policy
