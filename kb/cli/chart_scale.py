"""The scales of a chart: ticks at round numbers, and labels that do not overlap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_TICKS = 7
_ROUND = (1, 2, 5, 10)


def ticks(low: float, high: float, *, whole: bool) -> list[float]:
    """Round numbers, evenly spaced, from 0 or below `low` up to `high` or above; only integers if `whole`."""
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 1
    raw = (high - low) / (_MAX_TICKS - 1)
    if whole:
        raw = max(raw, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _ROUND if factor * power >= raw * 0.999_999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def label_step(labels: Sequence[str], width: float, *, rotated: bool, font_size: float) -> int:
    """The smallest step between visible labels at which none overlaps the next."""
    longest = max(map(len, labels), default=1)
    needed = font_size * 1.7 if rotated else (longest * 0.62 + 1.2) * font_size
    return max(1, math.ceil(len(labels) * needed / width))
