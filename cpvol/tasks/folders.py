"""Where records should not lie: in a folder that a file-sync service keeps in step."""

from __future__ import annotations

from pathlib import Path

from cpvol.tasks.session import Session

_SYNCED = ("onedrive", "dropbox", "icloud", "google drive", "googledrive", "box sync", "nextcloud")


def is_synced(folder: Path) -> bool:
    """Whether a folder is one that a file-sync service keeps in step."""
    return any(word in part.lower() for part in folder.absolute().parts for word in _SYNCED)


def warn_synced(session: Session, folder: Path) -> None:
    """Warn when a folder is one that a file-sync service keeps in step."""
    if is_synced(folder):
        session.tell(
            "warning: that folder is kept in step by a file-sync service, which spoils records and keeps old keys"
        )
        session.tell("  choose a folder outside it, by setting CPVOL_RECORDS")
