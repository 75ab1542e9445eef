"""Due dates of subject access referrals: our referral, the directory's forty days, our own part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by
from cpvol.logs.sar import Sar


def requests(case: Case) -> Iterator[Sar]:
    """The requests that had arrived by the day."""
    found = cast("list[Sar]", case.book.of("sar"))
    return (sar for sar in found if sar.received_on <= case.on)


def _open(case: Case) -> Iterator[Sar]:
    return (sar for sar in requests(case) if by(sar.closed_on, case.on) is None)


def _running(case: Case) -> Iterator[tuple[Sar, date]]:
    """The open requests whose time runs, with its last day (C25)."""
    for sar in _open(case):
        if (first := by(sar.day_one(), case.on)) is not None:
            paused = _paused(sar, case)
            if paused is not None:
                yield sar, _last_day(sar, first, case) + paused


def _last_day(sar: Sar, first: date, case: Case) -> date:
    last = case.policy.sar_response.last_day(first)
    longer = case.policy.sar_extension
    return longer.after(last) if longer and by(sar.extended_on, case.on) else last


def _paused(sar: Sar, case: Case) -> timedelta | None:
    """How long the time stood still while we waited to be told what is wanted; ``None`` while it still does.

    The day of the question and the day of the answer are both left out.
    """
    since, asked = case.policy.sar_pause_from, by(sar.clarification_asked_on, case.on)
    if since is None or asked is None or asked < since.value:
        return timedelta(0)
    told = by(sar.clarified_on, case.on)
    return told - asked + timedelta(days=1) if told else None


@due_rule("sar-refer", "A request is passed to the directory's team", "E-14.2", "C16", "C25")
def _refer(case: Case) -> Iterator[Date]:
    """Those who run the directory answer for it, and their days may be running already.

    A request about a record that is known to be shielded goes to its Data Protection Officer first.
    """
    for sar in _open(case):
        if sar.scope == "own" or by(sar.referred_on, case.on) is not None:
            continue
        shielded = sar.shielded == "yes"
        yield Date(
            sar,
            case.policy.sar_refer.after(sar.received_on),
            f"pass the request to the directory's {'Data Protection Officer' if shielded else 'team'}",
            ("E-14.2", "S-2.12", "C16") if shielded else None,
        )


@due_rule(
    "sar-answer",
    "Those who run the directory answer for it",
    "E-14.7",
    "C25",
    owner="authority",
)
def _answer(case: Case) -> Iterator[Date]:
    """The days begin with the one on which the request, what identifies the requester and any fee are there.

    They are the directory's; we only watch for the answer.
    """
    for sar, last in _running(case):
        if sar.scope != "own":
            yield Date(sar, last, "the answer for the directory is expected")


@due_rule("sar-own", "We answer for our own records", "E-14.5", "E-14.7", "C16", "C25")
def _own(case: Case) -> Iterator[Date]:
    """A request that goes beyond the directory is split: what we hold ourselves is ours to answer, in the same days."""
    for sar, last in _running(case):
        if sar.scope != "directory" and by(sar.own_answered_on, case.on) is None:
            yield Date(sar, last, "answer the request for our own records")


RULES: tuple[DueRule, ...] = (_refer, _answer, _own)
