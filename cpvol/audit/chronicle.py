"""Who did what and when, gathered along the walk for the report. It repeats the chain; it judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from cpvol import codec
from cpvol.audit import disposing
from cpvol.audit.rules import Case
from cpvol.ledger import grants, layout, sshsig
from cpvol.ledger.disposals import Disposal
from cpvol.ledger.grants import Grant
from cpvol.ledger.holders import Holder, Life, Listed, Reckoning, verdict
from cpvol.ledger.members import RECOVERY, Members


def day_of(moment: int) -> date:
    """The day of a time of acceptance, in UTC."""
    return datetime.fromtimestamp(moment, UTC).date()


@dataclass(frozen=True, slots=True)
class Event:
    """One change that was no entry.

    :param what: what was done, as people say it.
    """

    commit: str
    on: date
    by: str
    action: str
    what: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of main as one change left it; ``accepted`` is when that change took its place in the chain."""

    commit: str
    accepted: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One number that changed: ``source`` is the rows it comes from, or our reason."""

    commit: str
    on: date
    by: str
    name: str
    before: str
    after: str
    source: str


_InTime = TypeVar("_InTime", Kept, Listed)


@dataclass(frozen=True, slots=True)
class KeySpan:
    """One credential, and from when to when it was in force; ``until`` is ``None`` while it is."""

    handle: str
    roles: str
    since: date
    until: date | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Done:
    """One disposal with what can be said of old copies, computed from the chain.

    :param holders: each credential that could read one of the entries, and what became of it.
    """

    disposal: Disposal
    holders: tuple[Holder, ...]

    @property
    def verdict(self) -> str:
        """The strongest thing that can be said."""
        return verdict(self.holders)


_WORDS: Mapping[str, str] = {
    "found": "founded these records",
    "join": "made somebody a member",
    "remove": "took a member out",
    "lost": "took out a member whose keys were lost",
    "roles": "changed what a member may do",
    "rotate": "replaced their own keys",
    "recover": "used the recovery page",
    "renew": "renewed the recovery page",
    "seal": "sealed the keys for those who read now",
    "refuse": "refused a change that others could not look at",
    "policy": "changed the policy",
    "organisation": "changed the organisation's details",
    "upgrade": "brought the fixed files up to date",
    "propose": "proposed a disposal",
    "approve": "approved a disposal",
    "withdraw": "withdrew a disposal",
    "dispose": "carried out a disposal",
    "disaster": "declared that a backup was all there was",
    "handover": "entered what another member had not sent",
    "grant": "gave keys to somebody outside",
}


@dataclass(slots=True)
class Chronicle:
    """What the walk told; a witness of it.

    :param entries: how many entries, by (month ``2009-03``, log, handle).
    :param membership: every list of members, with the change from which it was in force.
    :param written: of each record, the number of each change that wrote a version of it, and its time.
    :param lives: the records that were destroyed.
    :param policies: every content of ``policy.yaml`` from the first, and ``details`` of ``organisation.yaml``.
    :param organisation: the organisation's name in the newest.
    :param apart: how many changes wrote no entry.
    :param grants: the keys that were given to somebody outside, with the change that says so.
    """

    entries: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)
    policy: list[PolicyChange] = field(default_factory=list)
    membership: list[Listed] = field(default_factory=list)
    disposals: dict[str, Disposal] = field(default_factory=dict)
    written: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    lives: dict[str, Life] = field(default_factory=dict)
    grants: list[tuple[str, Grant]] = field(default_factory=list)
    policies: list[Kept] = field(default_factory=list)
    details: list[Kept] = field(default_factory=list)
    organisation: str = ""
    apart: int = 0

    def __call__(self, oid: str, case: Case) -> None:
        """Take note of one commit."""
        commit = case.commit
        action, moment = commit.message.action, commit.accepted
        day = day_of(moment)
        self._note_records(case)
        if not self.membership or case.after is not self.membership[-1].members:
            self.membership.append(Listed(case.number, commit.entered, moment, case.after))
        if action in _WORDS and (not commit.message.written or action == "handover"):
            subject = _subject(case)
            what = f"{_WORDS[action]}{': ' if subject else ''}{subject}"
            self.events.append(Event(oid, day, commit.handle, action, what))
        for change in case.changes:
            if change.path == layout.POLICY:
                self.policies.append(Kept(oid, moment, case.new(change)))
                if action != "found":
                    self.policy += _policy(oid, day, commit.handle, case.policy, case.new(change))
            if change.path == layout.ORGANISATION:
                self.details.append(Kept(oid, moment, case.new(change)))
                self.organisation = _name(case.new(change))
            if change.path.startswith(("disposals/", "grants/")) and change.new:
                self._note_act(oid, change.path, case.new(change))

    def _note_act(self, oid: str, path: str, data: bytes) -> None:
        if path.startswith("disposals/"):
            if (found := disposing.read(data)) is not None:
                self.disposals[found.id] = found
        elif (given := grants.read(data)) is not None:
            self.grants.append((oid, given))

    def _note_records(self, case: Case) -> None:
        commit, number = case.commit, case.number
        moment = commit.accepted
        month = day_of(moment).isoformat()[:7]
        self.apart += not commit.message.written
        for each in commit.message.written:
            log = each.record.partition("/")[0]
            self.entries[month, log, commit.handle] += 1
            self.written.setdefault(each.record, []).append((number, moment))
        for record in commit.message.removed:
            self.lives[record] = Life(record, tuple(self.written.get(record, ())), number, moment)

    def keys(self) -> list[KeySpan]:
        """Every credential there ever was, in the order in which they came into force."""
        spans: dict[str, KeySpan] = {}
        before = set[str]()
        for listed in self.membership:
            moment, now = listed.accepted, dict(_in_force(listed.members))
            for key, (handle, roles) in now.items():
                old = spans.get(key)
                since = old.since if old else day_of(moment)
                spans[key] = KeySpan(handle, roles, since, None, sshsig.fingerprint(key))
            for key in before - now.keys():
                spans[key] = replace(spans[key], until=day_of(moment))
            before = set(now)
        return list(spans.values())

    def done(self) -> list[Done]:
        """Every disposal, oldest first, with what can be said of old copies."""
        found = []
        reckoning = Reckoning(self.membership, [grant for _, grant in self.grants])
        for each in sorted(self.disposals.values(), key=lambda d: (d.proposal.on, d.id)):
            records = each.certificate.entries if each.certificate else ()
            lives = [self.lives[record] for record in records if record in self.lives]
            found.append(Done(each, tuple(reckoning.holders(lives))))
        return found


def in_force(changes: Sequence[_InTime], moment: int) -> _InTime:
    """What stood at a moment, seconds since 1970: the newest accepted by then, or the first when none was."""
    return next((each for each in reversed(changes) if each.accepted <= moment), changes[0])


def _in_force(members: Members) -> Iterator[tuple[str, tuple[str, str]]]:
    for each in members.members:
        if each.present:
            yield each.keys.signing, (each.handle, ", ".join(each.roles))
    yield members.recovery.signing, (RECOVERY, "recovery page")


def _subject(case: Case) -> str:
    """Whom or what a change was about, from what it changed rather than from what it says."""
    changed = [each.handle for each in case.after.members if case.before.get(each.handle) != each]
    if changed and case.action != "found":
        return ", ".join(changed)
    folders = ("disposals/", "grants/")
    files = [change.path for change in case.changes if change.path.startswith(folders)]
    return files[0].partition("/")[2].removesuffix(".yaml") if files else ""


def _name(data: bytes) -> str:
    """The organisation's name, without what would steer a terminal."""
    try:
        found = str(codec.decode(data).get("name", ""))
    except codec.NotCanonical:
        return ""
    return "".join(letter for letter in found if letter.isprintable())


def _policy(oid: str, day: date, by: str, old: bytes, new: bytes) -> Iterator[PolicyChange]:
    try:
        before, after = codec.decode(old), codec.decode(new)
    except codec.NotCanonical:
        return
    for part in ("values", "retention"):
        was, now = _mapping(before.get(part)), _mapping(after.get(part))
        for name in sorted(was.keys() | now.keys()):
            a, b = _mapping(was.get(name)), _mapping(now.get(name))
            if a != b:
                rows = _said_list(b.get("rows", ""))
                source = f"{rows} {b.get('reason', '')}".strip()
                yield PolicyChange(oid, day, by, f"{part}.{name}", _said(a), _said(b), source)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _said(value: Mapping[str, Any]) -> str:
    return f"{_said_list(value.get('value', ''))} {value.get('unit', '')}".strip() or "—"


def _said_list(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
