"""People at the command line: cards, words, roles, leaving, new keys; and what does not go by accident."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from cpvol import membership
from cpvol.errors import CpvolError
from cpvol.ledger.members import BadMembers
from cpvol.membership import Card, KeepsNobody, NoSuchMember, NotACard, read_card
from cpvol.register import NotAllowed
from cpvol.tasks import copies, keys, members, setup, sync, tasks_at
from cpvol.tasks.lookup import list_records
from cpvol.tasks.session import IDENTITY_FILE, NEXT_FILE, Session
from cpvol.tasks.values import BadInput
from cpvol.vault import credential
from tests.support.people import keys_of, words_of
from tests.support.programs import needs
from tests.support.weak_scrypt import lock_quickly

pytestmark = needs("git")

PASSPHRASE = "cobalt lantern forty geese"


@pytest.fixture(autouse=True)
def quick_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credential, "lock", lock_quickly)


class Desk:
    """One person's computer."""

    def __init__(self, root: Path, name: str) -> None:
        self.home = root / f"{name}-home"
        self.folder = root / name
        self.page = root / f"{name}-page.html"

    @property
    def session(self) -> Session:
        environ = {
            "CPVOL_HOME": str(self.home),
            "CPVOL_RECORDS": str(self.folder),
            "CPVOL_PASSPHRASE": PASSPHRASE,
        }
        return Session(environ, project=None)

    def init(self) -> None:
        setup.init(
            self.session,
            name="The Larches",
            access="query",
            logs=None,
            handle=None,
            recovery_page=str(self.page),
            yes=True,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, "first")
    made.init()
    return made


def joined(root: Path, first: Desk, capsys: pytest.CaptureFixture[str], **given: str) -> Desk:
    """Somebody who joined by way of the invitation and was added."""
    second = Desk(root, "second")
    anchor = printed(capsys, lambda: setup.anchor(first.session))
    card = printed(
        capsys,
        lambda: members.join(
            second.session, handle="member-2", address=str(root / "place.git"), anchor=anchor
        ),
    )
    roles = {"roles": "coordinator", "reads": "all"} | given
    members.add(first.session, card=card, handle=None, words=words_of(card), **roles)
    sync.sync(second.session, yes=True, put_back=False)
    return second


def run_draft(desk: Desk, line: str) -> None:
    """Enter the breach that ``member.lost`` drafts, as it stands on the screen."""
    words = shlex.split(line.partition(" breach.add ")[2])
    given = {n[2:].replace("-", "_"): v for n, v in zip(words[::2], words[1::2], strict=True)}
    task = tasks_at("log breach")[0]
    rest: dict[str, object] = {p.name: False if p.flag else None for p in task.params}
    task.act(desk.session, **rest | given)


def printed(capsys: pytest.CaptureFixture[str], act: object) -> str:
    capsys.readouterr()
    act()  # type: ignore[operator]
    return capsys.readouterr().out.strip()


def test_a_newcomer_joins_by_the_invitation_and_reads(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    invitation = capsys.readouterr().out
    assert "inv join --address" in invitation
    assert "AGE-SECRET" not in invitation
    second = joined(tmp_path, desk, capsys)
    list_records(second.session, log="person", all=False, json=False)
    assert "no entries yet" in capsys.readouterr().out
    told = printed(capsys, lambda: members.show_list(second.session, json=True))
    assert [(m["handle"], m["roles"]) for m in json.loads(told)] == [
        ("member-1", ["admin", "coordinator"]),
        ("member-2", ["coordinator"]),
    ]


def test_a_place_that_cannot_be_used_leaves_the_old_one_named(tmp_path: Path, desk: Desk) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "a.txt").write_text("hello")
    with pytest.raises(CpvolError, match="no meeting place"):
        sync.share(desk.session, address=str(letters), yes=False)
    with pytest.raises(CpvolError, match="no meeting place yet"):
        sync.sync(desk.session, yes=False, put_back=False)
    sync.share(desk.session, address=str(tmp_path / "one.git"), yes=False)
    sync.share(desk.session, address=str(tmp_path / "two.git"), yes=False)
    with pytest.raises(CpvolError, match="no meeting place"):
        sync.share(desk.session, address=str(letters), yes=False)
    sync.sync(desk.session, yes=False, put_back=False)


def test_nobody_is_trusted_unseen_at_the_first_sync(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    second = joined(tmp_path, desk, capsys, roles="admin,coordinator")
    # Somebody for whom nothing was ever compared on this computer, as before there was a meeting place.
    (desk.home / "settings.json").unlink()
    third = Desk(tmp_path, "third")
    card = printed(
        capsys,
        lambda: members.join(third.session, handle="member-3", address=None, anchor=None),
    )
    members.add(
        second.session,
        card=card,
        handle=None,
        roles="coordinator",
        reads="all",
        words=words_of(card),
    )
    words = words_of(card)
    # To say yes to everything is not to have heard anything.
    for yes, heard in ((False, ()), (True, ()), (True, ("other words",))):
        sync.sync(desk.session, yes=yes, words=heard, put_back=False)
        told = capsys.readouterr().err
        assert f"The words of their keys:\n  {words}" in told
        assert "member-3 cannot open what you enter" in told
    sync.sync(desk.session, yes=False, words=("other words", words.upper()), put_back=False)
    assert "cannot open" not in capsys.readouterr().err
    sync.sync(desk.session, yes=False, put_back=False)
    assert "The words of their keys" not in capsys.readouterr().err


def test_the_words_of_a_card_are_those_that_the_admin_sees(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    second = Desk(tmp_path, "second")
    members.join(second.session, handle="member-2", address=None, anchor=None)
    shown = capsys.readouterr()
    members.join(second.session, handle="other", address=None, anchor=None)
    again = capsys.readouterr()
    assert again.out == shown.out
    assert "the short name member-2; they are used, and other is not" in again.err
    words = keys.words(read_card(shown.out.strip()).keys)
    assert words in shown.err

    def add(heard: str | None) -> None:
        members.add(
            desk.session, card=shown.out, handle=None, roles="auditor", reads="all", words=heard
        )

    with pytest.raises(members.NotCompared):
        add(None)
    for others in ("", words.partition(" ")[2], " ".join(reversed(words.split()))):
        with pytest.raises(BadInput, match="not the words of that card"):
            add(others)
    add(words.upper())


@pytest.mark.parametrize("card", ["", "cpvol-card-1:member-2:age1x:AAAA", "hello"])
def test_half_a_card_is_refused(card: str) -> None:
    with pytest.raises(NotACard):
        read_card(card)


@pytest.mark.parametrize("yes", [False, True])
def test_the_last_admin_and_the_last_reader_stay(desk: Desk, *, yes: bool) -> None:
    """What cannot be is said before anybody is asked whether it shall be."""
    with pytest.raises(KeepsNobody, match="change the members"):
        members.remove(desk.session, handle="member-1", yes=yes)
    with pytest.raises(KeepsNobody, match="change the members"):
        members.change_roles(
            desk.session, handle="member-1", roles="coordinator", reads="all", yes=yes
        )
    with pytest.raises(KeepsNobody, match="could read the log"):
        members.change_roles(desk.session, handle="member-1", roles="admin", reads=None, yes=yes)
    for nobody in ("member-7", "recovery"):
        with pytest.raises(NoSuchMember):
            members.remove(desk.session, handle=nobody, yes=yes)


def test_nobody_is_taken_out_unasked(desk: Desk) -> None:
    with desk.session.register() as register:
        card = Card("member-2", keys_of(credential.generate()))
        membership.add(register, card, ("auditor",), ("all",), now=desk.session.now())
    with pytest.raises(members.NotConfirmed) as refusal:
        members.remove(desk.session, handle="member-2", yes=False)
    assert "--yes" in refusal.value.hint


def test_who_leaves_is_out_at_once_and_everybody_hears_what_is_to_do(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    second = joined(tmp_path, desk, capsys)
    members.remove(desk.session, handle="member-2", yes=True)
    told = capsys.readouterr()
    assert "cpvol-checkpoint-1" in told.out
    assert "take away their access to the meeting place" in told.err
    sync.sync(second.session, yes=True, put_back=False)
    with pytest.raises(CpvolError, match="belong to no present member"):
        list_records(second.session, log="person", all=False, json=False)


def test_whose_keys_were_lost_comes_back_under_the_same_handle(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    joined(tmp_path, desk, capsys)
    members.lost(desk.session, handle="member-2", yes=True)
    (draft,) = [line for line in capsys.readouterr().err.splitlines() if "breach.add" in line]
    assert "--category credentials" in draft
    run_draft(desk, draft)
    again = Desk(tmp_path, "again")
    card = printed(
        capsys,
        lambda: members.join(
            again.session, handle="member-9", address=str(tmp_path / "place.git"), anchor=None
        ),
    )
    members.add(
        desk.session,
        card=card,
        handle="member-2",
        roles="coordinator",
        reads="all",
        words=words_of(card),
    )
    sync.sync(again.session, yes=True, put_back=False)
    list_records(again.session, log="person", all=False, json=False)


def test_only_an_admin_changes_the_members(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    second = joined(tmp_path, desk, capsys)
    with pytest.raises(NotAllowed):
        members.remove(second.session, handle="member-1", yes=True)
    with pytest.raises(NotAllowed):
        members.renew_page(second.session, recovery_page=str(tmp_path / "new.html"))
    assert not (tmp_path / "new.html").exists()


def test_a_new_recovery_page_is_known_to_the_others_by_its_name(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)
    second = joined(tmp_path, desk, capsys)
    capsys.readouterr()
    members.renew_page(desk.session, recovery_page=str(tmp_path / "new.html"))
    said = capsys.readouterr()
    name = said.err.partition("the others ask you for its name: ")[2].partition("\n")[0]
    assert len(name.split()) == 8
    assert f"Name of this page: {name}." in (tmp_path / "new.html").read_text("utf-8")
    # What is to be sent on stands right below the words that ask for it.
    assert "oversees the organisation:\nThe last" not in said.err
    sync.sync(second.session, yes=False, put_back=False)
    told = capsys.readouterr().err
    assert f"The name that stands on it:\n  {name}\n" in told
    assert "the new recovery page cannot open what you enter until you accept the words" in told


def test_a_handle_is_never_given_to_a_second_present_member(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    own = printed(capsys, lambda: members.card(desk.session))
    for handle in (None, "member-2"):
        with pytest.raises(BadMembers):
            members.add(
                desk.session,
                card=own,
                handle=handle,
                roles="auditor",
                reads="all",
                words=words_of(own),
            )


def test_new_keys_take_the_place_of_the_old_ones_only_when_they_were_sent(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place.git"
    sync.share(desk.session, address=str(place), yes=False)
    old = (desk.home / IDENTITY_FILE).read_bytes()
    place.rename(tmp_path / "away.git")
    with pytest.raises(CpvolError, match="no meeting place"):
        members.rotate(desk.session)
    assert (desk.home / IDENTITY_FILE).read_bytes() == old
    (tmp_path / "away.git").rename(place)
    members.rotate(desk.session)
    assert (desk.home / IDENTITY_FILE).read_bytes() != old
    assert not (desk.home / NEXT_FILE).exists()
    list_records(desk.session, log="person", all=False, json=False)


def test_a_change_of_keys_that_could_not_be_sent_is_finished_by_the_next_sync(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cpvol.ledger.remote import Meeting, NotReached

    sync.share(desk.session, address=str(tmp_path / "place.git"), yes=False)

    def broken(*_: object) -> None:
        raise NotReached

    with monkeypatch.context() as patch:
        patch.setattr(Meeting, "push", broken)
        with pytest.raises(NotReached):
            members.rotate(desk.session)
    assert (desk.home / NEXT_FILE).exists()
    list_records(desk.session, log="person", all=False, json=False)
    sync.sync(desk.session, yes=False, put_back=False)
    assert not (desk.home / NEXT_FILE).exists()
    list_records(desk.session, log="person", all=False, json=False)


def test_the_page_alone_brings_a_member_back_and_the_others_hear_of_it(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cpvol.vault import recovery

    secrets: list[str] = []
    real = recovery.generate

    def generate() -> str:
        secrets.append(real())
        return secrets[-1]

    monkeypatch.setattr(recovery, "generate", generate)
    first = Desk(tmp_path, "founder")
    first.init()
    sync.share(first.session, address=str(tmp_path / "place.git"), yes=False)
    second = joined(tmp_path, first, capsys)
    (first.home / IDENTITY_FILE).unlink()
    session = first.session
    session.environ["CPVOL_RECOVERY"] = secrets[0]
    setup.recover(session, handle="member-1", recovery_page=str(tmp_path / "page-2.html"), yes=True)
    list_records(first.session, log="person", all=False, json=False)
    sync.sync(second.session, yes=False, put_back=False)
    assert "page cannot open" not in capsys.readouterr().err
    list_records(second.session, log="person", all=False, json=False)


def test_backup_and_doctor_from_the_command_line(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    found_ = json.loads(printed(capsys, lambda: copies.doctor(desk.session, json=True)))
    assert "no backup on this computer yet" in [each["what"] for each in found_]
    copies.backup(desk.session, file=str(tmp_path / "b.cpvol"))
    assert "0 entries were opened from it" in capsys.readouterr().out
    copies.restore(Desk(tmp_path, "elsewhere").session, file=str(tmp_path / "b.cpvol"))
    found_ = json.loads(printed(capsys, lambda: copies.doctor(desk.session, json=True)))
    assert "no backup on this computer yet" not in [each["what"] for each in found_]
    assert "there is no meeting place: this copy is the only one" in [
        each["what"] for each in found_
    ]


def test_both_values_of_a_field_are_put_to_the_person_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    from cpvol.sync import Conflict
    from cpvol.tasks import ask
    from tests.support.entries import person

    asked: list[tuple[str, list[str]]] = []

    def pick(question: str, choices: list[tuple[str, str]]) -> str:
        asked.append((question, [words for _, words in choices]))
        return "ours"

    monkeypatch.setattr(ask, "pick", pick)
    session = desk.session
    conflict = Conflict(person(), "left_on", date(2009, 3, 31), None)
    assert not sync.settled(session, conflict)
    session.__dict__["terminal"] = True
    assert sync.settled(session, conflict)
    ((question, choices),) = asked
    assert question.startswith("Both of you changed “left on” (User register, number ")
    assert choices == ["nothing, which came in", "31/03/2009, which you entered"]
