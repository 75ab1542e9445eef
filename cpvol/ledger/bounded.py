"""A bound on the memory of a git process that reads what strangers made.

A few bytes can describe an object of gigabytes, and git makes it in memory before anybody can say no. Linux lets a
process be bounded from outside; elsewhere the bound is the machine's own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

#: Bytes of its own data that such a process may have. Fifty thousand commits take it a tenth of that.
MAX_MEMORY = 1 << 30


def bounded(words: Sequence[str], most: int = MAX_MEMORY) -> list[str]:
    """A command whose memory is bounded from its first instruction on, where there is a program that does so.

    Elsewhere :func:`bound` comes a moment after the start.
    """
    prlimit = shutil.which("prlimit") if sys.platform == "linux" else None
    return [prlimit, f"--data={most}", "--", *words] if prlimit else list(words)


def bound(process: subprocess.Popen[bytes], most: int = MAX_MEMORY) -> None:
    """Bound the memory of a process that was just started, and of those that it starts."""
    if sys.platform == "linux":
        import resource

        # It may have ended already, or belong to somebody whose limits are lower.
        with suppress(OSError, ValueError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (most, most))
