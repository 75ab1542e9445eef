"""Random operations by several people in any order: all copies become one, and nothing confirmed is lost.

Two to four people enter, correct, join, leave, change roles and keys, lose a laptop, dispose of entries and sync, and any
of it may be killed before any step that leaves a trace outside the process: in a fork of the test, by SIGKILL. A few
runs of it are part of the suite; ``CPVOL_RANDOM_RUNS`` says how many there shall be, ``CPVOL_RANDOM_STEPS`` how long.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cpvol import disposal, membership
from cpvol.audit import verify
from cpvol.errors import CpvolError
from cpvol.ledger.remote import Meeting, NotReached
from cpvol.register import NotAllowed
from cpvol.sync import handover
from cpvol.sync.handover import Packed
from cpvol.sync.replay import Left
from cpvol.vault import credential
from tests.support.astray import publish, without
from tests.support.people import Someone, found, keys_of
from tests.support.programs import needs
from tests.support.steps import dying

pytestmark = needs("git")

ROOT = Path(__file__).resolve().parents[1]
RUNS = int(os.environ.get("CPVOL_RANDOM_RUNS", "4"))
STEPS = int(os.environ.get("CPVOL_RANDOM_STEPS", "14"))
PEOPLE = st.integers(min_value=0, max_value=3)
#: Before which step of a fork it is killed; most tasks have fewer.
AT = st.integers(min_value=1, max_value=40)
FIELDS = st.sampled_from(["email", "need_to_know", "override_agreed_by"])
#: In how many rounds of syncs all copies have to be one.
ROUNDS = 3
CAN_BE_KILLED = hasattr(os, "fork")
ON = date(2009, 3, 2)


class People(RuleBasedStateMachine):
    """Two to four members; the first is the admin. What each confirmed is kept beside, as a plain list."""

    @initialize(count=st.integers(min_value=2, max_value=4), confiding=st.booleans())
    def begin(self, count: int, confiding: bool) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="cpvol-random-"))
        self.group, first = found(self.root)
        self.members = [first]
        #: By number: every value that somebody confirmed for a field, and must find again.
        self.entered: dict[str, list[tuple[str, str]]] = {}
        #: The numbers of the entries that somebody proposed for disposal: they may be gone, everywhere or nowhere.
        self.doomed: set[str] = set()
        #: The handles that a closed entry is for, by its number.
        self.closed: dict[str, tuple[str, ...]] = {}
        #: Whether there are closed entries; nobody destroys a person's entry then who cannot read them all.
        self.confiding = confiding
        self.step = 0
        for _ in range(count - 1):
            self.join()

    def teardown(self) -> None:
        """Sync until nothing moves, then compare."""
        if not hasattr(self, "root"):
            return
        try:
            self.converge()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)

    def who(self, number: int) -> Someone:
        return self.members[number % len(self.members)]

    def value(self, field: str) -> str:
        self.step += 1
        return f"v{self.step}@charity.example" if field == "email" else f"value {self.step}"

    def join(self) -> None:
        self.step += 1
        self.members.append(self.group.newcomer(self.members[0], f"member-{self.step + 1}"))

    # -- entries ---------------------------------------------------------------------------------------------------

    @rule(number=PEOPLE)
    def enter(self, number: int) -> None:
        self.step += 1
        self.entered[self.who(number).enter(f"Robin {self.step}")] = []

    @precondition(lambda self: self.confiding)
    @rule(number=PEOPLE)
    def enter_closed(self, number: int) -> None:
        """An entry for the first and one other alone."""
        self.step += 1
        someone = self.who(number)
        readers = tuple(sorted({self.members[0].handle, someone.handle}))
        id = someone.enter(f"Robin {self.step}", readers=readers)
        self.entered[id], self.closed[id] = [], readers

    @precondition(lambda self: self.entered)
    @rule(number=PEOPLE, which=st.integers(min_value=0), field=FIELDS)
    def amend(self, number: int, which: int, field: str) -> None:
        someone = self.who(number)
        known = sorted(self.entered.keys() & someone.records().keys())
        if known:
            id, value = known[which % len(known)], self.value(field)
            someone.amend(id, **{field: value})
            self.entered[id].append((field, value))

    # -- syncs -----------------------------------------------------------------------------------------------------

    @rule(number=PEOPLE)
    def sync(self, number: int) -> None:
        self.who(number).sync()

    @rule(number=PEOPLE)
    def sync_and_lose_the_connection(self, number: int) -> None:
        def broken(*_: object) -> None:
            raise NotReached

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Meeting, "push", broken)
            with suppress(NotReached):
                self.who(number).sync()

    # -- killed before any step --------------------------------------------------------------------------------------

    @precondition(lambda self: CAN_BE_KILLED)
    @rule(number=PEOPLE, at=AT)
    def enter_and_be_killed(self, number: int, at: int) -> None:
        someone, name = self.who(number), f"Robin {self.step}"
        before = someone.records().keys()
        dying(at, lambda: someone.enter(name))
        for id in someone.records().keys() - before:
            self.entered[id] = []

    @precondition(lambda self: CAN_BE_KILLED and self.entered)
    @rule(number=PEOPLE, which=st.integers(min_value=0), at=AT)
    def amend_and_be_killed(self, number: int, which: int, at: int) -> None:
        someone = self.who(number)
        known = sorted(self.entered.keys() & someone.records().keys())
        if known:
            id, value = known[which % len(known)], self.value("email")
            dying(at, lambda: someone.amend(id, email=value))
            if someone.records()[id].content().get("email") == value:
                self.entered[id].append(("email", value))

    @precondition(lambda self: CAN_BE_KILLED)
    @rule(number=PEOPLE, at=AT)
    def sync_and_be_killed(self, number: int, at: int) -> None:
        someone = self.who(number)
        before = someone.records().keys()
        dying(at, someone.sync)
        with someone.open() as register:
            register.sealed_keyring()
        assert before - someone.records().keys() <= self.doomed

    @precondition(lambda self: CAN_BE_KILLED)
    @rule(number=PEOPLE, at=AT)
    def rotate_and_be_killed(self, number: int, at: int) -> None:
        someone, new = self.who(number), credential.generate()
        someone.sync()

        def change() -> None:
            with someone.open() as register:
                membership.rotate(register, keys_of(new), now=someone.clock())

        if someone.trusted is not None:
            someone.trusted.add(new.age_public)
        dying(at, change)
        with someone.open() as register:
            rotated = register.members.holding(keys_of(new)) is not None
        if rotated:
            someone.former, someone.identity = someone.identity, new
        someone.sync()

    @precondition(lambda self: CAN_BE_KILLED and self.doomed)
    @rule(number=PEOPLE, at=AT)
    def dispose_and_be_killed(self, number: int, at: int) -> None:
        someone = self.who(number)
        dying(at, lambda: self.dispose_of_everything(someone))

    @precondition(lambda self: CAN_BE_KILLED and len(self.members) < 4)
    @rule(at=AT)
    def add_and_be_killed(self, at: int) -> None:
        """Whoever was not added is added once more, and can join."""
        self.step += 1
        first, made = self.members[0], self.group.someone(f"member-{self.step + 1}")
        first.sync()
        dying(at, lambda: first.add(made))
        if not self.is_present(made):
            first.add(made)
        first.sync()
        made.join()
        self.members.append(made)

    @precondition(lambda self: CAN_BE_KILLED and len(self.members) > 2)
    @rule(at=AT)
    def remove_and_be_killed(self, at: int) -> None:
        """Whoever was not removed is removed once more; they had sent what they entered."""
        first, leaver = self.members[0], self.members.pop()
        leaver.sync()
        first.sync()
        dying(at, lambda: first.remove(leaver))
        if self.is_present(leaver):
            first.remove(leaver)
        first.sync()

    def is_present(self, someone: Someone) -> bool:
        with self.members[0].open() as register:
            member = register.members.get(someone.handle)
            return member is not None and member.present

    # -- members and keys --------------------------------------------------------------------------------------------

    @rule(number=PEOPLE)
    def rotate(self, number: int) -> None:
        someone = self.who(number)
        someone.sync()
        someone.rotate()
        someone.sync()

    @precondition(lambda self: len(self.members) < 4)
    @rule()
    def somebody_joins(self) -> None:
        self.join()

    @rule(narrow=st.booleans())
    def roles_change(self, narrow: bool) -> None:
        first, last = self.members[0], self.members[-1]
        last.sync()
        first.sync()
        roles = ("coordinator",) if narrow else ("admin", "coordinator")
        with first.open() as register, suppress(CpvolError):
            membership.change_roles(register, last.handle, roles, ("all",), now=first.clock())
        first.sync()

    @rule()
    def somebody_loses_a_laptop(self) -> None:
        first, last = self.members[0], self.members[-1]
        last.sync()
        first.sync()
        first.remove(last, lost=True)
        self.step += 1
        folder = self.root / f"again-{self.step}"
        again = Someone(last.handle, folder, self.group.place, self.group.clock)
        first.add(again)
        first.sync()
        again.join()
        self.members[-1] = again

    @precondition(lambda self: len(self.members) > 2)
    @rule()
    def somebody_leaves_and_hands_over(self) -> None:
        """Whoever leaves has a moment in which nobody reads their entries but from the file they leave."""
        first, leaver = self.members[0], self.members.pop()
        first.sync()
        first.remove(leaver)
        first.sync()
        handed: list[Packed] = []

        def hand_over(packed: Packed) -> bool:
            handed.append(packed)
            return True

        with suppress(Left):
            leaver.sync(replace(leaver.voice(), hand_over=hand_over))
        for packed in handed:
            with first.open() as register:
                left = handover.enter(
                    register,
                    handover.read(register, packed.data),
                    lambda id: disposal.of_record(register, id) is not None,
                    settle=lambda _: False,
                    now=first.clock(),
                )
            assert {each.why for each in left} <= {"", *handover.SETTLED, _GONE}

    # -- disposal ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.entered)
    @rule(number=PEOPLE, which=st.integers(min_value=0))
    def propose(self, number: int, which: int) -> None:
        someone = self.who(number)
        known = sorted(self.entered.keys() & someone.records().keys())
        if known:
            id = known[which % len(known)]
            with someone.open() as register, suppress(disposal.NotDue, NotAllowed):
                disposal.propose(register, ids=[id], reason="duplicate", on=ON, now=someone.clock())
                self.doomed.add(id)

    @precondition(lambda self: self.doomed)
    @rule(number=PEOPLE)
    def approve_and_dispose(self, number: int) -> None:
        self.dispose_of_everything(self.who(number))

    @staticmethod
    def dispose_of_everything(someone: Someone) -> None:
        with someone.open() as register:
            for each in disposal.everything(register):
                if each.open and each.proposal.by != someone.handle:
                    with suppress(disposal.NotDue, disposal.NotApproved, NotAllowed):
                        done = disposal.approve(
                            register, each, without=[], on=ON, now=someone.clock()
                        )
                        disposal.dispose(register, done.id, on=ON, now=someone.clock())

    # -- somebody who means ill ------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.members) > 1)
    @rule(number=PEOPLE, which=st.integers(min_value=0))
    def sign_keys_away(self, number: int, which: int) -> None:
        """Sign for a keyring that lacks the keys of an entry which every copy has as it is, and send it.

        Where one does not have it, its author has to sync before the others can; see :mod:`tests.test_sync_keys`.
        """
        someone = self.who(number)
        someone.sync()
        same = set[str].intersection(*map(stored, self.members))
        everywhere = {id for id in someone.records() if any(id in each for each in same)}
        if everywhere:
            publish(someone, without(someone, sorted(everywhere)[which % len(everywhere)]))

    def hidden(self, someone: Someone) -> set[str]:
        """The numbers of the entries that are closed to somebody."""
        return {id for id, readers in self.closed.items() if someone.handle not in readers}

    # -- what holds ----------------------------------------------------------------------------------------------------

    @invariant()
    def every_copy_is_sound(self) -> None:
        for someone in getattr(self, "members", []):
            with someone.open() as register:
                register.sealed_keyring()

    def converge(self) -> None:
        # Whoever syncs last may seal the keys anew for a newcomer, which the others take with their next.
        for _ in range(ROUNDS):
            for someone in self.members:
                someone.sync()
            if len({someone.tips() for someone in self.members}) == 1:
                break
        assert len({someone.tips() for someone in self.members}) == 1
        with self.members[0].open() as register:
            git, tip = register.git, register.head.oid
            assert verify(git, tip, anchor=None, now=self.group.clock()).holds
            assert git.run("rev-list", "--min-parents=2", tip) == b""
            keys = {id for name in register.sealed_keyring() for id in register.ring.open(name)}
        for someone in self.members:
            records = someone.records()
            # Nobody finds the key of what is gone, and nothing is gone that nobody proposed.
            assert records.keys() == keys - self.hidden(someone)
            assert self.entered.keys() - records.keys() <= self.doomed | self.hidden(someone)
            for id in records:
                self.nothing_is_lost(records[id].content(), self.entered[id])

    @staticmethod
    def nothing_is_lost(content: dict[str, Any], values: list[tuple[str, str]]) -> None:
        """Every change is listed, and every field holds one of the values that were confirmed for it."""
        changes = content.get("amendments", [])
        assert len(changes) >= len(values)
        for field in {field for field, _ in values}:
            given = [value for name, value in values if name == field]
            assert content[field] in given


def stored(someone: Someone) -> set[str]:
    """The entries in a copy as they are, those that are closed to its owner too: a path and an object's id each."""
    with someone.open() as register:
        files = register.git.files(register.head.oid)
        return {f"{path} {entry.oid}" for path, entry in files.items()}


#: A change of an entry that was destroyed before it could be handed over.
_GONE = "there is no such entry to change"


def test_all_copies_become_one_and_nothing_confirmed_is_lost() -> None:
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            # The same runs each time, so that a change is judged by itself; the longer search looks for new ones.
            derandomize="CPVOL_RANDOM_RUNS" not in os.environ,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


SYNC = """
import sys
from pathlib import Path
from cpvol.ledger.remote import Meeting
from cpvol.register import Register
from cpvol.sync import sync
from cpvol.vault import credential

folder, place, now = sys.argv[1:]
identity, _ = credential.unpack(sys.stdin.read())
with Register.open(Path(folder), identity) as register:
    sync(register, Meeting(register.git, place), published=None, clock=lambda: int(now))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no way here to end a program at once")
def test_a_sync_that_is_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    entered = []
    for number in range(8):
        entered.append(first.enter(f"Robin {number}"))
        first.sync()
        entered.append(second.enter(f"Sandy {number}"))
        arguments = [str(second.folder), str(group.place), str(group.clock())]
        running = subprocess.Popen(
            [sys.executable, "-c", SYNC, *arguments], stdin=subprocess.PIPE, cwd=ROOT
        )
        packed = credential.pack(second.identity, second.handle).encode()
        # Sooner and later each time, from before it has read anything until after it is done.
        with suppress(subprocess.TimeoutExpired):
            running.communicate(packed, timeout=0.3 + number * 0.15)
        running.kill()
        running.wait()
        second.published = None
        assert set(entered) <= set(second.records()) | set(first.records())
        second.sync()
        first.sync()
        assert first.tips() == second.tips()
    assert set(first.records()) == set(entered)


def test_a_sync_that_ended_before_it_sent_is_finished_by_the_next(tmp_path: Path) -> None:
    group, first = found(tmp_path)
    second = group.newcomer(first, "member-2")
    first.enter("Robin A")
    first.sync()
    id = second.enter("Robin B")

    def broken(*_: object) -> None:
        raise NotReached

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Meeting, "push", broken)
        with pytest.raises(CpvolError):
            second.sync()
    first.enter("Robin C")
    first.sync()
    second.sync()
    first.sync()
    assert first.tips() == second.tips()
    assert id in first.records()
