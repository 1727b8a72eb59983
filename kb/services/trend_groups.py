"""How incidents fall into groups: by what they are classified, and which groups get a row of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np
from sqlalchemy import select

from kb.domain.filters import NOT_KNOWN, InGroup
from kb.domain.incident import NAMESPACES, Kind
from kb.models import Team, Term, db
from kb.services.incident_columns import KINDS, UNKNOWN, Array
from kb.services.taxonomy import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.incident_columns import Columns

OTHER = "other"
"""The group of all that are not among the first."""

_MOST_IN_URL = 500
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

    `codes` has a line for each incident: numbers of groups, each once, and UNKNOWN behind them.
    """

    groups: list[Group]
    codes: Array


def group_by(
    columns: Columns,
    rows: Array,
    ranked: Array,
    dimension: str,
    wanted: Sequence[str],
    *,
    top: int,
    other: bool,
) -> Grouping:
    """Group some rows. The `top` largest groups among the `ranked` of them stand for themselves.

    What is in none of these is in `other`, once, or left out; what is not known is a group of its own, and
    competes with none.
    """
    values = _values(columns, rows, dimension)
    present, counts = np.unique(values[ranked][values[ranked] != UNKNOWN], return_counts=True)
    keys = _keys(columns, dimension, present.tolist())
    order = sorted(range(len(keys)), key=lambda place: (-int(counts[place]), keys[place]))
    chosen = order[:top]
    if dimension == "severity":  # a scale is shown in its own order
        chosen.sort(key=lambda place: keys[place])
    labels = _labels(columns, dimension, wanted)
    groups = [
        Group(keys[place], labels.get(keys[place], keys[place]), _condition(dimension, [keys[place]]))
        for place in chosen
    ]
    number_of = np.full(int(values.max(initial=0)) + 2, UNKNOWN, np.int32)
    codes = values
    if other and len(order) > len(groups):
        number_of[:-1] = len(groups)  # also what is met outside the ranked rows
        rest = [keys[place] for place in order[top:]]
        groups.append(Group(OTHER, label(_WORDS[OTHER], wanted), _of_others(dimension, groups, rest)))
    number_of[present[chosen]] = range(len(chosen))
    codes = np.where(values == UNKNOWN, UNKNOWN, number_of[values])
    codes = _each_once(codes, len(chosen))
    nothing = (values == UNKNOWN).all(axis=1)
    if nothing[ranked].any():
        codes[nothing, 0] = len(groups)
        groups.append(Group(None, label(_WORDS[NOT_KNOWN], wanted), f"{dimension}:{NOT_KNOWN}"))
    return Grouping(groups, codes)


def _values(columns: Columns, rows: Array, dimension: str) -> Array:
    if dimension in columns.slots:
        found: Array = columns.slots[dimension][rows]
        # Columns that none of these rows fills cost the most time of all.
        return found[:, : max(1, int((found != UNKNOWN).any(axis=0).sum()))]
    name = {"kind": "kind", "severity": "severity", "organization": "organization", "team": "team"}[dimension]
    return columns.facts[name][rows].astype(np.int32)[:, None]


def _each_once(codes: Array, other: int) -> Array:
    """An incident that is in several of the other groups is in `other` once."""
    if codes.shape[1] == 1:
        return codes
    codes = codes.copy()
    seen = np.zeros(len(codes), bool)
    for place in range(codes.shape[1]):
        here = codes[:, place] == other
        codes[here & seen, place] = UNKNOWN
        seen |= here
    return codes


def _keys(columns: Columns, dimension: str, numbers: Sequence[int]) -> list[str]:
    if dimension in NAMESPACES:
        rows = db.session.execute(select(Term.id, Term.key).where(Term.namespace == dimension))
        keys = {term_id: key for term_id, key in rows}
        return [keys[number] for number in numbers]
    if dimension == "team":
        keys = {team_id: key for team_id, key in db.session.execute(select(Team.id, Team.key))}
        return [keys[number] for number in numbers]
    if dimension == "organization":
        return [columns.organizations.all[number] for number in numbers]
    if dimension == "language":
        return [columns.languages.all[number] for number in numbers]
    if dimension == "kind":
        return [KINDS[number].value for number in numbers]
    return [str(number) for number in numbers]


def _labels(columns: Columns, dimension: str, wanted: Sequence[str]) -> Mapping[str, str]:
    """What people call each key; those that are left out are called as they are."""
    if dimension in NAMESPACES:
        terms = db.session.scalars(select(Term).where(Term.namespace == dimension))
        return {term.key: label(term.labels, wanted) for term in terms}
    if dimension == "team":
        return {key: name for key, name in db.session.execute(select(Team.key, Team.name))}
    if dimension == "organization":
        names = columns.organizations.all
        return {names[number]: name for number, name in columns.display_names.items()}
    if dimension == "kind":
        return {kind.value: label(_WORDS[kind], wanted) for kind in Kind}
    return {}


def _condition(dimension: str, keys: Sequence[str], *, negated: bool = False) -> str:
    """As the parameter `group` of a list takes it."""
    return str(InGroup(dimension, tuple(quote(key, safe="") for key in keys), negated))


def _of_others(dimension: str, first: Sequence[Group], rest: Sequence[str]) -> str | None:
    if dimension == "organization":  # each incident has exactly one
        return _condition(dimension, [group.key or "" for group in first], negated=True)
    return _condition(dimension, rest) if len(rest) <= _MOST_IN_URL else None
