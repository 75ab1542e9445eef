"""Parsers that read what strangers wrote: no crash, no hang, nothing taken that is not in the one form.

A bounded search, the same on every run; ``--hypothesis-profile=search`` looks longer.
"""

from __future__ import annotations

import re
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from cpvol import codec
from cpvol.audit import chronicle, diagnose, disposing, sealed
from cpvol.audit.anchor import BadAnchor, BadCheckpoint, read_anchor, read_checkpoint
from cpvol.errors import CpvolError
from cpvol.ledger import commits, grants, members, sshsig
from cpvol.ledger.commits import BadCommit, Commit, Message, Written
from cpvol.ledger.members import Keys, Member, Members
from cpvol.policy import Policy, load
from cpvol.vault import credential, envelope, keyring, signature

SEED = bytes(range(32))
IDENTITY = credential.generate()
PAGE = credential.generate()
MESSAGE = Message(
    "training: add k3m9q2x7ab",
    "add",
    "1" * 64,
    "2" * 64,
    (Written("training/k3m9q2x7ab", "3" * 64),),
)
DRAFT = Commit("4" * 40, "5" * 40, "member-1", 1_230_768_000, 1_230_768_060, MESSAGE)
SIGNED = Commit(
    *(DRAFT.tree, DRAFT.parent, DRAFT.handle, DRAFT.entered, DRAFT.accepted, MESSAGE),
    signature=signature.sshsig(SEED, DRAFT.payload(), "git"),
)
COMMIT = SIGNED.encode()
MEMBERS = Members(
    1,
    (
        Member(
            "member-1",
            ("admin", "coordinator"),
            ("all",),
            Keys(IDENTITY.age_public, IDENTITY.signing_public),
        ),
    ),
    Keys(PAGE.age_public, PAGE.signing_public),
).encode()
KEY = envelope.new_key()
RECORD = envelope.seal(b"id: k3m9q2x7ab\n", KEY)
RING = keyring.encode({"k3m9q2x7ab": (KEY, envelope.new_key())})
POLICY = codec.encode(load().stored())
DISPOSAL = codec.encode(
    {
        "id": "d4k9q2x7ab",
        "proposal": {
            "by": "member-1",
            "on": "2026-11-21",
            "reason": "expired",
            "members_needed": 2,
            "entries": [{"log": "training", "id": "k3m9q2x7ab", "rule": "retention-training"}],
        },
    }
)
GRANT = grants.Grant(
    id="g4k9q2x7ab",
    by="member-1",
    on="2026-11-21",
    to=IDENTITY.age_public,
    logs=("ecrb", "training"),
    since="2026-01-01",
    without=("training/k3m9q2x7ab",),
    changes=12,
    keys=3,
    sha256="6" * 64,
).encode()
GIVEN = grants.encode_given(
    "cpvol-anchor-1:x", "g4k9q2x7ab", [grants.Given("training/k3m9q2x7ab", "7" * 40, KEY)]
)
CHECKPOINT = (
    f"cpvol-checkpoint-1\nanchor: cpvol-anchor-1:{'a' * 40}:SHA256:{'A' * 43}\ncount: 12\n"
    f"tip: {'b' * 40}\nchain: {'c' * 64}\ndate: 2026-11-21\nby: member-1\n"
).encode() + SIGNED.signature.encode()

#: What hides in texts: other spellings of what is there, and what other readers take differently.
TRICKS = (
    *(b"\0", b"\r", b"\r\n", b"\n\n", b"\n ", b" ", b"\t", b"\xff", b"\xc2\xa0", b"\xef\xbb\xbf"),
    *(b"parent ", b"gpgsig ", b"-----END SSH SIGNATURE-----", b"=", b"== ", b"AAAA", b"0", b"-1"),
    *(b"true", b"~", b"&a", b"*a", b"!!", b"- ", b": ", b"# x\n", b'"', b"\\u0000", b"\x1b[2J"),
)


@st.composite
def spoilt(draw: st.DrawFn, good: bytes) -> bytes:
    """A good text with pieces taken out, doubled, moved or put in."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 80)))
        piece = data[start:end]
        new = draw(st.sampled_from([b"", piece * 2, piece[::-1], piece.swapcase(), *TRICKS]))
        data = data[:start] + new + data[end:]
    return data


ANY = st.binary(max_size=400)


@given(spoilt(COMMIT) | ANY)
@example(COMMIT)
@example(COMMIT.replace(b"\n\n", b"\n\n\n", 1))
def test_a_commit_is_taken_in_one_form_only(data: bytes) -> None:
    try:
        found = commits.decode(data)
    except BadCommit:
        said = diagnose.why(data)
        assert re.fullmatch(r"[a-zA-Z ,-]+", said)
        return
    assert found.encode() == data


@given(spoilt(COMMIT))
def test_a_signed_commit_has_no_second_id(data: bytes) -> None:
    """Whatever is changed about a signed commit, it is refused or its signature no longer matches."""
    try:
        found = commits.decode(data)
        sshsig.verify(found.signature, found.payload(), "git")
    except (BadCommit, sshsig.BadSignature):
        return
    assert data == COMMIT


@given(spoilt(SIGNED.signature.encode()) | ANY)
@example(SIGNED.signature.encode())
def test_a_signature_is_taken_in_one_form_only(data: bytes) -> None:
    try:
        sshsig.verify(data, DRAFT.payload(), "git")
    except sshsig.BadSignature:
        return
    assert data == SIGNED.signature.encode()


@given(spoilt(MEMBERS) | ANY)
@example(MEMBERS)
def test_members_are_taken_in_one_form_only(data: bytes) -> None:
    try:
        found = members.decode(data)
    except members.BadMembers:
        return
    assert found.encode() == data


@given(spoilt(POLICY))
@example(POLICY)
def test_a_policy_is_taken_or_refused_in_words(data: bytes) -> None:
    try:
        text = codec.decode(data)
        Policy.from_stored(text)
    except CpvolError:
        return
    assert codec.encode(text) == data


@given(spoilt(POLICY))
@example(POLICY.replace(b"rows:\n", b"rows: 5\n"))
def test_a_report_lists_the_changes_of_any_policy(data: bytes) -> None:
    """The report tells of what the rules refused, too."""
    for old, new in ((POLICY, data), (data, POLICY)):
        for each in chronicle._policy("", date(2009, 3, 31), "member-1", old, new):
            assert each.name.partition(".")[0] in {"values", "retention"}


@given(spoilt(GRANT) | ANY)
@example(GRANT)
def test_a_grant_is_taken_in_one_form_only(data: bytes) -> None:
    found = grants.read(data)
    if found is not None:
        assert found.encode() == data
        assert found.words()


@given(spoilt(GIVEN) | ANY)
@example(GIVEN)
def test_a_file_of_keys_is_taken_in_one_form_only(data: bytes) -> None:
    try:
        anchor, id, given_ = grants.decode_given(data)
    except grants.BadGrant:
        return
    assert grants.encode_given(anchor, id, given_) == data


@given(spoilt(RECORD) | ANY)
@example(RECORD)
def test_both_readers_of_a_sealed_head_agree_on_who_opens_it(data: bytes) -> None:
    """The audit's own reader never takes what the vault's would not, and counts as it does."""
    from cpvol.vault import header

    head = sealed.head_of(data)
    try:
        count = header.readers(data)
    except header.BadHeader:
        assert head is None or not _canonical_grease(data)
        return
    assert head is not None
    assert head.readers == count


def _canonical_grease(data: bytes) -> bool:
    """Whether the random stanza, which nobody opens, is in canonical base64: the vault asks it, the audit need not."""
    return b"-grease" not in data.partition(b"\n--- ")[0]


@given(spoilt(RING) | ANY)
@example(RING)
def test_a_keyring_is_taken_in_one_form_only(data: bytes) -> None:
    try:
        found = keyring.decode(data)
    except keyring.DamagedKeyring:
        return
    assert keyring.encode(found) == data


@given(spoilt(DISPOSAL) | ANY)
@example(DISPOSAL)
def test_a_disposal_is_taken_in_one_form_only(data: bytes) -> None:
    found = disposing.read(data)
    assert found is None or found.encode() == data


@given(spoilt(CHECKPOINT) | ANY)
@example(CHECKPOINT)
def test_a_checkpoint_is_taken_in_one_form_only(data: bytes) -> None:
    try:
        found = read_checkpoint(data)
    except BadCheckpoint:
        return
    # Line ends of another system are what an e-mail does to it.
    signed = "".join((found.signature, *found.further)).encode()
    assert found.text() + signed == data.replace(b"\r\n", b"\n")


@given(st.text(max_size=200))
@example(f"cpvol-anchor-1:{'a' * 40}:SHA256:{'A' * 43}")
def test_an_anchor_is_taken_in_one_form_only(text: str) -> None:
    try:
        found = read_anchor(text)
    except BadAnchor:
        return
    assert found.line() == text.strip()


def test_the_fuzzed_examples_are_good_ones() -> None:
    """Otherwise all of the above would pass by refusing everything."""
    assert commits.decode(COMMIT) == SIGNED
    assert members.decode(MEMBERS).encode() == MEMBERS
    assert disposing.read(DISPOSAL) is not None
    assert sealed.record_fault(RECORD) == ""
    assert keyring.decode(RING)
    assert read_checkpoint(CHECKPOINT).count == 12
