"""Points 1 to 7: the walk along the chain, from the founding commit to the tip.

The list of commits comes from git as a hint alone: each must name the one before it as its only parent, the first must
be the one that is pinned, and every id is computed anew. Which files a commit changes is what git says of the two trees
that the commits name, each of which it checked when it came in; the ids of their contents are computed anew as well.
Memory is bounded by one lot of commits and some thirty bytes for each version of a record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cpvol.audit import disposing, lots, rules, sealed
from cpvol.audit.anchor import Anchor, Checkpoint
from cpvol.audit.changes import Change, Comparer, Crowded, Found, Odd
from cpvol.audit.lots import THREADS
from cpvol.audit.problem import Problem
from cpvol.audit.rules import Case, Content
from cpvol.findings import Severity
from cpvol.ledger import commits, grants, layout, members, refusals, sshsig
from cpvol.ledger.commits import Commit
from cpvol.ledger.differ import Differ
from cpvol.ledger.git import Git, GitFailed, MissingObject
from cpvol.ledger.members import RECOVERY, BadMembers, Members
from cpvol.ledger.objects import Object
from cpvol.ledger.sshsig import BadSignature
from cpvol.ledger.stream import Stream

#: How far ahead of the verifier's clock a commit may be dated.
AHEAD_SECONDS = 24 * 3600
#: How many commits are compared at a time.
LOT = 400
#: Bytes that a file other than a record may have.
MAX_FILE = 1 << 20
#: Bytes of files other than records that are looked at together.
MAX_FILES = 16 << 20
#: More changes than this no repository has: ten times as many as were measured.
MAX_CHANGES = 500_000


@dataclass(slots=True)
class State:
    """Where a walk has come to. Owned by the walk that it is given to.

    :param tip: the id of the last commit walked over; ``""`` before the founding one.
    :param count: commits so far.
    :param accepted: its time of acceptance.
    :param chain: its ``Chain-SHA256``.
    :param data: the commit object itself.
    :param tree: the id of its tree.
    :param members: the members in force after it.
    :param policy: the content of the policy in force after it.
    :param versions: every list of members so far, by version.
    :param policies: the ids of every policy so far.
    :param sealed: the ids of every sealed record so far.
    :param keys: every commitment to a record's key so far.
    :param removed: every record that was destroyed, ``log/id``.
    :param declared: who declared that part of the history was given up, when, and as what.
    :param joined: by handle: who made them a member, and when.
    :param approvers: by handle: who let them approve disposals, or with the page gave them keys to, and when.
    """

    tip: str = ""
    count: int = 0
    accepted: int = 0
    chain: str = commits.NO_DIGEST
    data: bytes = b""
    tree: str = ""
    members: Members | None = None
    policy: bytes = b""
    versions: dict[int, Members] = field(default_factory=dict)
    policies: set[str] = field(default_factory=set)
    sealed: set[bytes] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    declared: list[tuple[str, int, str]] = field(default_factory=list)
    joined: dict[str, tuple[str, int]] = field(default_factory=dict)
    approvers: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found.

    :param problems: breaches and notes, in the order of the chain.
    :param valid_tip: the last commit before the first breach; ``""`` when the founding one is the first.
    :param state: where the walk ended, to go on from when it found no breach.
    :param stopped: whether it ended early, so that there may be more to find.
    """

    problems: list[Problem]
    valid_tip: str
    state: State
    stopped: bool = False

    @property
    def holds(self) -> bool:
        """Whether no breach was found."""
        return not any(each.severity is Severity.BREACH for each in self.problems)


Witness = Callable[[str, Case], None]
"""Told (id, commit and what it changes) of every commit that was walked over, in order."""


def verify(
    git: Git,
    tip: str,
    *,
    anchor: Anchor | None,
    now: int,
    since: State | None = None,
    checkpoints: Sequence[Checkpoint] = (),
    witness: Witness | None = None,
    most: int = 50,
) -> Verdict:
    """Walk the chain and apply the rules.

    :param tip: the id of the last commit.
    :param anchor: what is pinned; ``None`` takes the founding commit on trust.
    :param now: the verifier's clock, seconds since 1970.
    :param since: where an earlier walk ended, to go on from there; it is used up.
    :param checkpoints: those that must lie on the chain.
    :param most: after so many breaches the walk ends.
    """
    with Stream(git) as stream, Differ(git) as differ, ThreadPoolExecutor(THREADS) as pool:
        walk = _Walk(
            (stream, differ, pool), since or State(), anchor, now, checkpoints, witness, most
        )
        walk.run(git, tip)
        return Verdict(walk.problems, walk.valid_tip, walk.state, walk.stopped)


def state_at(git: Git, oid: str) -> State:
    """Where a walk to that commit would have ended, for a commit that was accepted before.

    What only the whole walk knows (sealed records and keys that occurred before) is not in it.

    :raises CpvolError: when the commit or what it needs cannot be read.
    """
    found = git.read(oid)
    commit = commits.decode(found.data)
    top = git.tree(commit.tree)
    everyone = members.decode(git.read(top[layout.MEMBERS].oid).data)
    removed: set[str] = set()
    if "disposals" in top:
        tree = git.tree(top["disposals"].oid)
        for blob in git.read_many([entry.oid for entry in tree.values()]):
            done = disposing.read(blob.data)
            if done is not None and done.certificate is not None:
                removed |= set(done.certificate.entries)
    return State(
        tip=oid,
        count=int(git.run("rev-list", "--count", "--first-parent", oid)),
        accepted=commit.accepted,
        chain=commit.message.chain,
        data=found.data,
        tree=commit.tree,
        members=everyone,
        policy=git.read(top[layout.POLICY].oid).data,
        versions={everyone.version: everyone},
        policies={top[layout.POLICY].oid},
        removed=removed,
    )


class _Stop(Exception):
    """The walk ends here."""


class _Walk:
    def __init__(
        self,
        means: tuple[Stream, Differ, Executor],
        state: State,
        anchor: Anchor | None,
        now: int,
        checkpoints: Sequence[Checkpoint],
        witness: Witness | None,
        most: int,
    ) -> None:
        self.state = state
        self.problems: list[Problem] = []
        self.valid_tip = state.tip
        self._stream, differ, self._pool = means
        self._comparer = Comparer(differ)
        self._signers: dict[str, str | BadSignature] = {}
        self._anchor = anchor
        self._now = now
        self._checkpoints: dict[int, list[Checkpoint]] = {}
        for each in checkpoints:
            self._checkpoints.setdefault(each.count, []).append(each)
        self._wanted = checkpoints
        self._witness = witness
        self._most = most
        self._broken = False
        self._founding = ""
        self.stopped = False
        self._lines: dict[str, set[str]] = {}

    def run(self, git: Git, tip: str) -> None:
        """Walk to the tip, or to where the walk cannot go on."""
        first = self.state.tip
        try:
            listed = _listed(git, tip, first)
        except GitFailed:
            self._breach(tip, "missing", "Part of the history is missing or damaged.", 1)
            return
        if len(listed) > MAX_CHANGES:
            words = f"There are more than {MAX_CHANGES:,} changes, which no records have."
            self._breach(tip, "too-long", words, 1)
            return
        if not first:
            self._founding = listed[0] if listed else ""
        elif since := next((each for each in self._wanted if each.tip == first), None):
            self._founding = since.anchor.founding
        try:
            if first:
                self._check_checkpoints()
            start = 0
            while start < len(listed):
                start += self._lot(listed, start)
            self._check_end(tip)
        except _Stop:
            self.stopped = True
            return
        except MissingObject as error:
            self.stopped = True
            self._breach("", "missing", f"Part of the history cannot be read: {error.problem}.", 1)
            return

    # -- what is found -----------------------------------------------------------------------------------------

    def _breach(self, oid: str, rule: str, message: str, point: int) -> None:
        self._broken = True
        self.problems.append(Problem(oid, rule, message, point))
        if sum(each.severity is Severity.BREACH for each in self.problems) >= self._most:
            raise _Stop

    def _note(self, oid: str, rule: str, message: str, severity: Severity = Severity.NOTE) -> None:
        self.problems.append(Problem(oid, rule, message, 0, severity))

    # -- one lot -----------------------------------------------------------------------------------------------

    def _lot(self, listed: Sequence[str], start: int) -> int:
        """Walk over some commits, as many as fit into memory.

        :returns: how many those were.
        """
        lot = lots.read(self._stream, self._pool, listed[start : start + LOT], self.state.tip)
        found, content = self._changes(lot.good)
        self._signers = lot.signers()
        for (each, commit), changed in zip(lot.good, found, strict=False):
            if isinstance(changed, Odd):
                self._breach(each.oid, "structure", f"This change {changed}.", 5)
                raise _Stop
            self._commit(each, commit, changed, content)
        if len(found) == len(lot.good) and lot.wrong is not None:
            self._breach(*lot.wrong)
            raise _Stop
        return len(found)

    def _changes(
        self, lot: Sequence[tuple[Object, Commit]]
    ) -> tuple[list[Found], Mapping[str, Content]]:
        """What commits change, and the content of it; of the first of them when all would be too much at a time."""
        while lot:
            try:
                found = self._comparer.compare(self.state.tree, [commit.tree for _, commit in lot])
                return found, self._contents([each for each in found if not isinstance(each, Odd)])
            except Crowded:
                if len(lot) == 1:
                    self._breach(
                        lot[0][0].oid, "too-much", "This change is larger than one can be.", 5
                    )
                    raise _Stop from None
                lot = lot[: len(lot) // 2]
        return [], {}

    def _contents(self, found: Sequence[Sequence[Change]]) -> dict[str, Content]:
        """What has to be known of every file that a lot changes, by the id of its content.

        :raises Crowded: when that is too much at a time.
        """
        wanted: dict[str, bool] = {}
        for changed in found:
            for change in changed:
                if change.new:
                    wanted[change.new] = wanted.get(change.new, False) or not change.record
                if change.old and change.path.startswith("disposals/"):
                    wanted[change.old] = True
        content: dict[str, Content] = {}
        room = MAX_FILES
        for blob in self._stream.read(list(wanted)):
            content[blob.oid] = made = _content(blob, keep=wanted[blob.oid])
            room -= len(made.data)
            if room < 0:
                raise Crowded
        return content

    # -- one commit --------------------------------------------------------------------------------------------

    def _commit(
        self,
        each: Object,
        commit: Commit,
        changed: Sequence[Change],
        content: Mapping[str, Content],
    ) -> None:
        state, oid = self.state, each.oid
        after = self._members_after(oid, changed, content)
        number = state.count + 1
        case = Case(commit, state.members or after, after, changed, content, state.policy, number)
        self._check_founding(oid, case)
        self._check_signature(oid, case)
        self._check_dates(oid, commit)
        self._check_chain(oid, commit, changed, content)
        for rule, what in rules.faults(case):
            point = 4 if rule in _POINT_FOUR else 5
            self._breach(oid, rule, f"This change {what}.", point)
        self._check_once(oid, case)
        self._remark(oid, case)
        self._advance(each, case)
        if self._witness is not None:
            self._witness(oid, case)
        self._check_checkpoints()
        if not self._broken:
            self.valid_tip = oid

    def _members_after(
        self, oid: str, changed: Sequence[Change], content: Mapping[str, Content]
    ) -> Members:
        for change in changed:
            if change.path == layout.MEMBERS and change.new:
                try:
                    return members.decode(content[change.new].data)
                except BadMembers as error:
                    self._breach(oid, "members-form", f"With this change {error.problem}.", 4)
                    raise _Stop from None
        if self.state.members is None:
            self._breach(oid, "founding", "The first change does not found any records.", 4)
            raise _Stop
        return self.state.members

    def _check_founding(self, oid: str, case: Case) -> None:
        first = not self.state.tip
        if first != (case.action == "found"):
            self._breach(oid, "founding", "Records are founded once, by the first change.", 4)
        if first and self._anchor is not None:
            key = case.after.signing_key(case.commit.handle)
            if self._anchor.founding != oid:
                self._breach(
                    oid, "anchor", "These are other records than the anchor stands for.", 1
                )
            elif key is None or sshsig.fingerprint(key) != self._anchor.fingerprint:
                self._breach(
                    oid, "anchor", "The founder's key is not the one that the anchor names.", 3
                )

    def _check_signature(self, oid: str, case: Case) -> None:
        commit, key = case.commit, self._signers[oid]
        if isinstance(key, BadSignature):
            self._breach(oid, "signature", f"This change cannot be relied on: {key.problem}.", 2)
            return
        handle = commit.handle
        if handle == RECOVERY and case.action != "recover":
            self._breach(
                oid,
                "recovery-use",
                "This change is signed with the recovery page, which is good for recovery alone.",
                4,
            )
        if key != case.before.signing_key(handle):
            self._breach(
                oid, "key-in-force", f"This change is {_whose(case.before, handle, key)}.", 3
            )

    def _check_dates(self, oid: str, commit: Commit) -> None:
        if commit.accepted < self.state.accepted:
            self._breach(oid, "date-back", "This change is dated before the one it follows.", 6)
        if max(commit.accepted, commit.entered) > self._now + AHEAD_SECONDS:
            self._breach(oid, "date-ahead", "This change is dated more than a day ahead.", 6)

    def _check_chain(
        self,
        oid: str,
        commit: Commit,
        changed: Sequence[Change],
        content: Mapping[str, Content],
    ) -> None:
        value = commits.chain_value(
            self.state.chain,
            self.state.data,
            [
                commits.Change(change.path, "100644", content[change.new].sha256)
                if change.new
                else commits.Change(change.path)
                for change in changed
            ],
        )
        if value != commit.message.chain:
            self._breach(
                oid, "chain-value", "This change does not carry the chain value it has to.", 5
            )

    def _check_once(self, oid: str, case: Case) -> None:
        """No sealed record, no key and no number of a destroyed record ever comes twice."""
        for change in case.changes:
            if change.record and change.new:
                raw = bytes.fromhex(change.new)
                if raw in self.state.sealed:
                    self._breach(
                        oid,
                        "sealed-twice",
                        f"This change puts an earlier sealed text in the place of {change.record}.",
                        5,
                    )
                self.state.sealed.add(raw)
                if change.record in self.state.removed:
                    self._breach(
                        oid,
                        "came-back",
                        f"This change brings back {change.record}, destroyed before.",
                        5,
                    )
            elif not change.record and change.new and case.content[change.new].fault:
                self._breach(
                    oid, "size", f"This change leaves {change.path} larger than it can be.", 5
                )
        for each in case.commit.message.written:
            raw = bytes.fromhex(each.key)
            if raw in self.state.keys:
                self._breach(
                    oid, "key-twice", f"This change seals {each.record} with a key used before.", 5
                )
            self.state.keys.add(raw)

    def _remark(self, oid: str, case: Case) -> None:
        """What is allowed, and that whoever reads the report should know."""
        if case.action == "recover":
            who = ", ".join(m.handle for m in case.after.members if m != case.before.get(m.handle))
            words = f"The recovery page was used: {who or 'nobody'} got new keys."
            self._note(oid, "recovery-used", words)
        if case.action == "disaster":
            self._note(
                oid,
                "disaster",
                f"{case.commit.handle} declared that a backup was all there was; what came after it was given up.",
                Severity.WARNING,
            )
            self._declare(case, "a backup was all there was")
        if case.action == refusals.ACTION:
            self._note(
                oid,
                "refusal",
                f"{case.commit.handle} refused a change that others could not look at, with all that followed it.",
                Severity.WARNING,
            )
            self._declare(case, "a change had to be refused")
        for change in case.changes:
            if change.path == layout.POLICY and change.new in self.state.policies:
                self._note(
                    oid,
                    "policy-back",
                    "The policy was set back to what it had been before.",
                    Severity.WARNING,
                )
        if case.action == "dispose":
            self._remark_approver(oid, case)
        if case.action in disposing.ACTIONS and not case.commit.message.written:
            self._remark_day(oid, case)
        if case.action == "grant":
            self._remark_grant(oid, case)

    def _declare(self, case: Case, what: str) -> None:
        self.state.declared.append((case.commit.handle, case.commit.accepted, what))

    def _remark_day(self, oid: str, case: Case) -> None:
        """A step of a disposal that names another day than the one on which it was signed."""
        for change in case.changes:
            step = disposing.read(case.new(change)) if change.new and not change.record else None
            said = step.newest.on if step is not None else ""
            made = datetime.fromtimestamp(case.commit.entered, UTC).date()
            if said and abs((date.fromisoformat(said) - made).days) > 1:
                words = (
                    f"This step of a disposal says that it was taken on"
                    f" {date.fromisoformat(said):%d/%m/%Y}, and was signed on {made:%d/%m/%Y}."
                )
                self._note(oid, "disposal-day", words)

    def _remark_grant(self, oid: str, case: Case) -> None:
        for change in case.changes:
            grant = grants.read(case.new(change)) if change.new else None
            if grant is not None:
                words = f"{grant.by} gave {grant.keys:,} keys to somebody outside: {grant.words()}."
                self._note(oid, "keys-given", words)

    def _remark_approver(self, oid: str, case: Case) -> None:
        for change in case.changes:
            done = disposing.read(case.new(change)) if not change.record else None
            approval = done.approved() if done is not None else None
            if done is None or approval is None:
                continue
            one, two = (done.proposal.by, "proposed"), (approval.by, "approved")
            if one[0] == two[0]:
                words = f"{one[0]} both proposed and approved this disposal."
                self._note(oid, "approved-alone", words)
                continue
            for words in (self._hand_in(two, one), self._hand_in(one, two)):
                if words:
                    self._note(oid, "approver-added", words)

    def _hand_in(self, whose: tuple[str, str], other: tuple[str, str]) -> str:
        """What is to be said of how somebody came to take part in a disposal: the other may be behind both.

        :param whose: their handle, and what they did with it.
        :param other: the same of the other.
        """
        (handle, did), (second, second_did) = whose, other
        by, since = self.state.approvers.get(handle, ("", 0))
        day = f"{datetime.fromtimestamp(since, UTC):%d/%m/%Y}"
        words = f"{handle}, who {did} this disposal, was made a coordinator"
        if by == second:
            return f"{words} by {second}, who {second_did} it, on {day}."
        if by == RECOVERY:
            return f"{handle}, who {did} this disposal, was given keys with the recovery page, on {day}."
        if second in self._behind(handle):
            return f"{words} by {by}, on {day}, and {second}, who {second_did} it, is behind that."
        return ""

    def _behind(self, handle: str) -> set[str]:
        """Everybody by whom somebody was let in or made a coordinator, through others too."""
        if handle in self._lines:
            return self._lines[handle]
        found = self._lines[handle] = set[str]()
        waiting = [handle]
        while waiting:
            one = waiting.pop()
            for told in (self.state.approvers, self.state.joined):
                by, _ = told.get(one, ("", 0))
                if by and by not in found:
                    found.add(by)
                    waiting.append(by)
        return found

    def _advance(self, each: Object, case: Case) -> None:
        state, commit = self.state, case.commit
        for change in case.changes:
            if change.path == layout.POLICY and change.new:
                state.policy = case.new(change)
                state.policies.add(change.new)
        if case.after is not case.before:
            self._lines.clear()
            for member in case.after.members:
                old = case.before.get(member.handle)
                if member != old and case.action == "join":
                    state.joined[member.handle] = (commit.handle, commit.accepted)
                # Whoever has the page may have given the keys of somebody who approves to themselves.
                new = (
                    old is None or not old.approves or (case.action == "recover" and member != old)
                )
                if member.approves and new:
                    state.approvers[member.handle] = (commit.handle, commit.accepted)
        state.versions.setdefault(case.after.version, case.after)
        state.removed |= set(commit.message.removed)
        state.members = case.after
        state.tip, state.tree, state.data = each.oid, commit.tree, each.data
        state.accepted, state.chain = max(state.accepted, commit.accepted), commit.message.chain
        state.count += 1

    # -- checkpoints -------------------------------------------------------------------------------------------

    def _check_checkpoints(self) -> None:
        for point in self._checkpoints.get(self.state.count, ()):
            self._check_checkpoint(point)

    def _check_checkpoint(self, point: Checkpoint) -> None:
        """One whose count the walk has come to."""
        key = self._genuine(point)
        if not key:
            return
        if (point.tip, point.chain) != (self.state.tip, self.state.chain):
            self._beside(point, key, "is not on this chain: the history was replaced")
            return
        everyone = self.state.members
        if everyone is None or key != everyone.signing_key(point.by):
            words = f"{_named(point)} is not signed by {point.by}, whom it names."
            self._breach(self.state.tip, "checkpoint-signature", words, 7)

    def _genuine(self, point: Checkpoint) -> str:
        """The key that signed a checkpoint; ``""`` when it says nothing about these records, which is told.

        A checkpoint that somebody altered, or one of other records, must not look like a history that was cut.
        """
        try:
            key = point.signer()
            point.countersigners()
        except BadSignature as error:
            words = (
                f"A checkpoint is forged, or was altered on its way: {error.problem}. It says that it is of"
                f" {point.on:%d/%m/%Y} and counts {point.count:,}."
            )
            self._breach("", "checkpoint-signature", words, 7)
            return ""
        if point.anchor.founding != self._founding or self._anchor not in {None, point.anchor}:
            self._breach("", "checkpoint", f"{_named(point)} is of other records.", 7)
            return ""
        return key

    def _beside(self, point: Checkpoint, key: str, what: str) -> None:
        """A checkpoint of these records that their history does not agree with."""
        everyone = self.state.members
        known = everyone is not None and key in _every_key(everyone)
        doubt = (
            "" if known else "; no member had the key that signed it, so ask where it comes from"
        )
        words = f"{_named(point)} {what}{self._declared()}{doubt}."
        self._breach(self.state.tip, "checkpoint", words, 7)

    def _declared(self) -> str:
        """What somebody declared about a history that is not the one of a checkpoint; an auditor asks them for it."""
        if not self.state.declared:
            return ""
        by, at, what = self.state.declared[-1]
        on = f"{datetime.fromtimestamp(at, UTC):%d/%m/%Y}"
        return f" ({by} declared on {on} that {what})"

    def _check_end(self, tip: str) -> None:
        # git lists nothing below what is no commit, and below a tag what the tag stands for.
        if self.state.tip != tip:
            words = "What stands at the newest end of the history is no change."
            self._breach("", "tip", words, 1)
        for point in self._wanted:
            if point.count > self.state.count and (key := self._genuine(point)):
                what = (
                    f"counts {point.count:,} changes and there are only {self.state.count:,}:"
                    " the history was cut"
                )
                self._beside(point, key, what)


_POINT_FOUR = frozenset(
    (
        "version",
        "members-kept",
        "former-keys",
        "members-action",
        "members-files",
        "allowed-signers",
        "admin",
        "policy-form",
        "organisation-form",
        "founding",
    )
)


def _named(point: Checkpoint) -> str:
    return f"The checkpoint of {point.on:%d/%m/%Y}"


def _every_key(everyone: Members) -> set[str]:
    """Every signing key that a member has or had."""
    kept = (keys for each in everyone.members for keys in (*each.former, each.keys))
    return {keys.signing for keys in kept}


def _listed(git: Git, tip: str, first: str) -> list[str]:
    """The ids from the one after ``first`` to the tip, oldest first, as git would have them."""
    below = [f"^{first}"] if first else []
    most = f"--max-count={MAX_CHANGES + 1}"
    listed = git.run("rev-list", "--first-parent", "--reverse", most, tip, *below, "--")
    return listed.decode("ascii").split()


def _content(blob: Object, *, keep: bool) -> Content:
    digest = hashlib.sha256(blob.data).hexdigest()
    if blob.kind != "blob":
        return Content(digest, b"", "is no file")
    if keep:
        large = len(blob.data) > MAX_FILE
        return Content(digest, b"" if large else blob.data, "is too large" if large else "")
    return Content(digest, b"", sealed.record_fault(blob.data))


def _whose(everyone: Members, handle: str, key: str) -> str:
    """Whose key signed in the name of a handle, as the end of a sentence: "This change is …"."""
    member = everyone.get(handle)
    if member is None and handle != RECOVERY:
        return f"by {handle}, who is no member"
    former = member.former if member else everyone.former_recovery
    if member is not None and not member.present and key == member.keys.signing:
        return f"by {handle}, who had left before"
    if key in {keys.signing for keys in former}:
        return f"signed with a key of {handle} that had been replaced before"
    for other in everyone.members:
        if key in {keys.signing for keys in (*other.former, other.keys)}:
            return f"signed by {other.handle} in the name of {handle}"
    if key in {keys.signing for keys in (*everyone.former_recovery, everyone.recovery)}:
        return f"signed with a recovery page in the name of {handle}"
    return f"signed in the name of {handle} with a key that is nobody's"


__all__ = ["State", "Verdict", "Witness", "state_at", "verify"]
