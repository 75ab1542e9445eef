"""Nobody has to know a number: an entry is found by whom it is about, and shown by whom and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cpvol.errors import CpvolError
from cpvol.logs.fields import field_named
from cpvol.logs.hold import Hold
from cpvol.logs.shown import shown
from cpvol.logs.token import Token
from cpvol.tasks import ask, choose
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput, Reader, SeveralPeople
from tests.support.told import TODAY, told

BOOK = told()
READER = Reader(BOOK, TODAY)
PEOPLE = {person.name: person for person in READER.people()}
UNKNOWN = CpvolError("there is no entry with that number", "see `list`")
#: Somebody with two checks, and somebody with one.
TWICE, ONCE = (
    next(name for name, each in PEOPLE.items() if len(BOOK.about(each.id, "ecrb")) == count)
    for count in (2, 1)
)


class _Somebody(Session):
    """A session with somebody at the keyboard."""

    terminal = True


def spec(model: type[Any], name: str) -> Any:
    return field_named(model, name)


# -- one of them ------------------------------------------------------------------------------------------------------


def test_a_name_means_the_only_entry_about_somebody() -> None:
    found = choose.one_meant(Session(), READER, "ecrb", ONCE, UNKNOWN)
    assert found.id == BOOK.about(PEOPLE[ONCE].id, "ecrb")[0].id


def test_of_several_one_is_chosen_and_in_a_script_their_numbers_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = BOOK.about(PEOPLE[TWICE].id, "ecrb")
    with pytest.raises(BadInput, match="2 entries") as refused:
        choose.one_meant(Session(), READER, "ecrb", TWICE, UNKNOWN)
    assert all(each.id in refused.value.hint for each in both)
    offered: list[tuple[str, str]] = []

    def second(question: str, choices: Sequence[tuple[str, str]]) -> str:
        offered.extend(choices)
        return choices[1][0]

    monkeypatch.setattr(ask, "pick", second)
    chosen = choose.one_meant(_Somebody(), READER, "ecrb", TWICE, UNKNOWN)
    assert chosen in both
    assert all(TWICE in words for id, words in offered if id)


def test_of_several_the_one_is_meant_that_fits_what_is_to_be_done() -> None:
    for only in BOOK.about(PEOPLE[TWICE].id, "ecrb"):
        found = choose.one_meant(Session(), READER, "ecrb", TWICE, UNKNOWN, only.__eq__)
        assert found is only
    with pytest.raises(BadInput, match="2 entries"):
        choose.one_meant(Session(), READER, "ecrb", TWICE, UNKNOWN, lambda _: False)


def test_nobody_of_that_name_is_told_as_an_unknown_number() -> None:
    with pytest.raises(BadInput, match=r"nobody of that name.*and there is no entry") as refused:
        choose.one_meant(Session(), READER, "ecrb", "Nobody Atall", UNKNOWN)
    assert "list person" in refused.value.hint
    # Whom of two was meant is asked, and not said to be no number.
    begin = [word[0] for name in PEOPLE for word in name.split()]
    shared = next(letter for letter in begin if begin.count(letter) > 1)
    with pytest.raises(SeveralPeople, match="people answer to that"):
        choose.one_meant(Session(), READER, "ecrb", shared, UNKNOWN)
    with pytest.raises(BadInput, match="no entries of the log shield"):
        choose.one_meant(_Somebody(), READER, "shield", ONCE, UNKNOWN)


def test_the_number_that_an_entry_bears_itself_is_enough() -> None:
    """What is printed on a token is at hand when it is lost; the number that we gave the entry is not."""
    token = next(each for each in BOOK.of("token") if isinstance(each, Token))
    assert choose.one_meant(Session(), READER, "token", token.number.lower(), UNKNOWN) is token
    assert choose.one_meant(Session(), READER, "", token.number, UNKNOWN) is token
    assert READER.read(spec(Token, "replaced_by"), token.number) == token.id
    with pytest.raises(CpvolError, match="no entry with that number"):
        choose.one_meant(Session(), READER, "sar", token.number, UNKNOWN)


def test_a_reference_takes_a_name_where_that_means_one_entry() -> None:
    replaced_by = spec(Token, "replaced_by")
    held = {name: BOOK.about(each.id, "token") for name, each in PEOPLE.items()}
    once = next(name for name, tokens in held.items() if len(tokens) == 1)
    assert READER.read(replaced_by, once) == held[once][0].id
    assert READER.read(replaced_by, held[once][0].id[:6]) == held[once][0].id
    several = next((name for name, tokens in held.items() if len(tokens) > 1), None)
    if several is not None:
        with pytest.raises(BadInput, match="several entries"):
            READER.read(replaced_by, several)
    with pytest.raises(BadInput, match="no entry"):
        READER.read(replaced_by, "Nobody Atall")


def test_a_name_does_not_hold_all_that_is_about_somebody_unseen() -> None:
    """In a script, one word for many entries would be taken for fewer or more than was meant."""
    with pytest.raises(BadInput, match="no entry with that number"):
        READER.read(spec(Hold, "entries"), ONCE)


# -- several ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str], list[list[str]]]:
    """What is typed, what of it is ticked (by the beginning of its words), and what was ticked before."""
    typed: list[str] = []
    ticks: list[str] = []
    before: list[list[str]] = []

    def tick(question: str, choices: Mapping[str, str], chosen: Sequence[str]) -> list[str]:
        before.append(list(chosen))
        wanted = ticks.pop(0)
        return [id for id, words in choices.items() if wanted in words]

    monkeypatch.setattr(ask, "_plain", lambda: False)
    monkeypatch.setattr(ask, "_answer", lambda question, default, among: typed.pop(0))
    monkeypatch.setattr(ask, "_tick", tick)
    return typed, ticks, before


def test_several_are_found_by_name_by_log_and_by_number(
    somebody: tuple[list[str], list[str], list[list[str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    typed, ticks, before = somebody
    round_ = BOOK.of("spotcheck")[0]
    typed += ["nobody at all", ONCE, "spotcheck", PEOPLE[TWICE].id, ONCE, ""]
    ticks += ["check issued", "", "user register", "user register"]
    found = ask.several(READER, "Entries:", needed=True)
    # The second time, what was ticked is offered so, and can be taken off.
    assert before[3] == [BOOK.about(PEOPLE[ONCE].id, "ecrb")[0].id]
    assert set(found) == {
        *(each.id for each in BOOK.of("spotcheck")),
        *(PEOPLE[TWICE].id, PEOPLE[ONCE].id),
    }
    assert round_.id in found
    assert "There is nobody of that name" in capsys.readouterr().err


def test_what_was_chosen_before_stands_until_it_is_taken_off(
    somebody: tuple[list[str], list[str], list[list[str]]],
) -> None:
    typed, _, _ = somebody
    typed += [""]
    ids = [BOOK.of("ecrb")[0].id]
    assert ask.several(READER, "Entries:", ids, needed=True) == ids


# -- shown ------------------------------------------------------------------------------------------------------------


def test_an_entry_that_is_referred_to_is_shown_by_whom_and_what_it_is() -> None:
    token = BOOK.of("token")[0]
    assert isinstance(token, Token)
    [holder] = [name for name, each in PEOPLE.items() if each.id == token.person]
    words = f"{holder}, token {token.number}, issued {token.issued_on:%d/%m/%Y} ({token.id})"
    assert shown(spec(Token, "replaced_by"), token.id, BOOK) == words
    several = shown(spec(Hold, "entries"), (token.id, token.person), BOOK)
    assert several == f"{words}; {holder}, user register ({token.person})"


def test_one_that_is_not_there_is_shown_by_its_number() -> None:
    assert shown(spec(Token, "replaced_by"), "0000000000", BOOK) == "0000000000"


def test_a_breach_is_known_by_those_whom_it_concerns() -> None:
    breach = next(each for each in BOOK.of("breach") if getattr(each, "persons", ()))
    concerned = BOOK.get(breach.persons[0])  # type: ignore[attr-defined]
    assert concerned is not None
    named = dict(ask.offered(BOOK.of("breach"), BOOK))
    assert named[breach.id].startswith(concerned.name)  # type: ignore[attr-defined]
