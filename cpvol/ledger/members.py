"""Who may do what: ``members.yaml`` and the ``allowed_signers`` that follows from it.

    version: 3
    members:
    - handle: member-1
      roles:
      - admin
      - coordinator
      reads:
      - all
      present: true
      age: "age1…"
      signing: "ssh-ed25519 AAAA…"
      former:                              (keys that this handle used before, oldest first)
      - age: "age1…"
        signing: "ssh-ed25519 AAAA…"
    recovery:
      age: "age1…"
      signing: "ssh-ed25519 AAAA…"

Nothing is ever taken out: a member who leaves stays with ``present: false``, a replaced key stays under ``former``, and
a handle is never given to somebody else. The version rises with every change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cpvol import codec
from cpvol.errors import CpvolError
from cpvol.ledger.commits import NAMESPACE, principal
from cpvol.publickeys import is_reading_key, is_signing_key

RECOVERY = "recovery"
ROLES = ("admin", "coordinator", "auditor")
ALL = "all"

_HANDLE = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]\Z")
_LOG = re.compile(r"[a-z]{2,20}\Z")


class BadMembers(CpvolError):
    """The list of members is not in the form that cpvol writes, or a change of it is not allowed."""

    def __init__(self, why: str, hint: str = "restore these records from another copy") -> None:
        super().__init__(f"the list of members cannot be used: {why}", hint)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two public keys of one credential: ``age1…`` for reading, ``ssh-ed25519 …`` for signing."""

    age: str
    signing: str

    def __post_init__(self) -> None:
        if not is_reading_key(self.age) or not is_signing_key(self.signing):
            raise BadMembers("a key is not in the right form")

    def content(self) -> dict[str, Any]:
        """The keys as they are stored."""
        return {"age": self.age, "signing": self.signing}


@dataclass(frozen=True, slots=True)
class Member:
    """One member, present or former.

    :param handle: never given to another.
    :param roles: of :data:`ROLES`, in that order.
    :param reads: names of logs, or ``("all",)``; empty for a plain admin.
    :param keys: the keys in force, or last in force.
    :param former: the keys before, oldest first.
    """

    handle: str
    roles: tuple[str, ...]
    reads: tuple[str, ...]
    keys: Keys
    present: bool = True
    former: tuple[Keys, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _HANDLE.match(self.handle) or self.handle == RECOVERY:
            raise BadMembers(
                "a handle is not in the right form", "use lower-case letters, digits and hyphens"
            )
        if not self.roles or self.roles != tuple(role for role in ROLES if role in self.roles):
            raise BadMembers("a role is not known", f"use {', '.join(ROLES)}")
        if self.reads != (ALL,) and not all(_LOG.match(log) for log in self.reads):
            raise BadMembers("the name of a log is not in the right form")

    def may_read(self, log: str) -> bool:
        """Whether this member reads a log now."""
        return (
            self.present
            and ("coordinator" in self.roles or "auditor" in self.roles)
            and (ALL in self.reads or log in self.reads)
        )

    def may_enter(self, log: str) -> bool:
        """Whether this member may enter records into a log now."""
        return self.present and "coordinator" in self.roles and self.may_read(log)

    @property
    def admin(self) -> bool:
        """Whether this member may change members, policy and organisation now."""
        return self.present and "admin" in self.roles

    @property
    def approves(self) -> bool:
        """Whether this member takes part in disposals now."""
        return self.present and "coordinator" in self.roles

    def content(self) -> dict[str, Any]:
        """The member as stored."""
        data: dict[str, Any] = {
            "handle": self.handle,
            "roles": list(self.roles),
            "reads": list(self.reads),
            "present": self.present,
            **self.keys.content(),
        }
        if self.former:
            data["former"] = [keys.content() for keys in self.former]
        return data


@dataclass(frozen=True, slots=True)
class Members:
    """All members, and the recovery page.

    :param version: rises by one with every change; keyring files carry it in their names.
    """

    version: int
    members: tuple[Member, ...]
    recovery: Keys
    former_recovery: tuple[Keys, ...] = field(default=())

    def __post_init__(self) -> None:
        handles = [member.handle for member in self.members]
        keys = [keys for _, keys in self._all_keys()]
        if self.version < 1 or len(set(handles)) != len(handles):
            raise BadMembers("a handle stands twice")
        if len({k.age for k in keys}) != len(keys) or len({k.signing for k in keys}) != len(keys):
            raise BadMembers(
                "a key stands twice", "make a new credential; a key is never used for two members"
            )

    def get(self, handle: str) -> Member | None:
        """A member by handle, present or former."""
        return next((member for member in self.members if member.handle == handle), None)

    def holding(self, keys: Keys) -> Member | None:
        """The present member whose keys in force these are."""
        return next(
            (member for member in self.members if member.present and member.keys == keys), None
        )

    def readers(self, log: str) -> list[str]:
        """The age public keys of everyone who reads a log now, the recovery page last."""
        return [m.keys.age for m in self.members if m.may_read(log)] + [self.recovery.age]

    def signing_key(self, handle: str) -> str | None:
        """The signing key in force for a handle (``recovery`` included), or ``None``."""
        if handle == RECOVERY:
            return self.recovery.signing
        member = self.get(handle)
        return member.keys.signing if member and member.present else None

    def with_keys(self, handle: str, keys: Keys) -> Members:
        """The members after one of them has new keys; the old ones become former."""
        if self.get(handle) is None:
            raise BadMembers("there is no member of that handle", "see `member.list`")
        changed = tuple(
            replace(m, keys=keys, former=(*m.former, m.keys), present=True)
            if m.handle == handle
            else m
            for m in self.members
        )
        return replace(self, version=self.version + 1, members=changed)

    def with_member(self, member: Member) -> Members:
        """The members after somebody joined, or came back under the handle they had, with new keys."""
        old = self.get(member.handle)
        if old is None:
            return replace(self, version=self.version + 1, members=(*self.members, member))
        back = replace(member, former=(*old.former, old.keys))
        changed = tuple(back if m.handle == member.handle else m for m in self.members)
        return replace(self, version=self.version + 1, members=changed)

    def without(self, handle: str) -> Members:
        """The members after one of them left; they stay in the list, no longer present."""
        return self._changed(handle, present=False)

    def with_roles(self, handle: str, roles: tuple[str, ...], reads: tuple[str, ...]) -> Members:
        """The members after one of them has other roles, or reads other logs."""
        return self._changed(handle, roles=roles, reads=reads)

    def with_page(self, keys: Keys) -> Members:
        """The members after the recovery page was renewed, as a change of its own."""
        return replace(self.with_recovery(keys), version=self.version + 1)

    def _changed(self, handle: str, **changes: Any) -> Members:
        if self.get(handle) is None:
            raise BadMembers("there is no member of that handle", "see `member.list`")
        changed = tuple(replace(m, **changes) if m.handle == handle else m for m in self.members)
        return replace(self, version=self.version + 1, members=changed)

    def with_recovery(self, keys: Keys) -> Members:
        """The members after the recovery page was renewed, in the same version as another change."""
        return replace(self, recovery=keys, former_recovery=(*self.former_recovery, self.recovery))

    def encode(self) -> bytes:
        """``members.yaml``."""
        data: dict[str, Any] = {
            "version": self.version,
            "members": [member.content() for member in self.members],
            "recovery": self.recovery.content(),
        }
        if self.former_recovery:
            data["recovery"]["former"] = [keys.content() for keys in self.former_recovery]
        return codec.encode(data)

    def allowed_signers(self) -> bytes:
        """``allowed_signers``: every signing key ever in force, for stock git."""
        return "".join(
            f'{principal(handle)} namespaces="{NAMESPACE}" {keys.signing}\n'
            for handle, keys in self._all_keys()
        ).encode()

    def _all_keys(self) -> Iterator[tuple[str, Keys]]:
        for member in self.members:
            for keys in (*member.former, member.keys):
                yield member.handle, keys
        for keys in (*self.former_recovery, self.recovery):
            yield RECOVERY, keys


def decode(text: bytes) -> Members:
    """Read ``members.yaml``.

    :raises BadMembers: for anything that :meth:`Members.encode` would not have written.
    """
    try:
        data: Any = codec.decode(text)
        recovery, former = _keys(data["recovery"])
        members = Members(
            version=data["version"],
            members=tuple(_member(each) for each in data["members"]),
            recovery=recovery,
            former_recovery=former,
        )
    except (KeyError, TypeError, AttributeError, codec.NotCanonical):
        raise BadMembers("it is damaged") from None
    # A word in the place of a yes or a no, or the other way about, would be read by everybody in their own way.
    present = [each.present for each in members.members]
    if type(members.version) is not int or not all(isinstance(each, bool) for each in present):
        raise BadMembers("it is damaged")
    if members.encode() != text:
        raise BadMembers("it is damaged")
    return members


def _member(data: Mapping[str, Any]) -> Member:
    keys, former = _keys(data)
    return Member(
        handle=data["handle"],
        roles=tuple(data["roles"]),
        reads=tuple(data["reads"]),
        present=data["present"],
        keys=keys,
        former=former,
    )


def _keys(data: Mapping[str, Any]) -> tuple[Keys, tuple[Keys, ...]]:
    former = tuple(Keys(each["age"], each["signing"]) for each in data.get("former", []))
    return Keys(data["age"], data["signing"]), former
