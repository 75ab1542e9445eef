"""The values that a page may ask for by name: numbers in force, contacts, and blocks made from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from cpvol.guidance import contacts, helper, reference, retention
from cpvol.guidance.fill import fill
from cpvol.guidance.helper import Step
from cpvol.policy import Policy, schedule
from cpvol.policy.model import NAMES


def values(
    policy: Policy,
    organisation: Mapping[str, object] | None,
    helpers: Mapping[str, Sequence[Step]],
    path: str,
) -> dict[str, str]:
    """What placeholders of one page are looked up in.

    =========================  =====================================================
    ``policy.ecrb_valid``      a number in force with its unit: ``3 years``
    ``keep.person``            how long a log is kept: ``6 years``
    ``contact.authority_team`` a contact inside a sentence
    ``card.authority_team``    a contact as a card of its own (a block)
    ``role.shielding``         who decides on shields here; also ``role.renewal``
    ``organisation.name``      the organisation's name
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
        **{f"keep.{row.log}": row.keep for row in kept},
        **{f"contact.{p.key}": contacts.inline(p, organisation) for p in contacts.PURPOSES},
        **{f"card.{p.key}": contacts.card(p, organisation, path) for p in contacts.PURPOSES},
        "role.shielding": contacts.shield_roles(organisation),
        "role.renewal": contacts.renewal_role(organisation),
        "organisation.name": escape(name_of(organisation)) or "our organisation",
        "table.retention": retention.schedule_table(kept, path),
        "list.never": reference.never(path),
    }
    made = {f"helper.{name}": helper.body(name, steps, path) for name, steps in helpers.items()}
    return plain | {name: fill(block, plain, path) for name, block in made.items()}


def _numbers(policy: Policy) -> dict[str, str]:
    """Every number by its name; one that is not asked for in this policy is empty, and lines about it fall away."""
    names = (name for name in type(policy).model_fields if name not in {"profile", "retention"})
    found = {name: getattr(policy, name) for name in names}
    return {f"policy.{name}": value.words if value else "" for name, value in found.items()}


def name_of(organisation: Mapping[str, object] | None) -> str:
    """The organisation's name, or ``""`` where there is none yet."""
    return str((organisation or {}).get("name", ""))
