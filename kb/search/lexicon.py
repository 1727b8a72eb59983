"""Word knowledge from outside the index: synonyms, translations, names of observances, common words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from kb.search.glossary import Glossary, GlossaryFiles, table_data
from kb.search.known_words import KnownWords
from kb.search.observance_names import ObservanceNames, observance_names
from kb.search.synonyms import SynonymFiles, Synonyms
from kb.search.word_lists import word_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Words that expand a query beyond what was typed. Compared by identity."""

    synonyms: Synonyms
    glossary: Glossary
    observances: ObservanceNames

    def has_any(self, query_words: Sequence[str]) -> bool:
        """Whether a query may contain an entry of the lexicon: False only if no entry has any of its
        words."""
        return any(part.has_any(query_words) for part in (self.glossary, self.synonyms, self.observances))

    @cached_property
    def known_words(self) -> KnownWords:
        """The words that are correctly spelled even if no incident contains them."""
        return KnownWords(chain(self.synonyms.entries(), self.glossary.entries(), self.observances.entries()))


EMPTY_LEXICON = Lexicon(Synonyms([]), Glossary(table_data({})), ObservanceNames([]))


class LexiconFiles:
    """The lexicon of an installation: the shipped files, and those in its data folder."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._synonyms = SynonymFiles(shipped / "synonyms.yaml", own / "synonyms.yaml")
        self._glossary = GlossaryFiles(shipped / "glossary.yaml", own / "glossary.yaml")
        self._current = EMPTY_LEXICON

    def current(self) -> Lexicon:
        """The current lexicon: the same object until a file changes."""
        synonyms, glossary = self._synonyms.current(), self._glossary.current()
        current = self._current
        if current.synonyms is not synonyms or current.glossary is not glossary:
            current = self._current = _lexicon(synonyms, glossary)
        return current

    def read_ahead(self) -> None:
        """Preload the lexicon and the word lists (1.5 s of work), so that no search has to wait for them."""
        self.current().known_words  # noqa: B018 (a cached property)
        for language in ("en", "he"):
            word_list(language)


@lru_cache(maxsize=8)
def lexicon_files(shipped: Path, own: Path) -> LexiconFiles:
    """The lexicon of two folders: one object per process, inherited by processes forked from it."""
    return LexiconFiles(shipped, own)


@lru_cache(maxsize=2)
def _lexicon(synonyms: Synonyms, glossary: Glossary) -> Lexicon:
    """The lexicon of these files, shared by the engines of a process together with its known words."""
    return Lexicon(synonyms, glossary, observance_names())
