"""Synonyms across languages: groups of words and phrases, shipped or a team's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb.reloaded_files import ReloadedFiles
from kb.search.entry_checks import check_entries
from kb.search.phrase_table import Entry, PhraseTable, entry_of, lookup_key
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_MAX_GROUP_ENTRIES = 30
_MAX_GROUPS = 5_000
# Groups that share an entry are merged, and a search for one entry searches for all entries of the group.
_MAX_MERGED_ENTRIES = 2 * _MAX_GROUP_ENTRIES


class SynonymError(ValueError):
    """A synonyms file is invalid. The message says what to change."""


class Synonyms:
    """Groups of synonymous words and phrases in several languages."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._table: PhraseTable[dict[Entry, Entry]] = PhraseTable()
        for group in groups:
            self._add_group([entry_of(entry) for entry in group])

    def _add_group(self, entries: Iterable[Entry]) -> None:
        """Add a group; groups that share an entry are merged."""
        merged: dict[Entry, Entry] = {}
        for entry in entries:
            key = lookup_key(entry)
            # Of two spellings with one key, the first is kept.
            for other, spelled in (self._table.get(key) or {key: entry}).items():
                merged.setdefault(other, spelled)
        if len(merged) > _MAX_MERGED_ENTRIES:
            shared = " ".join(next(iter(merged.values())))
            raise SynonymError(
                f"The groups that share entries with {shared!r} have more than {_MAX_MERGED_ENTRIES} in all. "
                "Leave out the entry that they share."
            )
        for key in merged:
            self._table.put(key, merged)

    def alternatives(self, query_words: Sequence[str]) -> list[tuple[int, int, tuple[Entry, ...]]]:
        """Look up a query: (start, end, other entries of the group) for each span of words that is an entry.

        An empty word matches no entry.
        """
        found = []
        for start, end, (key, *_) in self._table.spans(query_words):
            group = self._table.get(key) or {}
            if others := tuple(entry for other, entry in group.items() if other != key):
                found.append((start, end, others))
        return found

    def has_any(self, query_words: Sequence[str]) -> bool:
        """Whether a query may contain an entry: False only if none of its words is in an entry."""
        return self._table.has_any(query_words)

    def entries(self) -> Iterator[str]:
        """All entries."""
        for group in self._table.values():
            yield from map(" ".join, group.values())


def load(path: Path) -> tuple[list[list[str]], bool]:
    """Read the groups of a file, and whether they replace the shipped ones. Raises SynonymError."""
    content = read_yaml_file(path, SynonymError)
    if not isinstance(content, dict) or not isinstance(content.get("groups"), list):
        raise SynonymError(f"{path} must have `groups:`, a list of lists of words.")
    if content.keys() - {"groups", "replace"} or not isinstance(content.get("replace", False), bool):
        raise SynonymError(f"{path} may have `groups:` and `replace: true`, and nothing else.")
    groups = content["groups"]
    if len(groups) > _MAX_GROUPS:
        raise SynonymError(f"{path} has {len(groups)} groups; at most {_MAX_GROUPS} are allowed.")
    for number, group in enumerate(groups, 1):
        _check_group(f"Group {number} of {path}", group)
    return groups, content.get("replace", False)


def _check_group(name: str, group: Any) -> None:
    if not isinstance(group, list) or not 2 <= len(group) <= _MAX_GROUP_ENTRIES:
        raise SynonymError(f"{name} must be a list of 2 to {_MAX_GROUP_ENTRIES} words or phrases.")
    check_entries(name, group, SynonymError)


class SynonymFiles(ReloadedFiles[Synonyms]):
    """The shipped groups and a team's own, reloaded when the team's file changes."""

    error = SynonymError

    def read(self, own: Path | None) -> Synonyms:
        """The synonyms of the shipped file and a team's own. Raises SynonymError."""
        if own is None:
            return _shipped(self._shipped)
        groups, replace = load(own)
        return Synonyms(groups if replace else [*load(self._shipped)[0], *groups])


@lru_cache(maxsize=1)
def _shipped(path: Path) -> Synonyms:
    """The shipped synonyms, which do not change."""
    return Synonyms(load(path)[0])
