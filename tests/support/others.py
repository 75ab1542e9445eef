"""Entries of the other thirteen logs, each compliant unless the test says otherwise; days as 2009-03-31."""

from __future__ import annotations

from typing import Any

from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.spotcheck import POINTS
from tests.support.entries import id_of

_A = id_of("person", "a")

_WHOLE: dict[str, dict[str, Any]] = {
    "shield": {
        "reference": "SH-2009/4",
        "requested_on": "2009-07-06",
        "route": "asked",
        "body": "Example Family Support",
        "relation": "practitioner",
        "criteria": ["child"],
        "decided_by": "Safeguarding lead",
        "agreed_by": "Chief officer",
        "household": "yes",
        "team_told_on": "2009-07-06",
    },
    "override": {
        "person": _A,
        "date": "2009-08-14",
        "time": "23:10",
        "team_unavailable": "yes",
        "threat": "yes",
        "holds_right": "yes",
    },
    "brokering": {
        "requested_on": "2009-09-07",
        "person": _A,
        "kind": "shielded",
        "reason": "To plan support together",
    },
    "spotcheck": {
        "on": "2009-10-12",
        "by": "Secretary",
        "workstation": "Office PC 2",
        **dict.fromkeys(POINTS, "met"),
    },
    "change": {
        "on": "2009-11-02",
        "system": "Case records",
        "kind": "upgrade",
        "what": "Next version",
    },
    "support": {
        "opened_on": "2009-11-16",
        "person": _A,
        "kind": "question",
        "summary": "How to give a reason",
    },
    "dispute": {
        "raised_on": "2010-01-18",
        "relation": "parent",
        "case": "D-2010/2",
        "kind": "accuracy",
    },
    "acknowledgement": {
        "person": _A,
        "what": "policy",
        "title": "Confidentiality policy",
        "given_on": "2008-09-02",
    },
    "usage": {
        "on": "2010-04-06",
        "start": "2010-01-01",
        "end": "2010-03-31",
        "by": "Manager",
    },
    "accuracy": {
        "start": "2009-09-01",
        "end": "2009-09-30",
        "method": "Asked",
        "checked": 42,
        "by": "Secretary",
    },
    "notice": {
        "on": "2009-02-02",
        "audience": "parents",
        "method": "With the form",
        "number": 60,
        "version": "Version 2",
    },
    "consent": {
        "on": "2010-02-08",
        "case": "C-2010/5",
        "kind": "sharing",
        "given_by": "parent",
        "decided_by": "Manager",
    },
    "declaration": {"version": "Version 1", "made_on": "2009-03-02"},
}


def named(log: str, who: str = "a", nth: int = 0) -> str:
    """The id of an entry: no two of these logs begin with the same letters."""
    return f"{log[:4].translate(str.maketrans('iluo', '11v0'))}{nth:05d}{who}"


def entry(log: str, who: str = "a", nth: int = 0, **fields: Any) -> Record:
    """One entry of a log; ``None`` takes a field out."""
    given = _WHOLE[log] | fields
    head = {"id": named(log, who, nth), "schema": 1}
    return BY_NAME[log].model.model_validate(head | given)
