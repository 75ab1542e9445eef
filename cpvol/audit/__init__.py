"""The audit: is a records repository whole, who entered what and when, and did anybody act beyond their role?

``verify`` walks the chain and applies the rules; nothing in the repository is believed before it is checked.

=================  ==========================================================================================
``anchor``         what is pinned outside: the anchor, and checkpoints
``diagnose``       what is wrong with a commit that is not in the one form, in words
``changes``        what each commit changes, from the folders that differ alone
``sealed``         how many keys open a sealed file, told without a key
``membership``     which changes of the members are allowed to whom
``disposing``      which steps of a disposal are allowed to whom
``rules``          what each action may change, and who may take it
``verify``         points 1 to 7: the walk from the founding commit to the tip
``ring``           point 8 without a key: the keyring that the tip names
``contents``       points 8 and 9 with a key: every version of every record
``granted``        a file of keys that was given to somebody outside
``known``          the fixed files that some version of this program wrote
``chronicle``      who did what and when, for the report
=================  ==========================================================================================

To add an action, write its rule in ``rules`` and its line in the table there.
"""

from __future__ import annotations

from cpvol.audit.anchor import Anchor, Checkpoint
from cpvol.audit.problem import Problem
from cpvol.audit.verify import State, Verdict, state_at, verify

__all__ = ["Anchor", "Checkpoint", "Problem", "State", "Verdict", "state_at", "verify"]
