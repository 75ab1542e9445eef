"""The user register: who may use the directory, how, and every step from joining to leaving (E-5.2)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from unicodedata import category, normalize

from cpvol.logs.base import (
    Book,
    Day,
    Email,
    FollowUp,
    Handle,
    Keep,
    Line,
    Log,
    Part,
    Record,
    Text,
    Trigger,
    YesNo,
    ask,
    need,
)
from cpvol.logs.token import Token, token_next

Engagement = Literal["employee", "volunteer", "contractor", "trustee"]
Access = Literal["query", "nominated", "mediator", "none"]
ACCESS_LABELS = {
    "query": "uses the directory directly",
    "nominated": "nominated for mediated access",
    "mediator": "mediates for nominated colleagues",
    "none": "no access",
}


class Post(Part):
    """A post or role that somebody holds or held."""

    ORDER = (("start", "end"),)

    title: Line = need("Post", "What the post or role is called.", example="Youth worker")
    start: Day | None = ask("In post from", "The first day in this post.", example="2008-09-01")
    end: Day | None = ask(
        "In post until", "The last day in this post, if it has ended.", future=True
    )


class Suspension(Part):
    """One time during which the person's account was suspended."""

    ORDER = (("on", "restored_on"),)

    on: Day = need("Suspended on", "The day on which the account was suspended.")
    reason: Text = need("Why suspended", "Why, in a few words.")
    restored_on: Day | None = ask("Restored on", "The day on which the account was opened again.")
    restored_reason: Text | None = ask("Why restored", "Why, in a few words.")


class Person(Record):
    """One user, nominated user, mediator or other person whom the logs refer to."""

    ORDER = (
        ("joined_on", "left_on"),
        ("account_requested_on", "account_opened_on"),
        ("account_opened_on", "account_closed_on"),
        ("notice_given_on", "notice_acknowledged_on"),
    )

    log: Literal["person"] = "person"
    name: Line = need("Name", "The person's full name.", example="Robin Example")
    handle: Handle | None = ask(
        "Member handle", "Their short name in these records, when they work with them."
    )
    engagement: Engagement = need(
        "Engagement", "How the person works for the organisation.", example="volunteer"
    )
    posts: tuple[Post, ...] = ask("Posts", "The posts the person holds or held.", (), item="post")
    need_to_know: Text | None = ask(
        "Why access is needed",
        "What in their work makes the directory necessary.",
        rows=("E-1.1",),
        example="Runs the Tuesday family support group",
    )
    access: Access = need(
        "Access",
        "How the person may use the directory: directly (query), as a nominated user through a mediator, as a mediator,"
        " or not at all.",
        labels=ACCESS_LABELS,
        rows=("B-8", "B-9"),
        example="query",
    )
    shielder: YesNo | None = ask(
        "May shield records",
        "Whether the directory's team gave them the right to shield records.",
        rows=("S-4.1",),
    )
    override: YesNo | None = ask(
        "May override a shield",
        "Whether the directory's team gave them the right to look behind a shield in an emergency.",
        rows=("E-15.1", "S-9.5"),
    )
    override_agreed_by: Line | None = ask(
        "Override agreed by",
        "The body that agreed to the right to look behind a shield.",
        rows=("S-9.5",),
    )
    identity_checked_on: Day | None = ask(
        "Identity checked on", "The day on which proof of identity was seen.", rows=("N-7",)
    )
    sharing_trained_on: Day | None = ask(
        "Information-sharing training on",
        "The day of the training in information sharing (not the directory's own training).",
        rows=("N-6",),
    )
    isa_member_on: Day | None = ask(
        "ISA scheme member since",
        "The day from which the person was a member of the scheme of the Independent Safeguarding Authority (ISA), which ended in 2012.",
        rows=("S-1.2",),
    )
    email: Email | None = ask(
        "Personal e-mail",
        "An e-mail address that only this person reads; no shared mailbox.",
        rows=("E-13.3",),
        example="robin@charity.example",
    )
    security_questions: YesNo | None = ask(
        "Security questions set",
        "Whether the account's security questions are set up.",
        rows=("E-12.9",),
    )
    account_confirmed_on: Day | None = ask(
        "Account data confirmed on",
        "The day on which the person last confirmed their account data.",
        rows=("E-12.7",),
    )
    joined_on: Day = need(
        "Joined on", "The day on which the person joined the organisation.", example="2008-09-01"
    )
    left_on: Day | None = ask(
        "Left on",
        "The last day with the organisation, if they have left or will leave.",
        future=True,
        later=True,
    )
    account_requested_on: Day | None = ask(
        "Account requested on", "The day on which an account was asked for."
    )
    account_opened_on: Day | None = ask(
        "Account opened on", "The day on which the account was opened."
    )
    suspensions: tuple[Suspension, ...] = ask(
        "Suspensions", "Times when the account was suspended.", (), item="suspended", later=True
    )
    account_closed_on: Day | None = ask(
        "Account closed on", "The day on which the account was closed for good.", later=True
    )
    team_told_on: Day | None = ask(
        "Directory's team told on",
        "The day on which the directory's team was told that the person leaves.",
        rows=("E-4.1",),
        later=True,
    )
    notice_given_on: Day | None = ask(
        "Leaver's notice given on",
        "The day on which the leaver was told that further use may be an offence.",
        rows=("E-4.6",),
        later=True,
    )
    notice_acknowledged_on: Day | None = ask(
        "Leaver's notice acknowledged on",
        "The day on which the leaver confirmed the notice.",
        rows=("E-4.6",),
        later=True,
    )

    def account_open(self, on: date) -> bool:
        """Whether the person has an account on that day, suspended or not."""
        opened, closed = self.account_opened_on, self.account_closed_on
        return opened is not None and opened <= on and (closed is None or on < closed)

    def suspended(self, on: date) -> bool:
        """Whether the account is suspended on that day."""
        return any(
            s.on <= on and (s.restored_on is None or on < s.restored_on) for s in self.suspensions
        )

    def here(self, on: date) -> bool:
        """Whether the person works for the organisation on that day; the last day counts."""
        return self.left_on is None or on <= self.left_on

    def post_on(self, day: date) -> Post | None:
        """The post held on a day; of several, the one that began last."""
        held = [
            post
            for post in self.posts
            if (post.start is None or post.start <= day) and (post.end is None or day <= post.end)
        ]
        return max(held, key=lambda post: post.start or date.min, default=None)


class Move(Part):
    """What is asked when somebody moves to another post."""

    on: Day = need("Moved on", "The first day in the new post.", future=True)
    post: Line = need("New post", "What the new post is called.")
    access: Access | None = ask(
        "Access in the new post",
        "How they may use the directory now, if it changes.",
        labels=ACCESS_LABELS,
    )
    need_to_know: Text | None = ask(
        "Why access is needed", "What in the new post makes the directory necessary."
    )


class Leave(Part):
    """What is asked when somebody leaves. Each may be given when it is known: the step can be taken again."""

    left_on: Day | None = ask("Left on", "The last day with the organisation.", future=True)
    team_told_on: Day | None = ask(
        "Directory's team told on", "The day on which the directory's team was told."
    )
    suspended_on: Day | None = ask(
        "Account suspended on", "The day on which the directory's team suspended the account."
    )
    account_closed_on: Day | None = ask(
        "Account closed on", "The day on which the account was closed for good."
    )
    notice_given_on: Day | None = ask(
        "Leaver's notice given on", "The day on which the notice was given."
    )
    notice_acknowledged_on: Day | None = ask(
        "Leaver's notice acknowledged on", "The day on which the leaver confirmed the notice."
    )


class Rejoin(Part):
    """What is asked when somebody who left comes back."""

    joined_on: Day = need("Joined again on", "The first day back.", future=True)
    post: Line | None = ask("Post", "What the post is called.")
    access: Access = need("Access", "How they may use the directory now.", labels=ACCESS_LABELS)


class Suspend(Part):
    """What is asked when an account is suspended."""

    on: Day = need("Suspended on", "The day on which the account was suspended.")
    reason: Text = need("Why suspended", "Why, in a few words.")


class Restore(Part):
    """What is asked when a suspended account is opened again."""

    on: Day = need("Restored on", "The day on which the account was opened again.")
    reason: Text = need("Why restored", "Why, in a few words.")


def plain_name(name: str) -> str:
    """A name without what two people write, or two keyboards have, in two ways: capitals, accents, apostrophes, dashes."""
    letters = normalize("NFKD", name.casefold())
    kept = (
        each if each.isalnum() else " " if each.isspace() or category(each) == "Pd" else ""
        for each in letters
    )
    return " ".join("".join(kept).split())


def _move(person: Person, answers: Move) -> dict[str, Any]:
    from datetime import timedelta

    posts = [post.model_dump() for post in person.posts]
    for post in posts:
        if post["end"] is None:
            post["end"] = answers.on - timedelta(days=1)
    posts.append({"title": answers.post, "start": answers.on})
    return {"posts": posts} | answers.model_dump(
        include={"access", "need_to_know"}, exclude_none=True
    )


def _leave(person: Person, answers: Leave) -> dict[str, Any]:
    changes = answers.model_dump(exclude_none=True, exclude={"suspended_on"})
    left = answers.left_on or person.left_on
    if left is None:
        raise ValueError("the day of leaving is needed first")
    if answers.left_on is not None:
        posts = [post.model_dump() for post in person.posts]
        for post in posts:
            if post["end"] is None and (post["start"] is None or post["start"] <= left):
                post["end"] = left
        changes["posts"] = posts
    if answers.suspended_on is not None:
        changes |= _suspend(
            person, Suspend(on=answers.suspended_on, reason="left the organisation")
        )
    return changes


def _rejoin(person: Person, answers: Rejoin) -> dict[str, Any]:
    if person.left_on is None:
        raise ValueError("this person has not left")
    changes: dict[str, Any] = dict.fromkeys(
        (
            "left_on",
            "team_told_on",
            "notice_given_on",
            "notice_acknowledged_on",
            "account_requested_on",
            "account_opened_on",
            "account_closed_on",
        )
    )
    changes |= {"joined_on": answers.joined_on, "access": answers.access}
    if answers.post:
        changes["posts"] = [post.model_dump() for post in person.posts] + [
            {"title": answers.post, "start": answers.joined_on}
        ]
    return changes


def _suspend(person: Person, answers: Suspend) -> dict[str, Any]:
    if any(s.restored_on is None for s in person.suspensions):
        raise ValueError("the account is suspended already")
    suspensions = [s.model_dump() for s in person.suspensions]
    return {"suspensions": [*suspensions, {"on": answers.on, "reason": answers.reason}]}


def _restore(person: Person, answers: Restore) -> dict[str, Any]:
    suspensions = [s.model_dump() for s in person.suspensions]
    still = [s for s in suspensions if s["restored_on"] is None]
    if not still:
        raise ValueError("the account is not suspended")
    still[0] |= {"restored_on": answers.on, "restored_reason": answers.reason}
    return {"suspensions": suspensions}


def leaver_next(person: Person, book: Book) -> list[str]:
    """What is still to be done for somebody who leaves, in order (E-4.1, E-4.3, E-4.4, E-4.6)."""
    steps: list[str] = []
    if person.left_on is None:
        return steps
    if person.team_told_on is None:
        steps.append(
            "tell the directory's team that this person leaves, so that the account is suspended;"
            " `letter.leaver` writes it, and records the day"
        )
    if person.account_opened_on is not None and person.account_closed_on is None:
        if not any(s.restored_on is None for s in person.suspensions):
            steps.append("have the account suspended, then record the day")
        steps.append("have the account closed, then record the day")
    for token in book.about(person.id, "token"):
        if isinstance(token, Token) and not token.gone:
            back = f"take the token back, then use `token.return {token.id}`"
            steps += token_next(token, book) or [back]
    if person.notice_given_on is None:
        steps.append("give the leaver the notice that further use may be an offence")
    if person.notice_acknowledged_on is None:
        steps.append("have the leaver confirm that notice, then record the day")
    return steps


def suspended_next(person: Person, _: Book) -> list[str]:
    """What is to be recorded once an account was suspended."""
    if all(each.restored_on is not None for each in person.suspensions):
        return []
    return ["when the account is opened again, record it with `person.restore`"]


def newcomer_next(person: Person, book: Book) -> list[str]:
    """What to do once somebody was entered: see what they still need before they may use the directory (E-5.1)."""
    if person.left_on is not None:
        return leaver_next(person, book)
    if person.access == "none":
        return []
    return [
        "enter their check with `ecrb.add`, their training with `training.add`",
        "see what else they need before they may use the directory with `person.status`",
    ]


def _trigger(person: Person, _: Book) -> Trigger:
    # C1: an account that is still open keeps the entry open, whatever else has ended.
    if person.account_opened_on is not None and person.account_closed_on is None:
        return Trigger(None, "left, and the account was closed")
    return Trigger(person.left_on, "left")


PERSON = Log(
    name="person",
    title="User register",
    about="Everybody who uses the directory, may use it through a mediator, or appears in another log: what was checked"
    " before access was given, and each step of joining, moving and leaving.",
    model=Person,
    keep=Keep(6, "the person left", ("E-5.3",)),
    trigger=_trigger,
    line=lambda person, book: person.name,
    columns=("name", "engagement", "access", "joined_on", "left_on"),
    rows=("E-5.2", "E-2.1", "E-4.1", "E-4.6", "E-12.7", "E-13.3", "S-9.5"),
    same=("name", "joined_on"),
    also=("users", "staff list", "joiners and leavers"),
    after=newcomer_next,
    follow_ups=(
        FollowUp("move", "Record that somebody moved to another post.", Move, _move),
        FollowUp(
            "leave",
            "Record that somebody leaves, and see what has to follow.",
            Leave,
            _leave,
            leaver_next,
        ),
        FollowUp(
            "rejoin", "Record that somebody who left has come back.", Rejoin, _rejoin, newcomer_next
        ),
        FollowUp(
            "suspend", "Record that the account was suspended.", Suspend, _suspend, suspended_next
        ),
        FollowUp("restore", "Record that a suspended account was opened again.", Restore, _restore),
    ),
)
