"""People for tests of syncing: each with a copy of the records of their own, and one bare folder where they meet.

Keys are made in memory, so that nobody waits for a passphrase; everything else is the real thing, real git above all.
"""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cpvol import membership
from cpvol.ledger import layout
from cpvol.ledger.members import Keys
from cpvol.ledger.remote import Meeting, make_meeting_place
from cpvol.logs import BY_NAME
from cpvol.logs.base import Amendment, Record
from cpvol.logs.person import Person
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.register import Register, found_register
from cpvol.sync import Outcome, Voice, sync
from cpvol.sync.clone import clone
from cpvol.tasks.keys import words
from cpvol.vault import credential, recovery
from cpvol.vault.credential import Identity

#: The day and hour at which these tests take place; each use of a clock moves it by a minute.
START = 1_236_000_000


def keys_of(identity: Identity) -> Keys:
    """The public keys of a credential."""
    return Keys(identity.age_public, identity.signing_public)


def words_of(card: str) -> str:
    """What whoever made a card reads out on the telephone."""
    return words(membership.read_card(card.strip()).keys)


class Clock:
    """Everybody's clock."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> int:
        self.time += 60
        return self.time


@dataclass
class Someone:
    """A person with a credential and a copy of the records.

    :param trusted: the age keys whose words they compared; ``None`` while they take everybody.
    :param willing: whether they accept a newcomer's words when asked.
    """

    handle: str
    folder: Path
    place: Path
    clock: Clock
    identity: Identity = field(default_factory=credential.generate)
    trusted: set[str] | None = None
    willing: bool = True
    published: str | None = None
    former: Identity | None = None
    told: list[str] = field(default_factory=list)

    def open(self) -> Register:
        """Open their copy."""
        register = Register.open(self.folder, self.identity)
        register.former = self.former
        register.trusts = lambda key: self.trusted is None or key in self.trusted
        return register

    def voice(self) -> Voice:
        """How they answer."""

        def trust(handle: str, keys: Keys) -> bool:
            if self.willing and self.trusted is not None:
                self.trusted.add(keys.age)
            return self.willing

        def took_over(key: str) -> None:
            if self.trusted is not None:
                self.trusted.add(key)

        return Voice(trust=trust, took_over=took_over, tell=self.told.append)

    def sync(self, voice: Voice | None = None, *, put_back: bool = False) -> Outcome:
        """Sync their copy with the meeting place."""
        with self.open() as register:
            if self.trusted is None:
                everyone = register.members
                self.trusted = {m.keys.age for m in everyone.members if m.present}
                self.trusted.add(everyone.recovery.age)
            outcome = sync(
                register,
                Meeting(register.git, str(self.place)),
                published=self.published,
                clock=self.clock,
                voice=voice or self.voice(),
                put_back=put_back,
            )
        self.published = outcome.tip
        self.former = None
        return outcome

    def join(self) -> None:
        """Take a copy from the meeting place."""
        register = clone(self.folder, str(self.place), anchor=None, now=self.clock())
        self.published = register.head.oid
        register.git.close()

    def enter(self, name: str, **fields: object) -> str:
        """Enter a person; gives the entry's number."""
        given = {
            "id": layout.new_id(),
            "schema": 1,
            "name": name,
            "engagement": "volunteer",
            "need_to_know": "runs the support group",
            "access": "query",
            "joined_on": date(2008, 9, 1),
        }
        record = Person.model_validate(given | fields)
        with self.open() as register:
            register.enter([record], "add", entered=self.clock())
        return record.id

    def amend(self, id: str, **changes: object) -> None:
        """Correct a person's entry."""
        with self.open() as register:
            record = register.record("person", id)
            data = record.model_dump() | changes
            data["schema"] = data.pop("schema_")
            note = Amendment(
                on=date(2009, 3, 2),
                by=self.handle,
                action="amend",
                reason="x",
                fields=tuple(changes),
            )
            data["amendments"] = [*data["amendments"], note.model_dump()]
            register.enter([type(record).model_validate(data)], "amend", entered=self.clock())

    def records(self) -> dict[str, Record]:
        """What they can read, by number."""
        with self.open() as register:
            return {record.id: record for record in register.records()}

    def records_or_none(self) -> dict[str, Record] | None:
        """What they can read; ``None`` when their keys open nothing, though there is something."""
        with self.open() as register:
            found = {record.id: record for record in register.records()}
            return found or (None if register.closed_to_me else {})

    def entitled(self) -> str:
        """The handle under which their keys are in force in the copy at the meeting place.

        :raises NotAMember: when they are not.
        """
        other = Someone(
            "reader", self.folder.with_name(f"{self.handle}-again"), self.place, self.clock
        )
        other.identity = self.identity
        other.join()
        with other.open() as register:
            return register.me.handle

    def tips(self) -> tuple[str, str]:
        """Where their two branches stand."""
        with self.open() as register:
            return register.git.read("refs/heads/main").oid, register.git.read(
                "refs/heads/keyring"
            ).oid

    def add(self, other: Someone, roles: str = "coordinator", reads: str | None = "all") -> None:
        """Make somebody a member."""
        card = membership.Card(other.handle, keys_of(other.identity))
        if self.trusted is not None:
            self.trusted.add(other.identity.age_public)
        with self.open() as register:
            membership.add(register, card, *membership.roles_from(roles, reads), now=self.clock())

    def remove(self, other: Someone, *, lost: bool = False) -> None:
        """Take somebody out."""
        with self.open() as register:
            membership.remove(register, other.handle, lost=lost, now=self.clock())

    def rotate(self) -> None:
        """Replace their keys."""
        new = credential.generate()
        if self.trusted is not None:
            self.trusted.add(new.age_public)
        with self.open() as register:
            membership.rotate(register, keys_of(new), now=self.clock())
        self.former, self.identity = self.identity, new


@dataclass
class Group:
    """Some people and the folder where they meet."""

    root: Path
    clock: Clock
    place: Path
    page: Identity
    people: dict[str, Someone] = field(default_factory=dict)

    def someone(self, handle: str) -> Someone:
        """Somebody new, not a member yet and without a copy."""
        made = Someone(handle, self.root / handle, self.place, self.clock)
        self.people[handle] = made
        return made

    def newcomer(self, by: Someone, handle: str, roles: str = "coordinator") -> Someone:
        """Somebody who was added, and has a copy that they can read."""
        made = self.someone(handle)
        by.sync()
        by.add(made, roles, None if roles == "admin" else "all")
        by.sync()
        made.join()
        return made


def found(root: Path) -> tuple[Group, Someone]:
    """A group with its founder, whose records the meeting place has."""
    clock, place = Clock(), root / "place.git"
    make_meeting_place(place)
    page = recovery.identity(recovery.generate())
    group = Group(root, clock, place, page)
    founder = group.someone("member-1")
    organisation = Organisation(name="The Larches", access="query", logs=tuple(BY_NAME))
    register = found_register(
        founder.folder,
        founder.identity,
        founder.handle,
        keys_of(page),
        organisation,
        load(),
        now=clock(),
    )
    register.git.close()
    founder.sync()
    return group, founder


def moved(group: Group, root: Path) -> Group:
    """A copy of a group under another folder, with everybody's copies and their clock as it is now."""
    shutil.copytree(group.root, root)
    made = replace(group, root=root, place=root / group.place.name, clock=copy.copy(group.clock))
    made.people = {
        handle: replace(
            each,
            folder=root / each.folder.name,
            place=made.place,
            clock=made.clock,
            trusted=None if each.trusted is None else set(each.trusted),
            told=list(each.told),
        )
        for handle, each in group.people.items()
    }
    return made
