"""What changes a register: entries, members, and the keyring that goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cpvol.ledger import commits, layout, members, refusals, transaction
from cpvol.ledger.chain import Draft, plan
from cpvol.ledger.members import Members
from cpvol.ledger.objects import object_id
from cpvol.logs.base import Record
from cpvol.register.errors import ClockBehind, Closed, NotAllowed, Overtaken
from cpvol.register.versions import seal_version
from cpvol.register.view import Progress, View
from cpvol.vault import keyring
from cpvol.vault.credential import Identity
from cpvol.vault.ring import Fresh

#: How far our clock may be behind the last entry before we refuse to sign (design: 10 minutes).
CLOCK_SLACK_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written. ``records`` are (log, id)."""

    commit: str
    records: tuple[tuple[str, str], ...]

    def paths(self) -> list[str]:
        """The paths of the records on main."""
        return [layout.record_path(log, id) for log, id in self.records]


class Register(View):
    """A records repository, opened to be read and written."""

    def enter(
        self,
        records: Sequence[Record],
        action: str,
        *,
        entered: int,
        now: int | None = None,
        progress: Progress | None = None,
    ) -> Receipt:
        """Write new records, or new versions of records.

        :param records: each whole; a new version of a record that is here must have been made from what
            :meth:`record` gave.
        :param action: one word: ``add``, ``amend``, ``void``, or the name of a follow-up step.
        :param entered: when the entry was made, seconds since 1970.
        :param now: the time of acceptance; the same unless an entry is replayed.
        :raises NotAllowed: when the member may not enter into one of the logs.
        :raises Overtaken: when a record changed since this register read it.
        """
        me = self.me
        for log in {record.log for record in records}:
            if not me.may_enter(log):
                raise NotAllowed(
                    f"your role does not let you enter into the log {log}",
                    "ask a coordinator to enter it",
                )
        with transaction.locked(self.git):
            self.refresh()
            self._check_not_overtaken(records)
            return self._write_records(
                records, action, entered, entered if now is None else now, progress
            )

    def _write_records(
        self,
        records: Sequence[Record],
        action: str,
        entered: int,
        now: int,
        progress: Progress | None,
    ) -> Receipt:
        ordered = sorted(records, key=lambda record: (record.log, record.id))
        fresh: list[Fresh] = []
        files: dict[str, bytes] = {}
        written: list[commits.Written] = []
        for number, record in enumerate(ordered):
            version = seal_version(record)
            closed = self.closed_to(record, self.members)
            fresh.append(Fresh(record.log, record.id, version.key, closed))
            files[layout.record_path(record.log, record.id)] = version.sealed
            written.append(commits.Written(f"{record.log}/{record.id}", version.commitment))
            if progress is not None and number % 250 == 0:
                progress(number, len(ordered))
        logs = sorted({record.log for record in ordered})
        what = ordered[0].id if len(ordered) == 1 else f"{len(ordered)} entries"
        subject = f"{logs[0] if len(logs) == 1 else 'records'}: {action} {what}"
        oid = self.write(
            self._draft(subject, action, entered, now, files, self._keyring_with(fresh)),
            written=tuple(written),
        )
        self._handed_out |= {path: object_id("blob", sealed) for path, sealed in files.items()}
        return Receipt(oid, tuple((record.log, record.id) for record in ordered))

    def _keyring_with(self, fresh: Sequence[Fresh]) -> dict[str, bytes]:
        """The keyring's files after keys were added; untouched files as they are."""
        changed = self.ring.adding(fresh, self.members.version, self.readers)
        ring = self.sealed_keyring() | changed
        return {name: sealed for name, sealed in ring.items() if sealed is not None}

    def change_members(self, after: Members, action: str, subject: str, *, now: int) -> str:
        """Put another list of members in force, and seal the keyring to it as far as this member can open it.

        :param after: made from :attr:`members`, its version one higher.
        :param action: one word, such as ``join`` or ``remove``.
        :returns: the id of the commit.
        :raises Overtaken: when the members changed since this register read them.
        """
        with transaction.locked(self.git):
            self.refresh()
            if after.version != self.members.version + 1:
                raise Overtaken
            files = {layout.MEMBERS: after.encode(), layout.SIGNERS: after.allowed_signers()}
            return self.write(self._draft(subject, action, now, now, files, self.ring_for(after)))

    def _readers_after(self, file: keyring.KeyringFile, after: Members) -> Sequence[str] | None:
        if not file.record:
            return self.readers(file.log, after)
        try:
            record = self.record(file.log, file.record)
        except Closed:
            return None
        return self.reader_keys(record.readers, file.log, after)

    def ring_for(self, after: Members) -> dict[str, bytes]:
        """The keyring as it is sealed when other members are in force, as far as this member can open it."""
        return self.ring.for_members(after.version, lambda file: self._readers_after(file, after))

    def stale_files(self) -> list[str]:
        """The keyring files that this member can open and has to seal anew.

        Somebody who may read lacks a stanza there; or the file was sealed before somebody left.
        """
        found = []
        earlier: dict[int, Members] = {}
        for name, sealed in self.sealed_keyring().items():
            file = keyring.parse_name(name)
            try:
                self.ring.open(name)
                who = self._readers_after(file, self.members)
            except keyring.NotForYou:
                continue
            if file.version < self.members.version and not earlier:
                earlier = self._earlier_members()
            then = earlier.get(file.version, self.members)
            left = set(then.readers(file.log)) - set(self.members.readers(file.log))
            if who is not None and (keyring.recipients_count(sealed) < len(who) or left):
                found.append(name)
        return found

    def _earlier_members(self) -> dict[int, Members]:
        commits_ = self.git.history(layout.MEMBERS, self.head.oid)
        found = [members.decode(self.git.read(f"{oid}:{layout.MEMBERS}").data) for oid in commits_]
        return {each.version: each for each in found}

    def seal(self, *, now: int) -> str | None:
        """Seal anew what is not sealed for exactly its readers: newcomers can read then, leavers cannot.

        :returns: the id of the commit, or ``None`` when there was nothing to do.
        """
        with transaction.locked(self.git):
            self.refresh()
            stale = self.stale_files()
            if not stale:
                return None
            files = self.sealed_keyring()
            part = self.ring_over({name: files.pop(name) for name in stale})
            files |= part.for_members(
                self.members.version, lambda file: self._readers_after(file, self.members)
            )
            return self.write(self._draft("members: seal the keys", "seal", now, now, {}, files))

    def refuse(self, commit: str, *, now: int) -> str:
        """Say that a change was refused for what those who do not read its log cannot see.

        :param commit: the id of the first that is refused.
        :returns: the id of the commit that says so.
        """
        with transaction.locked(self.git):
            self.refresh()
            subject, ring = refusals.subject(commit), self.sealed_keyring()
            return self.write(self._draft(subject, refusals.ACTION, now, now, {}, ring))

    def write(
        self,
        draft: Draft,
        *,
        written: tuple[commits.Written, ...] = (),
        removed: tuple[str, ...] = (),
    ) -> str:
        """Put a draft on top of main; the caller holds the lock.

        :returns: the id of the commit.
        :raises ClockBehind: when our clock is too far behind the last entry.
        """
        behind = self.head.commit.accepted - draft.accepted
        if behind > CLOCK_SLACK_SECONDS:
            raise ClockBehind(behind // 60)
        accepted = max(draft.accepted, self.head.commit.accepted)
        draft = replace(draft, accepted=accepted, written=written, removed=removed)
        made = plan(self.git, self.head, draft)
        transaction.write(self.git, made)
        self.refresh()
        return made.main.oid

    def _draft(
        self,
        subject: str,
        action: str,
        entered: int,
        now: int,
        files: Mapping[str, bytes | None],
        ring: Mapping[str, bytes],
    ) -> Draft:
        return draft_of(self.me.handle, self.signer(), subject, action, (entered, now), files, ring)

    def _check_not_overtaken(self, records: Iterable[Record]) -> None:
        for record in records:
            path = layout.record_path(record.log, record.id)
            handed_out = self._handed_out.get(path)
            if handed_out is None:
                continue
            now = self.file(path)
            if now is None or now.oid != handed_out:
                raise Overtaken


def draft_of(
    handle: str,
    signer: Identity,
    subject: str,
    action: str,
    times: tuple[int, int],
    files: Mapping[str, bytes | None],
    ring: Mapping[str, bytes],
) -> Draft:
    """A draft with the digest of its keyring.

    :param times: when it was entered, and when it takes its place; seconds since 1970.
    """
    entered, accepted = times
    digest = keyring.digest(ring)
    return Draft(handle, signer.sign, subject, action, entered, accepted, files, ring, digest)
