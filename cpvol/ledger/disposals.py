"""One disposal, from proposal to certificate: ``disposals/<id>.yaml``. No personal data, and no dates of triggers.

id: d4k9q2x7ab
proposal:
  by: member-1
  on: "2026-11-21"
  reason: expired
  members_needed: 2
  entries:
  - log: training
    id: k3m9q2x7ab
    rule: retention-training
    source:
    - "E-3.2"
approvals:
- by: member-2
  on: "2026-11-22"
  digest: "<what was approved, see Disposal.digest>"
  without:                       (entries that this approver took off)
  - x8…
withdrawn:                       (instead of a certificate: given up)
  by: member-1
  on: "2026-11-23"
certificate:                     (written by the commit that removes the records, and never touched again)
  by: member-1
  on: "2026-11-23"
  method: keys-destroyed
  entries:
  - "training/k3m9q2x7ab"
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from cpvol import codec
from cpvol.errors import CpvolError

FOLDER = "disposals"

Reason = Literal["expired", "entered-by-mistake", "duplicate", "order"]
"""Why before its time: typed into the wrong place, entered twice, or an order of a court or authority."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-hjkmnp-tv-z]{10}$")]
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$")]
LogName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Row = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9.-]{1,12}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}/[0-9a-hjkmnp-tv-z]{10}$")]
IsoDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class BadDisposal(CpvolError):
    """A disposal's file is not in the form that cpvol writes."""

    def __init__(self) -> None:
        super().__init__(
            "the file of a disposal is damaged", "restore these records from another copy"
        )


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class Item(_Part):
    """One entry that is proposed for disposal, and the rule it falls under."""

    log: LogName
    id: Id
    rule: Word
    source: tuple[Row, ...] = ()

    @property
    def place(self) -> str:
        """``log/id``."""
        return f"{self.log}/{self.id}"


class Proposal(_Part):
    """What is proposed, by whom, when, and how many different members it takes."""

    by: Handle
    on: IsoDay
    reason: Reason
    members_needed: Literal[1, 2]
    entries: tuple[Item, ...]


class Approval(_Part):
    """One member's yes to exactly this: ``digest`` binds the proposal and what was taken off."""

    by: Handle
    on: IsoDay
    digest: Digest
    without: tuple[Id, ...] = ()


class Signed(_Part):
    """Somebody did something on a day."""

    by: Handle
    on: IsoDay


class Certificate(_Part):
    """What was destroyed, how, by whom and when."""

    by: Handle
    on: IsoDay
    method: Literal["keys-destroyed"]
    entries: tuple[Place, ...]


class Disposal(_Part):
    """One disposal, at whatever stage it is."""

    id: Id
    proposal: Proposal
    approvals: tuple[Approval, ...] = ()
    withdrawn: Signed | None = None
    certificate: Certificate | None = None

    @property
    def path(self) -> str:
        """Where it stands on main."""
        return f"{FOLDER}/{self.id}.yaml"

    @property
    def open(self) -> bool:
        """Whether it can still be approved, withdrawn or carried out."""
        return self.withdrawn is None and self.certificate is None

    @property
    def newest(self) -> Proposal | Approval | Signed | Certificate:
        """The step that was taken last."""
        if self.certificate is not None or self.withdrawn is not None:
            return self.certificate or self.withdrawn or self.proposal
        return self.approvals[-1] if self.approvals else self.proposal

    def digest(self, without: tuple[str, ...] = ()) -> str:
        """What an approval binds: SHA-256 of the canonical text of id, proposal and the entries taken off."""
        bound: dict[str, Any] = {
            "id": self.id,
            "proposal": _plain(self.proposal),
            "without": list(without),
        }
        return hashlib.sha256(codec.encode(bound)).hexdigest()

    def approved(self) -> Approval | None:
        """The approval that counts: bound to this proposal, and by another member where two are needed."""
        for approval in self.approvals:
            other = approval.by != self.proposal.by
            if approval.digest == self.digest(approval.without) and (
                other or self.proposal.members_needed == 1
            ):
                return approval
        return None

    def approved_entries(self) -> tuple[Item, ...]:
        """The entries that may be destroyed under the approval; none before there is one."""
        approval = self.approved()
        if approval is None:
            return ()
        return tuple(item for item in self.proposal.entries if item.id not in approval.without)

    def encode(self) -> bytes:
        """The file."""
        return codec.encode(_plain(self))


def decode(text: bytes) -> Disposal:
    """Read a disposal's file.

    :raises BadDisposal: for anything that :meth:`Disposal.encode` would not have written.
    """
    try:
        found = Disposal.model_validate(codec.decode(text))
    except (ValidationError, codec.NotCanonical):
        raise BadDisposal from None
    if found.encode() != text:
        raise BadDisposal
    steps = [found.proposal, *found.approvals, found.withdrawn, found.certificate]
    for day in (each.on for each in steps if each is not None):
        try:
            date.fromisoformat(day)
        except ValueError:
            raise BadDisposal from None
    return found


def _plain(part: BaseModel) -> dict[str, Any]:
    return _without_empty(part.model_dump(mode="json", exclude_none=True))


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_empty(value)
        if isinstance(value, Mapping)
        else [_without_empty(v) if isinstance(v, Mapping) else v for v in value]
        if isinstance(value, list)
        else value
        for key, value in data.items()
        if value != []
    }
