"""Readable without this program: stock git, ssh-keygen and age, led by nothing but the page inside the records."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.support.programs import needs
from tests.support.world import PASSPHRASE, World, page_secret, posix, stock_git

pytest_plugins = ["tests.support.worlds"]
pytestmark = [needs("git", "age", "ssh-keygen"), posix]


@pytest.fixture(scope="module")
def lived_in(populated_once: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Make records in which everything happened once: entries, corrections, follow-up steps, a struck-out entry."""
    world = populated_once.copy(tmp_path_factory.mktemp("lived-in"))
    training = world.enter(
        "training.add",
        person="Robin Sample",
        course="Café “Ünïcode” training: on, off # not a comment",
        trainer="transferred",
        transferred_from="Elsewhere",
    )
    world.enter("amend", training["id"], set="completed-on=19/09/2008", reason="now known")
    world.enter("amend", training["id"], set="venue=Town hall", reason="it was left out")
    world.enter("void", training["id"], reason="entered twice")
    world.enter("person.move", "Robin Example", on="01/02/2009", post="Team leader")
    world.enter("person.leave", "Robin Example", left_on="01/06/2009", suspended_on="02/06/2009")
    check = world.run("list", "ecrb", "--json").json[0]["id"]
    world.enter("ecrb.fail", check, failed_on="01/10/2008")
    return world


@pytest.fixture
def copy(lived_in: World, tmp_path: Path) -> Path:
    """Give an auditor's copy, made as the page in the records says."""
    place = tmp_path / "copy"
    stock_git(tmp_path, "clone", "-q", "--no-local", str(lived_in.records), str(place))
    stock_git(place, "fetch", "-q", "origin", "keyring:keyring")
    return place


def page_blocks(folder: Path) -> list[str]:
    """The commands on the page inside the records, block by block, as they stand there."""
    text = stock_git(folder, "show", "main:README.md")
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == 5
    return found


def shell(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands as an auditor types them, in a plain POSIX shell."""
    return subprocess.run(
        ["sh", "-c", commands], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_pages_own_loop_accepts_every_change(copy: Path, lived_in: World) -> None:
    check, anchor, *_ = page_blocks(copy)
    done = shell(copy, check)
    count = int(lived_in.git("rev-list", "--count", "main"))
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["no merges", str(count)]
    assert count == 5 + 7
    first, fingerprint = shell(copy, anchor).stdout.split("\n", 1)
    told = lived_in.run("anchor").out.strip()
    assert told == f"cpvol-anchor-1:{first}:{fingerprint.split()[1]}"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param("author", id="an author who is not the signer"),
        pytest.param("key", id="a key that the parent does not list"),
        pytest.param("none", id="no signature"),
    ],
)
def test_the_pages_own_loop_refuses_a_change_that_nobody_signed(
    copy: Path, tmp_path: Path, spoil: str
) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    author = "somebody" if spoil == "author" else "member-1"
    sign = [] if spoil == "none" else ["-c", "commit.gpgSign=true"]
    stock_git(
        copy,
        *("-c", f"user.name={author}", "-c", f"user.email={author}@cpvol.invalid"),
        *("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}"),
        *sign,
        *("commit", "-q", "--allow-empty", "-m", "training: add nothing"),
    )
    done = shell(copy, page_blocks(copy)[0])
    assert f"BAD {stock_git(copy, 'rev-parse', 'main').strip()}" in done.stdout


def test_the_pages_own_loop_looks_at_the_branch_and_not_at_a_tag_of_its_name(copy: Path) -> None:
    check = page_blocks(copy)[0]
    stock_git(copy, "tag", "main", "main")
    author = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    stock_git(copy, *author, "commit", "-q", "--allow-empty", "-m", "nobody's")
    tip = stock_git(copy, "rev-parse", "refs/heads/main").strip()
    assert f"BAD {tip}" in shell(copy, check).stdout


def test_git_finds_nothing_amiss(lived_in: World) -> None:
    checked = subprocess.run(
        ["git", "fsck", "--strict", "--full"],
        cwd=lived_in.records,
        capture_output=True,
        text=True,
        check=True,
    )
    notices = [line for line in checked.stderr.splitlines() if "dangling" not in line]
    assert (checked.stdout, notices) == ("", [])
    assert lived_in.git("status", "--porcelain", "--ignored") == ""
    assert lived_in.git("rev-list", "--max-parents=0", "--count", "main") == "1\n"
    assert lived_in.git("rev-list", "--min-parents=2", "main") == ""


def test_age_opens_every_version_by_the_page_alone(
    copy: Path, lived_in: World, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.write_text(lived_in.identity().secret + "\n")
    versions = read_everything(copy, plain)
    assert sum(len(texts) for texts in versions.values()) == 4 + 7
    person = next(texts for path, texts in versions.items() if path.startswith("training/"))
    assert person
    last = [texts[-1] for path, texts in versions.items() if path.startswith("person/")]
    assert {each["name"] for each in last} == {"Robin Example", "Robin Sample"}
    voided = [t for texts in versions.values() for t in texts if t.get("voided")]
    assert [each["course"] for each in voided] == [
        "Café “Ünïcode” training: on, off # not a comment"
    ]


def test_age_opens_every_version_with_the_recovery_page(
    copy: Path, lived_in: World, tmp_path: Path
) -> None:
    typed = tmp_path / "typed"
    typed.write_text("AGE-SECRET-KEY-1" + page_secret(lived_in.page).replace(" ", "") + "\n")
    assert sum(len(texts) for texts in read_everything(copy, typed).values()) == 4 + 7


def test_age_opens_the_keys_with_the_credential_as_it_lies_on_the_disk(
    copy: Path, lived_in: World
) -> None:
    from tests.support.terminal import Terminal

    shutil.copy(lived_in.home / "identity.age", copy / "identity.age")
    commands = page_blocks(copy)[2]
    with Terminal(["sh", "-c", commands], env=dict(os.environ), cwd=copy) as terminal:
        terminal.answer("passphrase", PASSPHRASE)
        assert terminal.end() == 0
    assert "AGE-SECRET-KEY-1" in terminal.text


def read_everything(copy: Path, identity: Path) -> dict[str, list[dict[str, Any]]]:
    """Open every version of every record, by the commands of the page with only its example's names replaced.

    :returns: by path, the versions' contents, oldest first; each checked against the schema and the key's commitment.
    """
    _, _, keys, versions, commitment = page_blocks(copy)
    listing, opening = versions.splitlines()
    shutil.copy(identity, copy / "identity.age")
    name_files, open_file = keys.splitlines()
    held: dict[str, list[str]] = {}
    for name in shell(copy, name_files).stdout.split():
        lines = shell(copy, open_file.replace("training.1.age", name))
        assert lines.returncode == 0, lines.stderr
        for line in lines.stdout.splitlines():
            id, *its_keys = line.split(" ")
            held[id] = its_keys
    everything = stock_git(copy, "log", "--format=", "--name-only", "main", "--", "*.yaml.age")
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(set(everything.split())):
        id = path.rpartition("/")[2].partition(".")[0]
        commits = shell(
            copy, listing.replace("training/k/3/k3m9q2x7ab.yaml.age", path)
        ).stdout.split()
        assert len(commits) == len(held[id])
        for commit, key in zip(commits, held[id], strict=True):
            (copy / "key").write_text(key + "\n")
            command = opening.replace("training/k/3/k3m9q2x7ab.yaml.age", path)
            opened = shell(copy, command.replace("COMMIT", commit))
            assert opened.returncode == 0, opened.stderr
            said = stock_git(
                copy, "log", "-1", "--format=%(trailers:key=Key-SHA256,valueonly)", commit
            )
            assert shell(copy, commitment).stdout.split()[0] == said.strip()
            assert said.strip() == hashlib.sha256(key.encode()).hexdigest()
            found.setdefault(path, []).append(valid(copy, commit, opened.stdout))
    return found


def valid(copy: Path, commit: str, text: str) -> dict[str, Any]:
    """Read a record's text with a general YAML reader and check it against the schema that was in force."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    schema = json.loads(
        stock_git(copy, "show", f"{commit}:schemas/{data['log']}-{data['schema']}.json")
    )
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    checker.validate(data)
    with pytest.raises(jsonschema.ValidationError):
        checker.validate(data | {"something": "else"})
    return data
