"""Due dates of disposal, for every log by its own retention rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cpvol.compliance.base import Case, Date, DueRule, due_rule
from cpvol.logs import LOGS
from cpvol.logs.base import Log


def _rule(log: Log) -> DueRule:
    # One rule a log, so that each is named and explained by its own number and source.
    title = f"{log.title}: an entry is destroyed when its time has run"

    @due_rule(f"retention-{log.name}", title, *log.keep.rows)
    def rule(case: Case) -> Iterator[Date]:
        """How long an entry is kept is a floor and a ceiling (C22).

        It may have to answer a claim until then, and nobody may keep it longer. It is kept through
        the anniversary and may be destroyed from the day after (C27).
        """
        kept = case.policy.keep(log)
        for expiry in case.disposable.get(log.name, ()):
            record = case.book.get(expiry.id)
            if record is not None:
                yield Date(
                    record,
                    expiry.expires_on + timedelta(days=1),
                    f"propose the entry for disposal: kept {kept.words} since {kept.since}",
                    kept.rows,
                )

    return rule


RULES: tuple[DueRule, ...] = tuple(_rule(log) for log in LOGS)
