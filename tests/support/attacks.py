"""The table of attacks: how each is made, what stock git says of its newest commit, and what the audit must say.

``stock`` is what ``git verify-commit`` says of the tip against its parent's ``allowed_signers``: ``good``, ``bad``, or
``-`` where there is no such commit. ``fsck`` is what ``git fsck --strict`` says of the whole folder: ``ok`` or ``bad``.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from cpvol import codec
from cpvol.audit.anchor import NAMESPACE, Checkpoint
from cpvol.ledger import commits, layout, members, refusals
from cpvol.ledger.commits import Commit
from cpvol.ledger.disposals import Approval, Certificate, Disposal, Item, Proposal
from cpvol.ledger.grants import Grant
from cpvol.ledger.members import Keys
from cpvol.logs import BY_NAME
from cpvol.logs.base import Amendment, Record
from cpvol.register import Register
from cpvol.vault import credential, envelope, keyring
from tests.support.forge import Forge, git, random_hex, raw_signed

Build = Callable[[Forge], object]
DAY = 86_400
#: The order of Ed25519's group.
_ORDER = 2**252 + 27_742_317_777_372_353_535_851_937_790_883_648_493


@dataclass(frozen=True)
class Attack:
    """One row of the table.

    :param says: a regular expression for one of the audit's sentences.
    :param holds: whether the audit holds all the same, and only reports.
    :param checkpoint: whether somebody outside kept a checkpoint from before the attack.
    :param contents: whether it takes a key to see.
    :param point: what becomes of the checkpoint on its way to the auditor.
    """

    name: str
    build: Build
    stock: str
    fsck: str
    says: str
    holds: bool = False
    checkpoint: bool = False
    contents: bool = False
    point: Callable[[Checkpoint, Forge], Checkpoint] | None = None


TABLE: list[Attack] = []


def attack(
    says: str,
    stock: str = "good",
    fsck: str = "ok",
    *,
    holds: bool = False,
    checkpoint: bool = False,
    contents: bool = False,
) -> Callable[[Build], Build]:
    """Put a row into the table."""

    def add(build: Build) -> Build:
        name = build.__name__.replace("_", " ")
        TABLE.append(Attack(name, build, stock, fsck, says, holds, checkpoint, contents))
        return build

    return add


# -- who signs -----------------------------------------------------------------------------------------------------


def _entry(forge: Forge, **how: object) -> Commit:
    path, sealed, key = forge.record()
    return forge.draft("add", {path: sealed}, keys={path: key}, **how)  # type: ignore[arg-type]


@attack("is not signed", "bad")
def unsigned(forge: Forge) -> None:
    data = _entry(forge).encode()
    forge.put(data.replace(b"gpgsig \n", b""))


@attack("with a key that is nobody's", "bad")
def unknown_key(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge), credential.generate()))


@attack("no member", "bad")
def unknown_handle(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="member-9"), credential.generate()))


@attack("member-3, who had left before")
def former_member_backdated(forge: Forge) -> None:
    forge.clock -= 400 * DAY
    forge.put(forge.sign(_entry(forge, by="member-3")))


@attack("had been replaced before")
def replaced_key(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="member-2"), forge.people["member-2-old"]))


@attack("the history was replaced|history was cut", checkpoint=True)
def former_member_forking_from_before_removal(forge: Forge) -> None:
    parent = forge.notes["before removal"]
    forge.clock = commits.decode(forge.raw(parent)).accepted
    forge.put(forge.sign(_entry(forge, by="member-3", parent=parent)))


@attack("the history was replaced", checkpoint=True)
def amended_tip(forge: Forge) -> None:
    tip = forge.commit_at()
    forge.put(forge.sign(replace(tip, entered=tip.entered - 3600, signature="")))


@attack("signed by member-1 in the name of member-2")
def rebase_by_a_member(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="member-2"), forge.people["member-1"]))


@attack("names one person as its author and another as its committer")
def author_not_signer(forge: Forge) -> None:
    head = (
        forge.draft("add", {})
        ._head()
        .replace(b"author member-1 <member-1@", b"author member-2 <member-2@")
    )
    forge.put(raw_signed(forge, head, _entry(forge).message.text().encode()))


@attack("a signature does not match what it signs", "bad")
def signature_of_another_commit(forge: Forge) -> None:
    forge.put(replace(_entry(forge), signature=forge.commit_at().signature))


@attack("does not match what it signs")
def signature_spelled_a_second_way(forge: Forge) -> None:
    """The same signature plus the order of the curve: another commit id, made by somebody without a key."""
    made = forge.sign(_entry(forge))
    blob = base64.b64decode("".join(made.signature.splitlines()[1:-1]))
    again = int.from_bytes(blob[-32:], "little") + _ORDER
    forge.put(replace(made, signature=_armored(blob[:-32] + again.to_bytes(32, "little"))))


@attack("a key with which anybody can sign anything")
def key_that_signs_for_everybody(forge: Forge) -> None:
    """An admin lets somebody join whose key fits one signature to every text; the entry is nobody's."""
    weak = (1).to_bytes(32, "little")
    public = _string(b"ssh-ed25519") + _string(weak)
    keys = Keys(_keys().age, f"ssh-ed25519 {base64.b64encode(public).decode()}")
    new = members.Member("member-7", ("coordinator",), ("all",), keys)
    _members(forge, "join", lambda m: m.with_member(new))
    purpose = _string(b"git") + _string(b"") + _string(b"sha512")
    signed = _string(b"ssh-ed25519") + _string(weak + bytes(32))
    blob = b"SSHSIG\0\0\0\1" + _string(public) + purpose + _string(signed)
    forge.put(replace(_entry(forge, by="member-7"), signature=_armored(blob)))


def _armored(blob: bytes) -> str:
    text = base64.b64encode(blob).decode()
    lines = "\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def _string(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


@attack("the recovery page, which is good for recovery alone")
def recovery_page_enters(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="recovery")))


@attack("in a way that “recover” does not allow")
def recovery_page_makes_a_coordinator(forge: Forge) -> None:
    _members(
        forge,
        "recover",
        lambda m: m.with_roles("member-5", ("coordinator",), ("all",)),
        by="recovery",
    )


@attack("in a way that “recover” does not allow")
def recovery_page_replaces_two(forge: Forge) -> None:
    def two(now: members.Members) -> members.Members:
        after = now.with_keys("member-1", _keys()).with_keys("member-2", _keys())
        return replace(after, version=now.version + 1)

    _members(forge, "recover", two, by="recovery")


@attack("which its author may not")
def an_auditor_enters(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="member-4")))


@attack("which its author may not")
def a_plain_admin_enters(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, by="member-5")))


# -- records -------------------------------------------------------------------------------------------------------


@attack("disappear outside a disposal")
def record_removed(forge: Forge) -> None:
    forge.change("amend", {forge.records("training")[0]: None})


@attack("replaces an entry that was there")
def record_replaced_under_add(forge: Forge) -> None:
    path = forge.records("training")[0]
    forge.change("add", {path: forge.record()[1]})


@attack("changes an entry that was not there")
def record_made_under_amend(forge: Forge) -> None:
    path, sealed, key = forge.record()
    forge.change("amend", {path: sealed}, keys={path: key})


@attack("disappear outside a disposal")
def record_moved_to_another_id(forge: Forge) -> None:
    old = forge.records("training")[0]
    forge.change("amend", {old: None, forge.record()[0]: forge.content(old)})


@attack("earlier sealed text in the place of token/")
def record_copied_to_another_log(forge: Forge) -> None:
    sealed = forge.content(forge.records("training")[0])
    forge.change("add", {forge.record("token")[0]: sealed})


@attack("earlier sealed text")
def ciphertexts_swapped(forge: Forge) -> None:
    one, two = forge.records("training")[:2]
    forge.change("amend", {one: forge.content(two), two: forge.content(one)})


@attack("earlier sealed text")
def record_set_back_to_an_earlier_version(forge: Forge) -> None:
    path, first = forge.notes["amended path"], forge.notes["first version"]
    forge.change("amend", {path: forge.raw(first)})


@attack("can be opened with 2 keys")
def extra_stanza_in_a_record(forge: Forge) -> None:
    from pyrage import encrypt, x25519

    both = [x25519.Identity.generate().to_public() for _ in range(2)]
    forge.change("add", {forge.record()[0]: encrypt(b"\n" * 1024, both)})


@attack("not an encrypted file in its one form")
def record_in_the_clear(forge: Forge) -> None:
    forge.change("add", {forge.record()[0]: b"id: abc\n" * 200})


@attack("not an encrypted file in its one form")
def record_locked_with_a_passphrase(forge: Forge) -> None:
    from tests.support.weak_scrypt import lock_quickly

    forge.change("add", {forge.record()[0]: lock_quickly(b"\n" * 1024, "x")})


@attack("not padded to whole kilobytes")
def record_that_tells_its_length(forge: Forge) -> None:
    from pyrage import encrypt, x25519

    forge.change(
        "add", {forge.record()[0]: encrypt(b"x" * 77, [x25519.Identity.generate().to_public()])}
    )


@attack("larger than an entry can be")
def huge_record(forge: Forge) -> None:
    forge.change("add", {forge.record()[0]: b"\0" * (3 << 20)})


@attack("cannot be read|refuses|larger")
def huge_blob(forge: Forge) -> None:
    forge.change("add", {forge.record()[0]: b"\0" * (200 << 20)})


@attack("does not know")
def log_that_nobody_knows(forge: Forge) -> None:
    path, sealed, key = forge.record("nonsense")
    forge.change("add", {path: sealed}, keys={path: key})


@attack("writes other entries than it says")
def record_that_the_message_hides(forge: Forge) -> None:
    paths = {forge.record()[0]: forge.record()[1] for _ in range(2)}
    made = forge.draft("add", paths)
    forge.put(
        forge.sign(replace(made, message=replace(made.message, written=made.message.written[:1])))
    )


@attack("with a key used before")
def key_used_twice(forge: Forge) -> None:
    path, sealed, key = forge.record()
    forge.change("add", {path: sealed}, keys={path: key})
    forge.change("add", {forge.record()[0]: forge.record()[1]}, keys={})
    other = forge.record()
    forge.change("add", {other[0]: envelope.seal(b"x", key)}, keys={other[0]: key})


@attack("brings back")
def destroyed_record_brought_back(forge: Forge) -> None:
    log, id = forge.notes["destroyed"].split("/")
    forge.change("add", {layout.record_path(log, id): forge.record()[1]})


@attack("does not carry the chain value it has to")
def chain_value_wrong(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, chain=random_hex())))


@attack("says one thing in its first line and another below")
def first_line_that_lies(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge, subject="records: void k3m9q2x7ab")))


@attack("something that this program does not know")
def action_that_nobody_knows(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("tidy", {path: sealed})


@attack("changes more than entries")
def file_changed_along_with_an_entry(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("add", {path: sealed, "README.md": b"trust me\n"})


@attack("a version of training/\\w+ does not open|is not what it has to be", contents=True)
def record_of_something_else(forge: Forge) -> None:
    """Sealed to its own key, committed to, in the keyring, and not a training."""
    _through_the_program(forge, b"id: x\n")


@attack("not what the history says", contents=True)
def amendment_that_hides_itself(forge: Forge) -> None:
    """A member rewrites an entry with its keys in order, and says nothing of it in the entry."""
    with Register.open(forge.folder, forge.people["member-1"]) as register:
        log, id = register.ids("training")[0]
        record = register.record(log, id).model_copy(update={"course": "Another course"})
        register.enter([record], "amend", entered=forge.clock + 60)


@attack("not what the history says", contents=True)
def amendment_in_anothers_name(forge: Forge) -> None:
    """A member changes an entry, and has it say that another did."""
    with Register.open(forge.folder, forge.people["member-1"]) as register:
        log, id = register.ids("training")[0]
        record = register.record(log, id)
        on = date(2026, 1, 1)
        notes = (
            Amendment(on=on, by="member-2", action="amend", fields=("course",)),
            Amendment(on=on, by="member-1", action="amend", fields=()),
        )
        changed = {"course": "Another course", "amendments": (*record.amendments, *notes)}
        register.enter([record.model_copy(update=changed)], "amend", entered=forge.clock + 60)


def _through_the_program(forge: Forge, wanted: bytes) -> None:
    from cpvol.vault import envelope as vault

    real = vault.seal

    def other(text: bytes, key: str) -> bytes:
        del text
        return real(wanted, key)

    vault.seal = other
    try:
        with Register.open(forge.folder, forge.people["member-1"]) as register:
            log, id = register.ids("training")[0]
            register.enter([register.record(log, id)], "amend", entered=forge.clock + 60)
    finally:
        vault.seal = real


# -- members, policy and fixed files ---------------------------------------------------------------------------------


def _keys() -> Keys:
    made = credential.generate()
    return Keys(made.age_public, made.signing_public)


def _members(
    forge: Forge,
    action: str,
    how: Callable[[members.Members], members.Members],
    *,
    by: str = "member-1",
    signers: bytes | None = None,
) -> None:
    after = how(members.decode(forge.content(layout.MEMBERS)))
    lines = after.allowed_signers() if signers is None else signers
    files = {layout.MEMBERS: after.encode(), layout.SIGNERS: lines}
    forge.change(action, files, by=by, subject=f"members: {action} somebody")


@attack("in a way that “join” does not allow")
def members_edited_by_a_plain_coordinator(forge: Forge) -> None:
    new = members.Member("member-7", ("coordinator",), ("all",), _keys())
    _members(forge, "join", lambda m: m.with_member(new), by="member-2")


@attack("in a way that “roles” does not allow")
def coordinator_makes_herself_admin(forge: Forge) -> None:
    _members(
        forge,
        "roles",
        lambda m: m.with_roles("member-2", ("admin", "coordinator"), ("all",)),
        by="member-2",
    )


@attack("in a way that “rotate” does not allow")
def keys_of_another_replaced(forge: Forge) -> None:
    _members(forge, "rotate", lambda m: m.with_keys("member-2", _keys()))


@attack("does not raise the version")
def version_not_raised(forge: Forge) -> None:
    new = members.Member("member-7", ("coordinator",), ("all",), _keys())
    _members(forge, "join", lambda m: replace(m.with_member(new), version=m.version))


@attack("drops or changes a key that was in force")
def former_key_dropped(forge: Forge) -> None:
    def drop(now: members.Members) -> members.Members:
        kept = tuple(replace(m, former=()) if m.handle == "member-2" else m for m in now.members)
        return replace(now, version=now.version + 1, members=kept)

    _members(forge, "roles", drop)


@attack("takes somebody off the list")
def member_taken_off_the_list(forge: Forge) -> None:
    _members(forge, "remove", lambda m: replace(m, version=m.version + 1, members=m.members[:-1]))


@attack("in a way that “join” does not allow|drops or changes a key")
def handle_given_to_another(forge: Forge) -> None:
    def swap(now: members.Members) -> members.Members:
        other = tuple(
            replace(m, keys=_keys()) if m.handle == "member-3" else m for m in now.members
        )
        return replace(now, version=now.version + 1, members=other)

    _members(forge, "join", swap)


@attack("a key stands twice")
def key_shared_by_two(forge: Forge) -> None:
    text = forge.content(layout.MEMBERS).decode()
    mine, theirs = (forge.people[h].age_public for h in ("member-1", "member-2"))
    forge.change("roles", {layout.MEMBERS: text.replace(mine, theirs).encode()})


@attack("disagrees with the members")
def allowed_signers_disagreeing(forge: Forge) -> None:
    new = members.Member("member-7", ("coordinator",), ("all",), _keys())
    line = f"member-1@cpvol.invalid {credential.generate().signing_public}\n".encode()
    signers = forge.content(layout.SIGNERS) + line
    _members(forge, "join", lambda m: m.with_member(new), signers=signers)


@attack("the list of members cannot be used")
def member_who_is_present_in_a_word(forge: Forge) -> None:
    """One reader takes the word for a yes, another for a no."""
    text = forge.content(layout.MEMBERS)
    forge.change("roles", {layout.MEMBERS: text.replace(b"present: false", b'present: "false"')})


@attack("the list of members cannot be used")
def members_in_another_spelling(forge: Forge) -> None:
    forge.change("roles", {layout.MEMBERS: forge.content(layout.MEMBERS) + b"# a comment\n"})


@attack("does what only an admin may")
def disaster_declared_by_a_coordinator(forge: Forge) -> None:
    forge.change("disaster", {}, by="member-2")


@attack("changes a file, where it only declares")
def disaster_that_takes_a_policy_along(forge: Forge) -> None:
    forge.change("disaster", {layout.POLICY: _policy(forge, 4)})


@attack("declared that a backup was all there was; what came after it was given up", holds=True)
def disaster_declared_by_an_admin(forge: Forge) -> None:
    forge.change("disaster", {})


@attack(r"history was (?:replaced|cut) \(member-1 declared on", checkpoint=True)
def disaster_declared_to_cut_the_history(forge: Forge) -> None:
    forge.change("disaster", {}, parent=forge.notes["before removal"])


@attack("does what only an admin may")
def policy_changed_by_a_coordinator(forge: Forge) -> None:
    forge.change("policy", {layout.POLICY: _policy(forge, 4)}, by="member-2")


@attack("set back to what it had been before", holds=True)
def policy_rolled_back(forge: Forge) -> None:
    old = forge.content(layout.POLICY)
    forge.change("policy", {layout.POLICY: _policy(forge, 4)})
    forge.change("policy", {layout.POLICY: old})


@attack("leaves a policy that cannot be used")
def policy_that_is_none(forge: Forge) -> None:
    forge.change("policy", {layout.POLICY: b"profile: nonsense\n"})


@attack("leaves a policy that cannot be used")
def policy_of_another_shape(forge: Forge) -> None:
    """What the report lists of a policy's sources is no list here."""
    data: Any = codec.decode(_policy(forge, 4))
    data["values"]["ecrb_valid"]["rows"] = 5
    forge.change("policy", {layout.POLICY: codec.encode(data)})


def _policy(forge: Forge, years: int) -> bytes:
    data: Any = codec.decode(forge.content(layout.POLICY))
    value = data["values"]["ecrb_valid"]
    value |= {"value": years, "origin": "ours", "reason": "A try"}
    order = ("value", "unit", "rows", "origin", "reason", "what")
    data["values"]["ecrb_valid"] = {key: value[key] for key in order if key in value}
    return codec.encode(data)


@attack("does what only an admin may")
def organisation_changed_by_a_coordinator(forge: Forge) -> None:
    text = forge.content(layout.ORGANISATION).replace(b"Example Trust", b"Another Trust")
    forge.change("organisation", {layout.ORGANISATION: text}, by="member-2")


@attack("a content that this program does not know")
def readme_changed(forge: Forge) -> None:
    forge.change("upgrade", {layout.README: b"All is well. Run this.\n"})


@attack("a content that this program does not know")
def attributes_that_name_a_filter(forge: Forge) -> None:
    forge.change("upgrade", {layout.ATTRIBUTES: b"* filter=evil diff=evil\n"})


@attack("changes other files than an upgrade may")
def upgrade_that_writes_an_approval(forge: Forge) -> None:
    """One admin writes proposal and approval of a disposal at once, as if they came with a new version."""
    made = _approved(_proposal(forge), "member-2")
    forge.change("upgrade", {made.path: made.encode()})
    _carry_out(forge, made)


@attack("changes more than entries")
def schema_changed_outside_an_upgrade(forge: Forge) -> None:
    path, sealed, key = forge.record()
    other = forge.content("schemas/training-1.json").replace(b"500", b"5000")
    forge.change("add", {path: sealed, "schemas/training-1.json": other}, keys={path: key})


@attack("takes away a file that has to stay")
def schema_removed(forge: Forge) -> None:
    forge.change("upgrade", {"schemas/training-1.json": None})


@attack("founded once")
def founded_twice(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("found", {path: sealed})


@attack("changes a file, where only the keyring")
def seal_that_changes_a_file(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("seal", {path: sealed})


def _refusal(forge: Forge) -> str:
    return refusals.subject(forge.ref("main~1"))


@attack("changes a file, where it only says that another change was refused")
def refusal_that_changes_a_file(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("refuse", {path: sealed}, subject=_refusal(forge))


@attack("refuses another change without naming it")
def refusal_that_names_nothing(forge: Forge) -> None:
    forge.change("refuse", {}, subject="members: refuse something")


@attack("refuses another change, and its author may not read any log")
def refusal_by_a_plain_admin(forge: Forge) -> None:
    forge.change("refuse", {}, by="member-5", subject=_refusal(forge))


@attack("member-2 refused a change that others could not look at", holds=True)
def refusal_of_another_change(forge: Forge) -> None:
    forge.change("refuse", {}, by="member-2", subject=_refusal(forge))


@attack(
    r"history was (?:replaced|cut) \(member-1 declared on .* that a change had", checkpoint=True
)
def refusal_declared_to_cut_the_history(forge: Forge) -> None:
    forge.change("refuse", {}, parent=forge.notes["before removal"], subject=_refusal(forge))


# -- the chain as a whole ---------------------------------------------------------------------------------------------


@attack("the history was cut", checkpoint=True)
def truncated(forge: Forge) -> None:
    forge.point(forge.ref("main~3"))


@attack("other records than the anchor stands for", "-")
def repointed_branch(forge: Forge) -> None:
    head = forge.commit_at(forge.notes["founding"])
    identity = credential.generate()
    made = replace(head, entered=head.entered + 1, accepted=head.accepted + 1, signature="")
    forge.put(replace(made, signature=identity.sign(made.payload(), "git")))


@attack("dated before the one it follows")
def dated_back(forge: Forge) -> None:
    forge.clock -= 30 * DAY
    forge.put(forge.sign(_entry(forge)))


@attack("a time in UTC that a calendar has", "bad")
def dated_beyond_the_calendar(forge: Forge) -> None:
    forge.clock = 999_999_999_999
    forge.put(forge.sign(_entry(forge)))


@attack("dated more than a day ahead")
def dated_ahead(forge: Forge) -> None:
    forge.clock = 4_000_000_000
    forge.put(forge.sign(_entry(forge)))


@attack("joins several lines of history")
def merge(forge: Forge) -> None:
    side = forge.commit_at("main~1")
    _with_parents(forge, forge.ref(), side.parent or "")


@attack("joins several lines of history")
def merge_of_three(forge: Forge) -> None:
    _with_parents(forge, forge.ref(), forge.ref("main~1"), forge.ref("main~2"))


@attack("joins several lines of history")
def duplicate_parents(forge: Forge) -> None:
    _with_parents(forge, forge.ref(), forge.ref())


@attack("joins several lines of history")
def merge_with_a_foreign_history(forge: Forge) -> None:
    made = _entry(forge)
    orphan = forge.sign(replace(made, parent=None, signature=""))
    _with_parents(forge, forge.ref(), forge.loose("commit", orphan.encode()))


def _with_parents(forge: Forge, *parents: str) -> None:
    made = _entry(forge)
    one = f"parent {made.parent}\n".encode()
    several = "".join(f"parent {oid}\n" for oid in parents).encode()
    forge.put(raw_signed(forge, made._head().replace(one, several), made.message.text().encode()))


@attack("refuses|is no change|damaged", "-", "bad")
def main_is_a_file(forge: Forge) -> None:
    forge.point(forge.loose("blob", b"nothing"))


@attack("refuses|is no change|damaged", "bad", "bad")
def main_is_a_tag(forge: Forge) -> None:
    tag = f"object {forge.ref()}\ntype commit\ntag v1\ntagger x <x@cpvol.invalid> 0 +0000\n\nx\n"
    forge.point(forge.loose("tag", tag.encode()))


# -- the commit's spelling --------------------------------------------------------------------------------------------


def _spelling(change: Callable[[bytes], bytes]) -> Build:
    def build(forge: Forge) -> None:
        forge.put(change(forge.sign(_entry(forge)).encode()))

    return build


def _second_signature(data: bytes) -> bytes:
    start = data.index(b"gpgsig ")
    end = data.index(b"\n\n", start) + 1
    return data[:end] + data[start:end] + data[end:]


def _rewrapped(data: bytes) -> bytes:
    start = data.index(b"-----BEGIN SSH SIGNATURE-----\n ") + 31
    end = data.index(b"\n -----END")
    text = data[start:end].replace(b"\n ", b"")
    lines = b"\n ".join(text[at : at + 64] for at in range(0, len(text), 64))
    return data[:start] + lines + data[end:]


attack("more than one signature")(_spelling(_second_signature))
TABLE[-1] = replace(TABLE[-1], name="second gpgsig")
attack("a header line that does not belong")(
    _spelling(lambda d: d.replace(b"\n\n", b"\ngpgsig-sha256 x\n\n", 1))
)
TABLE[-1] = replace(TABLE[-1], name="unknown gpgsig-like header")
attack("something after the end of its signature")(
    _spelling(lambda d: d.replace(b"SSH SIGNATURE-----\n\n", b"SSH SIGNATURE-----\n junk\n\n", 1))
)
TABLE[-1] = replace(TABLE[-1], name="junk after END")
attack("wrapped differently|is not written in the one form")(_spelling(_rewrapped))
TABLE[-1] = replace(TABLE[-1], name="re-wrapped base64")


def _header(
    name: str, says: str, change: Callable[[bytes], bytes], stock: str = "good", fsck: str = "ok"
) -> None:
    def build(forge: Forge) -> None:
        made = _entry(forge)
        forge.put(raw_signed(forge, change(made._head()), made.message.text().encode()))

    TABLE.append(Attack(name, build, stock, fsck, says))


_header("encoding header", "does not belong", lambda h: h + b"encoding latin1\n")
_header("mergetag header", "does not belong", lambda h: h + b"mergetag object x\n")
_header(
    "zone that is not UTC", "another way than by a handle", lambda h: h.replace(b"+0000", b"+0100")
)
_header(
    "author with a name of their own",
    "another way than by a handle",
    lambda h: h.replace(b"author member-1 <", b"author The Treasurer <").replace(
        b"committer member-1 <", b"committer The Treasurer <"
    ),
)
_header(
    "two authors",
    "header line twice|refuses",
    lambda h: h.replace(
        b"committer ", b"author member-1 <member-1@cpvol.invalid> 1 +0000\ncommitter "
    ),
    fsck="bad",
)


def _message(
    name: str, says: str, change: Callable[[bytes], bytes], stock: str = "good", fsck: str = "ok"
) -> None:
    def build(forge: Forge) -> None:
        made = _entry(forge)
        forge.put(raw_signed(forge, made._head(), change(made.message.text().encode())))

    TABLE.append(Attack(name, build, stock, fsck, says))


_message("NUL in the message", "zero byte|refuses", lambda m: m + b"\0hidden\n", fsck="bad")
_message("terminal escapes", "steer a terminal", lambda m: b"\x1b[2J\x1b]0;x\x07" + m)
_message(
    "foreign letters that look alike",
    "steer a terminal",
    lambda m: m.replace(b"add", "\u0430dd".encode()),
)
_message("a trailer too many", "one form", lambda m: m + b"Approved-By: everybody\n")


@attack("made for another purpose", "bad")
def another_namespace(forge: Forge) -> None:
    forge.put(forge.sign(_entry(forge), namespace="file"))


@attack("not by an Ed25519 key")
def another_algorithm(forge: Forge) -> None:
    """A member's list would have to name the key; git asks no more than that."""
    _stock_signed(forge, "ecdsa", [])


@attack("other settings")
def another_hash(forge: Forge) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = _entry(forge)
    seed = forge.people["member-1"].seed
    key = Ed25519PrivateKey.from_private_bytes(seed)

    public = _string(b"ssh-ed25519") + _string(key.public_key().public_bytes_raw())
    purpose = _string(b"git") + _string(b"") + _string(b"sha256")
    signed = key.sign(b"SSHSIG" + purpose + _string(hashlib.sha256(made.payload()).digest()))
    whole = _string(_string(b"ssh-ed25519") + _string(signed))
    forge.put(
        replace(made, signature=_armored(b"SSHSIG\0\0\0\1" + _string(public) + purpose + whole))
    )


def _stock_signed(forge: Forge, kind: str, options: list[str]) -> None:
    key = forge.folder.with_name("other-key")
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(key)], check=True)
    made = _entry(forge)
    done = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(key), *options],
        input=made.payload(),
        capture_output=True,
        check=True,
    )
    forge.notes["extra signer"] = f"member-1@cpvol.invalid {key.with_suffix('.pub').read_text()}"
    forge.put(replace(made, signature=done.stdout.decode()))


@attack("other than an SSH key", "bad")
def pgp_signature(forge: Forge) -> None:
    made = _entry(forge)
    pgp = "-----BEGIN PGP SIGNATURE-----\n\n iQEzBAABCAAdFiEE\n =abcd\n -----END PGP SIGNATURE-----"
    forge.put(made._head() + f"gpgsig {pgp}\n\n{made.message.text()}".encode())


# -- the folders' spelling ---------------------------------------------------------------------------------------------


@attack("puts another repository in the place of a file")
def gitlink(forge: Forge) -> None:
    path = forge.record()[0]
    forge.change("add", {path: forge.ref().encode()}, modes={path: "160000"})


@attack("puts a link in the place of a file")
def symlink(forge: Forge) -> None:
    path = forge.record()[0]
    forge.change("add", {path: b"/etc/passwd"}, modes={path: "120000"})


@attack("puts a program in the place of a file")
def executable(forge: Forge) -> None:
    path, sealed, _ = forge.record()
    forge.change("add", {path: sealed}, modes={path: "100755"})


def _path(name: str, path: str, fsck: str = "ok") -> None:
    def build(forge: Forge) -> None:
        forge.change("add", {path: forge.record()[1]}, written=())

    TABLE.append(Attack(name, build, "good", fsck, "where nothing belongs|refuses"))


_path("path with a line break", "training/k/3/k3m9q2x7ab.yaml.age\nx")
_path("colliding names", "training/K/3/K3m9q2x7ab.yaml.age")
_path("reserved name of another system", "training/c/o/con.yaml.age")
_path("a .git folder", ".git/config", fsck="bad")
_path("modules", ".gitmodules")
_path("a program at the top", "run-me.sh")
_path("a record in the wrong folder", "training/a/b/k3m9q2x7ab.yaml.age")
_path("folders without end", "training/" + "a/" * 40 + "x")


@attack("empty or cannot be read|refuses", fsck="bad")
def tree_not_sorted(forge: Forge) -> None:
    _top(forge, lambda rows: rows[::-1])


@attack("empty or cannot be read|refuses", fsck="bad")
def tree_with_a_name_twice(forge: Forge) -> None:
    _top(forge, lambda rows: [rows[0], *rows])


@attack("something strange|refuses|where nothing belongs")
def tree_with_an_odd_mode(forge: Forge) -> None:
    _top(forge, lambda rows: [("100664", rows[0][1], rows[0][2]), *rows[1:]])


@attack("empty or cannot be read|refuses", fsck="bad")
def tree_with_a_zero_padded_mode(forge: Forge) -> None:
    _top(forge, lambda rows: [("040000" if m == "40000" else m, n, o) for m, n, o in rows])


@attack("has a folder that is empty")
def empty_folder(forge: Forge) -> None:
    empty = forge.loose("tree", b"")
    _top(
        forge,
        lambda rows: sorted(
            [*rows, ("40000", b"zz", empty)],
            key=lambda r: r[1] + (b"/" if r[0] == "40000" else b""),
        ),
    )


@attack("missing|refuses", fsck="bad")
def folder_that_is_a_file(forge: Forge) -> None:
    blob = forge.loose("blob", b"x")
    _top(
        forge,
        lambda rows: sorted(
            [*rows, ("40000", b"zz", blob)], key=lambda r: r[1] + (b"/" if r[0] == "40000" else b"")
        ),
    )


def _top(
    forge: Forge, change: Callable[[list[tuple[str, bytes, str]]], list[tuple[str, bytes, str]]]
) -> None:
    raw, rows = forge.raw(forge.commit_at().tree), []
    for mode, name, oid in re.findall(rb"(\d+) ([^\0]+)\0(.{20})", raw, re.DOTALL):
        rows.append((mode.decode(), name, oid.hex()))
    made = forge.draft("upgrade", {}, tree=forge.rows(change(rows)))
    forge.put(forge.sign(made))


@attack("empty or cannot be read|where nothing belongs|cannot be read|missing")
def tree_bomb(forge: Forge) -> None:
    """Ten levels of ten folders, each level one object: ten thousand million files in a kilobyte."""
    oid = forge.loose("blob", b"x")
    mode = "100644"
    for _ in range(10):
        oid = forge.rows([(mode, b"%c" % (97 + n), oid) for n in range(10)])
        mode = "40000"
    _top(
        forge,
        lambda rows: sorted(
            [*rows, ("40000", b"zz", oid)], key=lambda r: r[1] + (b"/" if r[0] == "40000" else b"")
        ),
    )


# -- objects and references ----------------------------------------------------------------------------------------


@attack("missing or damaged", fsck="bad")
def object_swapped(forge: Forge) -> None:
    one, two = forge.records("training")[:2]
    forge.loose("blob", forge.content(two), oid=forge.files()[one][1])


@attack("missing or damaged", fsck="bad")
def object_missing(forge: Forge) -> None:
    oid = forge.files()[forge.records("training")[0]][1]
    (forge.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


@attack("missing or damaged", fsck="bad")
def commit_missing(forge: Forge) -> None:
    oid = forge.ref("main~2")
    (forge.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


@attack("has grafts", holds=True)
def grafts(forge: Forge) -> None:
    place = forge.folder / ".git" / "info"
    place.mkdir(exist_ok=True)
    (place / "grafts").write_text(f"{forge.ref('main')} {forge.ref('main~5')}\n")


@attack("replaces objects by others", holds=True, fsck="ok")
def replace_refs(forge: Forge) -> None:
    git(forge.folder, "replace", forge.ref("main~1"), forge.ref("main~4"))


@attack("their beginning is missing")
def shallow(forge: Forge) -> None:
    forge.point(forge.ref("main~6"), "shallow")


@attack("borrows objects", holds=True)
def alternates(forge: Forge) -> None:
    other = forge.folder.with_name("lender")
    git(forge.folder.parent, "clone", "-q", "--bare", str(forge.folder), str(other))
    path = forge.folder / ".git" / "objects" / "info"
    path.mkdir(exist_ok=True)
    (path / "alternates").write_text(f"{other / 'objects'}\n")
    oid = forge.files()[forge.records("training")[0]][1]
    (forge.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


@attack("holds", fsck="bad", holds=True)
def forged_commit_graph(forge: Forge) -> None:
    """A summary of the history that leaves out four changes, and that git believes; it does not come over."""
    git(forge.folder, "commit-graph", "write", "--reachable")
    place = forge.folder / ".git" / "objects" / "info" / "commit-graph"
    place.chmod(0o644)
    data = bytearray(place.read_bytes())
    table = [data[8 + 12 * n : 20 + 12 * n] for n in range(data[6])]
    start = {bytes(row[:4]): int.from_bytes(row[4:], "big") for row in table}
    names, rows = start[b"OIDL"], start[b"CDAT"]
    oids = [data[at : at + 20].hex() for at in range(names, rows, 20)]
    tip, other = oids.index(forge.ref("main")), oids.index(forge.ref("main~5"))
    data[rows + 36 * tip + 20 : rows + 36 * tip + 24] = other.to_bytes(4, "big")
    data[-20:] = hashlib.sha1(data[:-20], usedforsecurity=False).digest()
    before = git(forge.folder, "-c", "core.commitGraph=false", "rev-list", "--count", "main")
    place.write_bytes(bytes(data))
    assert git(forge.folder, "rev-list", "--count", "main") == str(int(before) - 4)


@attack("where nothing belongs")
def path_that_is_not_text(forge: Forge) -> None:
    blob = forge.loose("blob", b"x")
    _top(forge, lambda rows: [*rows, ("100644", b"\xff\xfe", blob)])


# -- the keyring -----------------------------------------------------------------------------------------------------


def _ring(forge: Forge) -> dict[str, bytes]:
    return {path: forge.content(path, "keyring") for path in forge.files("keyring")}


def _put_ring(forge: Forge, files: dict[str, bytes]) -> str:
    tree = forge.tree({name: ("100644", forge.loose("blob", data)) for name, data in files.items()})
    return forge.point(
        forge.loose("commit", commits.keyring_commit(tree).data), "refs/heads/keyring"
    )


def _sealed(forge: Forge, files: dict[str, bytes], by: str = "member-1") -> None:
    """Another keyring, named by a signed change, as a member who reads it could do."""
    _put_ring(forge, files)
    forge.change("seal", {}, by=by, keyring=keyring.digest(files), subject="members: seal the keys")


@attack("old, or was changed")
def old_keyring_served(forge: Forge) -> None:
    _put_ring(forge, forge.ring)


@attack("old, or was changed")
def keyring_file_swapped(forge: Forge) -> None:
    files = _ring(forge)
    name = min(files)
    _put_ring(forge, files | {name: keyring.seal({}, [forge.people["member-1"].age_public])})


@attack("opens with \\d keys, and only")
def keyring_sealed_to_a_stranger(forge: Forge) -> None:
    files = _ring(forge)
    name = next(name for name in sorted(files) if name.startswith("training"))
    keys = keyring.open_(files[name], forge.people["member-1"])
    now = members.decode(forge.content(layout.MEMBERS))
    readers = [*now.readers("training"), credential.generate().age_public]
    _sealed(forge, files | {name: keyring.seal(keys, readers)})


@attack("not those that the history names", contents=True)
def key_swapped_in_the_keyring(forge: Forge) -> None:
    _change_keys(
        forge, lambda keys: keys | {min(keys): (envelope.new_key(),) * len(keys[min(keys)])}
    )


@attack("no key for training/", contents=True)
def key_dropped_from_the_keyring(forge: Forge) -> None:
    _change_keys(forge, lambda keys: {id: held for id, held in keys.items() if id != min(keys)})


@attack("which was destroyed, is still in the keyring", contents=True)
def key_of_a_destroyed_record_kept(forge: Forge) -> None:
    id = forge.notes["destroyed"].partition("/")[2]
    _change_keys(forge, lambda keys: keys | {id: (envelope.new_key(),)})


def _change_keys(forge: Forge, change: Callable[[keyring.Keys], keyring.Keys]) -> None:
    files = _ring(forge)
    name = next(name for name in sorted(files) if name.startswith("training"))
    keys = change(keyring.open_(files[name], forge.people["member-1"]))
    now = members.decode(forge.content(layout.MEMBERS))
    _sealed(forge, files | {name: keyring.seal(keys, now.readers("training"))})


@attack("not in its one form")
def keyring_with_a_history(forge: Forge) -> None:
    tree = commits_tree(forge)
    text = f"tree {tree}\nparent {forge.ref('keyring')}\nauthor a <a@x> 0 +0000\ncommitter a <a@x> 0 +0000\n\nx\n"
    forge.point(forge.loose("commit", text.encode()), "refs/heads/keyring")


def commits_tree(forge: Forge) -> str:
    """The tree of the keyring."""
    return git(forge.folder, "rev-parse", "keyring^{tree}")


@attack("The keyring is not here")
def keyring_left_out(forge: Forge) -> None:
    (forge.folder / ".git" / "refs" / "heads" / "keyring").unlink()


def _closed(forge: Forge) -> Record:
    """Enter a training that is closed to all but its author."""
    closed = BY_NAME["training"].model.model_validate(
        {
            "id": layout.new_id(),
            "log": "training",
            "schema": 1,
            "person": layout.new_id(),
            "course": "Closed",
            "trainer": "authority",
            "completed_on": "2009-01-01",
            "readers": ("member-1",),
        }
    )
    with Register.open(forge.folder, forge.people["member-1"]) as register:
        register.enter([closed], "add", entered=forge.clock + 60)
    forge.clock += 120
    return closed


@attack("opens with one key alone", holds=True)
def closed_record_left_out_of_the_recovery_page(forge: Forge) -> None:
    """Nobody could ever read it once its author is gone."""
    id = _closed(forge).id
    files = _ring(forge)
    alone = next(name for name in files if name.startswith(f"training-{id}."))
    mine = forge.people["member-1"]
    only = keyring.seal(keyring.open_(files[alone], mine), [mine.age_public])
    _sealed(forge, files | {alone: only})


@attack("lie open to every reader of its log", contents=True)
def key_of_a_closed_record_laid_open(forge: Forge) -> None:
    """Whoever reads a closed entry puts its key where everybody finds it."""
    closed = _closed(forge)
    files = _ring(forge)
    alone = next(name for name in files if name.startswith(f"training-{closed.id}."))
    keys = keyring.open_(files.pop(alone), forge.people["member-1"])
    name = next(name for name in sorted(files) if name.startswith("training"))
    keys |= keyring.open_(files[name], forge.people["member-1"])
    now = members.decode(forge.content(layout.MEMBERS))
    _sealed(forge, files | {name: keyring.seal(keys, now.readers("training"))})


@attack("somebody else's is in the place of yours", contents=True)
def reader_put_out_for_a_stranger(forge: Forge) -> None:
    """As many keys open the file as may, so that nothing shows without one of those that should."""
    files = _ring(forge)
    name = next(name for name in sorted(files) if name.startswith("training"))
    keys = keyring.open_(files[name], forge.people["member-2"])
    now = members.decode(forge.content(layout.MEMBERS))
    others = [key for key in now.readers("training") if key != forge.people["member-1"].age_public]
    stranger = credential.generate().age_public
    _sealed(forge, files | {name: keyring.seal(keys, [*others, stranger])}, by="member-2")


# -- disposals -------------------------------------------------------------------------------------------------------


def _proposal(
    forge: Forge, by: str = "member-1", needed: int = 2, log: str = "training"
) -> Disposal:
    id = Path(forge.records(log)[0]).name.partition(".")[0]
    return Disposal(
        id=layout.new_id(),
        proposal=Proposal(
            by=by,
            on="2026-01-01",
            reason="duplicate",
            members_needed=needed,  # type: ignore[arg-type]
            entries=(Item(log=log, id=id, rule="duplicate"),),
        ),
    )


def _approved(made: Disposal, by: str) -> Disposal:
    yes = Approval(by=by, on="2026-01-01", digest=made.digest())
    return made.model_copy(update={"approvals": (yes,)})


def _carry_out(forge: Forge, made: Disposal, by: str = "member-1", on: str = "2026-01-01") -> str:
    places = tuple(item.place for item in made.proposal.entries)
    done = made.model_copy(
        update={"certificate": Certificate(by=by, on=on, method="keys-destroyed", entries=places)}
    )
    files: dict[str, bytes | None] = {made.path: done.encode()}
    files |= {layout.record_path(*place.split("/")): None for place in places}
    return forge.change("dispose", files, by=by)


def _write(forge: Forge, action: str, made: Disposal, by: str = "member-1") -> str:
    return forge.change(action, {made.path: made.encode()}, by=by)


@attack("was not approved as it stands")
def disposal_without_approval(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _carry_out(forge, made)


@attack("does more than carry out a disposal")
def disposal_without_a_proposal(forge: Forge) -> None:
    _carry_out(forge, _approved(_proposal(forge), "member-2"))


@attack("what the same member proposed")
def disposal_approved_by_its_proposer(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-1"))


@attack("from the log training, which its author does not read")
def disposal_by_one_who_does_not_read_it(forge: Forge) -> None:
    _members(forge, "roles", lambda m: m.with_roles("member-2", ("coordinator",), ("token",)))
    _write(forge, "propose", _proposal(forge, by="member-2"), "member-2")


@attack("a disposal that is not in its form")
def certificate_of_a_day_that_never_was(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-2"), "member-2")
    _carry_out(forge, _approved(made, "member-2"), on="2026-02-31")


@attack("in another's name")
def disposal_approved_in_anothers_name(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-2"))


@attack("asks for fewer members than policy")
def disposal_that_asks_for_one_where_policy_says_two(forge: Forge) -> None:
    _write(forge, "propose", _proposal(forge, needed=1))


@attack("something other than what was proposed")
def approval_of_something_else(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(
        forge,
        "approve",
        made.model_copy(update={"approvals": _approved(_proposal(forge), "member-2").approvals}),
        "member-2",
    )


@attack("destroys other entries than those that were approved")
def disposal_of_more_than_was_approved(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    yes = _approved(made, "member-2")
    _write(forge, "approve", yes, "member-2")
    id = forge.notes["held"].partition("/")[2]
    entries = (*made.proposal.entries, Item(log="training", id=id, rule="duplicate"))
    more = yes.model_copy(
        update={"proposal": made.proposal.model_copy(update={"entries": entries})}
    )
    done = yes.model_copy(
        update={
            "certificate": Certificate(
                by="member-1",
                on="2026-01-01",
                method="keys-destroyed",
                entries=tuple(sorted(item.place for item in more.proposal.entries)),
            )
        }
    )
    files: dict[str, bytes | None] = {made.path: done.encode()}
    files |= {layout.record_path(*item.place.split("/")): None for item in entries}
    forge.change("dispose", files)


@attack("a disposal that was finished")
def certificate_edited_later(forge: Forge) -> None:
    path = next(path for path in forge.files() if path.startswith("disposals/"))
    text = forge.content(path).replace(b"method: keys-destroyed", b"method: keys-destroyed")
    forge.change("withdraw", {path: text.replace(b"2009", b"2008")})


@attack("a file that has to stay|leaves a disposal that is not in its form")
def certificate_removed(forge: Forge) -> None:
    path = next(path for path in forge.files() if path.startswith("disposals/"))
    forge.change("withdraw", {path: None})


@attack("was made a coordinator by member-1, who proposed it", holds=True)
def approver_added_by_the_proposer(forge: Forge) -> None:
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-2"), "member-2")
    _carry_out(forge, _approved(made, "member-2"))


@attack("was made a coordinator by member-1, who proposed it", holds=True)
def approver_promoted_by_the_proposer(forge: Forge) -> None:
    """Somebody whom another let in, as an auditor, is let approve by whoever proposes."""
    before = members.decode(forge.content(layout.MEMBERS))
    after = before.with_roles("member-4", ("coordinator", "auditor"), ("all",))
    forge.change("roles", {layout.MEMBERS: after.encode()}, subject="members: roles member-4")
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-4"), "member-4")
    _carry_out(forge, _approved(made, "member-4"))


@attack(
    "member-2, who proposed this disposal, was made a coordinator by member-1, who appr", holds=True
)
def proposer_added_by_the_approver(forge: Forge) -> None:
    made = _proposal(forge, "member-2")
    _write(forge, "propose", made, "member-2")
    _write(forge, "approve", _approved(made, "member-1"))
    _carry_out(forge, _approved(made, "member-1"))


@attack("by member-5, on .*, and member-1, who proposed it, is behind that", holds=True)
def approver_let_in_through_somebody_else(forge: Forge) -> None:
    """An admin whom the proposer had added is their hand."""
    before = members.decode(forge.content(layout.MEMBERS))
    after = before.with_roles("member-4", ("coordinator", "auditor"), ("all",))
    files = {layout.MEMBERS: after.encode()}
    forge.change("roles", files, by="member-5", subject="members: roles member-4")
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-4"), "member-4")
    _carry_out(forge, _approved(made, "member-4"))


@attack("member-2, who approved this disposal, was given keys with the recovery page", holds=True)
def approver_whose_keys_came_from_the_page(forge: Forge) -> None:
    taken = credential.generate()
    _members(
        forge,
        "recover",
        lambda m: m.with_keys("member-2", Keys(taken.age_public, taken.signing_public)),
        by="recovery",
    )
    forge.people["member-2"] = taken
    made = _proposal(forge)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-2"), "member-2")
    _carry_out(forge, _approved(made, "member-2"))


@attack("member-1 both proposed and approved this disposal", holds=True)
def disposal_by_one_after_a_policy_for_it(forge: Forge) -> None:
    data: Any = codec.decode(forge.content(layout.POLICY))
    data["values"]["approvers"]["value"] = 1
    forge.change("policy", {layout.POLICY: codec.encode(data)})
    made = _proposal(forge, needed=1)
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-1"))
    _carry_out(forge, _approved(made, "member-1"))


@attack("says that it was taken on 01/01/2026, and was signed on", holds=True)
def disposal_dated_otherwise_than_it_was_signed(forge: Forge) -> None:
    _write(forge, "propose", _proposal(forge))


@attack("while a hold", contents=True)
def disposal_under_a_hold(forge: Forge) -> None:
    id = forge.notes["held"].partition("/")[2]
    made = _proposal(forge)
    entries = (Item(log="training", id=id, rule="duplicate"),)
    made = made.model_copy(
        update={"proposal": made.proposal.model_copy(update={"entries": entries})}
    )
    _write(forge, "propose", made)
    _write(forge, "approve", _approved(made, "member-2"), "member-2")
    _carry_out(forge, _approved(made, "member-2"))
    _change_keys(forge, lambda keys: {key: held for key, held in keys.items() if key != id})


# -- checkpoints on their way to the auditor ---------------------------------------------------------------------------


def _pointed(
    name: str,
    says: str,
    point: Callable[[Checkpoint, Forge], Checkpoint],
    build: Build | None = None,
) -> None:
    TABLE.append(
        Attack(
            name, build or (lambda forge: None), "good", "ok", says, checkpoint=True, point=point
        )
    )


def _signed(point: Checkpoint, forge: Forge, who: str) -> Checkpoint:
    return replace(point, signature=forge.people[who].sign(point.text(), NAMESPACE))


_pointed(
    "checkpoint forged",
    "forged",
    lambda point, forge: replace(point, by="member-2"),
)
_pointed(
    "checkpoint signed by another than it names",
    "is not signed by member-1, whom it names",
    lambda point, forge: _signed(point, forge, "member-2"),
)
_pointed(
    "checkpoint signed by a member who had left",
    "is not signed by member-3, whom it names",
    lambda point, forge: _signed(replace(point, by="member-3"), forge, "member-3"),
)
_pointed(
    "checkpoint of fewer changes than it says",
    "the history was replaced",
    lambda point, forge: _signed(replace(point, count=point.count - 1), forge, "member-1"),
)
_pointed(
    "checkpoint of other records",
    "of other records",
    lambda point, forge: _signed(
        replace(point, anchor=replace(point.anchor, founding="0" * 40)), forge, "member-1"
    ),
)
_pointed(
    "checkpoint altered to count more than there is",
    "forged",
    lambda point, forge: replace(point, count=point.count + 100),
)
_pointed(
    "checkpoint of other records, longer than these",
    "of other records",
    lambda point, forge: _signed(
        replace(point, count=point.count + 100, anchor=replace(point.anchor, founding="0" * 40)),
        forge,
        "member-1",
    ),
)
_pointed(
    "checkpoint of a longer history by nobody who was a member",
    "no member had the key that signed it, so ask where it comes from",
    lambda point, forge: replace(
        longer := replace(point, count=point.count + 1),
        signature=credential.generate().sign(longer.text(), NAMESPACE),
    ),
)
_pointed(
    "checkpoint with a forged countersignature",
    "forged",
    lambda point, forge: replace(point, further=(point.signature.replace("A", "B", 1),)),
)


# -- keys that are given away ------------------------------------------------------------------------------------------


def _grant(forge: Forge, **other: object) -> Grant:
    given: dict[str, object] = {
        "id": layout.new_id(),
        "by": "member-1",
        "on": "2009-02-01",
        "to": _keys().age,
        "logs": ("training",),
        "changes": 3,
        "keys": 1,
        "sha256": random_hex(),
    }
    return Grant.model_validate(given | other)


def _give(forge: Forge, grant: Grant, by: str = "member-1") -> str:
    return forge.change("grant", {grant.path: grant.encode()}, by=by)


@attack("member-1 gave 1 keys to somebody outside: the log training", holds=True)
def keys_given_away(forge: Forge) -> None:
    """Allowed, and in every report."""
    _give(forge, _grant(forge))


@attack("gives away keys of the log training, which its author may not")
def keys_given_away_by_a_plain_admin(forge: Forge) -> None:
    _give(forge, _grant(forge, by="member-5"), "member-5")


@attack("gives away keys of the log training, which its author may not")
def keys_given_away_by_an_auditor(forge: Forge) -> None:
    _give(forge, _grant(forge, by="member-4"), "member-4")


@attack("gives keys away in another's name")
def keys_given_away_in_anothers_name(forge: Forge) -> None:
    _give(forge, _grant(forge, by="member-2"))


@attack("neither one log nor one period")
def keys_of_everything_given_away(forge: Forge) -> None:
    _give(forge, _grant(forge, logs=("person", "training")))


@attack("keys of changes that come after it")
def keys_of_the_future_given_away(forge: Forge) -> None:
    _give(forge, _grant(forge, changes=10_000))


@attack("in another form than it may")
def keys_given_away_to_a_name(forge: Forge) -> None:
    grant = _grant(forge)
    text = grant.encode().replace(b"keys: 1\n", b'keys: 1\nname: "Robin Example"\n')
    forge.change("grant", {grant.path: text})


@attack("changes what was written down about keys")
def grant_written_anew(forge: Forge) -> None:
    grant = _grant(forge)
    _give(forge, grant)
    _give(forge, grant.model_copy(update={"logs": ("token",)}))


@attack("a file that has to stay|changes what was written down")
def grant_taken_away(forge: Forge) -> None:
    grant = _grant(forge)
    _give(forge, grant)
    forge.change("grant", {grant.path: None})


@attack("changes other files than an upgrade may")
def grant_hidden_in_an_upgrade(forge: Forge) -> None:
    grant = _grant(forge)
    forge.change("upgrade", {grant.path: grant.encode()})


# -- what lies around the history -------------------------------------------------------------------------------------


@attack("is not signed")
def tag_of_the_branchs_name(forge: Forge) -> None:
    """Git takes the tag, which stands for what was there before, when it is asked for main."""
    git(forge.folder, "tag", "main", "main")
    author = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    tree, tip = forge.ref("refs/heads/main^{tree}"), forge.ref("refs/heads/main")
    made = git(forge.folder, *author, "commit-tree", tree, "-p", tip, "-m", "nobody's").strip()
    git(forge.folder, "update-ref", "refs/heads/main", made)


@attack("history was cut", checkpoint=True)
def branch_that_stands_for_another(forge: Forge) -> None:
    git(forge.folder, "branch", "older", "main~1")
    git(forge.folder, "symbolic-ref", "refs/heads/main", "refs/heads/older")


@attack("only says where its records are", stock="-", fsck="-")
def folder_whose_history_lies_elsewhere(forge: Forge) -> None:
    """A work tree's folder: references and objects are those of another place on the auditor's computer."""
    theirs = forge.folder.with_name("theirs")
    (forge.folder / ".git").rename(theirs)
    (forge.folder / ".git").mkdir()
    for name in ("HEAD", "config"):
        (forge.folder / ".git" / name).write_bytes((theirs / name).read_bytes())
    (forge.folder / ".git" / "commondir").write_text(f"{theirs}\n")


@attack("holds", holds=True, stock="-", fsck="-")
def settings_that_hide_a_branch(forge: Forge) -> None:
    with (forge.folder / ".git" / "config").open("a") as config:
        config.write(
            "[transfer]\n\thideRefs = refs/heads/keyring\n[uploadpack]\n\thideRefs = refs\n"
        )


@attack("holds", holds=True, stock="-", fsck="-")
def settings_that_send_git_elsewhere(forge: Forge) -> None:
    with (forge.folder / ".git" / "config").open("a") as config:
        config.write(
            f'[core]\n\tworktree = /\n[url "{forge.folder.with_name("nowhere")}"]\n\tinsteadOf = /\n'
            '[http]\n\tproxy = http://127.0.0.1:1\n[protocol "ext"]\n\tallow = always\n'
        )


@attack("holds", holds=True, stock="-", fsck="-")
def further_branches_notes_and_tags(forge: Forge) -> None:
    """What hangs on nothing that is looked at does not come over."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    git(forge.folder, "branch", "extra", "main~3")
    git(forge.folder, *who, "notes", "add", "-m", "a note", "main")
    git(forge.folder, *who, "tag", "-a", "-m", "a tag", "v1", "main")


@attack("holds", holds=True, stock="-", fsck="-")
def files_that_lie_open_altered(forge: Forge) -> None:
    """What is laid out in the folder is not what was signed, and is not looked at."""
    (forge.folder / "members.yaml").write_text("members: [everybody]\n")
    (forge.folder / "policy.yaml").unlink(missing_ok=True)
    git(forge.folder, "symbolic-ref", "HEAD", "refs/heads/elsewhere")


# -- programs that would run on the auditor's computer -----------------------------------------------------------------


def _config(name: str, lines: str, says: str = "programs that git would run") -> None:
    def build(forge: Forge) -> None:
        marker = forge.folder.with_name("marker")
        program = forge.folder.with_name("evil.sh")
        program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
        program.chmod(0o755)
        with (forge.folder / ".git" / "config").open("a") as config:
            config.write(lines.replace("EVIL", str(program)))

    TABLE.append(Attack(name, build, "-", "-", says, holds=True))


_config("fsmonitor", "[core]\n\tfsmonitor = EVIL\n")
_config("hooks path", "[core]\n\thooksPath = EVIL\n")
_config(
    "ssh command",
    "[core]\n\tsshCommand = EVIL\n\taskPass = EVIL\n\tpager = EVIL\n\teditor = EVIL\n",
)
_config(
    "signature program",
    '[gpg]\n\tformat = ssh\n\tprogram = EVIL\n[gpg "ssh"]\n\tprogram = EVIL\n[log]\n\tshowSignature = true\n',
)
_config(
    "filters",
    '[filter "evil"]\n\tclean = EVIL\n\tsmudge = EVIL\n\tprocess = EVIL\n\trequired = true\n',
)
_config(
    "textconv and diff",
    '[diff]\n\texternal = EVIL\n[diff "cpvol"]\n\ttextconv = EVIL\n\tcommand = EVIL\n',
)
_config("pack objects hook", "[uploadpack]\n\tpackObjectsHook = EVIL\n")
_config("alternate refs command", "[core]\n\talternateRefsCommand = EVIL\n")
_config("credential helper", "[credential]\n\thelper = EVIL\n")
_config(
    "an alias for what is run",
    "[alias]\n\tupload-pack = !EVIL\n\tcat-file = !EVIL\n\tpack-objects = !EVIL\n",
)


@attack("programs that git would run|missing or damaged", stock="-", fsck="-")
def promisor_that_runs_a_program(forge: Forge) -> None:
    """Missing objects are promised by a remote whose other end is a program."""
    object_missing(forge)
    marker = forge.folder.with_name("marker")
    program = forge.folder.with_name("evil.sh")
    program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
    program.chmod(0o755)
    with (forge.folder / ".git" / "config").open("a") as config:
        config.write(
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n"
            f'[remote "origin"]\n\turl = ext::{program}\n\tuploadpack = {program}\n\tpromisor = true\n'
            '[protocol "ext"]\n\tallow = always\n'
        )


@attack("holds something that is no file", stock="-", fsck="-")
def pipe_in_the_place_of_a_file(forge: Forge) -> None:
    """Git would open it and wait for whoever writes into it."""
    os.mkfifo(forge.folder / ".git" / "packed-refs")


@attack("holds something that is no file", stock="-", fsck="-")
def link_to_another_place(forge: Forge) -> None:
    (forge.folder / ".git" / "refs" / "heads" / "elsewhere").symlink_to("/dev/tty")


@attack("name other files to be read", stock="-", fsck="-")
def settings_that_wait_for_a_pipe(forge: Forge) -> None:
    os.mkfifo(forge.folder.with_name("pipe"))
    with (forge.folder / ".git" / "config").open("a") as config:
        config.write(f"[include]\n\tpath = {forge.folder.with_name('pipe')}\n")


@attack("only says where its records are", stock="-", fsck="-")
def folder_that_only_points_elsewhere(forge: Forge) -> None:
    (forge.folder / ".git").rename(forge.folder.with_name("theirs"))
    (forge.folder / ".git").write_text(f"gitdir: {forge.folder.with_name('theirs')}\n")


@attack("programs that git would run", stock="-", fsck="-", holds=True)
def hooks(forge: Forge) -> None:
    marker = forge.folder.with_name("marker")
    place = forge.folder / ".git" / "hooks"
    place.mkdir(exist_ok=True)
    for name in (
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "pre-auto-gc",
        "post-update",
        "pre-receive",
    ):
        (place / name).write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
        (place / name).chmod(0o755)
