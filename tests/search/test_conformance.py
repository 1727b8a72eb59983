"""What every search engine must do. A new one is added to `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.filters import IncidentFilter
from kb.domain.sorting import LATEST_FIRST, LIST_ORDERS
from kb.search.engine import EmbeddedSearchEngine, IndexDocument, Likeness, PrecedentQuery, SearchEngine
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery, TermCondition
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

EngineFactory = Callable[[pytest.FixtureRequest], SearchEngine]


def make_whoosh(request: pytest.FixtureRequest) -> SearchEngine:
    engine = WhooshEngine(request.getfixturevalue("tmp_path") / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    return engine


ENGINES: dict[str, EngineFactory] = {"whoosh": make_whoosh}
"""By name, a factory that makes an engine with an empty index; it may ask pytest for other fixtures."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> SearchEngine:
    return ENGINES[request.param](request)


def put(
    engine: SearchEngine, *documents: IndexDocument, deletions: Collection[int] = (), seq: int = 1
) -> None:
    with engine.writing(timeout=PATIENCE) if isinstance(engine, EmbeddedSearchEngine) else nullcontext():
        engine.apply(documents, deletions, seq)


def ask(engine: SearchEngine, text: str, **query: Any) -> list[int]:
    options = {"correct": False, "boosts": frozenset(), **query}
    return [hit.id for hit in engine.search(SearchQuery(root=parse(text).root, **options)).hits]


class TestAnyEngine:
    def test_matching_more_words_outranks_repeating_one(self, engine: SearchEngine) -> None:
        put(engine, document(1, "zebra " * 20), document(2, "zebra giraffe " + "filler " * 50))
        assert ask(engine, "zebra giraffe") == [2, 1]

    def test_operators_fields_and_dates_of_a_query_select_documents(self, engine: SearchEngine) -> None:
        put(
            engine,
            document(1, "need copy and link"),
            document(
                2, "a link and no copy", texts={"title": (("en", "a link"),), "cause": (("en", "copy"),)}
            ),
            document(3, "giraffe", first_day=date(2020, 5, 1), last_day=date(2020, 5, 31)),
        )
        for text, found in [
            ('"copy and link"', [1]),
            ("link -need", [2]),
            ("+link need", [1, 2]),
            ("cause:copy", [2]),
            ("-link", [3]),
            ("(need giraffe) -link", [3]),
            ("after:2019", [3]),
            ("before:2020-05", [1, 2]),
            ("link after:2019", []),
            ("link AND need", [1]),
            ("link AND NOT need", [2]),
            ("NOT link", [3]),
            ("NOT link AND after:2019", [3]),
            ("copy AND cause:copy OR giraffe", [3, 2]),
            ("need OR after:2019", [1, 3]),
            ("giraffe OR NOT need", [3, 2]),
        ]:
            assert ask(engine, text) == found, text

    def test_a_language_stands_for_its_variants_and_facets_count_primary_languages(
        self, engine: SearchEngine
    ) -> None:
        languages = [("en",), ("en", "en-GB"), ("en-GB", "he-IL"), ("fil",)]
        put(engine, *(document(number, languages=tags) for number, tags in enumerate(languages, 1)))
        for asked, found in [("en", [1, 2, 3]), ("en-GB", [2, 3]), ("he", [3]), ("fi", []), ("fil", [4])]:
            assert sorted(ask(engine, "zebra", filter=IncidentFilter(languages=(asked,)))) == found, asked
        page = engine.search(SearchQuery(root=parse("zebra").root, facets=("language", "category")))
        assert page.facets["language"] == (("en", 3), ("fil", 1), ("he", 1))

    def test_facets_count_levels_of_severity_and_every_year_that_an_incident_may_have_occurred_in(
        self, engine: SearchEngine
    ) -> None:
        put(
            engine,
            document(1, severity=5, first_day=date(2016, 12, 1), last_day=date(2017, 1, 31)),
            document(2),
            document(3, severity=None, first_day=UNKNOWN_DATE.first, last_day=UNKNOWN_DATE.last),
        )
        page = engine.search(SearchQuery(root=Group(), facets=("severity", "year")))
        assert page.facets["severity"] == (("3", 1), ("5", 1))
        assert page.facets["year"] == (("2016", 1), ("2017", 1), ("2018", 1))

    def test_hits_are_listed_by_date_or_severity_those_that_match_well_first(
        self, engine: SearchEngine
    ) -> None:
        days = [date(2016, 1, 1), date(2017, 1, 1), date(2018, 1, 1)]
        severities, titles = [2, 5, 4], ["zebra heron lion", "zebra heron lion", "zebra"]
        for number, (day, severity, title) in enumerate(zip(days, severities, titles, strict=True), 1):
            put(engine, document(number, title, severity=severity, first_day=day, last_day=day), seq=number)
        assert ask(engine, "", sort=LATEST_FIRST) == [3, 2, 1]
        assert ask(engine, "", sort=LIST_ORDERS["-severity"]) == [2, 3, 1]
        assert ask(engine, "zebra", sort=LIST_ORDERS["-severity"]) == [2, 3, 1]
        assert ask(engine, "zebra heron lion", sort=LATEST_FIRST) == [2, 1, 3]
        assert ask(engine, "zebra heron lion", sort=LATEST_FIRST, offset=1, limit=1) == [1]

    def test_hits_are_listed_by_any_order_what_is_unknown_last(self, engine: SearchEngine) -> None:
        moments = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
        put(
            engine,
            document(1, updated_at=moments[2], titles=(("en", "b"), ("he", "א")), severity=None),
            document(2, updated_at=moments[0], published_at=moments[1], titles=(("he", "ב"), ("en", "c"))),
            document(3, updated_at=moments[1], published_at=moments[0], titles=(("en", "a"),)),
        )
        for order, found in {
            "updated_at": [2, 3, 1], "-updated_at": [1, 3, 2], "published_at": [3, 2, 1],
            "-published_at": [2, 3, 1], "severity": [2, 3, 1], "-severity": [2, 3, 1],
        }.items():  # fmt: skip
            assert ask(engine, "", sort=LIST_ORDERS[order]) == found, order
        for languages, found in {("en",): [3, 1, 2], ("he",): [3, 1, 2], ("fr", "he-IL"): [3, 1, 2]}.items():
            assert ask(engine, "zebra", sort=LIST_ORDERS["title"], languages=languages) == found
        assert ask(engine, "", sort=LIST_ORDERS["title"]) == [3, 1, 2]

    def test_a_page_leaves_out_what_was_seen_and_counts_it(self, engine: SearchEngine) -> None:
        put(engine, *(document(number, "zebra " * number) for number in range(1, 6)))
        whole = ask(engine, "zebra")
        seen = frozenset({whole[1], whole[3], 99})
        page = engine.search(SearchQuery(root=parse("zebra").root, seen=seen, limit=2, boosts=frozenset()))
        assert [hit.id for hit in page.hits] == [whole[0], whole[2]]
        assert (page.total, page.remaining) == (5, 1)

    def test_an_unknown_word_is_corrected_to_a_near_visible_one(self, engine: SearchEngine) -> None:
        put(engine, document(1, "placeholder"), document(2, "secretword", audiences=("team:7",)))
        page = engine.search(SearchQuery(root=parse("placholder xyzzy").root))
        assert ([hit.id for hit in page.hits], page.corrected) == ([1], True)
        assert page.correction == parse("placeholder xyzzy").root
        assert engine.search(SearchQuery(root=parse("placholder").root, correct=False)).total == 0
        hidden = SearchQuery(root=parse("secretwrod").root, audiences=frozenset({"public"}))
        assert (engine.search(hidden).total, engine.search(hidden).correction) == (0, None)

    def test_scores_do_not_reveal_hidden_or_deleted_documents(self, engine: SearchEngine) -> None:
        public = SearchQuery(root=parse("zebra").root, audiences=frozenset({"public"}))
        put(engine, document(1), document(2, "zebra giraffe"))
        before = [(hit.id, hit.score) for hit in engine.search(public).hits]
        put(engine, *(document(number, audiences=("team:7",)) for number in range(3, 9)), document(9), seq=2)
        put(engine, deletions=[9], seq=3)
        assert [(hit.id, hit.score) for hit in engine.search(public).hits] == before

    def test_severity_and_recency_boost_slightly_and_can_be_disabled(self, engine: SearchEngine) -> None:
        put(
            engine,
            document(1, severity=1),
            document(2, severity=5, first_day=date(2010, 1, 1), last_day=date(2010, 1, 1)),
        )
        assert ask(engine, "zebra") == [1, 2]
        assert ask(engine, "zebra", boosts=frozenset({"severity"})) == [2, 1]
        assert ask(engine, "zebra", boosts=frozenset({"recency"}), today=date(2018, 2, 1)) == [1, 2]

    def test_similar_incidents_share_informative_words(self, engine: SearchEngine) -> None:
        put(
            engine,
            document(1, "zebra heron"),
            document(2, "zebra heron lion"),
            document(3, "lion"),
            document(4, "x"),
        )
        page = engine.similar(1, Likeness(texts=(("en", "zebra heron"),)), SearchQuery(root=Group()))
        assert [(hit.id, set(hit.shared_words)) for hit in page.hits] == [(2, {"zebra", "heron"})]

    def test_near_duplicates_share_most_words(self, engine: SearchEngine) -> None:
        put(engine, document(1, "zebra heron"), document(2, "zebra heron lion"), document(3, "lion zebra"))
        texts = [("en", "Zebra, heron")]
        page = engine.near_duplicates(1, texts, SearchQuery(root=Group()))
        assert [hit.id for hit in page.hits] == [2, 3]
        assert engine.near_duplicates(None, texts, SearchQuery(root=Group(), limit=1)).hits[0].id in (1, 2)

    def test_the_only_incident_may_be_a_near_duplicate(self, engine: SearchEngine) -> None:
        put(engine, document(1, "zebra heron"))
        page = engine.near_duplicates(None, [("en", "zebra heron")], SearchQuery(root=Group()))
        assert [hit.id for hit in page.hits] == [1]

    def test_precedents_share_concepts_and_informative_words(self, engine: SearchEngine) -> None:
        outcome = {"title": (("en", "quagga"),), "outcome": (("en", "zebra apology"),)}
        put(
            engine,
            document(1, "zebra heron", concepts=("war", "meme")),
            document(2, "giraffe", concepts=("war",)),
            document(3, "lion", texts=outcome),
            document(4, "zebra heron", audiences=("team:2",), concepts=("war", "meme")),
            *(document(number, f"filler{number}") for number in range(5, 30)),
        )
        draft = PrecedentQuery(words=("zebras", "herons", "apology"), concepts={"war": 1.0, "meme": 2.0})
        page = engine.precedents(draft, SearchQuery(root=Group(), audiences=frozenset({"public"})))
        assert [hit.id for hit in page.hits] == [1, 2]
        assert page.total == 2
        assert page.hits[0].shared_words == ("herons", "zebras")
        assert page.hits[0].shared_concepts == ("war", "meme")
        assert page.hits[0].score > page.hits[0].word_score > 0
        assert page.hits[1][4:7] == ((), ("war",), 0.0)
        guarded = PrecedentQuery(words=("zebras",), concepts={}, incidents=(2, 4))
        page = engine.precedents(guarded, SearchQuery(root=Group(), audiences=frozenset({"public"})))
        assert [hit.id for hit in page.hits] == [2, 1]
        nothing = PrecedentQuery(words=("xyzzy",), concepts={"unheard-of": 1.0})
        assert engine.precedents(nothing, SearchQuery(root=Group())).hits == ()

    def test_an_incident_that_failed_in_the_same_way_is_the_nearer_precedent(
        self, engine: SearchEngine
    ) -> None:
        failed = {"category": ("tone-deaf",), "failure_mode": ("hashtag-hijack",)}
        put(
            engine,
            document(1, "giraffe", concepts=("invitation",)),
            document(2, "lion", concepts=("invitation",), terms=failed),
            *(document(number, f"filler{number}") for number in range(3, 30)),
        )
        query = SearchQuery(root=Group())
        draft = PrecedentQuery(words=(), concepts={"invitation": 1.0}, failure_modes={"hashtag-hijack": 0.5})
        nearer, other = engine.precedents(draft, query).hits
        assert (nearer.id, other.id) == (2, 1)
        assert nearer.score > other.score
        assert nearer.shared_concepts == other.shared_concepts == ("invitation",)

    def test_shared_words_appear_as_spelled_in_the_incident(self, engine: SearchEngine) -> None:
        put(engine, document(1, "Publishing herons"), document(2, "published heron"), document(3, "x"))
        put(engine, document(4, "publish her herons", audiences=("team:7",)), seq=2)
        query = SearchQuery(root=Group(), audiences=frozenset({"public"}))
        (hit,) = engine.similar(1, Likeness(texts=(("en", "Publishing herons"),)), query).hits
        assert (hit.id, set(hit.shared_words)) == (2, {"publishing", "herons"})

    def test_the_index_knows_the_forms_of_words_and_what_it_stores_of_visible_incidents(
        self, engine: SearchEngine
    ) -> None:
        put(
            engine,
            document(1, "Published with Herons"),
            document(2, "a heron on #HeronDay"),
            document(3, "x", audiences=("team:7",)),
        )
        found = engine.word_forms(["HERON", "publish", "zebra"], [1, 3, 4], frozenset({"public"}))
        assert found.forms == {
            "HERON": ["heron", "herons", "#heronday"],
            "publish": ["publish", "published"],
            "zebra": ["zebra"],
        }
        assert found.stored == {1: document(1, "Published with Herons").stored}

    def test_suggestions_complete_the_last_word_of_titles_and_organizations(
        self, engine: SearchEngine
    ) -> None:
        put(engine, document(1, "Zebra in the newsletter"), document(2, "newspaper"), document(3, "הטיוטה"))
        for typed, found in [
            (["zebra", "new"], [1]),
            (["newsp"], [2]),
            (["טיו"], [3]),
            (["giraffe", "new"], []),
        ]:
            assert [hit.id for hit in engine.suggest(typed, SearchQuery(root=Group())).hits] == found

    def test_an_explanation_adds_up(self, engine: SearchEngine) -> None:
        put(engine, document(1, "zebra giraffe"))
        (hit,) = engine.search(SearchQuery(root=parse("zebra giraffe okapi").root, explain=True)).hits
        told = hit.explanation
        assert told is not None
        assert told["words"] == ["zebra", "giraffe"]
        assert sum(row["share"] for row in told["terms"]) == pytest.approx(1, abs=1e-5)
        assert hit.score == pytest.approx(2 + told["relevance_score"], abs=1e-6)

    @pytest.mark.parametrize("query", ["", "-okapi", "category:tone-deaf"])
    def test_a_hit_without_words_has_an_explanation_without_terms(
        self, engine: SearchEngine, query: str
    ) -> None:
        put(engine, document(1))
        root = parse(query, TermCondition).root
        (hit,) = engine.search(SearchQuery(root=root, explain=True)).hits
        assert hit.explanation is not None
        assert (hit.explanation["words"], hit.explanation["terms"]) == ([], [])

    @pytest.mark.parametrize(
        "text",
        ["x" * 100_000, "(" * 10_000, "a " * 5_000, "*a* b* ~9", "\0\u202e\ud800",
         '"' * 9_999, "-" * 9_999, "+" * 99,
         " ".join(f"w{n}" for n in range(5_000)), "title:" * 2_000, '"zebra ' * 900],
    )  # fmt: skip
    def test_no_query_is_an_error(self, engine: SearchEngine, text: str) -> None:
        put(engine, document(1))
        assert engine.search(SearchQuery(root=parse(text).root)).total <= 1
