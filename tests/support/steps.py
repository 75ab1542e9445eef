"""Tasks that die, or whose disk fails, before a chosen step: ``python -m tests.support.steps``.

A step is anything that leaves a trace outside the process: opening a file to write it, flushing, renaming, deleting,
making a folder, starting a program. A server reads one JSON object a line and runs each task in a fork of itself, so
that a hundred runs cost what a few would::

    {"argv": ["person.add", …], "env": {…}, "cwd": "…", "at": 7, "how": "kill", "out": "…"}   ->   {"status": -9, "steps": 7}

Beside ``out`` stand its standard error (``.err``) and its trail (``.trail``): every file that it opened to write and
every program that it started, a JSON list a line. ``how`` is ``kill`` (SIGKILL to the process) or ``full`` (the step fails as on a full disk); ``at`` 0 lets all pass.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cpvol.vault import credential
from tests.support.weak_scrypt import lock_quickly
from tests.support.world import Done, World

_FUNCTIONS = ("replace", "rename", "unlink", "remove", "rmdir", "mkdir", "fsync", "truncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class _Counter:
    """Counts the steps of this process and lets one of them go wrong."""

    def __init__(self, at: int, how: str, tell: int) -> None:
        self.at = at
        self.how = how
        self.tell = tell

    def step(self) -> None:
        os.write(self.tell, b".")
        self.at -= 1
        if self.at == 0:
            if self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.step()
            return function(*args, **options)

        return counted

    def install(self) -> None:
        for name in _FUNCTIONS:
            setattr(os, name, self.before(getattr(os, name)))
        low, high = os.open, builtins.open

        def opened_low(path: Any, flags: int, *args: Any, **options: Any) -> int:
            if flags & _WRITING:
                self.step()
            return low(path, flags, *args, **options)

        def opened_high(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            # By a number it was opened already.
            if not isinstance(file, int) and set(mode) & set("wax+"):
                self.step()
            return high(file, mode, *args, **options)

        os.open = opened_low
        builtins.open = io.open = opened_high
        start = subprocess.Popen.__init__
        subprocess.Popen.__init__ = self.before(start)  # type: ignore[method-assign]


def dying(at: int, act: Callable[[], object]) -> None:
    """Do something in a fork of this process, which is killed before the given step, if it has so many.

    :param at: counted from 1.
    """
    with warnings.catch_warnings():
        # Newer Pythons warn where there are threads; those of the test runner hold nothing that a task takes.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            _Counter(at, "kill", os.open(os.devnull, os.O_WRONLY)).install()
            act()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _leave_trail(trail: int) -> None:
    def heard(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], (str, bytes)) and args[2] & _WRITING:
            found = ["open", os.path.abspath(os.fsdecode(args[0]))]  # noqa: PTH100 - as it was opened
        elif event == "subprocess.Popen":
            found = ["run", *(os.fsdecode(word) for word in args[1])]
        elif event in {"os.system", "os.exec", "os.posix_spawn", "os.spawn"}:
            found = ["run", repr(args)]
        else:
            return
        os.write(trail, json.dumps(found).encode() + b"\n")

    sys.addaudithook(heard)


def _child(order: dict[str, Any], tell: int) -> None:
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    tempfile.tempdir = order["env"]["TMPDIR"]
    out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open(order["out"] + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    trail = os.open(order["out"] + ".trail", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _leave_trail(trail)
    from cpvol.tasks.program import main

    _Counter(order["at"], order["how"], tell).install()
    status = 0
    try:
        main(["cpvol", *order["argv"]])
    except SystemExit as ended:
        status = int(ended.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _serve() -> None:
    credential.lock = lock_quickly
    # What every task imports is imported here once.
    import git  # noqa: F401
    import portalocker  # noqa: F401

    import cpvol.compliance
    import cpvol.register
    import cpvol.tasks.entries  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        ear, mouth = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ear)
            _child(order, mouth)
        os.close(mouth)
        steps = 0
        while data := os.read(ear, 4096):
            steps += len(data)
        os.close(ear)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(json.dumps({"status": status, "steps": steps}) + "\n")
        sys.stdout.flush()


@dataclass(frozen=True)
class Stepped(Done):
    """How such a run ended, at how many steps it arrived, what it wrote to and what it started."""

    steps: int
    wrote: tuple[str, ...] = ()
    started: tuple[tuple[str, ...], ...] = ()


class Steps:
    """The server, as a test sees it."""

    def __init__(self, place: Path) -> None:
        self._out = place / "out"
        world = World(place)
        world.temporary.mkdir()
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.steps"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=world.env(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.communicate()

    def run(
        self,
        world: World,
        argv: Sequence[str],
        *,
        at: int = 0,
        how: str = "kill",
        env: Mapping[str, str] | None = None,
    ) -> Stepped:
        """Run a task.

        :param at: the step, counted from 1, before which it goes wrong; 0 for none.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        (world.root / "cwd").mkdir(exist_ok=True)
        order = {
            "argv": list(argv),
            "env": world.env(**(env or {})),
            "cwd": str(world.root / "cwd"),
            "at": at,
            "how": how,
            "out": str(self._out),
        }
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        told = json.loads(self._server.stdout.readline())
        err = Path(f"{self._out}.err").read_text(encoding="utf-8")
        trail = [
            json.loads(line)
            for line in Path(f"{self._out}.trail").read_text(encoding="utf-8").splitlines()
        ]
        return Stepped(
            told["status"],
            self._out.read_text(encoding="utf-8"),
            err,
            told["steps"],
            tuple(path for kind, path, *_ in trail if kind == "open"),
            tuple(tuple(words) for kind, *words in trail if kind == "run"),
        )


if __name__ == "__main__":
    _serve()
