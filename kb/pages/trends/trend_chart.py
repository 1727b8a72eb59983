"""The geometry of trend charts: columns over time in one drawing or in small multiples, for SVG templates.

All lengths are in the units of the drawing, whose base is zero. Colors and fonts are in the style sheet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.pages.words.trend_words import bucket_text, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.domain.periods import Interval

_BAR_SHARE = 0.7
_ROOM_ABOVE, _ROOM_BELOW = 18, 20
_LEAST_HEIGHT = 44
_ROUND_YEARS = (5, 10, 20, 50, 100)
_MAX_PEAKS = 3
"""The most buckets that may share the highest value for it to be labeled."""


class Frame(NamedTuple):
    """The size of a drawing, and the width of a letter: on a wide screen, and on a phone."""

    width: int
    height: int
    letter: float
    letter_on_phone: float

    @property
    def base(self) -> int:
        """Return the vertical position of zero."""
        return self.height - _ROOM_BELOW


LARGE = Frame(640, 210, 5.2, 11.5)
SMALL = Frame(280, 112, 6.2, 6.2)


class Column(NamedTuple):
    """A bar with its labels: its value, the time below it, and the URL of its incidents.

    The link spans the full height of the drawing, from `left` and as wide as `step`. A star marks a period
    that is not over. `is_light` marks a value that is not final or rests on few incidents. `minor` labels are
    hidden on a phone.
    """

    left: float
    step: float
    x: float
    y: float
    width: float
    height: float
    middle: float
    time_middle: float
    title: str
    value: str
    value_is_zero: bool
    value_is_minor: bool
    time: str
    time_is_minor: bool
    is_highest: bool
    is_light: bool
    url: str | None


class Drawing(NamedTuple):
    """The columns of one series in a frame."""

    frame: Frame
    columns: Sequence[Column]

    @property
    def top(self) -> int:
        """Return the vertical position at which the drawing begins: no higher than its columns need, so that
        small ones leave no gap below their heading, and with room for a finger.
        """
        highest = min((column.y for column in self.columns), default=0)
        return max(0, min(int(highest) - _ROOM_ABOVE, self.frame.base - _LEAST_HEIGHT))


def scale_of(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the highest value of the rows, which fills the height of a drawing."""
    return max((row["value"] or 0 for row in rows), default=0) or 1


def draw(
    rows: Sequence[Mapping[str, Any]],
    *,
    metric: str,
    interval: Interval,
    scale: float,
    frame: Frame,
    address: Callable[[Mapping[str, Any]], str | None],
) -> Drawing:
    """Draw the values of buckets in order; a column of the value `scale` has the full height."""
    step = frame.width / max(len(rows), 1)
    times = [bucket_text(row, interval) + ("*" if row["partial"] else "") for row in rows]
    texts = [
        value_text(metric, row["value"] or 0) if row["value"] or _is_none_filed(row, metric) else ""
        for row in rows
    ]
    shown_times, main_times = _time_labels(times, step, frame)
    shown_values, main_values = _value_labels(rows, texts, step, frame)
    peaks = _peaks(rows)
    columns = []
    for index, row in enumerate(rows):
        height = round((row["value"] or 0) / scale * (frame.base - _ROOM_ABOVE), 1)
        columns.append(
            Column(
                left=round(index * step, 1),
                step=round(step, 1),
                x=round((index + (1 - _BAR_SHARE) / 2) * step, 1),
                y=round(frame.base - height, 1),
                width=round(step * _BAR_SHARE, 1),
                height=height,
                middle=_within((index + 0.5) * step, texts[index], frame),
                time_middle=_within((index + 0.5) * step, times[index], frame),
                title=f"{times[index]}: {value_text(metric, row['value'])}",
                value=texts[index] if index in shown_values else "",
                value_is_zero=not row["value"],
                value_is_minor=index not in main_values,
                time=times[index] if index in shown_times else "",
                time_is_minor=index not in main_times,
                is_highest=index in peaks,
                is_light=row["partial"] or (metric != "count" and row["warning"] is not None),
                url=address(row) if row["value"] is not None and row["incidents"] else None,
            )
        )
    return Drawing(frame, columns)


def _is_none_filed(row: Mapping[str, Any], metric: str) -> bool:
    """Whether a bucket has no incident; the chart says so, since a gap would look like missing data."""
    return metric == "count" and row["value"] == 0


def _time_labels(times: Sequence[str], step: float, frame: Frame) -> tuple[set[int], set[int]]:
    """Return the positions with a time label, and those of them that keep it on a phone."""
    longest = max(map(len, times), default=0)
    if frame is SMALL:
        ticks = _ticks(times, (longest + 1.5) * frame.letter / step)
        return ticks, ticks
    every = _ceiling((longest + 1.5) * frame.letter / step)
    every_on_phone = every * _ceiling((longest + 1.5) * frame.letter_on_phone / step / every)
    shown = set(range(0, len(times), every))
    return shown, set(range(0, len(times), every_on_phone))


def _ticks(times: Sequence[str], apart: float) -> set[int]:
    """Return the first and the last position, and between them those of round years, or regular ones, that
    are `apart` positions from each other."""
    ends = {0, len(times) - 1}
    years = [int(time.rstrip("*")) for time in times if time.rstrip("*").isdecimal()]
    if len(years) == len(times):
        every = next((each for each in _ROUND_YEARS if each > apart), _ROUND_YEARS[-1])
        regular = {index for index, year in enumerate(years) if year % every == 0}
    else:
        regular = {*range(0, len(times), _ceiling(apart))}
    return ends | {index for index in regular if apart <= index <= len(times) - 1 - apart}


def _value_labels(
    rows: Sequence[Mapping[str, Any]], texts: Sequence[str], step: float, frame: Frame
) -> tuple[set[int], set[int]]:
    """Return the positions with a value label, all if there is room, and those of them that keep it on a
    phone."""
    known = {index for index, text in enumerate(texts) if text}
    if not known:
        return set(), set()
    last = max((index for index in known if rows[index]["value"]), default=max(known))
    longest = max(map(len, texts))
    room = longest * frame.letter / step
    few = _peaks(rows)
    if all(abs(last - peak) * step > (longest + 1) * frame.letter_on_phone for peak in few):
        few = {*few, last}
    if room > 1:
        return few, few
    return known, known if longest * frame.letter_on_phone < step else few


def _peaks(rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the positions of the highest value, if few buckets share it."""
    highest = max((row["value"] or 0 for row in rows), default=0)
    peaks = {index for index, row in enumerate(rows) if highest and row["value"] == highest}
    return peaks if len(peaks) <= _MAX_PEAKS else set()


def _within(middle: float, label: str, frame: Frame) -> float:
    """Return the middle of a label, shifted so that the label stays within the drawing."""
    half = len(label) * frame.letter / 2
    return round(min(max(middle, half), frame.width - half), 1)


def _ceiling(number: float) -> int:
    return max(1, -int(-number // 1))
