"""Synonyms, across languages: groups of words and phrases, those that are shipped and a team's own."""

from __future__ import annotations

import logging
import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize
from kb.search.hebrew import candidate_stems
from kb.search.words import words
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

MAX_ENTRY_WORDS = 5
"""How many words an entry may have."""

_MAX_ENTRY_CHARACTERS = 100
_MAX_GROUP_ENTRIES = 30
_MAX_GROUPS = 5_000
# Groups that share an entry are merged, and a search for one entry searches for all of them.
_MAX_MERGED_ENTRIES = 2 * _MAX_GROUP_ENTRIES
_UNREADABLE = (-1, -1)  # the stamp of a file in a folder that cannot be read

Entry = tuple[str, ...]
"""The words of an entry."""


class SynonymError(ValueError):
    """A synonyms file is invalid. The message says what to change."""


class Synonyms:
    """Groups of synonymous words and phrases, in several languages."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._groups: dict[Entry, dict[Entry, Entry]] = {}
        for group in groups:
            self._add_group([tuple(words(entry)) for entry in group])
        self._max_words = max(map(len, self._groups), default=0)
        self._prefixes = {key[:length] for key in self._groups for length in range(1, len(key) + 1)}
        self._words = frozenset(word for key in self._groups for word in key)

    def _add_group(self, entries: Iterable[Entry]) -> None:
        """Add a group; groups that share an entry are merged."""
        merged: dict[Entry, Entry] = {}
        for entry in entries:
            key = lookup_key(entry)
            # Of two spellings with one key, the first is kept.
            for other, spelled in self._groups.get(key, {key: entry}).items():
                merged.setdefault(other, spelled)
        if len(merged) > _MAX_MERGED_ENTRIES:
            shared = " ".join(next(iter(merged.values())))
            raise SynonymError(
                f"The groups that share entries with {shared!r} have more than {_MAX_MERGED_ENTRIES} in all. "
                "Leave out the entry that they share."
            )
        for key in merged:
            self._groups[key] = merged

    def alternatives(self, query_words: Sequence[str]) -> list[tuple[int, int, tuple[Entry, ...]]]:
        """The synonyms in a query: (start, end, other entries of the group) for each span that is an entry.

        An empty word matches no entry.
        """
        found = []
        candidates = [self._candidates(word) if word else () for word in query_words]
        for start, first in enumerate(candidates):
            if not first:
                continue
            prefixes: list[Entry] = [()]
            for end in range(start + 1, min(start + self._max_words, len(candidates)) + 1):
                longer = [(*prefix, word) for prefix in prefixes for word in candidates[end - 1]]
                prefixes = [prefix for prefix in longer if prefix in self._prefixes]
                if not prefixes:
                    break
                others = self._others(prefixes)
                if others:
                    found.append((start, end, others))
        return found

    def _candidates(self, word: str) -> list[str]:
        """The terms in entries that a query word may be a form of."""
        return [term for term in _candidate_terms(word[:MAX_WORD_LENGTH]) if term in self._words]

    def _others(self, keys: Iterable[Entry]) -> tuple[Entry, ...]:
        """The synonyms of the first key that is an entry: the one nearest to what was typed."""
        for key in keys:
            group = self._groups.get(key)
            if group is not None:
                return tuple(entry for other, entry in group.items() if other != key)
        return ()


def lookup_key(entry: Entry) -> Entry:
    """The key under which an entry is looked up: stems, and normalized Hebrew words."""
    return tuple(_term(word) for word in entry)


def _term(word: str) -> str:
    normal = normalize(word)
    return normal if is_hebrew(normal) else index_term(word, "en")


@lru_cache(maxsize=10_000)
def _candidate_terms(word: str) -> Entry:
    """The terms that a query word may be a form of, its own first."""
    term = _term(word)
    if not is_hebrew(term):
        return (term,)
    return (term, *sorted(candidate_stems(term) - {term}, key=lambda stem: (-len(stem), stem)))


def load(path: Path) -> tuple[list[list[str]], bool]:
    """The groups in a file, and whether they replace the shipped ones. Raises SynonymError."""
    try:
        content = read_yaml(path.read_text("utf-8"))
    # ValueError: not UTF-8, or a date that does not exist
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SynonymError(f"{path} cannot be read as YAML: {error}") from error
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
    for number, entry in enumerate(group, 1):
        if not isinstance(entry, str):
            raise SynonymError(f"{name}: YAML reads entry {number} as {entry!r}. Write it in quotes.")
        if len(entry) > _MAX_ENTRY_CHARACTERS:
            raise SynonymError(f"{name}: {entry[:50]!r}... has more than {_MAX_ENTRY_CHARACTERS} characters.")
        if not 1 <= len(words(entry)) <= MAX_ENTRY_WORDS:
            raise SynonymError(f"{name}: {entry!r} must have one to {MAX_ENTRY_WORDS} words.")


class SynonymFiles:
    """The shipped groups and a team's own, reloaded when the team's file changes."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = shipped
        self._own = own
        self._own_path = str(own)
        self._lock = threading.Lock()
        self._state: tuple[tuple[int, int] | None, Synonyms] | None = None

    def current(self) -> Synonyms:
        """The current synonyms. While the team's file is invalid, its last valid content counts."""
        stamp = self._stamp()
        state = self._state
        if state is None or state[0] != stamp:
            with self._lock:
                state = self._state
                if state is None or state[0] != stamp:
                    state = self._state = (stamp, self._read(stamp, state[1] if state else None))
        return state[1]

    def _stamp(self) -> tuple[int, int] | None:
        """The modification time and size of the team's file; None if there is none."""
        try:
            stat = os.stat(self._own_path)  # noqa: PTH116 (on the path of every search)
        except FileNotFoundError:
            return None
        except OSError:
            return _UNREADABLE
        return stat.st_mtime_ns, stat.st_size

    def _read(self, stamp: tuple[int, int] | None, last: Synonyms | None) -> Synonyms:
        shipped, _ = load(self._shipped)
        if stamp is None:
            return Synonyms(shipped)
        try:
            own, replace = load(self._own)
            return Synonyms(own if replace else [*shipped, *own])
        except SynonymError as error:
            log.warning("The synonyms in %s are ignored: %s", self._own, error)
            return last or Synonyms(shipped)
