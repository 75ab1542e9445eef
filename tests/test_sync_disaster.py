"""When a backup is all there is: an admin says so, each member confirms it once, and nothing that is still there is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.errors import CpvolError
from cpvol.ledger.remote import make_meeting_place
from cpvol.register import NotAllowed
from cpvol.sync import copies, disaster, handover
from cpvol.sync.disaster import Act
from cpvol.sync.handover import Packed
from tests.support.people import Group, Someone, found
from tests.support.programs import needs

pytestmark = needs("git")


class Ruin:
    """Three members of whom the first and the second are admins, and a backup that the first made."""

    def __init__(self, root: Path) -> None:
        self.group, self.first = found(root)
        self.second = self.group.newcomer(self.first, "member-2", "admin,coordinator")
        self.third = self.group.newcomer(self.first, "member-3")
        self.file = root / "backup"
        self.asked: list[Act] = []
        self.handed: list[Packed] = []

    def backup(self) -> None:
        with self.first.open() as register:
            copies.backup(register, self.file, now=self.group.clock())

    def everybody(self, *people: Someone) -> None:
        for someone in (people or (self.first, self.second, self.third)) * 2:
            someone.sync()

    def strike(self) -> None:
        """The meeting place goes, and the first member's copy; what is remembered stays."""
        shutil.rmtree(self.group.place)
        shutil.rmtree(self.first.folder)
        make_meeting_place(self.group.place)

    def restore(self, *, published: str | None = None, by: Someone | None = None) -> None:
        """The first member restores the backup, declares, and sends it to a new meeting place."""
        someone = by or self.first
        published = published or someone.published
        register, _ = copies.restore(
            someone.folder, self.file, unlock=lambda _: None, clock=self.group.clock
        )
        with register:
            register.identity = someone.identity
            tip = copies.tip_of(register, self.file)
            disaster.declare(register, backup=tip, published=published, now=self.group.clock())
        someone.published = None
        someone.sync()

    def confirm(self, someone: Someone, *, yes: bool = True) -> list[str]:
        """Sync as somebody who is asked."""

        def asked(act: Act) -> bool:
            self.asked.append(act)
            return yes

        def hand_over(packed: Packed) -> bool:
            self.handed.append(packed)
            return True

        voice = replace(someone.voice(), disaster=asked, hand_over=hand_over)
        return someone.sync(voice).notices


@pytest.fixture
def ruin(tmp_path: Path) -> Ruin:
    return Ruin(tmp_path)


def take(by: Someone, packed: Packed) -> list[str]:
    nothing: Callable[[str], bool] = lambda _: False  # noqa: E731
    with by.open() as register:
        handed = handover.read(register, packed.data)
        done = handover.enter(register, handed, nothing, settle=lambda _: False, now=by.clock())
    return [each.why for each in done]


def test_what_members_still_have_comes_on_top_of_the_backup(ruin: Ruin) -> None:
    first, second, third = ruin.first, ruin.second, ruin.third
    old = first.enter("Robin Old")
    ruin.everybody()
    ruin.backup()
    by_first = first.enter("Robin First")
    by_second = second.enter("Robin Second")
    second.amend(old, email="b@charity.example")
    ruin.everybody()
    unsent = third.enter("Robin Third")
    second.amend(by_first, email="c@charity.example")
    ruin.strike()
    ruin.restore()

    ruin.confirm(second)
    ruin.confirm(third)
    assert [(act.handle, act.stranger) for act in ruin.asked] == [("member-1", False)] * 2
    assert dict(ruin.asked[0].given_up) == {"member-1": 1, "member-2": 3}
    first.sync()
    records = first.records()
    assert set(records) == {old, by_second, unsent}
    assert records[old].content()["email"] == "b@charity.example"

    # What the first member had entered only the others' copies have: it comes back by either of them.
    assert [packed.count for packed in ruin.handed] == [1, 2]
    assert take(first, ruin.handed[0]) == ["", ""]
    assert set(take(first, ruin.handed[1])) == {handover.THERE}
    assert first.records()[by_first].content()["email"] == "c@charity.example"
    ruin.everybody()
    assert first.tips() == second.tips() == third.tips()
    assert len(ruin.asked) == 2


def test_without_a_confirmation_nothing_changes(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    ruin.second.enter("Robin Second")
    ruin.everybody()
    ruin.strike()
    ruin.restore()
    before = ruin.second.tips()
    with pytest.raises(disaster.Unconfirmed):
        ruin.confirm(ruin.second, yes=False)
    with pytest.raises(disaster.Unconfirmed):
        ruin.second.sync()
    assert ruin.second.tips() == before
    # They would rather keep what they have: then the others take that, and the act falls away.
    ruin.second.sync(put_back=True)
    notices = ruin.first.sync().notices
    assert "the meeting place has more than the backup: nothing is given up" in notices
    ruin.everybody()
    assert ruin.first.tips() == ruin.second.tips() == ruin.third.tips()


def test_others_entries_are_given_up_only_when_they_were_handed_over(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    ruin.first.enter("Robin First")
    ruin.everybody()
    ruin.strike()
    ruin.restore()
    before = ruin.second.tips()
    with pytest.raises(disaster.Kept):
        ruin.second.sync(replace(ruin.second.voice(), disaster=lambda _: True))
    assert ruin.second.tips() == before


def test_a_member_without_a_copy_is_asked_too(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    ruin.first.enter("Robin First")
    ruin.everybody()
    published = ruin.second.published
    ruin.strike()
    shutil.rmtree(ruin.second.folder)
    ruin.restore()
    ruin.second.join()
    ruin.second.published = published
    with pytest.raises(disaster.Unconfirmed):
        ruin.second.sync()
    ruin.confirm(ruin.second)
    ruin.second.sync()


def test_less_than_there_was_is_refused_when_nobody_declared_anything(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    ruin.first.enter("Robin First")
    ruin.everybody()
    published = ruin.second.published
    ruin.strike()
    register, _ = copies.restore(
        ruin.first.folder, ruin.file, unlock=lambda _: None, clock=ruin.group.clock
    )
    register.git.close()
    ruin.first.published = None
    ruin.first.sync()
    shutil.rmtree(ruin.second.folder)
    ruin.second.join()
    ruin.second.published = published
    with pytest.raises(disaster.Missing):
        ruin.second.sync()


def test_whoever_left_cannot_declare_it_nor_can_keys_that_were_replaced(ruin: Ruin) -> None:
    first, second, third = ruin.first, ruin.second, ruin.third
    ruin.everybody()
    ruin.backup()
    stolen = first.identity
    first.rotate()
    ruin.everybody()
    first.remove(second)
    ruin.everybody(first, third)
    before = first.tips(), third.tips()
    shutil.rmtree(second.folder)
    # The leaver has the old backup, and the right to write to the host.
    spoiled = Someone("member-2", ruin.group.root / "evil", ruin.group.place, ruin.group.clock)
    for identity, words in ((second.identity, "no admin"), (stolen, "keys that were replaced")):
        shutil.rmtree(spoiled.folder, ignore_errors=True)
        shutil.rmtree(ruin.group.place)
        make_meeting_place(ruin.group.place)
        spoiled.identity = identity
        ruin.restore(by=spoiled, published="0" * 40)
        for someone in (first, third):
            with pytest.raises(disaster.NotByThem, match=words):
                ruin.confirm(someone)
    assert (first.tips(), third.tips()) == before
    assert ruin.asked == []


def test_only_an_admin_declares_it_and_only_when_something_is_lost(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()

    def declare(someone: Someone, published: str | None) -> None:
        with someone.open() as register:
            tip = copies.tip_of(register, ruin.file)
            disaster.declare(register, backup=tip, published=published, now=ruin.group.clock())

    with pytest.raises(NotAllowed):
        declare(ruin.third, None)
    with pytest.raises(disaster.NoNeed, match="all that was ever sent"):
        declare(ruin.first, ruin.first.published)
    ruin.second.enter("Robin B")
    ruin.everybody()
    with pytest.raises(disaster.NoNeed, match="more than the backup"):
        declare(ruin.first, None)


def test_where_there_is_more_after_all_the_act_falls_away(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    id = ruin.second.enter("Robin B")
    ruin.everybody()
    shutil.rmtree(ruin.first.folder)
    # The meeting place was only believed to be gone.
    published = ruin.first.published
    ruin.restore(published="0" * 40)
    assert id in ruin.first.records()
    ruin.everybody()
    assert ruin.first.tips() == ruin.second.tips()
    with ruin.first.open() as register:
        assert list(disaster.acts(register.git, register.head.oid)) == []
        assert published is not None
        assert register.git.base(published, register.head.oid) == published


def test_a_destroyed_key_never_comes_back_to_a_copy_that_knows(ruin: Ruin) -> None:
    first, second = ruin.first, ruin.second
    gone = first.enter("Robin Gone", joined_on=date(1999, 1, 1), left_on=date(2000, 1, 1))
    ruin.everybody()
    ruin.backup()
    destroy(ruin.group, second, first, gone)
    ruin.everybody()
    kept = second.enter("Robin B")
    ruin.strike()
    ruin.restore()
    before = second.tips()
    with pytest.raises(disaster.WouldBringBack, match=gone):
        ruin.confirm(second)
    assert second.tips() == before
    assert ruin.asked == []

    # The restored records dispose of it again, by members whose copies do not know.
    again = Someone("member-3", ruin.group.root / "again", ruin.group.place, ruin.group.clock)
    again.identity = ruin.third.identity
    again.join()
    destroy(ruin.group, again, first, gone)
    ruin.confirm(second)
    first.sync()
    second.sync()
    assert set(first.records()) == {kept}
    assert first.tips() == second.tips()
    assert not holds_key(second, gone)


def destroy(group: Group, proposer: Someone, approver: Someone, id: str) -> None:
    """Dispose of an entry, as two members do."""
    on = date(2009, 3, 2)
    with proposer.open() as register:
        made = disposal.propose(register, ids=[id], reason="duplicate", on=on, now=group.clock())
    proposer.sync()
    approver.sync()
    with approver.open() as register:
        disposal.approve(register, made, without=[], on=on, now=group.clock())
        disposal.dispose(register, made.id, on=on, now=group.clock())
    approver.sync()


def holds_key(someone: Someone, id: str) -> bool:
    with someone.open() as register:
        return any(id in register.ring.open(name) for name in register.sealed_keyring())


def test_who_joined_after_the_backup_is_added_again(ruin: Ruin) -> None:
    ruin.everybody()
    ruin.backup()
    late = ruin.group.newcomer(ruin.first, "member-4")
    id = late.enter("Robin Late")
    late.sync()
    ruin.strike()
    ruin.restore()
    with pytest.raises(CpvolError, match="no longer a member"):
        ruin.confirm(late)
    with pytest.raises(handover.NeverAMember):
        take(ruin.first, ruin.handed[-1])
    ruin.first.add(late)
    ruin.first.sync()
    ruin.confirm(late)
    ruin.first.sync()
    assert id in ruin.first.records()
    assert ruin.first.tips() == late.tips()
