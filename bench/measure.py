"""Timing side by side: every contestant takes its turn in every round, so that a busy moment hits all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: What takes one turn, and gives how many pieces of work that was.
Turn = Callable[[], int]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    :param name: what was measured.
    :param seconds: the median of its rounds.
    :param each: how many pieces of work one round is; a rate is shown when it is more than one.
    :param against: what it is compared with, in words, or ``""``.
    :param ratio: how many times faster (``at least``) or slower (``at most``) it is than that.
    :param target: the ratio to reach, or ``None``.
    :param unit: ``B`` where ``seconds`` is a number of bytes instead.
    """

    name: str
    seconds: float
    each: int = 1
    against: str = ""
    ratio: float | None = None
    target: tuple[str, float] | None = None
    unit: str = "s"

    @property
    def met(self) -> bool | None:
        """Whether the target was reached; ``None`` without one."""
        if self.target is None or self.ratio is None:
            return None
        which, bound = self.target
        return self.ratio >= bound if which == "at least" else self.ratio <= bound


def medians(turns: Mapping[str, Turn], rounds: int) -> dict[str, tuple[float, int]]:
    """Let every contestant take its turn in every round.

    :returns: by name: the median of the seconds, and the pieces of work in one turn.
    """
    taken: dict[str, list[float]] = {name: [] for name in turns}
    work: dict[str, int] = {}
    for _ in range(rounds):
        for name, turn in turns.items():
            start = time.perf_counter()
            work[name] = turn()
            taken[name].append(time.perf_counter() - start)
    return {name: (statistics.median(times), work[name]) for name, times in taken.items()}


def table(rows: list[Row]) -> str:
    """The rows as text, columns aligned."""
    lines = [("what", "time", "rate", "compared with", "ratio", "target", "")]
    for row in rows:
        rate = f"{row.each / row.seconds:,.0f}/s" if row.each > 1 else ""
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        target = f"{row.target[0]} {row.target[1]:g}" if row.target else ""
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        lines.append((row.name, _shown(row), rate, row.against, ratio, target, verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in {1, 2, 4} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _shown(row: Row) -> str:
    if row.unit == "B":
        return f"{row.seconds / 1_000_000:.1f} MB"
    seconds = row.seconds
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
