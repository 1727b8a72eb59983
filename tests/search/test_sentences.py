"""A sentence is told from keywords, and ranked by what its words and concepts are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.search.engine import Hit
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.sentences import is_sentence, request_words
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("we want to post a funny tweet", "we want to post"),
        ("I’m thinking of replying to an angry customer", "I’m thinking of"),
        ("is it OK if we make a joke about the war", "is it OK if we make"),
        ("our intern wants to post a meme", "wants to post"),
        ("אנחנו רוצים להעלות ציוץ מצחיק", "אנחנו רוצים להעלות"),
        ("האם מותר לצחוק על מלחמה", "האם מותר"),
        ("בא לנו לברך לקוחות", "בא לנו"),
    ],
)
def test_a_request_says_nothing_of_what_is_looked_for(text: str, asking: str) -> None:
    root = parse(text).root
    assert request_words(root) == frozenset(asking.split())
    assert is_sentence(root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "we want to",
        "can we do it",
        "אפשר",
        "מותר לנו להעלות",
        "+we +want +to joke",
        '"we want to"',
    ],
)
def test_a_request_for_nothing_is_searched_for_as_it_is(text: str) -> None:
    assert request_words(parse(text).root) == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("burger king kitchen tweet", False),
        ("women belong in the kitchen", False),
        ("journalist suspended for tweeting osborne budget early", True),
        ("journalist suspended tweeting osborne budget early", False),
        ("journalist suspended for tweeting osborne budget -early", False),
        ("journalist suspended AND tweeting on budget early page", False),
        ("title:budget a journalist suspended tweeting early page", False),
        ("a journalist suspended tweeting budget early category:offensive", True),
    ],
)
def test_a_sentence_has_many_words_and_no_operators(text: str, expected: bool) -> None:
    assert is_sentence(parse(text).root) is expected


def searched(
    folder: Path, text: str, *titles: str, concepts: dict[str, float] | None = None
) -> tuple[Hit, ...]:
    """The hits of a query among titles, of which the last has the concept `genocide`, and twenty tweets."""
    engine = WhooshEngine(folder / "index")
    documents = [document(number, title) for number, title in enumerate(titles, 1)]
    documents[-1] = document(len(titles), titles[-1], concepts=("genocide",))
    documents += [document(100 + number, "a funny tweet on a day") for number in range(20)]
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [(documents, 1)])
    query = SearchQuery(
        root=parse(text).root, correct=False, boosts=frozenset(), concepts=concepts or {}, explain=True
    )
    return engine.search(query).hits


SENTENCE = "we want to post a funny tweet on Holocaust day"


def test_one_rare_word_outweighs_many_common_ones(tmp_path: Path) -> None:
    hits = searched(tmp_path, SENTENCE, "a funny tweet on a day", "films about the Holocaust", "x")
    assert hits[0].id == 2
    assert [hit.relevant for hit in hits] == [True] + [False] * (len(hits) - 1)


def test_a_concept_counts_where_no_word_is_shared(tmp_path: Path) -> None:
    titles = ("a funny tweet", "Holocaust films", "a pogrom and fried chicken")
    hits = searched(tmp_path, SENTENCE, *titles, concepts={"genocide": 1.3})
    assert {hit.id for hit in hits[:2]} == {2, 3}
    (pogrom,) = (hit for hit in hits if hit.id == 3)
    assert pogrom.explanation is not None
    assert [row["field"] for row in pogrom.explanation["terms"]] == ["concept"]
    assert 3 not in {hit.id for hit in searched(tmp_path / "other", SENTENCE, *titles)}


def test_the_explanation_of_a_sentence_adds_up_to_its_score(tmp_path: Path) -> None:
    titles = ("a funny tweet on a day", "Holocaust films", "a funny day of the Holocaust")
    hits = searched(tmp_path, SENTENCE, *titles, concepts={"genocide": 1.0})
    assert len(hits) >= len(titles)
    for hit in hits[:5]:
        assert hit.explanation is not None
        relevance = sum(row["value"] for row in hit.explanation["terms"])
        assert relevance == pytest.approx(hit.explanation["relevance"], abs=1e-4)
        assert hit.score == pytest.approx(hit.explanation["relevance_score"], abs=1e-6)


def test_what_matches_well_comes_first(tmp_path: Path) -> None:
    hits = searched(tmp_path, "tweet day quagga", "a tweet on a day", "a quagga", "x")
    assert [(hit.id, hit.relevant) for hit in hits[:2]] == [(2, True), (1, False)]
    assert not any(hit.relevant for hit in hits[2:])
