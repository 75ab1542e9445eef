"""Checks of the token register: the order of steps, one pair of hands, the leaver's token, a loss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from cpvol.compliance.base import Case, Check, Hit, check
from cpvol.compliance.hands import by, place, same_number, tokens, tokens_of, untold
from cpvol.compliance.standing import people, trained_on, trainings_of
from cpvol.findings import Severity
from cpvol.logs import BY_NAME
from cpvol.logs.token import Token


@check("leaver-token", "No live token for a leaver", Severity.BREACH, "E-4.3")
def _leaver(case: Case) -> Iterator[Hit]:
    """Somebody who left has no work that makes the directory necessary, and a token is half of what opens it."""
    for person in people(case.book):
        for token in () if person.here(case.on) else tokens_of(person.id, case.book):
            if place(token, case.on) == "hand":
                yield Hit(token, "the person left, and the token is not handed in")


@check("token-two-hands", "A token stays with one person", Severity.BREACH, "E-4.2")
def _two_hands(case: Case) -> Iterator[Hit]:
    """A token stands for one person.

    In two people's hands, or passed on here without having been with the directory's team, it stands for
    nobody: no one can say who looked.
    """
    same: dict[str, list[Token]] = defaultdict(list)
    for token in tokens(case.book):
        if place(token, case.on) != "ahead":
            same[same_number(token.number)].append(token)
    for entries in same.values():
        held = _at_once(entries, case.on)
        for token in held:
            yield Hit(token, "the same token number is in two people's hands")
        ids = {token.id for token in held}
        ordered = sorted(entries, key=lambda token: (token.issued_on, token.id))
        for before, after in pairwise(ordered):
            if (
                before.person != after.person
                and after.id not in ids
                and not _away(before, after.issued_on)
            ):
                yield Hit(
                    after,
                    "when the token was issued, the same number was still with somebody else or with us",
                )


def _at_once(entries: list[Token], on: date) -> list[Token]:
    """The entries of one number that are in hands on a day, when the hands are not one person's."""
    held = [token for token in entries if place(token, on) in {"hand", "lost"}]
    return held if len({token.person for token in held}) > 1 else []


def _away(token: Token, on: date) -> bool:
    """Whether a token was out of our hands by a day: on its way to the directory's team, or lost with its knowledge."""
    return place(token, on) in {"told", "posted", "back"}


@check("token-before-training", "A token comes after the training", Severity.BREACH, "E-11.1")
def _order(case: Case) -> Iterator[Hit]:
    """A token is given out at the end of the training, to somebody who has learned how to keep it.

    Where the training's own entry has been destroyed in its time, nothing can be said of a token that is back.
    """
    for person in people(case.book):
        trained = trained_on(person.id, case.book)
        for token in tokens_of(person.id, case.book):
            where = place(token, case.on)
            if where == "ahead" or (trained is not None and trained <= token.issued_on):
                continue
            if trained is not None:
                yield Hit(token, "the token was issued before the training was completed")
            elif where in {"hand", "lost"}:
                yield Hit(token, "the token was issued, and no completed training is on record")


@check("token-number", "Training log and token register agree", Severity.WARNING, "E-11.3", "E-6.2")
def _number(case: Case) -> Iterator[Hit]:
    """The number stands in both, so that each proves the other; where they differ, one token is nobody's."""
    kept = case.policy.keep(BY_NAME["token"])
    for person in people(case.book):
        # Tokens may have been destroyed in their time before the training that names one.
        if person.left_on is not None and case.on > kept.last_day(person.left_on):
            continue
        held = {same_number(token.number) for token in tokens_of(person.id, case.book)}
        given = [
            training
            for training in trainings_of(person.id, case.book)
            if training.trainer == "authority" and by(training.completed_on, case.on) is not None
        ]
        named = [training for training in given if training.token is not None]
        for training in named:
            if training.token is not None and same_number(training.token) not in held:
                yield Hit(
                    training,
                    "the token number in the training record is not in the token register for this person",
                )
        if held and given and not named:
            yield Hit(given[0], "the number of the token is not in the training record")


@check("access-token", "A token before access", Severity.BREACH, "E-1.2", "E-5.1", "W-4")
def _access(case: Case) -> Iterator[Hit]:
    """Whoever has an account has a token of their own; an account without one is used with somebody else's, or not at all."""
    for person in people(case.book):
        opened = person.account_opened_on
        if (
            opened is None
            or not person.account_open(case.on)
            or person.access not in {"query", "mediator"}
        ):
            continue
        issued = [
            token for token in tokens_of(person.id, case.book) if place(token, case.on) != "ahead"
        ]
        if not issued:
            yield Hit(person, "no token is on record, and the account is open")
            continue
        if min(token.issued_on for token in issued) > opened:
            yield Hit(person, "the token was issued after the account was opened", Severity.WARNING)
        in_use = person.here(case.on) and not person.suspended(case.on)
        if in_use and not any(place(token, case.on) in {"hand", "lost"} for token in issued):
            yield Hit(
                person,
                "every token was lost or handed in, and the account is open and not suspended",
                Severity.WARNING,
            )


@check("token-lost", "A loss is told at once", Severity.BREACH, "E-11.6")
def _lost(case: Case) -> Iterator[Hit]:
    """Only the directory's team can stop a token, so every day on which it does not know counts."""
    for token in tokens(case.book):
        if untold(token, case.on) is not None:
            yield Hit(
                token,
                "the token is lost or was used by somebody else, and the directory's team is not told",
            )
        elif (
            (lost := by(token.lost_on, case.on)) is not None
            and (told := by(token.team_told_on, case.on)) is not None
            and told > case.policy.tell_at_once.after(lost)
        ):
            yield Hit(
                token,
                "the directory's team was told of the loss later than at once",
                Severity.WARNING,
            )


@check("token-reference", "A token goes by registered post", Severity.WARNING, "E-4.4")
def _reference(case: Case) -> Iterator[Hit]:
    """The reference of the registered post is the only proof that a token left us."""
    for token in tokens(case.book):
        if by(token.posted_on, case.on) is not None and token.post_reference is None:
            yield Hit(token, "the reference of the registered post is not recorded")


CHECKS: tuple[Check, ...] = (
    _leaver,
    _two_hands,
    _order,
    _number,
    _access,
    _lost,
    _reference,
)
