"""Disposal among several people: what one destroys is gone from every copy, and no change of it comes after."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.audit import verify
from cpvol.errors import CpvolError
from tests.support.people import Someone, found
from tests.support.programs import needs

pytestmark = needs("git")

TODAY = date(2009, 3, 2)


def proposed(someone: Someone, id: str) -> str:
    with someone.open() as register:
        made = disposal.propose(
            register, ids=[id], reason="duplicate", on=TODAY, now=someone.clock()
        )
        return made.id


def approved(someone: Someone, number: str) -> None:
    with someone.open() as register:
        disposal.approve(
            register, disposal.one(register, number), without=(), on=TODAY, now=someone.clock()
        )


def destroyed(someone: Someone, number: str) -> None:
    with someone.open() as register:
        done, erasure = disposal.dispose(register, number, on=TODAY, now=someone.clock())
        assert done.certificate is not None
        assert erasure.done


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Someone, Someone]:
    group, first = found(tmp_path)
    return first, group.newcomer(first, "member-2")


def ready(first: Someone, second: Someone) -> tuple[str, str]:
    """An entry whose disposal is approved everywhere, and the disposal's number."""
    id = first.enter("Robin A")
    number = proposed(first, id)
    first.sync()
    second.sync()
    approved(second, number)
    second.sync()
    first.sync()
    return id, number


def one_again(first: Someone, second: Someone) -> None:
    for someone in (first, second, first, second):
        someone.sync()
    assert first.tips() == second.tips()
    with first.open() as register:
        assert verify(register.git, register.head.oid, anchor=None, now=first.clock()).holds
        register.sealed_keyring()


def keys_left(someone: Someone, id: str) -> int:
    """How many objects of any kind in a copy still hold a key of an entry."""
    from cpvol.vault import keyring

    with someone.open() as register:
        git = register.git
        listed = git.run(
            "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
        ).decode()
        held = 0
        for line in listed.splitlines():
            if line.endswith(" blob"):
                try:
                    keys = keyring.open_(git.read(line.split()[0]).data, someone.identity)
                except CpvolError:
                    continue
                held += id in keys
        return held


def test_what_one_destroys_is_gone_from_every_copy(pair: tuple[Someone, Someone]) -> None:
    first, second = pair
    id, number = ready(first, second)
    second.enter("Robin B")
    destroyed(first, number)
    first.sync()
    assert keys_left(second, id) > 0
    outcome = second.sync()
    assert any("disposed of by others" in notice for notice in outcome.notices)
    assert keys_left(first, id) == keys_left(second, id) == 0
    one_again(first, second)


def test_a_change_that_meets_a_disposal_is_dropped_with_a_word(
    pair: tuple[Someone, Someone],
) -> None:
    first, second = pair
    id, number = ready(first, second)
    second.amend(id, email="late@charity.example")
    kept = second.enter("Robin B")
    destroyed(first, number)
    first.sync()
    outcome = second.sync()
    assert f"your change of {id} (person) was dropped: it was disposed of" in outcome.notices
    one_again(first, second)
    assert set(first.records()) == {kept}


def test_a_disposal_that_was_not_sent_yet_is_carried_out_on_top_of_what_came_in(
    pair: tuple[Someone, Someone],
) -> None:
    first, second = pair
    id, number = ready(first, second)
    destroyed(first, number)
    kept = second.enter("Robin B")
    second.sync()
    first.sync()
    one_again(first, second)
    assert set(second.records()) == {kept}
    assert keys_left(first, id) == keys_left(second, id) == 0


def test_a_disposal_that_meets_a_change_of_the_entry_is_dropped_with_a_word(
    pair: tuple[Someone, Someone],
) -> None:
    first, second = pair
    id, number = ready(first, second)
    second.amend(id, email="new@charity.example")
    second.sync()
    destroyed(first, number)
    outcome = first.sync()
    assert any("was dropped: somebody else changed the same" in each for each in outcome.notices)
    one_again(first, second)
    assert first.records()[id].content()["email"] == "new@charity.example"


def test_proposals_and_approvals_made_offline_come_together(pair: tuple[Someone, Someone]) -> None:
    first, second = pair
    one, two = first.enter("Robin A"), first.enter("Robin B")
    first.sync()
    second.sync()
    mine, theirs = proposed(first, one), proposed(second, two)
    one_again(first, second)
    with first.open() as register:
        assert {each.id for each in disposal.everything(register)} == {mine, theirs}
