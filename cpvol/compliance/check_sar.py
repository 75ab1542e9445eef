"""Checks of subject access referrals: the form of the request, who asks, and to whom it goes."""

from __future__ import annotations

from collections.abc import Iterator

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.due_sar import requests
from cpvol.compliance.hands import by
from cpvol.findings import Severity


@check("sar-writing", "A request is made in writing", Severity.WARNING, "E-14.4")
def _writing(case: Case) -> Iterator[Hit]:
    """Only a written request is one. Whoever asks by word of mouth is told so, and helped to write it down."""
    for sar in requests(case):
        referred = by(sar.referred_on, case.on) is not None
        pending = by(sar.closed_on, case.on) is None
        if sar.in_writing == "no" and (referred or pending):
            yield Hit(sar, "the request was not made in writing")
        elif sar.in_writing == "unknown":
            yield Hit(sar, "whether the request was made in writing is not recorded")


@check("sar-identity", "It is verified who asks", Severity.BREACH, "E-14.8")
def _identity(case: Case) -> Iterator[Hit]:
    """What the directory holds goes to the person concerned or to somebody with the right to ask for them, to nobody else."""
    for sar in requests(case):
        closed, referred = by(sar.closed_on, case.on), by(sar.referred_on, case.on)
        verified = by(sar.identity_verified_on, case.on)
        if closed is not None and (verified is None or verified > closed):
            yield Hit(sar, "the file was closed, and it was not verified who asks")
        elif referred is not None and (verified is None or verified > referred):
            yield Hit(
                sar,
                "when the request was passed on, it was not yet verified who asks",
                Severity.WARNING,
            )


@check(
    "sar-shielded",
    "A shielded request goes to the Data Protection Officer first",
    Severity.BREACH,
    "S-2.12",
    "C16",
)
def _shielded(case: Case) -> Iterator[Hit]:
    """The answer may show where somebody is who must not be found, so it is weighed by the officer before anybody answers."""
    for sar in requests(case):
        if by(sar.referred_on, case.on) is None:
            continue
        if sar.referred_to is None:
            yield Hit(sar, "to whom the request was passed on is not recorded", Severity.WARNING)
        elif sar.shielded == "yes" and sar.referred_to != "dpo":
            yield Hit(
                sar,
                "the record is shielded, and the request did not go to the Data Protection Officer first",
            )


@check("sar-tracing", "A request may be a search for a child", Severity.NOTE, "E-14.10")
def _tracing(case: Case) -> Iterator[Hit]:
    """A parent from whom a child is kept away may ask in order to find it. It is enough to have thought of it."""
    for sar in requests(case):
        if sar.relation != "subject" and sar.tracing in {None, "unknown"}:
            yield Hit(sar, "whether somebody may be trying to trace a child is not recorded")


@check(
    "sar-closed",
    "A file is closed when everything is answered",
    Severity.BREACH,
    "E-14.2",
    "E-14.5",
    "C16",
)
def _closed(case: Case) -> Iterator[Hit]:
    """We do not answer for the directory. A written request that was never passed on was never answered."""
    for sar in requests(case):
        if by(sar.closed_on, case.on) is None:
            continue
        unreferred = by(sar.referred_on, case.on) is None and sar.scope != "own"
        if unreferred and sar.in_writing != "no":
            yield Hit(
                sar, "the file was closed, and the request was not passed to the directory's team"
            )
        if sar.scope != "directory" and sar.own_answered_on is None:
            yield Hit(
                sar,
                "the file was closed, and an answer for our own records is not recorded",
                Severity.WARNING,
            )


@check("sar-extension", "An extension is told in time", Severity.BREACH, "E-14.7", "C25")
def _extension(case: Case) -> Iterator[Hit]:
    """Where the law lets an answer take longer, the requester is told so, and why, before the first time is over."""
    for sar in requests(case):
        first, told = sar.day_one(), by(sar.extended_on, case.on)
        if first is None or told is None:
            continue
        if case.policy.sar_extension is None:
            yield Hit(sar, "the requester was told of a delay that no rule allows")
        elif told > case.policy.sar_response.last_day(first):
            yield Hit(sar, "the requester was told of the delay when the time was over")


CHECKS: tuple[Check, ...] = (_writing, _identity, _shielded, _tracing, _closed, _extension)
