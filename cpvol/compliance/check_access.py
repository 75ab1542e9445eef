"""Checks of access: what must be there before somebody may use the directory, and stay there while they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.standing import cleared, people, standing, trained_on
from cpvol.findings import Severity
from cpvol.logs.person import Person


def _holders(case: Case) -> Iterator[tuple[Person, date]]:
    """Everybody with an account on the day, suspended or not, and the day on which it was opened."""
    for person in people(case.book):
        if person.account_opened_on is not None and person.account_open(case.on):
            yield person, person.account_opened_on


def _nominated(case: Case) -> Iterator[Person]:
    """Everybody who may have a colleague look things up for them, without an account of their own (C12)."""
    for person in people(case.book):
        if (
            person.access == "nominated"
            and person.here(case.on)
            and not person.account_open(case.on)
        ):
            yield person


def _in_time(
    case: Case, met: Callable[[Person], date | None], what: str, *, late: bool = True
) -> Iterator[Hit]:
    """Object to each person for whom a precondition is missing or came after the account was opened.

    :param met: the day on which the person met it, or ``None``.
    :param what: the precondition, as the start of a sentence.
    :param late: whether coming after the opening is objected to as well.
    """
    for person, opened in _holders(case):
        day = met(person)
        if day is None or day > case.on:
            yield Hit(person, f"{what} is not recorded, and the account is open")
        elif late and day > opened:
            yield Hit(person, f"{what} came after the account was opened", Severity.WARNING)
    for person in _nominated(case):
        day = met(person)
        if day is None or day > case.on:
            yield Hit(
                person,
                f"{what} is not recorded, and the person is nominated for mediated access",
                Severity.WARNING,
            )


@check(
    "access-need", "Access only for who needs it", Severity.BREACH, "E-1.1", "B-1", "S-1.1", "W-3"
)
def _need(case: Case) -> Iterator[Hit]:
    """The directory is for people whose work makes it necessary.

    Where nobody wrote down what makes it so, nobody can say later that it did.
    """
    for person, _ in _holders(case):
        if person.access == "none":
            yield Hit(person, "the account is open although the person is to have no access")
        elif person.need_to_know is None:
            yield Hit(person, "why access is needed is not recorded, and the account is open")
    for person in _nominated(case):
        if person.need_to_know is None:
            yield Hit(
                person,
                "why access is needed is not recorded, and the person is nominated for mediated access",
                Severity.WARNING,
            )


@check(
    "access-ecrb",
    "A valid enhanced check before access",
    Severity.BREACH,
    "E-1.2",
    "E-5.1",
    "B-12",
    "W-3",
)
def _ecrb(case: Case) -> Iterator[Hit]:
    """Nobody opens children's records before a valid enhanced check was seen."""
    for person, opened in _holders(case):
        if standing(person.id, case.book, case.on) is None:
            yield Hit(person, "no enhanced check is on record as seen, and the account is open")
        elif not cleared(person.id, case.book, case.policy, opened):
            yield Hit(
                person,
                "there was no valid enhanced check on the day on which the account was opened",
                Severity.WARNING,
            )
    for person in _nominated(case):
        if not cleared(person.id, case.book, case.policy, case.on):
            yield Hit(
                person,
                "there is no valid enhanced check, and the person is nominated for mediated access",
                Severity.WARNING,
            )


@check(
    "access-training",
    "Training before access",
    Severity.BREACH,
    "E-3.1",
    "E-3.4",
    "E-11.1",
    "B-12",
    "S-1.5",
    "W-3",
    "W-13",
)
def _training(case: Case) -> Iterator[Hit]:
    """The training comes first, and the token is given out at the end of it.

    A training that was carried over counts from the day on which its evidence was seen (E-3.3).
    """
    return _in_time(
        case, lambda person: trained_on(person.id, case.book), "the training in the directory"
    )


@check("access-identity", "Proof of identity before access", Severity.BREACH, "N-7")
def _identity(case: Case) -> Iterator[Hit]:
    """A clear check says nothing as long as nobody made sure whose it is."""
    return _in_time(case, lambda person: person.identity_checked_on, "the check of identity")


@check("access-sharing", "Information-sharing training before access", Severity.BREACH, "N-6")
def _sharing(case: Case) -> Iterator[Hit]:
    """Knowing how to use the directory is one thing, knowing what may be shared with whom is another."""
    return _in_time(
        case, lambda person: person.sharing_trained_on, "the training in information sharing"
    )


@check("access-isa", "Membership of the ISA scheme", Severity.BREACH, "S-1.2")
def _isa(case: Case) -> Iterator[Hit]:
    """Once the scheme has begun, everybody with access is a member, whenever their account was opened."""
    if case.policy.isa_member_from is None or case.on < case.policy.isa_member_from.value:
        return
    begins = case.policy.isa_member_from.value
    yield from _in_time(
        case, lambda person: person.isa_member_on, "membership of the ISA scheme", late=False
    )
    for person, opened in _holders(case):
        member = person.isa_member_on
        if member is not None and max(opened, begins) < member <= case.on:
            yield Hit(
                person, "membership of the ISA scheme came after it was needed", Severity.WARNING
            )


@check("access-email", "A personal e-mail address", Severity.BREACH, "E-13.3")
def _email(case: Case) -> Iterator[Hit]:
    """The directory's team sends what opens the account to this address, so nobody else may read it."""
    for person, _ in _holders(case):
        if person.email is None:
            yield Hit(person, "no personal e-mail address is recorded, and the account is open")


@check("shared-mailbox", "No shared mailbox", Severity.WARNING, "E-13.3")
def _mailbox(case: Case) -> Iterator[Hit]:
    """An address that two people gave is probably one that both of them read."""
    readers: dict[str, list[Person]] = {}
    for person in people(case.book):
        if person.email is not None and (person.here(case.on) or person.account_open(case.on)):
            readers.setdefault(person.email.casefold(), []).append(person)
    for sharing in readers.values():
        for person in sharing if len(sharing) > 1 else ():
            yield Hit(person, "the e-mail address stands in somebody else's entry too")


@check("mediator-account", "A mediator has an account", Severity.WARNING, "B-9", "C12")
def _mediator(case: Case) -> Iterator[Hit]:
    """A mediator looks things up for nominated colleagues with their own account, so there has to be one."""
    for person in people(case.book):
        if (
            person.access == "mediator"
            and person.here(case.on)
            and not person.account_open(case.on)
        ):
            yield Hit(person, "the person is to mediate and has no open account")


@check("override-agreed", "The right to override is agreed", Severity.BREACH, "S-9.5")
def _override(case: Case) -> Iterator[Hit]:
    """Nobody simply has the right to look behind a shield.

    The directory's team proposes it, and the safeguarding board or its equivalent agrees.
    """
    for person in people(case.book):
        if person.override == "yes" and person.override_agreed_by is None and person.here(case.on):
            yield Hit(person, "who agreed the right to override a shield is not recorded")


CHECKS: tuple[Check, ...] = (
    _need,
    _ecrb,
    _training,
    _identity,
    _sharing,
    _isa,
    _email,
    _mailbox,
    _mediator,
    _override,
)
