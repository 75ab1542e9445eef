"""A change that this copy has, and that somebody took out who could see what was wrong with it.

Whoever reads a log refuses a change that writes there what nobody can read (:mod:`cpvol.sync.judge`), and says so in a
signed change of their own (:mod:`cpvol.ledger.refusals`). Whoever cannot read it has taken the change in good faith. Their
copy goes by its own eyes first: what it can see to be right is not given up, what it can see to be wrong is, and
where it can see nothing, the person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpvol.errors import CpvolError
from cpvol.ledger import refusals
from cpvol.ledger.chain import Head, read_head
from cpvol.register import Register, uniting
from cpvol.sync.judge import Judged, Step


class Doubted(CpvolError):
    """Nobody confirmed that a change which cannot be looked at here is to go."""

    def __init__(self, correction: Correction) -> None:
        super().__init__(
            f"{correction.handle} took out a change by {correction.author} that this copy has and you cannot read",
            f"ask {correction.handle} whether that is so, then run `sync` in a terminal, or with"
            f" --believe {correction.handle}",
        )


class Contradicted(CpvolError):
    """Somebody took out a change that can be seen here to be right."""

    def __init__(self, handle: str, author: str) -> None:
        super().__init__(
            f"{handle} took out a change by {author} that opens in this copy as it should",
            f"ask {handle} why; then `sync --put-back` sends it again from here, with its key",
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody says who can see it.

    :param handle: who says so.
    :param author: whom the refused change names as its author.
    :param oid: the refused change.
    :param logs: the logs that it concerns, of those that they read.
    :param seen: whether this copy can see for itself that it is so.
    """

    handle: str
    author: str
    oid: str
    logs: tuple[str, ...]
    seen: bool


def claimed(register: Register, judged: Judged, here: Sequence[Head]) -> Correction | None:
    """The correction among what came in by which it would take the place of what is here.

    :param here: what this copy has instead.
    :returns: ``None`` when nobody says so who reads what is concerned.
    :raises Contradicted: when all of it can be seen to be right.
    """
    step = next((each for each in judged.steps if _names(register, each, here)), None)
    signer = step.before.get(step.handle) if step else None
    if step is None or signer is None:
        return None
    doubts = dict(_doubts(register, here))
    if not doubts:
        raise Contradicted(step.handle, here[0].commit.handle)
    logs = tuple(sorted(log for log in doubts if signer.may_read(log)))
    if not logs:
        return None
    seen = any(doubts[log] for log in logs)
    return Correction(step.handle, here[0].commit.handle, here[0].oid, logs, seen)


def _names(register: Register, step: Step, here: Sequence[Head]) -> bool:
    if step.action != refusals.ACTION or not here:
        return False
    return refusals.refused(read_head(register.git, step.oid).commit.message) == here[0].oid


def _doubts(register: Register, here: Sequence[Head]) -> Iterator[tuple[str, bool]]:
    """The logs in which something was written that this copy cannot see to be right; and whether it sees it to be wrong."""
    live = set(register.ids())
    wrong: dict[str, bool] = {}
    for head in here:
        for each in head.commit.message.written:
            log, _, id = each.record.partition("/")
            if (log, id) not in live:
                continue
            seen = uniting.looked_at(register.git, register.ring, head.oid, each)
            if seen is not True:
                wrong[log] = wrong.get(log, False) or seen is False
    yield from wrong.items()
