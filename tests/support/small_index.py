"""A few texts in an index of their own, each as the title of an incident, numbered from one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.organization import organization_key
from kb.search.engine import Likeness, PrecedentQuery
from kb.search.highlight import highlight_all
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.querying.view import View
from kb.search.words import words
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from kb.search.engine import Hit, ResultPage


class SmallIndex:
    """An index of titles in one language each, that is asked as a person asks: in words."""

    def __init__(self, folder: Path, *titles: str, language: str = "en", organization: str = "Acme") -> None:
        self.titles = titles
        self._language = language
        self._engine = WhooshEngine(folder / "index")
        documents = [
            document(
                number,
                texts={"title": ((language, title),), "organization": ((language, organization),)},
                organization_key=organization_key(organization),
                languages=(language,),
            )
            for number, title in enumerate(titles, 1)
        ]
        with self._engine.writing(timeout=PATIENCE):
            self._engine.rebuild("a database", [(documents, 1)])

    def page(self, query: str, **options: Any) -> ResultPage:
        """The first fifty results, without a correction."""
        settings = {"correct": False, "boosts": frozenset(), "limit": 50, **options}
        return self._engine.search(SearchQuery(root=parse(query).root, **settings))

    def view(self) -> View:
        """What everybody may see of the index."""
        return self._engine._with_snapshot(lambda snapshot: View(snapshot, None))

    def hits(self, query: str) -> tuple[Hit, ...]:
        return self.page(query).hits

    def precedents(self, *words: str) -> tuple[Hit, ...]:
        """What a draft of these words resembles."""
        draft = PrecedentQuery(words=words, concepts={})
        return self._engine.precedents(draft, SearchQuery(root=Group(), limit=50)).hits

    def scores(self, query: str) -> list[tuple[int, float]]:
        return [(hit.id, hit.score) for hit in self.hits(query)]

    def found(self, query: str) -> list[str]:
        """The titles that a query finds, the best first."""
        return [self.titles[hit.id - 1] for hit in self.hits(query)]

    def whole(self, query: str) -> set[str]:
        """The titles that match all the words of a query, as well as the best one does."""
        hits = self.hits(query)
        return {self.titles[hit.id - 1] for hit in hits if int(hit.score) == int(hits[0].score)}

    def passage(self, query: str, title: str) -> str | None:
        """A title with what a query finds in it marked."""
        return highlight_all(title, self._language, self.page(query).highlight_terms).get(0)

    def suggested(self, typed: str) -> list[str]:
        """The titles that complete what was typed, the best first."""
        found = self._engine.suggest(words(typed), SearchQuery(root=Group()))
        return [self.titles[hit.id - 1] for hit in found.hits]

    def similar(self, title: str) -> list[str]:
        """The titles that share the most informative words of one, the best first."""
        return self._like(self.titles.index(title) + 1, title)

    def like(self, text: str) -> list[str]:
        """The titles that share the most informative words of a text, the best first."""
        return self._like(None, text)

    def _like(self, number: int | None, text: str) -> list[str]:
        query = SearchQuery(root=Group(), boosts=frozenset())
        found = self._engine.similar(number, Likeness(texts=((self._language, text),)), query)
        return [self.titles[hit.id - 1] for hit in found.hits]
