"""``audit`` and ``checkpoint``: what somebody outside can rely on, and what they keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError
from cpvol.tasks.build import FOUND_SOMETHING, JSON, CpvolTask, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.audit.anchor import Checkpoint
    from cpvol.audit.contents import Opener
    from cpvol.audit.examine import Examined
    from cpvol.findings import Finding


def audit(
    session: Session,
    *,
    repository: str | None,
    anchor: str | None,
    checkpoint: Sequence[str],
    contents: bool,
    as_at: str | None,
    report: str | None,
    json: bool,
) -> int:
    """The body of ``audit``."""
    from cpvol.audit.anchor import read_anchor
    from cpvol.audit.examine import examine

    if repository:
        session.environ["CPVOL_RECORDS"] = repository
    source = repository or str(session.folder)
    day = session.day(as_at)
    opener = _opener(session) if contents or as_at else None
    with TemporaryDirectory(prefix="cpvol-audit-", ignore_cleanup_errors=True) as folder:
        examined = examine(
            source,
            Path(folder),
            anchor=read_anchor(anchor) if anchor else None,
            checkpoints=[_checkpoint(Path(each)) for each in checkpoint],
            opener=opener,
            now=session.now(),
        )
    found = _compliance(examined, day)
    if report:
        _write_report(session, examined, Path(report), found)
    if json:
        session.json(_as_json(examined, found))
    else:
        _show(session, examined, found)
    return _status(examined, found)


def _status(examined: Examined, found: Sequence[Finding]) -> int:
    from cpvol.findings import Severity

    serious = any(each.severity is not Severity.NOTE for each in examined.problems)
    return FOUND_SOMETHING if serious or found else 0


def _opener(session: Session) -> Opener:
    from cpvol.opening import Opener

    return Opener(session.identity)


def _checkpoint(path: Path) -> Checkpoint:
    from cpvol.audit.anchor import read_checkpoint

    apart = path.with_name(f"{path.name}.sig")
    try:
        return read_checkpoint(
            path.read_bytes()[: 1 << 16],
            apart.read_bytes()[: 1 << 16] if apart.is_file() else b"",
        )
    except OSError:
        raise BadInput(
            "--checkpoint: that file cannot be read", "name the file of a checkpoint"
        ) from None


def _compliance(examined: Examined, day: date) -> list[Finding]:
    """What the checks find in the entries as they stood at the end of a day, when they were opened."""
    if examined.opened is None or examined.state is None:
        return []
    from cpvol import codec, compliance
    from cpvol.logs.book import Records
    from cpvol.membership import alone
    from cpvol.policy import Policy

    moment = int(datetime.combine(day, time.max, tzinfo=UTC).timestamp())
    book = Records(examined.opened.at(moment))
    policy = Policy.from_stored(codec.decode(examined.state.policy))
    everyone = examined.state.members
    return compliance.check(book, policy, day, by_one=alone(everyone, ()) if everyone else ())


def _write_report(
    session: Session, examined: Examined, path: Path, found: Sequence[Finding]
) -> None:
    from cpvol.files import write_file
    from cpvol.reports.audit_report import audit_report

    name = examined.organisation or "these records"
    try:
        write_file(path, audit_report(examined, name, session.today(), found))
    except OSError:
        raise BadInput(
            "--report: that file cannot be written", "name a file where you may write"
        ) from None
    session.tell(f"The report is in {path}.")


def _show(session: Session, examined: Examined, found: Sequence[Finding]) -> None:
    from cpvol.audit.words import MEANS_NOT, NO_ANCHOR, verdict
    from cpvol.tasks import show

    session.out(verdict(examined))
    if not examined.pinned:
        session.out(NO_ANCHOR)
    for line in MEANS_NOT if examined.holds else ():
        session.out(f"  {line}")
    if examined.problems:
        session.out("")
        show.table(
            session,
            ("how bad", "what", "rule", "point", "change"),
            [
                (
                    show.MARKS[each.severity],
                    each.message,
                    each.rule,
                    str(each.point or ""),
                    each.commit[:12],
                )
                for each in examined.problems
            ],
        )
    if found:
        session.out("\nWhat the checks of the entries find\n")
        show.findings(session, found, lambda each: "")
    if examined.state is not None and examined.anchor is not None:
        session.tell(f"The anchor of these records: {examined.anchor.line()}")


def _as_json(examined: Examined, found: Sequence[Finding]) -> dict[str, Any]:
    from cpvol.audit.words import verdict

    state, opened = examined.state, examined.opened
    return {
        "holds": examined.holds,
        "verdict": verdict(examined),
        "pinned": examined.pinned,
        "anchor": examined.anchor.line() if examined.anchor else None,
        "changes": state.count if state else 0,
        "tip": state.tip if state else None,
        "chain": state.chain if state else None,
        "opened": len(opened.records) if opened else None,
        "closed": opened.closed if opened else None,
        "findings": [
            {
                "commit": each.commit,
                "rule": each.rule,
                "severity": str(each.severity),
                "point": each.point,
                "message": each.message,
            }
            for each in examined.problems
        ],
        "compliance": [
            {
                "rule": each.rule,
                "severity": str(each.severity),
                "log": each.log,
                "id": each.id,
                "message": each.message,
                "source": list(each.source),
            }
            for each in found
        ],
    }


def checkpoint(session: Session, *, to: str | None) -> None:
    """The body of ``checkpoint``."""
    from cpvol.audit.anchor import NAMESPACE, read_anchor
    from cpvol.audit.examine import checkpoint_of
    from cpvol.files import write_file

    with session.register() as register:
        anchor = read_anchor(register.anchor())
        known = session.known(anchor.founding)
        # Only what others have as well is worth keeping: an unpublished change may still be made anew.
        tip = str(known.get("published") or register.head.oid)
        point = checkpoint_of(register.git, tip, anchor, register.me.handle, session.today())
        signature = register.signer().sign(point.text(), NAMESPACE)
        _say_when(session, known.get("checkpoint"))
    session.know(anchor.founding, checkpoint=session.today().isoformat())
    if to is None:
        session.out(point.text().decode() + signature.rstrip(), whole=True)
        return
    path = Path(to)
    try:
        write_file(path, point.text())
        write_file(path.with_name(f"{path.name}.sig"), signature.encode("ascii"))
    except OSError:
        raise CpvolError(
            "the checkpoint cannot be written", "name a file where you may write"
        ) from None
    session.out(f"The checkpoint is in {path} and {path.name}.sig: send both to who oversees you.")


def _say_when(session: Session, last: object) -> None:
    try:
        days = (session.today() - date.fromisoformat(str(last))).days
    except ValueError:
        return
    session.tell(f"The last one was made {'today' if days == 0 else f'{days} days ago'}.")


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "audit",
        "Check that records are whole, and who did what; trusts nobody.",
        [
            Param("repository", "The folder, bundle file or address; your own when left out."),
            Param("anchor", "The line that begins with cpvol-anchor-1:, from outside."),
            Param("checkpoint", "The file of a checkpoint; may be given several times.", many=True),
            Param("contents", "Open every version of every entry too, with your keys.", flag=True),
            Param("as_at", "Open the entries, and check them as they stood on this day."),
            Param("report", "Write a page that can be printed to this file (.html)."),
            JSON,
        ],
        audit,
    ),
    make_task(
        "checkpoint",
        "Sign how far the records have come, for somebody outside to keep.",
        [Param("to", "Write it to this file, and the signature beside it.")],
        checkpoint,
    ),
)
