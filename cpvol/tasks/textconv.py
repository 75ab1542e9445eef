"""``textconv``: entries in plain text in ``git log -p`` and ``git diff``, switched on and off; and what git runs then.

git runs :func:`main` once for each version of an entry, in the records folder. It takes the keys from the keychain, or
asks on the terminal; CPVOL_PASSPHRASE is for scripts that somebody started, and git is often run by an editor.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

from cpvol.errors import CpvolError
from cpvol.tasks.build import CpvolTask, Param, make_task, start_quickly
from cpvol.tasks.session import NoPassphrase, Session
from cpvol.tasks.values import BadInput


def textconv(session: Session, *, switch: str) -> None:
    """The body of ``textconv``."""
    from cpvol.register import plain

    if switch not in ("on", "off"):
        raise BadInput("that is neither on nor off", "write `textconv on` or `textconv off`")
    with session.register() as register:
        plain.switch(register, _command() if switch == "on" else None)
    if switch == "off":
        session.out("Off: git shows sealed entries as what they are again.")
        return
    session.out(
        "On: in this copy, `git log -p`, `git diff` and `git show` print entries in plain text."
    )
    session.tell("So whoever runs git here, or an editor that does, sees what your keys open.")
    session.tell(
        "What is printed stays in the window, in its history, and in a file that you send it to."
    )
    session.tell("git keeps nothing of it: its own store for such texts is forced off.")
    session.tell("Files of keys are never shown. Each version takes about half a second.")
    if not session.settings.get("keychain"):
        session.tell("Your keys are not in the keychain, so you are asked for each version: use")
        session.tell("`git --no-pager log -p` in a terminal, or run `key.remember` first.")
    session.tell("`textconv off` ends it.")


def _command() -> str:
    """What git's shell runs: this Python and this program, wherever git is, and nothing that lies in the records."""
    python = Path(sys.executable).as_posix()
    program = Path(__file__).resolve().parents[2].as_posix()
    start = f"import sys; sys.path.insert(0, {json.dumps(program)}); from cpvol.tasks.textconv import main; main()"
    return shlex.join([python, "-P", "-c", start])


def main() -> None:
    """Print what the file that is named last on the command line says. Never fails: git would stop."""
    start_quickly()
    environ = dict(os.environ) | {"CPVOL_RECORDS": str(Path.cwd())}
    environ.pop("CPVOL_PASSPHRASE", None)
    try:
        text = _shown(Session(environ), Path(sys.argv[-1]))
    except NoPassphrase:
        text = "(sealed: run `key.remember`, or `git --no-pager` in a terminal to be asked)\n"
    except CpvolError as error:
        text = f"(sealed: {error.problem})\n"
    except (KeyboardInterrupt, EOFError):
        text = "(sealed: no passphrase was given)\n"
    except Exception as error:  # noqa: BLE001 - the last edge: a traceback would show what was opened
        text = f"(sealed: it cannot be shown, {type(error).__name__})\n"
    sys.stdout.buffer.write(text.encode())


def _shown(session: Session, path: Path) -> str:
    from cpvol.register import plain

    with session.register(member=False) as register:
        return plain.shown(register, path.name, path.read_bytes())


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "textconv",
        "Have git print entries in plain text, or no longer.",
        [Param("switch", "on or off.", positional=True, choices="on,off")],
        textconv,
    ),
)
