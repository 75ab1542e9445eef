"""Wrong input and a broken world: each a line, a hint, status 2, and nothing changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from cpvol import codec
from cpvol.register import Register
from cpvol.vault import credential
from tests.support.inspect_records import KEYRING, look
from tests.support.programs import needs
from tests.support.steps import Steps
from tests.support.weak_scrypt import lock_quickly
from tests.support.world import PASSPHRASE, Done, World, assert_refusal, ids, posix, refused

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

PERSON = (
    *("person.add", "--name=New Person", "--engagement=trustee", "--access=none"),
    "--joined-on=01/09/2008",
)
TRAINING = ("training.add", "--person=Robin Example", "--course=x", "--trainer=authority")
CHECK = ("ecrb.add", "--person=Robin Example", "--reference=1", "--issued-on=11/08/2008")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with Steps(tmp_path_factory.mktemp("steps")) as server:
        yield server


def test_an_ambiguous_person_lists_the_candidates(world: World) -> None:
    done = refused(world, *TRAINING[:1], "--person=Robin", *TRAINING[2:], says="2 people answer")
    hint = done.err.splitlines()[-1]
    for id in ids(world, "person"):
        assert id in hint
    assert "Robin Example (" in hint
    assert "Robin Sample (" in hint


def test_help_asked_for_at_the_end(world: World) -> None:
    done = refused(world, "person.leave", "--help", says="stands before the task")
    assert "--help person.leave" in done.err


def test_an_ambiguous_number_lists_the_candidates(world: World) -> None:
    with Register.open(world.records, world.identity()) as register:
        first = register.records("person")[0]
        twins = [first.model_copy(update={"id": f"zzzzzzzzz{last}"}) for last in "01"]
        register.enter(twins, "add", entered=int(time.time()))
    refused(
        world,
        *("show", "zzzz"),
        says="several entries",
        hint=r"zzzzzzzzz0 \(person\), zzzzzzzzz1 \(person\)",
    )


@pytest.mark.parametrize(
    ("argv", "says", "hint"),
    [
        pytest.param(
            [*TRAINING[:1], "--person=Zaphod Beeblebrox", *TRAINING[2:]],
            "--person: there is nobody of that name",
            "list person",
            id="unknown person",
        ),
        pytest.param(["show", "zzzzzzzzzz"], "no entry", "list", id="unknown number"),
        pytest.param(["show", "z"], "", "", id="too short a number"),
        pytest.param(
            [*TRAINING, "--completed-on=31/02/2009"], "--completed-on: .*no such day", "31/03/2009",
            id="impossible date",
        ),
        pytest.param(
            [*PERSON, "--post-title=x", "--post-start=31/02/2009"],
            "--post-start: .*no such day",
            "31/03/2009",
            id="impossible date in a list",
        ),
        pytest.param(
            ["amend", "Robin Sample", "--set=joined_on=31/02/2009", "--reason=x"],
            "Joined on: there is no such day", "31/03/2009", id="a corrected day that no calendar has",
        ),
        pytest.param(
            [*TRAINING, "--completed-on=01/02/89"], "--completed-on: .*two digits", "all four",
            id="two-digit year",
        ),
        pytest.param(
            [*TRAINING, "--completed-on=2009-2-1"], "--completed-on: .*not a date", "31/03/2009",
            id="not a date",
        ),
        pytest.param(
            [*TRAINING, "--completed-on=01/01/2099"], "has not come yet", "correct the date",
            id="a day to come",
        ),
        pytest.param(
            [*TRAINING, "--booked-on=02/01/2009", "--completed-on=01/01/2009"],
            "“completed on” is before “booked on”", "correct",
            id="end before start",
        ),
        pytest.param(
            [*CHECK, "--decision=perhaps"], "--decision: .*none of the choices",
            "clear, accepted, failed",
            id="unknown category",
        ),
        pytest.param(
            [*CHECK, "--decision=cleer"], "none of the choices", "did you mean clear",
            id="misspelt category",
        ),
        pytest.param(["training.add"], "not given: --person, --course, --trainer", "terminal",
            id="all that is missing"),
        pytest.param(["amend", "Robin Example"], "not given: --set or --clear, --reason", "example",
            id="amend without anything"),
        pytest.param(["amend", "Robin Example", "--set=nmae=x", "--reason=x"], "no such field",
            "did you mean name", id="unknown field"),
        pytest.param(["amend", "Robin Example", "--clear=name", "--reason=x"], "cannot be empty",
            "--set", id="clearing what is needed"),
        pytest.param(
            ["amend", "Robin Example", "--set=joined-on=2008-09-01", "--reason=x"],
            "would change nothing", "show", id="unchanged"),
        pytest.param(["void", "Robin Example"], "not given: --reason", "why", id="void without why"),
        pytest.param(["list", "traning"], "no log of that name", "did you mean training",
            id="unknown log"),
        pytest.param(["person.rejoin", "Robin Example", "--joined-on=01/02/2009", "--access=none"],
            "has not left", "show", id="a step that does not fit"),
        pytest.param(["person.restore", "Robin Example", "--on=01/02/2009", "--reason=x"],
            "not suspended", "show", id="another step that does not fit"),
        pytest.param(["due", "--on=31/02/2009"], "no such day", "31/03/2009", id="impossible --on"),
        pytest.param(["due", "--within=soon"], "number of days", "whole number", id="bad --within"),
        pytest.param(["check", "--explain=nonsense"], "", "", id="unknown rule"),
        pytest.param(["init", "--name=x", "--access=both"], "not empty", "another folder",
            id="init twice"),
        pytest.param([PERSON[0], "--name=Robin\u202egnitniap", *PERSON[2:]], "cannot be seen",
            "correct", id="bidi in a name"),
        pytest.param([PERSON[0], "--name=Robin\x07", *PERSON[2:]], "cannot be seen", "correct",
            id="a control character in a name"),
        pytest.param([PERSON[0], "--name=Robin\nExample", *PERSON[2:]], "cannot be seen", "correct",
            id="two lines in a name"),
        pytest.param([PERSON[0], "--name=\udcff\udcfe", *PERSON[2:]], "cannot be seen", "correct",
            id="bytes that are no text"),
        pytest.param([PERSON[0], f"--name={'x' * 10_000_000}", *PERSON[2:]], "longer than 120",
            "fewer words", id="ten megabytes"),
        pytest.param([*PERSON, "--need-to-know=" + "x" * 501], "longer than 500", "fewer words",
            id="too long a text"),
        pytest.param([*PERSON, "--email=no-address"], "right form", "robin@charity.example", id="not an address"),
    ],
)  # fmt: skip
def test_wrong_input(
    steps: Steps, populated_once: World, argv: list[str], says: str, hint: str
) -> None:
    before = populated_once.files()
    done = steps.run(populated_once, argv)
    assert_refusal(done, says, hint, hidden=("Zaphod", "gnitniap", "no-address"))
    assert populated_once.files() == before


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("visits SW1A 1AA on Tuesdays", "postcode"),
        ("works with ab12cd", ""),
        ("lives at m1 1ae", "postcode"),
        ("born 01/02/1999", "date of birth"),
        ("DOB 1 Feb 1999", "date of birth"),
        ("her birthday is on 2001-02-03", "date of birth"),
    ],
)
def test_what_must_not_be_in_a_log(steps: Steps, world: World, text: str, what: str) -> None:
    argv = [*PERSON, f"--need-to-know={text}"]
    if what:
        before = world.files()
        done = steps.run(world, argv)
        assert_refusal(done, f"Why access is needed: .*{what}", "--reviewed", hidden=(text,))
        assert world.files() == before
    made = steps.run(world, [*argv, *(["--reviewed"] if what else []), "--json"])
    assert made.status == 0, made.err
    assert world.shown(made.json["id"])["need_to_know"] == text


# -- the credential --------------------------------------------------------------------------------------------------


def test_no_passphrase(world: World) -> None:
    env = {"CPVOL_PASSPHRASE": None}
    refused(world, *PERSON, says="passphrase is needed", hint="CPVOL_PASSPHRASE", env=env)


def test_wrong_passphrase(world: World) -> None:
    wrong = {"CPVOL_PASSPHRASE": "weather vane iron"}
    refused(
        world, *PERSON, says="wrong passphrase", hint="recovery page", env=wrong, hidden=("iron",)
    )


def test_no_credential(world: World) -> None:
    (world.home / "identity.age").unlink()
    refused(world, *PERSON, says="no keys on this computer", hint="recover")


def test_somebody_elses_identity(world: World) -> None:
    text = credential.encode(credential.generate(), "member-1", date(2009, 1, 1))
    (world.home / "identity.age").write_bytes(lock_quickly(text, PASSPHRASE))
    refused(world, *PERSON, says="no present member", hint="CPVOL_HOME")


def test_an_absurd_work_factor_is_told_before_any_work(world: World) -> None:
    text = credential.encode(world.identity(), "member-1", date(2009, 1, 1))
    (world.home / "identity.age").write_bytes(lock_quickly(text, PASSPHRASE, factor=30))
    refused(world, *PERSON, says="locked so heavily", hint="identity file")


@pytest.mark.parametrize(
    "content", [b"", b"AGE-SECRET-KEY-1", b"\x00" * 5000], ids=["empty", "plain", "zeros"]
)
def test_an_identity_file_that_is_none(world: World, content: bytes) -> None:
    (world.home / "identity.age").write_bytes(content)
    refused(
        world,
        *PERSON,
        says="not locked with a passphrase|not a cpvol identity",
        hint="identity.age",
    )


# -- the records --------------------------------------------------------------------------------------------------------


def loose(world: World, oid: str) -> Path:
    """Where an object lies, made writable."""
    path = world.records / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    return path


def record_object(world: World) -> str:
    return world.git("rev-parse", f"main:training/{_path(ids(world, 'training')[0])}").strip()


def _path(id: str) -> str:
    return f"{id[0]}/{id[1]}/{id}.yaml.age"


def keyring_object(world: World) -> str:
    inside = look(world.records)
    return inside.tree(inside.refs[KEYRING])["training.1.age"].oid


def flip(path: Path) -> None:
    """Change one bit inside an object, and pack it again as git would."""
    data = bytearray(zlib.decompress(path.read_bytes()))
    data[-1] ^= 1
    path.write_bytes(zlib.compress(bytes(data)))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty_out(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [flip, cut, empty_out, Path.unlink])
@pytest.mark.parametrize("which", [record_object, keyring_object])
@pytest.mark.parametrize("argv", [("list", "training"), PERSON], ids=["reading", "writing"])
def test_a_damaged_object(
    steps: Steps,
    world: World,
    which: Callable[[World], str],
    spoil: Callable[[Path], None],
    argv: tuple[str, ...],
) -> None:
    spoil(loose(world, which(world)))
    before = world.files()
    done = steps.run(world, argv)
    assert_refusal(done, "missing or damaged|is damaged", "another copy")
    assert world.files() == before


def test_a_damaged_record_that_is_signed_for(world: World) -> None:
    """The object is sound and the signature good; only what is inside does not open."""
    id = ids(world, "training")[0]
    path = f"training/{_path(id)}"
    sealed = bytearray((world.records / path).read_bytes())
    sealed[-1] ^= 1
    signed_change(world, {path: bytes(sealed)})
    refused(world, "list", "training", says=f"entry {id} .*damaged", hint="another copy")


def test_an_unknown_format(world: World) -> None:
    text = (world.records / "organisation.yaml").read_bytes()
    assert codec.decode(text)["format"] == 1
    signed_change(world, {"organisation.yaml": text.replace(b"format: 1", b"format: 2")})
    for argv in (("list", "person"), ("due",), PERSON):
        refused(world, *argv, says="newer version of cpvol", hint="newest")


def test_a_change_that_cpvol_did_not_make(world: World) -> None:
    world.git(
        *("-c", "user.name=x", "-c", "user.email=x@example.invalid"),
        *("commit", "-q", "--allow-empty", "-m", "hello"),
    )
    refused(world, *PERSON, says="not in the form that cpvol writes", hint="do not trust")


def signed_change(world: World, files: dict[str, bytes]) -> None:
    """Put a change on top of main that is signed by a member as it should be, whatever it says."""
    from cpvol.ledger.transaction import locked

    now = int(time.time())
    with Register.open(world.records, world.identity()) as register, locked(register.git):
        ring = register.sealed_keyring()
        register.write(register._draft("records: spoil", "spoil", now, now, files, ring))


def test_an_old_keyring(world: World) -> None:
    old = world.git("rev-parse", "keyring").strip()
    objects = look(world.records).objects
    world.run(*PERSON)
    from cpvol.ledger.objects import encode_pack, make

    pack = encode_pack([make(kind, data) for kind, data in objects.values()])  # type: ignore[arg-type]
    subprocess.run(["git", "unpack-objects", "-q"], cwd=world.records, input=pack, check=True)
    world.git("update-ref", "refs/heads/keyring", old)
    refused(world, *PERSON, says="key.* is damaged", hint="another copy")


def test_no_keyring(world: World) -> None:
    world.git("branch", "-q", "-D", "keyring")
    refused(world, "list", "person", says="keys of these records are not here", hint="`join`")


# -- the computer --------------------------------------------------------------------------------------------------------


def test_another_git_repository(world: World) -> None:
    shutil.rmtree(world.records)
    subprocess.run(["git", "init", "-q", "-b", "main", str(world.records)], check=True)
    for argv in (("list", "person"), PERSON, ("anchor",)):
        refused(world, *argv, says="holds no cpvol records", hint="init")
    world.git(
        *("-c", "user.name=x", "-c", "user.email=x@example.invalid"),
        *("commit", "-q", "--allow-empty", "-m", "hello"),
    )
    refused(world, *PERSON, says="holds no cpvol records", hint="init")
    refused(
        world,
        *("init", "--name=x", "--access=both", f"--recovery-page={world.root / 'p.html'}"),
        says="not empty",
        hint="another folder",
    )


@pytest.mark.parametrize(
    "make", [Path.mkdir, Path.touch, lambda path: None], ids=["empty", "file", "none"]
)
def test_no_records_there(world: World, make: Callable[[Path], None]) -> None:
    elsewhere = world.root / "elsewhere"
    make(elsewhere)
    env = {"CPVOL_RECORDS": str(elsewhere)}
    refused(world, *PERSON, says="holds no cpvol records", hint="init|CPVOL_RECORDS", env=env)


def test_no_git(world: World, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    env = {"PATH": str(nothing)}
    refused(world, *PERSON, says="git is not installed", hint="git-scm.com", env=env)
    new = World(tmp_path / "new")
    new.root.mkdir()
    refused(
        new,
        *("init", "--name=x", "--access=both", f"--recovery-page={new.page}"),
        says="git is not installed",
        hint="git-scm.com",
        env=env,
        module="tests.support.quick_lock",
    )
    assert not new.records.exists()


@posix
@pytest.mark.parametrize("blocks", [0, 1])
def test_no_file_may_grow(world: World, blocks: int) -> None:
    """The limit of the system on the size of files, in place of a full disk: the journal, or git's objects, meet it."""
    refs = look(world.records).refs
    done = with_limits(world, f"ulimit -f {blocks}")
    assert_refusal(done, "disk is full|could not be read or written", "")
    assert look(world.records).refs == refs
    assert world.git("status", "--porcelain") == ""
    assert world.run("list", "person", "--json").out.count('"id"') == 2


def with_limits(world: World, limit: str) -> Done:
    (world.root / "cwd").mkdir(exist_ok=True)
    ended = subprocess.run(
        ["sh", "-c", f'{limit}; exec "$@"', "sh", sys.executable, "-m", "cpvol", *PERSON],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        # Coverage could not write its own file either.
        env={k: v for k, v in world.env().items() if not k.startswith("COV")},
        cwd=world.root / "cwd",
    )
    return Done(ended.returncode, ended.stdout, ended.stderr)


@posix
@pytest.mark.parametrize("place", [".git", ".git/objects", ".git/refs/heads"])
def test_a_folder_that_may_not_be_written(world: World, place: str) -> None:
    folder = world.records / place
    for each in [folder, *folder.rglob("*")]:
        each.chmod(each.stat().st_mode & ~0o222)
    try:
        before = world.files()
        done = as_an_ordinary_user(world)
        assert_refusal(done, "cannot be written", "may write")
        assert world.files() == before
    finally:
        for each in [folder, *folder.rglob("*")]:
            each.chmod(each.stat().st_mode | 0o200)
    assert world.run("list", "person", "--json").out.count('"id"') == 2


def as_an_ordinary_user(world: World) -> Done:
    """Enter a person; for root, without the right to write where modes forbid it."""
    command = [sys.executable, "-m", "cpvol", *PERSON]
    if os.geteuid() == 0:
        drop = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
        if not shutil.which("setpriv") or subprocess.run([*drop, "true"], check=False).returncode:
            pytest.skip("root may write anywhere, and setpriv cannot take that away here")
        command = [*drop, *command]
    (world.root / "cwd").mkdir(exist_ok=True)
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=world.env(),
        cwd=world.root / "cwd",
    )
    return Done(ended.returncode, ended.stdout, ended.stderr)


# -- the command line ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["person.ad"], id="unknown task"),
        pytest.param(["person.add", "--nmae=x"], id="unknown option"),
        pytest.param(["show"], id="missing argument"),
        pytest.param(["person.add", "--name"], id="missing value"),
        pytest.param(["person.add", "--name=Pat", "--name=Robin"], id="an option twice"),
        pytest.param(["person.add", "--name", "Robin", "Example"], id="words without quotes"),
    ],
)
def test_a_command_line_that_cannot_be_understood(
    steps: Steps, populated_once: World, argv: list[str]
) -> None:
    """Invoke ends these with status 1; cpvol adds the hint."""
    before = populated_once.files()
    done = steps.run(populated_once, argv)
    assert done.status == 1
    assert done.out == ""
    assert re.fullmatch(r"cpvol: [^\n]+\n  [^\n]+\n", done.err)
    assert "Robin" not in done.err
    assert "Example" not in done.err
    assert populated_once.files() == before
