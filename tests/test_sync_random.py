"""Random operations by several people in any order: all copies become one, and nothing confirmed is lost.

A kill between two steps of a sync is a sync that ends before it has sent, as a broken connection would end it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
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

from cpvol.audit import verify
from cpvol.errors import CpvolError
from cpvol.ledger.remote import Meeting, NotReached
from cpvol.vault import credential
from tests.support.people import Someone, found
from tests.support.programs import needs

pytestmark = needs("git")

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = st.integers(min_value=0, max_value=2)
FIELDS = st.sampled_from(["email", "need_to_know", "override_agreed_by"])


class People(RuleBasedStateMachine):
    """Three members; the first is the admin. What each confirmed is kept beside, as a plain list."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="cpvol-random-"))
        self.group, first = found(self.root)
        self.members = [first]
        self.members += [self.group.newcomer(first, f"member-{n}") for n in (2, 3)]
        #: By number: every value that somebody confirmed for a field, and must find again.
        self.entered: dict[str, list[tuple[str, str]]] = {}
        self.step = 0

    def teardown(self) -> None:
        """Sync until nothing moves, then compare."""
        if not hasattr(self, "root"):
            return
        try:
            self.converge()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)

    def value(self, field: str) -> str:
        self.step += 1
        return f"v{self.step}@charity.example" if field == "email" else f"value {self.step}"

    @rule(who=PEOPLE)
    def enter(self, who: int) -> None:
        self.step += 1
        self.entered[self.members[who].enter(f"Robin {self.step}")] = []

    @precondition(lambda self: self.entered)
    @rule(who=PEOPLE, which=st.integers(min_value=0), field=FIELDS)
    def amend(self, who: int, which: int, field: str) -> None:
        someone = self.members[who]
        known = sorted(self.entered.keys() & someone.records().keys())
        if known:
            id, value = known[which % len(known)], self.value(field)
            someone.amend(id, **{field: value})
            self.entered[id].append((field, value))

    @rule(who=PEOPLE)
    def sync(self, who: int) -> None:
        self.members[who].sync()

    @rule(who=PEOPLE)
    def sync_and_lose_the_connection(self, who: int) -> None:
        def broken(*_: object) -> None:
            raise NotReached

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Meeting, "push", broken)
            with suppress(NotReached):
                self.members[who].sync()

    @rule(who=PEOPLE)
    def rotate(self, who: int) -> None:
        someone = self.members[who]
        someone.sync()
        someone.rotate()
        someone.sync()

    @rule()
    def somebody_loses_a_laptop(self) -> None:
        first, third = self.members[0], self.members[2]
        third.sync()
        first.sync()
        first.remove(third, lost=True)
        self.step += 1
        folder = self.root / f"again-{self.step}"
        again = Someone("member-3", folder, self.group.place, self.group.clock)
        first.add(again)
        first.sync()
        again.join()
        self.members[2] = again

    @invariant()
    def every_copy_is_sound(self) -> None:
        for someone in getattr(self, "members", []):
            with someone.open() as register:
                register.sealed_keyring()

    def converge(self) -> None:
        for someone in (*self.members, *self.members):
            someone.sync()
        assert len({someone.tips() for someone in self.members}) == 1
        with self.members[0].open() as register:
            git, tip = register.git, register.head.oid
            assert verify(git, tip, anchor=None, now=self.group.clock()).problems == []
            assert git.run("rev-list", "--min-parents=2", tip) == b""
        for someone in self.members:
            records = someone.records()
            assert records.keys() == self.entered.keys()
            for id, values in self.entered.items():
                self.nothing_is_lost(records[id].content(), values)

    @staticmethod
    def nothing_is_lost(content: dict[str, Any], values: list[tuple[str, str]]) -> None:
        """Every change is listed, and every field holds one of the values that were confirmed for it."""
        changes = content.get("amendments", [])
        assert len(changes) >= len(values)
        for field in {field for field, _ in values}:
            given = [value for name, value in values if name == field]
            assert content[field] in given


def test_all_copies_become_one_and_nothing_confirmed_is_lost() -> None:
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=4,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
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
