"""Three people, four copies and a bare folder where they meet, with real git, from founding to a restored laptop."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from cpvol.audit import verify
from cpvol.errors import CpvolError
from cpvol.ledger.members import RECOVERY
from cpvol.logs.base import Record
from cpvol.register import Closed, NotAMember
from cpvol.vault import credential
from cpvol.vault.header import readers
from tests.support.people import Someone, found, keys_of
from tests.support.programs import needs

pytestmark = needs("git")


def holds(someone: Someone) -> None:
    """Check that the whole history in somebody's copy holds."""
    with someone.open() as register:
        verdict = verify(register.git, register.head.oid, anchor=None, now=someone.clock())
        assert verdict.problems == []
        register.sealed_keyring()


def equal(*everybody: Someone) -> None:
    """Have everybody sync twice, then check that all copies and the meeting place are one."""
    for someone in (*everybody, *everybody):
        someone.sync()
    assert len({someone.tips() for someone in everybody}) == 1
    holds(everybody[0])


def amendments(record: Record) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.by, each.fields) for each in record.amendments]


def test_three_people_come_together_again_after_everything(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2", "admin,coordinator")
    third = group.newcomer(first, "member-3")

    # Offline, everybody enters; nobody's entry is lost.
    ids = [each.enter(f"Robin {each.handle}") for each in (first, second, third)]
    equal(first, second, third)
    assert set(third.records()) == set(ids)

    # Two amend different fields, then two the same field.
    first.amend(ids[0], email="first@charity.example")
    second.amend(ids[0], need_to_know="answers the telephone")
    equal(first, second, third)
    merged = third.records()[ids[0]].content()
    assert (merged["email"], merged["need_to_know"]) == (
        "first@charity.example",
        "answers the telephone",
    )
    first.amend(ids[1], email="one@charity.example")
    third.amend(ids[1], email="two@charity.example")
    equal(first, second, third)
    record = second.records()[ids[1]]
    assert record.content()["email"] == "one@charity.example"
    assert "two@charity.example" in str(record.amendments[-1].reason)

    # A laptop is lost: its keys go, its holder comes back with new ones on another computer.
    lost = Someone("member-3", tmp_path / "fourth", group.place, group.clock)
    second.remove(third, lost=True)
    second.add(lost)
    equal(first, second)
    lost.join()
    ids.append(lost.enter("Robin Fourth"))
    equal(first, second, lost)

    # Keys are replaced, and somebody leaves.
    first.rotate()
    equal(first, second, lost)
    first.remove(second)
    ids.append(lost.enter("Robin Fifth"))
    equal(first, lost)
    assert set(first.records()) == set(lost.records()) == set(ids)
    with pytest.raises(NotAMember):
        second.entitled()


def test_what_was_entered_and_corrected_offline_keeps_its_correction(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    id = second.enter("Robin A")
    second.amend(id, email="right@charity.example")
    first.enter("Robin B")
    first.sync()
    assert second.sync().notices == []
    equal(first, second)
    assert first.records()[id].content()["email"] == "right@charity.example"


def test_what_was_entered_offline_keeps_its_time_and_its_author(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    second.enter("Robin A")
    with second.open() as register:
        entered = register.head.commit.entered
    group.clock.time += 7 * 24 * 3600
    first.enter("Robin B")
    first.sync()
    second.sync()
    with second.open() as register:
        commit = register.head.commit
    assert (commit.handle, commit.entered) == ("member-2", entered)
    assert commit.accepted > entered + 7 * 24 * 3600


def test_an_entry_entered_twice_by_a_broken_connection_is_there_once(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    id = second.enter("Robin A")
    # Sent, and the answer was lost: this copy still believes that it has to send it.
    second.sync()
    second.published = None
    first.sync()
    first.enter("Robin B")
    first.sync()
    outcome = second.sync()
    assert outcome.sent == 0
    assert sorted(second.records()).count(id) == 1


def test_a_newcomer_reads_only_after_a_reader_compared_the_words(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    admin = group.newcomer(first, "member-4", "admin")
    id = first.enter("Robin A")
    equal(first, second, admin)

    third = group.someone("member-3")
    admin.add(third)
    admin.sync()
    third.join()
    assert third.records_or_none() is None

    # One reader does not accept the words, so nothing is sealed to the newcomer.
    second.willing = False
    outcome = second.sync()
    assert outcome.waiting == ["member-3"]
    third.sync()
    assert third.records_or_none() is None

    first.sync()
    third.sync()
    assert set(third.records()) == {id}


def test_an_admin_alone_makes_no_reader(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    admin = group.newcomer(first, "member-4", "admin")
    first.enter("Robin A")
    first.sync()
    admin.sync()
    own = group.someone("member-5")
    admin.add(own)
    admin.sync()
    first.willing = False
    first.enter("Robin B")
    first.sync()
    own.join()
    assert own.records_or_none() is None


def test_after_a_plain_admin_took_somebody_out_the_next_reader_seals_the_keys_anew(
    tmp_path: Path,
) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    admin = group.newcomer(first, "member-4", "admin")
    first.enter("Robin A")
    equal(first, second, admin)
    admin.remove(second)
    admin.sync()
    assert opened_by(admin, second) == ["person.3.age"]
    first.sync()
    admin.sync()
    assert opened_by(admin, second) == []


def opened_by(copy: Someone, someone: Someone) -> list[str]:
    """The keyring files in a copy that somebody's keys open."""
    found_ = []
    with copy.open() as register:
        register.identity = someone.identity
        for name in register.sealed_keyring():
            with suppress(CpvolError):
                register.ring.open(name)
                found_.append(name)
    return found_


def test_on_a_shared_computer_nobody_signs_for_another(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    shared = Someone("member-1", second.folder, group.place, group.clock, first.identity)
    second.enter("Robin A")
    first.enter("Robin B")
    first.sync()
    before = second.tips()
    with pytest.raises(Exception, match="member-2 has entries on this computer"):
        shared.sync()
    assert second.tips() == before
    second.sync()
    shared.sync()
    equal(first, second)


def test_a_closed_entry_stays_closed_through_syncs_and_changes_of_members(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    id = first.enter("Robin A", readers=("member-1",))
    second.enter("Robin B")
    equal(first, second)
    third = group.newcomer(first, "member-3")
    equal(first, second, third)
    for other in (second, third):
        with other.open() as register, pytest.raises(Closed):
            register.record("person", id)
    assert id in first.records()


def test_without_the_meeting_place_everything_but_sync_works(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    away = group.place.rename(tmp_path / "elsewhere.git")
    id = second.enter("Robin A")
    second.amend(id, email="a@charity.example")
    with pytest.raises(Exception, match="no meeting place at that address"):
        second.sync()
    away.rename(group.place)
    equal(first, second)
    assert first.records()[id].content()["email"] == "a@charity.example"


def test_the_page_that_was_renewed_is_asked_about_like_a_newcomer(tmp_path: Path) -> None:
    from cpvol import membership

    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2", "admin,coordinator")
    page = credential.generate()
    with second.open() as register:
        membership.renew_page(register, keys_of(page), now=group.clock())
    second.sync()
    first.willing = False
    assert first.sync().waiting == [RECOVERY]


def test_accepted_keys_leave_no_earlier_keyring_behind(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    for number in range(3):
        first.enter(f"Robin {number}")
        first.sync()
        second.enter(f"Sandy {number}")
        second.sync()
    equal(first, second)
    for someone in (first, second):
        with someone.open() as register:
            git = register.git
            kept = {e.oid for e in git.tree(git.read("refs/heads/keyring^{tree}").oid).values()}
            listed = git.run(
                "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
            ).decode()
            blobs = [line.split()[0] for line in listed.splitlines() if line.endswith(" blob")]
            # A record is sealed to one key, a keyring to everybody and the recovery page.
            sealed = {blob.oid for blob in git.read_many(blobs) if blob.data.startswith(b"age-")}
            several = {oid for oid in sealed if readers(git.read(oid).data) > 1}
            assert kept
            assert several == kept
