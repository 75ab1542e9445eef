"""``python -m cpvol``."""

from __future__ import annotations

from cpvol.tasks.program import main

if __name__ == "__main__":
    main()
