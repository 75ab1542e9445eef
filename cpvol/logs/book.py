"""The records that rules look at: what was read, indexed by id and by the person it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cpvol.logs.base import Record


class Records:
    """A set of records, at one moment; the :class:`~cpvol.logs.base.Book` that rules are given.

    :param records: every record that could be read, struck-out ones included.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_id = {record.id: record for record in records}
        self._by_log: dict[str, list[Record]] = defaultdict(list)
        self._about: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in sorted(self._by_id.values(), key=lambda r: r.id):
            if record.voided:
                continue
            self._by_log[record.log].append(record)
            for person in {getattr(record, "person", None), *getattr(record, "persons", ())}:
                if person is not None:
                    self._about[person, record.log].append(record)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Record | None:
        """The record with that id, struck-out ones included."""
        return self._by_id.get(id)

    def of(self, log: str) -> list[Record]:
        """The records of a log that count."""
        return self._by_log.get(log, [])

    def about(self, person: str, log: str) -> list[Record]:
        """The records of a log that count and refer to that person."""
        return self._about.get((person, log), [])
