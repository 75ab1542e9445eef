"""The logs: one model per file, one line each in :data:`LOGS`.

To add a log, write ``cpvol/logs/<name>.py`` with a :class:`~cpvol.logs.base.Record` and a
:class:`~cpvol.logs.base.Log`, and add its line here. Its tasks, JSON Schema, reference page, blank form, import template
and round-trip test follow from that.
"""

from __future__ import annotations

from cpvol.logs.accuracy import ACCURACY
from cpvol.logs.acknowledgement import ACKNOWLEDGEMENT
from cpvol.logs.base import Log
from cpvol.logs.breach import BREACH
from cpvol.logs.brokering import BROKERING
from cpvol.logs.change import CHANGE
from cpvol.logs.consent import CONSENT
from cpvol.logs.declaration import DECLARATION
from cpvol.logs.dispute import DISPUTE
from cpvol.logs.ecrb import ECRB
from cpvol.logs.hold import HOLD
from cpvol.logs.notice import NOTICE
from cpvol.logs.override import OVERRIDE
from cpvol.logs.person import PERSON
from cpvol.logs.sar import SAR
from cpvol.logs.session import SESSION
from cpvol.logs.shield import SHIELD
from cpvol.logs.spotcheck import SPOTCHECK
from cpvol.logs.support import SUPPORT
from cpvol.logs.token import TOKEN
from cpvol.logs.training import TRAINING
from cpvol.logs.usage import USAGE

LOGS: tuple[Log, ...] = (
    PERSON,
    ECRB,
    TRAINING,
    TOKEN,
    SESSION,
    BREACH,
    SAR,
    SHIELD,
    OVERRIDE,
    BROKERING,
    SPOTCHECK,
    CHANGE,
    SUPPORT,
    DISPUTE,
    ACKNOWLEDGEMENT,
    USAGE,
    ACCURACY,
    NOTICE,
    CONSENT,
    DECLARATION,
    HOLD,
)

BY_NAME: dict[str, Log] = {log.name: log for log in LOGS}
