"""The organisation's details: ``organisation.show``, ``.set`` and ``.contact``; the guidance site takes them from here."""

from __future__ import annotations

from typing import Any, get_args

from invoke.tasks import Task

from cpvol.logs import BY_NAME
from cpvol.policy.organisation import Contact, Organisation, Purpose
from cpvol.tasks.build import JSON, YES, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, build

_PURPOSES: tuple[str, ...] = get_args(Purpose)


def show_organisation(session: Session, *, json: bool) -> None:
    """The body of ``organisation.show``."""
    with session.register(keys=False) as register:
        found = register.organisation
    if json:
        session.json(found.stored())
        return
    session.out(f"{found.name}\n  reaches the directory: {found.access}")
    session.out(f"  keeps the logs: {', '.join(found.logs)}")
    session.out(f"  decides on shields: {', '.join(found.shield_roles) or 'not named'}")
    session.out(f"  sees to the renewal of checks: {found.renewal_role or 'not named'}")
    cards: dict[str, Contact] = {card.purpose: card for card in found.contacts}
    for purpose in _PURPOSES:
        session.out(f"  {purpose.replace('_', ' ')}: {_card(cards.get(purpose))}")


def set_details(session: Session, *, yes: bool, json: bool, **given: str | None) -> None:
    """The body of ``organisation.set``."""
    changes: dict[str, Any] = {name: text for name, text in given.items() if text}
    for name in ("logs", "shield_roles"):
        if name in changes:
            changes[name] = [part.strip() for part in changes[name].split(",") if part.strip()]
    if unknown := [log for log in changes.get("logs", ()) if log not in BY_NAME]:
        raise BadInput(
            f"--logs: there is no log {unknown[0][:20]}", f"the logs are {', '.join(BY_NAME)}"
        )
    if not changes:
        raise BadInput("nothing was given to change", "see `organisation.set --help`")
    _put(session, changes, yes=yes, json=json)


def set_contact(
    session: Session, *, purpose: str, remove: bool, yes: bool, json: bool, **given: str | None
) -> None:
    """The body of ``organisation.contact``."""
    name = purpose.strip().casefold().replace(" ", "_").replace("-", "_")
    if name not in _PURPOSES:
        raise BadInput("there is no card of that name", f"choose from {', '.join(_PURPOSES)}")
    values = {key: text for key, text in given.items() if text}
    if session.terminal and not values and not remove:
        from cpvol.tasks.ask import line

        for key, spec in Contact.model_fields.items():
            if key != "purpose" and (text := line(f"{spec.title}:")):
                values[key] = text
    if not remove and "office" not in values:
        raise BadInput("not given: --office", "name the team or office, never a person")
    with session.register(keys=False) as register:
        others = [card for card in register.organisation.contacts if card.purpose != name]
    new = [] if remove else [build(Contact, {"purpose": name, **values})]
    order = {each: place for place, each in enumerate(_PURPOSES)}
    cards = sorted([*others, *new], key=lambda card: order[card.purpose])
    _put(session, {"contacts": [card.model_dump() for card in cards]}, yes=yes, json=json)


def _put(session: Session, changes: dict[str, Any], *, yes: bool, json: bool) -> None:
    from cpvol.governance import put_details

    with session.register() as register:
        before = register.organisation
        after = build(Organisation, before.model_dump() | changes)
        if after == before:
            raise BadInput("that would change nothing", "look at it with `organisation.show`")
        if session.terminal and not yes:
            from cpvol.tasks.ask import confirm

            if not confirm("Put these details in force?"):
                raise KeyboardInterrupt
        commit = put_details(register, after, now=session.now())
    if json:
        session.json({**after.stored(), "commit": commit})
    else:
        session.out("In force. Build the guidance site again to see it there.")


def _card(card: Contact | None) -> str:
    if card is None:
        return "not filled in"
    return ", ".join(
        text for text in (card.office, card.telephone, card.email, card.address) if text
    )


TASKS: tuple[Task[Any], ...] = (
    make_task("show", "The organisation's details and contact cards.", [JSON], show_organisation),
    make_task(
        "set",
        "Change the organisation's details.",
        [
            Param("name", "Its name."),
            Param("access", "How it reaches the directory: query, mediated, both."),
            Param("logs", "The logs it keeps, with commas."),
            Param("shield_roles", "The roles that decide on shields, with commas."),
            Param("renewal_role", "The role that sees to the renewal of checks."),
            YES,
            JSON,
        ],
        set_details,
    ),
    make_task(
        "contact",
        "Fill in a contact card: an office, never a person's name.",
        [
            Param(
                "purpose",
                f"Which card: {', '.join(_PURPOSES)}.",
                positional=True,
                choices=",".join(_PURPOSES),
            ),
            Param("office", "The team or office."),
            Param("telephone", "Its telephone number."),
            Param("email", "Its e-mail address."),
            Param("address", "Its postal address."),
            Param("remove", "Take the card out.", flag=True),
            YES,
            JSON,
        ],
        set_contact,
    ),
)
