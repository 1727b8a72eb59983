"""What grows and what falls, in a sentence that says so only where it is more than chance."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.pages.messages import _
from kb.pages.trend_words import bucket_text, incidents_text, isolated, period_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.periods import Interval

    Rows = Sequence[Mapping[str, Any]]

MIN_INCIDENTS = 10
"""Of fewer, no trend is told."""

_CHANCE = 2.0
"""How many standard deviations two counts must be apart: less is chance in one case of twenty."""


class Change(NamedTuple):
    """How many incidents there were in the earlier and in the later half of some time."""

    early: str
    late: str
    before: float
    after: float

    @property
    def is_clear(self) -> bool:
        """Whether the counts differ by more than counts do by chance, whose variance is their sum."""
        return abs(self.after - self.before) > _CHANCE * sqrt(self.before + self.after)


def trend_sentence(everything: Rows, groups: Mapping[str, Rows], interval: Interval) -> str | None:
    """What the numbers of incidents by time say: of all, and of groups by their labels. None without any.

    The periods that are over are cut into an earlier and a later half, without the one in the middle of an
    odd number. The change is told of the group that changed most, else of all incidents, and only if it
    is more than chance: above two standard deviations of a Poisson count. With fewer than two periods, or
    fewer than ten incidents in them, nothing is told but that.
    """
    filled = [place for place, row in enumerate(everything) if row["value"]]
    if not filled:
        return None
    change = _change(everything, interval)
    if change is None or change.before + change.after < MIN_INCIDENTS:
        return _(
            "%(incidents)s on file, %(period)s: too few for a trend; the table shows each",
            incidents=incidents_text(round(sum(row["value"] or 0 for row in everything))),
            period=_span(everything[filled[0] : filled[-1] + 1], interval),
        )
    clear = [
        (label, group_change)
        for label, rows in groups.items()
        if (group_change := _change(rows, interval)) and group_change.is_clear
    ]
    if clear:
        label, change = max(clear, key=lambda pair: abs(pair[1].after - pair[1].before))
        return _sentence(isolated(label), change)
    return _sentence(_("All incidents"), change)


def _sentence(what: str, change: Change) -> str:
    numbers = change._asdict() | {"before": f"{change.before:g}", "after": f"{change.after:g}"}
    if not change.is_clear:
        return _("No clear rise or fall: %(before)s in %(early)s, %(after)s in %(late)s", **numbers)
    if change.after > change.before:
        return _("%(what)s grew from %(before)s in %(early)s to %(after)s in %(late)s", what=what, **numbers)
    return _("%(what)s fell from %(before)s in %(early)s to %(after)s in %(late)s", what=what, **numbers)


def _change(rows: Rows, interval: Interval) -> Change | None:
    """The change between the halves of the periods that are over; None if there are fewer than two."""
    complete = [row for row in rows if not row["partial"]]
    half = len(complete) // 2
    if not half:
        return None
    early, late = complete[:half], complete[-half:]
    before, after = (sum(row["value"] or 0 for row in part) for part in (early, late))
    return Change(_span(early, interval), _span(late, interval), before, after)


def _span(rows: Rows, interval: Interval) -> str:
    """The time from the first row to the last: `2017-2018`."""
    return period_text(bucket_text(rows[0], interval), bucket_text(rows[-1], interval))
