"""From text to terms, and from terms back to the passage that shows them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import (
    index_term,
    informative_terms,
    normalize,
    query_terms,
    tokens,
)
from kb.search.hebrew import MIN_STEM_LENGTH, Vocabulary, candidate_stems
from kb.search.words import WORD, split_word, words
from tests.search.one_text import terms

TEXT = st.text(
    alphabet=st.sampled_from("abcdefg'’ .-\"אבגדהוכךםמןנףפץצשת״׳\u05b4\u200f1İßﬁ中<&🦓\u0301"), max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("McDonald's users’ users' rock'n'roll", ["mcdonald", "user", "user", "rocknrol"]),
        ("ארה״ב ארה\"ב צה'ל", ["ארהב", "ארהב", "צהל"]),
        ("שָׁלוֹם \u200fעולם\u200f", ["שלומ", "עולמ"]),
        ("ב-Blue Origin", ["ב", "blue", "origin"]),
        ("#NoPlanB @BlueOrigin", ["noplanb", "blueorigin"]),
        ("ﬁle ＦＵＬＬ", ["file", "full"]),
        ("_snake_case_ 24/7", ["snake", "case", "24", "7"]),
    ],
)
def test_words_become_terms(text: str, expected: list[str]) -> None:
    assert terms(text, "en") == expected


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "published", "publishing"),
        ("en-GB", "apologies", "apology"),
        ("de", "Entschuldigungen", "Entschuldigung"),
        ("fr", "excuses", "excuse"),
        ("ru", "ошибки", "ошибка"),
        ("es", "errores", "error"),
    ],
)
def test_forms_of_a_word_share_a_term_in_their_language(language: str, one: str, other: str) -> None:
    assert terms(one, language) == terms(other, language)


def test_a_query_word_expands_to_the_terms_of_all_index_languages() -> None:
    assert query_terms("errores", ["en", "es"]) == {index_term("errores", "en"), index_term("errores", "es")}


@given(TEXT)
def test_token_offsets_are_exact_and_agree_with_terms(text: str) -> None:
    found = list(tokens(text, "en"))
    assert [token.term for token in found if token.term] == terms(text, "en")
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert all(one.start < other.start for one, other in pairwise(found))


@given(st.text(st.sampled_from("aZ_019 .,'`$%#@-\n") | st.characters(max_codepoint=127), max_size=60))
def test_a_text_of_ascii_characters_has_the_words_that_any_text_has(text: str) -> None:
    assert words(text) == WORD.findall(text)


@given(st.text(max_size=40))
def test_normalization_is_idempotent(word: str) -> None:
    assert normalize(normalize(word)) == normalize(word)


def test_stopwords_are_dropped_unless_nothing_else_remains() -> None:
    assert informative_terms(["placeholder", "by", "של"], ["en", "he"]) == {"placeholder"}
    assert informative_terms(["to", "be"], ["en"]) == {"to", "be"}


def test_stopwords_follow_the_predominant_language_of_the_query() -> None:
    assert informative_terms(["des", "excuses", "de", "la", "marque"], ["en", "fr"]) == {"excuses", "marque"}
    assert informative_terms(["die", "another", "day"], ["en", "de"]) == {"die", "another", "day"}


def test_a_script_without_spaces_is_split_into_bigrams() -> None:
    assert terms("品牌发布", "zh") == ["品牌", "牌发", "发布"]
    assert split_word("iPhone手机x") == ["iPhone", "手机", "x"]
    assert split_word("tone") == ["tone"]


def test_a_term_has_a_maximum_length() -> None:
    assert len(index_term("x" * 10_000, "en")) <= 100


class TestHebrewForms:
    vocabulary = Vocabulary(terms("הטיוטה טיוטות שפורסמה פורסמו הפרסום בטעות טעויות ילדיו zebra", "he"))

    @pytest.mark.parametrize(
        ("word", "form"),
        [
            ("טיוטה", "הטיוטה"),
            ("טיוטה", "טיוטות"),
            ("פורסמה", "שפורסמה"),
            ("פורסמה", "פורסמו"),
            ("ילדים", "ילדיו"),
        ],
    )
    def test_hebrew_forms_match_despite_particles_and_endings(self, word: str, form: str) -> None:
        assert form in self.vocabulary.with_stems(candidate_stems(normalize(word)))

    def test_different_hebrew_words_stay_distinct(self) -> None:
        assert "פרסומ" not in self.vocabulary.with_stems(candidate_stems(normalize("טיוטה")))
        assert not [*self.vocabulary.with_stems(candidate_stems(normalize("זברה")))]

    @given(st.text(alphabet="אבגדהוכלמנסעפקרשת", min_size=1, max_size=12))
    def test_a_stem_is_a_long_enough_part_of_its_word(self, word: str) -> None:
        found = candidate_stems(word)
        assert word in found
        assert all(stem in word and (stem == word or len(stem) >= MIN_STEM_LENGTH) for stem in found)
