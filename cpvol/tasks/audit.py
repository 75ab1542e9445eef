"""``audit.check`` (or ``audit`` alone), ``checkpoint``, ``audit.countersign``: what outsiders rely on, and keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError
from cpvol.tasks.build import FOUND_SOMETHING, JSON, CpvolTask, Param, make_task
from cpvol.tasks.papers import Place, refuse_other, refuse_records
from cpvol.tasks.session import IDENTITY_FILE, Session
from cpvol.tasks.values import BadInput

if TYPE_CHECKING:
    from cpvol.audit.anchor import Checkpoint
    from cpvol.audit.examine import Examined, Keys, Outside
    from cpvol.audit.inside import Inside
    from cpvol.register import Register

#: A checkpoint older than this is no great help against whoever cuts off what came since.
OLD_DAYS = 92
#: More than a checkpoint with its signatures, or a public key, can have.
_SMALL = 1 << 16
#: More countersignatures than this nobody has beside a checkpoint.
_SIGNATURES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What to audit, and how.

    :param source: a folder, a bundle file or an address.
    :param day: the entries are checked as they stood on this day, by the policy of that day.
    """

    source: str
    outside: Outside
    keys: Keys | None
    day: date


def audit(
    session: Session,
    *,
    repository: str | None,
    anchor: str | None,
    checkpoint: Sequence[str],
    since: str | None,
    witness: str | None,
    contents: bool,
    grant: str | None,
    as_at: str | None,
    report: str | None,
    json: bool,
) -> int:
    """The body of ``audit.check``."""
    if since is not None and (contents or grant or as_at):
        raise BadInput(
            "--since: what was entered before would not be opened",
            "leave it out to open the entries, or open them in an audit of its own",
        )
    source = _source(session, repository)
    place = _report_place(session, report) if report else None
    outside = outside_of(anchor, checkpoint, since, witness)
    keys = _keys(session, grant, contents=contents or as_at is not None)
    examined, said = look(session, Asked(source, outside, keys, session.day(as_at)))
    if place:
        _write_report(session, examined, place, said)
    if json:
        session.json(_as_json(examined, said))
    else:
        _show(session, examined, said)
    return _status(examined, said)


def _source(session: Session, repository: str | None) -> str:
    """What is to be audited."""
    if repository is None:
        return str(session.folder)
    if not repository.strip():
        # As `--repository "$folder"` is when whatever should have filled it failed: one's own would be audited unasked.
        raise BadInput("not given: --repository", "name the folder, bundle file or address")
    session.environ["CPVOL_RECORDS"] = repository
    return repository


def _need_keys(session: Session, what: str, hint: str) -> None:
    """Refuse what needs keys of one's own, in an outsider's words: whoever oversees others has nothing to found."""
    if not (session.home / IDENTITY_FILE).is_file():
        raise CpvolError(f"{what}, and there are none on this computer", hint)


def _report_place(session: Session, given: str) -> Place:
    return Place(
        session,
        given,
        lambda path: refuse_other(session, path, b"<!doctype html>\n"),
        suggested="audit-report.html",
        option="--report",
    )


def look(session: Session, asked: Asked) -> tuple[Examined, Inside | None]:
    """Audit, in a copy that is thrown away.

    :returns: what was found, and what the entries say when all that may be read were opened.
    """
    from cpvol.audit.examine import examine
    from cpvol.files import scratch

    with (
        session.working("Looking through every change"),
        scratch() as folder,
    ):
        examined = examine(asked.source, folder, asked.outside, asked.keys, now=session.now())
    return examined, inside_of(examined, asked.day, session.today())


def outside_of(
    anchor: str | None, checkpoint: Sequence[str], since: str | None, witness: str | None
) -> Outside:
    """What the auditor has from outside the records, from what was typed."""
    from cpvol.audit.anchor import read_anchor
    from cpvol.audit.examine import Outside

    start = _checkpoint(Path(since)) if since is not None else None
    points = [_checkpoint(Path(each)) for each in checkpoint]
    if start is not None and start not in points:
        points.append(start)
    pinned = read_anchor(anchor) if anchor is not None else None
    return Outside(pinned, points, start, _public_key(witness) if witness is not None else "")


def _public_key(text: str) -> str:
    """A public key as it was typed, or out of the file that ``ssh-keygen`` made."""
    from cpvol.audit.anchor import read_public_key

    path = Path(text)
    try:
        return read_public_key(_start_of(path) if path.is_file() else text.encode())
    except OSError:
        raise BadInput("--witness: that file cannot be read", "name their .pub file") from None


def _keys(session: Session, grant: str | None, *, contents: bool) -> Keys | None:
    from cpvol.audit.examine import Keys

    if grant is not None:
        return _granted(session, Path(grant))
    if contents:
        from cpvol.opening import Opener

        _need_keys(
            session,
            "to open the entries you need keys of your own",
            "leave out --contents and --as-at, or give the file of keys that you were given with --grant",
        )
        return Keys(Opener(session.identity))
    return None


def _granted(session: Session, path: Path) -> Keys:
    """What a file of keys opens: the sealed file with one's own keys, or the one that stock age opened before."""
    from hashlib import sha256

    from cpvol import granting
    from cpvol.audit.examine import Keys
    from cpvol.audit.granted import Handed
    from cpvol.files import read_start
    from cpvol.opening import MAX_GIVEN, Opener, open_given

    try:
        data = read_start(path, 2 * MAX_GIVEN + 1)
    except OSError:
        raise BadInput(
            "--grant: that file cannot be read", "name the file of keys that you were given"
        ) from None
    opened = data.startswith(b"# cpvol-grant-1\n")
    if not opened:
        _need_keys(
            session,
            "that file of keys opens with the key that it was made for",
            "open it with age first (age -d -i YOUR-KEY FILE > keys), and give the file that this makes",
        )
    text = data if opened else open_given(data, session.own_credential[0])
    anchor, id, given = granting.read_given(text)
    handed = Handed(anchor, id, given, "" if opened else sha256(data).hexdigest())
    return Keys(Opener(None), handed)


def _status(examined: Examined, said: Inside | None) -> int:
    from cpvol.findings import Severity

    serious = any(each.severity is not Severity.NOTE for each in examined.problems)
    return FOUND_SOMETHING if serious or (said is not None and said.findings) else 0


def _checkpoint(path: Path) -> Checkpoint:
    """A checkpoint from its file, with the signatures below it or in files beside it."""
    from cpvol.audit.anchor import read_checkpoint

    try:
        names = sorted(each.name for each in path.absolute().parent.iterdir())
        others = [n for n in names if n.startswith(f"{path.name}.") and n.endswith(".sig")]
        own = f"{path.name}.sig"
        beside = [own] * (own in others) + [name for name in others if name != own][:_SIGNATURES]
        signatures = [_start_of(path.with_name(name)) for name in beside]
        return read_checkpoint(_start_of(path), b"".join(signatures))
    except OSError:
        raise BadInput(
            "--checkpoint: that file cannot be read", "name the file of a checkpoint"
        ) from None


def _start_of(path: Path) -> bytes:
    from cpvol.files import read_start

    return read_start(path, _SMALL)


def inside_of(examined: Examined, day: date, today: date | None = None) -> Inside | None:
    """What the entries say as they stood at the end of a day, when they were opened with a reader's own keys.

    Policy, organisation and members are those of that day too.

    :param today: so that it is said of a day that it is still to come.
    """
    if examined.opened is None or examined.handed is not None:
        return None
    from cpvol import codec, compliance
    from cpvol.audit.chronicle import in_force
    from cpvol.audit.inside import inside
    from cpvol.disposal import numbers
    from cpvol.logs.book import Records
    from cpvol.membership import alone
    from cpvol.policy import Policy
    from cpvol.policy.organisation import from_stored

    end, told = end_of(day), examined.chronicle
    records = examined.opened.at(end)
    rules = in_force(told.policies, end)
    organisation = from_stored(codec.decode(in_force(told.details, end).data))
    found = compliance.check(
        Records(records),
        Policy.from_stored(codec.decode(rules.data)),
        day,
        organisation=organisation,
        by_one=alone(in_force(told.membership, end).members, organisation.logs),
        unseen={place.partition("/")[2]: "" for place in told.written}
        | numbers(told.disposals.values()),
    )
    return inside(records, day, rules, found, _remarks(examined, day, today))


def _remarks(examined: Examined, day: date, today: date | None) -> str:
    """What has to be known of a day before anything that was found for it."""
    from cpvol.audit.chronicle import day_of

    opened, began = examined.opened, day_of(examined.chronicle.policies[0].accepted)
    if day < began:
        return f" There were no records yet on that day: they begin on {began:%d/%m/%Y}."
    if opened is not None and opened.closed and not opened.records:
        return " None of them opens with your keys, so nothing that an entry says was checked."
    if today is not None and day > today:
        return (
            " That day is still to come: this is how it will be if nothing is entered until then."
        )
    return ""


def end_of(day: date) -> int:
    """The last second of a day in UTC, in seconds since 1970."""
    return int(datetime.combine(day, time.max, tzinfo=UTC).timestamp())


def _write_report(session: Session, examined: Examined, place: Place, said: Inside | None) -> None:
    from cpvol.files import write_file
    from cpvol.reports.audit_report import audit_report

    name = examined.organisation or "these records"
    report = audit_report(examined, name, session.today(), said)
    path = place.write(lambda path: write_file(path, report, private=True))
    session.tell(f"The report is in {path}.")


def _show(session: Session, examined: Examined, said: Inside | None) -> None:
    from cpvol.audit.words import WHAT_NOW, other_anchor
    from cpvol.tasks import show

    _show_verdict(session, examined)
    if examined.problems:
        session.out("")
        show.table(
            session,
            ("how bad", "what", "rule", "change"),
            [
                (
                    show.MARKS[each.severity],
                    each.message,
                    each.rule,
                    each.commit[:12],
                )
                for each in examined.problems
            ],
        )
    if said is not None:
        session.out(f"\n{said.by_which()}")
        if said.findings:
            session.out("\nWhat the checks of the entries find\n")
            show.findings(session, said.findings, lambda each: "")
    if not examined.holds:
        session.out("\nWhat to do now")
        for line in WHAT_NOW:
            session.out(f"  {line}")
    if words := other_anchor(examined):
        session.tell(words)
    elif examined.state is not None and examined.anchor is not None:
        session.tell(f"The anchor of these records: {examined.anchor.line()}")


def _show_verdict(session: Session, examined: Examined) -> None:
    from cpvol.audit.words import (
        MEANS_NOT,
        NO_ANCHOR,
        counted,
        cut_short,
        fitting,
        not_again,
        verdict,
    )

    session.out(verdict(examined))
    if examined.stopped:
        session.out(cut_short(examined))
    if examined.holds:
        session.out(counted(examined))
        for line in fitting(examined):
            session.out(line)
    if not examined.pinned:
        session.out(NO_ANCHOR)
    if examined.skipped:
        session.out(not_again(examined))
    for line in MEANS_NOT if examined.holds else ():
        session.out(f"  {line}")


def _as_json(examined: Examined, said: Inside | None) -> dict[str, Any]:
    from cpvol.audit.chronicle import day_of
    from cpvol.audit.words import fitting_points, verdict

    state, opened = examined.state, examined.opened
    return {
        "holds": examined.holds,
        "verdict": verdict(examined),
        "pinned": examined.pinned,
        "anchor": examined.anchor.line() if examined.anchor else None,
        "changes": state.count if state else 0,
        "not_looked_at_again": examined.skipped,
        "stopped_early": examined.stopped,
        "checkpoints": [
            {"day": point.on.isoformat(), "changes": point.count, "by": point.by}
            for point in fitting_points(examined)
        ],
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
            for each in (said.findings if said is not None else ())
        ],
        "checked_by": {
            "day": said.day.isoformat(),
            "policy_commit": said.rules.commit,
            "policy_since": day_of(said.rules.accepted).isoformat(),
        }
        if said is not None
        else None,
    }


# -- checkpoints -------------------------------------------------------------------------------------------------


#: How the two files of a checkpoint begin.
_CHECKPOINT, _SIGNATURE = b"cpvol-checkpoint-1\n", b"-----BEGIN SSH SIGNATURE-----\n"


def checkpoint(session: Session, *, to: str | None, first: str = "") -> None:
    """The body of ``checkpoint``.

    :param first: what is said above it, in place of how old the last one is.
    """
    from cpvol.files import write_file

    place = _checkpoint_place(session, to) if to is not None else None
    with session.register() as register:
        text, signature = make_checkpoint(session, register)
        if words := first or checkpoint_age(session, register):
            session.tell(words)

        def write(path: Path) -> None:
            write_file(path, text)
            write_file(_beside(path), signature.encode("ascii"))

        path = place.write(write) if place else None
        session.know(register.founding, checkpoint=session.today().isoformat())
    if path is None:
        session.out(text.decode() + signature.rstrip(), whole=True)
        return
    session.out(f"The checkpoint is in {path} and {path.name}.sig: send both to who oversees you.")


def _checkpoint_place(session: Session, given: str) -> Place:
    def refuse(path: Path) -> None:
        refuse_other(session, path, _CHECKPOINT)
        refuse_other(session, _beside(path), _SIGNATURE)

    return Place(session, given, refuse, suggested="checkpoint", option="--to")


def _beside(path: Path) -> Path:
    """The file of the signature of a checkpoint."""
    return path.with_name(f"{path.name}.sig")


def make_checkpoint(session: Session, register: Register) -> tuple[bytes, str]:
    """The text of a checkpoint of what was published, and one's own signature of it."""
    from cpvol.audit.anchor import NAMESPACE, read_anchor
    from cpvol.audit.examine import checkpoint_of

    anchor = read_anchor(register.anchor())
    known = session.known(anchor.founding)
    # Only what others have as well is worth keeping: an unpublished change may still be made anew.
    tip = str(known.get("published") or register.head.oid)
    point = checkpoint_of(register.git, tip, anchor, register.me.handle, session.today())
    return point.text(), register.signer().sign(point.text(), NAMESPACE)


def checkpoint_age(session: Session, register: Register) -> str:
    """When the last checkpoint was made on this computer, as a sentence; ``""`` when that is not known."""
    days = _age(session, register)
    if days is None:
        return ""
    when = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    return f"The last checkpoint was made {when}."


def remind_of_checkpoint(session: Session, register: Register) -> None:
    """Say that a checkpoint is due, where nobody outside has had one for a quarter of a year."""
    days = _age(session, register)
    if days is not None and days > OLD_DAYS:
        session.tell(
            f"The last checkpoint was made {days} days ago: run `checkpoint`, and send what it prints"
            " to whoever oversees you."
        )


def _age(session: Session, register: Register) -> int | None:
    if not session.settings.get("repositories"):
        return None
    last = session.known(register.founding).get("checkpoint")
    try:
        return (session.today() - date.fromisoformat(str(last))).days
    except ValueError:
        return None


def countersign(session: Session, *, file: str, repository: str | None, anchor: str | None) -> None:
    """The body of ``audit.countersign``."""
    from cpvol.audit.anchor import NAMESPACE, read_anchor, read_checkpoint

    _need_keys(
        session,
        "to countersign you need keys of your own",
        "run `join --handle overseer`, which makes some, and nothing else; or sign with ssh-keygen, as the guide says",
    )
    path = Path(file)
    new = _checkpoint(path)
    refuse_records(session, path.parent)
    place = session.home / "countersigned" / f"{new.anchor.founding}.txt"
    last = read_checkpoint(_start_of(place)) if place.is_file() else None
    if last is None and not anchor:
        raise BadInput(
            "not given: --anchor",
            "the first time, give the line that begins with cpvol-anchor-1:, from somebody you trust",
        )
    pinned = read_anchor(anchor) if anchor is not None else last.anchor if last else new.anchor
    if pinned != new.anchor or (last is not None and last.anchor != new.anchor):
        raise CpvolError(
            "this checkpoint is of other records than you countersigned before",
            "do not sign it; ask where it comes from",
        )
    if last is not None and new.count < last.count:
        raise CpvolError(
            f"this checkpoint counts {new.count:,} changes, and you countersigned {last.count:,} before",
            "do not sign it: the history was cut, or this is an older one",
        )
    from cpvol.audit.examine import Outside
    from cpvol.audit.words import fitting, verdict

    source = _source(session, repository)
    points = [new, last] if last is not None else [new]
    examined, _ = look(session, Asked(source, Outside(pinned, points), None, session.today()))
    if not examined.holds:
        _show(session, examined, None)
        raise CpvolError(
            "this was not countersigned: the records do not hold",
            "keep the checkpoint that you countersigned last, and ask what happened",
        )
    identity, handle = session.own_credential
    signature = identity.sign(new.text(), NAMESPACE)
    _write(path.with_name(f"{path.name}.{handle}.sig"), signature.encode("ascii"))
    _write(place, new.text() + new.signature.encode("ascii"))
    for line in (verdict(examined), *fitting(examined)):
        session.out(line)
    session.out(
        f"Your signature is in {path.name}.{handle}.sig, beside the checkpoint: send it back."
    )
    session.tell(f"It verifies with this public key:\n  {identity.signing_public}")
    session.tell("What you countersigned is kept here; a shorter or another history is refused.")


def _write(path: Path, data: bytes) -> None:
    from cpvol.files import write_file

    try:
        write_file(path, data)
    except OSError:
        raise CpvolError(
            "the checkpoint cannot be written", "name a file where you may write"
        ) from None


_REPOSITORY = Param("repository", "The folder, bundle file or address; your own when left out.")
_ANCHOR = Param("anchor", "The line that begins with cpvol-anchor-1:, from outside.")

TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "checkpoint",
        "Sign how far the records have come, for somebody outside to keep.",
        [Param("to", "Write it to this file, and the signature beside it.")],
        checkpoint,
    ),
)

AUDIT_TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "check",
        "Check that records are whole, and who did what; trusts nobody.",
        [
            _REPOSITORY,
            _ANCHOR,
            Param("checkpoint", "The file of a checkpoint; may be given several times.", many=True),
            Param(
                "since", "A checkpoint up to which you looked before; only the rest is looked at."
            ),
            Param("witness", "A public key that must have countersigned every checkpoint."),
            Param("contents", "Open every version of every entry too, with your keys.", flag=True),
            Param("grant", "The file of keys that you were given: open what it opens."),
            Param(
                "as_at",
                "Open the entries, and check them as they and the policy stood on this day.",
            ),
            Param("report", "Write a page that can be printed to this file (.html)."),
            JSON,
        ],
        audit,
    ),
    make_task(
        "countersign",
        "Countersign a checkpoint as an outsider; refuses a shorter or another history.",
        [
            Param("file", "The file of the checkpoint.", positional=True, of="file"),
            _REPOSITORY,
            Param("anchor", "The line that begins with cpvol-anchor-1:; the first time."),
        ],
        countersign,
    ),
)
