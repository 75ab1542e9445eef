"""Disposal among several people: what one destroys is gone from every copy, and no change of it comes after."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.audit import verify
from cpvol.errors import CpvolError
from cpvol.ledger import commits, members, sshsig
from cpvol.ledger.layout import MEMBERS, new_id, record_path
from cpvol.logs.ecrb import Ecrb
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity
from tests.support.inspect_records import keys_anywhere, look
from tests.support.people import Someone, found
from tests.support.programs import needs
from tests.support.world import stock_git

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


def test_a_disposal_that_meets_an_entry_about_the_person_is_dropped_with_a_word(
    pair: tuple[Someone, Someone],
) -> None:
    """A person never leaves something that refers to nobody."""
    first, second = pair
    id, number = ready(first, second)
    check = about(second, id)
    second.sync()
    destroyed(first, number)
    outcome = first.sync()
    assert any(f"entry {check} came in meanwhile" in each for each in outcome.notices)
    one_again(first, second)
    assert {id, check} <= set(first.records())


def test_an_entry_that_meets_the_disposal_of_its_person_is_told_of_to_both(
    pair: tuple[Someone, Someone],
) -> None:
    """Each was made where the other was not known. Only a check would find it, which nobody runs after a sync."""
    first, second = pair
    id, number = ready(first, second)
    kept = first.enter("Robin B")
    destroyed(first, number)
    first.sync()
    check = about(second, id)
    told = f"entry ecrb {check} is about somebody or something that was destroyed already"
    assert [each for each in second.sync().notices if each.startswith(told)]
    other = about(second, kept)
    second.sync()
    assert [each for each in first.sync().notices if each.startswith(told)]
    # Once is enough, and no other entry is meant.
    about(second, kept)
    second.sync()
    assert first.sync().notices == []
    one_again(first, second)
    assert {check, other, kept} <= set(first.records())


def about(someone: Someone, id: str) -> str:
    """An enhanced check of somebody, entered in that copy; its number."""
    check = {"id": new_id(), "log": "ecrb", "schema": 1, "person": id, "reference": "1"}
    record = Ecrb.model_validate(check | {"issued_on": TODAY, "decision": "clear"})
    with someone.open() as register:
        register.enter([record], "add", entered=someone.clock())
    return record.id


def test_new_keys_made_before_a_disposal_was_known_are_not_called_safe(
    pair: tuple[Someone, Someone],
) -> None:
    """They opened the old keys in that copy, although they come after the disposal in the history."""
    first, second = pair
    _, number = ready(first, second)
    second.rotate()
    destroyed(first, number)
    first.sync()
    second.sync()
    first.sync()
    first.rotate()
    first.sync()
    second.sync()
    with second.open() as register:
        done = disposal.one(register, number)
        states = [(each.handle, each.state) for each in disposal.standing(register, done)]
    assert states.count(("member-2", "replaced")) == 1
    assert states.count(("member-2", "in use")) == 1
    assert states.count(("member-1", "replaced")) == 1
    second.rotate()
    second.sync()
    with second.open() as register:
        again = disposal.standing(register, disposal.one(register, number))
    assert {each.state for each in again if each.handle == "member-2"} == {"replaced"}


def test_after_disposal_no_copy_holds_a_key_and_every_copy_is_whole(tmp_path: Path) -> None:
    """Here, in a second copy after its sync, and at the meeting place after git's own cleaning there."""
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    id, number = ready(first, second)
    first.amend(id, email="new@charity.example")
    kept = first.enter("Robin B")
    first.sync()
    second.sync()
    before = chain(first.folder)
    versions = sealed_versions(first.folder, id)
    assert len(versions) == 2
    everybody = [first.identity, second.identity, group.page]
    for folder in (first.folder, second.folder, group.place):
        assert openable(folder, versions, everybody) == 2, "it could be opened before"

    destroyed(first, number)
    first.sync()
    second.sync()
    stock_git(group.place, "gc", "--quiet", "--prune=now")

    for folder in (first.folder, second.folder, group.place):
        keys = keys_anywhere(folder, everybody)
        assert keys.keys() >= {kept}
        assert id not in keys
        assert openable(folder, versions, everybody) == 0
        stock_git(folder, "fsck", "--strict", "--full")
        after = chain(folder)
        assert after[: len(before)] == before
        assert_signed(folder, after)


def chain(folder: Path) -> list[str]:
    return stock_git(folder, "rev-list", "--reverse", "main").split()


def sealed_versions(folder: Path, id: str) -> list[bytes]:
    """Every version of a person's entry, as the history keeps it."""
    inside = look(folder)
    return [
        inside.blob(oid, record_path("person", id))
        for commit, oid in inside.chain()
        if any(each.record == f"person/{id}" for each in commit.message.written)
    ]


def openable(folder: Path, versions: Sequence[bytes], identities: Sequence[Identity]) -> int:
    """How many sealed versions open with any key that is anywhere in a copy."""
    every = {key for held in keys_anywhere(folder, identities).values() for key in held}
    found = 0
    for sealed in versions:
        for key in every:
            with suppress(CpvolError):
                envelope.open_(sealed, key)
                found += 1
    return found


def assert_signed(folder: Path, ids: Sequence[str]) -> None:
    """Each change is signed by the key that the one before lists for its author."""
    inside = look(folder)
    parent = ids[0]
    for oid in ids:
        commit = commits.decode(inside.objects[oid][1])
        listed = members.decode(inside.blob(parent, MEMBERS)).get(commit.handle)
        assert listed is not None
        key = sshsig.verify(commit.signature, commit.payload(), commits.NAMESPACE)
        assert key == listed.keys.signing
        parent = oid


def test_proposals_and_approvals_made_offline_come_together(pair: tuple[Someone, Someone]) -> None:
    first, second = pair
    one, two = first.enter("Robin A"), first.enter("Robin B")
    first.sync()
    second.sync()
    mine, theirs = proposed(first, one), proposed(second, two)
    one_again(first, second)
    with first.open() as register:
        assert {each.id for each in disposal.everything(register)} == {mine, theirs}


def test_a_disposal_and_a_correction_that_wait_to_be_sent_stop_no_sync(
    pair: tuple[Someone, Someone],
) -> None:
    """What was destroyed here has no key of ours, while what comes in still has it: the keys become one all the same."""
    first, second = pair
    kept = first.enter("Robin B")
    id, number = ready(first, second)
    destroyed(second, number)
    second.amend(kept, email="robin@example.invalid")
    first.enter("Robin C")
    first.sync()
    second.sync()
    one_again(first, second)
    assert keys_left(first, id) == keys_left(second, id) == 0
    assert id not in second.records()
