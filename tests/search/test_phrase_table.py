"""Tables of words and phrases, which are found by any form of their words."""

from __future__ import annotations

from kb.search.phrase_table import MAX_ENTRY_WORDS, PhraseTable, entry_of, lookup_key


def table(*entries: str) -> PhraseTable[str]:
    made: PhraseTable[str] = PhraseTable()
    for entry in entries:
        made.put(lookup_key(entry_of(entry)), entry)
    return made


def found(made: PhraseTable[str], text: str) -> list[str]:
    """The values of the entries in a text, in order."""
    return [made.get(key) or "" for _, _, keys in made.spans(text.split()) for key in keys]


def test_phrases_that_begin_alike_are_all_found() -> None:
    made = table("black", "black friday", "black friday sale", "friday sale")
    assert found(made, "a black Friday sale") == ["black", "black friday", "black friday sale", "friday sale"]


def test_the_words_of_a_phrase_are_no_entries() -> None:
    made = table("black friday")
    assert made.get(("black",)) is None
    assert made.get(("friday", "black")) is None
    assert made.get(()) is None
    assert not found(made, "friday black")


def test_an_entry_that_is_put_twice_has_its_last_value_and_counts_once() -> None:
    made = table("sale")
    made.put(("sale",), "discount")
    assert len(made) == 1
    assert list(made.values()) == ["discount"]


def test_entries_that_are_added_after_a_search_are_found() -> None:
    made = table("sale")
    assert not found(made, "friday")
    made.put(lookup_key(("friday",)), "day")
    assert found(made, "friday") == ["day"]


def test_a_table_says_which_words_entries_may_begin_with() -> None:
    made = table("black friday", "sale")
    assert made.starts(["friday", "sales", "", "black"]) == [1, 3]


def test_entries_are_looked_for_only_where_they_are_asked_for() -> None:
    made = table("black friday", "sale")
    query = "sale black friday sale".split()
    assert [span[:2] for span in made.spans(query, [1, 3])] == [(1, 3), (3, 4)]


def test_no_phrase_goes_over_an_empty_word() -> None:
    assert list(table("black friday").spans(["black", "", "friday"])) == []


def test_a_text_of_more_words_than_are_remembered_is_searched_to_its_end() -> None:
    made = table("black friday")
    query = [f"word{number}" for number in range(50)] * MAX_ENTRY_WORDS + ["black", "friday"]
    assert [span[:2] for span in made.spans(query)] == [(len(query) - 2, len(query))]
