"""Every log: its records are stored and read back as they are, and anybody can check the text without cpvol."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, TypeAdapter, ValidationError

from cpvol.codec import decode, encode
from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.base import Clock, Day, Email, Handle, Id, Line, Log, Record, Text
from cpvol.logs.book import Records
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.logs.schema import json_schema, name_of, write_all
from tests.support.entries import ecrb, person, training
from tests.support.strategies import parts, records

ROOT = Path(__file__).resolve().parents[1]
EVERY_LOG = pytest.mark.parametrize("log", LOGS, ids=[log.name for log in LOGS])
#: Where the shape of the data matters and its wealth does not.
FEW = settings(max_examples=12)


@cache
def validator(log: Log) -> Draft202012Validator:
    return Draft202012Validator(json.loads(json_schema(log)), format_checker=FormatChecker())


@EVERY_LOG
@given(data=st.data())
def test_a_record_is_stored_and_read_back_as_it_is(log: Log, data: st.DataObject) -> None:
    """And its text validates against the JSON Schema as it stands, formats included."""
    record = data.draw(records(log))
    text = encode(record.content())
    content = decode(text)
    assert log.model.model_validate(content) == record
    assert encode(log.model.model_validate(content).content()) == text
    assert [error.message for error in validator(log).iter_errors(content)] == []


@EVERY_LOG
@FEW
@given(data=st.data())
def test_the_schema_refuses_what_the_model_refuses(log: Log, data: st.DataObject) -> None:
    """An unknown field, another log's name, another version, an impossible day, a missing field."""
    content = decode(encode(data.draw(records(log)).content()))
    check = validator(log)
    for change in ({"unknown": "x"}, {"log": "other"}, {"schema": 99}, {"id": "UPPERCASE0"}):
        assert not check.is_valid(content | change)
    for spec in fields_of(log.model):
        if spec.required:
            assert not check.is_valid({k: v for k, v in content.items() if k != spec.name})
        if spec.kind == "date":
            assert not check.is_valid(content | {spec.name: "2009-02-29"})
            assert not check.is_valid(content | {spec.name: None})


@EVERY_LOG
def test_the_committed_schema_is_the_present_one(log: Log) -> None:
    """To renew: python -c "from pathlib import Path; import cpvol.logs.schema as s; s.write_all(Path('schemas'))".

    Then also what the audit knows: tests/test_audit_known.py says how. Without it, no new records would pass.
    """
    path = ROOT / "schemas" / name_of(log)
    assert path.is_file(), f"{path.name} is missing"
    assert path.read_bytes() == json_schema(log), f"{path.name} is stale"


def test_no_schema_is_committed_for_a_log_that_is_not_there() -> None:
    known = {f"{log.name}-{n}.json" for log in LOGS for n in range(1, log.schema + 1)}
    assert {path.name for path in (ROOT / "schemas").iterdir()} <= known


@EVERY_LOG
def test_the_schema_is_one_itself_and_names_itself(log: Log) -> None:
    schema = json.loads(json_schema(log))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:cpvol:schema:{log.name}-{log.schema}"
    assert schema["title"] == log.title
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())
    assert b'"x-' not in json_schema(log)
    assert json_schema(log).endswith(b"}\n")
    assert b"\r" not in json_schema(log)


def test_all_schemas_are_written(tmp_path: Path) -> None:
    written = write_all(tmp_path / "schemas")
    assert [path.name for path in written] == [name_of(log) for log in LOGS]
    assert [path.read_bytes() for path in written] == [json_schema(log) for log in LOGS]


def _every_part(model: type[BaseModel]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = [model]
    for info in model.model_fields.values():
        for inner in getattr(info.annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found += _every_part(inner)
    return found


@EVERY_LOG
def test_a_part_always_has_something_to_store(log: Log) -> None:
    """An entry of a list in which nothing is given could not be written."""
    for model in _every_part(log.model):
        assert any(info.is_required() for info in model.model_fields.values()), model


@EVERY_LOG
def test_a_log_says_everything_about_itself(log: Log) -> None:
    fields = {spec.name: spec for spec in fields_of(log.model)}
    assert BY_NAME[log.name] is log
    assert log.model.model_fields["log"].default == log.name
    assert set(log.columns) <= set(fields)
    assert set(log.same) <= set(fields)
    assert log.keep.rows or log.keep.reason
    assert log.keep.origin == "source" or log.keep.reason
    assert all(_described(spec) for spec in fields.values())
    for first, second in log.model.ORDER:
        assert fields[first].kind == fields[second].kind == "date"
    for spec in fields.values():
        assert not spec.ref or spec.ref in BY_NAME
    for step in log.follow_ups:
        assert all(_described(spec) for spec in fields_of(step.asks))


def _described(spec: FieldSpec) -> bool:
    return bool(spec.label and spec.help.endswith(".")) and all(map(_described, spec.parts))


@EVERY_LOG
@FEW
@given(data=st.data())
def test_a_record_has_a_clock_and_a_line(log: Log, data: st.DataObject) -> None:
    """Of any record, in a register that holds nothing else."""
    record = data.draw(records(log))
    assert log.trigger(record, Records([record])).what
    assert log.line(record, Records([record]))


@EVERY_LOG
@FEW
@given(data=st.data())
def test_a_follow_up_changes_only_what_the_record_has(log: Log, data: st.DataObject) -> None:
    """And the result, when it is one, is again a record of the log."""
    for step in log.follow_ups:
        record = data.draw(records(log))
        answers = step.asks.model_validate(data.draw(parts(step.asks)))
        try:
            changes = step.changes(record, answers)
            changed = log.model.model_validate(record.model_dump(by_alias=True) | changes)
        except ValueError:
            continue
        assert set(changes) <= {spec.name for spec in fields_of(log.model)}
        assert decode(encode(changed.content()))
        after = step.next(changed, Records([changed])) if step.next else []
        assert all(line for line in after)


def test_a_required_list_is_not_empty() -> None:
    """It would not be stored, and its record could not be read again."""
    for log in LOGS:
        for spec in fields_of(log.model):
            if spec.required and spec.kind in {"words", "items"}:
                with pytest.raises(ValidationError, match="at least one"):
                    log.model.model_validate(example_of(log) | {spec.name: ()})


def example_of(log: Log) -> dict[str, Any]:
    return find(records(log), lambda _: True).model_dump(by_alias=True)


def test_only_what_was_given_is_stored_in_the_order_of_the_form() -> None:
    entry = training("a", token=None)
    assert list(entry.content()) == [
        "id",
        "log",
        "schema",
        "person",
        "course",
        "completed_on",
        "trainer",
    ]


def test_what_was_done_to_a_record_stands_at_its_end() -> None:
    amended = {
        "on": date(2009, 1, 1),
        "by": "member-1",
        "action": "void",
        "reason": "entered twice",
        "fields": ("voided",),
    }
    entry = ecrb("a", voided=True, amendments=(amended,))
    assert list(entry.content())[-2:] == ["voided", "amendments"]


@pytest.mark.parametrize(
    ("make", "fields", "why"),
    [
        (
            person,
            {"joined_on": "2009-01-02", "left_on": "2009-01-01"},
            "“left on” is before “joined on”",
        ),
        (person, {"account_opened_on": "2009-01-02", "account_closed_on": "2009-01-01"}, "closed"),
        (person, {"engagement": "visitor"}, "'employee'"),
        (person, {"name": ""}, "at least 1"),
        (person, {"email": "robin"}, "pattern"),
        (person, {"joined_on": "0009-01-01"}, "before 1900"),
        (person, {"left_on": "9999-12-31"}, "after 2199"),
        (
            ecrb,
            {"issued_on": "2009-01-02", "seen_on": "2009-01-01"},
            "“seen on” is before “issued on”",
        ),
        (ecrb, {"certificate": "text"}, "not permitted"),
        (
            training,
            {"booked_on": "2009-01-02", "completed_on": "2009-01-01"},
            "“completed on” is before",
        ),
        (training, {"person": "robin"}, "pattern"),
    ],
)
def test_what_is_malformed_is_refused_without_being_shown(
    make: Any, fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        make("a", **fields)
    assert "input_value" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["2009-02-29", "2009-3-1", "20090301", "\u0662009-01-01", 0, 1.5, True]
)
def test_a_stored_day_is_iso_alone(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(text)


@pytest.mark.parametrize("text", ["24:00", "14:60", "2:30", "14:30:00", "14.30"])
def test_a_stored_time_is_of_the_day(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Clock).validate_python(text)


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\x7f", "\xad", "\u200b", "\u202e", "\ufeff", "\ud800", "\U000e0041"]
)
@pytest.mark.parametrize("kind", [Line, Text])
def test_what_cannot_be_seen_is_refused(kind: Any, hidden: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"a{hidden}b")


def test_a_line_is_one_line_and_a_text_may_have_several() -> None:
    assert TypeAdapter(Line).validate_python("  Robin \u00a0 Example ") == "Robin Example"
    assert TypeAdapter(Text).validate_python(" a\r\nb\tc\n") == "a\nb c"
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python("a\nb")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Id, "k3m9q2x7ab", "k3m9q2x7al"),
        (Id, "0000000000", "00000000000"),
        (Handle, "member-1", "Member-1"),
        (Handle, "abc", "ab-"),
        (Email, "a@b.c", "a b@c.d"),
        (Line, "x" * 120, "x" * 121),
        (Text, "x" * 500, "x" * 501),
    ],
)
def test_the_limits_of_short_texts(kind: Any, good: str, bad: str) -> None:
    assert TypeAdapter(kind).validate_python(good) == good
    for text in (bad, good + "\n!"):
        if kind is not Text or text == bad:
            with pytest.raises(ValidationError):
                TypeAdapter(kind).validate_python(text)


def test_struck_out_entries_are_found_by_their_id_alone() -> None:
    entry: Record = ecrb("a", voided=True)
    found = Records([entry, person("a")])
    assert found.get(entry.id) is entry
    assert list(found.of("ecrb")) == []
    assert list(found.about(person("a").id, "ecrb")) == []
    assert len(found) == 2
