"""No answer depends on documents that the caller may not see: each is asked for with them and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Any

import orjson
import pytest

from kb.search.engine import IndexDocument, Likeness, ResultPage
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery
from kb.search.unparse import unparse
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

PUBLIC = frozenset({"public"})
EVERY_ENDING = tuple(map("".join, product(ascii_lowercase, repeat=2)))


def public(number: int, title: str, language: str = "en", organization: str = "Acme") -> IndexDocument:
    return document(
        number,
        texts={"title": ((language, title),), "organization": ((language, organization),)},
        organization_key=organization.lower().replace(" ", "-"),
        languages=(language,),
        stored=orjson.dumps({"title": title, "organization": organization}),
    )


def hidden(number: int, title: str, language: str = "en", organization: str = "Acme") -> IndexDocument:
    return replace(public(number, title, language, organization), audiences=("team:7",))


class Engines:
    """An engine that has visible documents only, and one that has hidden ones besides."""

    def __init__(
        self, folder: Path, visible: Sequence[IndexDocument], others: Sequence[IndexDocument]
    ) -> None:
        self.without = self._engine(folder / "without", visible)
        self.with_hidden = self._engine(folder / "with", [*visible, *others])

    def _engine(self, folder: Path, documents: Sequence[IndexDocument]) -> WhooshEngine:
        engine = WhooshEngine(folder)
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("a database", [(documents, 1)])
        return engine

    def search(self, text: str) -> tuple[Any, Any]:
        """What a search answers without the hidden documents, and with them."""
        query = SearchQuery(
            root=parse(text).root, audiences=PUBLIC, facets=("language",), boosts=frozenset(), explain=True
        )
        return shown(self.without.search(query)), shown(self.with_hidden.search(query))

    def suggest(self, *words: str) -> tuple[Any, Any]:
        """What is suggested without the hidden documents, and with them."""
        query = SearchQuery(root=Group(), audiences=PUBLIC)
        return shown(self.without.suggest(words, query)), shown(self.with_hidden.suggest(words, query))

    def similar(self, language: str, text: str) -> tuple[Any, Any]:
        """What is similar to a text without the hidden documents, and with them."""
        query = SearchQuery(root=Group(), audiences=PUBLIC)
        likeness = Likeness(texts=((language, text),))
        return (
            shown(self.without.similar(None, likeness, query)),
            shown(self.with_hidden.similar(None, likeness, query)),
        )

    def near_duplicates(self, language: str, text: str) -> tuple[Any, Any]:
        """What shares words with a text without the hidden documents, and with them."""
        query = SearchQuery(root=Group(), audiences=PUBLIC)
        texts = [(language, text)]
        return (
            shown(self.without.near_duplicates(None, texts, query)),
            shown(self.with_hidden.near_duplicates(None, texts, query)),
        )


def shown(page: ResultPage) -> dict[str, Any]:
    return {
        "hits": page.hits,
        "total": page.total,
        "relevant": page.relevant,
        "facets": page.facets,
        "interpreted": page.interpreted and unparse(page.interpreted),
        "correction": page.correction and unparse(page.correction),
        "corrected": page.corrected,
    }


class TestJoinedAndSplitWords:
    def test_a_word_is_not_split_at_a_form_that_hidden_documents_have(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "the Red Bull stunt")], [hidden(2, "bulls")])
        without, with_hidden = engines.search("redbulls")
        assert with_hidden == without

    def test_a_beginning_is_not_split_at_a_form_that_hidden_documents_have(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "Bull run")], [hidden(2, "bulls")])
        without, with_hidden = engines.suggest("bullsru")
        assert with_hidden == without

    def test_a_split_at_words_of_hidden_documents_raises_no_score(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "see #RedBull")], [hidden(2, "a red bull")])
        without, with_hidden = engines.search("redbull")
        assert with_hidden == without


class TestNearDuplicates:
    def test_a_hidden_spelling_hides_no_visible_one(self, tmp_path: Path) -> None:
        visible = [public(1, "logo dévoilé zebra", "fr"), public(2, "heron", "fr")]
        engines = Engines(tmp_path, visible, [hidden(3, "devoile", "fr")])
        without, with_hidden = engines.near_duplicates("fr", "devoile")
        assert [hit.id for hit in without["hits"]] == [1]
        assert with_hidden == without

    def test_hidden_documents_make_no_word_more_common(self, tmp_path: Path) -> None:
        visible = [public(1, "zebra"), public(2, "heron"), public(3, "heron lion")]
        engines = Engines(tmp_path, visible, [hidden(4, "zebra"), hidden(5, "zebra lion")])
        without, with_hidden = engines.near_duplicates("en", "zebra heron")
        assert [hit.id for hit in without["hits"]] == [1, 2, 3]
        assert with_hidden == without


class TestBoundedLists:
    def test_hidden_words_crowd_out_no_beginning(self, tmp_path: Path) -> None:
        crowd = " ".join(f"zebra{ending}" for ending in EVERY_ENDING)
        engines = Engines(tmp_path, [public(1, "zebrazzz here")], [hidden(2, crowd)])
        without, with_hidden = engines.search("zebra*")
        assert without["total"] == 1
        assert with_hidden == without

    def test_hidden_words_crowd_out_no_suggestion(self, tmp_path: Path) -> None:
        crowd = " ".join(f"zebra{ending}" for ending in EVERY_ENDING)
        engines = Engines(tmp_path, [public(1, "zebrazzz here")], [hidden(2, crowd)])
        without, with_hidden = engines.suggest("zebra")
        assert without["total"] == 1
        assert with_hidden == without

    def test_hidden_words_crowd_out_no_correction(self, tmp_path: Path) -> None:
        crowd = " ".join(f"placehold{letter}r" for letter in ascii_lowercase if letter not in "ez")
        engines = Engines(tmp_path, [public(1, "placeholzer")], [hidden(2, crowd)])
        without, with_hidden = engines.search("placeholer")
        assert without["correction"] == "placeholzer"
        assert with_hidden == without

    def test_hidden_words_crowd_out_no_form_of_a_hebrew_word(self, tmp_path: Path) -> None:
        crowd = " ".join(
            "".join(parts) for parts in product("ובהכלמש", ["", "ה", "ב"], ["מסעד"], ["ה", "ות", "י", "ו"])
        )
        engines = Engines(tmp_path, [public(1, "ולכשהמסעדותיהם", "he")], [hidden(2, crowd, "he")])
        without, with_hidden = engines.search("מסעדה")
        assert with_hidden == without
        engines = Engines(tmp_path / "2", [public(1, "ולהמסעדותיה", "he")], [hidden(2, crowd, "he")])
        without, with_hidden = engines.search("מסעדה")
        assert without["total"] == 1
        assert with_hidden == without

    def test_hidden_words_crowd_out_no_name(self, tmp_path: Path) -> None:
        crowd = "and Fandanco and Fandanko and Fendango and Fundango and Vandango and Phandango here"
        engines = Engines(tmp_path, [public(1, "seen at Findango today")], [hidden(2, crowd)])
        without, with_hidden = engines.search("פנדנגו")
        assert without["total"] == 1
        assert with_hidden == without

    def test_hidden_documents_do_not_change_how_many_a_form_is_searched_for_in(self, tmp_path: Path) -> None:
        many = [public(number, "tested") for number in range(1, 102)]
        engines = Engines(tmp_path, [*many, public(200, "testing")], [hidden(300, "test")])
        without, with_hidden = engines.search("testnig")
        assert with_hidden["correction"] == without["correction"]


class TestNames:
    def test_a_capital_in_a_hidden_document_makes_no_name(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "Fandango apologizes")], [hidden(2, "we saw Fandango there")])
        without, with_hidden = engines.search("פנדנגו")
        assert with_hidden == without

    def test_a_small_letter_in_a_hidden_document_unmakes_no_name(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "we saw Fandango there")], [hidden(2, "a fandango of errors")])
        without, with_hidden = engines.search("פנדנגו")
        assert without["total"] == 1
        assert with_hidden == without

    def test_a_hidden_organization_is_no_name(self, tmp_path: Path) -> None:
        engines = Engines(
            tmp_path,
            [public(1, "the burger king of Texas")],
            [hidden(2, "else", organization="Burger King")],
        )
        without, with_hidden = engines.search("בורגרקינג")
        assert with_hidden == without

    def test_how_near_a_name_must_be_does_not_depend_on_hidden_names(self, tmp_path: Path) -> None:
        names = [
            f"{''.join(parts)}l" for parts in product("BDGKLMNPRST", "aeiou", ["o"], ascii_lowercase, "aeiou")
        ]
        crowd = [
            hidden(number, "we saw " + " and ".join(name + ending for name in names))
            for number, ending in enumerate(("", "o"), 2)
        ]
        engines = Engines(tmp_path, [public(1, "seen at Fandango today")], crowd)
        without, with_hidden = engines.search("פמדנגו")
        assert without["total"] == 1
        assert with_hidden == without


class TestLanguages:
    def test_stopwords_of_a_hidden_language_count(self, tmp_path: Path) -> None:
        visible = [public(1, "les gens"), public(2, "pas de gens"), public(3, "dans la rue")]
        engines = Engines(tmp_path, visible, [hidden(4, "bonjour le monde", "fr")])
        without, with_hidden = engines.search("les gens dans la rue pas")
        assert with_hidden == without

    def test_stopwords_of_a_hidden_language_make_texts_similar(self, tmp_path: Path) -> None:
        visible = [public(1, "les gens"), public(2, "pas de rue"), public(3, "zebra")]
        engines = Engines(tmp_path, visible, [hidden(4, "bonjour le monde", "fr")])
        without, with_hidden = engines.similar("en", "les pas dans la rue une")
        assert with_hidden == without

    def test_a_word_of_a_hidden_language_may_be_a_typo(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "something schlacht")], [hidden(2, "Text", "de")])
        without, with_hidden = engines.search("schlecht")
        assert with_hidden == without

    def test_a_word_is_not_stemmed_as_in_a_hidden_language(self, tmp_path: Path) -> None:
        engines = Engines(tmp_path, [public(1, "to continu")], [hidden(2, "texte", "fr")])
        without, with_hidden = engines.search("continuait")
        assert with_hidden == without

    def test_a_correction_has_its_term_in_the_language_of_the_visible_text(self, tmp_path: Path) -> None:
        others = [
            hidden(number, "nationalities", language)
            for number, language in enumerate(["fr", "de", "es", "it", "sv", "nl"], 2)
        ]
        engines = Engines(tmp_path, [public(1, "nationalities")], others)
        without, with_hidden = engines.search("nationalitees")
        assert with_hidden["correction"] == without["correction"]


@pytest.mark.parametrize("text", ["resume", "résumé", "zebra", "zebar", "red bulls", "#RedBull", "a résumé"])
def test_spellings_of_hidden_documents_change_no_answer(tmp_path: Path, text: str) -> None:
    visible = [public(1, "a resume of a zebra"), public(2, "Red Bull"), public(3, "zebras and #redbull")]
    others = [hidden(4, "a résumé about #RedBull by zebar"), hidden(5, "redbulls resumé")]
    without, with_hidden = Engines(tmp_path, visible, others).search(text)
    assert with_hidden == without


WORDS = """
zebra zebras Zebra's giraffe Nestlé nestle résumé resume Red Bull redbull bulls AT&T H&M email e-mail #RedBull
#ShareYourSecret share your secret 800m 800 million $800 20% percent colour color Muenchen München מסעדה
המסעדות מסעדות דו"ח ארה''ב we saw Fandango fandango placeholder placehodler running runs nation 😂
""".split()
TYPED = [*WORDS, "פנדנגו", "zeb*", "zebraa", "giraffes", "placeholdr", "runnning", "resumé"]


@pytest.mark.parametrize("seed", range(6))
def test_no_answer_depends_on_hidden_documents(tmp_path: Path, seed: int) -> None:
    random = Random(seed)

    def text(words: Sequence[str], most: int) -> str:
        return " ".join(random.choices(words, k=random.randint(1, most)))

    visible = [
        public(number, text(WORDS, 8), language) for number, language in enumerate(["en", "he"] * 4, 1)
    ]
    others = [hidden(number, text(WORDS, 8), language) for number, language in enumerate(["en", "he"] * 2, 9)]
    engines = Engines(tmp_path, visible, others)
    for typed in [*TYPED, *(text(TYPED, 3) for _ in range(20))]:
        without, with_hidden = engines.search(typed)
        assert with_hidden == without, typed
        without, with_hidden = engines.suggest(typed.lower())
        assert with_hidden == without, typed
