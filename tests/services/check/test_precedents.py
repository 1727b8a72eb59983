"""What the precedents of a draft are looked for by."""

from __future__ import annotations

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concepts import ConceptTable
from kb.services.check.precedents import MAX_INFORMATIVE_WORDS, precedent_query
from tests.support.api import Api

LETTERS = "bdfgklmnprstvz"
WORDS = [f"q{one}{two}x{three}" for one in LETTERS for two in LETTERS for three in LETTERS]


def _words_of(text: str) -> tuple[str, ...]:
    return precedent_query(AnalyzedDraft(Draft(text=text), ConceptTable.of({})), {}, (), {}).words


def test_an_article_is_looked_up_by_all_its_informative_words() -> None:
    assert _words_of(" ".join([*WORDS[:1_990], *WORDS[:1_990], "the", "and"])) == tuple(WORDS[:1_990])


def test_of_thousands_of_different_words_the_first_are_looked_up() -> None:
    assert _words_of(" ".join(WORDS)) == tuple(WORDS[:MAX_INFORMATIVE_WORDS])


def test_in_common_are_only_subjects_that_the_draft_is_said_to_touch_the_gravest_first(
    anonymous: Api,
) -> None:
    text = "20% off all grills, today only, in memory of the fallen! You could win 🎉 [insert link] @brand"
    result = anonymous.post("/checks", {"text": text, "platform": "twitter"}).get_json()
    touched = [theme["key"] for theme in result["themes"]]
    assert touched[0] == "memorial"
    assert "discount" in touched
    assert "announcement" not in touched, "an emoji alone announces nothing"
    shared = [item["why"]["themes"] for item in result["precedents"]]
    assert any(shared)
    for themes in shared:
        assert themes == [key for key in touched if key in themes]
