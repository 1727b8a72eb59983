"""Words and phrases that mean the same, in several languages: the shipped ones, and a team's own."""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from kb.search.analysis import MAX_WORD, index_term, is_hebrew, normalize, words
from kb.search.hebrew import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

LONGEST_ENTRY = 5
"""How many words an entry may have."""

_MOST_CHARACTERS = 100
_MOST_ENTRIES = 30
_MOST_GROUPS = 5_000

Entry = tuple[str, ...]
"""The words of an entry."""


class SynonymError(ValueError):
    """A file of synonyms cannot be used. The message says what to change."""


class Synonyms:
    """Groups of words and phrases that mean the same, in several languages."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._groups: dict[Entry, list[Entry]] = {}
        for group in groups:
            self._join([tuple(words(entry)) for entry in group])
        self._longest = max(map(len, self._groups), default=0)
        self._beginnings = {key[:length] for key in self._groups for length in range(1, len(key) + 1)}

    def _join(self, entries: list[Entry]) -> None:
        """Add a group; one that shares an entry with another joins it."""
        joined = {_key(entry): entry for entry in entries}
        for key in list(joined):
            joined.update({_key(entry): entry for entry in self._groups.get(key, ())})
        together = list(joined.values())
        for key in joined:
            self._groups[key] = together

    def alternatives(self, query_words: Sequence[str]) -> list[tuple[int, int, tuple[Entry, ...]]]:
        """For each run of words that is an entry, as (start, end), the other entries of its group.

        An empty word matches nothing.
        """
        found = []
        spelled = [_spellings(word[:MAX_WORD]) if word else () for word in query_words]
        for start in range(len(spelled)):
            runs: list[Entry] = [()]
            for end in range(start + 1, min(start + self._longest, len(spelled)) + 1):
                longer = ((*run, word) for run in runs for word in spelled[end - 1])
                runs = [run for run in longer if run in self._beginnings]
                if not runs:
                    break
                for run in runs:
                    group = self._groups.get(run)
                    if group is not None:
                        others = tuple(entry for entry in group if _key(entry) != run)
                        found.append((start, end, others))
                        break
        return found


def _key(entry: Entry) -> Entry:
    """By what an entry is found: stems, and normalized words of Hebrew."""
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
    return (term, *sorted(keys(term) - {term}, key=lambda key: (-len(key), key)))


def load(path: Path) -> tuple[list[list[str]], bool]:
    """The groups of a file, and whether they replace the shipped ones. Raises SynonymError."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SynonymError(f"{path.name} cannot be read as YAML: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("groups"), list):
        raise SynonymError(f"{path.name} must have `groups:`, a list of lists of words.")
    if content.keys() - {"groups", "replace"} or not isinstance(content.get("replace", False), bool):
        raise SynonymError(f"{path.name} may have `groups:` and `replace: true`, and nothing else.")
    groups = content["groups"]
    if len(groups) > _MOST_GROUPS:
        raise SynonymError(f"{path.name} has {len(groups)} groups; at most {_MOST_GROUPS} are taken.")
    for number, group in enumerate(groups, 1):
        _check(f"Group {number} of {path.name}", group)
    return groups, content.get("replace", False)


def _check(name: str, group: Any) -> None:
    if not isinstance(group, list) or not 2 <= len(group) <= _MOST_ENTRIES:
        raise SynonymError(f"{name} must be a list of 2 to {_MOST_ENTRIES} words or phrases.")
    for entry in group:
        if not isinstance(entry, str):
            raise SynonymError(f"{name}: {entry!r} is no text to YAML. Write it in quotes.")
        if len(entry) > _MOST_CHARACTERS or not 1 <= len(words(entry)) <= LONGEST_ENTRY:
            raise SynonymError(f"{name}: {entry[:50]!r} must have one to {LONGEST_ENTRY} words.")


class SynonymFiles:
    """The shipped groups and a team's own, read again when the team's file changes."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = shipped
        self._own = own
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
                    state = self._state = (stamp, self._read(state[1] if state else None))
        return state[1]

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._own.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def _read(self, last: Synonyms | None) -> Synonyms:
        shipped, _ = load(self._shipped)
        try:
            own, replace = load(self._own) if self._own.exists() else ([], False)
        except SynonymError as error:
            log.warning("A team's synonyms are not taken up: %s", error)
            return last or Synonyms(shipped)
        return Synonyms(own if replace else [*shipped, *own])
