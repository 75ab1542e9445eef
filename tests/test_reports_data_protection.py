"""The data protection file says what the logs hold, for how long, and what cannot be taken back."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest

from cpvol.logs import BY_NAME, LOGS
from cpvol.logs.fields import fields_of
from cpvol.policy import load, profiles
from cpvol.policy.organisation import Organisation
from cpvol.reports.data_protection import CASE, STAFF, page, processing

EVERY = Organisation(name="Harbour & Hill", access="both", logs=tuple(BY_NAME))


@pytest.mark.parametrize("profile", profiles())
def test_every_log_is_named_with_its_fields_and_its_time(profile: str) -> None:
    policy = load(profile)
    text = unescape(page(policy, EVERY, date(2026, 11, 21)).decode())
    assert "Harbour & Hill" in text
    for log in LOGS:
        kept = policy.keep(log)
        assert log.title in text
        assert f"{kept.words} after {kept.since}" in text
        assert all(spec.label in text for spec in fields_of(log.model))


def test_a_log_that_is_not_kept_is_not_named() -> None:
    some = Organisation(name="Example", access="query", logs=("person", "token"))
    assert [each.title for each in processing(load(), some)] == [
        BY_NAME["person"].title,
        BY_NAME["token"].title,
    ]


def test_whom_a_log_is_about_is_read_off_its_fields() -> None:
    about = {each.title: each.subjects for each in processing(load(), EVERY)}
    assert about[BY_NAME["token"].title] == (STAFF,)
    assert about[BY_NAME["sar"].title] == (CASE,)
    assert set(about[BY_NAME["session"].title]) == {STAFF, CASE}
    assert STAFF not in about[BY_NAME["accuracy"].title]


def test_the_notice_says_what_stays_for_ever() -> None:
    text = page(load("uk-today"), EVERY, date(2026, 11, 21)).decode()
    assert "handle stays in their signed history for" in text
    assert "UK GDPR Art. 12(3) and 12A" in text
    assert "Not confirmed" in text
    assert "UK GDPR" not in page(load(), EVERY, date(2026, 11, 21)).decode()


def test_what_an_organisation_is_called_cannot_change_the_page() -> None:
    nasty = Organisation(name="<script>x</script>", access="query", logs=("person",))
    assert b"<script>" not in page(load(), nasty, date(2026, 11, 21))
