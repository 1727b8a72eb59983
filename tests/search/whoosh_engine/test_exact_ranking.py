"""The embedded engine ranks and counts exactly, to the last document."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.search.analysis import index_term
from kb.search.engine import IndexDocument
from kb.search.parser import parse
from kb.search.query import Group, Phrase, SearchQuery, TermCondition, Word
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.format import segment
from kb.search.whoosh_engine.querying import view
from tests.search.whoosh_engine.oracle import Oracle
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

WORDS = ["zebra", "giraffe", "okapi", "lion", "tapir", "heron"]
FIELDS = ["title", "summary", "lessons", "cause"]


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
    st.just(TermCondition("category", "tone-deaf")),
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


def test_a_page_is_the_requested_slice_of_all_results(tmp_path: Path) -> None:
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
    with engine.writing(timeout=PATIENCE):
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


def _replay(
    engine: WhooshEngine, history: list[tuple[list[IndexDocument], list[int]]]
) -> dict[int, IndexDocument]:
    """Build an index commit by commit, and return its documents by id."""
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    held: dict[int, IndexDocument] = {}
    for seq, (added, deleted) in enumerate(history, 1):
        with engine.writing(timeout=PATIENCE):
            engine.apply(added, deleted, seq)
        for number in deleted:
            held.pop(number, None)
        held.update({one.id: one for one in added})
    return held


def _wait_for_merges() -> None:
    """Wait until no segment is merged, since merging removes files that the oracle is about to open."""
    for thread in threading.enumerate():
        if thread.name == "merge-index":
            thread.join(PATIENCE)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a history, which is large
def test_ids_order_and_totals_equal_an_exhaustive_search(tmp_path: Path) -> None:
    """Over many segments, with documents replaced and deleted: hundreds of queries against the oracle."""
    folders = iter(range(10**6))
    compared = 0

    @hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(), st.lists(queries, min_size=34, max_size=34))
    def compare(history: list[tuple[list[IndexDocument], list[int]]], asked: list[SearchQuery]) -> None:
        nonlocal compared
        folder = tmp_path / str(next(folders))
        engine = WhooshEngine(folder)
        held = _replay(engine, history)
        _wait_for_merges()
        oracle = Oracle(folder, held)
        for query in asked:
            page = engine.search(query)
            assert ([hit.id for hit in page.hits], page.total) == oracle.search(query)
            compared += 1

    compare()
    assert compared > 600


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1, max_size=12),
    st.lists(st.lists(st.sampled_from([*WORDS, "nowhere"]), max_size=4), min_size=1, max_size=4),
)
def test_near_duplicates_are_the_same_however_large_their_segment_is(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    titles: list[list[str]],
    asked: list[list[str]],
) -> None:
    """Of a large segment, postings are read term by term, and remembered; of a small one, all at once."""
    documents = [
        document(number, texts={"title": (("en", " ".join(words)),), "cause": (("en", words[-1]),)})
        for number, words in enumerate(titles, 1)
    ]
    engine = WhooshEngine(tmp_path_factory.mktemp("index"))
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [(documents, 1)])
    query = SearchQuery(root=Group(), limit=100)

    def answers() -> list[Any]:
        return [
            (page.total, [(hit.id, hit.score, hit.shared_words) for hit in page.hits])
            for words in asked
            for page in [engine.near_duplicates(None, [("en", " ".join(words))], query)]
        ]

    at_once = answers()
    with monkeypatch.context() as patched:
        patched.setattr(segment, "_READ_AT_ONCE", 0)
        patched.setattr(segment, "_POSTINGS_PER_READ", 0)
        assert answers() == at_once
        patched.setattr(segment, "_MARK_AT_ONCE", 0)
        assert answers() == at_once
        assert answers() == at_once  # from what is remembered
    sharing = [{*words} for words in titles]
    assert [total for total, _ in at_once] == [
        sum(bool(shared & {*words}) for shared in sharing) for words in asked
    ]


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    histories(),
    st.lists(st.lists(st.sampled_from([*WORDS, "nowhere"]), max_size=3), max_size=5),
    st.sampled_from([None, frozenset({"public"}), frozenset({"team:2"})]),
    st.sampled_from([0, segment._READ_AT_ONCE]),
    st.sampled_from([0, segment._POSTINGS_PER_READ]),
    st.sampled_from([1, view._MASK_BYTES]),
)
def test_words_are_counted_in_the_visible_documents_however_many_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    history: list[tuple[list[IndexDocument], list[int]]],
    asked: list[list[str]],
    audiences: frozenset[str] | None,
    read_at_once: int,
    postings_per_read: int,
    mask_bytes: int,
) -> None:
    engine = WhooshEngine(tmp_path_factory.mktemp("index"))
    held = _replay(engine, history)
    visible = [one for one in held.values() if audiences is None or audiences & {*one.audiences}]
    words_of = [
        {word for texts in one.texts.values() for _, text in texts for word in text.split()}
        for one in visible
    ]
    with monkeypatch.context() as patched:
        patched.setattr(segment, "_READ_AT_ONCE", read_at_once)
        patched.setattr(segment, "_POSTINGS_PER_READ", postings_per_read)
        patched.setattr(view, "_MASK_BYTES", mask_bytes)
        counts = engine._with_snapshot(
            lambda snapshot: view.view_of(snapshot, audiences).count_with_each(
                [[index_term(word, "en") for word in words] for words in asked]
            )
        )
    assert counts == [sum(not words.isdisjoint(each) for words in words_of) for each in asked]
