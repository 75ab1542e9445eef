"""The fixed files that some version of this program wrote: the page inside the records, its attributes, the schemas.

``known_files.txt`` beside this module has a line for each content there ever was, sorted by bytes::

    <SHA-256, 64 characters> <path on main>

A line is never taken out: records that were made by an earlier version keep what that version wrote, and have to
pass the audit for as long as they are kept. A test fails when a fixed file or a schema changes and its line is missing.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from cpvol.ledger import layout
from cpvol.logs import LOGS

FILE = "known_files.txt"


@cache
def known_digests() -> dict[str, frozenset[str]]:
    """SHA-256 of every content that this program knows of a fixed file, by path."""
    found: dict[str, set[str]] = {}
    for line in _lines():
        digest, _, path = line.partition(" ")
        found.setdefault(path, set()).add(digest)
    return {path: frozenset(digests) for path, digests in found.items()}


def renew(place: Path) -> None:
    """Add the lines of the fixed files as this version writes them; a step of developing, not of any task.

    :param place: the file, in a working copy of the program.
    """
    lines = sorted({*_lines(), *written_now()})
    place.write_bytes("".join(f"{line}\n" for line in lines).encode("ascii"))


def written_now() -> list[str]:
    """The lines of what this version itself writes."""
    from cpvol.logs.schema import json_schema

    schemas = {layout.schema_path(log.name, log.schema): json_schema(log) for log in LOGS}
    files = layout.fixed_files() | schemas
    return [f"{hashlib.sha256(data).hexdigest()} {path}" for path, data in files.items()]


def _lines() -> list[str]:
    text = (resources.files("cpvol.audit") / FILE).read_text(encoding="ascii")
    return text.split("\n")[:-1]
