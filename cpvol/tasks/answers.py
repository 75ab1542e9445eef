"""Answers kept for the next attempt at an import, sealed to whoever gave them: they may be a name.

They lie in the user's own folder until an import of that log succeeds, and are offered, never taken unasked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from cpvol.errors import CpvolError
from cpvol.tasks.session import Session

if TYPE_CHECKING:
    from cpvol.register import Register

_FILE = "import-answers.age"


def keep(
    session: Session, register: Register, logs: Iterable[str], answers: Mapping[str, str]
) -> None:
    """Keep what was answered, beside what was answered before for the same logs."""
    from cpvol.files import write_file
    from cpvol.register import parcels

    of = [register.founding, *logs]
    text = json.dumps({"of": of, "answers": _kept(session, register, of) | dict(answers)}).encode()
    with suppress(OSError):
        # Without them the questions come again, which is no reason to stop.
        session.home.mkdir(parents=True, exist_ok=True)
        write_file(
            session.home / _FILE, parcels.seal(text, [register.signer().age_public]), private=True
        )


def kept(
    session: Session, register: Register, logs: Iterable[str], fields: Iterable[str]
) -> dict[str, str]:
    """What was answered last time for these logs of these records, by field, as far as it is asked for now."""
    found = _kept(session, register, [register.founding, *logs])
    return {field: found[field] for field in fields if field in found}


def _kept(session: Session, register: Register, of: list[str]) -> dict[str, str]:
    from cpvol.register import parcels

    try:
        text = parcels.opened(register, (session.home / _FILE).read_bytes())
        found = json.loads(text or b"{}")
    except (OSError, ValueError, CpvolError):
        return {}
    answers: dict[str, str] = found["answers"] if found.get("of") == of else {}
    return answers


def forget(session: Session) -> None:
    """Take away what was kept."""
    with suppress(OSError):
        (session.home / _FILE).unlink(missing_ok=True)
