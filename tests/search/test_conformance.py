"""What any search engine of ours must do; and, of the embedded one, that it is right to the last document."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from oracle import Oracle
from test_index import document

from kb.search.engine import IndexDocument, SearchEngine
from kb.search.parser import parse
from kb.search.query import Group, HasTerm, Phrase, SearchQuery, Word
from kb.search.whoosh_engine import WhooshEngine

ENGINES: list[Callable[[Path], SearchEngine]] = [WhooshEngine]
WORDS = ["zebra", "giraffe", "okapi", "lion", "tapir", "heron"]
FIELDS = ["title", "summary", "lessons", "cause"]


@pytest.fixture(params=ENGINES, ids=lambda make: make.__name__)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> SearchEngine:
    made: SearchEngine = request.param(tmp_path / "index")
    with made.writing(timeout=1):
        made.rebuild("a database", [([], 0)])
    return made


def put(engine: SearchEngine, *documents: IndexDocument, seq: int = 1) -> None:
    with engine.writing(timeout=5):
        engine.apply(documents, (), seq)


def ask(engine: SearchEngine, text: str, **query: Any) -> list[int]:
    options = {"correct": False, "boosts": frozenset(), **query}
    return [hit.id for hit in engine.search(SearchQuery(root=parse(text).root, **options)).hits]


class TestAnyEngine:
    def test_more_of_the_words_come_first_however_often_one_is_repeated(self, engine: SearchEngine) -> None:
        put(engine, document(1, "zebra " * 20), document(2, "zebra giraffe " + "filler " * 50))
        assert ask(engine, "zebra giraffe") == [2, 1]

    def test_the_query_language(self, engine: SearchEngine) -> None:
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
        ]:
            assert ask(engine, text) == found, text

    def test_unknown_words_are_corrected_where_a_known_one_is_near_and_visible(
        self, engine: SearchEngine
    ) -> None:
        put(engine, document(1, "placeholder"), document(2, "secretword", audiences=("team:7",)))
        page = engine.search(SearchQuery(root=parse("placholder xyzzy").root))
        assert ([hit.id for hit in page.hits], page.corrected) == ([1], parse("placeholder xyzzy").root)
        assert engine.search(SearchQuery(root=parse("placholder").root, correct=False)).total == 0
        hidden = SearchQuery(root=parse("secretwrod").root, audiences=frozenset({"public"}))
        assert (engine.search(hidden).total, engine.search(hidden).corrected) == (0, None)

    def test_scores_do_not_tell_of_what_is_hidden_or_deleted(self, engine: SearchEngine) -> None:
        public = SearchQuery(root=parse("zebra").root, audiences=frozenset({"public"}))
        put(engine, document(1), document(2, "zebra giraffe"))
        before = [(hit.id, hit.score) for hit in engine.search(public).hits]
        put(engine, *(document(number, audiences=("team:7",)) for number in range(3, 9)), document(9), seq=2)
        with engine.writing(timeout=1):
            engine.apply((), [9], 3)
        assert [(hit.id, hit.score) for hit in engine.search(public).hits] == before

    def test_severity_and_recency_lift_a_little_and_can_be_switched_off(self, engine: SearchEngine) -> None:
        put(
            engine,
            document(1, severity=1),
            document(2, severity=5, first_day=date(2010, 1, 1), last_day=date(2010, 1, 1)),
        )
        assert ask(engine, "zebra") == [1, 2]
        assert ask(engine, "zebra", boosts=frozenset({"severity"})) == [2, 1]
        assert ask(engine, "zebra", boosts=frozenset({"recency"}), today=date(2018, 2, 1)) == [1, 2]

    def test_similar_incidents_share_telling_words(self, engine: SearchEngine) -> None:
        put(
            engine,
            document(1, "zebra heron"),
            document(2, "zebra heron lion"),
            document(3, "lion"),
            document(4, "x"),
        )
        page = engine.similar(1, [("en", "zebra heron")], SearchQuery(root=Group()))
        assert [(hit.id, set(hit.shared)) for hit in page.hits] == [(2, {"zebra", "heron"})]

    def test_shared_words_are_written_as_the_incident_writes_them(self, engine: SearchEngine) -> None:
        put(engine, document(1, "Publishing herons"), document(2, "published heron"), document(3, "x"))
        put(engine, document(4, "publish her herons", audiences=("team:7",)), seq=2)
        query = SearchQuery(root=Group(), audiences=frozenset({"public"}))
        (hit,) = engine.similar(1, [("en", "Publishing herons")], query).hits
        assert (hit.id, set(hit.shared)) == (2, {"publishing", "herons"})

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

    @pytest.mark.parametrize(
        "text",
        ["x" * 100_000, "(" * 10_000, "a " * 5_000, "*a* b* ~9", "\0\u202e\ud800",
         '"' * 9_999, "-" * 9_999, "+" * 99,
         " ".join(f"w{n}" for n in range(5_000)), "title:" * 2_000, '"zebra ' * 900],
    )  # fmt: skip
    def test_nothing_that_is_typed_is_an_error(self, engine: SearchEngine, text: str) -> None:
        put(engine, document(1))
        engine.search(SearchQuery(root=parse(text).root))


@st.composite
def documents(draw: st.DrawFn, number: int) -> IndexDocument:
    text = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
    day = date(2018, 1, 1) + timedelta(days=draw(st.integers(0, 2)))
    return document(
        number,
        texts={name: tuple(("en", draw(text)) for _ in range(draw(st.integers(0, 2)))) for name in FIELDS},
        audiences=draw(st.sampled_from([("public", "team:1"), ("team:1",), ("team:2",)])),
        status=draw(st.sampled_from(["published", "published", "draft", "withdrawn"])),
        first_day=day,
        last_day=day,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[list[IndexDocument], list[int]]]:
    """Commits: documents that are added or replaced, and ids that are deleted."""
    return [
        (
            [draw(documents(number)) for number in draw(st.sets(st.integers(1, 12), max_size=6))],
            draw(st.lists(st.integers(1, 12), max_size=2)),
        )
        for _ in range(draw(st.integers(1, 12)))
    ]


field = st.one_of(st.none(), st.sampled_from(FIELDS))
leaf = st.one_of(
    st.builds(Word, st.sampled_from([*WORDS, "nowhere"]), field),
    st.builds(Phrase, st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), field),
    st.just(HasTerm("category", "tone-deaf")),
)


def group(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Group]:
    few = st.lists(inner, max_size=3).map(tuple)
    return st.builds(
        Group, st.lists(inner, max_size=2).map(tuple), few, st.lists(inner, max_size=1).map(tuple)
    )


queries = st.builds(
    SearchQuery,
    root=group(st.one_of(leaf, leaf, group(leaf).filter(bool))),
    audiences=st.sampled_from([None, frozenset({"public"}), frozenset({"public", "team:2"}), frozenset()]),
    boosts=st.just(frozenset()),
    correct=st.just(False),
    limit=st.sampled_from([1, 3, 100]),
    offset=st.sampled_from([0, 0, 2]),
)


def test_a_page_is_the_part_of_all_results_that_it_says(tmp_path: Path) -> None:
    """In an index that is large enough for most documents to be ruled out unseen."""
    source = random.Random(5)
    words = [
        f"{first}{second}" for first in "bcdfghklmn" for second in ("azzo", "erro", "itta", "ollo", "unno")
    ]
    weights = [1 / place for place in range(1, len(words) + 1)]
    engine = WhooshEngine(tmp_path / "index")
    documents = [
        document(
            number,
            " ".join(source.choices(words, weights, k=12)),
            severity=source.choice([None, 1, 3, 5]),
            first_day=(day := date(2010, 1, 1) + timedelta(source.randrange(3_000))),
            last_day=day,
        )
        for number in range(1, 4_001)
    ]
    with engine.writing(timeout=10):
        engine.rebuild("a database", [(documents, 1)])
    for number in range(60):
        text = " ".join(source.choices(words, weights, k=1 + number % 3))
        query = SearchQuery(root=parse(text).root, today=date(2020, 1, 1), limit=len(documents))
        everything = engine.search(query)
        offset = source.choice([0, 0, 7, 100])
        page = engine.search(replace(query, limit=10, offset=offset))
        assert page.total == everything.total == len(everything.hits) > 100
        assert [(hit.id, hit.score) for hit in page.hits] == [
            (hit.id, hit.score) for hit in everything.hits[offset : offset + 10]
        ], text


@pytest.mark.slow
def test_ids_order_and_totals_are_those_of_an_exhaustive_search(tmp_path: Path) -> None:
    """Over many segments, with documents replaced and deleted: thousands of queries against the oracle."""
    folders = iter(range(10**6))
    compared = 0

    @hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(), st.lists(queries, min_size=34, max_size=34))
    def compare(history: list[tuple[list[IndexDocument], list[int]]], asked: list[SearchQuery]) -> None:
        nonlocal compared
        folder = tmp_path / str(next(folders))
        engine = WhooshEngine(folder)
        with engine.writing(timeout=1):
            engine.rebuild("a database", [([], 0)])
        held: dict[int, IndexDocument] = {}
        for seq, (added, deleted) in enumerate(history, 1):
            with engine.writing(timeout=1):
                engine.apply(added, deleted, seq)
            for number in deleted:
                held.pop(number, None)
            held.update({one.id: one for one in added})
        oracle = Oracle(folder, held)
        for query in asked:
            page = engine.search(query)
            assert ([hit.id for hit in page.hits], page.total) == oracle.search(query)
            compared += 1

    compare()
    assert compared > 1_000


def _read_until(folder: Path, until: float, failures: Any) -> None:
    """Search in four threads; what was committed as one must be seen as one."""
    engine = WhooshEngine(folder)

    def read(_: int) -> int:
        count = 0
        while time.time() < until:
            page = engine.search(SearchQuery(root=parse("zebra").root, limit=100, correct=False))
            # Every commit writes ten documents with one title: all hits are of one generation.
            titles = {bytes(hit.stored) for hit in page.hits}
            if page.total != 10 or len(page.hits) != 10 or len(titles) != 1:
                failures.put((page.total, len(page.hits), sorted(titles)))
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(read, range(4)))
    failures.put(sum(counts))


@pytest.mark.slow
def test_no_read_is_wrong_while_threads_and_processes_read_and_one_writes_and_merges(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    engine = WhooshEngine(folder)

    def batch(generation: int) -> list[IndexDocument]:
        words = f"zebra {WORDS[generation % 6]}"
        return [document(number, words, stored=str(generation).encode()) for number in range(1, 11)]

    with engine.writing(timeout=1):
        engine.rebuild("a database", [(batch(0), 0)])
    context = multiprocessing.get_context("spawn")
    failures = context.Queue()
    until = time.time() + 8
    readers = [context.Process(target=_read_until, args=(folder, until, failures)) for _ in range(2)]
    for reader in readers:
        reader.start()
    generation = 0
    while time.time() < until:
        generation += 1
        with engine.writing(timeout=5):
            engine.apply([*batch(generation), document(1_000 + generation, "filler")], [], generation)
        if generation % 10 == 0:
            engine.optimize()
    found = [failures.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join(30)
    rest = []
    while not failures.empty():
        rest.append(failures.get())
    everything = found + rest
    assert all(isinstance(entry, int) for entry in everything), everything[:5]
    assert sum(everything) > 100
    assert generation > 20


def test_a_merge_keeps_what_was_written_and_deleted_while_it_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=1):
        engine.rebuild("a database", [([], 0)])
    monkeypatch.setattr(engine, "_merge_in_background", lambda: None)
    for start in range(0, 640, 64):
        put(engine, *(document(1 + start + number) for number in range(64)), seq=1 + start)
    begun, may_end = threading.Event(), threading.Event()
    real = engine._commit_merge

    def commit(*args: Any) -> bool:
        begun.set()
        assert may_end.wait(10)
        return real(*args)

    monkeypatch.setattr(engine, "_commit_merge", commit)
    before = engine.status()["segments"]
    with ThreadPoolExecutor(1) as pool:
        merging = pool.submit(engine.merge)
        assert begun.wait(10)
        # The merge is holding nothing but its own work: it waits for the lock that this write takes.
        may_end.set()
        put(engine, document(5, "giraffe"), seq=1_000)
        with engine.writing(timeout=5):
            engine.apply((), [7], 1_001)
        assert merging.result(30)
    assert engine.status()["segments"] < before
    assert ask(engine, "giraffe") == [5]
    total = engine.search(SearchQuery(root=parse("zebra").root)).total
    assert (total, engine.position().seq) == (638, 1_001)
    assert WhooshEngine(tmp_path / "index").position().seq == 1_001
