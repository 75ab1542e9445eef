"""The program, with credentials locked so that they open in milliseconds: ``python -m tests.support.quick_lock``."""

from __future__ import annotations

from unittest.mock import patch

from cpvol.tasks.program import main
from tests.support.weak_scrypt import lock_quickly

if __name__ == "__main__":
    with patch("cpvol.vault.credential.lock", lock_quickly):
        main()
