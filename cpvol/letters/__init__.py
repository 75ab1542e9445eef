"""Letters and forms: one file for each with what it needs to know, and its words beside it as a template.

Data in, a printable page out; nothing here asks, writes a file or keeps anything. To add a letter, write
``cpvol/letters/<name>.py`` with a :class:`~cpvol.letters.base.Letter` and ``cpvol/letters/<name>.html`` with its words,
and add its line here. Its task ``letter.<name>`` and its place in the conformity test follow from that.
"""

from __future__ import annotations

from cpvol.letters import (
    breach,
    check_renewal,
    declaration,
    failed_check,
    job_description,
    lapsed_check,
    leaver,
    leaver_notice,
    lost_token,
    override_report,
    sar_referral,
    shield_form,
    training_place,
)
from cpvol.letters.base import Letter

LETTERS: tuple[Letter, ...] = (
    leaver.LETTER,
    lapsed_check.LETTER,
    failed_check.LETTER,
    lost_token.LETTER,
    breach.LETTER,
    shield_form.LETTER,
    sar_referral.LETTER,
    override_report.LETTER,
    leaver_notice.LETTER,
    check_renewal.LETTER,
    training_place.LETTER,
    job_description.LETTER,
    declaration.LETTER,
)

BY_NAME: dict[str, Letter] = {letter.name: letter for letter in LETTERS}
