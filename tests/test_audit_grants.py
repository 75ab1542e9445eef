"""Keys given to somebody outside: what they open, that it is written down, and what an audit makes of the file."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cpvol import disposal, granting
from cpvol.audit.anchor import read_anchor
from cpvol.audit.examine import Examined, Keys, Outside, examine
from cpvol.audit.granted import Handed
from cpvol.errors import CpvolError
from cpvol.findings import Severity
from cpvol.ledger.grants import BadGrant, Given, Grant, decode, encode_given
from cpvol.opening import NotYours, Opener, open_given
from cpvol.register import NotAllowed
from cpvol.vault import credential
from tests.support import people
from tests.support.founding import Founding, found
from tests.support.programs import needs
from tests.support.world import World, refused, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

AUDITOR = credential.generate()


@pytest.fixture
def made(tmp_path: Path) -> Founding:
    records = found(tmp_path / "records")
    records.coordinator("member-2")
    records.leaver()
    return records


def give(
    made: Founding,
    logs: tuple[str, ...] = ("training",),
    since: date | None = None,
    until: date | None = None,
) -> tuple[Grant, bytes]:
    """Give keys to the auditor, as a coordinator."""
    with made.open() as register:
        planned = granting.plan(register, logs, since, until)
        return granting.give(register, planned, AUDITOR.age_public, now=made.tick())


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Founding, Grant, bytes]:
    """Records of which the keys of one log were given; looked at, and never changed."""
    records = found(tmp_path_factory.mktemp("given") / "records")
    records.coordinator("member-2")
    records.leaver()
    return (records, *give(records))


def handed(sealed: bytes) -> Handed:
    """The file as the auditor opens it."""
    anchor, id, given = granting.read_given(open_given(sealed, AUDITOR))
    return Handed(anchor, id, given, hashlib.sha256(sealed).hexdigest())


def look(made: Founding, into: Path, file: Handed) -> Examined:
    """Audit with what was given alone."""
    into.mkdir()
    with made.open() as register:
        anchor = read_anchor(register.anchor())
    keys = Keys(Opener(None), file)
    return examine(str(made.folder), into, Outside(anchor), keys, now=made.clock)


def rules(examined: Examined) -> list[str]:
    return [each.rule for each in examined.problems if each.severity is not Severity.NOTE]


def test_the_keys_of_one_log_open_it_and_nothing_else(made: Founding, tmp_path: Path) -> None:
    training = made.leaver("Jo Placeholder")[2]
    made.amend(training, course="Two")
    grant, sealed = give(made)
    made.amend(made.leaver("Sam Sample")[2], course="Later")
    examined = look(made, tmp_path / "q", handed(sealed))
    assert rules(examined) == []
    assert "keys-given" in [each.rule for each in examined.problems]
    assert examined.opened is not None
    assert {name.partition("/")[0] for name in examined.opened.records} == {"training"}
    assert sorted(map(len, examined.opened.records.values())) == [1, 2]
    assert grant.keys == 3


def test_the_keys_of_one_period_open_what_came_in_then(made: Founding, tmp_path: Path) -> None:
    made.tick(days=40)
    inside = made.leaver("Jo Placeholder")
    made.tick(days=40)
    made.leaver("Sam Sample")
    grant, sealed = give(made, (), date(2009, 2, 1), date(2009, 2, 28))
    examined = look(made, tmp_path / "q", handed(sealed))
    assert rules(examined) == []
    assert examined.opened is not None
    assert {name.partition("/")[2] for name in examined.opened.records} == {r.id for r in inside}
    assert "01/02/2009 to 28/02/2009" in grant.words()


@needs("age")
def test_stock_age_opens_it_with_the_auditors_own_key(
    given: tuple[Founding, Grant, bytes], tmp_path: Path
) -> None:
    made, _, sealed = given
    (tmp_path / "auditor.txt").write_text(AUDITOR.secret + "\n")
    (tmp_path / "given").write_bytes(sealed)
    opened = subprocess.run(
        ["age", "-d", "-i", "auditor.txt", "given"], cwd=tmp_path, capture_output=True, check=True
    )
    (tmp_path / "keys").write_bytes(opened.stdout)
    where = next(line for line in opened.stdout.decode().splitlines() if "training/" in line)
    _, record, commit = where.split(" ")
    log, _, id = record.partition("/")
    path = f"{log}/{id[0]}/{id[1]}/{id}.yaml.age"
    (tmp_path / "record").write_bytes(
        subprocess.run(
            ["git", "show", f"{commit}:{path}"], cwd=made.folder, capture_output=True, check=True
        ).stdout
    )
    text = subprocess.run(
        ["age", "-d", "-i", "keys", "record"], cwd=tmp_path, capture_output=True, check=True
    )
    assert b"course: " in text.stdout


def test_it_opens_for_nobody_else(given: tuple[Founding, Grant, bytes]) -> None:
    made, _, sealed = given
    with pytest.raises(NotYours):
        open_given(sealed, made.people["member-2"])
    with pytest.raises(NotYours):
        open_given(sealed[:-1] + b"x", AUDITOR)


def test_nothing_personal_is_written_down(given: tuple[Founding, Grant, bytes]) -> None:
    _, grant, _ = given
    text = grant.encode()
    assert b"Robin" not in text
    assert decode(text) == grant
    changed = text.replace(b"keys: 1", b"keys: 0")
    with pytest.raises(BadGrant):
        decode(changed)


def test_who_does_not_read_a_log_gives_nothing_of_it(made: Founding) -> None:
    with made.open() as register:
        after = register.members.with_roles("member-2", ("coordinator",), ("token",))
        register.change_members(after, "roles", "members: roles member-2", now=made.tick())
    with made.open("member-2") as register, pytest.raises(NotAllowed):
        granting.plan(register, ("training",), None, None)
    with made.open() as register, pytest.raises(granting.NothingToGive):
        granting.plan(register, (), None, None)
    with made.open() as register, pytest.raises(granting.NothingToGive, match="one log at a time"):
        granting.plan(register, ("training", "token"), None, None)
    with made.open() as register, pytest.raises(granting.NothingToGive):
        granting.plan(register, ("breach",), None, None)


def test_an_entry_closed_to_some_is_not_given(made: Founding, tmp_path: Path) -> None:
    about = {
        "received_on": "2009-01-01",
        "in_writing": "yes",
        "relation": "parent",
        "scope": "directory",
    }
    closed = made.enter("sar", case="C-1", readers=("member-1",), **about)
    made.enter("sar", case="C-2", **about)
    grant, sealed = give(made, ("sar",))
    assert grant.without == (f"sar/{closed.id}",)
    examined = look(made, tmp_path / "q", handed(sealed))
    assert rules(examined) == []
    assert examined.opened is not None
    assert f"sar/{closed.id}" not in examined.opened.records


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda file: replace(file, anchor="cpvol-anchor-1:x"), "grant-anchor"),
        (lambda file: replace(file, id="0123456789"), "grant-unknown"),
        (lambda file: replace(file, sha256="0" * 64), "grant-file"),
        (lambda file: replace(file, given=()), "grant-fewer"),
        (
            lambda file: replace(file, given=[replace(g, commit="0" * 40) for g in file.given]),
            "grant-more",
        ),
        (
            lambda file: replace(
                file, given=[Given(g.record, g.commit, AUDITOR.secret) for g in file.given]
            ),
            "grant-key",
        ),
    ],
    ids=["other records", "not written down", "another file", "fewer", "more", "another key"],
)
def test_a_file_that_is_not_what_was_written_down(
    given: tuple[Founding, Grant, bytes], tmp_path: Path, change: object, rule: str
) -> None:
    made, _, sealed = given
    file = change(handed(sealed))  # type: ignore[operator]
    assert rule in rules(look(made, tmp_path / "q", file))


def test_a_disposal_says_to_whom_keys_were_given(made: Founding, tmp_path: Path) -> None:
    gone, kept = made.leaver("Jo Placeholder")[2:]
    _, sealed = give(made)
    on = date(2009, 1, 5)
    with made.open() as register:
        proposed = disposal.propose(
            register, ids=[gone.id], reason="duplicate", on=on, now=made.tick()
        )
    with made.open("member-2") as register:
        disposal.approve(register, proposed, without=[], on=on, now=made.tick())
        done, _ = disposal.dispose(register, proposed.id, on=on, now=made.tick())
        holders = disposal.standing(register, done)
    assert [each.state for each in holders if each.handle.startswith("age1")] == ["given"]
    assert not disposal.strongest(holders)
    examined = look(made, tmp_path / "q", handed(sealed))
    assert "grant-of-destroyed" in rules(examined)
    (told,) = examined.chronicle.done()
    assert any("cannot be taken back" in holder.words for holder in told.holders)
    assert list(told.holders) == holders
    assert not disposal.strongest(told.holders)
    # Of a log that was not given, nobody outside has the keys.
    with made.open() as register:
        proposed = disposal.propose(
            register, ids=[kept.id], reason="duplicate", on=on, now=made.tick()
        )
    with made.open("member-2") as register:
        disposal.approve(register, proposed, without=[], on=on, now=made.tick())
        done, _ = disposal.dispose(register, proposed.id, on=on, now=made.tick())
        assert not any(h.state == "given" for h in disposal.standing(register, done))


def test_a_grant_that_meets_others_changes_on_the_way_still_says_what_was_given(
    tmp_path: Path,
) -> None:
    """Made before the others' entries came in, signed again on top of them: what it names stays the same."""
    group, founder = people.found(tmp_path)
    founder.enter("Robin Example")
    other = group.newcomer(founder, "member-2")
    founder.sync()
    with founder.open() as register:
        planned = granting.plan(register, ("person",), None, None)
        made, sealed = granting.give(register, planned, AUDITOR.age_public, now=group.clock())
    other.enter("Sam Sample")
    other.sync()
    founder.sync()
    with founder.open() as register:
        assert granting.everything(register) == [made]
        anchor = read_anchor(register.anchor())
    (tmp_path / "q").mkdir()
    keys = Keys(Opener(None), handed(sealed))
    examined = examine(str(group.place), tmp_path / "q", Outside(anchor), keys, now=group.clock())
    assert rules(examined) == []
    assert examined.opened is not None
    assert (len(examined.opened.records), examined.opened.closed) == (1, 1)


def test_a_file_that_only_looks_like_one_is_refused() -> None:
    text = encode_given("cpvol-anchor-1:x", "g4k9q2x7ab", [Given("a/b", "c", "d")])
    assert granting.read_given(text)[2] == [Given("a/b", "c", "d")]
    for bad in (b"", text[:-1], text + b"x", text.replace(b"# a/b", b"a/b"), b"\xff"):
        with pytest.raises(CpvolError):
            granting.read_given(bad)


def test_the_task_tells_what_it_opens_before_it_is_made(world: World, tmp_path: Path) -> None:
    file = tmp_path / "given.age"
    card = f"cpvol-card-1:outsider:{AUDITOR.age_public}:{AUDITOR.signing_public.split()[1]}"
    before = stock_git(world.records, "rev-parse", "main")
    done = world.run("audit.grant", str(file), "--card", card, "--logs", "training", status=2)
    assert "nobody confirmed" in done.err
    assert "cannot be taken back" in done.err
    assert "training" in done.out
    assert stock_git(world.records, "rev-parse", "main") == before
    assert not file.exists()
    world.run("audit.grant", str(file), "--card", card, "--logs", "training", "--yes")
    assert "outsider" not in stock_git(world.records, "log", "-1", "-p", "main")
    assert AUDITOR.age_public[:12] in world.run("audit.grants").out
    (tmp_path / "keys").write_bytes(open_given(file.read_bytes(), AUDITOR))
    looked = world.run("audit", "--grant", str(tmp_path / "keys"), "--json")
    assert looked.json["opened"] == 1
    assert looked.json["closed"] == 3
    mine, own = tmp_path / "mine.age", world.run("member.card").out.strip()
    period = ("--since", "01/01/2020", "--until", "31/12/2199")
    world.run("audit.grant", str(mine), "--card", own, *period, "--yes")
    done = world.run("audit", "--grant", str(mine))
    assert "the keys that were given opened 4 entries and left 0 closed" in done.out
    refused(world, "audit", "--grant", str(file), says="does not open with your keys")
    refused(world, "audit.grant", str(file), "--card", card, says="a file of that name already")
    refused(world, "audit.grant", str(tmp_path / "x"), "--card", "me", says="not a card")
    refused(
        world, "audit.grant", str(tmp_path / "x"), "--logs", "nonsense", says="not given: --card"
    )
