"""Load the concept files: the shipped one and the team's own in its data folder."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb.derived_files import derived
from kb.reloaded_files import ReloadedFiles
from kb.search.concepts import LISTS, ConceptTable, table_data
from kb.search.entry_checks import check_entries
from kb.yaml_text import read_yaml_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAX_ENTRIES = 50_000
_FIELDS = {"labels", "risky", "themes", "failure_modes", *LISTS}


class LexiconError(ValueError):
    """The file of concepts is invalid. The message says what to change."""


def load(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Read the concepts and the stopwords of a file. Raises LexiconError."""
    content = read_yaml_file(path, LexiconError)
    if not isinstance(content, dict) or not isinstance(content.get("concepts"), dict):
        raise LexiconError(f"{path} must have `concepts:`, each a key with its phrases.")
    if content.keys() - {"concepts", "stopwords"}:
        raise LexiconError(f"{path} may have `concepts:` and `stopwords:`, and nothing else.")
    count = 0
    for key, row in content["concepts"].items():
        count += _check_concept(path, key, row)
    if count > _MAX_ENTRIES:
        raise LexiconError(f"{path} has {count} entries; at most {_MAX_ENTRIES} are allowed.")
    stopwords = content.get("stopwords", {})
    _check_texts(path, "stopwords", stopwords)
    return content["concepts"], [text for texts in stopwords.values() for text in texts]


def _check_concept(path: Path, key: Any, row: Any) -> int:
    """Check a concept, and return its number of entries. Raises LexiconError."""
    if not isinstance(key, str) or not isinstance(row, dict):
        raise LexiconError(f"{path}: {key!r} must be a key with `phrases`, `ambiguous` or `except`.")
    if unknown := row.keys() - _FIELDS:
        raise LexiconError(
            f"{path}: {key} has {min(unknown, key=str)!r}, but may have {', '.join(sorted(_FIELDS))}."
        )
    for name in ("themes", "failure_modes"):
        keys = row.get(name, [])
        if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
            raise LexiconError(f"{path}: `{name}` of {key} must be a list of keys.")
    labels = row.get("labels", {})
    is_by_language = isinstance(labels, dict) and all(
        isinstance(text, str) for pair in labels.items() for text in pair
    )
    if not is_by_language or not isinstance(row.get("risky", False), bool):
        raise LexiconError(f"{path}: `labels` of {key} are by language, and `risky` is true or false.")
    return sum(_check_texts(path, f"`{name}` of {key}", row.get(name, {})) for name in LISTS)


def _check_texts(path: Path, name: str, by_language: Any) -> int:
    if not isinstance(by_language, dict) or not all(
        isinstance(tag, str) and isinstance(each, list) for tag, each in by_language.items()
    ):
        raise LexiconError(f"{path}: {name} must be lists by language, such as {{en: [slap], he: [סטירה]}}.")
    for language, texts in by_language.items():
        check_entries(f"{path}: {name}, {language}", texts, LexiconError)
    return sum(map(len, by_language.values()))


class ConceptFiles(ReloadedFiles[ConceptTable]):
    """The shipped concepts and a team's own, reloaded when the team's file changes."""

    error = LexiconError

    def read(self, own: Path | None) -> ConceptTable:
        """The concepts of the shipped file, merged with the team's own. Raises LexiconError."""
        return _shipped(self._shipped) if own is None else _table("own-concepts", self._shipped, own)


@lru_cache(maxsize=8)
def concept_files(shipped: Path, own: Path) -> ConceptFiles:
    """The concepts of two files: one object per process, inherited by processes forked from it."""
    return ConceptFiles(shipped, own)


@lru_cache(maxsize=1)
def _shipped(path: Path) -> ConceptTable:
    """The shipped concepts, which do not change."""
    return _table("concepts", path)


def _table(name: str, *paths: Path) -> ConceptTable:
    """The concepts of files, each of which is added to those before it. Raises LexiconError."""
    try:
        contents = [path.read_bytes() for path in paths]
    except OSError:
        return ConceptTable.of(*_merged(*paths))  # raises LexiconError with the reason
    return ConceptTable(derived(name, contents, lambda: table_data(*_merged(*paths))))


def _merged(first: Path, *others: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Merge further concepts into those of a file: lists are appended, other fields replace."""
    concepts, stopwords = load(first)
    for path in others:
        own_concepts, own_stopwords = load(path)
        merged = {key: dict(row) for key, row in concepts.items()}
        for key, row in own_concepts.items():
            target = merged.setdefault(key, {})
            for name, value in row.items():
                target[name] = _added(target.get(name, {}), value) if name in LISTS else value
        concepts, stopwords = merged, [*stopwords, *own_stopwords]
    return concepts, stopwords


def _added(lists: Mapping[str, list[str]], more: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {tag: [*lists.get(tag, []), *more.get(tag, [])] for tag in {**lists, **more}}
