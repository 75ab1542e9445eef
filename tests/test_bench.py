"""The benchmarks run, print their table and leave nothing behind; how fast they are is not a test's business."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.programs import needs

ROOT = Path(__file__).resolve().parents[1]
#: Each benchmark, and what its table must have a line for.
LINES = {
    "machine": "raw Ed25519: sign",
    "read": "cpvol reads, parses and validates 30 records",
    "add": "cpvol enters one record among 30",
    "start": "inv training.add",
    "sync": "cpvol takes in 30 entries",
    "dispose": "signatures good",
    "site": "site.build, the whole process",
}


@needs("age", "git", "ssh-keygen")
@pytest.mark.parametrize(("name", "line"), LINES.items(), ids=LINES)
def test_a_benchmark_runs(tmp_path: Path, name: str, line: str) -> None:
    if name == "start" and shutil.which("inv", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("this environment has no inv: it is not the one that bootstrap.py makes")
    environ = os.environ | {"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "bench/run.py", name, "--size", "30", "--rounds", "1"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert line in done.stdout
    assert list(tmp_path.iterdir()) == []
