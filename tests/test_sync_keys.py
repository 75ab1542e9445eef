"""Which keys the keyring has after a sync: those of every version that was signed, and no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519

from cpvol.ledger.chain import read_head
from cpvol.sync.correction import Contradicted
from cpvol.sync.judge import KeysAstray, KeysTaken, SealedOut
from cpvol.vault import keyring
from cpvol.vault.ring import Fresh
from tests.support.astray import publish, without
from tests.support.people import Group, Someone, found
from tests.support.programs import needs

pytestmark = needs("git")


@pytest.fixture
def three(tmp_path: Path) -> tuple[Group, Someone, Someone, Someone]:
    """Three members with equal copies: an entry for all, and one that the third alone may read with the first."""
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    third = group.newcomer(first, "member-3")
    first.enter("Robin A")
    first.enter("Robin B")
    first.enter("Robin C", readers=("member-1", "member-3"))
    for each in (first, second, third):
        each.sync()
    return group, first, second, third


def keys(someone: Someone) -> dict[str, int]:
    """How many keys there are for each entry that somebody can open."""
    with someone.open() as register:
        held: dict[str, int] = {}
        for name in register.sealed_keyring():
            try:
                held |= {id: len(each) for id, each in register.ring.open(name).items()}
            except keyring.NotForYou:
                continue
        return held


def actions(someone: Someone) -> list[str]:
    """What the changes of a copy did, oldest first."""
    with someone.open() as register:
        chain = register.git.chain(None, register.head.oid)
        return [read_head(register.git, oid).commit.message.action for oid in chain]


def test_two_who_corrected_different_entries_offline_are_one_after_a_sync_each(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    """A correction is entered again with a fresh key, so that the key of its first form is nobody's any more."""
    _, first, second, _ = three
    one, other = sorted(id for id in second.records())
    before = actions(first)
    first.amend(one, email="robin@example.invalid")
    second.amend(other, email="sandy@example.invalid")
    first.sync()
    second.sync()
    first.sync()
    assert first.tips() == second.tips()
    assert actions(first) == [*before, "amend", "amend"]
    assert keys(second) == {one: 2, other: 2}


def test_a_key_that_no_signed_version_had_is_not_taken(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    """It would stand where the key of the present version is looked for."""
    _, first, second, third = three
    one, _ = sorted(id for id in second.records())
    with third.open() as register:
        fresh = Fresh("person", one, str(x25519.Identity.generate()))
        change = register.ring.adding([fresh], register.members.version, register.readers)
        files = dict(register.sealed_keyring()) | change
    publish(third, {name: sealed for name, sealed in files.items() if sealed})
    second.sync()
    assert keys(second)[one] == 1
    for each in (first, third, second):
        each.sync()
        assert one in each.records()
    assert first.tips() == second.tips() == third.tips()


@pytest.mark.parametrize("soonest", [0, 1])
def test_a_member_who_signs_away_old_keys_is_put_right_even_by_whom_something_is_closed_to(
    three: tuple[Group, Someone, Someone, Someone], soonest: int
) -> None:
    _, *everyone = three
    first, second, third = everyone
    gone, _ = sorted(id for id in second.records())
    closed = (set(first.records()) - set(second.records())).pop()
    publish(third, without(third, gone))
    everyone[soonest].sync()
    assert keys(everyone[soonest])[gone] == 1
    for each in (third, first, second, third):
        each.sync()
    assert first.tips() == second.tips() == third.tips()
    assert closed in first.records()
    assert closed in third.records()
    assert gone in third.records()


def test_a_closed_entry_whose_keys_were_signed_away_is_put_right_by_whom_it_is_closed_to(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    _, first, second, third = three
    closed = (set(first.records()) - set(second.records())).pop()
    publish(third, without(third, closed))
    second.sync()
    first.sync()
    assert closed in first.records()
    assert keys(first)[closed] == 1


def test_keys_that_nobody_named_are_made_anew_where_the_closed_ones_did_not_change(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    """What was signed goes with other keys than those that were sent; nothing was entered since."""
    _, first, second, third = three
    closed = (set(first.records()) - set(second.records())).pop()
    ring = without(third)
    publish(third, ring | {"training.3.age": next(iter(ring.values()))}, sent=ring)
    second.sync()
    first.sync()
    assert first.tips() == second.tips()
    assert closed in first.records()


def test_keys_that_nobody_named_stop_whoever_cannot_tell(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    _, first, second, third = three
    closed = (set(first.records()) - set(second.records())).pop()
    third.amend(closed, email="robin@example.invalid")
    ring = without(third)
    publish(third, ring | {"training.3.age": next(iter(ring.values()))}, sent=ring)
    tips = second.tips()
    with pytest.raises(KeysAstray):
        second.sync()
    assert second.tips() == tips
    first.sync()
    second.sync()
    assert first.tips() == second.tips()


@pytest.fixture
def bereft(three: tuple[Group, Someone, Someone, Someone]) -> tuple[Someone, Someone, Someone, str]:
    """What the first has just sent came to the second without its key, which the third took away."""
    _, first, second, third = three
    id = first.enter("Robin New")
    first.sync()
    third.sync()
    publish(third, without(third, id))
    return first, second, third, id


def test_what_somebody_sent_is_waited_for_when_another_took_its_key(
    bereft: tuple[Someone, Someone, Someone, str],
) -> None:
    first, second, third, id = bereft
    tips = second.tips()
    with pytest.raises(KeysTaken) as refusal:
        second.sync()
    assert "by member-1 is missing, and member-3 has changed" in refusal.value.problem
    assert second.tips() == tips
    for each in (first, second, third):
        each.sync()
        assert id in each.records()
    assert first.tips() == second.tips() == third.tips()


def test_who_cannot_wait_refuses_it_and_all_that_follows(
    bereft: tuple[Someone, Someone, Someone, str],
) -> None:
    first, second, _, id = bereft
    asked: list[tuple[str, str]] = []

    def refuse(author: str, last: str) -> bool:
        asked.append((author, last))
        return True

    outcome = second.sync(replace(second.voice(), refuse=refuse))
    assert asked == [("member-1", "member-3")]
    assert any("in the name of member-1 was refused" in each for each in outcome.notices)
    assert id not in second.records()
    with pytest.raises(Contradicted):
        first.sync()
    first.sync(put_back=True)
    second.sync()
    assert id in second.records()


def test_a_newcomer_whose_words_somebody_has_not_accepted_is_told_whom_to_ask(
    three: tuple[Group, Someone, Someone, Someone],
) -> None:
    group, first, second, _ = three
    second.willing = False
    newcomer = group.newcomer(first, "member-4")
    newcomer.sync()
    assert newcomer.records()
    id = second.enter("Robin Unshared")
    second.sync()
    tips = newcomer.tips()
    with pytest.raises(SealedOut) as refusal:
        newcomer.sync()
    assert refusal.value.problem.startswith("member-2, who synced last,")
    assert "accept your words" in refusal.value.hint
    assert newcomer.tips() == tips
    first.sync()
    newcomer.sync()
    assert id in newcomer.records()
