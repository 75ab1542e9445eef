"""The numbers in force: every value of the policy, with what it means, who says so and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

from cpvol.guidance.cite import links
from cpvol.guidance.literal import literal
from cpvol.guidance.tables import table
from cpvol.policy import Policy
from cpvol.policy.model import Sourced

_ABOUT = """\
# The numbers in force

Every number on this site comes from here. It is either in a source, or it is ours and says why. An organisation can set
its own."""
_SURE: Mapping[str | None, str] = {
    "law": "The law.",
    "guidance": "Guidance.",
    "custom": "It is usual; nothing fixes it.",
}


def body(policy: Policy, path: str) -> str:
    """The text of the page.

    :param path: the page's path, for its links.
    """
    rows = []
    for number in policy.numbers().values():
        # No time at all, in words that people use.
        words = "the same day" if number.words == "0 days" else number.words
        rows.append(
            (
                f"**{words}**",
                literal(number.what),
                f"{_authority(number)} {links(number.rows, path)}",
            )
        )
    kept = "How long each log is kept stands in [the retention schedule](../records/index.md#how-long-we-keep-it)."
    return "\n\n".join([_ABOUT, table(("Number", "What it means", "Who says so"), rows), kept])


def _authority(number: Sourced) -> str:
    said = [_SURE[number.sure]] if number.sure in _SURE else []
    if number.source:
        said.append(f"{literal(number.source)}.")
    elif number.origin == "source":
        said.append("A source document.")
    if number.origin == "ours":
        said.append(f"Ours: {literal(number.reason or '')}")
    if number.unconfirmed:
        said.append(f"Not confirmed: {literal(number.unconfirmed)}")
    return " ".join(said)
