"""The dimensions that incidents are grouped by: their values, with keys and labels."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kb.domain.incident import Kind
from kb.domain.language import primary_subtag
from kb.domain.taxonomy import NAMESPACES
from kb.services.taxonomy.listing import label
from kb.services.trends.columns import KINDS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.trends.columns import Array, Columns
    from kb.services.trends.snapshot import Snapshot

_KIND_LABELS = {
    Kind.INCIDENT: {"en": "Incident", "he": "אירוע"},
    Kind.NEAR_MISS: {"en": "Near miss", "he": "כמעט-תקלה"},
}


class Dimension:
    """A dimension of some rows of the columns.

    `values` are arrays parallel to the rows: the first value of each, the second, and so on, as numbers, with
    UNKNOWN where there are no more.
    """

    def __init__(self, name: str, columns: Columns, snapshot: Snapshot, rows: Array) -> None:
        self.name = name
        self._columns, self._snapshot, self._rows = columns, snapshot, rows
        self._keys_of_aliases: dict[int, str] = {}
        self.values = self._read_values()

    def _read_values(self) -> list[Array]:
        if self.name == "organization":
            return [self._current_organizations[self._own_organizations]]
        if self.name not in self._columns.slots:
            return [self._columns.facts[self.name][self._rows]]
        values: list[Array] = []
        for slot in self._columns.slots[self.name]:
            slot_values = slot[self._rows]
            if values and (slot_values == UNKNOWN).all():
                break
            values.append(slot_values)
        if self.name == "language":
            return self._primary_languages(values)
        return self._current_terms(values) if self._snapshot.replaced[self.name] else values

    def _current_terms(self, values: list[Array]) -> list[Array]:
        """Ids of terms, with retired ones replaced, each once per row."""
        replaced, terms = self._snapshot.replaced[self.name], self._snapshot.terms[self.name]
        ids = [replaced.get(term, term) for term in range(max(terms) + 1)]
        return _without_repetitions([np.array([*ids, UNKNOWN], np.int32)[each] for each in values])

    @cached_property
    def _own_organizations(self) -> Array:
        """The codes of the organizations as they are written in the rows."""
        return self._columns.facts["organization"][self._rows]

    @cached_property
    def _current_organizations(self) -> Array:
        """By code of an organization, the code of its alias target. If no incident has the target's own key,
        its first alias represents it."""
        codes = np.arange(len(self._columns.organizations.values), dtype=np.int32)
        representatives: dict[str, int] = {}
        for alias, key in self._snapshot.organizations.items():
            code = self._columns.organizations.find(alias)
            if code == UNKNOWN:
                continue
            own = self._columns.organizations.find(key)
            representative = representatives.setdefault(key, code if own == UNKNOWN else own)
            codes[code] = representative
            self._keys_of_aliases[representative] = key
        return codes

    def _primary_languages(self, values: list[Array]) -> list[Array]:
        """Codes of languages as indices of primary languages, each once, so that an incident in `en` and
        `en-GB` is in one group."""
        codes = [self._primary_tags.index(primary_subtag(tag)) for tag in self._columns.languages.values]
        mapping = np.array([*codes, UNKNOWN], np.int32)  # the last place is for UNKNOWN, which is -1
        return _without_repetitions([mapping[each] for each in values])

    @cached_property
    def _primary_tags(self) -> list[str]:
        return list(dict.fromkeys(map(primary_subtag, self._columns.languages.values)))

    def keys(self, values: Sequence[int]) -> list[str]:
        """The keys of some values, as the API writes them."""
        if self.name in NAMESPACES:
            return [self._snapshot.terms[self.name][value][0] for value in values]
        if self.name == "team":
            return [self._snapshot.teams[value][0] for value in values]
        if self.name == "organization":
            own_keys = self._columns.organizations.values
            return [self._keys_of_aliases.get(value, own_keys[value]) for value in values]
        if self.name == "language":
            return [self._primary_tags[value] for value in values]
        if self.name == "kind":
            return [KINDS[value].value for value in values]
        return [str(value) for value in values]

    def labels(self, values: Sequence[int], languages: Sequence[str]) -> Mapping[int, str]:
        """The labels of some values in a reader's language; a value without one is labeled by its key."""
        if self.name in NAMESPACES:
            terms = self._snapshot.terms[self.name]
            return {value: label(terms[value][1], languages) for value in values}
        if self.name == "team":
            return {value: self._snapshot.teams[value][1] for value in values}
        if self.name == "kind":
            return {value: label(_KIND_LABELS[KINDS[value]], languages) for value in values}
        if self.name == "organization":
            return self._organization_names(values)
        return dict(zip(values, self.keys(values), strict=True))

    def _organization_names(self, values: Sequence[int]) -> dict[int, str]:
        """The names of organizations as spelled in one of the rows; the reader may not see other incidents.

        A row with the organization's own key takes precedence over rows with an alias.
        """
        if not values:
            return {}
        names = np.zeros(int(self.values[0].max()) + 1, np.int64)
        spellings = self._columns.facts["organization_name"][self._rows]
        names[self.values[0]] = spellings
        is_own = self.values[0] == self._own_organizations
        names[self.values[0][is_own]] = spellings[is_own]
        return {value: self._columns.organization_names.values[names[value]] for value in values}


def _without_repetitions(values: list[Array]) -> list[Array]:
    """Remove repeated values from each row."""
    for number, each in enumerate(values):
        for earlier in values[:number]:
            each[each == earlier] = UNKNOWN
    return values
