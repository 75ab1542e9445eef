"""What an audit says, in words: the verdict, what it means, and what it cannot mean."""

from __future__ import annotations

from cpvol.audit.anchor import Checkpoint
from cpvol.audit.chronicle import day_of
from cpvol.audit.examine import Examined
from cpvol.findings import Severity

MEANS = (
    "Nothing in these records was changed after it was entered without leaving its trace.",
    "Each change was signed with a key that the list of members, as the change before it left it, allows to make it.",
    "No entry disappeared except by a disposal that was proposed, approved and written down.",
)
MEANS_NOT = (
    "It does not mean that what was entered is true.",
    "It does not mean that a date is exact: an entry can be dated freely between its neighbours.",
    "It does not mean that nothing was dropped since the last checkpoint that somebody outside keeps.",
    "It does not mean that no key was stolen and used, nor that two members are two people.",
    "It does not mean that nobody kept a readable copy of what was destroyed.",
)
NO_ANCHOR = (
    "Ask whoever oversees the organisation, not those whose records these are, for the anchor, and give it with"
    " --anchor. It is one line that begins with cpvol-anchor-1:."
)


WHAT_NOW = (
    "See first whether the anchor and the checkpoints that you gave are whole, and those of this organisation.",
    "Keep what you were given as it is, and this result with it. Nothing in it can be mended by you or them.",
    "Get another copy, from whoever oversees the organisation, another member or a backup, and audit that.",
    "Where the two copies part is where it happened.",
)


def fitting_points(examined: Examined) -> list[Checkpoint]:
    """The checkpoints that lie on the chain, of an audit that holds; those of what was not looked at again left out."""
    if not examined.holds:
        return []
    return [each for each in examined.checkpoints if each.count >= examined.skipped]


def fitting(examined: Examined) -> list[str]:
    """That what the auditor had from outside fits, thing by thing."""
    said = ["The anchor that you gave is the one of these records."] if examined.pinned else []
    for each in fitting_points(examined):
        seen = ", and countersigned by the key that you named" if examined.outside.witness else ""
        said.append(
            f"The checkpoint of {each.on:%d/%m/%Y} fits: {_number(each.count, 'change', 'changes')}, signed by {each.by}{seen}."
        )
    return said


def cut_short(examined: Examined) -> str:
    """How far an audit went that ended early."""
    count = examined.state.count if examined.state is not None else 0
    return f"It ended early: what comes after change {count:,} was not looked at, so there may be more."


def other_anchor(examined: Examined) -> str:
    """That an anchor is not the one of the records; ``""`` when it is, or when none was given."""
    pinned, own = examined.outside.anchor, examined.anchor
    if pinned is None or own is None or pinned == own:
        return ""
    return (
        f"You gave the anchor {pinned.line()}; what is here begins with {own.line()}. See whether you copied yours"
        " whole, and ask whoever gave it to you. Do not take the one from here in its place."
    )


def not_again(examined: Examined) -> str:
    """What an audit since a checkpoint did not look at, plainly."""
    return (
        f"The first {examined.skipped:,} changes were not looked at again: neither their signatures nor what"
        " they changed, nor whether a key or a sealed text of theirs came back since, nor who let in whom, as the"
        " two steps of a disposal are looked at for. What they left is taken"
        " as it was found when the checkpoint was checked."
    )


def verdict(examined: Examined) -> str:
    """The verdict in a sentence."""
    state = examined.state
    breaches = sum(each.severity is Severity.BREACH for each in examined.problems)
    if state is None:
        return "The audit does not hold: these records were not even copied for it."
    if breaches:
        what = "one thing is" if breaches == 1 else f"{breaches:,} things are"
        if examined.stopped:
            what = f"at least {what}"
        return f"The audit does not hold: {what} not as the rules want."
    count = state.count - examined.skipped
    changes = "one change" if count == 1 else f"{count:,} changes"
    return (
        f"The audit holds{_since(examined)}: {changes} up to {day_of(state.accepted):%d/%m/%Y}, each signed with"
        f" a key that was allowed to make it at that time{_depth(examined)}{_trust(examined)}."
    )


def counted(examined: Examined) -> str:
    """What a change is, and how many entries there are in all of them."""
    told = examined.chronicle
    entries, versions = len(told.written), sum(told.entries.values())
    rest = (
        f"; {_number(told.apart, 'change', 'changes')} wrote none, being about the founding, members, keys, policy, disposals"
        " or the like"
    )
    return (
        "A change is one signed step, and can write many entries at once. These wrote"
        f" {_number(entries, 'entry', 'entries')}, in {_number(versions, 'version', 'versions')} with"
        f" what was corrected{rest if told.apart else ''}."
    )


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _trust(examined: Examined) -> str:
    if examined.pinned:
        return ""
    return (
        ". But no anchor was given, so this shows only that the records agree with themselves, not that they are"
        " the ones you mean"
    )


def _since(examined: Examined) -> str:
    return " since the checkpoint" if examined.skipped else ""


def _depth(examined: Examined) -> str:
    if examined.opened is None:
        return "; the entries themselves were not opened"
    opened = len(examined.opened.records)
    closed = examined.opened.closed
    if examined.handed is not None:
        return f"; the keys that were given opened {opened:,} entries and left {closed:,} closed"
    rest = f", {closed:,} are closed to your keys" if closed else ""
    return f"; {opened:,} entries were opened in every version{rest}"
