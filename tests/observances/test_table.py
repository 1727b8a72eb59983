"""The table of observances is complete, and its names can be looked up."""

from __future__ import annotations

from typing import Any

import pytest

from kb.observances.names import MAX_NAME_WORDS, groups, typed_names
from kb.observances.table import ObservanceError, observances, parse_table
from kb.search.phrase_table import MAX_ENTRY_WORDS
from kb.search.words import words

ROW = {
    "key": "christmas",
    "rule": "fixed:12-25",
    "countries": ["*"],
    "kind": "religious",
    "tone": "fine",
    "names": {"en": "Christmas", "he": "חג המולד"},
}


def test_names_are_phrases_that_a_query_can_have() -> None:
    assert MAX_NAME_WORDS == MAX_ENTRY_WORDS
    for key, names in groups():
        assert len(names) == len(set(names)) <= 40, key
        for name in names:
            assert 1 <= len(words(name)) <= MAX_ENTRY_WORDS, name


def test_a_name_that_is_only_typed_is_not_searched_for() -> None:
    names = dict(groups())
    assert dict(typed_names())["oct-7"] == ("7/10", "10/7", "7.10")
    for key, typed in typed_names():
        assert set(typed).isdisjoint(names[key]), key


def test_every_alias_is_among_the_names_of_its_observance() -> None:
    names = dict(groups())
    for key, observance in observances().items():
        for aliases in observance.aliases.values():
            assert set(aliases) <= set(names[key]), key


def test_every_observance_has_a_name_that_is_typed_in_each_language() -> None:
    names = dict(groups())
    for key, observance in observances().items():
        for language in ("en", "he"):
            assert observance.names[language], key
            assert set(observance.all_names(language)) & set(names[key]), (key, language)


def test_every_note_is_in_both_languages() -> None:
    for key, observance in observances().items():
        assert observance.note.keys() in (set(), {"en", "he"}), key


def test_countries_are_codes_or_the_world() -> None:
    for key, observance in observances().items():
        for country in observance.countries:
            assert country == "*" or (len(country) == 2 and country.isupper()), key


def test_every_observance_is_read_with_its_advice() -> None:
    shoah = observances()["yom-hashoah"]
    assert (shoah.kind, shoah.tone, shoah.countries) == ("commemoration", "no-promotion", ("IL", "*"))
    assert (shoah.year_of_event, shoah.days_after) == (None, 0)
    assert shoah.note == {
        "en": "siren at 10:00",
        "he": "צפירה ב-10:00",
    }
    assert observances()["tulsa"].year_of_event == 1921
    assert observances()["hanukkah"].days_after == 7
    assert shoah.begins_in_evening
    assert not observances()["erev-yom-kippur"].begins_in_evening
    assert not observances()["christmas"].begins_in_evening
    assert observances()["laylat-al-qadr"].begins_in_evening
    assert shoah.all_names("he")[0] == "יום השואה והגבורה"
    assert shoah.all_names("fi") == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "observances"),
        ({"observances": "christmas"}, "observances"),
        ({"observances": [ROW, ROW]}, "twice"),
        ({"observances": [{**ROW, "rule": "fixed:25-12"}]}, "christmas: '25-12'"),
        ({"observances": [{**ROW, "shift": "friday"}]}, "christmas: 'friday'"),
        ({"observances": [{**ROW, "kind": "feast"}]}, "kind is one of"),
        ({"observances": [{**ROW, "tone": "cheerful"}]}, "tone one of"),
        ({"observances": [{**ROW, "date": "12-25"}]}, "must have"),
        ({"observances": [{"key": "christmas"}]}, "must have"),
    ],
)
def test_a_table_with_a_mistake_says_what_to_change(rows: Any, message: str) -> None:
    with pytest.raises(ObservanceError, match=message):
        parse_table(rows)
