"""What is known of words beside the index: synonyms, translations, common words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.search.glossary import Glossary, GlossaryFiles
from kb.search.known_words import KnownWords
from kb.search.synonyms import SynonymFiles, Synonyms

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words that a query is searched for besides those that were typed. Compared by identity."""

    synonyms: Synonyms
    glossary: Glossary
    known_words: KnownWords


EMPTY_LEXICON = Lexicon(Synonyms([]), Glossary({}), KnownWords())


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
            known_words = KnownWords([*synonyms.entries(), *glossary.entries()])
            current = self._current = Lexicon(synonyms, glossary, known_words)
        return current
