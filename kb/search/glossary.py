"""The bilingual glossary: everyday and trade words in Hebrew and English, looked up in both directions.

A query in one language finds incidents that were filed only in the other. Translations count less than
synonyms, so incidents in the query's own language come first.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from kb.derived_files import derived
from kb.reloaded_files import ReloadedFiles
from kb.search.entry_checks import check_entries
from kb.search.phrase_table import Entry, PhraseTable, entry_of, lookup_key
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MAX_TRANSLATIONS = 3
"""Maximum number of translations of a word that a query is searched for: the best ones."""

_MAX_ENTRIES = 50_000


class GlossaryError(ValueError):
    """A glossary file is invalid. The message says what to change."""


def table_data(entries: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Derive the data of a `Glossary`, as plain values that can be stored, from translations by word."""
    found: dict[Entry, dict[Entry, None]] = {}
    hebrew: list[dict[Entry, dict[Entry, None]]] = []  # by the rank of the English word
    for lemma, translations in entries.items():
        spelled = entry_of(lemma)
        known = found.setdefault(lookup_key(spelled), {})
        for rank, translation in enumerate(map(entry_of, translations)):
            known[translation] = None
            if rank == len(hebrew):
                hebrew.append({})
            hebrew[rank].setdefault(lookup_key(translation), {})[spelled] = None
    # The Hebrew words for an English one are ordered by its rank among their translations.
    for ranked in hebrew:
        for key, lemmas in ranked.items():
            found.setdefault(key, {}).update(lemmas)
    # The translations of an entry are stored as one string: tuples of words would take ten times the memory.
    table = _empty_table()
    for key, values in found.items():
        table.put(key, "\n".join(map(" ".join, values)))
    return table.to_data(str)


def _empty_table() -> PhraseTable[str]:
    return PhraseTable(other_suffixes=True)


class Glossary:
    """Translations of words and phrases from Hebrew to English and vice versa."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Build the glossary from what `table_data` derived."""
        self._table = _empty_table()
        self._table.add_data(data, str)

    def __len__(self) -> int:
        return len(self._table)

    def translations(self, query_words: Sequence[str]) -> list[tuple[int, int, tuple[Entry, ...]]]:
        """Look up a query: (start, end, translations) for each span of words that is an entry.

        Each has at most MAX_TRANSLATIONS. An empty word matches no entry.
        """
        found = []
        for start, end, keys in self._table.spans(query_words):
            spelled = dict.fromkeys(each for key in keys for each in (self._table.get(key) or "").split("\n"))
            entries = (tuple(each.split(" ")) for each in islice(spelled, MAX_TRANSLATIONS))
            found.append((start, end, tuple(entries)))
        return found

    def has_any(self, query_words: Sequence[str]) -> bool:
        """Whether a query may contain an entry: False only if none of its words is in an entry."""
        return self._table.has_any(query_words)

    def has_word(self, word: str) -> bool:
        """Whether a word, as typed, is an entry."""
        return self._table.get(lookup_key((word,))) is not None

    def entries(self) -> Iterator[str]:
        """All words and phrases, in both languages."""
        for translations in self._table.values():
            yield from translations.split("\n")


def load(path: Path) -> tuple[dict[str, list[str]], bool]:
    """Read the entries of a file, and whether they replace the shipped ones. Raises GlossaryError."""
    content = read_yaml_file(path, GlossaryError)
    if not isinstance(content, dict) or not isinstance(content.get("entries"), dict):
        raise GlossaryError(f"{path} must have `entries:`, a list of translations for each word.")
    if content.keys() - {"entries", "replace"} or not isinstance(content.get("replace", False), bool):
        raise GlossaryError(f"{path} may have `entries:` and `replace: true`, and nothing else.")
    entries = content["entries"]
    if len(entries) > _MAX_ENTRIES:
        raise GlossaryError(f"{path} has {len(entries)} entries; at most {_MAX_ENTRIES} are allowed.")
    for lemma, translations in entries.items():
        _check_entry(path, lemma, translations)
    return entries, content.get("replace", False)


def _check_entry(path: Path, lemma: Any, translations: Any) -> None:
    if not isinstance(translations, list) or not translations:
        raise GlossaryError(f"{path}: {lemma!r} must have a list of translations.")
    check_entries(f"{lemma!r} of {path}", (lemma, *translations), GlossaryError)


class GlossaryFiles(ReloadedFiles[Glossary]):
    """The shipped glossary and a team's own, reloaded when the team's file changes."""

    error = GlossaryError

    def read(self, own: Path | None) -> Glossary:
        """The glossary of the shipped file and a team's own. Raises GlossaryError."""
        return _shipped(self._shipped) if own is None else _glossary("own-glossary", self._shipped, own)


@lru_cache(maxsize=1)
def _shipped(path: Path) -> Glossary:
    """The shipped glossary, which does not change."""
    return _glossary("glossary", path)


def _glossary(name: str, *paths: Path) -> Glossary:
    """The glossary of files, each of which is added to those before it. Raises GlossaryError."""
    try:
        contents = [path.read_bytes() for path in paths]
    except OSError:
        return Glossary(table_data(_merged(*paths)))  # raises GlossaryError with the reason
    return Glossary(derived(name, contents, lambda: table_data(_merged(*paths))))


def _merged(first: Path, *others: Path) -> dict[str, list[str]]:
    """Add further entries to those of a file, or replace them if a file says so."""
    entries, _ = load(first)
    for path in others:
        more, replace = load(path)
        entries = more if replace else {**entries, **more}
    return entries
