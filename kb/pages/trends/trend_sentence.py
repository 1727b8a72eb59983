"""What rises and falls, in a sentence that claims a change only if it exceeds chance."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.pages.messages import _
from kb.pages.words.trend_words import bucket_text, incidents_text, isolated, period_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.periods import Interval

    Rows = Sequence[Mapping[str, Any]]

MIN_INCIDENTS = 10
"""The fewest incidents for which a trend is described."""

_CHANCE = 2.0
"""The fewest standard deviations between two counts: chance exceeds this in about one case of twenty."""


class Change(NamedTuple):
    """The numbers of incidents in the earlier and in the later half of a period."""

    early: str
    late: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """Return how many more incidents the later half has."""
        return self.after - self.before

    @property
    def text(self) -> str:
        """Describe the change, with the compared periods."""
        return _("from %(before)s in %(early)s to %(after)s in %(late)s", **_numbers(self))

    @property
    def is_clear(self) -> bool:
        """Whether the counts differ by more than chance; the variance of their difference is their sum."""
        return abs(self.after - self.before) > _CHANCE * sqrt(self.before + self.after)


def trend_sentence(everything: Rows, groups: Mapping[str, Rows], interval: Interval) -> str | None:
    """Describe the numbers of incidents over time: in total, and of groups by their labels. None without any.

    The completed periods are split into an earlier and a later half, without the middle one of an odd number.
    If a group changed by more than chance, above two standard deviations of a Poisson count, the sentence
    names the largest rise and the largest fall, and which of them may be chance; else the total's change.
    With fewer than two periods, or fewer than ten incidents in them, it says only that.
    """
    filled = [place for place, row in enumerate(everything) if row["value"]]
    if not filled:
        return None
    change = _change_worth_telling(everything, interval)
    if change is None:
        return _(
            "%(incidents)s on file, %(period)s: too few for a trend; the table shows each",
            incidents=incidents_text(round(sum(row["value"] or 0 for row in everything))),
            period=_span(everything[filled[0] : filled[-1] + 1], interval),
        )
    changes = [
        (label, group_change)
        for label, rows in groups.items()
        if (group_change := change_between_halves(rows, interval))
    ]
    if not any(group_change.is_clear for _label, group_change in changes):
        return _sentence(_("All incidents"), change)
    rise = max(changes, key=lambda pair: pair[1].difference)
    fall = min(changes, key=lambda pair: pair[1].difference)
    mentioned = [rise] if rise[1].difference > 0 else []
    if fall[1].difference < 0:
        mentioned.append(fall)
    # The clearer and larger change comes first, and names the compared periods.
    mentioned.sort(key=lambda pair: (not pair[1].is_clear, -abs(pair[1].difference)))
    (label, change), *others = mentioned
    sentence = _sentence(isolated(label), change)
    return "; ".join([sentence, *(_further(isolated(label), other) for label, other in others)])


def compares_halves(everything: Rows, interval: Interval) -> bool:
    """Whether `trend_sentence` compares two halves, rather than call the incidents too few for a trend."""
    return _change_worth_telling(everything, interval) is not None


def middle_period(rows: Rows, interval: Interval) -> str | None:
    """Return the period in neither half, if the number of completed periods is odd and above one."""
    complete = _complete(rows)
    half = len(complete) // 2
    return bucket_text(complete[half], interval) if half and len(complete) % 2 else None


def _change_worth_telling(everything: Rows, interval: Interval) -> Change | None:
    change = change_between_halves(everything, interval)
    return change if change and change.before + change.after >= MIN_INCIDENTS else None


def _further(what: str, change: Change) -> str:
    """Describe another change between the same halves."""
    numbers = {"what": what, **_numbers(change)}
    if change.difference > 0:
        if change.is_clear:
            return _("%(what)s grew most, from %(before)s to %(after)s", **numbers)
        return _("%(what)s grew most, from %(before)s to %(after)s, which may be chance", **numbers)
    if change.is_clear:
        return _("%(what)s fell most, from %(before)s to %(after)s", **numbers)
    return _("%(what)s fell most, from %(before)s to %(after)s, which may be chance", **numbers)


def _numbers(change: Change) -> dict[str, str]:
    return {
        "early": change.early,
        "late": change.late,
        "before": f"{change.before:g}",
        "after": f"{change.after:g}",
    }


def _sentence(what: str, change: Change) -> str:
    numbers = _numbers(change)
    if not change.is_clear:
        return _("No clear rise or fall: %(before)s in %(early)s, %(after)s in %(late)s", **numbers)
    if change.after > change.before:
        return _("%(what)s grew from %(before)s in %(early)s to %(after)s in %(late)s", what=what, **numbers)
    return _("%(what)s fell from %(before)s in %(early)s to %(after)s in %(late)s", what=what, **numbers)


def change_between_halves(rows: Rows, interval: Interval) -> Change | None:
    """Return the change between the halves of the completed periods; None if there are fewer than two."""
    complete = _complete(rows)
    half = len(complete) // 2
    if not half:
        return None
    early, late = complete[:half], complete[-half:]
    before, after = (sum(row["value"] or 0 for row in part) for part in (early, late))
    return Change(_span(early, interval), _span(late, interval), before, after)


def _complete(rows: Rows) -> Rows:
    return [row for row in rows if not row["partial"]]


def _span(rows: Rows, interval: Interval) -> str:
    """Format the time from the first row to the last: `2017-2018`."""
    return period_text(bucket_text(rows[0], interval), bucket_text(rows[-1], interval))
