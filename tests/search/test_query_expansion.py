"""What else a query is searched for, and how much that counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kb.search.engine import IndexDocument, ResultPage
from kb.search.lexicon import LexiconFiles
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.unparse import unparse
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

Ask = Callable[..., ResultPage]
Index = Callable[..., Ask]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Make an index of some titles or documents, with a lexicon of a few words."""
    (tmp_path / "synonyms.yaml").write_text("groups:\n  - [blunder, gaffe, wrong turn]\n", "utf-8")
    (tmp_path / "glossary.yaml").write_text(
        "entries:\n  עובד: [employee, worker]\n  מסעדה: [restaurant]\n  חברת תעופה: [airline]\n", "utf-8"
    )
    lexicon = LexiconFiles(tmp_path, tmp_path / "own")

    def make(*titles: str | IndexDocument) -> Ask:
        engine = WhooshEngine(tmp_path / "index", lexicon)
        documents = [
            document(number, title) if isinstance(title, str) else title
            for number, title in enumerate(titles, 1)
        ]
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("a database", [(documents, 0)])

        def ask(text: str, **options: object) -> ResultPage:
            query = {"root": parse(text).root, "boosts": frozenset(), **options}
            return engine.search(SearchQuery(**query))  # type: ignore[arg-type]

        return ask

    return make


def ids(page: ResultPage) -> list[int]:
    return [hit.id for hit in page.hits]


def in_hebrew(number: int, title: str) -> IndexDocument:
    return document(number, texts={"title": (("he", title),)}, languages=("he",))


class TestOrder:
    def test_the_word_as_typed_ranks_above_its_synonym_and_its_translation(self, index: Index) -> None:
        ask = index("a gaffe by somebody", "a blunder by somebody", "a wrong turn by somebody")
        assert ids(ask("blunder")) == [2, 1, 3]
        ask = index("employee", in_hebrew(2, "עובד"), "worker")
        assert ids(ask("עובד"))[0] == 2
        assert set(ids(ask("עובד"))) == {1, 2, 3}

    def test_a_rare_variant_does_not_count_as_rarer_than_the_word_that_was_typed(self, index: Index) -> None:
        ask = index("a résumé here", *["a resume here"] * 9)
        assert ids(ask("resume"))[-1] == 1
        assert ids(ask("résumé"))[0] == 1

    def test_more_words_come_first_even_if_they_are_only_translated(self, index: Index) -> None:
        ask = index("an employee of a restaurant", in_hebrew(2, "עובד אחד"))
        assert ids(ask("עובד מסעדה")) == [1, 2]

    def test_the_whole_of_a_compound_comes_before_its_parts(self, index: Index) -> None:
        ask = index("look at the letter t t t", "an outage at AT&T and others of the kind")
        assert ids(ask("AT&T")) == [2, 1]
        assert ids(ask("+AT&T")) == [2]


class TestTranslations:
    def test_a_form_of_a_hebrew_entry_is_translated(self, index: Index) -> None:
        ask = index("a restaurant", "an airline", "a company")
        assert ids(ask("במסעדות")) == [1]
        assert ids(ask("חברת התעופה")) == [2]

    def test_an_english_word_finds_the_hebrew_one_in_its_forms(self, index: Index) -> None:
        assert ids(index(in_hebrew(1, "העובדים שבתו"))("workers")) == [1]

    def test_interpreted_shows_what_a_word_was_found_by_if_its_own_language_has_none(
        self, index: Index
    ) -> None:
        ask = index("an employee left", in_hebrew(2, "מסעדה נסגרה"))
        page = ask("עובד מסעדה")
        assert page.interpreted is not None
        assert unparse(page.interpreted) == "(עובד employee) מסעדה"
        assert parse(unparse(page.interpreted)).root == page.interpreted

    def test_highlights_mark_translations(self, index: Index) -> None:
        assert "employe" in index("an employee left")("עובד").highlight_terms.terms


class TestNames:
    def test_a_name_in_another_script_is_found_by_its_sound(self, index: Index) -> None:
        ask = index("tweets from Lufthansa again", "the marathon of Boston here", "nothing of the kind")
        assert ids(ask("לופטהנזה")) == [1]
        assert ids(ask("בוסטון")) == [2]

    def test_two_words_are_one_name_before_each_is_one(self, index: Index) -> None:
        ask = index("an ad by KitchenAid today", "aid for kitchens, from Aid")
        assert ids(ask("קיטצ'ן אייד")) == [1]

    def test_a_name_is_looked_for_only_where_nothing_else_matches(self, index: Index) -> None:
        ask = index("tweets from Lufthansa again", in_hebrew(2, "לופטהנזה התנצלה"))
        assert ids(ask("לופטהנזה")) == [2]

    def test_a_word_that_is_no_name_is_not_matched_with_words_that_are_none(self, index: Index) -> None:
        assert ids(index("the burger was cold")("בורגר")) == []


class TestCorrections:
    @pytest.mark.parametrize("query", ["stuck", "dove soap", "mother's day", "האדום"])
    def test_a_word_is_not_respelled_because_no_incident_has_it(self, index: Index, query: str) -> None:
        page = index("stock", "love soup", "others may", in_hebrew(4, "האדומ־ה קדומ"))(query)
        assert page.correction is None

    def test_a_query_that_finds_nothing_is_corrected(self, index: Index) -> None:
        page = index("a placeholder", "x")("placholder")
        assert (ids(page), page.corrected) == ([1], True)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [("fotos", "photos"), ("elefant", "elephant"), ("askng for fotografs", "asking for photographs")],
    )
    def test_f_for_ph_is_the_smallest_of_edits(self, index: Index, typed: str, meant: str) -> None:
        page = index("asking for photos and photographs", "lotos elegant", "an elephant")(typed)
        assert page.correction == parse(meant).root
        assert page.corrected

    def test_a_word_with_ph_is_no_misspelled_word_with_f(self, index: Index) -> None:
        page = index("a fish on the farm, for fishing", "x")("phish pharma phishing")
        assert page.correction is None

    def test_a_correction_is_only_offered_if_other_words_match(self, index: Index) -> None:
        ask = index("a tweet elsewhere", "a tweet, a placeholder", "a placeholder")
        page = ask("tweet placholder")
        assert page.correction == parse("tweet placeholder").root
        assert not page.corrected
        assert page.total == ask("tweet", correct=False).total == 2

    def test_what_is_offered_decides_between_incidents_that_match_equally(self, index: Index) -> None:
        ask = index("a tweet elsewhere", "a tweet placeholder")
        assert ids(ask("tweet placholder")) == [2, 1]
        assert ids(ask("tweet placholder", correct=False)) == ids(ask("tweet", correct=False))

    def test_a_pasted_text_is_not_respelled(self, index: Index) -> None:
        page = index("a placeholder")(" ".join(f"placholdr{letter}" for letter in "abcdefghijk"))
        assert (page.correction, page.total) == (None, 0)


class TestDays:
    def test_an_incident_is_found_by_its_day_below_one_that_names_it(self, index: Index) -> None:
        day = date(2019, 5, 12)
        on_the_day = document(1, "flowers", first_day=day, last_day=day, observances=("mothers-day-us",))
        ask = index(on_the_day, "flowers for Mother's Day", in_hebrew(3, "פרחים ליום האם"), "flowers")
        for typed in ("Mother's Day", "Mothers Day", "יום האם", "mothers' day"):
            assert set(ids(ask(typed))) == {1, 2, 3}, typed
            assert ids(ask(typed))[-1] == 1, typed


class TestRelevant:
    def test_it_counts_what_matches_words_of_half_of_the_weight(self, index: Index) -> None:
        ask = index("zebra giraffe", "zebra", "zebra", "zebra", "giraffe", "x")
        page = ask("zebra giraffe")
        assert (page.total, page.relevant) == (5, 2)

    def test_all_match_well_that_match_the_only_word(self, index: Index) -> None:
        assert index("zebra", "zebra heron", "x")("zebra").relevant == 2

    def test_one_word_of_a_long_query_is_not_enough(self, index: Index) -> None:
        page = index("zebra", "x")("zebra walked alone through narrow streets", correct=False)
        assert (page.total, page.relevant) == (1, 0)

    def test_it_is_never_more_than_the_total(self, index: Index) -> None:
        page = index("zebra", "giraffe")("zebra giraffe", limit=1)
        assert (page.total, page.relevant) == (2, 0)


def test_a_beginning_finds_words_in_any_spelling(index: Index) -> None:
    ask = index("Nestlé milk", "nesting", "a nest", "newest")
    assert set(ids(ask("nest*"))) == {1, 2, 3}
    assert set(ids(ask("-nest*"))) == {4}
    assert ids(ask("title:nestl*")) == [1]
