"""The copy for somebody's own request: all that is about them, nothing about anybody else, no word of what is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from html import unescape
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Amendment, Log, Record
from cpvol.logs.book import Records
from cpvol.logs.fields import fields_of
from cpvol.logs.person import Person
from cpvol.policy import load
from cpvol.reports.others import Others
from cpvol.reports.subject import Held, concerns, held, page, plain
from tests.support.entries import ecrb, id_of, person, training
from tests.support.incidents import breach, through, token
from tests.support.strategies import records
from tests.support.told import TODAY, told

MINE = "m"
ME = person(MINE, name="Robin Example", handle="member-7")
ECRB = ecrb(MINE, reference="771100223344")
TRAINING = training(MINE, token="T-9001")
TOKEN = token(MINE, number="T-9001")

OTHERS = [
    person("x", name="Zephyrine Quill-Marsh", handle="member-4", email="zeph@elsewhere.invalid"),
    person("y", name="Robin Oldacre", handle="member-5", email="ro@elsewhere.invalid"),
]
THEIRS: list[Record] = [
    ecrb("x", reference="889900112233"),
    token("x", number="T-4711"),
    training("y", token="T-4712", personnel_file="PF-55123"),
]
#: What must never be in a copy, however it is written.
SECRETS = (
    *("Zephyrine Quill-Marsh", "Zephyrine", "Quill", "Oldacre", "member-4", "member-5"),
    *("zeph@elsewhere.invalid", "ro@elsewhere.invalid", "889900112233", "T-4711", "T-4712"),
    *("PF-55123", id_of("person", "x"), id_of("person", "y")),
)


def copy_of(*entries: Record, earlier: Any = None, **options: Any) -> tuple[Held, str]:
    """What is held about Robin Example, and every word of both forms of the copy."""
    book = Records([ME, *OTHERS, *THEIRS, *entries])
    found = held(ME, book, earlier or {}, load(), "Harbour & Hill", **options)
    both = page(found, ME, "Harbour & Hill", "", TODAY).decode()
    both += json.dumps(
        plain(found, ME, "Harbour & Hill", "", TODAY), default=str, ensure_ascii=False
    )
    return found, unescape(both)


def shown(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.casefold() in text.casefold()]


#: What is a person's own when it stands in their entry, whoever else has the same.
OWN = {
    "person": ("name", "handle"),
    "ecrb": ("reference",),
    "training": ("token", "personnel_file"),
    "token": ("number", "post_reference"),
}


def spoilt(part: Any, words: str, people: Iterable[str]) -> Any:
    """The same with these words in every field that takes words, and these people in every reference."""
    changes: dict[str, Any] = {}
    ids = list(people)
    model: type[BaseModel] = type(part)
    for spec in fields_of(model):
        value = getattr(part, spec.name)
        if value is None or spec.name in OWN.get(getattr(part, "log", ""), ()):
            continue
        if spec.kind in {"text", "line"}:
            changes[spec.name] = words
        elif spec.kind == "words":
            changes[spec.name] = (words, words)
        elif spec.kind == "email":
            changes[spec.name] = "zeph@elsewhere.invalid"
        elif spec.ref == "person":
            changes[spec.name] = tuple(ids) if isinstance(value, tuple) else ids[0]
        elif spec.kind == "items":
            changes[spec.name] = tuple(
                spoilt(item, words, [ids[at % len(ids)], *ids]) for at, item in enumerate(value)
            )
    return part.model_copy(update=changes)


WORDS = st.lists(
    st.sampled_from(
        [*SECRETS, *map(str.upper, SECRETS), "said", "and", "(", "'s", ",", "Robin", "\n"]
    ),
    min_size=1,
    max_size=6,
).map(lambda some: "said " + " ".join(some))


@pytest.mark.parametrize(
    "log", [log for log in LOGS if log.name != "hold"], ids=lambda log: log.name
)
@settings(max_examples=8, phases=[Phase.generate])
@given(data=st.data())
def test_nothing_of_anybody_else_is_in_the_copy(log: Log, data: st.DataObject) -> None:
    drawn = data.draw(records(log))
    people = data.draw(
        st.permutations([ME.id, *(each.id for each in OTHERS)]).map(lambda ids: ids[: len(ids)])
    )
    words = data.draw(WORDS)
    change = Amendment(
        on=date(2009, 1, 1), by="member-4", action="amend", reason=words, fields=("x",)
    )
    record: Record = spoilt(drawn, words, people).model_copy(
        update={"id": "0123456789", "readers": (), "voided": False}
    )
    now = record.model_copy(update={"amendments": (change,)})
    was = record.model_copy(update={"amendments": ()})
    if log.name == "person":
        mine = now.model_copy(update={"id": ME.id, "name": ME.name, "email": None, "handle": None})
        assert isinstance(mine, Person)
        book = Records([*OTHERS, *THEIRS, mine])
        found = held(mine, book, {mine.id: [was]}, load(), "Harbour & Hill", closed=True)
        text = unescape(page(found, mine, "Harbour & Hill", "", TODAY).decode())
        assert [entry for part in found.parts for entry in part.entries]
    else:
        _, text = copy_of(now, earlier={now.id: [was]}, closed=True)
    assert shown(text) == [], text


def test_all_that_is_about_the_person_is_in_the_copy() -> None:
    found, text = copy_of(ECRB, TRAINING, TOKEN, through("x", MINE))
    assert [part.log for part in found.parts] == ["person", "ecrb", "training", "token", "session"]
    for wanted in (
        *("Robin Example", "m@charity.example", "771100223344", "T-9001", "member-7"),
        *("ContactPoint user training", "Disclosure reference", "6 years after the person left"),
    ):
        assert wanted in text
    assert "[another person]" in text
    assert shown(text) == []


def test_every_entry_of_the_story_is_in_the_copies_of_those_it_refers_to() -> None:
    book = told()
    names = {each.id: each.name for each in book.of("person") if isinstance(each, Person)}
    for id, name in names.items():
        me = book.get(id)
        assert isinstance(me, Person)
        found = held(me, book, {}, load(), "Example Family Support", closed=True)
        inside = {entry.id for part in found.parts for entry in part.entries}
        assert inside == {each.id for each in book if concerns(each, id)}
        text = unescape(page(found, me, "Example Family Support", "", TODAY).decode())
        assert name in text
        assert not [other for other in names.values() if other != name and other in text]


def test_the_same_number_in_two_hands_is_still_ones_own() -> None:
    _, text = copy_of(TOKEN, token("y", 1, number="T-9001"))
    assert "T-9001" in text


def test_what_is_closed_or_still_open_is_left_out_without_a_word() -> None:
    closed = breach(MINE, 1, concluded_on="2009-06-01", outcome="x", readers=("member-4",))
    open_ = breach(MINE, 2)
    found, text = copy_of(closed, open_)
    assert closed.id not in text
    assert open_.id not in text
    assert BY_NAME["breach"].title not in text
    assert "closed" not in text.casefold()
    left = {note.id: note.why for note in found.notes if note.left_out}
    assert set(left) == {closed.id, open_.id}
    assert "closed to some members" in left[closed.id]
    assert "not concluded" in left[open_.id]
    asked, text = copy_of(closed, open_, closed=True)
    assert closed.id in text
    assert open_.id in text
    assert not [note for note in asked.notes if note.left_out]


def test_who_reported_a_breach_is_never_in_the_copy() -> None:
    entry = breach(MINE, concluded_on="2009-06-01", outcome="x", reported_by="Auntie Vera")
    found, text = copy_of(entry, closed=True)
    assert "Vera" not in text
    assert any("protected" in note.why and note.field == "Reported by" for note in found.notes)


def test_a_case_of_several_people_is_to_be_read_again() -> None:
    entry = breach(MINE, persons=[ME.id, OTHERS[0].id], concluded_on="2009-06-01", outcome="x")
    found, text = copy_of(entry)
    assert "Robin Example, [another person]" in text
    assert any(note.id == entry.id and "other people as well" in note.why for note in found.notes)


def test_an_entry_about_somebody_else_that_may_speak_of_the_person_is_noted_only() -> None:
    theirs = breach("y", 3, what="Seen together with Robin Example")
    unrelated = breach("y", 4, what="A screen was left open at Harbour & Hill")
    found, text = copy_of(theirs, unrelated)
    assert theirs.id not in text
    assert [note.id for note in found.notes if "somebody else" in note.why] == [theirs.id]


def test_a_hold_on_ones_entries_is_noted_and_not_shown() -> None:
    hold = BY_NAME["hold"].model.model_validate(
        {
            "id": "h000000001",
            "schema": 1,
            "entries": [ECRB.id],
            "reason": "A claim is expected",
            "placed_on": "2012-02-01",
            "placed_by": "Chair of trustees",
        }
    )
    found, text = copy_of(ECRB, hold)
    assert "claim" not in text
    assert [note.log for note in found.notes if note.left_out] == ["hold"]


def test_what_stood_before_a_change_is_in_the_copy() -> None:
    change = Amendment(
        on=date(2009, 1, 1), by="member-7", action="amend", reason="slip", fields=("venue",)
    )
    was = training(MINE, venue="Town hall")
    now = was.model_copy(update={"venue": "County hall", "amendments": (change,)})
    _, text = copy_of(now, earlier={now.id: [was]})
    assert "Venue: Town hall." in text
    assert "by member-7, because: slip." in text
    theirs = now.model_copy(update={"amendments": (change.model_copy(update={"by": "member-4"}),)})
    _, text = copy_of(theirs, earlier={now.id: [was]})
    assert "by another member" in text


def test_struck_out_entries_are_held_too() -> None:
    _, text = copy_of(ECRB.model_copy(update={"voided": True}))
    assert "struck out" in text
    assert "771100223344" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyrine said so", "[another person] said so"),
        ("ZEPHYRINE  QUILL-MARSH's desk", "[another person]'s desk"),
        ("with Quill", "with [another person]"),
        ("Robin Example and Robin Oldacre", "Robin Example and [another person]"),
        ("Robin went home", "Robin went home"),
        (
            "write to zeph@elsewhere.invalid or m@charity.example",
            "write to [left out] or m@charity.example",
        ),
        ("write to parent@home.example", "write to [left out]"),
        ("token xT-4711y", "token x[left out]y"),
        ("check 889900112233.", "check [left out]."),
        ("quillwork and marshes", "quillwork and marshes"),
        ("Ze\u0301phyrine", "Z\u00e9phyrine"),
    ],
)
def test_texts_without_what_they_say_of_others(text: str, expected: str) -> None:
    others = Others(ME, Records([ME, ECRB, TRAINING, TOKEN, *OTHERS, *THEIRS]))
    assert others.without(text) == expected


def test_an_accent_typed_in_two_ways_is_one_name() -> None:
    other = person("z", name="Ren\u00e9e Dubois")
    others = Others(ME, Records([ME, other]))
    assert others.without("Rene\u0301e was there") == "[another person] was there"


def test_a_page_cannot_be_changed_by_what_is_held() -> None:
    nasty = training(MINE, venue="<script>x</script>")
    book = Records([ME, nasty])
    made = page(held(ME, book, {}, load(), "x"), ME, "<b>", "", TODAY)
    assert b"<script>" not in made
    assert b"<b>" not in made


def test_fields_that_refer_to_somebody_are_found_wherever_they_stand() -> None:
    """A new log whose entries refer to people in another way would be missed in silence."""
    known = {"reference", "references"}
    for log in LOGS:
        for spec in fields_of(log.model):
            for each in (spec, *spec.parts):
                assert each.ref != "person" or each.kind in known, f"{log.name}.{each.name}"
