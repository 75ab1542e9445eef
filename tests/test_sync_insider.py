"""A member who means ill signs what no honest program makes: nobody takes it, and nobody loses what they could read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal
from cpvol.audit import verify
from cpvol.ledger import layout
from cpvol.ledger.chain import keyring_objects, link
from cpvol.ledger.commits import Written
from cpvol.ledger.git import KEYRING, MAIN
from cpvol.register import draft_of
from cpvol.vault import envelope
from cpvol.vault.ring import Fresh
from tests.support.people import Group, Someone, found
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


@pytest.fixture
def three(tmp_path: Path) -> Three:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    ill = group.newcomer(first, "member-3")
    first.enter("Robin A")
    first.enter("Robin B")
    for each in (first, second, ill):
        each.sync()
    return Three(group, first, second, ill)


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
