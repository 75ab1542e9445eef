"""Who belongs: joining, leaving, other roles, new keys; and what may not go by accident.

A newcomer's card is one line that holds no secret::

    cpvol-card-1:<handle>:<age key>:<signing key, without "ssh-ed25519 ">
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cpvol.errors import CpvolError
from cpvol.ledger.members import ALL, ROLES, BadMembers, Keys, Member, Members
from cpvol.logs import BY_NAME
from cpvol.publickeys import is_reading_key, is_signing_key
from cpvol.register import NotAllowed, Register

_CARD = re.compile(
    r"cpvol-card-1:(?P<handle>[a-z][a-z0-9-]{1,30}[a-z0-9])"
    r":(?P<age>age1[02-9ac-hj-np-z]{58}):(?P<signing>[A-Za-z0-9+/]{68})"
)
_ED25519 = "ssh-ed25519 "


class NotACard(CpvolError):
    """The text is no card."""

    def __init__(self) -> None:
        super().__init__(
            "that is not a card, or part of it is missing",
            "copy the whole line that `member.card` printed, in quotes",
        )


class KeepsNobody(CpvolError):
    """The change would leave nobody who can do something that somebody must be able to do."""


class NoSuchMember(CpvolError):
    """There is no present member of that handle."""

    def __init__(self) -> None:
        super().__init__("there is no present member of that handle", "see `member.list`")


@dataclass(frozen=True, slots=True)
class Card:
    """What a newcomer sends: the handle they would like, and their public keys."""

    handle: str
    keys: Keys

    def line(self) -> str:
        """The card as it is sent."""
        signing = self.keys.signing.removeprefix(_ED25519)
        return f"cpvol-card-1:{self.handle}:{self.keys.age}:{signing}"


def read_card(text: str) -> Card:
    """The card in a line.

    :raises NotACard: when it is none.
    """
    # As it is told to be copied: with quotes.
    match = _CARD.fullmatch("".join(text.split()).strip("'\""))
    if match is None:
        raise NotACard
    age, signing = match["age"], _ED25519 + match["signing"]
    if not is_reading_key(age) or not is_signing_key(signing):
        raise NotACard
    return Card(match["handle"], Keys(age, signing))


def words_from(keys: Keys) -> str:
    """The text that a fingerprint in words is made of: both public keys."""
    return f"{keys.age} {keys.signing}"


def roles_from(roles: str, reads: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Roles and logs as they were typed, with commas.

    :param reads: names of logs, or ``all``; needed unless the role is plain admin.
    :returns: roles and logs in the order in which they are stored.
    :raises BadMembers: for a word that is neither, or when a reader would read nothing.
    """
    chosen = _words(roles)
    if not chosen or not chosen <= set(ROLES):
        raise BadMembers("a role is not known", f"use {', '.join(ROLES)}")
    ordered = tuple(role for role in ROLES if role in chosen)
    logs = _words(reads or "")
    if ordered == ("admin",):
        return ordered, ()
    if not logs or not logs <= {ALL, *BY_NAME}:
        raise BadMembers(
            "it is not said which logs are read", f"use all, or some of {', '.join(BY_NAME)}"
        )
    return ordered, (ALL,) if ALL in logs else tuple(name for name in BY_NAME if name in logs)


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",") if word.strip()}


def add(
    register: Register,
    card: Card,
    roles: tuple[str, ...],
    reads: tuple[str, ...],
    *,
    now: int,
) -> Members:
    """Make somebody a member, or bring one back who left or lost their keys; signed by an admin.

    :raises BadMembers: when a present member has the handle, or anybody has or had the keys.
    """
    _as_admin(register)
    old = register.members.get(card.handle)
    if old is not None and old.present:
        raise BadMembers(
            f"{card.handle} is the handle of a present member",
            "choose another with --handle, or use `member.lost` first if their keys are lost",
        )
    after = register.members.with_member(Member(card.handle, roles, reads, card.keys))
    register.change_members(after, "join", f"members: join {card.handle}", now=now)
    return after


def remove(register: Register, handle: str, *, lost: bool, now: int) -> Members:
    """Take somebody out, and seal the keys for those who stay; signed by an admin.

    :param lost: their keys were lost or stolen: they may come back under the same handle with a new card.
    :raises CpvolError: as :func:`without`.
    """
    after = without(register, handle)
    action = "lost" if lost else "remove"
    register.change_members(after, action, f"members: {action} {handle}", now=now)
    return after


def without(register: Register, handle: str) -> Members:
    """The members once somebody is taken out; nothing changes.

    :raises NotAllowed: when this person is no admin.
    :raises NoSuchMember: when there is no such member.
    :raises KeepsNobody: when nobody else could change members, or read some log.
    """
    _as_admin(register)
    _present(register, handle)
    after = register.members.without(handle)
    _refuse_nobody(register, after)
    return after


def change_roles(
    register: Register, handle: str, roles: tuple[str, ...], reads: tuple[str, ...], *, now: int
) -> Members:
    """Give somebody other roles or other logs to read; signed by an admin.

    :raises CpvolError: as :func:`with_roles`.
    """
    after = with_roles(register, handle, roles, reads)
    register.change_members(after, "roles", f"members: roles {handle}", now=now)
    return after


def with_roles(
    register: Register, handle: str, roles: tuple[str, ...], reads: tuple[str, ...]
) -> Members:
    """The members once somebody has other roles, or reads other logs; nothing changes.

    :raises BadMembers: when they have them already, and as :func:`without`.
    """
    _as_admin(register)
    member = _present(register, handle)
    if (member.roles, member.reads) == (roles, reads):
        raise BadMembers("that would change nothing", "see `member.list`")
    after = register.members.with_roles(handle, roles, reads)
    _refuse_nobody(register, after)
    return after


def rotate(register: Register, new: Keys, *, now: int) -> Members:
    """Replace one's own keys, signed with the old ones; reading takes the new ones from then on."""
    me = register.me.handle
    after = register.members.with_keys(me, new)
    register.change_members(after, "rotate", f"members: rotate {me}", now=now)
    return after


def renew_page(register: Register, page: Keys, *, now: int) -> Members:
    """Put another recovery page in force; signed by an admin."""
    _as_admin(register)
    after = register.members.with_page(page)
    register.change_members(after, "renew", "members: renew the recovery page", now=now)
    return after


def alone(everyone: Members, logs: Sequence[str]) -> list[str]:
    """What only one person can do, a sentence each; empty when nothing hangs on one."""
    found = []
    admins = [m.handle for m in everyone.members if m.admin]
    if len(admins) == 1:
        found.append(f"{admins[0]} is the only admin")
    approvers = [m.handle for m in everyone.members if m.present and "coordinator" in m.roles]
    if len(approvers) == 1:
        found.append(f"{approvers[0]} is the only one who can approve a disposal")
    single = [log for log in logs if sum(m.may_read(log) for m in everyone.members) == 1]
    if single and len(approvers) > 1:
        found.append(f"only one member reads {', '.join(single)}")
    return found


def _as_admin(register: Register) -> None:
    if not register.me.admin:
        raise NotAllowed("only an admin changes the list of members", "ask an admin to do it")


def _present(register: Register, handle: str) -> Member:
    member = register.members.get(handle)
    if member is None or not member.present:
        raise NoSuchMember
    return member


def _refuse_nobody(register: Register, after: Members) -> None:
    if not any(member.admin for member in after.members):
        raise KeepsNobody(
            "nobody else could change the members then",
            "make somebody else an admin first, with `member.roles`",
        )
    for log in BY_NAME:
        before = any(member.may_read(log) for member in register.members.members)
        if before and not any(member.may_read(log) for member in after.members):
            raise KeepsNobody(
                f"nobody but the recovery page could read the log {log} then",
                "let somebody else read it first, with `member.roles`",
            )
