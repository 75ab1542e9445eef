"""A bound on the memory of a git process that reads what strangers made.

A few bytes can describe an object of gigabytes, and git makes it in memory before anybody can say no. Linux lets a
process be bounded from outside; elsewhere the bound is the machine's own.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

#: Bytes of its own data that such a process may have. Fifty thousand commits take it a tenth of that.
MAX_MEMORY = 1 << 30


def bound(process: subprocess.Popen[bytes], most: int = MAX_MEMORY) -> None:
    """Bound the memory of a process that was just started, and of those that it starts."""
    if sys.platform == "linux":
        import resource

        # It may have ended already, or belong to somebody whose limits are lower.
        with suppress(OSError, ValueError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (most, most))
