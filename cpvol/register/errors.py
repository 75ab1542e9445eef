"""What can stop somebody who opens, reads or changes a register."""

from __future__ import annotations

from cpvol.errors import CpvolError


class NotRecords(CpvolError):
    """The folder is no records repository."""

    def __init__(self) -> None:
        super().__init__(
            "this folder holds no cpvol records",
            "make them with `init`, bring them back with `restore`, or name the right folder in CPVOL_RECORDS",
        )


class Occupied(CpvolError):
    """The folder for new records is in use."""

    def __init__(self) -> None:
        super().__init__(
            "the folder for the records is not empty",
            "choose another folder, or move it away first",
        )


class Damaged(CpvolError):
    """What stands in the repository cannot have been written by cpvol."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is damaged", "restore these records from another copy")


class NotAMember(CpvolError):
    """The credential belongs to nobody in these records."""

    def __init__(self) -> None:
        super().__init__(
            "your keys belong to no present member of these records",
            "check that CPVOL_HOME names your own folder, or ask an admin to add you",
        )


class NotAllowed(CpvolError):
    """The member's role does not cover what was asked."""


class Closed(CpvolError):
    """The entry is closed to this member."""

    def __init__(self, id: str) -> None:
        super().__init__(f"entry {id} is closed to you", "a member who reads it can tell you more")


class UnknownRecord(CpvolError):
    """No entry, or more than one, has an id that begins so."""


class ClockBehind(CpvolError):
    """Our clock is behind the last entry."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"this computer's clock is {minutes} minutes behind the last entry",
            "set the clock, then try again; nothing was changed",
        )


class Overtaken(CpvolError):
    """Somebody changed the same entry in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            "this entry was changed in the meantime", "look at it again, then repeat your change"
        )
