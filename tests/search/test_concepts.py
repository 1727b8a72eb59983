"""A text touches concepts by the forms of their words; exceptions and everyday senses do not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.search.concept_files import ConceptFiles, LexiconError, load
from kb.search.concepts import ConceptTable, incident_concepts
from kb.search.words import words
from tests.support.api import REPOSITORY

SHIPPED = REPOSITORY / "seeds" / "lexicon.yaml"
TABLE = ConceptTable.of(
    {
        "violence": {
            "labels": {"en": "Violence"},
            "risky": True,
            "phrases": {"en": ["slap", "beat up"], "he": ["סטירה", "מכות"]},
            "ambiguous": {"en": ["punch", "hit"]},
            "except": {"en": ["slap bass", "punch bowl"]},
        },
        "death": {
            "risky": True,
            "themes": ["death-injury-conflict"],
            "phrases": {"en": ["killed"]},
            "ambiguous": {"en": ["dead", "punch"]},
            "except": {"en": ["killer feature"]},
        },
        "placeholder": {"failure_modes": ["placeholder-published"], "phrases": {"en": ["copy here", "💀"]}},
    },
    stopwords=["brands"],
)


def touched(text: str, table: ConceptTable = TABLE) -> list[tuple[str, str, bool]]:
    found = words(text)
    return [(hit.concept, " ".join(found[hit.start : hit.end]), hit.clear) for hit in table.hits(found)]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("He slapped her", [("violence", "slapped", True)]),
        ("they were beaten up: BEAT UP!", [("violence", "BEAT UP", True)]),
        ("והסטירה", [("violence", "והסטירה", True)]),
        ("בסטירות", [("violence", "בסטירות", True)]),
        ("a slap bass solo", []),
        ("their killer feature killed it", [("death", "killed", True)]),
        ("punch bowl", []),
        ("a punch", [("death", "punch", False), ("violence", "punch", False)]),
        ("copy\u200b here", [("placeholder", "copy\u200b here", True)]),
        ("💀\ufe0f!", [("placeholder", "💀\ufe0f", True)]),
        ("nothing at all", []),
    ],
)
def test_words_touch_concepts_in_any_form(text: str, hits: list[tuple[str, str, bool]]) -> None:
    assert touched(text) == hits


def test_an_empty_word_separates_phrases() -> None:
    assert not TABLE.hits(["beat", "", "up"])


def test_of_overlapping_phrases_of_a_concept_the_longest_counts() -> None:
    table = ConceptTable.of({"war": {"phrases": {"en": ["air strike"]}, "ambiguous": {"en": ["strike"]}}})
    assert touched("the air strikes", table) == [("war", "air strikes", True)]


def test_an_exception_hides_everyday_words_of_other_concepts_within_it() -> None:
    table = ConceptTable.of(
        {
            "weapons": {"ambiguous": {"en": ["shoot"]}, "except": {"en": ["photo shoot"]}},
            "violence": {"ambiguous": {"en": ["shoot"]}},
            "invitation": {"phrases": {"en": ["photo"]}},
        }
    )
    assert touched("our photo shoot", table) == [("invitation", "photo", True)]


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("notaword", ["not", "a", "word"]),
        ("slapsunday", ["slap", "sunday"]),
        ("xqzvbn", ["xqzvbn"]),
    ],
)
def test_a_hashtag_in_one_case_is_split_into_words(tag: str, parts: list[str]) -> None:
    table = ConceptTable.of({"violence": {"phrases": {"en": ["slap", "slaps"]}}})
    assert table.split(tag) == parts


def test_an_incident_touches_the_concepts_of_its_texts_and_terms_but_not_of_its_outcome() -> None:
    texts = {
        "title": [("en", "A punch line, hit by nobody")],
        "summary": [("en", "It was a hit"), ("he", "סטירה")],
        "outcome": [("en", "Copy here")],
    }
    assert incident_concepts(TABLE, texts, {}) == ("violence",)
    terms = {"theme": ["death-injury-conflict"], "failure_mode": ["placeholder-published"]}
    assert incident_concepts(TABLE, {}, terms) == ("death", "placeholder")


def test_ambiguous_words_do_not_give_an_incident_a_concept() -> None:
    assert incident_concepts(TABLE, {"title": [("en", "hit, punch and hit")]}, {}) == ()


def test_a_team_adds_to_the_shipped_concepts_until_its_file_is_invalid(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped.yaml", tmp_path / "lexicon.yaml"
    shipped.write_text("concepts: {war: {risky: true, phrases: {en: [bomb]}}}\nstopwords: {en: [post]}")
    files = ConceptFiles(shipped, own)
    assert touched("a bomb", files.current()) == [("war", "bomb", True)]
    own.write_text("concepts: {war: {phrases: {he: [פצצה]}}, cats: {phrases: {en: [kitten]}}}", "utf-8")
    table = files.current()
    assert [concept for concept, *_ in touched("bomb kittens פצצה", table)] == ["war", "cats", "war"]
    assert table.concepts["war"].risky
    assert "post" in table.stopwords
    own.write_text("concepts: {war: {phrases: [bomb]}}")
    assert files.current() is table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("war: {}", "must have `concepts:`"),
        ("concepts: {war: {phrase: {en: [a]}}}", "has 'phrase', but may have"),
        ("concepts: {war: {phrases: [bomb]}}", "must be lists by language"),
        ("concepts: {war: {phrases: {en: [yes]}}}", "Write it in quotes"),
        ("concepts: {war: {phrases: {en: ['one two three four five six']}}}", "one to 5 words"),
        ("concepts: {war: {risky: maybe}}", "`risky` is true or false"),
        ("concepts: {war: {1: [a], x: [b]}}", "has 1, but may have"),
        ("concepts: {war: {phrases: {1: [a], en: [b]}}}", "must be lists by language"),
        ("concepts: {war: {labels: {en: 2027-01-01}}}", "`labels` of war are by language"),
        ("concepts: {war: {labels: {no: Krig}}}", "`labels` of war are by language"),
        ("concepts: {war: {themes: [[a]]}}", "must be a list of keys"),
        ("concepts: {war: &a {labels: *a}}", "cannot be read as YAML"),
        ("concepts: {}\nwords: {}", "nothing else"),
        ("concepts: [", "cannot be read as YAML"),
    ],
)
def test_an_invalid_file_says_what_to_change(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "lexicon.yaml"
    path.write_text(content)
    with pytest.raises(LexiconError, match=message.replace("`", "`")):
        load(path)


def test_the_shipped_concepts_have_phrases_in_both_languages_and_names() -> None:
    concepts, stopwords = load(SHIPPED)
    assert len(concepts) > 50
    assert {"post", "פוסט"} <= set(stopwords)
    for key, concept in concepts.items():
        assert concept["labels"].keys() == {"en", "he"}, key
        assert {"en", "he"} <= concept["phrases"].keys(), key
    assert len(ConceptTable.of(concepts)) > 5_000


def test_a_concept_without_a_label_is_called_by_its_key() -> None:
    table = ConceptTable.of({"recall": {"labels": {"he": "ריקול"}}, "strike": {}})
    assert table.concepts["recall"].labels == {"en": "recall", "he": "ריקול"}
    assert table.concepts["strike"].labels == {"en": "strike"}
