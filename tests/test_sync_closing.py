"""Closing an entry that was open takes nothing from anybody: what they could read stays readable, and they are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from cpvol.audit.examine import Keys, examine
from cpvol.findings import Severity
from cpvol.ledger import layout
from cpvol.logs.base import Record
from cpvol.opening import Opener
from cpvol.register import Closed, plain
from cpvol.tasks.lookup import show_record
from cpvol.tasks.session import Session
from cpvol.vault import keyring
from tests.support.astray import publish
from tests.support.people import Group, Someone, found, moved
from tests.support.programs import needs

pytestmark = needs("git")


@dataclass
class Scene:
    """Three with equal copies of two entries, one of which the third has closed to themselves; they alone know so far."""

    group: Group
    first: Someone
    second: Someone
    ill: Someone
    shut: str
    before: Record

    def sync_all(self) -> None:
        """All three sync, and have the same afterwards."""
        for each in (self.first, self.second, self.ill, self.first, self.second):
            each.sync()
        assert self.first.tips() == self.second.tips() == self.ill.tips()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene, which each test gets a copy of; no task of ours would close the entry."""
    group, first = found(tmp_path_factory.mktemp("closing"))
    second = group.newcomer(first, "member-2")
    ill = group.newcomer(first, "member-3")
    shut = first.enter("Robin A")
    first.enter("Robin B")
    for each in (first, second, ill):
        each.sync()
    before = first.records()[shut]
    ill.amend(shut, readers=("member-3",), email="robin@example.invalid")
    return Scene(group, first, second, ill, shut, before)


@pytest.fixture
def scene(made_once: Scene, tmp_path: Path) -> Scene:
    """A copy of the scene, clock and all."""
    group = moved(made_once.group, tmp_path / "group")
    first, second, ill = (group.people[each] for each in ("member-1", "member-2", "member-3"))
    return Scene(group, first, second, ill, made_once.shut, made_once.before)


def last_read(someone: Someone, id: str) -> Record | None:
    """What somebody to whom an entry about a person is closed can still read of it."""
    with someone.open() as register:
        with pytest.raises(Closed):
            register.record("person", id)
        return register.before_closing("person", id)


def sealed_versions(someone: Someone, id: str) -> list[str]:
    """The ids of the sealed versions of an entry about a person, oldest first."""
    path = layout.record_path("person", id)
    with someone.open() as register:
        commits = register.git.history(path, register.head.oid)
        return [register.git.read(f"{commit}:{path}").oid for commit in commits]


def without_the_open_ones(someone: Someone, id: str) -> dict[str, bytes]:
    """The keyring of a copy in which a closed entry has its keys in its own file alone."""
    with someone.open() as register:
        files = register.sealed_keyring()
        for name in list(files):
            if not keyring.parse_name(name).record:
                rest = {k: v for k, v in register.ring.open(name).items() if k != id}
                files[name] = keyring.seal(rest, register.readers("person"))
        return files


def breaches(someone: Someone, into: Path) -> list[str]:
    """What an audit of the meeting place with somebody's keys finds wrong."""
    into.mkdir()
    keys = Keys(Opener(someone.identity))
    examined = examine(str(someone.place), into, None, keys, now=someone.clock())
    return [each.rule for each in examined.problems if each.severity is Severity.BREACH]


def test_what_stood_in_it_before_stays_readable_and_whoever_loses_the_rest_is_told(
    scene: Scene, tmp_path: Path
) -> None:
    scene.ill.sync()
    (notice,) = scene.first.sync().notices
    assert notice.startswith(f"member-3 closed entry {scene.shut} (person) to you: ask them why")
    assert notice.endswith(f"what stood in it before can still be read with `show {scene.shut}`")
    scene.sync_all()
    newcomer = scene.group.newcomer(scene.first, "member-4")
    for each in (scene.first, scene.second, newcomer):
        assert last_read(each, scene.shut) == scene.before
    assert scene.ill.records()[scene.shut].readers == ("member-3",)
    with scene.first.open() as register:
        earlier, now = (
            plain.shown(register, f"{scene.shut}.yaml.age", register.git.read(oid).data)
            for oid in sealed_versions(scene.first, scene.shut)
        )
    assert "Robin A" in earlier
    assert now == f"({scene.shut} is closed to you)\n"
    for each in (scene.first, scene.ill):
        assert breaches(each, tmp_path / f"audit-{each.handle}") == []


def test_show_says_what_stood_in_it_before(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.ill.sync()
    scene.first.sync()
    monkeypatch.setattr(Session, "register", lambda _: scene.first.open())
    show_record(Session(), id=scene.shut, json=False)
    shown = capsys.readouterr().out
    assert "closed to you since; this is what stood in it before" in shown.replace("\n", " ")
    assert "Robin A" in shown
    assert "robin@example.invalid" not in shown
    with pytest.raises(Closed):
        show_record(Session(), id=scene.shut, json=True)


@pytest.mark.parametrize("soonest", ["first", "second"])
def test_whoever_takes_the_earlier_keys_along_is_put_right(scene: Scene, soonest: str) -> None:
    """Each program that could read the entry has its key, so the first of them to sync brings it back."""
    scene.ill.sync()
    publish(scene.ill, without_the_open_ones(scene.ill, scene.shut))
    getattr(scene, soonest).sync()
    scene.sync_all()
    for each in (scene.first, scene.second):
        assert last_read(each, scene.shut) == scene.before
    assert scene.ill.records()[scene.shut].readers == ("member-3",)


def test_whoever_closes_it_and_takes_the_keys_along_at_once_is_put_right(scene: Scene) -> None:
    publish(scene.ill, without_the_open_ones(scene.ill, scene.shut))
    scene.first.sync()
    scene.sync_all()
    assert last_read(scene.second, scene.shut) == scene.before


def test_closing_one_that_is_corrected_elsewhere_meanwhile_loses_neither_form(scene: Scene) -> None:
    scene.second.amend(scene.shut, email="other@example.invalid")
    scene.ill.sync()
    notices = scene.second.sync().notices
    assert f"your change of {scene.shut} (person) was dropped: it was closed to you" in notices[0]
    scene.sync_all()
    assert last_read(scene.second, scene.shut) == scene.before


def test_its_keys_go_from_both_places_when_it_is_destroyed(scene: Scene) -> None:
    """By somebody who cannot read it now, too."""
    scene.ill.sync()
    scene.first.sync()
    with scene.first.open() as register:
        place = ("person", scene.shut)
        changed = register.ring.removing([place], register.members.version, register.readers)
        left = register.ring_over({name: each for name, each in changed.items() if each})
        assert left.keys(*place) == ()
        assert [name for name, each in changed.items() if not each] == [
            f"person-{scene.shut}.{register.members.version}.age"
        ]


def test_a_key_of_a_closed_form_that_lies_open_is_reported_and_not_kept(
    scene: Scene, tmp_path: Path
) -> None:
    """Only the forms from before it was closed have their keys where everybody finds them."""
    scene.ill.sync()
    with scene.ill.open() as register:
        files = register.sealed_keyring()
        common = next(name for name in files if not keyring.parse_name(name).record)
        held = register.ring.open(common) | {scene.shut: register.ring.keys("person", scene.shut)}
        files[common] = keyring.seal(held, register.readers("person"))
    publish(scene.ill, files)
    assert breaches(scene.ill, tmp_path / "audit") == ["closed-to-nobody"]
    scene.first.sync()
    with scene.first.open() as register:
        assert len(register.ring.open_keys("person", scene.shut)) == 1
