"""Records of a small organisation, made in-process with the same code as the tasks use."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import date
from pathlib import Path
from typing import Any

from cpvol.ledger.layout import new_id
from cpvol.ledger.members import ALL, Keys, Member
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.policy import load
from cpvol.policy.organisation import Organisation
from cpvol.register import Register, found_register
from cpvol.vault import credential, recovery
from cpvol.vault.credential import Identity

START = 1_230_768_000  # 1 January 2009
DAY = 86_400


def keys_of(identity: Identity) -> Keys:
    """The public half of a credential."""
    return Keys(identity.age_public, identity.signing_public)


@dataclass
class Founding:
    """An organisation's records, its members' credentials and its recovery page."""

    folder: Path
    people: dict[str, Identity] = field(default_factory=dict)
    page: Identity = field(default_factory=lambda: recovery.identity(recovery.generate()))
    clock: int = START

    def tick(self, days: int = 0) -> int:
        """A later moment each time."""
        self.clock += days * DAY + 60
        return self.clock

    def open(self, handle: str = "member-1") -> Register:
        """The records as that member sees them."""
        return Register.open(self.folder, self.people[handle])

    def coordinator(self, handle: str, *, by: str = "member-1") -> Identity:
        """Let a second coordinator join."""
        identity = credential.generate()
        self.people[handle] = identity
        with self.open(by) as register:
            now = register.members
            member = Member(handle, ("coordinator",), (ALL,), keys_of(identity))
            after = changed(now, version=now.version + 1, members=(*now.members, member))
            register.change_members(after, "join", f"members: join {handle}", now=self.tick())
        return identity

    def enter(self, log: str, *, by: str = "member-1", **values: Any) -> Record:
        """Make one entry."""
        record = BY_NAME[log].model.model_validate(
            {"id": new_id(), "log": log, "schema": 1, **values}
        )
        with self.open(by) as register:
            register.enter([record], "add", entered=self.tick())
        return record

    def amend(self, record: Record, *, by: str = "member-1", **values: Any) -> Record:
        """Make a new version of an entry."""
        data = record.model_dump() | values
        data["schema"] = data.pop("schema_")
        note = {"on": date(2009, 1, 2), "by": by, "action": "amend", "fields": sorted(values)}
        data["amendments"] = [*data["amendments"], note]
        after = type(record).model_validate(data)
        with self.open(by) as register:
            register.enter([after], "amend", entered=self.tick())
        return after

    def leaver(self, name: str = "Robin Example", left: str = "2009-03-02") -> list[Record]:
        """Somebody who left, with everything that hangs on them: person, check, training, token."""
        person = self.enter(
            "person",
            name=name,
            engagement="volunteer",
            access="query",
            joined_on="2008-01-07",
            left_on=left,
        )
        check = self.enter(
            "ecrb",
            person=person.id,
            reference="001",
            issued_on="2008-01-07",
            decision="clear",
        )
        training = self.enter(
            "training",
            person=person.id,
            course="Users",
            completed_on="2008-02-04",
            trainer="authority",
        )
        token = self.enter("token", person=person.id, number="T-1", issued_on="2008-02-04")
        return [person, check, training, token]


def found(folder: Path) -> Founding:
    """Make records with one member, ``member-1``."""
    made = Founding(folder)
    identity = credential.generate()
    made.people["member-1"] = identity
    organisation = Organisation(name="Example Trust", access="both", logs=tuple(BY_NAME))
    found_register(
        folder, identity, "member-1", keys_of(made.page), organisation, load(), now=START
    )
    return made
