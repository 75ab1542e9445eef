"""What people write in their own sheets for one of our choices: for a guess at what is meant, never taken as such.

These words, and our own, are also all that is ever repeated of a cell that cannot be used. A cell under the heading of a
choice may hold anything, a name above all when a column has slipped; what is made of such words alone names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from cpvol.logs.fields import FieldSpec

_MET = {
    "met": ("yes", "y", "ok", "okay", "pass", "passed", "fine", "done"),
    "not_met": ("no", "n", "fail", "failed", "not ok"),
    "not_applicable": ("na", "n a", "nil"),
}
_POINTS = ("build", "patches", "protection", "bypass", "unattended", "screen", "open_plan")

#: By field: for a choice, what else it is called.
EVERYDAY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "engagement": {
        "employee": (
            *("paid", "paid staff", "staff", "staff member", "salaried", "employed", "employment"),
            *("permanent", "full time", "part time", "worker", "paid worker", "manager"),
        ),
        "volunteer": (
            "unpaid",
            "voluntary",
            "vol",
            "vols",
            "helper",
            "unpaid helper",
            "volunteering",
        ),
        "contractor": (
            *("agency", "agency staff", "freelance", "freelancer", "self employed", "consultant"),
            *("contract", "sessional", "locum", "temp", "temporary"),
        ),
        "trustee": (
            "board",
            "board member",
            "director",
            "committee",
            "committee member",
            "treasurer",
        ),
    },
    "access": {
        "query": ("yes", "y", "direct", "directly", "full", "user", "full user", "own access"),
        "nominated": ("mediated", "nominee", "indirect", "mediated access"),
        "mediator": ("mediates", "mediating"),
        "none": ("no", "n", "na", "n a", "nil", "not needed", "no user"),
    },
    "decision": {
        "clear": ("yes", "ok", "okay", "pass", "passed", "cleared", "satisfactory", "fine", "good"),
        "accepted": ("considered", "risk assessed", "conditional", "accept"),
        "failed": ("no", "fail", "refused", "rejected", "unsatisfactory", "not clear", "not ok"),
    },
    "trainer": {
        "authority": ("council", "county", "county council", "local authority", "la"),
        "transferred": ("transfer", "carried over", "previous", "previous employer", "elsewhere"),
    },
    **dict.fromkeys((*_POINTS, "printing", "portable"), _MET),
}

#: What stands anywhere for "nothing yet", and what joins the words above.
_NOTHING = (
    "unknown",
    "not known",
    "tbc",
    "tba",
    "pending",
    "waiting",
    "other",
    "various",
    "and",
    "or",
)


def repeated(spec: FieldSpec, text: str) -> str:
    """What a cell says, in quotation marks, when it is made of everyday words alone; else ``""``."""
    words = _words(text)
    shown = " ".join(text.split())
    return f"“{shown}”" if words and len(shown) <= 60 and set(words) <= _vocabulary(spec) else ""


def nearest(spec: FieldSpec, text: str) -> str:
    """The choice that was perhaps meant, or ``""``."""
    wanted = " ".join(_words(text))
    meanings = _meanings(spec)
    if wanted in meanings:
        return meanings[wanted]
    meant = {meanings[word] for word in wanted.split() if word in meanings}
    if meant:
        return meant.pop() if len(meant) == 1 else ""
    near = get_close_matches(wanted, list(meanings), n=1, cutoff=0.7)
    return meanings[near[0]] if near else ""


def _meanings(spec: FieldSpec) -> dict[str, str]:
    found = {
        " ".join(_words(word)): value
        for value, others in EVERYDAY.get(spec.name, {}).items()
        for word in others
    }
    for value, label in spec.choices:
        found |= {" ".join(_words(label)): value, " ".join(_words(value)): value}
    return found


def _vocabulary(spec: FieldSpec) -> set[str]:
    """Single words; of our labels only what stands alone, since their other words may be names as well."""
    values = [value for value, _ in spec.choices]
    others = [word for each in EVERYDAY.get(spec.name, {}).values() for word in each]
    return {word for text in (*values, *others, *_NOTHING) for word in _words(text)}


def _words(text: str) -> list[str]:
    return re.sub(r"[^\w]+|_", " ", text.casefold()).split()
