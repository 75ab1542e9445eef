"""Several people, several machines: two copies of the same records become one again.

Main is one chain, so there is nothing for git to merge. What the meeting place has is verified and comes first; what was
entered here since the two parted is entered again on top of it, by the same person, with fresh keys::

    here       A - B - x - y             x, y: entered here, not sent yet
    there      A - B - P - Q             P, Q: verified before anything here changes
    together   A - B - P - Q - x' - y'   one new keyring, then both branches are sent in one go

=============  ====================================================================================================
``judge``      what the meeting place has: how far it can be accepted, and why it cannot be any further
``merge``      two changes of the same entry, field by field
``replay``     what was entered here, on top of what came in
``handover``   what somebody may not send any more, sealed for those who may enter it on their behalf
``disaster``   when a backup is all there is: an admin's act, and what each member confirms
``run``        one sync from beginning to end, again while others are faster
``clone``      a first copy
``place``      where members meet
=============  ====================================================================================================
"""

from __future__ import annotations

from cpvol.ledger.remote import NotReached
from cpvol.sync.clone import clone
from cpvol.sync.merge import Conflict
from cpvol.sync.place import has_place, meeting_of, share
from cpvol.sync.run import Outcome, Voice, sync

__all__ = [
    "Conflict",
    "NotReached",
    "Outcome",
    "Voice",
    "clone",
    "has_place",
    "meeting_of",
    "share",
    "sync",
]
