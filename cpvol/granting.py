"""Giving keys to somebody outside: of one log, or of one period, sealed to their card. It cannot be taken back.

Only what cannot be done otherwise: whoever should read for longer becomes a member with the role of an auditor, and can
leave again. What was given is written down in a signed change of its own (:mod:`cpvol.ledger.grants`), and counts among
those who could read wherever a disposal says what became of the keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cpvol import opening
from cpvol.errors import CpvolError
from cpvol.ledger import commits, grants, layout, transaction
from cpvol.ledger.grants import Given, Grant, Scope
from cpvol.logs import BY_NAME
from cpvol.membership import read_card, words_from
from cpvol.publickeys import is_reading_key
from cpvol.register import Damaged, NotAllowed, Overtaken, Register, draft_of


class NothingToGive(CpvolError):
    """No key is meant, or more than a grant may give."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom keys are given: their age key, and the text that its fingerprint in words is made of."""

    age: str
    words_from: str


def recipient(text: str) -> Recipient:
    """The recipient in a card, or in the public key alone that ``age-keygen`` prints.

    :raises NotACard: when it is neither.
    """
    key = "".join(text.split())
    if is_reading_key(key):
        return Recipient(key, key)
    card = read_card(text)
    return Recipient(card.keys.age, words_from(card.keys))


@dataclass(frozen=True, slots=True)
class Planned:
    """What a grant would open, before it is made.

    :param tip: the newest change that was looked at, and ``changes`` its number.
    :param given: the key of every version.
    :param closed: the records, ``log/id``, that stay closed.
    """

    logs: tuple[str, ...]
    since: date | None
    until: date | None
    tip: str
    changes: int
    given: tuple[Given, ...]
    closed: tuple[str, ...]

    def by_log(self) -> dict[str, tuple[int, int]]:
        """Of each log, how many records and how many versions of them it opens."""
        found = {}
        for log in self.logs:
            mine = [each.record for each in self.given if each.record.startswith(f"{log}/")]
            if mine:
                found[log] = len(set(mine)), len(mine)
        return found


def plan(
    register: Register, logs: Sequence[str], since: date | None, until: date | None
) -> Planned:
    """What would be given; nothing is written.

    :param logs: names of logs; empty for every log that this member reads, which takes a period.
    :raises NotAllowed: when this member may not give them.
    :raises NothingToGive: when no key is meant, or neither one log nor a period.
    """
    me = register.me
    chosen = tuple(sorted(set(logs) or {log for log in BY_NAME if me.may_read(log)}))
    if "coordinator" not in me.roles or not all(me.may_read(log) for log in chosen):
        raise NotAllowed(
            "only a coordinator who reads a log can give its keys", "ask a coordinator who does"
        )
    if since is None and until is None and len(chosen) != 1:
        raise NothingToGive(
            "without days, keys are given of one log at a time",
            "name one log, or give --since or --until; whoever should read everything becomes a member with `member.add`",
        )
    head = register.head.oid
    ids = register.git.chain(None, head)
    alone = opening.kept_alone(register.sealed_keyring())
    scope = Scope(
        chosen, since.isoformat() if since else None, until.isoformat() if until else None
    )
    given: list[Given] = []
    closed: set[str] = set()
    for record, versions in _versions(register, ids).items():
        wanted = [
            n for n, (_, _, accepted) in enumerate(versions) if scope.covers(record, accepted)
        ]
        if not wanted:
            continue
        if record in alone:
            closed.add(record)
            continue
        log, _, id = record.partition("/")
        keys = register.ring.keys(log, id)
        if [hashlib.sha256(key.encode()).hexdigest() for key in keys] != [v[1] for v in versions]:
            raise Damaged(f"the key of entry {id}")
        given += [Given(record, versions[n][0], keys[n]) for n in wanted]
    if not given:
        raise NothingToGive(
            "there is nothing in that log or period", "look at it with `list`, then name another"
        )
    given.sort(key=lambda each: each.record)
    return Planned(chosen, since, until, head, len(ids), tuple(given), tuple(sorted(closed)))


def _versions(register: Register, ids: Sequence[str]) -> dict[str, list[tuple[str, str, int]]]:
    """Every version of every record that is there: the commit, the commitment to its key, the time of acceptance."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for blob in register.git.read_many(ids):
        commit = commits.decode(blob.data)
        for each in commit.message.written:
            found.setdefault(each.record, []).append((blob.oid, each.key, commit.accepted))
        for record in commit.message.removed:
            found.pop(record, None)
    return found


def give(register: Register, planned: Planned, to: str, *, now: int) -> tuple[Grant, bytes]:
    """Write down that keys are given, then seal them.

    :param planned: what was shown and agreed to.
    :param to: an age key.
    :returns: what was written down, and the sealed file to hand over.
    :raises Overtaken: when something changed since it was planned.
    """
    id = layout.new_id()
    text = grants.encode_given(register.anchor(), id, planned.given)
    sealed = opening.seal_given(text, to)
    grant = Grant(
        id=id,
        by=register.me.handle,
        on=datetime.fromtimestamp(now, UTC).date().isoformat(),
        to=to,
        logs=planned.logs,
        since=planned.since.isoformat() if planned.since else None,
        until=planned.until.isoformat() if planned.until else None,
        without=planned.closed,
        changes=planned.changes,
        keys=len(planned.given),
        sha256=hashlib.sha256(sealed).hexdigest(),
    )
    with transaction.locked(register.git):
        register.refresh()
        if register.head.oid != planned.tip:
            raise Overtaken
        draft = draft_of(
            register.me.handle,
            register.signer(),
            f"grants: grant {id}",
            "grant",
            (now, now),
            {grant.path: grant.encode()},
            register.sealed_keyring(),
        )
        register.write(draft)
    return grant, sealed


def read_given(text: bytes) -> tuple[str, str, list[Given]]:
    """The anchor, the grant's number and the keys in a file that was given, opened.

    :raises BadGrant: when it is none.
    """
    return grants.decode_given(text)


def everything(register: Register) -> list[Grant]:
    """Every grant there ever was, oldest first. Needs no key."""
    top = register.head.top
    if grants.FOLDER not in top:
        return []
    tree = register.git.tree(top[grants.FOLDER].oid)
    blobs = register.git.read_many([entry.oid for entry in tree.values()])
    return sorted((grants.decode(blob.data) for blob in blobs), key=lambda g: (g.changes, g.id))
