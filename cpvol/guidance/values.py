"""The values that a page may ask for by name: numbers in force, contacts, and blocks made from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cpvol.guidance import contacts, helper, reference, retention
from cpvol.guidance.cite import links, up
from cpvol.guidance.fill import fill
from cpvol.guidance.helper import Step
from cpvol.guidance.literal import literal
from cpvol.policy import Policy, schedule
from cpvol.policy.model import NAMES, Sourced

_GONE = """\
<div class="cp-note" markdown>

ContactPoint closed on 6 August 2010. Read "the directory" on this page as the one that you work with now. Do you work
with none? [What still holds]({root}about/index.md#what-still-holds-today).

</div>"""


def values(
    policy: Policy,
    organisation: Mapping[str, object] | None,
    helpers: Mapping[str, Sequence[Step]],
    path: str,
) -> dict[str, str]:
    """What placeholders of one page are looked up in.

    =========================  =====================================================
    ``policy.ecrb_valid``      a number in force with its unit: ``3 years``
    ``from.ecrb_valid``        where that number comes from: the rows and the law
    ``keep.person``            how long a log is kept: ``6 years``
    ``from.keep.person``       where that comes from
    ``contact.authority_team`` a contact inside a sentence
    ``office.authority_team``  what a contact is called, alone
    ``card.authority_team``    a contact as a card of its own (a block)
    ``role.shielding``         who decides on shields here; also ``role.renewal``
    ``organisation.name``      the organisation's name
    ``note.directory``         that the directory is gone, where the numbers are those of a later time (a block)
    ``table.retention``        the retention schedule (a block)
    ``list.never``             what no log ever holds (a block)
    ``helper.route``           a decision helper (a block)
    =========================  =====================================================

    :param organisation: the organisation's own data, or ``None``: contacts are then blanks that show.
    :param path: the page's path, for its links.
    """
    kept = schedule(policy)
    plain = {
        **{f"policy.{name}": "" for name in NAMES},
        **{f"policy.{name}": number.words for name, number in policy.numbers().items()},
        **{f"from.{name}": "" for name in NAMES},
        **{f"from.{name}": source_links(number, path) for name, number in policy.numbers().items()},
        **{f"keep.{row.log}": row.keep for row in kept},
        **{f"from.keep.{row.log}": links(row.rows, path) for row in kept},
        **{f"contact.{p.key}": contacts.inline(p, organisation, policy) for p in contacts.PURPOSES},
        **{
            f"card.{p.key}": contacts.card(p, organisation, policy, path) for p in contacts.PURPOSES
        },
        **{f"office.{p.key}": policy.office(p.key) for p in contacts.PURPOSES},
        "role.shielding": contacts.shield_roles(organisation),
        "role.renewal": contacts.renewal_role(organisation),
        # The duty to tell the Commissioner is younger than the directory's end: where it holds, there is none.
        "note.directory": _GONE.format(root=up(path)) if policy.breach_notify else "",
        "organisation.name": literal(name_of(organisation)) or "our organisation",
        "table.retention": retention.schedule_table(kept, path),
        "list.never": reference.never(path),
    }
    made = {f"helper.{name}": helper.body(name, steps, path) for name, steps in helpers.items()}
    return plain | {name: fill(block, plain, path) for name, block in made.items()}


def source_links(number: Sourced, path: str) -> str:
    """Where a number comes from, as it stands behind it: rows, and a law or guidance by name where there is one."""
    if not number.source:
        return links(number.rows, path)
    named = literal(number.source) if number.origin == "source" else "our own number"
    return links(number.rows, path, f"[{named}]({up(path)}about/numbers.md)")


def name_of(organisation: Mapping[str, object] | None) -> str:
    """The organisation's name, or ``""`` where there is none yet."""
    return str((organisation or {}).get("name", ""))
