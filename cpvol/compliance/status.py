"""Where one person stands: the steps of joining, moving or leaving, what is done and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from cpvol.compliance.due_session import unended
from cpvol.compliance.hands import Place, by, place, tokens_of, untold
from cpvol.compliance.standing import (
    checks_of,
    cleared,
    counts_from,
    failed,
    last_valid,
    standing,
    trainings_of,
    was_user,
)
from cpvol.logs.base import latest
from cpvol.logs.book import Records
from cpvol.logs.breach import Breach
from cpvol.logs.person import Person
from cpvol.logs.session import Session
from cpvol.policy import Policy

State = Literal["done", "next", "missing"]
Way = Literal["joiner", "mover", "leaver"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way.

    :param step: a stable name, for example ``identity``.
    :param title: the step in a few words, without personal data.
    :param state: ``next`` for the first step that is not done, ``missing`` for the later ones.
    :param done_on: the day on which it was done, where there is one.
    :param due_on: by when it is due: for a missing step the day by which it has to be done, for a check that is done
        the last day on which it counts.
    :param rule: the name of the check or due date that watches the step, or ``""``.
    :param source: the rows of the requirements it comes from.
    """

    step: str
    title: str
    state: State
    done_on: date | None
    due_on: date | None
    rule: str
    source: tuple[str, ...]

    def overdue(self, on: date) -> bool:
        """Whether the step is not done and its day has passed."""
        return self.state != "done" and self.due_on is not None and on > self.due_on


@dataclass(frozen=True, slots=True)
class Status:
    """Where a person stands.

    :param way: ``joiner``, then ``mover`` from another post or once access has ended, and ``leaver`` once a last day is
        known.
    :param steps: in the order in which they are taken; none where there is no access to give or to end.
    """

    way: Way
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The step to take now, or ``None`` when all are done."""
        return next((step for step in self.steps if step.state == "next"), None)


def status(person: Person, book: Records, policy: Policy, on: date) -> Status:
    """The steps of a person's way on a day; what cannot wait comes first, whatever way it is."""
    way = _way(person, on)
    if not was_user(person):
        return Status(way, ())
    if way == "leaver":
        steps = _leaving(person, book, policy, on)
    elif _access_ended(person):
        steps = _ending(person, book, policy, on)
    else:
        steps = _joining(person, book, policy, on)
    return Status(way, _in_order((*_urgent(person, book, policy, on), *steps)))


def _way(person: Person, on: date) -> Way:
    if person.left_on is not None:
        return "leaver"
    # A post that ended before somebody came back is no move.
    moved = any(post.end is not None and person.joined_on <= post.end < on for post in person.posts)
    return "mover" if _access_ended(person) or (moved and person.post_on(on)) else "joiner"


def _access_ended(person: Person) -> bool:
    """Whether somebody who stays is to have no access any more."""
    return person.access == "none" and person.account_opened_on is not None


def _in_order(steps: tuple[Step, ...] | Iterator[Step]) -> tuple[Step, ...]:
    """Call the first step that is not done the next."""
    ordered = list(steps)
    for index, step in enumerate(ordered):
        if step.state != "done":
            ordered[index] = replace(step, state="next")
            break
    return tuple(ordered)


def _step(
    step: str, title: str, done_on: date | None, rule: str, *source: str, due_on: date | None = None
) -> Step:
    return Step(
        step, title, "missing" if done_on is None else "done", done_on, due_on, rule, source
    )


def _joining(person: Person, book: Records, policy: Policy, on: date) -> Iterator[Step]:
    # Work that needs access is what the rest stands on; it has no date of its own but that of joining.
    needed = person.joined_on if person.need_to_know is not None else None
    yield _step("need", "write down why access is needed", needed, "access-need", "E-1.1")
    yield _ecrb(person, book, policy, on)
    yield _step(
        "identity",
        "see proof of identity",
        by(person.identity_checked_on, on),
        "access-identity",
        "N-7",
    )
    yield _step(
        "sharing",
        "training in information sharing",
        by(person.sharing_trained_on, on),
        "access-sharing",
        "N-6",
    )
    begins = policy.isa_member_from.value if policy.isa_member_from else None
    if (begins is not None and on >= begins) or person.isa_member_on is not None:
        yield _step(
            "isa",
            "membership of the ISA scheme",
            by(person.isa_member_on, on),
            "access-isa",
            "S-1.2",
            due_on=begins if person.isa_member_on is None else None,
        )
    yield _training(person, book, policy, on)
    if person.access == "nominated" and person.account_opened_on is None:
        return
    yield _token(person, book, on)
    # An address has no day; while it is there the step is done since joining.
    reachable = person.joined_on if person.email is not None else None
    yield _step("email", "a personal e-mail address", reachable, "access-email", "E-13.3")
    requested = person.account_requested_on or person.account_opened_on
    yield _step(
        "request", "ask the directory's team for an account", by(requested, on), "", "E-5.1"
    )
    yield _step("account", "account opened", by(person.account_opened_on, on), "", "E-5.1")
    if person.security_questions is not None or person.account_opened_on is not None:
        ready = person.account_opened_on if person.security_questions == "yes" else None
        yield _step("questions", "set the account's security questions", ready, "", "E-12.9")
    # An earlier token that is on its way back goes on beside the one in use.
    earlier = _way_back(person, book, policy, on, {"returned", "posted"}, None)
    yield from (step for step in earlier if step.state != "done")


def _ecrb(person: Person, book: Records, policy: Policy, on: date) -> Step:
    found = standing(person.id, book, on)
    last = None if found is None or failed(found, on) else last_valid(found, policy)
    valid = cleared(person.id, book, policy, on)
    return _step(
        "ecrb",
        _ecrb_title(person, book, on, valid=valid),
        found.seen_on if found is not None and valid else None,
        "access-ecrb" if found is None else "ecrb-renewal",
        "E-5.1",
        "C2",
        due_on=last,
    )


def _ecrb_title(person: Person, book: Records, on: date, *, valid: bool) -> str:
    """What there was to do about the check, or still is: it is a renewal only where there was a clear one before."""
    found = standing(person.id, book, on)
    if found is not None and failed(found, on):
        return "see a new enhanced check: the last one failed"
    earlier = any(
        check is not found and check.seen_on is not None and not failed(check, on)
        for check in checks_of(person.id, book)
        if found is not None and check.issued_on <= found.issued_on
    )
    return (
        "renew the enhanced check"
        if earlier or (found is not None and not valid)
        else "see a valid enhanced check"
    )


def _training(person: Person, book: Records, policy: Policy, on: date) -> Step:
    trainings = trainings_of(person.id, book)
    done = [day for training in trainings if (day := by(counts_from(training), on)) is not None]
    booked = [
        policy.training_chase.after(training.booked_on)
        for training in trainings
        if training.booked_on is not None
    ]
    return _step(
        "training",
        "training in the directory",
        min(done, default=None),
        "access-training",
        "E-3.1",
        "E-3.6",
        due_on=None if done else max(booked, default=None),
    )


def _token(person: Person, book: Records, on: date) -> Step:
    tokens = tokens_of(person.id, book)
    held = [token.issued_on for token in tokens if place(token, on) == "hand"]
    return _step(
        "token",
        "a new security token" if tokens and not held else "a security token",
        max(held, default=None),
        "access-token",
        "E-5.1",
        "E-11.1",
    )


def _urgent(person: Person, book: Records, policy: Policy, on: date) -> Iterator[Step]:
    """What is due at once, while it is not done."""
    lost = [day for token in tokens_of(person.id, book) if (day := untold(token, on)) is not None]
    if lost:
        yield _step(
            "lost",
            "tell the directory's team that the token is lost",
            None,
            "token-lost-tell",
            "E-11.6",
            due_on=policy.tell_at_once.after(min(lost)),
        )
    running = [
        breach.opened_on
        for breach in cast("list[Breach]", book.about(person.id, "breach"))
        if breach.opened_on is not None and breach.investigated(on)
    ]
    if running and person.account_open(on) and not person.suspended(on):
        yield _step(
            "investigation",
            "have the account suspended while the investigation runs",
            None,
            "breach-suspend",
            "E-7.9",
            due_on=policy.tell_at_once.after(min(running)),
        )
    sessions = cast("list[Session]", book.about(person.id, "session"))
    if open_since := [session.date for session in sessions if unended(session, on)]:
        yield _step(
            "session",
            "have it confirmed that the mediated session ended",
            None,
            "session-end",
            "E-10.6",
            due_on=min(open_since),
        )


_ON_THE_WAY: frozenset[Place] = frozenset(("hand", "returned", "posted", "back"))


def _way_back(
    person: Person,
    book: Records,
    policy: Policy,
    on: date,
    places: AbstractSet[Place],
    due_on: date | None,
) -> Iterator[Step]:
    """The steps of a person's tokens back to the directory's team; each is done when it is done for all of them.

    :param places: the tokens that are looked at, by where they are.
    :param due_on: the day by which they are handed in.
    """
    tokens = [token for token in tokens_of(person.id, book) if place(token, on) in places]
    if not tokens:
        return
    received = [by(token.received_on, on) for token in tokens]
    posted = [by(token.posted_on, on) or by(token.received_on, on) for token in tokens]
    returned = [
        by(token.returned_on, on) or later for token, later in zip(tokens, posted, strict=True)
    ]
    to_post = [
        policy.token_post.after(token.returned_on)
        for token in tokens
        if token.returned_on is not None and place(token, on) == "returned"
    ]
    to_confirm = [
        policy.token_confirm.after(token.posted_on)
        for token in tokens
        if token.posted_on is not None and place(token, on) == "posted"
    ]
    yield _step(
        "return", "take the token back", _all(returned), "token-return", "E-4.3", due_on=due_on
    )
    yield _step(
        "post",
        "send the token to the directory's team by registered post",
        _all(posted),
        "token-post",
        "E-4.4",
        due_on=min(to_post, default=None),
    )
    yield _step(
        "confirm",
        "have the directory's team confirm that it has the token",
        _all(received),
        "token-confirm",
        "E-4.4",
        due_on=min(to_confirm, default=None),
    )


def _all(days: list[date | None]) -> date | None:
    """The last of the days, once none is missing."""
    return None if None in days else latest(*days)


def _ending(person: Person, book: Records, policy: Policy, on: date) -> Iterator[Step]:
    """The way of somebody who stays and moved to work without access: the account and the token go."""
    ended = max((day for post in person.posts if (day := by(post.end, on))), default=None)
    yield _step(
        "close",
        "have the account closed",
        by(person.account_closed_on, on),
        "access-need",
        "E-1.1",
        due_on=ended,
    )
    yield from _unregistered(person, book)
    yield from _way_back(
        person, book, policy, on, _ON_THE_WAY, by(person.account_closed_on, on) or ended
    )


def _unregistered(person: Person, book: Records) -> Iterator[Step]:
    """A token that was there, since there was an account, and that the register does not know of."""
    if person.account_opened_on is not None and not tokens_of(person.id, book):
        yield _step(
            "token", "enter the token in the token register", None, "token-number", "E-11.7"
        )


def _leaving(person: Person, book: Records, policy: Policy, on: date) -> Iterator[Step]:
    left = person.left_on

    def step(name: str, title: str, done_on: date | None, rule: str, *source: str) -> Step:
        return _step(name, title, by(done_on, on), rule, *source, due_on=left)

    yield step(
        "tell",
        "tell the directory's team that this user leaves",
        person.team_told_on,
        "leaver-tell",
        "E-4.1",
    )
    if person.account_opened_on is not None:
        still = [one.on for one in person.suspensions if one.restored_on is None]
        suspended = min((*still, *filter(None, (person.account_closed_on,))), default=None)
        yield step("suspend", "have the account suspended", suspended, "leaver-suspend", "E-4.1")
        yield step(
            "close",
            "have the account closed",
            person.account_closed_on,
            "leaver-close",
            "E-4.1",
            "C1",
        )
    yield from _unregistered(person, book)
    back = list(_way_back(person, book, policy, on, _ON_THE_WAY, left))
    yield from back[:-1]
    yield step(
        "notice",
        "give the leaver the notice that further use may be an offence",
        person.notice_given_on,
        "leaver-notice",
        "E-4.6",
    )
    yield step(
        "acknowledged",
        "have the leaver confirm the notice",
        person.notice_acknowledged_on,
        "leaver-acknowledged",
        "E-4.6",
    )
    # The directory's answer takes longest, so it does not hold up what is said to the leaver's face.
    yield from back[-1:]
