"""Many records opened by several processes: the same texts, the same errors, and nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpvol.vault import envelope, many
from cpvol.vault.many import Sealed, openers

ROOT = Path(__file__).resolve().parents[1]
STARTS = [start for start in ("fork", "spawn") if start in multiprocessing.get_all_start_methods()]


@pytest.fixture(params=STARTS)
def _several(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_START", request.param)
    monkeypatch.setattr(many, "_LOT", 3)
    monkeypatch.setattr(many, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def sealed(count: int) -> list[Sealed]:
    keys = [envelope.new_key() for _ in range(count)]
    return [(envelope.seal(b"id: %d\n" % number, key), key) for number, key in enumerate(keys)]


def numbers(texts: Iterator[bytes]) -> list[int]:
    return [int(text.split()[1]) for text in texts]


@pytest.mark.usefixtures("_several")
@pytest.mark.parametrize("count", [0, 1, 3, 6, 7, 40])
def test_texts_come_in_order(count: int) -> None:
    with openers(max(count, 1)) as vault:
        assert len(multiprocessing.active_children()) == 2
        assert numbers(vault.open(sealed(count))) == list(range(count))
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("_several")
def test_a_damaged_record_is_told_when_it_is_its_turn() -> None:
    records = sealed(20)
    records[11] = (records[11][0][:-1] + b"\0", records[11][1])
    with openers(20) as vault:
        texts = vault.open(records)
        assert numbers(next(texts) for _ in range(11)) == list(range(11))
        with pytest.raises(envelope.DamagedRecord):
            next(texts)


@pytest.mark.usefixtures("_several")
def test_whoever_stops_in_the_middle_leaves_nobody_behind() -> None:
    with openers(40) as vault:
        texts = vault.open(sealed(40))
        next(texts)
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("_several")
def test_a_process_that_dies_is_done_without() -> None:
    with openers(40) as vault:
        texts = vault.open(sealed(40))
        first = next(texts)
        for process in multiprocessing.active_children():
            process.kill()
        assert numbers(iter([first, *texts])) == list(range(40))


def test_few_records_start_no_process() -> None:
    with openers(many.MANY - 1) as vault:
        assert multiprocessing.active_children() == []
        assert numbers(vault.open(sealed(2))) == [0, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_processes_end_with_a_program_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, time, multiprocessing; from cpvol.vault import many\n"
        "os.cpu_count = lambda: 2\n"
        "with many.openers(many.MANY):\n"
        "    print(*(p.pid for p in multiprocessing.active_children()), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        pids = program.stdout.readline().split()
        program.send_signal(signal.SIGKILL)
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(Path("/proc", pid).exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in pids if Path("/proc", pid).exists()]
    assert all("\nState:\tZ" in Path("/proc", pid, "status").read_text() for pid in left)
