"""The tasks ``audit`` and ``checkpoint``, run as an auditor would run them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cpvol.audit.chronicle import day_of
from cpvol.audit.examine import Keys, examine
from cpvol.governance import changed, put_details, put_in_force
from cpvol.ledger.layout import new_id
from cpvol.logs.usage import Usage
from cpvol.opening import Opener
from cpvol.tasks.audit import inside_of
from tests.support import founding
from tests.support.programs import needs
from tests.support.world import World, refused, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

LIMITS = (
    "was entered is true",
    "a date is exact",
    "since the last checkpoint",
    "no key was stolen",
    "kept a readable copy",
)


def test_own_records_hold_and_the_limits_are_said(world: World) -> None:
    done = world.run("audit")
    assert done.out.startswith("The audit holds: ")
    verdict, counted, ask = done.out.splitlines()[:3]
    assert "But no anchor was given, so this shows only that the records agree" in verdict
    assert "A change is one signed step" in counted
    assert "--anchor" in ask
    for limit in LIMITS:
        assert limit in done.out


def test_a_pinned_anchor_is_not_missed(world: World) -> None:
    anchor = world.run("anchor").out.strip()
    done = world.run("audit", "--anchor", anchor, "--json")
    assert done.json["pinned"]
    assert done.json["holds"]
    assert done.json["anchor"] == anchor
    assert "no anchor" not in done.json["verdict"]
    assert set(done.json) == {
        *("holds", "verdict", "pinned", "anchor", "changes", "tip", "chain", "opened", "closed"),
        *("not_looked_at_again", "findings", "compliance", "checked_by"),
        *("stopped_early", "checkpoints"),
    }


def test_another_anchor_is_a_finding(world: World) -> None:
    other = f"cpvol-anchor-1:{'0' * 40}:SHA256:{'A' * 43}"
    done = world.run("audit", "--anchor", other, "--json", status=3)
    assert not done.json["holds"]
    assert [each["rule"] for each in done.json["findings"]] == ["anchor"]
    assert done.json["findings"][0]["severity"] == "breach"


def test_what_cannot_be_audited_is_refused_in_words(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(world, "audit", "--repository", str(tmp_path / "nowhere"), says="no such folder")
    refused(world, "audit", "--repository", str(tmp_path / "empty"), says="holds no records")
    refused(world, "audit", "--anchor", "cpvol-anchor-2:x", says="not an anchor")
    # As `--anchor "$anchor"` is when whatever should have filled it failed: no audit without one.
    refused(world, "audit", "--anchor=", says="not an anchor")
    stock_git(tmp_path, "init", "-q", "nothing")
    refused(world, "audit", "--repository", str(tmp_path / "nothing"), says="no records")
    pointer = tmp_path / "copy.bundle"
    pointer.write_text(f"gitdir: {world.records / '.git'}\n")
    refused(world, "audit", "--repository", str(pointer), says="names another place")
    refused(world, "audit", "--checkpoint", str(tmp_path / "no"), says="cannot be read")


def test_an_unsigned_change_is_a_finding_with_its_number(world: World) -> None:
    stock_git(
        world.records,
        *("-c", "user.name=x", "-c", "user.email=x@example.invalid"),
        *("commit", "-q", "--allow-empty", "-m", "nothing"),
    )
    done = world.run("audit", status=3)
    assert done.out.startswith(
        "The audit does not hold: at least one thing is not as the rules want."
    )
    assert "This change is not signed." in done.out
    assert stock_git(world.records, "rev-parse", "main")[:12] in done.out


def test_with_a_key_every_entry_is_opened_and_checked(world: World) -> None:
    done = world.run("audit", "--contents", "--json", status=None)
    assert done.json["opened"] == len(world.run("list", "person", "--json").json) + len(
        [each for log in ("ecrb", "training") for each in world.run("list", log, "--json").json]
    )
    before = world.run("audit", "--as-at", "2001-01-01", "--json", status=None)
    assert before.json["holds"]
    found = world.run("check", "--json", status=None).json
    assert {each["rule"] for each in done.json["compliance"]} == {each["rule"] for each in found}


def test_changes_and_entries_are_counted_apart(world: World) -> None:
    """Whoever was told how many entries there are finds the number again."""
    counted = world.run("audit").out.splitlines()[1]
    entries, versions, rest = (
        int(n)
        for n in re.findall(r"wrote (\d+) entr\w+, in (\d+) ver.*?; (\d+) change", counted)[0]
    )
    listed = stock_git(world.records, "ls-tree", "-r", "--name-only", "main").splitlines()
    assert entries == sum(name.endswith(".yaml.age") for name in listed)
    messages = stock_git(world.records, "log", "--format=%B%x00", "main").split("\0")[:-1]
    assert versions == sum(each.count("\nRecord: ") for each in messages)
    assert rest == sum("\nRecord: " not in each for each in messages)


def test_a_day_names_its_policy(world: World) -> None:
    first = stock_git(world.records, "rev-list", "--max-parents=0", "main").strip()
    day = stock_git(world.records, "log", "-1", "--format=%cs", "main").strip()
    world.run("policy.set", "spot_check", "--value", "6", "--reason", "It suits us", "--yes")
    second = stock_git(world.records, "rev-parse", "main").strip()
    found = world.run("audit", "--as-at", "2001-01-01", "--json", status=None).json
    assert found["checked_by"] == {
        "day": "2001-01-01",
        "policy_commit": first,
        "policy_since": day,
    }
    said = world.run("audit", "--contents", status=None).out
    assert f"change {second[:12]}" in said


def test_a_past_day_is_judged_by_what_was_in_force_then(tmp_path: Path) -> None:
    """Policy and members: a limit that was set lower today was not broken before, and who joined later was not there."""
    made = founding.found(tmp_path / "records")
    search = {"on": "2008-12-05", "person": new_id(), "records": 8, "explanation": "Twins"}
    usage = Usage.model_validate(
        {
            "id": new_id(),
            "log": "usage",
            "schema": 1,
            "on": "2009-01-01",
            "by": "Manager",
            "start": "2008-12-01",
            "end": "2008-12-31",
            "searches": [search],
        }
    )
    with made.open() as register:
        register.enter([usage], "add", entered=made.tick())
    made.tick(days=10)
    with made.open() as register:
        stricter = changed(register.policy, "search_limit", "5", "we decided so", None)
        put_in_force(register, stricter, "search_limit", now=made.clock)
    made.coordinator("member-2")
    (tmp_path / "q").mkdir()
    keys = Keys(Opener(made.people["member-1"]))
    examined = examine(str(made.folder), tmp_path / "q", keys=keys, now=made.tick())
    told = []
    for day in (date(2008, 6, 1), date(2009, 1, 3), date(2009, 2, 1)):
        said = inside_of(examined, day)
        assert said is not None
        since = day_of(said.rules.accepted)
        assert f"policy of {since:%d/%m/%Y}" in said.by_which()
        approver = [each for each in said.findings if "approve a disposal" in each.message]
        limit = [each for each in said.findings if each.rule == "search-limit"]
        told.append((since, len(approver), len(limit)))
    start, later = date(2009, 1, 1), date(2009, 1, 11)
    assert told == [(start, 1, 0), (start, 1, 0), (later, 0, 1)]


class _Outside(HTMLParser):
    """Whatever in a page would be loaded from elsewhere, or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "iframe", "img", "object"}:
            self.found.append(tag)
        self.found += [f"{name}={value}" for name, value in attrs if name in {"src", "href"}]


def test_the_report_is_one_page_that_needs_nothing(world: World, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    world.run("audit", "--report", str(place))
    page = place.read_text(encoding="utf-8")
    outside = _Outside()
    outside.feed(page)
    assert outside.found == []
    assert "url(" not in page
    assert "<svg" in page
    for limit in LIMITS:
        assert limit in page
    assert stock_git(world.records, "rev-parse", "main").strip() in page


@needs("ssh-keygen")
def test_a_checkpoint_is_verified_by_stock_ssh_keygen(world: World, tmp_path: Path) -> None:
    place = tmp_path / "checkpoint.txt"
    world.run("checkpoint", "--to", str(place))
    listed = stock_git(world.records, "show", "main:allowed_signers")
    signers = tmp_path / "signers"
    signers.write_text(listed.replace('namespaces="git"', 'namespaces="cpvol-checkpoint"'))
    done = subprocess.run(
        [
            *("ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "member-1@cpvol.invalid"),
            *("-n", "cpvol-checkpoint", "-s", f"{place}.sig"),
        ],
        input=place.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    text = place.read_text()
    assert f"tip: {stock_git(world.records, 'rev-parse', 'main').strip()}" in text
    count = stock_git(world.records, "rev-list", "--count", "main").strip()
    assert f"\ncount: {count}\n" in text


def test_a_checkpoint_in_one_piece_catches_what_was_cut_off(world: World, tmp_path: Path) -> None:
    whole = tmp_path / "checkpoint.txt"
    whole.write_text(world.run("checkpoint").out)
    assert len(whole.read_text().splitlines()) < 20
    world.run("audit", "--checkpoint", str(whole))
    assert "today" in world.run("checkpoint").err
    stock_git(world.records, "update-ref", "refs/heads/main", "main~1")
    done = world.run("audit", "--checkpoint", str(whole), status=3)
    assert "the history was cut" in done.out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("count: ", "count: 0"), "not in the form"),
        (lambda text: text[: text.index("-----BEGIN")], "signature is missing"),
        (lambda text: text.replace("by: member-1", "by: member-2"), "forged"),
        (lambda text: re.sub(r"date: \S+", "date: 2031-01-01", text), "forged"),
        (lambda text: text.replace("cpvol-checkpoint-1", "\xe9"), "foreign characters"),
    ],
    ids=["another form", "no signature", "another signer", "another day", "foreign letters"],
)
def test_a_checkpoint_that_was_changed(
    world: World, tmp_path: Path, change: Callable[[str], str], says: str
) -> None:
    place = tmp_path / "checkpoint.txt"
    place.write_text(change(world.run("checkpoint").out), encoding="utf-8")
    done = world.run("audit", "--checkpoint", str(place), status=None)
    assert done.status in {2, 3}
    assert says in done.out + done.err


def test_the_verdict_says_when_it_ended_early(world: World, tmp_path: Path) -> None:
    """Fifty breaches are enough; that there may be more must not be left out."""
    text = world.run("checkpoint").out
    places = [tmp_path / f"{number}.txt" for number in range(51)]
    for number, place in enumerate(places):
        place.write_text(re.sub(r"count: \d+", f"count: {1000 + number}", text))
    given = [word for place in places for word in ("--checkpoint", str(place))]
    report = tmp_path / "report.html"
    done = world.run("audit", *given, "--report", str(report), status=3)
    assert done.out.startswith("The audit does not hold: at least 50 things are not as")
    assert "was not looked at, so there may be more" in done.out
    page = " ".join(report.read_text(encoding="utf-8").split())
    assert "was not looked at, so there may be more" in page
    assert "history was cut" not in done.out + page
    assert page.index("What to do now") < page.index("<h2>Findings</h2>")
    assert "was entered is true" not in page


def test_a_wrong_anchor_is_not_called_the_records_own(world: World, tmp_path: Path) -> None:
    own = world.run("anchor").out.strip()
    other = f"cpvol-anchor-1:{'0' * 40}:SHA256:{'A' * 43}"
    report = tmp_path / "report.html"
    done = world.run("audit", "--anchor", other, "--report", str(report), status=3)
    said = f"You gave the anchor {other}; what is here begins with {own}."
    assert said in " ".join(done.err.split())
    assert "The anchor of these records" not in done.err
    assert "Do not take the one from here in its place" in report.read_text(encoding="utf-8")
    assert world.run("audit", "--anchor", other, "--json", status=3).json["anchor"] == own


def test_details_of_the_organisation_are_those_of_the_day(tmp_path: Path) -> None:
    """A log that it gave up since was missing before, and is not missing now."""
    made = founding.found(tmp_path / "records")
    made.enter(
        "person",
        name="Robin Example",
        engagement="volunteer",
        access="query",
        joined_on="2008-01-07",
        account_opened_on="2008-01-07",
    )
    made.tick(days=400)
    with made.open() as register:
        without = tuple(log for log in register.organisation.logs if log != "usage")
        changed_to = register.organisation.model_copy(update={"logs": without})
        put_details(register, changed_to, now=made.clock)
    made.tick(days=10)
    (tmp_path / "q").mkdir()
    keys = Keys(Opener(made.people["member-1"]))
    examined = examine(str(made.folder), tmp_path / "q", keys=keys, now=made.tick())
    missing = []
    for day in (date(2010, 2, 1), date(2010, 2, 10)):
        said = inside_of(examined, day)
        assert said is not None
        missing.append([each.message for each in said.findings if "reviews of use" in each.message])
    assert [len(each) for each in missing] == [1, 0]


def test_what_a_day_is_worth_is_said(world: World) -> None:
    def said(day: str) -> str:
        return " ".join(world.run("audit", "--as-at", day, status=None).out.split())

    assert "There were no records yet on that day: they begin on" in said("2001-01-01")
    assert "That day is still to come" in said("2100-01-01")
    assert "still to come" not in said("today") + said("2001-01-01")


def test_what_no_key_of_ones_own_opens_is_not_called_checked(world: World, tmp_path: Path) -> None:
    stranger = {"CPVOL_HOME": str(tmp_path / "stranger")}
    world.run("join", "--handle", "overseer", env=stranger)
    done = world.run("audit", "--contents", env=stranger, status=None)
    assert "None of them opens with your keys" in " ".join(done.out.split())


def test_whoever_has_no_keys_is_told_what_an_outsider_can_do(world: World, tmp_path: Path) -> None:
    """To found records, which is what anybody else is told, is no help to whoever oversees others."""
    point, given = tmp_path / "checkpoint.txt", tmp_path / "given.age"
    world.run("checkpoint", "--to", str(point))
    given.write_bytes(b"age-encryption.org/v1\n")
    anchor = world.run("anchor").out.strip()
    nobody = {"CPVOL_HOME": str(tmp_path / "nobody")}
    for words, hint in (
        (("audit", "--contents"), "--grant"),
        (("audit", "--grant", str(given)), "age -d -i YOUR-KEY"),
        (("audit.countersign", str(point), "--anchor", anchor), "join --handle overseer"),
    ):
        done = world.run(*words, env=nobody, status=2)
        assert "there are none on this computer" in done.err
        assert hint in done.err
        assert "init" not in done.err
    world.run("join", "--handle", "overseer", env=nobody)
    world.run("audit.countersign", str(point), "--anchor", anchor, env=nobody)


def test_what_was_given_from_outside_is_said_to_fit(world: World, tmp_path: Path) -> None:
    point, report = tmp_path / "checkpoint.txt", tmp_path / "report.html"
    world.run("checkpoint", "--to", str(point))
    given = ("--anchor", world.run("anchor").out.strip(), "--checkpoint", str(point))
    count = stock_git(world.records, "rev-list", "--count", "main").strip()
    done = world.run("audit", *given, "--report", str(report))
    for said in (done.out, report.read_text(encoding="utf-8")):
        assert "The anchor that you gave is the one of these records." in said
        assert f" fits: {count} changes, signed by member-1." in said
    told = world.run("audit", *given, "--json").json["checkpoints"]
    assert [(each["changes"], each["by"]) for each in told] == [(int(count), "member-1")]
    assert "fits" not in world.run("audit").out


def test_a_place_that_was_left_blank_is_not_ones_own(world: World) -> None:
    """As ``--repository "$folder"`` is when whatever should have filled it failed."""
    refused(world, "audit", "--repository=", says="not given: --repository")


def test_a_plain_clone_is_told_from_records_that_lost_their_keyring(
    world: World, tmp_path: Path
) -> None:
    stock_git(tmp_path, "clone", "-q", "--no-local", str(world.records), "stick")
    done = world.run("audit", "--repository", str(tmp_path / "stick"), status=3)
    assert "A plain git clone leaves it behind" in done.out


# -- since a checkpoint, and countersigned -------------------------------------------------------------------------


@pytest.fixture
def checkpointed(world: World, tmp_path: Path) -> tuple[World, Path]:
    """Records with a checkpoint, and one more entry since."""
    place = tmp_path / "checkpoint.txt"
    world.run("checkpoint", "--to", str(place))
    world.enter(
        "person.add",
        name="Jo Placeholder",
        engagement="volunteer",
        access="query",
        joined_on="01/09/2008",
    )
    return world, place


def test_since_a_checkpoint_only_the_rest_is_looked_at_and_that_is_said(
    checkpointed: tuple[World, Path], tmp_path: Path
) -> None:
    world, place = checkpointed
    done = world.run("audit", "--since", str(place), "--report", str(tmp_path / "report.html"))
    assert done.out.startswith("The audit holds since the checkpoint: one change up to")
    count = int(re.findall(r"count: (\d+)", place.read_text())[0])
    for said in (done.out, (tmp_path / "report.html").read_text(encoding="utf-8")):
        assert f"The first {count} changes were not looked at again" in " ".join(said.split())
    refused(world, "audit", "--since", str(place), "--contents", says="would not be opened")
    stock_git(world.records, "update-ref", "refs/heads/main", "main~2")
    cut = world.run("audit", "--since", str(place), status=3)
    assert cut.out.count("the history was cut") == 1


@needs("ssh-keygen")
def test_an_outsiders_countersignature_by_stock_tools_is_verified(
    checkpointed: tuple[World, Path], tmp_path: Path
) -> None:
    world, place = checkpointed
    key = tmp_path / "overseer"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "cpvol-checkpoint", "-f", str(key)]
    made = subprocess.run(sign, input=place.read_bytes(), capture_output=True, check=True)
    given = ("audit", "--checkpoint", str(place), "--witness", f"{key}.pub")
    lacking = world.run(*given, status=3)
    assert "is not countersigned by the key that was named" in lacking.out
    place.with_name(f"{place.name}.overseer.sig").write_bytes(made.stdout)
    world.run(*given)
    refused(world, *given[:4], "ssh-rsa AAAA", says="no Ed25519 public key")
    place.with_name(f"{place.name}.overseer.sig").write_bytes(
        made.stdout.replace(b"\n", b"\n\n", 1)
    )
    assert "A checkpoint is forged" in world.run(*given, status=3).out


@needs("ssh-keygen")
def test_an_outsider_refuses_a_shorter_or_another_history(
    checkpointed: tuple[World, Path], tmp_path: Path
) -> None:
    world, place = checkpointed
    anchor = world.run("anchor").out.strip()
    older = tmp_path / "older.txt"
    older.write_bytes(place.read_bytes())
    (tmp_path / "older.txt.sig").write_bytes((tmp_path / "checkpoint.txt.sig").read_bytes())
    world.run("checkpoint", "--to", str(place))
    refused(world, "audit.countersign", str(place), says="not given: --anchor")
    done = world.run("audit.countersign", str(place), "--anchor", anchor)
    count = stock_git(world.records, "rev-list", "--count", "main").strip()
    assert f"fits: {count} changes, signed by member-1." in done.out
    (signers := tmp_path / "signers").write_text(
        f'overseer namespaces="cpvol-checkpoint" {re.findall("ssh-ed25519 .*", done.err)[0]}\n'
    )
    signature = next(tmp_path.glob("checkpoint.txt.*.sig"))
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "overseer"]
    subprocess.run(
        [*verify, "-n", "cpvol-checkpoint", "-s", str(signature)],
        input=place.read_bytes(),
        capture_output=True,
        check=True,
    )
    refused(world, "audit.countersign", str(older), says="you countersigned .* before")
    stock_git(world.records, "update-ref", "refs/heads/main", "main~1")
    spoilt = world.run("audit.countersign", str(place), status=2)
    assert "the history was cut" in spoilt.out
    assert "was not countersigned" in spoilt.err


def test_an_old_checkpoint_is_said_where_the_due_dates_are(world: World) -> None:
    world.run("checkpoint")
    settings = world.home / "settings.json"
    text = settings.read_text()
    settings.write_text(re.sub(r'("checkpoint": )"[^"]+"', r'\1"2026-01-02"', text))
    assert "The last checkpoint was made" in world.run("due", status=None).err
    assert re.search(r"made \d+ days ago", world.run("checkpoint").err)
    assert "checkpoint" not in world.run("due", status=None).err
