"""The cells of a report: each a bucket and a group, or a pair of groups of two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kb.services.trends.columns import UNKNOWN
from kb.services.trends.groups import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.trends.columns import Array
    from kb.services.trends.groups import Grouping

Groups = tuple[Group, ...]
"""A group of each dimension; none without dimensions."""


class Cells(NamedTuple):
    """The cells that incidents fall into.

    The number of a cell is the number of its bucket, times the length of `groups`, plus the index into them.
    `indices` and `numbers` are parallel: the index of an incident, and the number of a cell that contains it.
    """

    groups: list[Groups]
    indices: Array
    numbers: Array


def cross_tabulate(groupings: Sequence[Grouping], buckets: Array) -> Cells:
    """Cross the buckets of some incidents with up to two groupings of them.

    A group has its cells in every bucket; a pair of groups only if an incident is in both.
    """
    indices = np.arange(len(buckets))
    if not groupings:
        return Cells([()], indices, buckets.astype(np.int64))
    indices, codes = _memberships(groupings[0].codes, indices)
    if len(groupings) == 1:
        groups: list[Groups] = [(group,) for group in groupings[0].groups]
        return Cells(groups, indices, buckets[indices] * len(groups) + codes)
    firsts, seconds = groupings[0].groups, groupings[1].groups
    inner, others = _memberships([each[indices] for each in groupings[1].codes], np.arange(len(indices)))
    pairs = codes[inner] * len(seconds) + others
    occurs = np.bincount(pairs, minlength=len(firsts) * len(seconds)) > 0
    groups = [
        (firsts[pair // len(seconds)], seconds[pair % len(seconds)])
        for pair in np.flatnonzero(occurs).tolist()
    ]
    indices = indices[inner]
    return Cells(groups, indices, buckets[indices] * len(groups) + (np.cumsum(occurs) - 1)[pairs])


def _memberships(codes: list[Array], indices: Array) -> tuple[Array, Array]:
    """The index of an incident and the code of its group, for each group that each is in."""
    filled = [np.flatnonzero(each != UNKNOWN) for each in codes]
    group_codes = [each[chosen] for each, chosen in zip(codes, filled, strict=True)]
    return indices[np.concatenate(filled)], np.concatenate(group_codes).astype(np.int64)
