"""A file of keys that was given to somebody outside, against what the chain says was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpvol.audit.anchor import Anchor
from cpvol.audit.contents import Versions
from cpvol.audit.problem import Problem
from cpvol.findings import Severity
from cpvol.ledger.grants import Given, Grant


@dataclass(frozen=True, slots=True)
class Handed:
    """A file of keys as it was handed over, opened.

    :param anchor: of the records that it says it is for.
    :param id: of the grant that it says it is.
    :param sha256: of the sealed file; ``""`` when only the opened one is here.
    """

    anchor: str
    id: str
    given: Sequence[Given]
    sha256: str


def compare(
    handed: Handed,
    anchor: Anchor | None,
    grants: Sequence[tuple[str, Grant]],
    versions: Versions,
    removed: set[str],
) -> Iterator[Problem]:
    """What is wrong with a file of keys.

    :param anchor: of the records that are audited.
    :param grants: what the chain says was given, with the change that says so.
    :param removed: every record that was destroyed, ``log/id``.
    """
    if anchor is None or handed.anchor != anchor.line():
        yield _breach("", "grant-anchor", "The file of keys is for other records.")
        return
    oid, grant = next((each for each in grants if each[1].id == handed.id), ("", None))
    if grant is None:
        yield _breach("", "grant-unknown", "Nothing is written down about the file of keys.")
        return
    if handed.sha256 and handed.sha256 != grant.sha256:
        words = "The file of keys is not the one that was written down when it was given."
        yield _breach(oid, "grant-file", words)
    given = {(each.record, each.commit) for each in handed.given if each.record not in removed}
    written = {
        (record, version.commit)
        for record, listed in versions.of.items()
        for version in listed
        if version.number <= grant.changes and grant.scope.covers(record, version.accepted)
    }
    if more := given - written:
        words = f"The file holds {len(more):,} keys beyond what was written down when it was given."
        yield _breach(oid, "grant-more", words)
    if fewer := written - given:
        words = f"The file lacks {len(fewer):,} of the keys that were written down as given."
        yield Problem(oid, "grant-fewer", words, 0, Severity.WARNING)


def _breach(commit: str, rule: str, message: str) -> Problem:
    return Problem(commit, rule, message, 8)
