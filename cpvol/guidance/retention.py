"""The retention schedule that people read: how long each log is kept, from when, and who says so."""

from __future__ import annotations

from collections.abc import Iterable

from cpvol.guidance.cite import links
from cpvol.guidance.literal import literal
from cpvol.guidance.tables import table
from cpvol.policy import ScheduleRow


def schedule_table(schedule: Iterable[ScheduleRow], path: str) -> str:
    """The schedule as a table, a line for each log that links to the log's own page.

    :param path: the page's path, for its links.
    """
    from cpvol.guidance.cite import up

    return table(
        ("Log", "Kept for", "After", "Who says so"),
        (
            (
                f"[{row.title}]({up(path)}reference/{row.log}.md)",
                row.keep,
                row.since,
                _authority(row, path),
            )
            for row in schedule
        ),
    )


def sentence(row: ScheduleRow, path: str) -> str:
    """One log's retention in words."""
    said = f"Kept for **{row.keep}** after {row.since}. {_authority(row, path)}"
    return f"{said}\n\nOn the last day of that time it is still kept. On the day after, it is due for disposal. {links(('C27',), path)}"


def _authority(row: ScheduleRow, path: str) -> str:
    said = (
        "The source documents say so."
        if row.origin == "source"
        else f"Our own number: {literal(row.reason)}"
    )
    return f"{said} {links(row.rows, path)}".strip()
