"""What each action may change, and who may take it.

==============================  =======================  =====================================================
action                          who signs                what may change
==============================  =======================  =====================================================
``found``                       the founder              everything fixed, once
``add``, ``import``             who may enter            new records
``amend``, ``void``             who may enter            records that are there
a follow-up's name              who may enter            records
``handover``                    who may enter            records, on behalf of somebody who may not any more
``join`` … ``renew``            see ``membership``       the list of members and what follows from it
``seal``                        who reads some log       nothing: the keyring alone is written anew
``refuse``                      who reads some log       nothing: it says that a change was refused elsewhere
``disaster``                    an admin                 nothing: it says that a backup was all there was
``policy``, ``organisation``    an admin                 that one file
``upgrade``                     an admin                 fixed files, to contents that this program knows
``propose`` … ``dispose``       see ``disposing``        one disposal's file, and the records it destroys
``grant``                       who reads and enters     one new file that says what was given to whom
==============================  =======================  =====================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cpvol import codec
from cpvol.audit import disposing, membership
from cpvol.audit.changes import Change
from cpvol.audit.known import known_digests
from cpvol.errors import CpvolError
from cpvol.ledger import grants, layout, refusals
from cpvol.ledger.commits import Commit
from cpvol.ledger.members import Member, Members
from cpvol.ledger.objects import object_id
from cpvol.logs import BY_NAME, LOGS

Fault = tuple[str, str]
"""The rule's name, and what was done against it as the end of a sentence: "This change …"."""

_LISTS = frozenset((layout.MEMBERS, layout.SIGNERS))
_FIXED = frozenset((layout.README, layout.ATTRIBUTES))
#: Folders of files that a signed step of their own writes.
_GRANTS = f"{grants.FOLDER}/"
_ACTS = ("disposals/", _GRANTS)
#: What every founding commit brings.
_FOUNDED = frozenset(
    (
        layout.README,
        layout.ATTRIBUTES,
        layout.ORGANISATION,
        layout.POLICY,
        layout.MEMBERS,
        layout.SIGNERS,
    )
)


@dataclass(frozen=True, slots=True)
class Content:
    """What the audit keeps of one file's content.

    :param sha256: of the content.
    :param data: the content, of files other than records.
    :param fault: what is wrong with a sealed record, as the end of a sentence.
    """

    sha256: str
    data: bytes
    fault: str


@dataclass(frozen=True, slots=True)
class Case:
    """One commit, as the rules look at it.

    :param before: the members in force in the parent; in the founding commit, those it founds.
    :param after: the members in force afterwards.
    :param changes: every file that it changes.
    :param content: of files, by the id of their content.
    :param policy: the content of the policy in force before.
    :param number: its place on the chain, from 1.
    """

    commit: Commit
    before: Members
    after: Members
    changes: Sequence[Change]
    content: Mapping[str, Content]
    policy: bytes
    number: int

    @property
    def action(self) -> str:
        """What the commit says it does."""
        return self.commit.message.action

    @property
    def signer(self) -> Member | None:
        """The member who signed it; ``None`` for the recovery page."""
        return self.before.get(self.commit.handle)

    def paths(self) -> set[str]:
        """The paths of every file that it changes."""
        return {change.path for change in self.changes}

    def new(self, change: Change) -> bytes:
        """The content of a file after the change."""
        return self.content[change.new].data if change.new else b""


def faults(case: Case) -> Iterator[Fault]:
    """What a commit does that it may not."""
    message = case.commit.message
    yield from _trailers(case)
    yield from _lists(case)
    if not message.subject.partition(": ")[2].startswith(f"{case.action} ") and message.subject != (
        f"organisation: {case.action}"
    ):
        yield "subject", "says one thing in its first line and another below"
    for change in case.changes:
        if change.record and change.new and case.content[change.new].fault:
            yield "sealed", f"writes an entry that {case.content[change.new].fault}"
    yield from _rule(case)(case)


def _rule(case: Case) -> Callable[[Case], Iterator[Fault]]:
    # A log may call a step what is also done with members or disposals: withdrawing a request, say.
    if case.action in _follow_ups() and any(change.record for change in case.changes):
        return _step
    return _RULES.get(case.action, _unknown)


def _trailers(case: Case) -> Iterator[Fault]:
    """What a commit says it writes and removes is what it writes and removes."""
    message = case.commit.message
    written = sorted(change.record for change in case.changes if change.record and change.new)
    gone = sorted(change.record for change in case.changes if change.record and not change.new)
    if written != [each.record for each in message.written]:
        yield "records-named", "writes other entries than it says"
    if gone != list(message.removed):
        yield "records-removed", "makes an entry disappear without saying so"
    if gone and case.action != "dispose":
        yield "removed-outside-disposal", "makes an entry disappear outside a disposal"


def _lists(case: Case) -> Iterator[Fault]:
    """``allowed_signers`` is what follows from the list of members; neither ever goes."""
    for change in case.changes:
        if not change.new and not change.record:
            yield "file-gone", "takes away a file that has to stay"
    if case.paths() & _LISTS:
        signers = object_id("blob", case.after.allowed_signers())
        listed = [change.new for change in case.changes if change.path == layout.SIGNERS]
        same = case.before.allowed_signers() == case.after.allowed_signers()
        if listed != [signers] and (listed or not same):
            yield "allowed-signers", "leaves a list of signing keys that disagrees with the members"


def _found(case: Case) -> Iterator[Fault]:
    founders = case.after.members
    if (
        case.after.version != 1
        or len(founders) != 1
        or not founders[0].admin
        or founders[0].former
        or case.after.former_recovery
    ):
        yield "founding", "founds records with other than one member, an admin"
    if missing := _FOUNDED - case.paths():
        yield "founding", f"founds records without {min(missing)}"
    if any(change.record or change.path.startswith(_ACTS) for change in case.changes):
        yield "founding", "founds records and enters into them at once"
    yield from _known(case)
    yield from _policy_content(case)
    yield from _organisation_content(case)


def _enter(case: Case) -> Iterator[Fault]:
    signer = case.signer
    logs = {change.record.partition("/")[0] for change in case.changes if change.record}
    if any(not change.record for change in case.changes):
        yield "beyond-records", f"changes more than entries, which “{case.action}” may not"
    if not logs:
        yield "nothing-entered", "says that it enters something and enters nothing"
    for log in sorted(logs):
        if log not in BY_NAME:
            yield "unknown-log", "enters into a log that this program does not know"
        elif signer is None or not signer.may_enter(log):
            yield "may-enter", f"enters into the log {log}, which its author may not"


def _add(case: Case) -> Iterator[Fault]:
    yield from _enter(case)
    if any(change.record and change.old for change in case.changes):
        yield "replaced", f"replaces an entry that was there, which “{case.action}” may not"


def _amend(case: Case) -> Iterator[Fault]:
    yield from _enter(case)
    if any(change.record and not change.old for change in case.changes):
        yield "not-there", "changes an entry that was not there"


def _step(case: Case) -> Iterator[Fault]:
    yield from _enter(case)
    for change in case.changes:
        spec = BY_NAME.get(change.record.partition("/")[0])
        if spec is not None and change.old and case.action not in _steps_of(spec.name):
            yield "step-of-log", f"takes a step that the log {spec.name} does not have"


def _members(case: Case) -> Iterator[Fault]:
    paths = case.paths()
    if layout.MEMBERS not in paths or paths - _LISTS:
        yield "members-files", "changes other files than the list of members"
    if layout.MEMBERS in paths:
        yield from membership.faults(case.before, case.after, case.action, case.commit.handle)


def _seal(case: Case) -> Iterator[Fault]:
    if case.changes:
        yield "seal-files", "changes a file, where only the keyring may be written anew"
    if case.signer is None or not any(case.signer.may_read(log) for log in BY_NAME):
        yield "seal-role", "writes the keyring anew and may not read any log"


def _refuse(case: Case) -> Iterator[Fault]:
    if case.changes:
        yield "refusal-files", "changes a file, where it only says that another change was refused"
    if case.signer is None or not any(case.signer.may_read(log) for log in BY_NAME):
        yield "refusal-role", "refuses another change, and its author may not read any log"
    if not refusals.refused(case.commit.message):
        yield "refusal-form", "refuses another change without naming it"


def _disaster(case: Case) -> Iterator[Fault]:
    yield from _admin(case)
    if case.changes:
        yield (
            "disaster-files",
            "changes a file, where it only declares that a backup was all there was",
        )


def _policy(case: Case) -> Iterator[Fault]:
    yield from _admin(case)
    yield from _only(case, layout.POLICY)
    yield from _policy_content(case)


def _organisation(case: Case) -> Iterator[Fault]:
    yield from _admin(case)
    yield from _only(case, layout.ORGANISATION)
    yield from _organisation_content(case)


def _upgrade(case: Case) -> Iterator[Fault]:
    yield from _admin(case)
    if not case.changes or any(
        change.path not in _FIXED and not change.path.startswith("schemas/")
        for change in case.changes
    ):
        yield "upgrade-files", "changes other files than an upgrade may"
    yield from _known(case)


def _disposal(case: Case) -> Iterator[Fault]:
    own = [change for change in case.changes if change.path.startswith("disposals/")]
    rest = [change for change in case.changes if change not in own]
    if len(own) != 1 or (rest and case.action != "dispose") or any(not c.record for c in rest):
        yield "disposal-files", f"changes other files than “{case.action}” may"
        return
    change = own[0]
    old = disposing.read(case.content[change.old].data) if change.old else None
    new = disposing.read(case.new(change))
    if new is None or new.path != change.path or (change.old and old is None):
        yield "disposal-form", "leaves a disposal that is not in its form"
        return
    yield from disposing.faults(
        disposing.Step(
            case.action,
            old,
            new,
            case.commit.handle,
            case.before,
            _needed(case),
            sorted(each.record for each in rest),
        )
    )


def _grant(case: Case) -> Iterator[Fault]:
    if len(case.changes) != 1 or not case.changes[0].path.startswith(_GRANTS):
        yield "grant-files", "changes other files than “grant” may"
        return
    if case.changes[0].old:
        yield "grant-files", "changes what was written down about keys that were given"
        return
    grant = grants.read(case.new(case.changes[0]))
    if grant is None or grant.path != case.changes[0].path:
        yield "grant-form", "writes down keys that were given in another form than it may"
        return
    if grant.by != case.commit.handle:
        yield "grant-signer", "gives keys away in another's name"
    signer = case.signer
    for log in grant.logs:
        if signer is None or not signer.may_enter(log):
            yield "grant-role", f"gives away keys of the log {log}, which its author may not"
    if len(grant.logs) != 1 and grant.since is None and grant.until is None:
        yield "grant-scope", "gives away keys of neither one log nor one period"
    if grant.changes >= case.number:
        yield "grant-ahead", "gives away keys of changes that come after it"


def _unknown(case: Case) -> Iterator[Fault]:
    del case
    yield "action", "does something that this program does not know"


def _admin(case: Case) -> Iterator[Fault]:
    if case.signer is None or not case.signer.admin:
        yield "admin", f"does what only an admin may: “{case.action}”"


def _only(case: Case, path: str) -> Iterator[Fault]:
    if case.paths() != {path}:
        yield "one-file", f"changes other files than “{case.action}” may"


def _known(case: Case) -> Iterator[Fault]:
    for change in case.changes:
        known = known_digests().get(change.path)
        if known is None and not change.path.startswith("schemas/"):
            continue
        if not change.new or case.content[change.new].sha256 not in (known or ()):
            yield (
                "fixed-files",
                f"leaves {change.path} with a content that this program does not know",
            )


def _policy_content(case: Case) -> Iterator[Fault]:
    from cpvol.policy import Policy

    for change in case.changes:
        if change.path == layout.POLICY:
            try:
                Policy.from_stored(codec.decode(case.new(change)))
            except CpvolError:
                yield "policy-form", "leaves a policy that cannot be used"


def _organisation_content(case: Case) -> Iterator[Fault]:
    from cpvol.policy.organisation import from_stored

    for change in case.changes:
        if change.path == layout.ORGANISATION:
            try:
                data = codec.decode(case.new(change))
                from_stored(data)
            except CpvolError:
                yield "organisation-form", "leaves details of the organisation that cannot be used"


def _needed(case: Case) -> int:
    """How many members a disposal takes: as many as policy says, or as there are who may."""
    from cpvol.policy import Policy

    try:
        wanted = Policy.from_stored(codec.decode(case.policy)).approvers.value
    except CpvolError:
        return 2
    may = sum(m.present and "coordinator" in m.roles for m in case.before.members)
    return 2 if min(wanted, may) > 1 else 1


@cache
def _follow_ups() -> frozenset[str]:
    return frozenset(step.name for log in LOGS for step in log.follow_ups)


@cache
def _steps_of(log: str) -> frozenset[str]:
    return frozenset(step.name for step in BY_NAME[log].follow_ups)


_RULES: dict[str, Callable[[Case], Iterator[Fault]]] = {
    "found": _found,
    "add": _add,
    "import": _add,
    "amend": _amend,
    "void": _amend,
    **dict.fromkeys(membership.ACTIONS, _members),
    "handover": _enter,
    "disaster": _disaster,
    "refuse": _refuse,
    "seal": _seal,
    "policy": _policy,
    "organisation": _organisation,
    "upgrade": _upgrade,
    **dict.fromkeys(disposing.ACTIONS, _disposal),
    "grant": _grant,
}
