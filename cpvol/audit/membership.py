"""Which changes of the list of members are allowed, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from cpvol.ledger.members import RECOVERY, Keys, Member, Members

#: The actions that change the list of members.
ACTIONS = frozenset(("join", "remove", "roles", "lost", "rotate", "recover", "renew"))

Fault = tuple[str, str]
"""The rule's name, and what was done against it as the end of a sentence: "This change …"."""


def faults(before: Members, after: Members, action: str, handle: str) -> Iterator[Fault]:
    """What a change of the members does that it may not.

    :param handle: who signed it; ``recovery`` for the recovery page.
    """
    if after.version != before.version + 1:
        yield "version", "does not raise the version of the list of members by one"
    yield from _kept(before, after)
    changed = _changed(before, after)
    rule = _RULES.get(action)
    if rule is None or not rule(_Case(before, after, changed, handle)):
        yield "members-action", f"changes the members in a way that “{action}” does not allow"


class _Case:
    """One change of the members, as its rule looks at it."""

    def __init__(self, before: Members, after: Members, changed: list[str], handle: str) -> None:
        self.before, self.after, self.changed, self.handle = before, after, changed, handle
        signer = before.get(handle)
        self.by_admin = signer is not None and signer.admin
        self.same_page = _page(before) == _page(after)

    def pair(self) -> tuple[Member | None, Member | None]:
        """The one member that changed, before and after; nobody when there is not exactly one."""
        if len(self.changed) != 1:
            return None, None
        return self.before.get(self.changed[0]), self.after.get(self.changed[0])


def _join(case: _Case) -> bool:
    old, new = case.pair()
    free = old is None or not old.present
    return case.by_admin and case.same_page and free and new is not None and new.present


def _leave(case: _Case) -> bool:
    old, new = case.pair()
    return (
        case.by_admin
        and case.same_page
        and old is not None
        and old.present
        and new == replace(old, present=False)
    )


def _roles(case: _Case) -> bool:
    old, new = case.pair()
    return (
        case.by_admin
        and case.same_page
        and old is not None
        and new is not None
        and new == replace(old, roles=new.roles, reads=new.reads)
    )


def _rotate(case: _Case) -> bool:
    old, new = case.pair()
    return (
        case.same_page
        and case.changed == [case.handle]
        and old is not None
        and new is not None
        and new == replace(old, keys=new.keys, former=new.former)
    )


def _recover(case: _Case) -> bool:
    old, new = case.pair()
    if case.handle != RECOVERY or len(case.changed) > 1:
        return False
    if not case.changed:
        return not case.same_page
    if new is None or not new.present:
        return False
    if old is None or new.roles != old.roles:
        return "admin" in new.roles
    return new == replace(old, keys=new.keys, former=new.former, present=True)


def _renew(case: _Case) -> bool:
    return case.by_admin and not case.changed and not case.same_page


_RULES: dict[str, Callable[[_Case], bool]] = {
    "join": _join,
    "remove": _leave,
    "lost": _leave,
    "roles": _roles,
    "rotate": _rotate,
    "recover": _recover,
    "renew": _renew,
}


def _page(members: Members) -> tuple[Keys, tuple[Keys, ...]]:
    return members.recovery, members.former_recovery


def _changed(before: Members, after: Members) -> list[str]:
    """The handles of the members that are new or differ."""
    return [new.handle for new in after.members if before.get(new.handle) != new]


def _kept(before: Members, after: Members) -> Iterator[Fault]:
    """Nobody is taken off the list, and no key that was ever in force."""
    if [each.handle for each in after.members][: len(before.members)] != [
        each.handle for each in before.members
    ]:
        yield "members-kept", "takes somebody off the list of members, or puts it in another order"
    pairs = [
        (old.keys, old.former, new.keys, new.former)
        for old in before.members
        if (new := after.get(old.handle))
    ]
    pairs.append((*_page(before), *_page(after)))
    for old_keys, old_former, new_keys, new_former in pairs:
        expected = old_former if new_keys == old_keys else (*old_former, old_keys)
        if new_former != expected:
            yield "former-keys", "drops or changes a key that was in force before"
            return
