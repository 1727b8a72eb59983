"""A word that people use is never taken for a typo, and a typo seldom for a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.known_words import KnownWords
from kb.search.word_lists import WordList, spelling_key, word_list

KNOWN = KnownWords()


@pytest.mark.parametrize(
    "word",
    [
        "stuck",
        "Dove",
        "soap",
        "gifts",
        "raccoon",
        "apologised",
        "hijacked",
        "layoffs",
        "unboxing",
        "influencers",
    ],
)
def test_a_word_of_english_is_known_whatever_languages_the_index_has(word: str) -> None:
    assert KNOWN.is_known(word, [])
    assert KNOWN.is_known(word.upper(), ["he", "fr"])


@pytest.mark.parametrize(
    "word",
    [
        "Balenciaga",
        "Gillette",
        "Häagen",
        "haagen",
        "L'Oréal",
        "loreal",
        "Volkswagen",
        "KLM",
        "Istanbul",
        "Łódź",
        "Netanyahu",
    ],
)
def test_names_of_brands_people_and_places_are_known_with_their_accents_and_without(word: str) -> None:
    assert KNOWN.is_known(word, ["en"])


@pytest.mark.parametrize("word", ["mother's", "mothers'", "Children’s", "brands", "quokkas", "CEO's"])
def test_possessives_and_plurals_of_known_words_are_known(word: str) -> None:
    assert KNOWN.is_known(word, ["en"])


@pytest.mark.parametrize(
    "word", ["800m", "20%", "24/7", "$1,300,000", "9/11", "5k", "٣٤", "iphone7", "😂", "--", ""]
)
def test_there_is_nothing_to_respell_in_numbers_and_signs(word: str) -> None:
    assert KNOWN.is_known(word, ["en"])


@pytest.mark.parametrize(
    "word",
    [
        "בצלב",
        "האדום",
        "שנתקע",
        "שהתנצלו",
        "הניוזלטר",
        "וכשהתנצל",
        "מהפוסטים",
        "צה״ל",
        "מקדונלד'ס",
        "ירושלים",
        "שָׁלוֹם",
    ],
)
def test_a_word_of_hebrew_is_known_with_its_particles_and_endings(word: str) -> None:
    assert KNOWN.is_known(word, ["en"])


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("Entschuldigung", "de"),
        ("réputation", "fr-CA"),
        ("ошибка", "ru"),
        ("disculpas", "es"),
        ("συγγνώμη", "el"),
    ],
)
def test_the_words_of_the_languages_of_an_index_are_known(word: str, language: str) -> None:
    assert KNOWN.is_known(word, ["he", language])


@pytest.mark.parametrize("language", ["eo", "xx", "he"])
def test_words_of_a_language_without_a_list_or_in_another_script_are_not_known(language: str) -> None:
    assert not KNOWN.is_known("ĉirkaŭ", [language])


def test_scripts_without_spaces_are_known() -> None:
    assert KNOWN.is_known("炎上マーケティング", [])


@pytest.mark.parametrize(
    "word",
    [
        "recieve",
        "definately",
        "goverment",
        "seperate",
        "apologiez",
        "baclash",
        "twiter",
        "balenciga",
        "volkswagon",
    ],
)
def test_a_misspelled_word_is_not_known_though_the_web_has_it(word: str) -> None:
    assert not KNOWN.is_known(word, ["en", "he"])


@pytest.mark.parametrize("word", ["התנצלטות", "פרסמות", "ממשללה", "עיתונעי", "פייסבווק"])
def test_a_misspelled_word_of_hebrew_is_not_known(word: str) -> None:
    assert not KNOWN.is_known(word, ["en", "he"])


def test_each_part_of_a_compound_must_be_known() -> None:
    assert KNOWN.is_known("coca-cola", [])
    assert KNOWN.is_known("#ShareYourSecret", [])
    assert KNOWN.is_known("AT&T", [])
    assert not KNOWN.is_known("coca-goverment", [])


def test_further_words_are_known_with_their_particles_and_plurals() -> None:
    known = KnownWords(["Xyzzyx bank", "קשקבלק"])
    for word in ("xyzzyx", "XYZZYX's", "xyzzyxs", "וקשקבלק", "הקשקבלק"):
        assert known.is_known(word, []), word
        assert not KNOWN.is_known(word, []), word


@given(st.text(max_size=20))
def test_any_text_can_be_looked_up(text: str) -> None:
    assert KNOWN.is_known(text, ["en"]) == KNOWN.is_known(text.strip(), ["en"])


def test_a_list_knows_how_frequent_a_word_is_and_its_neighbors_are() -> None:
    words = WordList([(300, ["receive"]), (500, ["recieve", "deceive"]), (600, ["receive"])])
    assert len(words) == 3
    assert words.centibels("receive") == 300
    assert words.centibels("relieve") is None
    assert words.most_frequent_neighbor("recieve") == 300
    assert words.most_frequent_neighbor("receive") == 500
    assert words.most_frequent_neighbor("x") is None


def test_a_language_without_a_list_has_none() -> None:
    assert word_list("xx") is None


@given(st.text(max_size=20))
def test_a_spelling_key_is_its_own(text: str) -> None:
    assert spelling_key(spelling_key(text)) == spelling_key(text)
