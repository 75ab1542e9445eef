"""The whole audit: quarantine, walk, keyring and, with a key, contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cpvol.audit import contents, granted, ring
from cpvol.audit.anchor import Anchor, Checkpoint
from cpvol.audit.chronicle import Chronicle
from cpvol.audit.contents import Opened, Opener, Versions
from cpvol.audit.granted import Handed
from cpvol.audit.problem import Problem
from cpvol.audit.rules import Case
from cpvol.audit.verify import State, state_at, verify
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.ledger import members, sshsig
from cpvol.ledger.foreign import leads_elsewhere
from cpvol.ledger.git import MAIN, Git, GitFailed
from cpvol.ledger.quarantine import Refused, oddities, quarantine
from cpvol.ledger.sshsig import BadSignature

_ORDER = (Severity.BREACH, Severity.WARNING, Severity.NOTE)

_ODDITIES = {
    "grafts": ("The folder has grafts, which make git show another history.", Severity.WARNING),
    "replace": ("The folder replaces objects by others before git shows them.", Severity.WARNING),
    "alternates": ("The folder borrows objects from another place.", Severity.WARNING),
    "hooks": ("The folder has programs that git would run.", Severity.NOTE),
    "config": ("The folder's settings name programs that git would run.", Severity.NOTE),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What the auditor can open with.

    :param opener: opens keyring files and records.
    :param handed: a file of keys that was given to them; ``None`` when they read as a member does.
    """

    opener: Opener
    handed: Handed | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """What the auditor has from outside the records.

    :param anchor: what is pinned; ``None`` takes the founding commit on trust.
    :param checkpoints: those that must lie on the chain.
    :param since: one of them up to which everything was looked at before, and is not looked at again.
    :param witness: a public key that has to have countersigned every checkpoint; ``""`` for none.
    """

    anchor: Anchor | None = None
    checkpoints: Sequence[Checkpoint] = ()
    since: Checkpoint | None = None
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What an audit found.

    :param problems: everything, worst first, then in the order of the chain.
    :param state: where the walk ended; ``None`` when git refused the copy.
    :param opened: what the key opened; ``None`` without one.
    :param anchor: of these records, as they say themselves; what is pinned when they say nothing.
    :param outside: what the auditor had from outside.
    :param handed: the file of keys that was used.
    :param skipped: how many changes were taken as they were looked at before.
    :param stopped: whether the walk ended early, so that there may be more to find.
    """

    problems: list[Problem]
    state: State | None
    chronicle: Chronicle
    opened: Opened | None
    anchor: Anchor | None
    outside: Outside
    handed: Handed | None = None
    skipped: int = 0
    stopped: bool = False

    @property
    def pinned(self) -> bool:
        """Whether an anchor was given."""
        return self.outside.anchor is not None

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        """The checkpoints that were given."""
        return self.outside.checkpoints

    @property
    def organisation(self) -> str:
        """The organisation's name as the newest change has it, or ``""``."""
        return self.chronicle.organisation

    @property
    def holds(self) -> bool:
        """Whether no breach was found."""
        return not any(each.severity is Severity.BREACH for each in self.problems)


def examine(
    source: str, into: Path, outside: Outside | None = None, keys: Keys | None = None, *, now: int
) -> Examined:
    """Audit a records repository.

    :param source: a folder, a bundle file or an address.
    :param into: an empty folder for the copy; the caller removes it.
    :param keys: what opens with the auditor's key, or ``None``.
    :param now: the auditor's clock, seconds since 1970.
    :raises CannotCopy: when there is nothing to audit, or it takes too much time or room.
    """
    given = outside or Outside()
    chronicle, versions = Chronicle(), Versions()
    beside = [_beside(each) for each in oddities(source)]
    try:
        git = _copy(source, into)
    except Refused as refused:
        words = f"{refused.problem[0].upper()}{refused.problem[1:]}."
        problems = [Problem("", "git-refuses", words, 1), *beside]
        return Examined(problems, None, chronicle, None, given.anchor, given)

    def witness(oid: str, case: Case) -> None:
        chronicle(oid, case)
        if keys is not None:
            versions(oid, case)

    with git:
        try:
            tip = git.run("rev-parse", "--verify", MAIN).decode("ascii").strip()
        except GitFailed:
            tip = MAIN
        start, wrong = _start(git, tip, given.since)
        verdict = verify(
            git,
            tip,
            anchor=given.anchor,
            now=now,
            since=start,
            checkpoints=given.checkpoints,
            witness=witness,
        )
        if any(each.rule.startswith("checkpoint") for each in verdict.problems):
            # The walk from the beginning said it as well, and better.
            wrong = []
        found, opened = (
            [*wrong, *verdict.problems, *beside, *_witnessed(given), *_before(given)],
            None,
        )
        own = _own_anchor(chronicle, given.since) or given.anchor
        # What lies behind a breach is not looked into: a key is not used on what somebody may have put there.
        if verdict.holds and not wrong:
            files, astray = ring.read(git, verdict.state)
            found += astray
            if keys is not None and files:
                opened = _open(git, verdict.state, versions, files, keys)
                found += opened.problems
                if keys.handed is not None:
                    removed = verdict.state.removed
                    found += granted.compare(keys.handed, own, chronicle.grants, versions, removed)
    found.sort(key=lambda each: _ORDER.index(each.severity))
    skipped = given.since.count if given.since is not None and start is not None else 0
    handed = keys.handed if keys is not None else None
    return Examined(
        found, verdict.state, chronicle, opened, own, given, handed, skipped, verdict.stopped
    )


def _copy(source: str, into: Path) -> Git:
    """A fresh copy of what was handed over, and of nothing else on this computer."""
    if leads_elsewhere(Path(source)):
        raise Refused("elsewhere", "that folder only says where its records are")
    return quarantine(source, into)


def _open(
    git: Git, state: State, versions: Versions, files: Sequence[ring.RingFile], keys: Keys
) -> Opened:
    if keys.handed is not None:
        return contents.check_given(git, versions, state.removed, keys.handed.given, keys.opener)
    return contents.check(git, versions, state.removed, files, keys.opener, state.versions)


def _start(git: Git, tip: str, since: Checkpoint | None) -> tuple[State | None, list[Problem]]:
    """Where the walk begins: at a checkpoint up to which everything was looked at before."""
    if since is None:
        return None, []
    try:
        git.run("merge-base", "--is-ancestor", since.tip, tip)
        first = git.run("rev-list", "--max-parents=0", since.tip).decode("ascii").split()
        state = state_at(git, since.tip) if first == [since.anchor.founding] else None
    except CpvolError:
        state = None
    if state is not None and state.count == since.count:
        return state, []
    day = f"{since.on:%d/%m/%Y}"
    words = f"The checkpoint of {day} is not on this chain: the history was replaced or cut."
    return None, [Problem("", "checkpoint", words, 7)]


def _before(given: Outside) -> Iterator[Problem]:
    """Checkpoints of what was not looked at again."""
    for point in given.checkpoints:
        if given.since is not None and point.count < given.since.count:
            words = f"The checkpoint of {point.on:%d/%m/%Y} lies before, and was not looked at."
            yield Problem("", "checkpoint-before", words, 0, Severity.NOTE)


def _witnessed(given: Outside) -> Iterator[Problem]:
    """Checkpoints that whoever oversees the organisation did not countersign."""
    for point in given.checkpoints if given.witness else ():
        try:
            seen = given.witness in point.countersigners()
        except BadSignature:
            seen = False
        if not seen:
            words = f"The checkpoint of {point.on:%d/%m/%Y} is not countersigned by the key that was named."
            yield Problem("", "not-countersigned", words, 7)


def checkpoint_of(git: Git, tip: str, anchor: Anchor, by: str, on: date) -> Checkpoint:
    """A checkpoint of a commit that was accepted before, not yet signed."""
    state = state_at(git, tip)
    return Checkpoint(anchor, state.count, state.tip, state.chain, on, by)


def own_anchor(founding: str, everyone: members.Members) -> Anchor:
    """The anchor of records, from their founding commit and its list of members."""
    return Anchor(founding, sshsig.fingerprint(everyone.members[0].keys.signing))


def _own_anchor(chronicle: Chronicle, since: Checkpoint | None) -> Anchor | None:
    if since is not None:
        return since.anchor
    first = next((each for each in chronicle.events if each.action == "found"), None)
    if first is None:
        return None
    return own_anchor(first.commit, chronicle.membership[0].members)


def _beside(rule: str) -> Problem:
    words, severity = _ODDITIES[rule]
    return Problem("", rule, f"{words} This audit took no notice of them.", 0, severity)


__all__ = ["Examined", "Keys", "Outside", "checkpoint_of", "examine", "own_anchor"]
