"""Read every record of a records repository once, from a cold start: ``read_all.py FOLDER KEYS``."""

from __future__ import annotations

import sys
from pathlib import Path

from cpvol.register import Register
from cpvol.vault import credential

if __name__ == "__main__":
    folder, keys = map(Path, sys.argv[1:])
    identity, _ = credential.decode(keys.read_bytes())
    with Register.open(folder, identity) as register:
        print(len(register.records()))
