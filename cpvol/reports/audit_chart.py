"""Who entered how much over time, as a drawing: bars of months, or of years, each stacked by member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Units of the drawing: the bars' room, what is left of it for numbers, and below it for months.
WIDTH, HEIGHT, LEFT, FOOT = 680, 180, 40, 22
#: More bars than this cannot be told apart on paper; years are shown instead of months.
_MOST_BARS = 60
#: Labels below the bars that fit beside one another.
_MOST_LABELS = 13
#: Members with a shade of their own; all others share the last one. Told apart in black and white too.
SHADES = ("#16324a", "#7fb2c9", "#4f7a53", "#d9b44a", "#8c3b2e", "#c9c9c9")
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Piece:
    """One member's part of one bar, in units of the drawing; ``said`` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    shade: str
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing.

    :param labels: (x, text) below the bars.
    :param legend: (shade, member), in the order in which they are stacked.
    :param highest: entries in the highest bar.
    """

    pieces: list[Piece]
    labels: list[tuple[float, str]]
    legend: list[tuple[str, str]]
    highest: int
    first: str
    last: str


def chart(entries: Mapping[tuple[str, str, str], int]) -> Chart | None:
    """The drawing of how many entries there were, by (month, log, handle); ``None`` when there were none."""
    by_month: Counter[tuple[str, str]] = Counter()
    for (month, _, handle), count in entries.items():
        by_month[month, handle] += count
    if not by_month:
        return None
    labels = _months(month for month, _ in by_month)
    if len(labels) > _MOST_BARS:
        by_month = _by_year(by_month)
        labels = [str(y) for y in range(int(labels[0][:4]), int(labels[-1][:4]) + 1)]
    shades = _shades(by_month)
    totals = {
        label: sum(n for (when, _), n in by_month.items() if when == label) for label in labels
    }
    return Chart(
        _pieces(by_month, labels, shades, max(totals.values())),
        _labels(labels),
        [(shade, name) for name, shade in shades.items()],
        max(totals.values()),
        labels[0],
        labels[-1],
    )


def _by_year(by_month: Mapping[tuple[str, str], int]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (month, handle), count in by_month.items():
        found[month[:4], handle] += count
    return found


def _shades(by_label: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """The shade of each member: those who entered most have one of their own."""
    totals: Counter[str] = Counter()
    for (_, handle), count in by_label.items():
        totals[handle] += count
    ranked = sorted(totals, key=lambda handle: (-totals[handle], handle))
    own = dict(zip(ranked, SHADES[:-1], strict=False))
    return own | ({OTHERS: SHADES[-1]} if len(ranked) > len(own) else {})


def _pieces(
    by_label: Mapping[tuple[str, str], int],
    labels: list[str],
    shades: Mapping[str, str],
    highest: int,
) -> list[Piece]:
    step = WIDTH / len(labels)
    places = {label: number for number, label in enumerate(labels)}
    stacked: dict[tuple[str, str], int] = {}
    for (label, handle), count in by_label.items():
        name = handle if handle in shades else OTHERS
        stacked[label, name] = stacked.get((label, name), 0) + count
    found, tops = [], dict.fromkeys(labels, float(HEIGHT))
    for name, shade in shades.items():
        for label in labels:
            count = stacked.get((label, name), 0)
            if count:
                height = HEIGHT * count / highest
                tops[label] -= height
                x = LEFT + places[label] * step
                found.append(
                    Piece(
                        round(x, 1),
                        round(tops[label], 1),
                        round(step * 0.8, 1),
                        round(height, 1),
                        shade,
                        f"{label}, {name}: {count}",
                    )
                )
    return found


def _labels(labels: list[str]) -> list[tuple[float, str]]:
    step = WIDTH / len(labels)
    every = -(-len(labels) // _MOST_LABELS)
    return [
        (round(LEFT + number * step + step * 0.4, 1), label)
        for number, label in enumerate(labels)
        if number % every == 0
    ]


def _months(found: Iterable[str]) -> list[str]:
    listed = sorted(found)
    start, end = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (listed[0], listed[-1]))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]
