"""``policy.show``, ``policy.set``, ``policy.diff``: over the real program, and as pure functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpvol.errors import CpvolError
from cpvol.governance import changed, differences, numbers, put_in_force
from cpvol.policy import load
from cpvol.policy.model import Policy
from cpvol.register import NotAllowed
from tests.support.founding import found
from tests.support.programs import needs
from tests.support.world import World

pytest_plugins = ["tests.support.worlds"]

PROFILE = load()


def set_to(key: str, value: str, policy: Policy = PROFILE, **given: Any) -> Policy:
    return changed(policy, key, value, given.get("reason", "we decided so"), given.get("source"))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("spot_check", "6", "6 months"),
        ("spot_check", "100 days", "100 days"),
        ("spot-check", "1 years", "1 year"),
        ("ecrb_warnings", "60, 14", "60 and 14 days"),
        ("isa_member_from", "01/11/2009", "01/11/2009"),
        ("search_limit", "8", "8 records"),
        ("retention.token", "7", "7 years"),
        ("token_post", "3 working days", "3 working days"),
    ],
)
def test_a_number_is_changed_and_becomes_ours(key: str, value: str, words: str) -> None:
    after = set_to(key, value)
    found = numbers(after)[key.replace("-", "_")]
    assert (found.words, found.origin, found.reason) == (words, "ours", "we decided so")
    assert [each.key for each in differences(after)] == [key.replace("-", "_")]
    assert Policy.from_stored(after.stored()) == after


@pytest.mark.parametrize(
    ("key", "back"),
    [
        ("search_limit", "10"),
        ("ecrb_warnings", "90,60,30,7"),
        ("isa_member_from", "2009-10-01"),
        ("retention.token", "6 years"),
    ],
)
def test_what_is_set_back_is_the_profiles_own_again_without_a_reason(key: str, back: str) -> None:
    other = {"search_limit": "8", "ecrb_warnings": "60", "retention.token": "7"}
    away = set_to(key, other.get(key, "2009-12-01"))
    assert differences(away)
    assert differences(changed(away, key, back, None, None)) == []


def test_a_source_is_rows_or_words() -> None:
    rows = numbers(set_to("spot_check", "6", source="E-16.9, C23"))["spot_check"]
    assert (rows.rows, rows.source) == (("E-16.9", "C23"), None)
    words = numbers(set_to("spot_check", "6", source="Trustees, minute 12"))["spot_check"]
    assert words.source == "Trustees, minute 12"
    assert words.cited[-1] == "Trustees, minute 12"


@pytest.mark.parametrize(
    ("key", "value", "given"),
    [
        ("spot_chek", "6", {}),
        ("spot_check", "often", {}),
        ("spot_check", "0", {}),
        ("spot_check", "6 moons", {}),
        ("spot_check", "6", {"reason": None}),
        ("ecrb_warnings", "7, 30", {}),
        ("ecrb_warnings", "a, b", {}),
        ("search_limit", "10 days", {}),
        ("isa_member_from", "31/02/2009", {}),
        ("retention.nothing", "6", {}),
    ],
)
def test_what_cannot_be_in_force_is_refused(key: str, value: str, given: dict[str, Any]) -> None:
    with pytest.raises(CpvolError) as caught:
        set_to(key, value, **given)
    assert caught.value.hint


@needs("git")
def test_only_an_admin_puts_a_policy_in_force(tmp_path: Path) -> None:
    """And only when nobody else's change came between."""
    made = found(tmp_path / "records")
    made.coordinator("member-2")
    after = set_to("spot_check", "6")
    with made.open("member-2") as register, pytest.raises(NotAllowed):
        put_in_force(register, after, "spot_check", now=made.tick())
    with made.open() as register:
        assert register.policy == Policy.from_stored(load().stored())
        put_in_force(register, after, "spot_check", now=made.tick())
        assert register.policy == after


@needs("git")
def test_an_admin_signs_a_change_and_the_audit_accepts_it(empty: World) -> None:
    shown = empty.run("policy.show", "--key", "spot_check", "--json").json
    assert shown["spot_check"]["value"] == 3
    done = empty.run(
        *("policy.set", "spot_check", "--value", "6 months"),
        *("--reason", "Half a year fits us", "--yes", "--json"),
    )
    assert done.status == 0, done.err
    assert done.json["value"] == 6
    found = empty.run("policy.diff", "--json").json
    assert [(each["key"], each["ours"]["value"], each["profile"]["value"]) for each in found] == [
        ("spot_check", 6, 3)
    ]
    assert "policy: policy spot check" in empty.git("log", "-1", "--format=%s")
    same = ("policy.set", "spot_check", "--value", "6", "--reason", "Half a year fits us")
    assert "change nothing" in empty.run(*same, status=2).err
    kept = (
        "policy.set",
        "retention.token",
        "--value",
        "7",
        "--reason",
        "The trustees asked for it",
    )
    assert "now 7 years" in empty.run(*kept).out
    empty.run("policy.set", "nonsense", "--value", "6", "--reason", "x", status=2)
    empty.run("audit", "--json")
