"""The numbers in force: every value of the policy, with what it means and who says so."""

from __future__ import annotations

from cpvol.guidance.cite import links
from cpvol.guidance.tables import table
from cpvol.policy import Policy

_ABOUT = """\
# The numbers in force

Every number on this site comes from here. It is either in a source, or it is ours and says why. An organisation can set
its own."""


def body(policy: Policy, path: str) -> str:
    """The text of the page.

    :param path: the page's path, for its links.
    """
    rows = []
    for value in policy.numbers().values():
        said = (
            f"{value.source or 'A source'}."
            if value.origin == "source"
            else f"Ours: {value.reason}"
        )
        if value.unconfirmed:
            said = f"{said} Not confirmed: {value.unconfirmed}"
        # No time at all, in words that people use.
        words = "the same day" if value.words == "0 days" else value.words
        rows.append((f"**{words}**", value.what, f"{said} {links(value.rows, path)}"))
    kept = "How long each log is kept stands in [the retention schedule](../records/index.md#how-long-we-keep-it)."
    return "\n\n".join([_ABOUT, table(("Number", "What it means", "Who says so"), rows), kept])
