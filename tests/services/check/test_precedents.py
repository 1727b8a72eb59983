"""What the precedents of a draft are looked for by."""

from __future__ import annotations

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concepts import ConceptTable
from kb.services.check.precedents import MAX_TELLING_WORDS, precedent_query

LETTERS = "bdfgklmnprstvz"
WORDS = [f"q{one}{two}x{three}" for one in LETTERS for two in LETTERS for three in LETTERS]


def _words_of(text: str) -> tuple[str, ...]:
    return precedent_query(AnalyzedDraft(Draft(text=text), ConceptTable({})), {}).words


def test_an_article_is_looked_up_by_all_its_telling_words() -> None:
    assert _words_of(" ".join([*WORDS[:1_990], *WORDS[:1_990], "the", "and"])) == tuple(WORDS[:1_990])


def test_of_thousands_of_different_words_the_first_are_looked_up() -> None:
    assert _words_of(" ".join(WORDS)) == tuple(WORDS[:MAX_TELLING_WORDS])
