"""The whole audit: quarantine, walk, keyring and, with a key, contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cpvol.audit import contents, ring
from cpvol.audit.anchor import Anchor, Checkpoint
from cpvol.audit.chronicle import Chronicle
from cpvol.audit.contents import Opened, Opener, Versions
from cpvol.audit.problem import Problem
from cpvol.audit.rules import Case
from cpvol.audit.verify import State, state_at, verify
from cpvol.findings import Severity
from cpvol.ledger import members, sshsig
from cpvol.ledger.git import MAIN, Git, GitFailed
from cpvol.ledger.quarantine import Refused, oddities, quarantine

_ORDER = (Severity.BREACH, Severity.WARNING, Severity.NOTE)

_ODDITIES = {
    "grafts": ("The folder has grafts, which make git show another history.", Severity.WARNING),
    "replace": ("The folder replaces objects by others before git shows them.", Severity.WARNING),
    "alternates": ("The folder borrows objects from another place.", Severity.WARNING),
    "hooks": ("The folder has programs that git would run.", Severity.NOTE),
    "config": ("The folder's settings name programs that git would run.", Severity.NOTE),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What an audit found.

    :param problems: everything, worst first, then in the order of the chain.
    :param state: where the walk ended; ``None`` when git refused the copy.
    :param opened: what the key opened; ``None`` without one.
    :param anchor: of these records, as they say themselves; the pinned one when there is one.
    :param pinned: whether an anchor was given.
    :param checkpoints: those that were given.
    """

    problems: list[Problem]
    state: State | None
    chronicle: Chronicle
    opened: Opened | None
    anchor: Anchor | None
    pinned: bool
    checkpoints: Sequence[Checkpoint]

    @property
    def organisation(self) -> str:
        """The organisation's name as the newest change has it, or ``""``."""
        return self.chronicle.organisation

    @property
    def holds(self) -> bool:
        """Whether no breach was found."""
        return not any(each.severity is Severity.BREACH for each in self.problems)


def examine(
    source: str,
    into: Path,
    *,
    anchor: Anchor | None,
    checkpoints: Sequence[Checkpoint] = (),
    opener: Opener | None = None,
    now: int,
) -> Examined:
    """Audit a records repository.

    :param source: a folder, a bundle file or an address.
    :param into: an empty folder for the copy; the caller removes it.
    :param anchor: what is pinned; ``None`` takes the founding commit on trust.
    :param opener: what opens with the auditor's key, or ``None``.
    :param now: the auditor's clock, seconds since 1970.
    :raises CannotCopy: when there is nothing to audit, or it takes too much time or room.
    """
    chronicle, versions = Chronicle(), Versions()
    outside = [_outside(each) for each in oddities(source)]
    try:
        git = quarantine(source, into)
    except Refused as refused:
        words = f"{refused.problem[0].upper()}{refused.problem[1:]}."
        problems = [Problem("", "git-refuses", words, 1), *outside]
        return Examined(problems, None, chronicle, None, anchor, anchor is not None, checkpoints)

    def witness(oid: str, case: Case) -> None:
        chronicle(oid, case)
        if opener is not None:
            versions(oid, case)

    with git:
        try:
            tip = git.run("rev-parse", "--verify", MAIN).decode("ascii").strip()
        except GitFailed:
            tip = MAIN
        verdict = verify(git, tip, anchor=anchor, now=now, checkpoints=checkpoints, witness=witness)
        found, opened = [*verdict.problems, *outside], None
        # What lies behind a breach is not looked into: a key is not used on what somebody may have put there.
        if verdict.holds:
            files, wrong = ring.read(git, verdict.state)
            found += wrong
            if opener is not None and files:
                opened = contents.check(git, versions, verdict.state.removed, files, opener)
                found += opened.problems
    found.sort(key=lambda each: _ORDER.index(each.severity))
    own = anchor or _own_anchor(chronicle)
    return Examined(found, verdict.state, chronicle, opened, own, anchor is not None, checkpoints)


def checkpoint_of(git: Git, tip: str, anchor: Anchor, by: str, on: date) -> Checkpoint:
    """A checkpoint of a commit that was accepted before, not yet signed."""
    state = state_at(git, tip)
    return Checkpoint(anchor, state.count, state.tip, state.chain, on, by)


def own_anchor(founding: str, everyone: members.Members) -> Anchor:
    """The anchor of records, from their founding commit and its list of members."""
    return Anchor(founding, sshsig.fingerprint(everyone.members[0].keys.signing))


def _own_anchor(chronicle: Chronicle) -> Anchor | None:
    first = next((each for each in chronicle.events if each.action == "found"), None)
    if first is None:
        return None
    return own_anchor(first.commit, chronicle.membership[0][1])


def _outside(rule: str) -> Problem:
    words, severity = _ODDITIES[rule]
    return Problem("", rule, f"{words} This audit took no notice of them.", 0, severity)


__all__ = ["Examined", "checkpoint_of", "examine", "own_anchor"]
