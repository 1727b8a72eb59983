"""Find names of observances in a query, with their other names in any language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.overlaps import overlapping_pairs
from kb.observances.names import groups, typed_names
from kb.search.phrase_table import Entry, PhraseTable, entry_of, lookup_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def _shortest(entries: Iterable[Entry], typed: Entry) -> set[Entry]:
    """The entries that contain neither a shorter entry nor the typed one."""
    shortest: set[Entry] = set()
    for entry in sorted(entries, key=len):
        parts = {entry[start:end] for start in range(len(entry)) for end in range(start + 1, len(entry) + 1)}
        if typed not in parts and shortest.isdisjoint(parts):
            shortest.add(entry)
    return shortest


class NamedDays(NamedTuple):
    """The observances that a span of a query names, and their other names.

    Names that contain another name or the span are left out: a text that contains them contains the shorter
    one.
    """

    start: int
    end: int
    keys: tuple[str, ...]
    names: tuple[Entry, ...]


class ObservanceNames:
    """Looks up observances by name. Several observances may share a name."""

    def __init__(
        self, groups: Iterable[tuple[str, Sequence[str]]], typed: Iterable[tuple[str, Sequence[str]]] = ()
    ) -> None:
        self._keys: PhraseTable[tuple[str, ...]] = PhraseTable()
        self._names: dict[str, dict[Entry, Entry]] = {}
        self._results: dict[Entry, tuple[tuple[str, ...], tuple[Entry, ...]]] = {}
        for key, names in groups:
            # Of two spellings with one lookup key, the first is kept.
            entries = self._names[key] = {}
            for entry in map(entry_of, names):
                entries.setdefault(lookup_key(entry), entry)
            self._add(key, entries)
        for key, names in typed:
            self._add(key, (lookup_key(entry_of(name)) for name in names))

    def _add(self, key: str, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._keys.put(entry, tuple(dict.fromkeys((*(self._keys.get(entry) or ()), key))))

    def named(self, query_words: Sequence[str]) -> list[NamedDays]:
        """Find what a query names. A span within a longer one is dropped: Black Friday is not Friday."""
        found = [
            NamedDays(start, end, *self._lookup(entries))
            for start, end, entries in self._keys.spans(query_words)
        ]
        # In each pair, the first begins earlier or, if both begin at one place, ends earlier.
        within = {
            first if first[0] == second[0] else second
            for first, second in overlapping_pairs(days[:2] for days in found)
            if first[0] == second[0] or second[1] <= first[1]
        }
        return [days for days in found if days[:2] not in within]

    def _lookup(self, entries: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[Entry, ...]]:
        """The keys of the observances with the names nearest to what was typed, and their other names."""
        typed = entries[0]
        result = self._results.get(typed)
        if result is None:
            keys = self._keys.get(typed) or ()
            names = {entry: spelled for key in keys for entry, spelled in self._names[key].items()}
            others = _shortest(names.keys() - {typed}, typed)
            result = keys, tuple(spelled for entry, spelled in names.items() if entry in others)
            self._results[typed] = result
        return result

    def has_any(self, query_words: Sequence[str]) -> bool:
        """Whether a query may name an observance: False only if none of its words is in a name."""
        return self._keys.has_any(query_words)

    def entries(self) -> Iterator[str]:
        """All names."""
        for names in self._names.values():
            yield from map(" ".join, names.values())


@lru_cache(maxsize=1)
def observance_names() -> ObservanceNames:
    """The names in the shipped table."""
    return ObservanceNames(groups(), typed_names())
