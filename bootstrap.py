"""Run cpvol's demonstration or its tests from a fresh copy, with nothing but Python and git.

``python3 bootstrap.py demo`` and ``python3 bootstrap.py test`` make a virtual environment in
``.venv`` beside this file, install exactly what requirements.lock names, and run ``inv demo`` or
pytest there. Words after the verb are passed on. Only the standard library is used, and pip's own
configuration (proxy, mirror, certificates) holds.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Before anything that an older Python would refuse to define.
if sys.version_info < (3, 11):  # noqa: UP036 - older Pythons are the ones that must be told
    sys.exit(
        "bootstrap: this Python is {}.{}, and cpvol needs 3.11 or newer\n"
        "hint: install a newer Python, then run this with it, for example: "
        "python3.13 bootstrap.py demo".format(*sys.version_info)
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"

#: Each verb and what it runs with the environment's Python.
VERBS = {
    "demo": ["-m", "invoke", "demo"],
    "test": ["-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"],
}

PIP_INSTALL = [
    *("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"),
    # What is used gets compiled when it is used; most of what is installed never is.
    *("--no-compile", "--no-warn-script-location", "--no-deps"),
]


class CannotStartError(Exception):
    """What stops us, and what to do about it: one line each."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


def main(words: list[str]) -> int:
    """Prepare the environment and run one verb in it.

    :param words: the command line without the program's name.
    :returns: the exit status of what was run, or 2 when it could not be run.
    """
    try:
        arguments = command_for(words)
        check_machine()
        prepare()
        status = run(*arguments)
    except CannotStartError as error:
        print(f"bootstrap: {error}\nhint: {error.hint}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("stopped; run it again to go on")
        return 130
    say(f"to run tasks, in {ROOT}: {(BIN / 'inv').relative_to(ROOT)} --list")
    return status


def command_for(words: list[str]) -> list[str]:
    """Give what to run with the environment's Python for a verb and the words after it.

    :raises CannotStartError: when the first word is no verb.
    """
    if not words or words[0] not in VERBS:
        raise CannotStartError(
            f"say what to run: {' or '.join(VERBS)}",
            "python3 bootstrap.py demo",
        )
    return [*VERBS[words[0]], *words[1:]]


def check_machine() -> None:
    """Refuse early, in words, what would fail late.

    :raises CannotStartError: when git or a module of the standard library is missing.
    """
    if shutil.which("git") is None:
        raise CannotStartError(
            "git is not installed, or not on the path",
            "install it (Debian, Ubuntu: sudo apt install git; macOS: xcode-select --install; "
            "Windows: winget install Git.Git), open a new terminal and run this again",
        )
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        raise CannotStartError(
            "this Python came without its venv and pip modules",
            "on Debian or Ubuntu: sudo apt install python3-venv; elsewhere install Python "
            "from its own website",
        )


def prepare() -> None:
    """Make ``.venv`` hold exactly the lock and this project, doing only what has changed.

    An environment is made afresh when the lock, the Python or the folder's place changed, so that
    nothing the lock no longer names stays behind. The stamps are written last: an interrupted
    installation is not taken for a finished one.

    :raises CannotStartError: when the environment cannot be made or filled.
    """
    version = "{}.{}".format(*sys.version_info)
    lock = digest(LOCK.read_bytes(), version.encode(), os.fsencode(ROOT))
    project = digest(PROJECT.read_bytes())
    if stamp("lock") != lock or not PYTHON.exists():
        make_environment()
        say("installing the locked packages (half a minute, longer on a slow line)")
        install("--require-hashes", "-r", str(LOCK))
        stamp_path("lock").write_text(lock, encoding="ascii")
    if stamp("project") != project:
        say("installing cpvol itself")
        install("--no-build-isolation", "--editable", str(ROOT))
        stamp_path("project").write_text(project, encoding="ascii")


def make_environment() -> None:
    """Make an empty virtual environment with pip in it, in place of any that stands there.

    :raises CannotStartError: when the folder cannot be written or pip cannot be put there.
    """
    say("making the virtual environment .venv")
    stamp_path("lock").unlink(missing_ok=True)
    # A process of its own: ensurepip ends the whole process when it fails.
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        print(made.stdout + made.stderr, file=sys.stderr)
        raise CannotStartError(
            "the virtual environment could not be made",
            f"Python's own words are above; if {VENV} is in use, close what uses it",
        )


def install(*what: str) -> None:
    """Run pip inside the environment.

    :raises CannotStartError: when pip does not succeed; its own words are on standard error.
    """
    if run(*PIP_INSTALL, *what) != 0:
        raise CannotStartError(
            "the packages could not be installed",
            "pip's own words are above; check the internet connection and any proxy, then run "
            "this again",
        )


def run(*arguments: str) -> int:
    """Run the environment's Python in this folder and give its exit status."""
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode


def digest(*parts: bytes) -> str:
    """Give one hexadecimal SHA-256 over several byte strings."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamp_path(name: str) -> Path:
    """Where the digest of what was installed last is kept: inside, so that it goes with it."""
    return VENV / f"cpvol-{name}.sha256"


def stamp(name: str) -> str:
    """Give the digest of what was installed last, or nothing when there is none."""
    path = stamp_path(name)
    return path.read_text(encoding="ascii") if path.exists() else ""


def say(step: str) -> None:
    """Tell one step on standard error, at once."""
    print(f"bootstrap: {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
