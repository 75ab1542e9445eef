"""Due dates of the token register: the way back to the directory's team, and what follows a loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.compliance.hands import by, place, tokens, tokens_of, untold
from cpvol.compliance.standing import people
from cpvol.logs.person import Person


def _ended(person: Person, on: date) -> tuple[date, str, tuple[str, ...]] | None:
    """When somebody's use of a token ended, why, and by which rows: they left, or stayed without an account."""
    if person.left_on is not None:
        return person.left_on, "this user leaves", ("E-4.3",)
    if (closed := by(person.account_closed_on, on)) is not None:
        return closed, "the account is closed", ("E-5.7",)
    return None


@due_rule("token-return", "A token is handed in when its use ends", "E-4.3", "E-5.7")
def _return(case: Case) -> Iterator[Date]:
    """The token belongs to the directory's team and opens the directory.

    Whoever leaves hands it in on their last day; so does whoever stays and has no account any more.
    """
    for person in people(case.book):
        ended = _ended(person, case.on)
        if ended is None:
            continue
        since, why, rows = ended
        for token in tokens_of(person.id, case.book):
            if place(token, case.on) == "hand":
                yield Date(token, max(since, token.issued_on), f"take the token back: {why}", rows)


@due_rule("token-post", "A token goes back by registered post", "E-4.4")
def _post(case: Case) -> Iterator[Date]:
    """A token in a drawer is nobody's. The receipt of the registered post shows that it left us."""
    for token in tokens(case.book):
        if token.returned_on is not None and place(token, case.on) == "returned":
            yield Date(
                token,
                case.policy.token_post.after(token.returned_on),
                "send the token to the directory's team by registered post",
            )


@due_rule("token-confirm", "The directory's team confirms that it has a token", "E-4.4")
def _confirm(case: Case) -> Iterator[Date]:
    """Until the directory's team says that it has the token, nobody knows whose hands it is in."""
    for token in tokens(case.book):
        if token.posted_on is not None and place(token, case.on) == "posted":
            yield Date(
                token,
                case.policy.token_confirm.after(token.posted_on),
                "ask the directory's team to confirm that the token arrived",
            )


@due_rule("token-lost-tell", "The directory's team is told when a token is lost", "E-11.6")
def _lost(case: Case) -> Iterator[Date]:
    """Whoever finds a token needs only a password more, so the team that can stop it has to hear at once."""
    for token in tokens(case.book):
        if (lost := untold(token, case.on)) is not None:
            yield Date(
                token,
                case.policy.tell_at_once.after(lost),
                "tell the directory's team that the token is lost or was used by somebody else",
            )


RULES: tuple[DueRule, ...] = (_return, _post, _confirm, _lost)
