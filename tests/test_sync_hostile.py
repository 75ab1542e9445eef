"""A meeting place that lies, is broken or is closed: each is refused in its own words, and nothing changes here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger import commits, layout, remote
from cpvol.ledger.chain import keyring_objects, link, read_head
from cpvol.ledger.foreign import StrangeSettings
from cpvol.ledger.git import KEYRING, MAIN, Git, environment
from cpvol.ledger.objects import encode_tree, make
from cpvol.ledger.remote import Meeting, make_meeting_place
from cpvol.register import Register, draft_of, seal_version, uniting
from cpvol.sync import Voice, run, sync
from cpvol.sync.clone import clone
from cpvol.vault import credential
from cpvol.vault.credential import Identity
from tests.support.people import Someone, found
from tests.support.programs import needs
from tests.support.world import posix

pytestmark = needs("git")


@dataclass
class Scene:
    """Two members with equal copies, and whoever spoils the meeting place between two syncs."""

    root: Path
    first: Someone
    second: Someone

    @property
    def place(self) -> Path:
        return self.first.place

    def git(self, *arguments: str) -> str:
        """Run git in the meeting place, as its host could."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.place, env=environment(), capture_output=True, check=True
        )
        return done.stdout.decode()

    def forge(
        self,
        *,
        signer: Identity | None = None,
        handle: str = "member-2",
        files: dict[str, bytes | None] | None = None,
        onto: str = MAIN,
        action: str = "add",
    ) -> str:
        """Put a commit on top of what second has, and have the meeting place show it."""
        with self.second.open() as register:
            git = register.git
            time = self.second.clock()
            draft = draft_of(
                handle,
                signer or self.second.identity,
                f"training: {action} aaaaaaaaaa",
                action,
                (time, time),
                {"training/a/a/aaaaaaaaaa.yaml.age": b"junk"} if files is None else files,
                register.sealed_keyring(),
            )
            made = link(git, read_head(git, onto), draft)
            git.store([*made.objects, made.main])
            self.show(git, made.main.oid)
            return made.main.oid

    def show(self, git: Git, main: str, keyring: str | None = None) -> None:
        """Replace what the meeting place shows."""
        specs = [f"+{main}:{MAIN}"] + ([f"+{keyring}:{KEYRING}"] if keyring else [])
        git.run("push", "-q", str(self.place), *specs)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    first.enter("Robin A")
    first.sync()
    second.sync()
    return Scene(tmp_path, first, second)


def refused(scene: Scene, *, limit: float = 60) -> str:
    """Sync, which must fail and leave the copy as it was.

    :returns: the sentence.
    """
    before, listing = scene.first.tips(), files_in(scene.first.folder)
    with scene.first.open() as register, pytest.raises(CpvolError) as error:
        sync(
            register,
            Meeting(register.git, str(scene.place), limit=limit),
            published=scene.first.published,
            clock=scene.first.clock,
        )
    assert scene.first.tips() == before
    assert files_in(scene.first.folder) == listing
    assert "\n" not in error.value.problem + error.value.hint
    return error.value.problem


def files_in(folder: Path) -> dict[str, bytes]:
    """The working files of a copy."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def replaced(scene: Scene) -> str:
    """Sync, which must go well in spite of a refused change at the meeting place, and put that right.

    :returns: what was told about it.
    """
    before = set(scene.first.records())
    outcome = scene.first.sync()
    assert set(scene.first.records()) == before
    assert scene.git("rev-parse", MAIN).strip() == outcome.tip
    scene.second.sync()
    assert scene.second.tips() == scene.first.tips()
    assert len(outcome.notices) == 1
    return outcome.notices[0]


# -- refused outright -------------------------------------------------------------------------------------------------


def test_a_meeting_place_that_was_set_back(scene: Scene) -> None:
    scene.git("update-ref", MAIN, f"{MAIN}~1")
    assert refused(scene) == "the meeting place was set back: a change that it had is missing there"


def test_a_meeting_place_that_was_emptied(scene: Scene) -> None:
    shutil.rmtree(scene.place)
    make_meeting_place(scene.place)
    assert refused(scene).startswith("the meeting place was set back:")


def test_what_was_set_back_is_put_back_when_that_is_asked_for(scene: Scene) -> None:
    scene.git("update-ref", MAIN, f"{MAIN}~1")
    scene.first.sync(put_back=True)
    scene.second.sync()
    assert scene.first.tips() == scene.second.tips()


def test_a_history_that_was_replaced(scene: Scene) -> None:
    # A member writes another history over what everybody has; each change by itself is right.
    scene.forge(onto=f"{MAIN}~1", files={}, action="seal")
    assert refused(scene).startswith("the history at the meeting place was replaced from")


def test_the_records_of_another_organisation(scene: Scene, tmp_path: Path) -> None:
    other, _ = found(tmp_path / "other")
    shutil.rmtree(scene.place)
    other.place.rename(scene.place)
    assert refused(scene) == "the meeting place holds the records of another organisation"


def test_a_newer_format(scene: Scene) -> None:
    with scene.second.open() as register:
        newer = codec.encode(
            {**codec.decode(register.git.read(f"{MAIN}:{layout.ORGANISATION}").data), "format": 2}
        )
    scene.forge(files={layout.ORGANISATION: newer}, action="organisation")
    assert refused(scene) == "these records were written by a newer version of cpvol"


def test_a_keyring_that_was_emptied_when_there_is_something_new(scene: Scene) -> None:
    scene.second.enter("Robin B")
    scene.second.sync()
    empty = make("tree", encode_tree({}))
    put_keyring(scene, empty.oid)
    assert refused(scene) == "the keys at the meeting place do not go with the entries there"


def test_an_older_keyring_when_there_is_something_new(scene: Scene) -> None:
    old = scene.git("rev-parse", KEYRING).strip()
    scene.git("update-ref", "refs/kept/old", old)
    scene.second.enter("Robin B")
    scene.second.sync()
    scene.git("update-ref", KEYRING, old)
    assert refused(scene) == "the keys at the meeting place do not go with the entries there"


def test_a_keyring_with_a_history(scene: Scene) -> None:
    scene.second.enter("Robin B")
    scene.second.sync()
    tree = scene.git("rev-parse", f"{KEYRING}^{{tree}}").strip()
    made = scene.git(
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@y.example",
        "commit-tree",
        "-m",
        "x",
        "-p",
        KEYRING,
        tree,
    )
    scene.git("update-ref", KEYRING, made.strip())
    assert refused(scene) == "the keys at the meeting place do not go with the entries there"


def test_a_damaged_object(scene: Scene) -> None:
    scene.second.enter("Robin B")
    scene.second.sync()
    tip = scene.git("rev-parse", MAIN).strip()
    place = scene.place / "objects" / tip[:2] / tip[2:]
    place.chmod(0o644)
    place.write_bytes(b"not an object")
    assert refused(scene) in (
        "what the meeting place sent is damaged",
        "the exchange with the meeting place broke off",
    )


def test_nothing_at_the_address(scene: Scene) -> None:
    shutil.rmtree(scene.place)
    assert refused(scene) == "there is no meeting place at that address"


def test_a_folder_that_is_no_meeting_place(scene: Scene) -> None:
    shutil.rmtree(scene.place)
    scene.place.mkdir()
    (scene.place / "letter.txt").write_text("hello")
    assert refused(scene) == "there is no meeting place at that address"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a slow host is a shell script")
def test_a_host_that_hangs(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = scene.root / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(slow))
    with scene.first.open() as register, pytest.raises(remote.Hangs):
        Meeting(register.git, "ssh://host.example/records", limit=1).tips()
    monkeypatch.setattr(run, "QUIET_SECONDS", 0.2)
    told: list[str] = []
    voice = Voice(tell=told.append)
    with scene.first.open() as register:
        meeting = Meeting(register.git, "ssh://host.example/records", limit=1)
        with pytest.raises(remote.Hangs):
            sync(register, meeting, published=None, clock=scene.first.clock, voice=voice)
    assert told == ["Waiting for the meeting place, for 1 seconds at most …"]


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins for a host are shell scripts")
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Permission denied (publickey).", "the meeting place does not let you in"),
        ("Host key verification failed.", "the host is not the one that this computer knows"),
        ("ssh: Could not resolve hostname host.example", "the meeting place cannot be reached"),
        ("ssh: connect to host: Connection refused", "the meeting place cannot be reached"),
        ("something else altogether", "the exchange with the meeting place broke off"),
    ],
)
def test_what_a_host_says_is_told_in_plain_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, said: str, sentence: str
) -> None:
    script = scene.root / "ssh"
    script.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    with scene.first.open() as register, pytest.raises(CpvolError) as error:
        Meeting(register.git, "ssh://host.example/records").tips()
    assert error.value.problem == sentence


def test_a_host_that_does_not_let_the_keyring_be_replaced(scene: Scene) -> None:
    scene.git("config", "receive.denyNonFastForwards", "true")
    scene.first.enter("Robin B")
    assert (
        refused(scene) == "the meeting place does not let a branch be replaced, which the keys need"
    )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights that can be taken")
def test_a_folder_that_may_only_be_read(scene: Scene) -> None:
    scene.first.enter("Robin B")
    for path in (scene.place, *scene.place.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    assert refused(scene) == "you may not write to the meeting place"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_that_belongs_to_another_user_is_taken_all_the_same(scene: Scene) -> None:
    for path in (scene.place, *scene.place.rglob("*")):
        os.chown(path, 12345, 12345)
    id = scene.first.enter("Robin B")
    scene.first.sync()
    scene.second.sync()
    assert id in scene.second.records()


def test_a_folder_on_a_stick_runs_nothing(scene: Scene) -> None:
    hooks = scene.place / "hooks"
    hooks.mkdir(exist_ok=True)
    mark = scene.root / "was-run"
    for name in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
        hook = hooks / name
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    scene.first.enter("Robin B")
    scene.first.sync()
    scene.second.sync()
    assert not mark.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.hooksPath", "hooks"),
        ("core.fsmonitor", "touch MARK"),
        ("core.alternateRefsCommand", "touch MARK"),
        ("uploadpack.packObjectsHook", "touch MARK"),
        ("filter.x.smudge", "touch MARK; cat"),
        ("receive.denyCurrentBranch", "updateInstead"),
        ("core.worktree", "."),
        ("remote.x.promisor", "true"),
        ("extensions.partialClone", "x"),
        ("include.path", "elsewhere"),
    ],
)
def test_a_folder_with_settings_that_could_start_programs(
    scene: Scene, key: str, value: str
) -> None:
    mark = scene.root / "was-run"
    with (scene.place / "config").open("a") as config:
        section, _, name = key.partition(".")
        if name.count("."):
            section = f'{section} "{name.partition(".")[0]}"'
        text = value.replace("MARK", str(mark))
        config.write(f'[{section}]\n\t{name.rpartition(".")[2]} = "{text}"\n')
    assert key.lower() in refused(scene)
    assert not mark.exists()


def test_a_working_folder_that_stands_in_for_the_meeting_place_is_refused(scene: Scene) -> None:
    """Git prefers ``ADDRESS/.git``; a push into one that is checked out would run the filters it names."""
    mark = scene.root / "was-run"
    inner = scene.root / "inner"
    scene.place.rename(inner)
    scene.place.mkdir()
    inner.rename(scene.place / ".git")
    for setting in (
        ("core.bare", "false"),
        ("receive.denyCurrentBranch", "updateInstead"),
        ("filter.x.smudge", f"touch {mark}; cat"),
    ):
        scene.git("config", *setting)
    (scene.place / ".git" / "info").mkdir(exist_ok=True)
    (scene.place / ".git" / "info" / "attributes").write_text("* filter=x\n")
    scene.first.enter("Robin B")
    with pytest.raises(StrangeSettings):
        scene.first.sync()
    assert not mark.exists()


def test_a_folder_that_leads_elsewhere_is_refused(scene: Scene) -> None:
    (scene.place / ".git").write_text(f"gitdir: {scene.root}\n")
    assert "leads elsewhere" in refused(scene)


def test_a_keyring_that_names_mains_own_objects_deletes_none_of_them(scene: Scene) -> None:
    listing = scene.git("ls-tree", "-r", MAIN).splitlines()
    oids = [line.split()[2] for line in listing]
    made = subprocess.run(
        ["git", "mktree"],
        input="".join(f"100644 blob {oid}\tf{n}.age\n" for n, oid in enumerate(oids)).encode(),
        cwd=scene.place,
        env=environment(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    keyring = scene.git(*who, "commit-tree", "-m", "x", made.strip()).strip()
    scene.git("update-ref", KEYRING, keyring)
    before = scene.first.records()
    scene.first.sync()
    with Git(scene.first.folder) as git:
        git.run("fsck", "--strict")
        assert set(oids) <= set(git.run("rev-list", "--objects", MAIN).decode().split())
    assert scene.first.records() == before


def test_a_file_of_an_odd_mode_does_not_come_in(scene: Scene) -> None:
    """Git shows it as any other file, so that only its check of form on arrival can tell."""
    listing = scene.git("ls-tree", MAIN).replace("100644", "100664", 1)
    made = subprocess.run(
        ["git", "mktree"],
        input=listing.encode(),
        cwd=scene.place,
        env=environment(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    who = ("-c", "user.name=x", "-c", "user.email=x@x")
    odd = scene.git(*who, "commit-tree", "-m", "x", "-p", MAIN, made.strip()).strip()
    scene.git("update-ref", MAIN, odd)
    before = scene.first.records()
    assert "damaged" in refused(scene)
    assert scene.first.records() == before


@pytest.mark.parametrize(
    "address",
    [
        *(
            "--upload-pack=touch x",
            "ext::sh -c touch",
            "",
            "a\nb",
            "a\x9bb",
            "odd://host.example/x",
        ),
        *("me@-oProxyCommand=x:y", "ssh://-oProxyCommand=x/y"),
        *("https://me:secret@host.example/x", "ssh://me:sec@ret@host.example/x"),
        *("https://ghp_0123456789@host.example/x", f"https://{'t' * 40}@host.example/x"),
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(remote.BadAddress):
        remote.address_from(address)


@pytest.mark.parametrize(
    "address",
    [
        *("https://me@host.example/x", "ssh://me@host.example:22/x", "me@host.example:x-y/-z"),
        "https://host.example/a@b:c",
    ],
)
def test_an_address_that_is_one(address: str) -> None:
    assert remote.address_from(address) == address


@posix
def test_an_invitation_runs_nothing_on_the_newcomers_computer(scene: Scene) -> None:
    """What stands behind --address was once handed to git as it was, which took it for an option."""
    ran = scene.root / "ran"
    for address in (f"--upload-pack=touch {ran};", f"--upload-pack=touch {ran}; git-upload-pack"):
        with pytest.raises(remote.BadAddress):
            clone(scene.root / "new", address, anchor=None, now=scene.first.clock())
        with scene.first.open() as register, pytest.raises(CpvolError):
            Meeting(register.git, address).tips()
    assert not ran.exists()
    assert not (scene.root / "new").exists()


# -- one bad change stops nobody ------------------------------------------------------------------------------------------


def test_a_change_by_somebody_who_is_no_member(scene: Scene) -> None:
    scene.forge(signer=credential.generate(), handle="member-9")
    assert "by member-9, who is no member" in replaced(scene)


def test_a_change_in_the_name_of_another(scene: Scene) -> None:
    scene.forge(handle="member-1")
    assert "signed by member-2 in the name of member-1" in replaced(scene)


def test_a_change_beyond_the_role(scene: Scene) -> None:
    with scene.second.open() as register:
        after = register.members.with_roles("member-2", ("admin", "coordinator"), ("all",))
    scene.forge(
        files={layout.MEMBERS: after.encode(), layout.SIGNERS: after.allowed_signers()},
        action="roles",
    )
    assert "member-2" in replaced(scene)


def test_an_entry_that_is_not_sealed(scene: Scene) -> None:
    scene.forge()
    assert "writes other entries than it says" in replaced(scene)


def test_a_file_that_has_no_place(scene: Scene) -> None:
    scene.forge(files={"notes/diary.txt": b"hello"})
    assert "was refused" in replaced(scene)


def test_an_entry_that_disappears_without_a_disposal(scene: Scene) -> None:
    (id,) = scene.first.records()
    scene.forge(files={layout.record_path("person", id): None}, action="void")
    assert "disappear" in replaced(scene)


def test_a_commit_that_git_would_take(scene: Scene) -> None:
    tree = scene.git("rev-parse", f"{MAIN}^{{tree}}").strip()
    made = scene.git(
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@y.example",
        "commit-tree",
        "-m",
        "x",
        "-p",
        MAIN,
        tree,
    )
    scene.git("update-ref", MAIN, made.strip())
    assert "was refused" in replaced(scene)


def test_a_clock_a_year_fast_is_asked_about_and_stops_nobody(scene: Scene) -> None:
    year = 365 * 24 * 3600
    scene.second.clock.time += year
    id = scene.second.enter("Robin B")
    scene.second.sync()
    scene.second.clock.time -= year
    assert refused(scene).startswith("a change by member-2 is dated more than a day ahead")
    scene.first.sync(replace(scene.first.voice(), clock_is_right=lambda handle: True))
    # Whose clock was wrong enters it again, under the right date, with the next sync.
    scene.second.sync()
    scene.first.sync()
    assert id in scene.first.records()
    assert scene.first.tips() == scene.second.tips()


def test_a_refused_change_is_kept_as_evidence(scene: Scene) -> None:
    bad = scene.forge(handle="member-1")
    scene.first.sync()
    with scene.first.open() as register:
        assert register.git.read(f"{remote.REFUSED}/{bad}").oid == bad


def test_a_keyring_that_was_emptied_is_put_right_by_whoever_has_everything(scene: Scene) -> None:
    empty = make("tree", encode_tree({}))
    put_keyring(scene, empty.oid)
    scene.first.sync()
    assert scene.git("rev-parse", KEYRING).strip() == scene.first.tips()[1]


def test_a_member_who_signs_for_an_emptied_keyring_takes_no_key_away(scene: Scene) -> None:
    before = set(scene.first.records())
    publish_ring(scene, {}, action="seal", files={})
    scene.first.sync()
    assert set(scene.first.records()) == before
    scene.second.sync()
    assert set(scene.second.records()) == before
    assert scene.first.tips() == scene.second.tips()


def test_a_member_who_enters_without_leaving_the_key_is_stopped_there(scene: Scene) -> None:
    with scene.second.open() as register:
        ring = register.sealed_keyring()
        record = next(iter(register.records()))
        version = seal_version(record)
    path = layout.record_path("person", record.id)
    publish_ring(
        scene,
        ring,
        action="amend",
        files={path: version.sealed},
        written=(commits.Written(f"person/{record.id}", version.commitment),),
    )
    assert "writes an entry without its key" in replaced(scene)
    assert record.id in scene.first.records()


# -- somebody who left ----------------------------------------------------------------------------------------------------


def test_whoever_left_opens_nothing_new_and_gets_nothing_accepted(scene: Scene) -> None:
    old = scene.root / "old-copy"
    shutil.copytree(scene.second.folder, old)
    (known,) = scene.first.records()
    scene.first.remove(scene.second)
    scene.first.amend(known, email="new@charity.example")
    new = scene.first.enter("Robin B")
    scene.first.sync()

    # A fresh copy, opened with the old credential: every key of the keyring is out of reach.
    fresh = Someone("reader", scene.root / "fresh", scene.place, scene.first.clock)
    fresh.identity = scene.second.identity
    fresh.join()
    with fresh.open() as register:
        for name in register.sealed_keyring():
            with pytest.raises(CpvolError, match="do not open"):
                register.ring.open(name)

    # The full copy from before, with all the keys that it holds, opens no version written since.
    with Git(scene.first.folder) as git, Register.open(old, scene.second.identity) as before:
        blobs = [git.read(f"{MAIN}:{layout.record_path('person', id)}").data for id in (known, new)]
        for id, blob in zip((known, new), blobs, strict=True):
            with pytest.raises(CpvolError):
                uniting.version("person", id, blob, before.ring)
            with pytest.raises(CpvolError):
                uniting.version("person", known, blob, before.ring)

    # What they push is refused by everybody and replaced, keyring and all.
    left = replace(scene.second, folder=old)
    left.enter("Robin Z")
    with left.open() as register:
        git = register.git
        git.run("push", "-q", str(scene.place), f"+{MAIN}:{MAIN}", f"+{KEYRING}:{KEYRING}")
    with scene.first.open() as register:
        tips = scene.first.tips()
    with pytest.raises(CpvolError, match="was replaced from"):
        scene.first.sync()
    assert scene.first.tips() == tips
    scene.first.sync(put_back=True)
    assert scene.git("rev-parse", MAIN, KEYRING).split() == list(tips)


def test_whoever_left_cannot_build_on_what_is_there(scene: Scene) -> None:
    scene.first.remove(scene.second)
    scene.first.sync()
    fresh = Someone("reader", scene.root / "fresh", scene.place, scene.first.clock)
    fresh.identity = scene.second.identity
    fresh.join()
    with fresh.open() as register:
        time = fresh.clock()
        draft = draft_of(
            "member-2", fresh.identity, "members: seal the keys", "seal", (time, time), {}, {}
        )
        made = link(register.git, register.head, draft)
        register.git.store([*made.objects, made.main])
        empty = make("tree", encode_tree({}))
        keyring = commits.keyring_commit(empty.oid)
        register.git.store([empty, keyring])
        scene.show(register.git, made.main.oid, keyring.oid)
    outcome = scene.first.sync()
    assert re.search("in the name of member-2 was refused", outcome.notices[0])
    assert scene.git("rev-parse", MAIN, KEYRING).split() == list(scene.first.tips())


def publish_ring(
    scene: Scene,
    ring: dict[str, bytes],
    *,
    action: str,
    files: dict[str, bytes | None],
    written: tuple[commits.Written, ...] = (),
) -> None:
    """Have second sign a change that names a keyring of their making, and publish both."""
    with scene.second.open() as register:
        git, time = register.git, scene.second.clock()
        draft = draft_of(
            "member-2",
            scene.second.identity,
            f"person: {action} aaaaaaaaaa",
            action,
            (time, time),
            files,
            ring,
        )
        made = link(git, register.head, replace(draft, written=written))
        keyring, objects, _ = keyring_objects(git, ring)
        git.store([*made.objects, made.main, *objects])
        scene.show(git, made.main.oid, keyring.oid)


def put_keyring(scene: Scene, tree: str) -> None:
    """Have the meeting place show another keyring."""
    with Git(scene.second.folder) as git:
        empty = make("tree", encode_tree({}))
        commit = commits.keyring_commit(tree)
        git.store([empty, commit])
        scene.show(git, read_head(git, MAIN).oid, commit.oid)
