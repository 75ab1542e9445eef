"""What is disposed of is gone, nothing else is, and the signed history stays whole."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from cpvol import compliance, disposal, membership, retention
from cpvol.errors import CpvolError
from cpvol.files import remove_folder
from cpvol.ledger import commits, sshsig
from cpvol.ledger.disposals import Disposal, decode
from cpvol.ledger.git import Git
from cpvol.ledger.objects import Object
from cpvol.logs.base import Record
from cpvol.register import NotAllowed, Register, UnknownRecord, draft_of, recover_keys
from cpvol.vault import envelope, keyring
from cpvol.vault.credential import Identity
from tests.support.founding import Founding, found, keys_of

EXPIRED = date(2015, 3, 3)  # the day after six years since 2 March 2009


@pytest.fixture
def trust(tmp_path: Path) -> Founding:
    return found(tmp_path / "records")


def run_git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def propose_and_approve(trust: Founding, on: date = EXPIRED, by: str = "member-1") -> Disposal:
    with trust.open("member-1") as register:
        made = disposal.propose(register, ids=(), reason="expired", on=on, now=trust.tick(2300))
    with trust.open(by) as register:
        return disposal.approve(register, made, without=(), on=on, now=trust.tick())


def dispose(trust: Founding, made: Disposal, on: date = EXPIRED, by: str = "member-1") -> Disposal:
    with trust.open(by) as register:
        done, erasure = disposal.dispose(register, made.id, on=on, now=trust.tick())
        assert erasure.done, erasure.left
    return done


def every_object(folder: Path) -> list[Object]:
    with Git(folder) as git:
        rows = git.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
        return list(git.read_many([row.decode() for row in rows]))


def every_key(objects: list[Object], identities: list[Identity]) -> set[str]:
    """Every record key that any of the identities can get out of any object, reachable or not."""
    found_keys: set[str] = set()
    for each in objects:
        for identity in identities:
            try:
                opened = keyring.open_(each.data, identity)
            except CpvolError:
                continue
            found_keys |= {key for versions in opened.values() for key in versions}
    return found_keys


def ids_with_keys(objects: list[Object], trust: Founding) -> set[str]:
    """Every record for which any object has a key that a member or the recovery page gets out."""
    found_ids: set[str] = set()
    for each in objects:
        for identity in (*trust.people.values(), trust.page):
            with contextlib.suppress(CpvolError):
                found_ids |= keyring.open_(each.data, identity).keys()
    return found_ids


def sealed_versions(folder: Path, record: Record) -> list[bytes]:
    path = f"{record.log}/{record.id[0]}/{record.id[1]}/{record.id}.yaml.age"
    ids = run_git(folder, "log", "--format=%H", "--diff-filter=AM", "main", "--", path).split()
    with Git(folder) as git:
        return [git.read(f"{oid}:{path}").data for oid in ids]


def test_after_disposal_no_object_anywhere_holds_a_key_of_what_is_gone(trust: Founding) -> None:
    gone = trust.leaver()
    gone[2] = trust.amend(gone[2], venue="County hall")
    kept = trust.enter(
        "person", name="Sam Specimen", engagement="employee", access="none", joined_on="2008-01-07"
    )
    history = run_git(trust.folder, "rev-list", "main").split()
    made = propose_and_approve(trust)

    dispose(trust, made)

    keys = every_key(every_object(trust.folder), [*trust.people.values(), trust.page])
    assert keys, "the keys of what is kept are there"
    for record in gone:
        versions = sealed_versions(trust.folder, record)
        assert len(versions) == (2 if record.log == "training" else 1)
        for sealed in versions:
            for key in keys:
                with pytest.raises(CpvolError):
                    envelope.open_(sealed, key)
    with trust.open() as register:
        assert [record.id for record in register.records()] == [kept.id]
    assert run_git(trust.folder, "rev-list", "main").split()[-len(history) :] == history


def test_the_signed_history_stays_whole(trust: Founding) -> None:
    trust.leaver()
    dispose(trust, propose_and_approve(trust))

    run_git(trust.folder, "fsck", "--strict")
    with Git(trust.folder) as git:
        for oid in run_git(trust.folder, "rev-list", "main").split():
            commit = commits.decode(git.read(oid).data)
            key = sshsig.verify(commit.signature, commit.payload(), commits.NAMESPACE)
            assert key == trust.people["member-1"].signing_public
    assert run_git(trust.folder, "status", "--porcelain") == ""


def test_what_stands_in_the_way_is_named_and_removed(trust: Founding) -> None:
    trust.leaver()
    run_git(trust.folder, "tag", "old-keys", "keyring")
    run_git(
        trust.folder,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@x",
        "tag",
        "-am",
        "x",
        "noted",
        "keyring",
    )
    run_git(trust.folder, "branch", "side", "keyring")
    run_git(trust.folder, "gc", "-q")
    packs = trust.folder / ".git" / "objects" / "pack"
    for pack in list(packs.glob("*.pack")):
        pack.with_suffix(".keep").write_text("")
    made = propose_and_approve(trust)

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())

    assert erasure.done
    for name in ("refs/tags/old-keys", "refs/tags/noted", "refs/heads/side", "kept the pack"):
        assert any(name in removed for removed in erasure.removed), name
    run_git(trust.folder, "fsck", "--strict")


def test_a_stash_a_second_remote_and_what_was_left_open_are_named_and_removed(
    trust: Founding, tmp_path: Path
) -> None:
    gone = trust.leaver()
    put_aside(trust.folder, tmp_path / "aside")
    # A second place, from which everything was fetched, and whose copy of the keys stays in references of its own.
    shutil.copytree(trust.folder, tmp_path / "usb")
    run_git(trust.folder, "remote", "add", "usb", str(tmp_path / "usb"))
    run_git(trust.folder, "fetch", "-q", "usb")
    run_git(trust.folder, "worktree", "add", "-q", "--detach", str(tmp_path / "other"), "keyring")
    shutil.rmtree(tmp_path / "other")
    run_git(trust.folder, "gc", "-q")
    packs = trust.folder / ".git" / "objects" / "pack"
    shutil.copy(next(packs.glob("*.pack")), packs / "tmp_pack_killed")
    made = propose_and_approve(trust)
    run_git(trust.folder, "checkout", "-q", "--detach", "keyring")

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())

    for name in (
        "refs/stash",
        "refs/remotes/usb/keyring",
        "another version",
        "working folder that is not there",
    ):
        assert any(name in removed for removed in erasure.removed), (name, erasure.removed)
    assert not list(packs.glob("tmp_*"))
    assert ids_with_keys(every_object(trust.folder), trust).isdisjoint(each.id for each in gone)
    # Git itself put the files of keys into the folder when the other version was opened.
    assert not erasure.done
    assert erasure.left == [
        f"a file of keys lies in the records folder: delete {log}.1.age"
        for log in ("ecrb", "person", "token", "training")
    ]
    for path in trust.folder.glob("*.age"):
        path.unlink()
    with trust.open() as register:
        assert disposal.clean(register).done
    run_git(trust.folder, "fsck", "--strict")


def put_aside(folder: Path, aside: Path) -> None:
    """Stash a change of the keyring's files, as somebody might who tries things out."""
    run_git(folder, "worktree", "add", "-q", "--detach", str(aside), "keyring")
    (aside / "person.1.age").write_bytes(b"changed")
    run_git(aside, "-c", "user.name=x", "-c", "user.email=x@x", "stash", "-q")
    run_git(folder, "worktree", "remove", str(aside))


def test_an_old_backup_beside_the_records_is_named(trust: Founding) -> None:
    trust.leaver()
    run_git(trust.folder, "bundle", "create", "-q", "old.bundle", "main", "keyring")
    made = propose_and_approve(trust)

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
    assert erasure.left == ["an older backup lies in the records folder: destroy old.bundle"]

    run_git(trust.folder, "bundle", "create", "-q", "new.bundle", "main", "keyring")
    (trust.folder / "old.bundle").unlink()
    with trust.open() as register:
        assert disposal.clean(register).done


def test_a_linked_working_folder_is_named_and_not_called_done(
    trust: Founding, tmp_path: Path
) -> None:
    trust.leaver()
    other = tmp_path / "other"
    run_git(trust.folder, "worktree", "add", "-q", "--detach", str(other), "keyring")
    made = propose_and_approve(trust)

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
    assert not erasure.done
    assert any(str(other) in left for left in erasure.left)

    shutil.rmtree(other)
    run_git(trust.folder, "worktree", "prune")
    with trust.open() as register:
        assert disposal.clean(register).done


def test_a_file_of_keys_beside_the_records_is_named(trust: Founding) -> None:
    trust.leaver()
    with Git(trust.folder) as git:
        (trust.folder / "copy.age").write_bytes(git.read("keyring:person.1.age").data)
    made = propose_and_approve(trust)

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())

    assert any("copy.age" in left for left in erasure.left)


def test_what_git_keeps_elsewhere_of_old_keys_is_removed_or_named(
    trust: Founding, tmp_path: Path
) -> None:
    trust.leaver()
    git_dir, apart = trust.folder / ".git", tmp_path / "apart"
    run_git(trust.folder, "clone", "-q", "--bare", ".", str(apart))
    with Git(trust.folder) as git:
        old = git.read("keyring:person.1.age")
    lost = git_dir / "lost-found" / "other" / old.oid
    lost.parent.mkdir(parents=True)
    lost.write_bytes(old.data)
    shutil.copytree(apart, git_dir / "modules" / "x")
    run_git(trust.folder, "init", "-q", "nested")
    run_git(trust.folder, "bundle", "create", "-q", ".git/old.bundle", "main", "keyring")
    made = propose_and_approve(trust)

    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
    assert not lost.exists()
    assert (
        "another folder with a history of its own lies in the records folder: delete nested/"
        in erasure.left
    )
    assert "an older backup lies in the records folder: destroy .git/old.bundle" in erasure.left
    assert any("delete .git/modules/x/objects" in left for left in erasure.left)

    for folder in (git_dir / "modules", trust.folder / "nested"):
        remove_folder(folder)
    (git_dir / "old.bundle").unlink()
    with trust.open() as register:
        assert disposal.clean(register).done


def test_a_name_that_stands_for_the_keys_goes_and_the_keys_stay(trust: Founding) -> None:
    trust.leaver()
    run_git(trust.folder, "symbolic-ref", "refs/heads/other", "refs/heads/keyring")
    made = propose_and_approve(trust)
    with trust.open() as register:
        _, erasure = disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
        assert erasure.done
        assert register.sealed_keyring() is not None
        assert register.git.find("refs/heads/other") is None


def test_an_interrupted_cleaning_is_finished_by_the_next_task(
    trust: Founding, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.leaver()
    run_git(trust.folder, "tag", "old-keys", "keyring")
    made = propose_and_approve(trust)
    with monkeypatch.context() as patched, trust.open() as register:
        patched.setattr(disposal, "erase", lambda git: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
    assert "old-keys" in run_git(trust.folder, "tag")

    trust.enter(
        "person", name="Sam Specimen", engagement="employee", access="none", joined_on="2008-01-07"
    )

    assert run_git(trust.folder, "tag") == ""


def test_two_members_are_needed_as_soon_as_two_may_approve(trust: Founding) -> None:
    trust.leaver()
    trust.coordinator("member-2")
    with trust.open() as register:
        made = disposal.propose(
            register, ids=(), reason="expired", on=EXPIRED, now=trust.tick(2300)
        )
        assert made.proposal.members_needed == 2
        with pytest.raises(disposal.NotApproved, match="you proposed this"):
            disposal.approve(register, made, without=(), on=EXPIRED, now=trust.tick())
        with pytest.raises(disposal.NotApproved, match="not approved"):
            disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
    with trust.open("member-2") as register:
        disposal.approve(register, made, without=(), on=EXPIRED, now=trust.tick())
    dispose(trust, made)


def test_what_one_member_approves_twice_is_written_once(trust: Founding) -> None:
    """A second approval in the same words would read like a second person's."""
    trust.leaver()
    made = propose_and_approve(trust)
    tip = run_git(trust.folder, "rev-parse", "main")
    with trust.open() as register:
        again = disposal.approve(register, made, without=(), on=EXPIRED, now=trust.tick())
    assert len(again.approvals) == 1
    assert run_git(trust.folder, "rev-parse", "main") == tip


def test_an_approver_takes_items_off_and_only_the_rest_goes(trust: Founding) -> None:
    gone = trust.leaver()
    with trust.open() as register:
        made = disposal.propose(
            register, ids=(), reason="expired", on=EXPIRED, now=trust.tick(2300)
        )
        with pytest.raises(disposal.NotDue, match="still needed"):
            disposal.approve(register, made, without=[gone[1].id], on=EXPIRED, now=trust.tick())
        off = [gone[0].id, gone[1].id]
        disposal.approve(register, made, without=off, on=EXPIRED, now=trust.tick())

    done = dispose(trust, made)

    assert done.certificate is not None
    assert [place.partition("/")[0] for place in done.certificate.entries] == ["token", "training"]


def test_a_changed_proposal_is_no_longer_approved(trust: Founding) -> None:
    gone = trust.leaver()
    made = propose_and_approve(trust)
    fewer = made.proposal.model_copy(update={"entries": made.proposal.entries[:1]})
    forged = made.model_copy(update={"proposal": fewer})
    with trust.open() as register:
        draft = draft_of(
            "member-1",
            register.signer(),
            f"disposals: approve {made.id}",
            "approve",
            (trust.tick(), trust.tick()),
            {made.path: forged.encode()},
            register.sealed_keyring(),
        )
        register.write(draft)
        with pytest.raises(disposal.NotApproved, match="changed after it was approved"):
            disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())
        assert {record.id for record in register.records()} == {record.id for record in gone}


def test_a_hold_placed_after_the_approval_stops_the_disposal(trust: Founding) -> None:
    gone = trust.leaver()
    made = propose_and_approve(trust)
    trust.enter(
        "hold", entries=[gone[2].id], reason="A claim", placed_on="2015-03-01", placed_by="Chair"
    )
    with (
        trust.open() as register,
        pytest.raises(disposal.NotDue, match="not due any more, or is held"),
    ):
        disposal.dispose(register, made.id, on=EXPIRED, now=trust.tick())


def test_a_hold_that_is_closed_to_somebody_stops_them_all_the_same(trust: Founding) -> None:
    """They cannot tell what it keeps; whoever reads it can."""
    gone = trust.leaver()
    trust.coordinator("member-2")
    trust.enter(
        "hold",
        entries=[gone[0].id],
        reason="A claim",
        placed_on="2009-03-03",
        placed_by="Chair",
        lifted_on="2009-03-04",
        lifted_by="Chair",
        readers=["member-1"],
    )
    with (
        trust.open("member-2") as register,
        pytest.raises(NotAllowed, match="a hold is closed to you"),
    ):
        disposal.propose(register, ids=(), reason="expired", on=EXPIRED, now=trust.tick(2300))
    with trust.open() as register:
        made = disposal.propose(register, ids=(), reason="expired", on=EXPIRED, now=trust.tick())
    assert {item.id for item in made.proposal.entries} == {record.id for record in gone}


def test_an_entry_named_twice_is_proposed_once_and_in_one_proposal(trust: Founding) -> None:
    check = trust.leaver()[1]
    day = date(2009, 3, 4)
    with trust.open() as register:
        made = disposal.propose(
            register, ids=[check.id, check.id], reason="duplicate", on=day, now=trust.tick()
        )
        assert [item.id for item in made.proposal.entries] == [check.id]
        with pytest.raises(disposal.NotDue, match="is proposed already"):
            disposal.propose(register, ids=[check.id], reason="duplicate", on=day, now=trust.tick())


def test_a_training_under_hold_keeps_its_person(trust: Founding) -> None:
    gone = trust.leaver()
    hold = trust.enter(
        "hold", entries=[gone[2].id], reason="A claim", placed_on="2015-03-01", placed_by="Chair"
    )
    with trust.open() as register:
        free = disposal.review(register, EXPIRED).free
        assert free.keys() == {gone[1].id, gone[3].id}
    trust.amend(hold, lifted_on="2015-03-02", lifted_by="Chair")
    with trust.open() as register:
        assert disposal.review(register, EXPIRED).free.keys() == {record.id for record in gone}


def test_what_a_hold_keeps_is_not_called_due(trust: Founding) -> None:
    gone = trust.leaver()
    trust.enter(
        "hold", entries=[gone[2].id], reason="A claim", placed_on="2015-03-01", placed_by="Chair"
    )
    with trust.open() as register:
        book = disposal.review(register, EXPIRED).book
        found_due = compliance.due(book, register.policy, EXPIRED)
        due = {each.id for each in found_due if each.rule.startswith("retention-")}
        years = retention.preview(book, register.policy, EXPIRED, retention.held(book, EXPIRED))
    assert due == {gone[1].id, gone[3].id}
    assert {log: n for log, n in years[2015].items() if n} == {"ecrb": 1, "token": 1}


def test_nothing_is_proposed_before_its_day(trust: Founding) -> None:
    trust.leaver()
    with trust.open() as register:
        with pytest.raises(disposal.NotDue, match="nothing is due"):
            disposal.propose(
                register, ids=(), reason="expired", on=date(2015, 3, 2), now=trust.tick(2300)
            )
        assert disposal.everything(register) == []


def test_a_proposal_of_a_member_who_left_is_refused(trust: Founding) -> None:
    trust.leaver()
    trust.coordinator("member-2")
    trust.coordinator("member-3")
    with trust.open("member-2") as register:
        made = disposal.propose(
            register, ids=(), reason="expired", on=EXPIRED, now=trust.tick(2300)
        )
    with trust.open() as register:
        now = register.members
        without = tuple(
            m
            if m.handle != "member-2"
            else type(m)(m.handle, m.roles, m.reads, m.keys, present=False)
            for m in now.members
        )
        after = type(now)(now.version + 1, without, now.recovery)
        register.change_members(after, "remove", "members: remove member-2", now=trust.tick())
        with pytest.raises(disposal.NotApproved, match="no longer a coordinator"):
            disposal.approve(register, made, without=(), on=EXPIRED, now=trust.tick())


def test_what_was_entered_by_mistake_goes_before_its_time(trust: Founding) -> None:
    person, check, *_ = trust.leaver(left="2009-03-02")
    day = date(2009, 3, 4)
    with trust.open() as register:
        with pytest.raises(disposal.NotDue, match="still needed"):
            disposal.propose(
                register, ids=[person.id], reason="entered-by-mistake", on=day, now=trust.tick()
            )
        made = disposal.propose(
            register, ids=[check.id], reason="entered-by-mistake", on=day, now=trust.tick()
        )
        disposal.approve(register, made, without=(), on=day, now=trust.tick())
    done = dispose(trust, made, on=day)
    assert done.proposal.reason == "entered-by-mistake"
    with trust.open() as register:
        found_again = disposal.of_record(register, check.id)
        assert found_again is not None
        assert found_again[0].id == made.id
        with pytest.raises(UnknownRecord):
            register.find(check.id)


def test_a_closed_entry_is_destroyed_by_somebody_who_cannot_read_it(trust: Founding) -> None:
    trust.coordinator("member-2")
    secret = trust.enter(
        "breach",
        discovered_on="2009-01-05",
        found_through="own",
        category="other",
        what="Something",
        readers=["member-1"],
    )
    with trust.open("member-2") as register:
        assert register.records("breach") == []
        changes = register.ring.removing(
            [("breach", secret.id)], register.members.version, register.members.readers
        )
    assert list(changes.values()) == [None]


def test_a_certificate_holds_no_personal_data_and_no_dates_of_triggers(trust: Founding) -> None:
    trust.leaver(name="Canary Person")
    made = propose_and_approve(trust)
    dispose(trust, made)

    text = (trust.folder / made.path).read_bytes()

    assert b"Canary" not in text
    assert b"2009-03-02" not in text
    assert b"2015-03-02" not in text
    assert decode(text).certificate is not None


def test_the_standing_of_a_certificate_never_says_more_than_the_chain_knows(
    trust: Founding, tmp_path: Path
) -> None:
    gone = trust.leaver()
    with Git(trust.folder) as git:
        aside = git.read(f"keyring:{gone[0].log}.1.age").data
    old = trust.people["member-1"]
    dispose_me = propose_and_approve(trust)
    done = dispose(trust, dispose_me)
    sealed = sealed_versions(trust.folder, gone[0])[0]

    with trust.open() as register:
        holders = disposal.standing(register, done)
    assert {(h.handle, h.state) for h in holders} == {
        ("member-1", "in use"),
        ("recovery", "in use"),
    }
    assert not disposal.strongest(holders)
    key = keyring.open_(aside, old)[gone[0].id][0]
    assert b"Robin Example" in envelope.open_(sealed, key)

    _rotate_everything(trust)

    with trust.open() as register:
        holders = disposal.standing(register, done)
    assert {h.state for h in holders} == {"replaced"}
    assert disposal.strongest(holders)
    for identity in (*trust.people.values(), trust.page):
        with pytest.raises(CpvolError):
            keyring.open_(aside, identity)


def _rotate_everything(trust: Founding) -> None:
    from cpvol.vault import credential, recovery

    new, page = credential.generate(), recovery.identity(recovery.generate())
    with Register.open(trust.folder, trust.page) as register:
        recover_keys(
            register, trust.page, "member-1", keys_of(new), keys_of(page), now=trust.tick()
        )
    trust.people["member-1"], trust.page = new, page


def test_who_does_not_read_a_log_withdraws_no_proposal_about_it(trust: Founding) -> None:
    """Every other copy refuses that step, and all that its author enters after it."""
    trust.coordinator("member-2")
    record = trust.leaver()[3]
    with trust.open() as register:
        narrow = (("coordinator",), ("training",))
        membership.change_roles(register, "member-2", *narrow, now=trust.tick())
        made = disposal.propose(
            register, ids=[record.id], reason="duplicate", on=EXPIRED, now=trust.tick(2300)
        )
    with (
        trust.open("member-2") as register,
        pytest.raises(NotAllowed, match="you do not read the log token"),
    ):
        disposal.withdraw(register, made, on=EXPIRED, now=trust.tick())
    with trust.open() as register:
        assert disposal.withdraw(register, made, on=EXPIRED, now=trust.tick()).withdrawn
