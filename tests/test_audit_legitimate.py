"""Histories that nobody has to answer for raise no alarm, with a key and without."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.audit.anchor import read_anchor
from cpvol.audit.examine import Examined, Keys, Outside, examine
from cpvol.audit.verify import State, state_at, verify
from cpvol.audit.words import verdict
from cpvol.findings import Severity
from cpvol.ledger.git import Git
from cpvol.ledger.members import Member
from cpvol.opening import Opener
from cpvol.register import recover_keys
from cpvol.reports.audit_report import audit_report
from cpvol.vault import credential, recovery
from cpvol.vault.credential import Identity
from tests.support.founding import Founding, found, keys_of
from tests.support.programs import needs

pytestmark = needs("git")


@pytest.fixture
def made(tmp_path: Path) -> Founding:
    return found(tmp_path / "records")


def audit(made: Founding, into: Path, key: Identity | None = None, now: int = 0) -> Examined:
    into.mkdir()
    with made.open() as register:
        anchor = read_anchor(register.anchor())
    return examine(
        str(made.folder),
        into,
        Outside(anchor),
        Keys(Opener(key)) if key else None,
        now=now or int(time.time()),
    )


def serious(examined: Examined) -> list[str]:
    return [each.message for each in examined.problems if each.severity is not Severity.NOTE]


def test_records_that_were_only_founded(made: Founding, tmp_path: Path) -> None:
    examined = audit(made, tmp_path / "q", made.people["member-1"])
    assert examined.problems == []
    assert examined.state is not None
    assert examined.state.count == 1


def test_entries_changes_and_members_that_come_and_go(made: Founding, tmp_path: Path) -> None:
    made.coordinator("member-2")
    person, _, training, _ = made.leaver()
    changed = made.amend(training, course="Another", by="member-2")
    made.amend(changed, venue="Town hall")
    new = credential.generate()
    with made.open("member-2") as register:
        after = register.members.with_keys("member-2", keys_of(new))
        register.change_members(after, "rotate", "members: rotate member-2", now=made.tick())
    made.people["member-2"] = new
    with made.open() as register:
        page = recovery.identity(recovery.generate())
        after = register.members.with_page(keys_of(page))
        register.change_members(after, "renew", "members: renew the recovery page", now=made.tick())
        after = register.members.without("member-2")
        register.change_members(after, "remove", "members: remove member-2", now=made.tick())
    card = credential.generate()
    with made.open() as register:
        after = register.members.with_member(
            Member("member-2", ("auditor",), ("training",), keys_of(card))
        )
        register.change_members(after, "join", "members: join member-2", now=made.tick())
    with made.open() as register:
        after = register.members.with_roles("member-2", ("auditor",), ("all",))
        register.change_members(after, "roles", "members: roles member-2", now=made.tick())
    made.amend(person, need_to_know="Plays with the children")
    examined = audit(made, tmp_path / "q", card)
    assert serious(examined) == []
    assert examined.opened is not None
    assert len(examined.opened.records["training/" + training.id]) == 3


def test_coming_back_with_the_recovery_page_is_noted(made: Founding, tmp_path: Path) -> None:
    made.leaver()
    new, page = credential.generate(), recovery.identity(recovery.generate())
    with made.open() as register:
        register.identity = made.page
        register.refresh()
        recover_keys(register, made.page, "member-1", keys_of(new), keys_of(page), now=made.tick())
    made.people["member-1"], made.page = new, page
    made.leaver()
    examined = audit(made, tmp_path / "q", page)
    assert serious(examined) == []
    assert [each.rule for each in examined.problems] == ["recovery-used"]
    assert examined.problems[0].message == "The recovery page was used: member-1 got new keys."
    assert b"used the recovery page" in audit_report(examined, "Example", date(2009, 2, 1))


def test_a_disposal_by_two_is_told_with_what_became_of_the_keys(
    made: Founding, tmp_path: Path
) -> None:
    made.coordinator("member-2")
    gone = made.leaver()[3]
    on = datetime.fromtimestamp(made.tick(), UTC).date()
    with made.open() as register:
        proposed = disposal.propose(
            register, ids=[gone.id], reason="duplicate", on=on, now=made.tick()
        )
    with made.open("member-2") as register:
        disposal.approve(register, proposed, without=[], on=on, now=made.tick())
        disposal.dispose(register, proposed.id, on=on, now=made.tick())
    examined = audit(made, tmp_path / "q", made.people["member-1"])
    assert [each.rule for each in examined.problems] == ["approver-added"]
    (done,) = examined.chronicle.done()
    with made.open() as register:
        (told,) = disposal.everything(register)
        # The certificate and the audit say the same.
        assert list(done.holders) == disposal.standing(register, told)
    assert {(each.handle, each.state) for each in done.holders} == {
        ("member-1", "in use"),
        ("member-2", "in use"),
        ("recovery", "in use"),
    }
    assert "still in use" in done.verdict
    page = audit_report(examined, "Example", date(2009, 2, 1)).decode()
    assert f"token/{gone.id}" in page
    assert "made a member by member-1" in page


def test_a_clock_that_is_a_little_ahead_and_an_entry_replayed_later(
    made: Founding, tmp_path: Path
) -> None:
    with made.open() as register:
        person = made.leaver()[0]
        register.refresh()
        record = register.record("person", person.id).model_copy(update={"name": "Robin Sample"})
        note = {"on": "2009-01-02", "by": "member-1", "action": "amend", "fields": ("name",)}
        data = record.model_dump() | {"amendments": [note]}
        data["schema"] = data.pop("schema_")
        changed = type(record).model_validate(data)
        register.enter([changed], "amend", entered=made.clock - 9000, now=made.tick())
    examined = audit(made, tmp_path / "q", made.people["member-1"], now=made.clock - 3600)
    assert serious(examined) == []


def test_closed_entries_are_counted_and_not_missed(made: Founding, tmp_path: Path) -> None:
    made.coordinator("member-2")
    person = made.leaver()[0]
    with made.open("member-2") as register:
        record = register.record("person", person.id)
        assert record.id == person.id
    examined = audit(made, tmp_path / "q", credential.generate())
    assert serious(examined) == []
    assert examined.opened is not None
    assert examined.opened.closed == 4
    assert "4 are closed to your keys" in verdict(examined)


def test_a_copy_of_a_copy_and_a_bundle(made: Founding, tmp_path: Path) -> None:
    made.leaver()
    bundle = tmp_path / "records.bundle"
    with Git(made.folder) as git:
        git.run("bundle", "create", "-q", str(bundle), "main", "keyring")
    shutil.copytree(made.folder, tmp_path / "copy")
    for number, source in enumerate((bundle, tmp_path / "copy", made.folder / ".git")):
        (tmp_path / str(number)).mkdir()
        examined = examine(str(source), tmp_path / str(number), now=int(time.time()))
        assert serious(examined) == []


def test_a_step_of_a_log_may_have_the_same_word_as_one_of_a_disposal() -> None:
    """The demonstration takes such a step; without one, nothing would notice that they are told apart."""
    from cpvol.audit.disposing import ACTIONS
    from cpvol.logs import LOGS

    assert "withdraw" in ACTIONS & {step.name for log in LOGS for step in log.follow_ups}


def test_the_demonstration(tmp_path: Path) -> None:
    from cpvol.tasks.demo import make_demo

    made = Founding(tmp_path / "demo")
    steps = make_demo(made.folder, date(2026, 11, 21)).changes
    identity = credential.decode((made.folder / ".git/cpvol/demo-identity").read_bytes())[0]
    made.people["member-1"] = identity
    examined = audit(made, tmp_path / "q", identity)
    assert serious(examined) == []
    assert examined.state is not None
    # As its closing screen says: the founding is a change as well.
    assert examined.state.count == steps + 1


def test_going_on_from_where_an_earlier_walk_ended(made: Founding) -> None:
    made.coordinator("member-2")
    made.leaver()
    with Git(made.folder) as git:
        tips = git.run("rev-list", "--reverse", "main").decode().split()
        whole = verify(git, tips[-1], anchor=None, now=int(time.time())).state
        for middle in tips[:-1]:
            trusted = verify(
                git, tips[-1], anchor=None, now=int(time.time()), since=state_at(git, middle)
            )
            walked = verify(git, middle, anchor=None, now=int(time.time())).state
            gone_on = verify(git, tips[-1], anchor=None, now=int(time.time()), since=walked)
            assert trusted.holds
            assert gone_on.holds
            assert _facts(gone_on.state) == _facts(trusted.state) == _facts(whole)


def _facts(state: State) -> tuple[object, ...]:
    return state.tip, state.count, state.chain, state.members, state.accepted, state.policy


def test_a_large_import_in_one_change(made: Founding, tmp_path: Path) -> None:
    from cpvol.ledger.layout import new_id
    from cpvol.logs import BY_NAME

    person = made.leaver()[0]
    model = BY_NAME["training"].model
    values = {"person": person.id, "course": "Users", "trainer": "authority", "log": "training"}
    many = [model.model_validate({"id": new_id(), "schema": 1, **values}) for _ in range(1200)]
    with made.open() as register:
        register.enter(many, "import", entered=made.tick())
    examined = audit(made, tmp_path / "q", made.people["member-1"])
    assert serious(examined) == []
    assert examined.opened is not None
    assert len(examined.opened.records) == 1204
