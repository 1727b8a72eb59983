"""How incidents fall into groups: by what they are classified, and which groups get a row of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np

from kb.domain.filters import NOT_KNOWN, InGroup
from kb.domain.incident import NAMESPACES, Kind
from kb.services.taxonomy.listing import label
from kb.services.trends.columns import KINDS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.trends.column_queries import Array
    from kb.services.trends.columns import Columns
    from kb.services.trends.snapshot import Snapshot

OTHER = "~other"
"""The key of the group of all that are not among the first: no key of ours begins so."""

_MAX_IN_URL = 500
"""Of how many keys a link to the group of others is made."""

_WORDS = {
    OTHER: {"en": "Other", "he": "אחר"},
    NOT_KNOWN: {"en": "Not known", "he": "לא ידוע"},
    Kind.INCIDENT: {"en": "Incident", "he": "אירוע"},
    Kind.NEAR_MISS: {"en": "Near miss", "he": "כמעט ונפגע"},
}


class Group(NamedTuple):
    """One value of a dimension: its key, what people call it, and the condition that leads to its incidents.

    The key of the incidents of which it is not known is None; `condition` is None where no link can say it.
    """

    key: str | None
    label: str | None
    condition: str | None


class Grouping(NamedTuple):
    """The groups of a dimension, and in which of them each of some incidents is.

    `codes` are arrays over all incidents: numbers of groups, of an incident each once, else UNKNOWN.
    """

    groups: list[Group]
    codes: list[Array]


def group_by(
    columns: Columns,
    snapshot: Snapshot,
    rows: Array,
    ranked: Array,
    dimension: str,
    *,
    wanted: Sequence[str],
    top: int,
    other: bool,
) -> Grouping:
    """Group some rows. The `top` largest groups among the `ranked` of them stand for themselves.

    What is in none of these is in the others, once, or left out; what is not known is a group of its own, and
    competes with none.
    """
    values = _values(columns, rows, dimension)
    counts = _count(values, ranked)
    present = np.flatnonzero(counts).tolist()
    keys = dict(zip(present, _keys(columns, snapshot, dimension, present), strict=True))
    order = sorted(present, key=lambda value: (-int(counts[value]), keys[value]))
    chosen, rest = order[:top], [keys[value] for value in order[top:]]
    if dimension == "severity":  # a scale is shown in its own order
        chosen.sort()
    labels = _labels(snapshot, dimension, wanted)
    if dimension == "organization":  # as one of these rows writes it: others may be hidden
        last = np.zeros(len(counts), np.int64)
        last[values[0]] = columns.facts["spelling"][rows]
        labels = {keys[value]: columns.spellings.all[last[value]] for value in chosen}
    groups = [
        Group(keys[value], labels.get(keys[value], keys[value]), _condition(dimension, [keys[value]]))
        for value in chosen
    ]
    # The last place is for UNKNOWN, which is -1.
    number_of = np.full(len(counts) + 1, UNKNOWN, np.int32)
    if other and rest:
        number_of[:-1] = len(groups)  # also what is met outside the ranked rows
        groups.append(Group(OTHER, label(_WORDS[OTHER], wanted), _of_others(dimension, groups, rest)))
    number_of[chosen] = range(len(chosen))
    codes = [number_of[each] for each in values]
    _count_others_once(codes, len(chosen))
    nothing = values[0] == UNKNOWN
    if nothing[ranked].any():
        codes[0][nothing] = len(groups)
        groups.append(Group(None, label(_WORDS[NOT_KNOWN], wanted), f"{dimension}:{NOT_KNOWN}"))
    return Grouping(groups, codes)


def _values(columns: Columns, rows: Array, dimension: str) -> list[Array]:
    """The numbers that the rows have of a dimension: first the first of each, then the second ..."""
    if dimension not in columns.slots:
        return [columns.facts[dimension][rows]]
    found: list[Array] = []
    for slot in columns.slots[dimension]:
        here = slot[rows]
        if found and (here == UNKNOWN).all():
            break
        found.append(here)
    return found


def _count(values: list[Array], ranked: Array) -> Array:
    """By number, how many of the ranked rows have it; as long as the largest number of all rows needs."""
    length = max(int(each.max(initial=0)) for each in values) + 1
    counts = np.zeros(length, np.int64)
    for each in values:
        here = each[ranked]
        counts += np.bincount(here[here != UNKNOWN], minlength=length)
    return counts


def _count_others_once(codes: list[Array], other: int) -> None:
    """Keep an incident that is in several of the other groups in `other` once."""
    seen = codes[0] == other
    for each in codes[1:]:
        here = each == other
        each[here & seen] = UNKNOWN
        seen |= here


def _keys(columns: Columns, snapshot: Snapshot, dimension: str, numbers: Sequence[int]) -> list[str]:
    if dimension in NAMESPACES:
        return [snapshot.terms[dimension][number][0] for number in numbers]
    if dimension == "team":
        return [snapshot.teams[number][0] for number in numbers]
    if dimension == "organization":
        return [columns.organizations.all[number] for number in numbers]
    if dimension == "language":
        return [columns.languages.all[number] for number in numbers]
    if dimension == "kind":
        return [KINDS[number].value for number in numbers]
    return [str(number) for number in numbers]


def _labels(snapshot: Snapshot, dimension: str, wanted: Sequence[str]) -> Mapping[str, str]:
    """What people call each key; those that are left out are called as they are."""
    if dimension in NAMESPACES:
        return {key: label(labels, wanted) for key, labels in snapshot.terms[dimension].values()}
    if dimension == "team":
        return dict(snapshot.teams.values())
    if dimension == "kind":
        return {kind.value: label(_WORDS[kind], wanted) for kind in Kind}
    return {}


def _condition(dimension: str, keys: Sequence[str], *, negated: bool = False) -> str:
    """As the parameter `group` of a list takes it."""
    quoted = ("%6Eone" if key == NOT_KNOWN else quote(key, safe="") for key in keys)
    return str(InGroup(dimension, tuple(quoted), negated))


def _of_others(dimension: str, first: Sequence[Group], rest: Sequence[str]) -> str | None:
    if dimension == "organization":  # each incident has exactly one
        return _condition(dimension, [group.key or "" for group in first], negated=True)
    return _condition(dimension, rest) if len(rest) <= _MAX_IN_URL else None
