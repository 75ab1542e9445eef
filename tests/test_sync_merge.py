"""Two changes of one entry: what both meant stands, and what cannot stand is noted beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cpvol.logs.base import Amendment
from cpvol.logs.person import Person, Suspension
from cpvol.sync.merge import Conflict, merge
from tests.support.entries import person

BASE = person(email="a@charity.example")


def changed(
    by: str, base: Person = BASE, reason: str | None = "typing mistake", **fields: Any
) -> Person:
    note = Amendment(
        on=date(2009, 3, 2), by=by, action="amend", reason=reason, fields=tuple(sorted(fields))
    )
    return base.model_copy(update={**fields, "amendments": (*base.amendments, note)})


def never(conflict: Conflict) -> bool:
    raise AssertionError(conflict.field)


def test_different_fields_both_stand() -> None:
    ours = changed("member-1", need_to_know="ours")
    theirs = changed("member-2", email="theirs@charity.example")
    both = merge(BASE, ours, theirs, never)
    assert (both.need_to_know, both.email) == ("ours", "theirs@charity.example")  # type: ignore[attr-defined]
    assert [(each.by, each.fields) for each in both.amendments] == [
        ("member-2", ("email",)),
        ("member-1", ("need_to_know",)),
    ]


def test_the_same_change_twice_is_no_conflict() -> None:
    both = merge(BASE, changed("member-1", name="X"), changed("member-2", name="X"), never)
    assert both.name == "X"  # type: ignore[attr-defined]


def test_the_same_field_twice_is_asked_about_and_the_other_value_kept() -> None:
    ours, theirs = changed("member-1", name="Ours"), changed("member-2", name="Theirs")
    asked: list[Conflict] = []

    def settle(conflict: Conflict) -> bool:
        asked.append(conflict)
        return len(asked) == 1

    stands = merge(BASE, ours, theirs, settle)
    yields = merge(BASE, ours, theirs, settle)
    assert (stands.name, yields.name) == ("Ours", "Theirs")  # type: ignore[attr-defined]
    assert str(stands.amendments[-1].reason).endswith("name was also given as: Theirs")
    assert str(yields.amendments[-1].reason).endswith("name was also given as: Ours")
    assert (stands.amendments[-1].fields, yields.amendments[-1].fields) == (("name",), ())
    assert (asked[0].field, asked[0].ours, asked[0].theirs) == ("name", "Ours", "Theirs")


def test_two_additions_to_a_list_are_both_there() -> None:
    first = Suspension(on=date(2009, 1, 1), reason="first")
    second = Suspension(on=date(2009, 2, 1), reason="second")
    both = merge(
        BASE,
        changed("member-1", suspensions=(first,)),
        changed("member-2", suspensions=(second,)),
        never,
    )
    assert both.suspensions == (second, first)  # type: ignore[attr-defined]


def test_changes_that_do_not_go_together_leave_ours_as_a_note() -> None:
    # Each by itself is in order; together the person would leave before they joined.
    ours = changed("member-1", left_on=date(2008, 10, 1))
    theirs = changed("member-2", joined_on=date(2008, 11, 1))
    both = merge(BASE, ours, theirs, never)
    assert (both.left_on, both.joined_on) == (None, date(2008, 11, 1))  # type: ignore[attr-defined]
    assert "left on was also given as: 2008-10-01" in str(both.amendments[-1].reason)


@given(
    st.text(alphabet="abc é", min_size=1, max_size=480),
    st.none() | st.text("x", min_size=480, max_size=500),
)
def test_a_value_of_any_length_is_kept_whole(value: str, reason: str | None) -> None:
    value = " ".join(value.split()) or "a"
    both = merge(
        BASE,
        changed("member-1", reason=reason, need_to_know=value),
        changed("member-2", need_to_know="theirs"),
        lambda conflict: False,
    )
    notes = "".join(str(each.reason) for each in both.amendments[1:])
    assert value.replace(" ", "") in notes.replace(" ", "")
    assert reason is None or reason in notes
