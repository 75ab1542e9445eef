"""A keychain in a file, for measuring a task that is given remembered keys. Not for anybody's keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeychain(KeyringBackend):
    """Keeps what it is given in the file that CPVOL_BENCH_KEYCHAIN names."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        """What was kept, or ``None``."""
        found = self._kept().get(f"{service} {username}")
        return str(found) if found is not None else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something."""
        kept = self._kept() | {f"{service} {username}": password}
        self._place().write_text(json.dumps(kept), encoding="utf-8")

    def _kept(self) -> dict[str, object]:
        if not self._place().exists():
            return {}
        return dict(json.loads(self._place().read_text(encoding="utf-8")))

    @staticmethod
    def _place() -> Path:
        return Path(os.environ["CPVOL_BENCH_KEYCHAIN"])
