"""The numbers in force: ``policy.show``, ``policy.set``, ``policy.diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke.tasks import Task

from cpvol.tasks.build import JSON, YES, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.policy import Retention
    from cpvol.policy.model import AnyNumber

_SURE = {
    "law": "a law",
    "guidance": "guidance",
    "custom": "what is usual",
    "ours": "our own",
}


def show_policy(session: Session, *, key: str | None, json: bool) -> None:
    """The body of ``policy.show``."""
    from cpvol.governance import UnknownKey, numbers
    from cpvol.tasks import show

    with session.register(keys=False) as register:
        policy = register.policy
    found = numbers(policy)
    if key:
        name = key.strip().replace("-", "_")
        if name not in found:
            raise UnknownKey
        found = {name: found[name]}
    if json:
        session.json({name: plain(number) for name, number in found.items()})
        return
    session.out(f"Profile: {policy.profile}")
    rows = [(name, n.words, n.what, _from(n), _firm(n)) for name, n in found.items()]
    show.table(session, ("key", "number", "what it means", "from", "how sure"), rows)


def set_policy(
    session: Session,
    *,
    key: str,
    value: str | None,
    reason: str | None,
    source: str | None,
    yes: bool,
    json: bool,
) -> None:
    """The body of ``policy.set``."""
    from cpvol.governance import changed, numbers, put_in_force

    if session.terminal and not value:
        from cpvol.tasks.ask import line

        value = line("What is the number to be?")
        reason = reason or line("Why? (Enter, when it is the profile's own again)")
        source = source or line("Where does it come from? (Enter, when nowhere)")
    if not value:
        raise BadInput(
            "not given: --value", "for example: policy.set spot_check --value '6 months'"
        )
    with session.register() as register:
        before = register.policy
        after = changed(before, key, value, reason, source)
        name = key.strip().replace("-", "_")
        old, new = numbers(before).get(name), numbers(after)[name]
        if old is not None and plain(old) == plain(new):
            raise BadInput("that would change nothing", "look at it with `policy.show`")
        words = f"{name}: {old.words if old else 'not in force'}, now {new.words}"
        if session.terminal and not yes:
            from cpvol.tasks.ask import confirm

            session.tell(f"{new.what} ({_from(new)})")
            if not confirm(f"{words}. Is this right?"):
                raise KeyboardInterrupt
        commit = put_in_force(register, after, name, now=session.now())
    if json:
        session.json({"key": name, **plain(new), "commit": commit})
        return
    session.out(f"In force. {words}")


def diff_policy(session: Session, *, json: bool) -> None:
    """The body of ``policy.diff``."""
    from cpvol.governance import differences
    from cpvol.tasks import show

    with session.register(keys=False) as register:
        policy = register.policy
    found = differences(policy)
    if json:
        session.json(
            [
                {
                    "key": each.key,
                    "ours": plain(each.ours) if each.ours else None,
                    "profile": plain(each.profile) if each.profile else None,
                }
                for each in found
            ]
        )
        return
    if not found:
        session.out(f"Every number is that of the profile {policy.profile}.")
        return
    rows = [
        (
            each.key,
            each.ours.words if each.ours else "not in force",
            each.profile.words if each.profile else "not in force",
            (each.ours.reason if each.ours else None) or "",
        )
        for each in found
    ]
    show.table(session, ("key", "ours", policy.profile, "reason"), rows)


def plain(number: AnyNumber | Retention) -> dict[str, Any]:
    """A number as JSON: value, unit, and where it comes from."""
    data = number.model_dump(mode="json", exclude_none=True)
    order = ("value", "unit", "rows", "source", "origin", "sure", "unconfirmed", "reason", "what")
    return {name: data[name] for name in (*order, "since") if name in data}


def _from(number: AnyNumber | Retention) -> str:
    cited = ", ".join(number.cited)
    return f"ours: {number.reason} {cited}".strip() if number.origin == "ours" else cited


def _firm(number: AnyNumber | Retention) -> str:
    said = _SURE.get(number.sure or "", "")
    return f"{said}; not confirmed: {number.unconfirmed}" if number.unconfirmed else said


TASKS: tuple[Task[Any], ...] = (
    make_task(
        "show",
        "Every number in force, with what it means and where it comes from.",
        [Param("key", "One number alone, by its key."), JSON],
        show_policy,
    ),
    make_task(
        "set",
        "Decide on another number; signed by an admin.",
        [
            Param("key", "The number's key, as policy.show has it.", positional=True),
            Param("value", "The number, for example '6 months'."),
            Param("reason", "Why the organisation decided on it."),
            Param("source", "Where it comes from: rows such as E-16.9, or words."),
            YES,
            JSON,
        ],
        set_policy,
    ),
    make_task("diff", "Where the numbers in force are not the profile's.", [JSON], diff_policy),
)
