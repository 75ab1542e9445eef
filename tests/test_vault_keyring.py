"""Keyring files have one text, one name and exactly the readers that they were written for."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt, x25519

from cpvol.vault import credential, envelope, keyring
from cpvol.vault.header import stanzas
from cpvol.vault.keyring import BadRecipients, DamagedKeyring, KeyringFile, Keys, NotForYou
from tests.support.programs import needs

ALICE, BOB, CAROL = (credential.generate() for _ in range(3))
POOL = [envelope.new_key() for _ in range(12)]
K1, K2, K3, *_ = POOL
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

ids = st.text(CROCKFORD, min_size=10, max_size=10)
contents = st.dictionaries(ids, st.lists(st.sampled_from(POOL), min_size=1, max_size=4).map(tuple))


@given(contents)
def test_keys_come_back_from_their_text(keys: Keys) -> None:
    assert keyring.decode(keyring.encode(keys)) == keys


@given(contents)
def test_the_order_of_entry_does_not_show(keys: Keys) -> None:
    assert keyring.encode(dict(reversed(keys.items()))) == keyring.encode(keys)


def test_the_text_is_a_line_for_each_record() -> None:
    keys = {"zzzzzzzzzz": (K3,), "k3m9q2x7ab": (K1, K2)}
    assert keyring.encode(keys) == f"k3m9q2x7ab {K1} {K2}\nzzzzzzzzzz {K3}\n".encode()


MALFORMED = {
    "no final newline": f"k3m9q2x7ab {K1}",
    "CRLF": f"k3m9q2x7ab {K1}\r\n",
    "a byte-order mark": f"\ufeffk3m9q2x7ab {K1}\n",
    "an empty line": f"k3m9q2x7ab {K1}\n\n",
    "only a newline": "\n",
    "a comment": f"# keys\nk3m9q2x7ab {K1}\n",
    "two spaces": f"k3m9q2x7ab  {K1}\n",
    "a space at the end": f"k3m9q2x7ab {K1} \n",
    "a space at the start": f" k3m9q2x7ab {K1}\n",
    "no key": "k3m9q2x7ab\n",
    "a short id": f"k3m9q2x7a {K1}\n",
    "a long id": f"k3m9q2x7abc {K1}\n",
    "an id with a letter that is not used": f"k3m9q2x7al {K1}\n",
    "an id in capitals": f"K3M9Q2X7AB {K1}\n",
    "lines out of order": f"zzzzzzzzzz {K1}\nk3m9q2x7ab {K2}\n",
    "an id twice": f"k3m9q2x7ab {K1}\nk3m9q2x7ab {K2}\n",
    "a key in small letters": f"k3m9q2x7ab {K1.lower()}\n",
    "a key cut short": f"k3m9q2x7ab {K1[:-1]}\n",
    "a key with a wrong checksum": f"k3m9q2x7ab {K1[:-1]}{'Q' if K1[-1] != 'Q' else 'P'}\n",
    "a public key": f"k3m9q2x7ab {ALICE.age_public}\n",
    "foreign characters": f"k3m9q2x7ab {K1} é\n",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(DamagedKeyring):
        keyring.decode(text.encode())


@pytest.mark.parametrize("keys", [{"short": (K1,)}, {"k3m9q2x7ab": ()}, {"k3m9q2x7ab": ("key",)}])
def test_what_could_not_be_read_back_is_not_written(keys: Keys) -> None:
    with pytest.raises(DamagedKeyring):
        keyring.encode(keys)


KEYS: Keys = {"k3m9q2x7ab": (K1, K2)}


def test_each_reader_opens_it_and_nobody_else() -> None:
    sealed = keyring.seal(KEYS, [ALICE.age_public, BOB.age_public])
    assert keyring.open_(sealed, ALICE) == keyring.open_(sealed, BOB) == KEYS
    with pytest.raises(NotForYou):
        keyring.open_(sealed, CAROL)


@given(st.integers(1, 12))
def test_there_is_exactly_one_stanza_for_each_reader(count: int) -> None:
    members = [str(x25519.Identity.generate().to_public()) for _ in range(count)]
    sealed = keyring.seal(KEYS, members)
    assert keyring.recipients_count(sealed) == count
    assert sum(stanza.type == "X25519" for stanza in stanzas(sealed)) == count


def test_the_most_readers_that_can_be_written_for_can_be_read() -> None:
    members = [str(x25519.Identity.generate().to_public()) for _ in range(keyring.MAX_RECIPIENTS)]
    assert keyring.recipients_count(keyring.seal({}, members)) == len(members)
    with pytest.raises(BadRecipients):
        keyring.seal({}, [*members, ALICE.age_public])


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param([], id="nobody"),
        pytest.param([ALICE.age_public] * 2, id="somebody twice"),
        pytest.param([ALICE.age_public, ALICE.age_public.upper()], id="twice in two spellings"),
        pytest.param([ALICE.age_public.upper()], id="in capitals"),
        pytest.param([ALICE.age_public + " alice"], id="with a name"),
        pytest.param([ALICE.signing_public], id="a signing key"),
        pytest.param([ALICE.secret], id="a secret key"),
    ],
)
def test_it_is_not_written_for_a_doubtful_list(recipients: list[str]) -> None:
    with pytest.raises(BadRecipients):
        keyring.seal(KEYS, recipients)


SEALED = keyring.seal(KEYS, [ALICE.age_public, BOB.age_public])
DAMAGED = {
    "cut short": SEALED[:-1],
    "trailing byte": SEALED + b"\n",
    "CRLF": SEALED.replace(b"\n", b"\r\n"),
    "sound, but not keys": encrypt(b"hello\n", [ALICE.opener.to_public()]),
    "armored": encrypt(keyring.encode(KEYS), [ALICE.opener.to_public()], armored=True),
}


@pytest.mark.parametrize("sealed", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_called_damaged(sealed: bytes) -> None:
    with pytest.raises(DamagedKeyring, match="damaged"):
        keyring.open_(sealed, ALICE)


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(DamagedKeyring, match="larger"):
        keyring.recipients_count(SEALED + bytes(keyring.MAX_SEALED))


NAMES = {
    "training.3.age": KeyringFile("training", "", "", 3),
    "training-k.12.age": KeyringFile("training", "k", "", 12),
    "training-k3m9q2x7ab.1.age": KeyringFile("training", "", "k3m9q2x7ab", 1),
}


@pytest.mark.parametrize(("name", "parts"), NAMES.items(), ids=NAMES.keys())
def test_a_name_says_whose_keys_and_for_which_members(name: str, parts: KeyringFile) -> None:
    assert keyring.parse_name(name) == parts
    built = keyring.file_name(parts.log, parts.version, shard=parts.shard, record=parts.record)
    assert built == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".1.age",
        "training.age",
        "training.0.age",
        "training.03.age",
        "training.-1.age",
        "training.1000000000.age",
        "training.\u0661.age",
        "Training.1.age",
        "training2.1.age",
        "training.1.AGE",
        "training.1.age~",
        "training.1.age\n",
        "a/training.1.age",
        "../training.1.age",
        "training-.1.age",
        "training-l.1.age",
        "training-K.1.age",
        "training-k3.1.age",
        "training-k3m9q2x7abc.1.age",
    ],
)
def test_nothing_else_is_a_name(name: str) -> None:
    with pytest.raises(DamagedKeyring):
        keyring.parse_name(name)


@pytest.mark.parametrize(
    ("log", "version", "shard", "record"),
    [
        ("training", 0, "", ""),
        ("Training", 1, "", ""),
        ("", 1, "", ""),
        ("training", 1, "k3m9q2x7ab", ""),
        ("training", 1, "", "k"),
        ("training", 1, "k", "3m9q2x7ab"),
    ],
)
def test_no_name_is_made_from_parts_that_do_not_fit(
    log: str, version: int, shard: str, record: str
) -> None:
    with pytest.raises(DamagedKeyring):
        keyring.file_name(log, version, shard=shard, record=record)


def test_the_digest_is_over_sorted_lines_of_hash_and_path() -> None:
    files = {"person.1.age": b"b", "ecrb.1.age": b"a"}
    lines = sorted(f"{hashlib.sha256(text).hexdigest()} {path}\n" for path, text in files.items())
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert keyring.digest(files) == keyring.digest(dict(reversed(files.items()))) == expected
    assert keyring.digest({}) == hashlib.sha256(b"").hexdigest()
    assert keyring.digest({**files, "person.1.age": b"c"}) != expected
    assert keyring.digest({"person.2.age": b"b", "ecrb.1.age": b"a"}) != expected


def record_id(number: int) -> str:
    return CROCKFORD[number % 32] + f"{number:09d}"


def test_a_log_is_split_once_it_passes_a_thousand_keys() -> None:
    keys: Keys = {record_id(number): (K1, K2) for number in range(500)}
    assert keyring.layout(keys, already_split=False) == {"": keys}
    keys["z999999999"] = (K3,)
    shards = keyring.layout(keys, already_split=False)
    assert sorted(shards) == sorted(CROCKFORD)
    assert all(record[0] == shard for shard, part in shards.items() for record in part)
    assert {record: key for part in shards.values() for record, key in part.items()} == keys


def test_a_log_that_was_split_stays_split() -> None:
    keys: Keys = {"k3m9q2x7ab": (K1,), "zzzzzzzzzz": (K2,)}
    assert keyring.layout(keys, already_split=True) == {
        "k": {"k3m9q2x7ab": (K1,)},
        "z": {"zzzzzzzzzz": (K2,)},
    }


@needs("age")
def test_stock_age_reads_a_keyring_and_a_keyring_from_stock_age_is_read(tmp_path: Path) -> None:
    (tmp_path / "bob").write_text(BOB.secret + "\n")
    read = subprocess.run(
        ["age", "-d", "-i", tmp_path / "bob"], input=SEALED, capture_output=True, check=True
    )
    assert read.stdout == keyring.encode(KEYS)
    written = subprocess.run(
        ["age", "-r", ALICE.age_public, "-r", BOB.age_public],
        input=read.stdout,
        capture_output=True,
        check=True,
    )
    assert keyring.open_(written.stdout, ALICE) == KEYS
    assert keyring.recipients_count(written.stdout) == 2
