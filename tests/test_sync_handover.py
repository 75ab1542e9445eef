"""What somebody may not send any more leaves as a sealed file, and is entered on their behalf: once, and by whom it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal, membership
from cpvol.audit.anchor import read_anchor
from cpvol.audit.examine import Keys, Outside, examine
from cpvol.errors import CpvolError
from cpvol.ledger.chain import read_head
from cpvol.ledger.git import MAIN
from cpvol.ledger.layout import new_id
from cpvol.logs.training import Training
from cpvol.opening import Opener
from cpvol.sync import handover
from cpvol.sync.handover import Packed, Taken
from cpvol.sync.replay import Left, NoLongerAllowed
from cpvol.vault import credential
from cpvol.vault.parcel import DamagedParcel
from cpvol.vault.signature import sshsig
from tests.support.people import Group, Someone, found
from tests.support.programs import needs

pytestmark = needs("git")


def nothing(id: str) -> bool:
    """Nothing was destroyed."""
    del id
    return False


@pytest.fixture
def group(tmp_path: Path) -> Group:
    made, first = found(tmp_path)
    made.newcomer(first, "member-2")
    made.newcomer(first, "member-3")
    for someone in (*made.people.values(), *made.people.values()):
        someone.sync()
    return made


def leaving(leaver: Someone) -> Packed:
    """Sync as somebody who was taken out, which hands over what was not sent and leaves the copy as it was."""
    kept: list[Packed] = []

    def hand_over(packed: Packed) -> bool:
        kept.append(packed)
        return True

    before = leaver.tips()
    with pytest.raises(Left):
        leaver.sync(replace(leaver.voice(), hand_over=hand_over))
    assert leaver.tips() == before
    (packed,) = kept
    return packed


def taken(by: Someone, packed: Packed, destroyed: Callable[[str], bool] = nothing) -> list[str]:
    """Enter on somebody's behalf.

    :returns: for each piece why it was not entered, or ``""``.
    """
    with by.open() as register:
        handed = handover.read(register, packed.data)
        done: list[Taken] = handover.enter(
            register, handed, destroyed, settle=lambda conflict: False, now=by.clock()
        )
    return [each.why for each in done]


def audited(someone: Someone, into: Path) -> list[str]:
    """What an audit with somebody's keys finds."""
    into.mkdir()
    with someone.open() as register:
        anchor = read_anchor(register.anchor())
    found_ = examine(
        str(someone.folder),
        into,
        Outside(anchor),
        Keys(Opener(someone.identity)),
        now=someone.clock(),
    )
    assert found_.opened is not None
    return [each.rule for each in found_.problems]


def test_what_a_leaver_had_not_sent_is_entered_by_another_with_its_time(
    group: Group, tmp_path: Path
) -> None:
    first, second, third = group.people.values()
    known = first.enter("Robin Known")
    for someone in (first, second, third):
        someone.sync()
    new = second.enter("Robin New")
    with second.open() as register:
        entered = register.head.commit.entered
    second.amend(new, email="new@charity.example")
    second.amend(known, email="known@charity.example")
    third.amend(known, need_to_know="answers the telephone")
    third.sync()
    group.clock.time += 7 * 24 * 3600
    first.sync()
    first.remove(second)
    first.sync()
    packed = leaving(second)
    assert (packed.count, packed.readers) == (2, ["member-1", "member-3"])
    assert b"Robin" not in packed.data
    assert second.handle.encode() not in packed.data

    third.sync()
    assert taken(third, packed) == ["", "", ""]
    with third.open() as register:
        entry = read_head(register.git, f"{MAIN}~2").commit
    assert (entry.handle, entry.message.action, entry.entered) == ("member-3", "handover", entered)
    assert entry.accepted > entered + 7 * 24 * 3600
    third.sync()
    first.sync()
    records = first.records()
    assert records[new].content()["email"] == "new@charity.example"
    changed = records[known].content()
    assert changed["email"] == "known@charity.example"
    assert changed["need_to_know"] == "answers the telephone"
    notes = [(each.by, each.action) for each in records[known].amendments]
    assert notes == [("member-3", "amend"), ("member-2", "amend"), ("member-3", "handover")]
    assert "for member-2, who entered it on" in str(records[new].amendments[0].reason)
    assert audited(first, tmp_path / "q") == []


def test_it_is_entered_once_whoever_tries_again(group: Group) -> None:
    first, second, third = group.people.values()
    known = first.enter("Robin Known")
    first.sync()
    second.sync()
    new = second.enter("Robin New")
    second.amend(known, email="known@charity.example")
    first.remove(second)
    first.sync()
    packed = leaving(second)
    third.sync()
    assert taken(first, packed) == ["", ""]
    assert taken(first, packed) == [handover.THERE] * 2
    # Before the two have synced, neither can know of the other.
    assert taken(third, packed) == ["", ""]
    first.sync()
    outcome = third.sync()
    assert outcome.notices == [
        f"{new} (person) was entered by somebody else too; theirs stands, yours was left out"
    ]
    first.sync()
    assert first.tips() == third.tips()
    assert sorted(first.records()) == sorted([known, new])
    assert first.records()[known].content()["email"] == "known@charity.example"


def test_who_may_not_enter_some_of_it_is_told_which_and_another_enters_the_rest(
    tmp_path: Path,
) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    narrow = group.someone("member-4")
    first.sync()
    first.add(narrow, reads="training")
    first.sync()
    narrow.join()
    second.sync()
    person, training = second.enter("Robin A"), trained(second, first.enter("Robin B"))
    first.sync()
    first.remove(second)
    first.sync()
    packed = leaving(second)
    narrow.sync()
    with narrow.open() as register:
        handed = handover.read(register, packed.data)
    assert [(part.log, part.entries, part.readers) for part in handed.others] == [
        ("person", (person,), ("member-1", "recovery"))
    ]
    assert taken(narrow, packed) == [""]
    narrow.sync()
    first.sync()
    assert taken(first, packed) == ["", handover.THERE]
    assert {person, training} <= set(first.records())


def trained(by: Someone, person: str) -> str:
    """Enter a training; gives the entry's number."""
    record = Training.model_validate(
        {"id": new_id(), "schema": 1, "person": person, "course": "x", "trainer": "authority"}
    )
    with by.open() as register:
        register.enter([record], "add", entered=by.clock())
    return record.id


def test_whose_role_was_narrowed_sends_the_rest(group: Group) -> None:
    first, second, _ = group.people.values()
    person = second.enter("Robin A")
    training = trained(second, person)
    with first.open() as register:
        membership.change_roles(
            register, "member-2", ("coordinator",), ("training",), now=group.clock()
        )
    first.sync()
    with pytest.raises(NoLongerAllowed, match="no longer enter into the log person"):
        second.sync()
    kept: list[Packed] = []

    def hand_over(packed: Packed) -> bool:
        kept.append(packed)
        return True

    outcome = second.sync(replace(second.voice(), hand_over=hand_over))
    assert "hand-over file" in outcome.notices[0]
    first.sync()
    assert set(first.records()) == {training}
    assert taken(first, kept[0]) == [""]
    assert set(first.records()) == {person, training}
    first.sync()
    second.sync()
    assert first.tips() == second.tips()


def test_a_copy_whose_keys_were_replaced_elsewhere_hands_over(group: Group) -> None:
    first, second, _ = group.people.values()
    id = second.enter("Robin A")
    first.remove(second, lost=True)
    again = Someone("member-2", group.root / "again", group.place, group.clock)
    first.add(again)
    first.sync()
    packed = leaving(second)
    again.join()
    assert taken(again, packed) == [""]
    again.sync()
    first.sync()
    assert id in first.records()


def test_a_disposal_by_somebody_who_is_no_coordinator_any_more_is_not_sent(group: Group) -> None:
    first, second, third = group.people.values()
    id = first.enter("Robin A", joined_on=date(1999, 1, 1), left_on=date(2000, 1, 1))
    first.sync()
    second.sync()
    with second.open() as register:
        disposal.propose(
            register, ids=[id], reason="duplicate", on=date(2009, 3, 2), now=group.clock()
        )
    with first.open() as register:
        membership.change_roles(register, "member-2", ("auditor",), ("all",), now=group.clock())
    first.sync()
    outcome = second.sync()
    assert "was dropped: you are no longer a coordinator" in outcome.notices[0]
    third.sync()
    assert second.tips() == third.tips()


def test_it_opens_for_present_readers_alone_and_only_as_it_was_made(group: Group) -> None:
    first, second, third = group.people.values()
    second.enter("Robin A", readers=("member-1", "member-2"))
    first.remove(second)
    first.sync()
    third.sync()
    packed = leaving(second)
    for other in (second, third):
        with other.open() as register, pytest.raises(handover.ForOthers):
            handover.read(register, packed.data)
    with first.open() as register:
        many, far = packed.data + b"0\n" * 10**6, b"cpvol-handover-1\n" + b"9" * 10**6
        for bad in (
            b"",
            b"hello",
            packed.data[:-1],
            packed.data + b"1\n1",
            packed.data[:40],
            many,
            far,
        ):
            with pytest.raises((handover.NotAHandover, DamagedParcel)):
                handover.read(register, bad)
        assert len(handover.read(register, packed.data).pieces) == 1


def test_what_only_the_leaver_could_read_is_entered_with_the_recovery_page(group: Group) -> None:
    first, second, third = group.people.values()
    first.sync()
    sent = second.enter("Robin Sent", readers=("member-2",))
    second.sync()
    second.amend(sent, email="sent@charity.example")
    new = second.enter("Robin New", readers=("member-2",))
    plain = second.enter("Robin Plain")
    first.sync()
    first.remove(second)
    first.sync()
    packed = leaving(second)
    assert packed.for_the_page == 2
    with first.open() as register:
        handed = handover.read(register, packed.data)
        assert {piece.record.id for piece in handed.pieces} == {plain}
        assert {id for part in handed.others for id in part.entries} == {sent, new}
        register.page = group.page
        handed = handover.read(register, packed.data)
        done = handover.enter(register, handed, nothing, settle=lambda _: False, now=first.clock())
    assert [each.why for each in done] == ["", "", ""]
    assert handed.others == ()
    records = first.records()
    assert records[sent].content()["email"] == "sent@charity.example"
    assert records[new].readers == records[sent].readers == ("member-2", "member-1")
    assert records[plain].readers == ()
    assert records[sent].amendments[-1].fields == ("email", "readers")
    first.sync()
    third.sync()
    assert third.records().keys() == {plain}
    with third.open() as register:
        register.page = group.page
        assert register.record("person", new).content()["name"] == "Robin New"


def test_what_a_stranger_made_in_a_members_name_is_refused(
    group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = group.people.values()
    second.enter("Robin A")
    own = second.identity
    first.remove(second)
    first.sync()
    with monkeypatch.context() as patch:
        # Somebody who has the entries and the public keys, and signs with other keys than member-2's.
        seed = credential.generate().seed
        patch.setattr(type(own), "sign", lambda _, text, name: sshsig(seed, text, name))
        packed = leaving(second)
    with first.open() as register, pytest.raises(handover.Forged):
        handover.read(register, packed.data)
    _, other = found(tmp_path / "other")
    genuine = leaving(second)
    other.identity = first.identity
    with other.open() as register, pytest.raises(CpvolError):
        handover.read(register, genuine.data)


def test_what_was_destroyed_does_not_come_back(group: Group) -> None:
    first, second, _ = group.people.values()
    id = second.enter("Robin A")
    first.remove(second)
    first.sync()
    packed = leaving(second)
    assert taken(first, packed, lambda each: each == id) == [handover.DESTROYED]
    assert first.records() == {}
