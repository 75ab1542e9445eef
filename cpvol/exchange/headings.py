"""What people write above a column, and the field that they mean.

A heading is compared without case, marks and bracketed remarks: with a field's label and name, with the words in
:data:`SYNONYMS`, then by its words alone ("Date of issue" is "Issued on"), and last with a slip of the keyboard allowed.
Whatever fits two fields alike fits none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from cpvol.exchange.columns import NUMBER, Column, list_columns
from cpvol.logs import BY_NAME
from cpvol.logs.base import Log
from cpvol.logs.fields import FieldSpec, fields_of

_PERSON = (
    "name",
    "full name",
    "person",
    "user",
    "staff",
    "staff name",
    "staff member",
    "member of staff",
    "employee",
    "employee name",
    "volunteer",
    "volunteer name",
    "worker",
    "practitioner",
)

#: Words of the trade for a field, by log; ``field.part`` for a part of a list.
SYNONYMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "name": _PERSON,
        "engagement": (
            "type",
            "staff type",
            "employment",
            "employment type",
            "status",
            "staff or volunteer",
            "paid or volunteer",
        ),
        "posts.title": ("job", "job title", "role", "position", "title of post", "post title"),
        "posts.start": ("in post since", "post start", "start of post"),
        "posts.end": ("post end", "end of post"),
        "need_to_know": ("need to know", "reason for access", "why access", "justification"),
        "access": ("access level", "access type", "type of access", "level of access", "directory"),
        "email": ("email", "e mail", "email address", "e mail address", "work email", "mail"),
        "joined_on": ("start date", "started", "date started", "joining date", "joiner", "start"),
        "left_on": (
            "leaving date",
            "leave date",
            "leaver",
            "end date",
            "finished",
            "date finished",
        ),
        "account_opened_on": ("account created", "account date", "account set up"),
        "identity_checked_on": ("id checked", "id check", "proof of identity", "id seen"),
        "isa_member_on": ("isa", "isa member", "isa registered", "isa registration"),
        "sharing_trained_on": ("information sharing", "information sharing training"),
    },
    "ecrb": {
        "person": _PERSON,
        "reference": (
            "crb",
            "crb number",
            "crb no",
            "crb ref",
            "crb reference",
            "ecrb number",
            "ecrb reference",
            "dbs number",
            "dbs reference",
            "disclosure number",
            "disclosure no",
            "disclosure ref",
            "certificate number",
            "certificate no",
            "reference",
            "reference number",
            "ref",
        ),
        "issued_on": ("crb date", "ecrb date", "dbs date", "disclosure date", "certificate date"),
        "seen_by": ("checked by", "verified by"),
        "seen_on": ("date seen", "checked on", "date checked"),
        "decision": ("outcome", "result"),
    },
    "training": {
        "person": (*_PERSON, "trainee", "trainee name", "name of trainee", "delegate", "attendee"),
        "course": ("training", "course title", "course name", "training course", "training name"),
        "completed_on": (
            "training date",
            "date of training",
            "date trained",
            "trained",
            "course date",
            "attended",
            "date attended",
            "date",
        ),
        "venue": ("location", "training venue", "place", "where", "place of training"),
        "booked_on": ("booking date", "date booked"),
        "trainer": ("trained by", "training by"),
        "token": ("token", "token no", "token id", "token serial", "token serial number", "fob"),
    },
    "token": {
        "number": (
            "token",
            "token no",
            "token id",
            "token serial",
            "token serial number",
            "serial number",
            "serial no",
            "fob",
            "number",
        ),
        "person": (*_PERSON, "issued to", "holder", "token holder", "held by"),
        "issued_on": (
            "issue",
            "issue date",
            "token issue",
            "token issued",
            "token issue date",
            "given out",
            "date given",
        ),
        "place": ("issued at", "place issued", "where issued"),
        "returned_on": (
            "return",
            "return date",
            "returned",
            "token return",
            "token returned",
            "token return date",
            "handed in",
            "given back",
        ),
        "lost_on": ("lost", "date lost", "token lost"),
        "posted_on": ("posted", "date posted", "sent back"),
        "post_reference": ("registered post", "recorded delivery", "post reference"),
        "received_on": ("receipt", "received", "received by authority", "receipt confirmed"),
    },
    "session": {
        "person": (*_PERSON, "caller name"),
        "start": ("time", "start", "started", "time started", "from"),
        "ended": ("end", "finished", "time ended", "time finished", "until"),
        "mediator_office": ("mediated by", "who looked"),
    },
    "breach": {
        "what": ("description", "details", "breach", "incident"),
        "discovered_on": ("date", "date discovered", "discovery"),
        "persons": ("people", "person", "persons", "staff", "who", "name", "names"),
        "category": ("category", "type", "type of breach"),
    },
    "sar": {
        "received_on": ("date", "date received", "request date", "date of request"),
        "case": ("reference", "ref", "case", "case number", "file", "file number", "our reference"),
        "relation": ("requester", "requested by", "relationship", "relation"),
        "closed_on": ("closed", "date closed"),
    },
}

#: The words for a field that several logs have.
_ANYWHERE = {"team_told_on": ("authority told on", "authority's team told on", "team told on")}
_FIRST = ("first name", "first names", "forename", "forenames", "given name", "given names")
_LAST = ("surname", "last name", "family name", "second name")

#: Columns that no log may hold, and why.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "dates of birth, which no log may hold": (
        "dob",
        "d o b",
        "date of birth",
        "birth date",
        "birthdate",
        "birthday",
        "born",
        "born on",
    ),
    "children, who are never named in a log": (
        "child",
        "children",
        "child name",
        "childs name",
        "name of child",
        "child s name",
        "young person",
    ),
    "passwords or PINs, which are never written down": (
        "password",
        "passwords",
        "passphrase",
        "pin",
        "pin number",
    ),
}
_FORBIDDEN = {word: reason for reason, words in FORBIDDEN.items() for word in words}

_FILLER = frozenset(("a", "an", "at", "date", "day", "for", "in", "is", "of", "on", "the", "when"))
_SLIP = 0.9
"""How alike two headings are when one is a slip of the other; "seen on" and "seen by" are 0.86."""


def plain(text: str) -> str:
    """A heading without case, marks and bracketed remarks."""
    text = without_remarks(text.casefold()).replace("&", " and ")
    text = re.sub("[\u2018\u2019'`]", "", text)
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def without_remarks(text: str) -> str:
    """A heading without what stands in brackets, which may be anything; so what is left was recognised."""
    return " ".join(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text).split())


def forbidden(heading: str) -> str | None:
    """What a column holds that no log may hold, or ``None``."""
    return _FORBIDDEN.get(plain(heading))


def _key(text: str) -> frozenset[str]:
    """The words that carry the meaning, cut to their stems."""
    return frozenset(_stem(word) for word in text.split() if word not in _FILLER)


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ed", "es", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class Headings:
    """The headings of one log.

    :param log: whose fields they are.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.number = Column(log.name, FieldSpec("id", NUMBER, "", "line", required=False), "id")
        self._exact = self._known()
        self._by_words = _unambiguous(self._exact)
        self._seen: dict[tuple[str, bool], Column | None] = {}

    def find(self, heading: str, *, slips: bool = True) -> Column | None:
        """The column that a heading means, or ``None``.

        :param slips: whether a heading that is nearly one is taken for it.
        """
        asked = (heading, slips)
        if asked not in self._seen:
            self._seen[asked] = self._find(plain(heading), slips=slips)
        return self._seen[asked]

    def _find(self, text: str, *, slips: bool) -> Column | None:
        if not text:
            return None
        if found := self._one(text, slips=False):
            return found
        base, _, last = text.rpartition(" ")
        if last.isdecimal() and 1 <= int(last) <= 99:
            # Before slips are allowed: "What was done 2" is nearly "What was done".
            found = self._one(base, slips=slips)
            return replace(found, index=int(last) - 1) if found and found.in_list else None
        return self._one(text, slips=slips)

    def _one(self, text: str, *, slips: bool) -> Column | None:
        if found := self._exact.get(text) or self._by_words.get(_key(text)):
            return found
        if not slips or len(text) < 5:
            return None
        from difflib import get_close_matches

        near = get_close_matches(text, list(self._exact), n=3, cutoff=_SLIP)
        return self._exact[near[0]] if len({self._exact[one] for one in near}) == 1 else None

    def _known(self) -> dict[str, Column]:
        words = SYNONYMS.get(self.log.name, {})
        labels: dict[str, Column] = {plain(NUMBER): self.number}
        names: dict[str, set[Column]] = defaultdict(set)
        for spec in fields_of(self.log.model):
            if spec.kind == "items":
                for column in list_columns(self.log.name, spec, 0):
                    part = column.spec.name
                    labels.setdefault(plain(column.heading), column)
                    for word in (f"{spec.item} {part}", *words.get(f"{spec.name}.{part}", ())):
                        names[plain(word)].add(column)
                continue
            column = Column(self.log.name, spec, spec.name)
            labels.setdefault(plain(spec.label), column)
            for word in (spec.name, *words.get(spec.name, ()), *_ANYWHERE.get(spec.name, ())):
                names[plain(word)].add(column)
            if spec.name == self.name_field:
                names |= {plain(word): {replace(column, half="first")} for word in _FIRST}
                names |= {plain(word): {replace(column, half="last")} for word in _LAST}
        return {
            word: next(iter(found)) for word, found in names.items() if len(found) == 1
        } | labels

    @property
    def name_field(self) -> str:
        """The field that a person's name belongs to."""
        return "name" if self.log.name == "person" else "person"


def _unambiguous(exact: Mapping[str, Column]) -> dict[frozenset[str], Column]:
    found: dict[frozenset[str], set[Column]] = defaultdict(set)
    for text, column in exact.items():
        if key := _key(text):
            found[key].add(column)
    return {key: next(iter(columns)) for key, columns in found.items() if len(columns) == 1}


@cache
def headings_of(log: str) -> Headings:
    """The headings of a log, by its name."""
    return Headings(BY_NAME[log])
