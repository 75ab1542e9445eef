"""Records made by an earlier version pass: every content that a fixed file ever had is known, and no other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cpvol import governance
from cpvol.audit import known
from cpvol.audit.examine import examine
from cpvol.ledger import layout
from cpvol.register import NotAllowed
from tests.support.forge import Forge
from tests.support.founding import Founding, found
from tests.support.programs import needs

pytestmark = needs("git")
ROOT = Path(__file__).resolve().parents[1]

#: What was written before; whoever takes such a line out fails the audit of records that somebody keeps.
EARLIER = (
    "2963660803ecdab8 schemas/sar-1.json",
    "5b5a8cc7d0968e5c schemas/breach-1.json",
    "8e6895bd2f93c83a schemas/dispute-1.json",
    "8ee91ad23fcda644 README.md",
)


@pytest.fixture
def made(tmp_path: Path) -> Founding:
    return found(tmp_path / "records")


def test_what_this_version_writes_is_known() -> None:
    """To renew: python -c "from pathlib import Path; from cpvol.audit.known import *; renew(Path('cpvol/audit') / FILE)"."""
    text = (ROOT / "cpvol" / "audit" / known.FILE).read_text(encoding="ascii")
    assert [line for line in known.written_now() if f"{line}\n" not in text] == []
    assert text.splitlines() == sorted(set(text.splitlines()))
    kept = {f"{line[:16]} {line.partition(' ')[2]}" for line in text.splitlines()}
    assert set(EARLIER) <= kept


def test_records_of_an_earlier_version_hold_and_can_be_brought_up_to_date(
    made: Founding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = b"# An earlier page inside the records\n"
    line = hashlib.sha256(old).hexdigest()
    before = known.known_digests()
    monkeypatch.setattr(
        "cpvol.audit.rules.known_digests",
        lambda: before | {layout.README: before[layout.README] | {line}},
    )
    forge = Forge(made.folder, dict(made.people), made.page, made.tick())
    forge.change("upgrade", {layout.README: old})
    made.clock = forge.clock
    (tmp_path / "old").mkdir()
    assert examine(str(made.folder), tmp_path / "old", now=made.clock).problems == []
    with made.open() as register:
        assert governance.upgrade(register, now=made.tick()) == ["README.md"]
        assert governance.upgrade(register, now=made.tick()) == []
    (tmp_path / "new").mkdir()
    assert examine(str(made.folder), tmp_path / "new", now=made.clock).problems == []


def test_a_page_that_no_version_wrote_is_a_breach(made: Founding, tmp_path: Path) -> None:
    forge = Forge(made.folder, dict(made.people), made.page, made.tick())
    forge.change("upgrade", {layout.README: b"# All is well\n"})
    (tmp_path / "q").mkdir()
    examined = examine(str(made.folder), tmp_path / "q", now=forge.clock)
    assert [each.rule for each in examined.problems] == ["fixed-files"]


def test_only_an_admin_brings_them_up_to_date(made: Founding) -> None:
    made.coordinator("member-2")
    forge = Forge(made.folder, dict(made.people), made.page, made.tick())
    forge.change("upgrade", {layout.README: b"# Another page\n"})
    with made.open("member-2") as register, pytest.raises(NotAllowed):
        governance.upgrade(register, now=forge.clock + 60)
