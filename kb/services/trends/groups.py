"""Group incidents by a dimension, and decide which groups get their own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.domain.filters import UNKNOWN_KEY, GroupFilter, group_key
from kb.services.taxonomy.listing import label
from kb.services.trends.columns import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.trends.columns import Array
    from kb.services.trends.dimensions import Dimension

OTHER = "~other"
"""The key of the group of all incidents outside the largest groups. Only UNKNOWN_KEY also begins with `~`."""

_MAX_KEYS = 500
"""The most keys that a condition lists."""

_OTHER_LABELS = {"en": "All others", "he": "כל השאר"}
_UNKNOWN_LABELS = {"en": "Not known", "he": "לא ידוע"}


class Group(NamedTuple):
    """A group of a dimension: its key, its label, and the condition that selects its incidents.

    `key` is UNKNOWN_KEY for unknown values; `condition` is None if no condition can select them.
    """

    key: str
    label: str
    condition: str | None


class Grouping(NamedTuple):
    """The groups of a dimension, and the groups of each incident.

    `codes` are arrays over all incidents: an index into `groups`, or UNKNOWN; each group at most once per
    incident.
    """

    groups: list[Group]
    codes: list[Array]


def group_incidents(
    dimension: Dimension, ranked: Array, *, top: int, other: bool, languages: Sequence[str]
) -> Grouping:
    """Group incidents by a dimension: the `top` largest groups, the rest, and the unknown.

    `ranked` are the indices of the incidents that decide which groups are the largest. The rest is one group,
    which has each incident once, if `other`, else left out. Incidents with an unknown value form a group.
    """
    values = dimension.values
    counts = _count(values, ranked)
    present = np.flatnonzero(counts).tolist()
    keys = dict(zip(present, dimension.keys(present), strict=True))
    order = sorted(present, key=lambda value: (-int(counts[value]), keys[value]))
    largest, rest = order[:top], [keys[value] for value in order[top:]]
    if dimension.name == "severity":  # a scale is shown in its own order
        largest.sort()
    labels = dimension.labels(largest, languages)
    groups = [
        Group(keys[value], labels[value], _condition(dimension.name, [keys[value]])) for value in largest
    ]
    # The last place is for UNKNOWN, which is -1.
    code_of = np.full(len(counts) + 1, UNKNOWN, np.int32)
    if other and rest:
        code_of[:-1] = len(groups)  # including values that occur only outside the ranked incidents
        groups.append(
            Group(OTHER, label(_OTHER_LABELS, languages), _other_condition(dimension.name, groups, rest))
        )
    code_of[largest] = range(len(largest))
    codes = [code_of[each] for each in values]
    _count_others_once(codes, len(largest))
    unknown = values[0] == UNKNOWN
    if unknown[ranked].any():
        codes[0][unknown] = len(groups)
        condition = f"{dimension.name}:{UNKNOWN_KEY}"
        groups.append(Group(UNKNOWN_KEY, label(_UNKNOWN_LABELS, languages), condition))
    return Grouping(groups, codes)


def _count(values: list[Array], ranked: Array) -> Array:
    """The number of ranked incidents for each value, from 0 to the largest value of all incidents."""
    length = max(int(each.max(initial=0)) for each in values) + 1
    counts = np.zeros(length, np.int64)
    for each in values:
        ranked_values = each[ranked]
        counts += np.bincount(ranked_values[ranked_values != UNKNOWN], minlength=length)
    return counts


def _count_others_once(codes: list[Array], other: int) -> None:
    """Keep the code `other` once for an incident that is in several of the other groups."""
    seen = codes[0] == other
    for each in codes[1:]:
        in_other = each == other
        each[in_other & seen] = UNKNOWN
        seen |= in_other


def _condition(dimension: str, keys: Sequence[str], *, negated: bool = False) -> str:
    """A value of the query parameter `group`."""
    return str(GroupFilter(dimension, tuple(map(group_key, keys)), negated))


def _other_condition(dimension: str, largest: Sequence[Group], rest: Sequence[str]) -> str | None:
    """The condition that selects the rest; None if it would list too many keys."""
    if dimension == "organization":  # each incident has exactly one
        return _condition(dimension, [group.key for group in largest], negated=True)
    return _condition(dimension, rest) if len(rest) <= _MAX_KEYS else None
