"""Canonical text: what is written is read back, by this reader and by any YAML reader, and nothing else is read."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cpvol.codec import MAX_BYTES, NotCanonical, decode, encode
from tests.support.strategies import TREACHEROUS, canonical

SAMPLE = """\
id: k3m9q2x7ab
schema: 1
voided: true
posts:
- title: "Youth worker"
  start: "2004-09-01"
- title: helper
reads: []
words:
- "a b"
- c
deep:
  er:
    "on": "2009-01-01"
"""


@given(canonical)
@example({"on": {"y": ["no", {"off": "null", "a": "~"}]}})
@example({"words": list(TREACHEROUS)})
def test_what_is_written_is_read_back_in_its_order(data: dict[str, Any]) -> None:
    text = encode(data)
    found = decode(text)
    assert found == data
    assert list(found) == list(data)
    assert encode(found) == text


@given(canonical)
@example({"words": list(TREACHEROUS)})
@example(dict.fromkeys(("yes", "no", "on", "off", "y", "n", "true", "false", "null"), "x"))
def test_yaml_1_2_and_1_1_readers_read_the_same(data: dict[str, Any]) -> None:
    text = encode(data).decode()
    for version in ((1, 2), (1, 1)):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        assert reader.load(text) == data


@given(canonical)
@example({"words": list(TREACHEROUS)})
@example({"on": [{"y": "n", "no": "off"}]})
def test_the_most_common_reader_reads_the_same(data: dict[str, Any]) -> None:
    assert importlib.import_module("yaml").safe_load(encode(data)) == data


def test_the_text_is_as_documented() -> None:
    assert encode(decode(SAMPLE.encode())).decode() == SAMPLE


@given(canonical, st.data())
def test_a_changed_byte_is_refused_unless_it_says_something_else(
    data: dict[str, Any], drawn: st.DataObject
) -> None:
    """Whatever is read is in the one spelling; nothing but NotCanonical is raised for the rest."""
    text = bytearray(encode(data))
    at = drawn.draw(st.integers(0, len(text)))
    cut = drawn.draw(st.integers(0, 3))
    put = drawn.draw(
        st.binary(max_size=3) | st.sampled_from([b" ", b"\n", b"- ", b":", b'"', b"#"])
    )
    text[at : at + cut] = put
    changed = bytes(text)
    try:
        found = decode(changed)
    except NotCanonical:
        return
    assert encode(found) == changed


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with suppress(NotCanonical):
        assert encode(decode(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a: b",
        "a: b\n\n",
        "\na: b\n",
        "a: b\r\n",
        "\ufeffa: b\n",
        "---\na: b\n",
        "a: b\n...\n",
        "# why\na: b\n",
        "a: b # why\n",
        "a:  b\n",
        "a: b \n",
        "a:b\n",
        "a : b\n",
        "A: b\n",
        '"a": b\n',
        "on: b\n",
        "? a\n: b\n",
        "a: 'b'\n",
        'a: "b"\n',
        'a: "\\u0041 b"\n',
        'a: "\\ud800"\n',
        'a: "\\ud83d\\ude00"\n',
        'a: "b\u202ec"\n',
        "a: \x85\n",
        'a: "b\n',
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: |\n  b\n",
        "a: >-\n  b\n",
        "a: {b: c}\n",
        "a: [b, c]\n",
        "a: {}\n",
        "a:\n",
        "a: null\n",
        "a: ~\n",
        "a: yes\n",
        "a: True\n",
        "a: 2009-03-31\n",
        "a: 1.5\n",
        "a: 01\n",
        "a: -0\n",
        "a: +1\n",
        "a: 0x1f\n",
        "a: 1234567890123456789\n",
        "a: b\na: c\n",
        "a: b\n  c: d\n",
        "a:\n    b: c\n",
        "a:\n  b: c\n d: e\n",
        "a:\n  - b\n",
        "a:\n-  b\n",
        "a:\n- - b\n",
        "a:\n-\n",
        "a:\n- b: c\n d: e\n",
        "a:\n\tb: c\n",
        "- a\n",
        "a" * 65 + ": b\n",
        "a: " + "b" * 65 + "\n",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        decode(text.encode())


def test_what_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(NotCanonical, match="line 2") as caught:
        decode(b"a: b\nc: \xff\n")
    assert caught.value.line == 2


def test_what_stands_twice_is_said_so() -> None:
    with pytest.raises(NotCanonical, match=r"line 3 .* twice"):
        decode(b"a: b\nc: d\na: e\n")


def test_the_error_never_shows_the_text() -> None:
    with pytest.raises(NotCanonical) as caught:
        decode(b"name: Robin Example\n")
    assert "Robin" not in caught.value.problem + caught.value.hint


def test_too_much_and_too_deep_is_refused_on_both_sides() -> None:
    deep: dict[str, Any] = {"a": "b"}
    for _ in range(9):
        deep = {"a": deep}
    with pytest.raises(TypeError):
        encode(deep)
    text = "".join(f"{'  ' * level}a:\n" for level in range(400)) + "  " * 400 + "a: b\n"
    with pytest.raises(NotCanonical, match="deep"):
        decode(text.encode())
    with pytest.raises(TypeError):
        encode({"a": "b c" * MAX_BYTES})
    with pytest.raises(NotCanonical, match="megabyte"):
        decode(b"a: b\n" * MAX_BYTES)


@pytest.mark.parametrize(
    "value",
    [None, 1.5, {}, [[1]], b"a", "\ud800", "\ud83d\ude00", 10**18, {"a": None}, [{}], {1}],
    ids=repr,
)
def test_what_has_no_spelling_is_a_fault_of_the_caller(value: Any) -> None:
    with pytest.raises(TypeError):
        encode({"a": value})


@pytest.mark.parametrize("key", ["", "A", "1a", "a b", "a:", "é", "a" * 65, "a\n"])
def test_a_key_is_a_plain_word(key: str) -> None:
    with pytest.raises(TypeError):
        encode({key: "b"})
