"""Words and phrases that mean the same, in several languages: the shipped ones, and a team's own."""

from __future__ import annotations

import logging
import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from kb.search.analysis import MAX_WORD_LENGTH, index_term, is_hebrew, normalize, words
from kb.search.hebrew import candidate_stems
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
# Groups that share entries grow together, and a search for one entry looks for all of them.
_MAX_JOINED_ENTRIES = 2 * _MAX_GROUP_ENTRIES
_UNREADABLE = (-1, -1)  # the stamp of a file that is there, but whose folder lets nobody look

Entry = tuple[str, ...]
"""The words of an entry."""


class SynonymError(ValueError):
    """A file of synonyms cannot be used. The message says what to change."""


class Synonyms:
    """Groups of words and phrases that mean the same, in several languages."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._groups: dict[Entry, dict[Entry, Entry]] = {}
        for group in groups:
            self._join([tuple(words(entry)) for entry in group])
        self._longest = max(map(len, self._groups), default=0)
        self._beginnings = {key[:length] for key in self._groups for length in range(1, len(key) + 1)}
        self._words = frozenset(word for key in self._groups for word in key)

    def _join(self, entries: Iterable[Entry]) -> None:
        """Add a group; one that shares an entry with another joins it."""
        joined: dict[Entry, Entry] = {}
        for entry in entries:
            key = lookup_key(entry)
            # of two spellings with one key, the first stands
            for other, spelled in self._groups.get(key, {key: entry}).items():
                joined.setdefault(other, spelled)
        if len(joined) > _MAX_JOINED_ENTRIES:
            shared = " ".join(next(iter(joined.values())))
            raise SynonymError(
                f"The groups joined to that of {shared!r} have more than {_MAX_JOINED_ENTRIES} entries. "
                "Leave out the entry that they share."
            )
        for key in joined:
            self._groups[key] = joined

    def alternatives(self, query_words: Sequence[str]) -> list[tuple[int, int, tuple[Entry, ...]]]:
        """For each run of words that is an entry, as (start, end), the other entries of its group.

        An empty word matches nothing.
        """
        found = []
        spelled = [self._spellings(word) if word else () for word in query_words]
        for start, spellings in enumerate(spelled):
            if not spellings:
                continue
            runs: list[Entry] = [()]
            for end in range(start + 1, min(start + self._longest, len(spelled)) + 1):
                longer = [(*run, word) for run in runs for word in spelled[end - 1]]
                runs = [run for run in longer if run in self._beginnings]
                if not runs:
                    break
                others = self._others(runs)
                if others:
                    found.append((start, end, others))
        return found

    def _spellings(self, word: str) -> list[str]:
        """What a word of a query may be the form of, as far as it occurs in entries."""
        return [spelling for spelling in _spellings(word[:MAX_WORD_LENGTH]) if spelling in self._words]

    def _others(self, runs: Iterable[Entry]) -> tuple[Entry, ...]:
        """What else is said for the first of the runs that is an entry: the one nearest to what was typed."""
        for run in runs:
            group = self._groups.get(run)
            if group is not None:
                return tuple(entry for key, entry in group.items() if key != run)
        return ()


def lookup_key(entry: Entry) -> Entry:
    """The key under which an entry is looked up: stems, and normalized Hebrew words."""
    return tuple(_term(word) for word in entry)


def _term(word: str) -> str:
    normal = normalize(word)
    return normal if is_hebrew(normal) else index_term(word, "en")


@lru_cache(maxsize=10_000)
def _spellings(word: str) -> Entry:
    """What a word of a query may be the form of; the word itself first."""
    term = _term(word)
    if not is_hebrew(term):
        return (term,)
    return (term, *sorted(candidate_stems(term) - {term}, key=lambda stem: (-len(stem), stem)))


def load(path: Path) -> tuple[list[list[str]], bool]:
    """The groups of a file, and whether they replace the shipped ones. Raises SynonymError."""
    try:
        content = read_yaml(path.read_text("utf-8"))
    # ValueError: no UTF-8, or what YAML takes for a date that does not exist
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SynonymError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("groups"), list):
        raise SynonymError(f"{path} must have `groups:`, a list of lists of words.")
    if content.keys() - {"groups", "replace"} or not isinstance(content.get("replace", False), bool):
        raise SynonymError(f"{path} may have `groups:` and `replace: true`, and nothing else.")
    groups = content["groups"]
    if len(groups) > _MAX_GROUPS:
        raise SynonymError(f"{path} has {len(groups)} groups; at most {_MAX_GROUPS} are taken.")
    for number, group in enumerate(groups, 1):
        _check(f"Group {number} of {path}", group)
    return groups, content.get("replace", False)


def _check(name: str, group: Any) -> None:
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
    """The shipped groups and a team's own, read again when the team's file changes."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = shipped
        self._own = own
        self._own_path = str(own)
        self._guard = threading.Lock()
        self._state: tuple[tuple[int, int] | None, Synonyms] | None = None

    def current(self) -> Synonyms:
        """The synonyms as the files say now; while a team's file is broken, as it last said."""
        stamp = self._stamp()
        state = self._state
        if state is None or state[0] != stamp:
            with self._guard:
                state = self._state
                if state is None or state[0] != stamp:
                    state = self._state = (stamp, self._read(stamp, state[1] if state else None))
        return state[1]

    def _stamp(self) -> tuple[int, int] | None:
        """What changes with the team's file; None without one."""
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
            log.warning("The synonyms of %s are not taken up: %s", self._own, error)
            return last or Synonyms(shipped)
