"""A member who means ill signs what no honest program makes: nobody takes it, and nobody loses what they could read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from pyrage import encrypt, x25519

from cpvol import codec, disposal
from cpvol.audit import verify
from cpvol.ledger import layout
from cpvol.ledger.chain import keyring_objects, link
from cpvol.ledger.commits import Written
from cpvol.ledger.git import KEYRING, MAIN
from cpvol.register import draft_of
from cpvol.sync.judge import KeysAstray
from cpvol.vault import envelope, keyring
from cpvol.vault.ring import Fresh
from tests.support.astray import publish
from tests.support.people import Group, Someone, found, moved
from tests.support.programs import needs

pytestmark = needs("git")

TODAY = date(2009, 3, 2)


@dataclass
class Three:
    """Three members with equal copies of two entries; the third means ill."""

    group: Group
    first: Someone
    second: Someone
    ill: Someone

    def whole(self) -> None:
        """First and second go on as if nothing had been."""
        before = self.first.records().keys() | self.second.records().keys()
        new = self.first.enter("Robin N")
        for each in (self.first, self.second, self.first):
            each.sync()
        assert self.first.tips() == self.second.tips()
        assert self.first.records().keys() == self.second.records().keys() == before | {new}
        with self.first.open() as register:
            head = register.head.oid
            assert verify(register.git, head, anchor=None, now=self.first.clock()).holds


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Three:
    """The scene, which each test gets a copy of."""
    group, first = found(tmp_path_factory.mktemp("insider"))
    second = group.newcomer(first, "member-2")
    ill = group.newcomer(first, "member-3")
    first.enter("Robin A")
    first.enter("Robin B")
    for each in (first, second, ill):
        each.sync()
    return Three(group, first, second, ill)


@pytest.fixture
def three(made_once: Three, tmp_path: Path) -> Three:
    """A copy of the scene, clock and all."""
    group = moved(made_once.group, tmp_path / "group")
    return Three(group, *(group.people[each] for each in ("member-1", "member-2", "member-3")))


def written(by: Someone, action: str, id: str, sealed: bytes, key: str) -> None:
    """Have somebody sign for an entry of any content, with its key in the keyring, and send it."""
    with by.open() as register:
        fresh = [Fresh("person", id, key)]
        change = register.ring.adding(fresh, register.members.version, register.readers)
        ring = {n: s for n, s in (dict(register.sealed_keyring()) | change).items() if s}
        git, time = register.git, by.clock()
        draft = draft_of(
            *(by.handle, by.identity, f"person: {action} {id}", action, (time, time)),
            *({layout.record_path("person", id): sealed}, ring),
        )
        said = (Written(f"person/{id}", envelope.commitment(key)),)
        made = link(git, register.head, replace(draft, written=said))
        branch, objects, _ = keyring_objects(git, ring)
        git.store([*made.objects, made.main, *objects])
        git.run("push", "-q", str(by.place), f"+{made.main.oid}:{MAIN}", f"+{branch.oid}:{KEYRING}")


def first_form(someone: Someone, id: str) -> tuple[bytes, str]:
    """An entry as it is sealed now, and its first key."""
    with someone.open() as register:
        found = register.file(layout.record_path("person", id))
        assert found is not None
        return register.git.read(found.oid).data, register.ring.keys("person", id)[0]


def test_an_earlier_version_sealed_as_it_was_is_not_taken(three: Three) -> None:
    """No audit would ever pass again."""
    id = min(three.ill.records())
    sealed, key = first_form(three.ill, id)
    three.first.amend(id, email="robin@example.invalid")
    for each in (three.first, three.second, three.ill):
        each.sync()
    written(three.ill, "amend", id, sealed, key)
    assert "with a key used before" in three.first.sync().notices[0]
    three.whole()


def test_the_key_of_what_was_destroyed_does_not_come_back_as_that_of_a_new_entry(
    three: Three,
) -> None:
    id = min(three.ill.records())
    sealed, key = first_form(three.ill, id)
    disposed(three, id)
    new = layout.new_id()
    written(three.ill, "add", new, envelope.seal(b"x\n", key), key)
    assert "with a key used before" in three.first.sync().notices[0]
    for someone in (three.first, three.second):
        with someone.open() as register:
            for name in register.sealed_keyring():
                held = register.ring.open(name)
                assert key not in [each for keys in held.values() for each in keys]
    assert sealed
    three.whole()


def sealed_to(someone: Someone, *keys: str) -> dict[str, bytes]:
    """The keyring of a copy, sealed to some keys alone."""
    with someone.open() as register:
        names = register.sealed_keyring()
        return {name: keyring.seal(register.ring.open(name), keys) for name in names}


def test_a_member_who_seals_the_keys_to_themselves_alone_locks_nobody_out(three: Three) -> None:
    publish(three.ill, sealed_to(three.ill, three.ill.identity.age_public))
    three.first.sync()
    three.whole()
    with three.first.open() as register:
        (name,) = register.sealed_keyring()
        assert three.group.page.age_public in register.readers("person")
        assert keyring.open_(register.sealed_keyring()[name], three.group.page)


def test_who_enters_something_and_seals_all_keys_to_themselves_alone_is_stopped(
    three: Three,
) -> None:
    """The key of what is new is theirs alone, so nobody can make the keyring anew; all stays as it is, until put back."""
    three.ill.enter("Robin C")
    publish(three.ill, sealed_to(three.ill, three.ill.identity.age_public))
    before = three.first.tips(), three.first.records().keys()
    with pytest.raises(KeysAstray):
        three.first.sync()
    assert (three.first.tips(), three.first.records().keys()) == before
    notices = three.first.sync(put_back=True).notices
    assert "in the name of member-3 was refused" in notices[0]
    three.whole()


@pytest.mark.parametrize("every", [False, True])
def test_who_changes_what_is_there_and_seals_all_keys_to_themselves_alone_is_stopped(
    three: Three, *, every: bool
) -> None:
    for id in list(three.ill.records())[: None if every else 1]:
        three.ill.amend(id, email="robin@example.invalid")
    publish(three.ill, sealed_to(three.ill, three.ill.identity.age_public))
    before = three.first.tips(), three.first.records().keys()
    with pytest.raises(KeysAstray):
        three.first.sync()
    assert (three.first.tips(), three.first.records().keys()) == before
    three.second.sync(put_back=True)
    three.first.sync()
    three.whole()


def test_a_keyring_that_opens_and_is_none_takes_nothing_away(three: Three) -> None:
    with three.ill.open() as register:
        readers = [x25519.Recipient.from_str(key) for key in register.readers("person")]
        names = register.sealed_keyring()
    publish(three.ill, {name: encrypt(b"nonsense\n", readers) for name in names})
    three.first.sync()
    three.whole()


def test_the_key_of_what_was_destroyed_does_not_come_back_by_the_keyring(three: Three) -> None:
    id = min(three.ill.records())
    with three.ill.open() as register:
        old = register.ring.keys("person", id)
    disposed(three, id)
    with three.ill.open() as register:
        fresh = [Fresh("person", id, old[0])]
        change = register.ring.adding(fresh, register.members.version, register.readers)
        ring = dict(register.sealed_keyring()) | change
    publish(three.ill, {name: sealed for name, sealed in ring.items() if sealed})
    three.first.sync()
    three.second.sync()
    for someone in (three.first, three.second):
        assert keys_anywhere(someone, id) == 0
    three.whole()


def keys_anywhere(someone: Someone, id: str) -> int:
    """How many files of keys in force hold a key of an entry."""
    with someone.open() as register:
        return sum(id in register.ring.open(name) for name in register.sealed_keyring())


def disposed(three: Three, id: str) -> None:
    """Destroy an entry, and let everybody know."""
    with three.first.open() as register:
        number = disposal.propose(
            register, ids=[id], reason="duplicate", on=TODAY, now=three.first.clock()
        ).id
    three.first.sync()
    three.second.sync()
    with three.second.open() as register:
        one = disposal.one(register, number)
        disposal.approve(register, one, without=(), on=TODAY, now=three.second.clock())
        disposal.dispose(register, number, on=TODAY, now=three.second.clock())
    for each in (three.second, three.first, three.ill):
        each.sync()


@pytest.mark.parametrize(
    ("what", "action"),
    [
        ("another key", "amend"),
        ("nonsense", "add"),
        ("no entry of the log", "amend"),
        ("another entry", "add"),
    ],
)
def test_an_entry_that_nobody_can_read_is_not_taken(three: Three, what: str, action: str) -> None:
    """It would be in the way of whoever reads the log: nothing could be listed or checked any more."""
    id, other = sorted(three.ill.records())
    with three.ill.open() as register:
        text = codec.encode(register.record("person", id).content())
    if action == "add":
        old, id = id, layout.new_id()
        text = text.replace(old.encode(), id.encode())
    key = envelope.new_key()
    sealed = {
        "another key": envelope.seal(text, envelope.new_key()),
        "nonsense": envelope.seal(b"\xff\0\n", key),
        "no entry of the log": envelope.seal(text.replace(b"volunteer", b"martian"), key),
        "another entry": envelope.seal(text.replace(id.encode(), other.encode()), key),
    }[what]
    written(three.ill, action, id, sealed, key)
    assert "its own key does not open, or that is none" in three.first.sync().notices[0]
    three.whole()


def test_an_entry_of_a_form_to_come_stops_the_sync_and_changes_nothing(three: Three) -> None:
    id = min(three.ill.records())
    with three.ill.open() as register:
        text = codec.encode(register.record("person", id).content())
    key = envelope.new_key()
    sealed = envelope.seal(text.replace(b"schema: 1", b"schema: 2"), key)
    written(three.ill, "amend", id, sealed, key)
    before = three.first.tips()
    with pytest.raises(layout.UnknownFormat):
        three.first.sync()
    assert three.first.tips() == before
    assert id in three.first.records()
