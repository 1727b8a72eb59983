"""A draft is divided into words, sentences and hashtags, and touches concepts by all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concepts import ConceptTable

TABLE = ConceptTable.of(
    {
        "war": {"phrases": {"en": ["air strike", "bomb"], "he": ["תקיפה"]}},
        "secret": {"phrases": {"en": ["share your secret"]}},
    }
)


def analyze(text: str) -> AnalyzedDraft:
    return AnalyzedDraft(Draft(text=text), TABLE)


def touched(text: str) -> list[tuple[str, str]]:
    draft = analyze(text)
    return [(key, draft.text_at(touch.span)) for key, touches in draft.touched.items() for touch in touches]


def test_words_know_their_sentence() -> None:
    draft = analyze("One two. Three? four… five v2.0 six\nseven")
    assert draft.words.sentences == [0, 0, 1, 2, 3, 3, 3, 3, 4]


def test_words_lead_back_to_the_text_as_sent() -> None:
    draft = analyze("One\u200b t\u200bwo\u200b. #ThreeFour five")
    words = draft.words
    assert words.texts == ["One", "two", "ThreeFour", "five"]
    parts = [draft.draft.text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]
    assert parts == ["One", "t\u200bwo", "ThreeFour", "five"]


def test_units_are_words_with_gaps_between_sentences_and_before_those_of_hashtags() -> None:
    draft = analyze("One two. Three! #FourFive six")
    units = draft.units
    assert units.texts == ["One", "two", "", "Three", "", "FourFive", "six", "", "Four", "Five"]
    assert units.sentences[-2:] == [2, 2]
    assert draft.text_at(draft.span_of(8, 10)) == "#FourFive"


@given(
    st.lists(st.sampled_from(["7", "12", "bomb", "bombs", "bombed", "תקיפה", "והתקיפה", "."]), max_size=30)
)
def test_the_occurrences_of_a_term_are_the_units_that_may_be_forms_of_it(words: list[str]) -> None:
    draft = analyze(" ".join(words))
    forms = [*enumerate(draft.forms)]
    assert {term: sorted(places) for term, places in draft.occurrences.items()} == {
        term: [number for number, terms in forms if term in terms]
        for term in {term for _, terms in forms for term in terms}
    }


def test_a_place_between_words_is_of_the_sentence_after_it() -> None:
    assert analyze("One. Two 🙂").words.sentence_at(3) == 1
    assert analyze("").words.sentence_at(0) == 0  # no words: the first one


def test_no_phrase_crosses_a_sentence() -> None:
    assert touched("Fresh air. Strike a pose") == []
    assert touched("an air strike.") == [("war", "air strike")]


def test_hashtags_are_divided_by_capitals_underscores_or_known_words() -> None:
    draft = analyze("#ShareYourSecret #share_your_secret #shareyoursecret #1 a#b http://x/#top")
    assert [tag.words for tag in draft.hashtags[:3]] == [
        ("Share", "Your", "Secret"),
        ("share", "your", "secret"),
        ("share", "your", "secret"),
    ]
    assert [tag.text for tag in draft.hashtags[3:]] == ["1"]
    assert touched("now #shareyoursecret!") == [("secret", "#shareyoursecret")]


def test_places_are_those_of_the_text_as_sent() -> None:
    assert touched("\u200fה\u200bת\u200bק\u200bיפה 💣 ﬁrst b\u00adomb") == [
        ("war", "ה\u200bת\u200bק\u200bיפה"),
        ("war", "b\u00adomb"),
    ]


@given(st.text(st.sampled_from("bomb air strike.#\u200b💀אבג\n"), max_size=80))
def test_every_touch_is_within_the_text_and_not_empty(text: str) -> None:
    draft = analyze(text)
    for touches in draft.touched.values():
        for touch in touches:
            assert 0 <= touch.span.start < touch.span.end <= len(text)
            assert draft.text_at(touch.span).strip()


def test_concepts_are_found_where_they_begin_as_if_each_word_were_looked_up() -> None:
    for text in ("An air strike, air strikes, a bombed town", "בתקיפה #ShareYourSecret", "air. Strike"):
        draft = analyze(text)
        hits = {(hit.concept, hit.start, hit.end) for hit in TABLE.hits(draft.unit_texts)}
        found = {(key, touch.word, touch.end) for key, each in draft.touched.items() for touch in each}
        assert found == hits
