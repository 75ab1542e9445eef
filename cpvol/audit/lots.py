"""Some commits of the chain at a time: read, taken apart, and their signatures checked meanwhile.

The library lets go of the interpreter while it computes, so that signatures take no time of their own where there is a second
processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from cpvol.audit import diagnose
from cpvol.ledger import commits, sshsig
from cpvol.ledger.commits import BadCommit, Commit
from cpvol.ledger.git import MissingObject
from cpvol.ledger.objects import Object
from cpvol.ledger.sshsig import BadSignature
from cpvol.ledger.stream import Stream

#: How many signatures are checked at a time, and in how many threads.
CHUNK, THREADS = 50, 4
#: Bytes of commits that are looked at together.
MAX_BYTES = 32 << 20

Wrong = tuple[str, str, str, int]
"""A breach: the commit's id, the rule, the sentence, and the point."""

_Signers = list[tuple[str, str | BadSignature]]


@dataclass(frozen=True, slots=True)
class Lot:
    """Commits that follow one another, as far as they do.

    :param good: those in the one form, each the child of the one before it.
    :param wrong: what is wrong with what comes after them, unless they end for another reason.
    """

    good: list[tuple[Object, Commit]]
    wrong: Wrong | None
    checked: list[Future[_Signers]]

    def signers(self) -> dict[str, str | BadSignature]:
        """By whose keys they are signed, or why they are not; waits until all are checked."""
        return {oid: by for part in self.checked for oid, by in part.result()}


def read(stream: Stream, pool: Executor, ids: Sequence[str], before: str) -> Lot:
    """Read the commits of those ids, and begin to check their signatures.

    :param before: the id of the commit that the first has to follow, ``""`` for none.
    """
    good: list[tuple[Object, Commit]] = []
    wrong: Wrong | None = None
    room = MAX_BYTES
    try:
        for each in stream.read(ids):
            commit = _decoded(each)
            if commit is None or commit.parent != (before or None):
                wrong = _wrong(each, commit)
                break
            good.append((each, commit))
            before, room = each.oid, room - len(each.data)
            if room < 0:
                break
    except MissingObject as error:
        words = f"Part of the history cannot be read: {error.problem}."
        wrong = ("", "missing", words, 1)
    checked = [
        pool.submit(signers, good[start : start + CHUNK]) for start in range(0, len(good), CHUNK)
    ]
    return Lot(good, wrong, checked)


def _decoded(each: Object) -> Commit | None:
    try:
        return commits.decode(each.data) if each.kind == "commit" else None
    except BadCommit:
        return None


def _wrong(each: Object, commit: Commit | None) -> Wrong:
    if commit is not None:
        return each.oid, "chain", "This change does not follow the one before it.", 1
    words = diagnose.why(each.data) if each.kind == "commit" else "is no commit"
    return each.oid, "form", f"This change {words}.", 2


def signers(lot: Sequence[tuple[Object, Commit]]) -> list[tuple[str, str | BadSignature]]:
    """By whose keys commits are signed, or why they are not."""
    found: list[tuple[str, str | BadSignature]] = []
    for each, commit in lot:
        try:
            by = sshsig.verify(commit.signature, payload(each.data), commits.NAMESPACE)
        except BadSignature as error:
            found.append((each.oid, error))
        else:
            found.append((each.oid, by))
    return found


def payload(data: bytes) -> bytes:
    """The bytes of a commit that are signed: all but its signature."""
    start = data.index(b"\ngpgsig ") + 1
    end = data.index(b"\n\n", start) + 1
    return data[:start] + data[end:]
