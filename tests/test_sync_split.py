"""What one can see to be wrong and another cannot: copies that took different sides of it become one again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cpvol.audit import verify
from cpvol.ledger import layout, refusals
from cpvol.ledger.chain import link, read_head
from cpvol.ledger.git import KEYRING, MAIN
from cpvol.ledger.remote import set_meeting_address
from cpvol.logs.training import Training
from cpvol.register import draft_of
from cpvol.sync import Outcome
from cpvol.sync.correction import Contradicted, Correction, Doubted
from cpvol.sync.disaster import Kept
from cpvol.sync.handover import Packed
from cpvol.sync.judge import KeysAstray, Rewritten
from cpvol.tasks.session import Session
from cpvol.tasks.sync import run
from cpvol.vault import envelope
from tests.support.astray import publish, without
from tests.support.people import Group, Someone, found, moved
from tests.support.programs import needs
from tests.test_sync_insider import sealed_to, written

pytestmark = needs("git")


@dataclass
class Scene:
    """Two who read everything, one of whom means ill, and two who read one log alone; their copies are equal."""

    first: Someone
    ill: Someone
    blind: Someone
    other: Someone
    robin: str
    asked: list[Correction] = field(default_factory=list)
    handed: list[Packed] = field(default_factory=list)

    def sync(self, who: Someone, *, says: bool = True, keeps: bool = True) -> Outcome:
        """Sync as somebody who answers so when they are asked."""

        def corrected(correction: Correction) -> bool:
            self.asked.append(correction)
            return says

        def hand_over(packed: Packed) -> bool:
            self.handed.append(packed)
            return keeps

        return who.sync(replace(who.voice(), corrected=corrected, hand_over=hand_over))

    def whole(self) -> None:
        """Everybody has the same in the end, and an audit finds nothing."""
        for each in (
            self.first,
            self.blind,
            self.other,
            self.ill,
            self.first,
            self.blind,
            self.other,
        ):
            self.sync(each)
        assert len({each.tips() for each in (self.first, self.ill, self.blind, self.other)}) == 1
        with self.first.open() as register:
            head = register.head.oid
            assert verify(register.git, head, anchor=None, now=self.first.clock()).holds


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Group, str]:
    """The scene, which each test gets a copy of."""
    group, first = found(tmp_path_factory.mktemp("split"))
    ill = group.newcomer(first, "member-2")
    for handle in ("member-3", "member-4"):
        newcomer = group.someone(handle)
        first.add(newcomer, "coordinator", "training")
        first.sync()
        newcomer.join()
    robin = first.enter("Robin A")
    for each in (first, ill, *group.people.values()):
        each.sync()
    return group, robin


@pytest.fixture
def scene(made_once: tuple[Group, str], tmp_path: Path) -> Scene:
    """A copy of the scene."""
    group = moved(made_once[0], tmp_path / "group")
    people = [group.people[each] for each in ("member-1", "member-2", "member-3", "member-4")]
    return Scene(people[0], people[1], people[2], people[3], made_once[1])


def trained(by: Someone, robin: str) -> str:
    """Enter a training; gives its number."""
    given = {"id": layout.new_id(), "log": "training", "schema": 1, "person": robin}
    record = Training.model_validate(given | {"course": "a course", "trainer": "authority"})
    with by.open() as register:
        register.enter([record], "add", entered=by.clock())
    return record.id


def nonsense(scene: Scene) -> None:
    """The third enters what nobody can read."""
    key = envelope.new_key()
    written(scene.ill, "add", layout.new_id(), envelope.seal(b"\xff\0\n", key), key)


def keyless(scene: Scene) -> None:
    """They enter something, and leave its key out."""
    id = scene.ill.enter("Robin Keyless")
    publish(scene.ill, without(scene.ill, id))


def says_refused(by: Someone) -> None:
    """Have somebody say that the last change was refused, in its place, and send that."""
    with by.open() as register:
        git, time, ring = register.git, by.clock(), register.sealed_keyring()
        said = (refusals.subject(register.head.oid), refusals.ACTION, (time, time))
        draft = draft_of(by.handle, by.identity, *said, {}, ring)
        made = link(git, read_head(git, f"{MAIN}~1"), draft)
        git.store([*made.objects, made.main])
        keys = git.read(KEYRING).oid
        git.run("push", "-q", str(by.place), f"+{made.main.oid}:{MAIN}", f"+{keys}:{KEYRING}")


@pytest.mark.parametrize("what", [nonsense, keyless])
def test_who_took_what_they_cannot_look_at_is_asked_when_another_takes_it_out(
    scene: Scene, what: Callable[[Scene], None]
) -> None:
    what(scene)
    scene.sync(scene.blind)
    refused = scene.blind.tips()[0]
    assert "in the name of member-2 was refused" in scene.sync(scene.first).notices[0]
    before = scene.blind.tips()
    with pytest.raises(Doubted) as doubt:
        scene.sync(scene.blind, says=False)
    assert doubt.value.problem.startswith("member-1 took out a change by member-2")
    assert scene.blind.tips() == before
    notices = scene.sync(scene.blind).notices
    assert notices == ["a change by member-2, which member-1 took out, is gone from this copy too"]
    assert [(each.handle, each.author, each.logs) for each in scene.asked] == [
        ("member-1", "member-2", ("person",))
    ] * 2
    with scene.blind.open() as register:
        assert register.git.find(f"refs/cpvol/refused/{refused}") is not None
    scene.whole()


def test_a_script_says_whose_word_counts(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nonsense(scene)
    scene.sync(scene.blind)
    scene.sync(scene.first)
    session = Session(environ={"CPVOL_HOME": str(tmp_path / "home")}, project=None)
    with scene.blind.open() as register:
        set_meeting_address(register.git, str(scene.blind.place))
        for believed in (None, "member-2"):
            with pytest.raises(Doubted):
                run(session, register, believe=believed)
        run(session, register, believe="member-1")
    told = " ".join(capsys.readouterr().err.split())
    assert "member-1 took out a change by member-2 that this copy has." in told
    assert "It concerns what you do not read yourself: person." in told
    assert "note: a change by member-2, which member-1 took out, is gone from this copy too" in told
    assert scene.blind.tips() == scene.first.tips()


def test_keys_that_another_cannot_open_are_put_back_for_all(scene: Scene) -> None:
    scene.ill.enter("Robin C")
    publish(scene.ill, sealed_to(scene.ill, scene.ill.identity.age_public))
    scene.sync(scene.blind)
    with pytest.raises(KeysAstray):
        scene.sync(scene.first)
    scene.first.sync(put_back=True)
    scene.sync(scene.blind)
    scene.whole()


def test_who_means_ill_sees_for_themselves_and_is_not_asked(scene: Scene) -> None:
    nonsense(scene)
    scene.sync(scene.ill)
    scene.sync(scene.first)
    scene.sync(scene.ill)
    assert scene.asked == []
    scene.whole()


def test_what_was_entered_on_top_comes_again(scene: Scene) -> None:
    nonsense(scene)
    scene.sync(scene.blind)
    sent = trained(scene.blind, scene.robin)
    scene.sync(scene.blind)
    unsent = trained(scene.blind, scene.robin)
    scene.sync(scene.first)
    assert sent not in scene.first.records()
    scene.sync(scene.blind)
    scene.whole()
    assert {sent, unsent} <= scene.first.records().keys()
    assert scene.handed == []


def test_what_another_entered_on_top_is_handed_over(scene: Scene) -> None:
    """They may never come back, and nobody else has it."""
    nonsense(scene)
    scene.sync(scene.blind)
    id = trained(scene.blind, scene.robin)
    for each in (scene.blind, scene.other, scene.first):
        scene.sync(each)
    before = scene.other.tips()
    with pytest.raises(Kept):
        scene.sync(scene.other, keeps=False)
    assert scene.other.tips() == before
    scene.sync(scene.other)
    assert [each.count for each in scene.handed] == [1, 1]
    scene.whole()
    assert id in scene.other.records()


def test_nobody_says_so_of_what_others_see_to_be_right(scene: Scene) -> None:
    id = trained(scene.blind, scene.robin)
    for each in (scene.blind, scene.ill, scene.first, scene.other):
        scene.sync(each)
    before = scene.first.tips()
    says_refused(scene.ill)
    for each in (scene.first, scene.blind, scene.other):
        with pytest.raises(Contradicted):
            scene.sync(each)
    assert scene.asked == []
    assert scene.first.tips() == before
    scene.first.sync(put_back=True)
    scene.sync(scene.other)
    assert id in scene.other.records()


def test_what_was_refused_for_its_key_comes_back_with_it_to_all(scene: Scene) -> None:
    """The second reader took the key away from what the first had entered, and a third person believed it."""
    id = scene.first.enter("Robin New")
    for each in (scene.first, scene.ill, scene.blind, scene.other):
        scene.sync(each)
    says_refused(scene.ill)
    scene.sync(scene.blind)
    assert [each.handle for each in scene.asked] == ["member-2"]
    with pytest.raises(Contradicted):
        scene.sync(scene.first)
    scene.first.sync(put_back=True)
    scene.sync(scene.blind)
    scene.sync(scene.other)
    assert scene.first.tips() == scene.blind.tips() == scene.other.tips()
    assert id in scene.first.records()


def test_nobody_says_so_of_a_log_that_they_do_not_read(scene: Scene) -> None:
    scene.first.enter("Robin New")
    for each in (scene.first, scene.blind, scene.other):
        scene.sync(each)
    says_refused(scene.blind)
    with pytest.raises(Rewritten):
        scene.sync(scene.other)
    assert scene.asked == []
