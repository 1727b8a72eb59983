"""What is known of words beside the index: synonyms, translations, names of observances, common words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

from kb.search.glossary import Glossary, GlossaryFiles
from kb.search.synonyms import SynonymFiles, Synonyms


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words that a query is searched for besides those that were typed. Compared by identity."""

    synonyms: Synonyms
    glossary: Glossary

    def is_word(self, word: str, languages: Iterable[str]) -> bool:
        """Whether a typed word is a word of some languages, so that it is not misspelled."""
        return False


EMPTY_LEXICON = Lexicon(Synonyms([]), Glossary({}))


class LexiconFiles:
    """The lexicon of an installation: the shipped files, and those in its data folder."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._synonyms = SynonymFiles(shipped / "synonyms.yaml", own / "synonyms.yaml")
        self._glossary = GlossaryFiles(shipped / "glossary.yaml", own / "glossary.yaml")
        self._current = EMPTY_LEXICON

    def current(self) -> Lexicon:
        """The current lexicon: the same object until a file changes."""
        synonyms, glossary = self._synonyms.current(), self._glossary.current()
        if (self._current.synonyms, self._current.glossary) != (synonyms, glossary):
            self._current = Lexicon(synonyms, glossary)
        return self._current
