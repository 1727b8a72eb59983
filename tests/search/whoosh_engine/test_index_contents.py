"""An index answers alike however it came about: by a rebuild, by single writes, by merges after deletions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from kb.search.engine import IndexDocument
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery
from kb.search.unparse import unparse
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.querying.segment_vocabulary import SegmentVocabulary
from kb.search.whoosh_engine.store.storage import DurableStorage
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE


def titled(number: int, title: str, language: str = "en", **changes: Any) -> IndexDocument:
    return document(
        number,
        texts={"title": ((language, title),)},
        languages=(language,),
        stored=orjson.dumps({"title": title}),
        **changes,
    )


def rebuilt(folder: Path, *documents: IndexDocument) -> WhooshEngine:
    engine = WhooshEngine(folder)
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [(documents, 1)])
    return engine


def written_singly(folder: Path, *documents: IndexDocument) -> WhooshEngine:
    """An engine whose index has a segment for each document."""
    engine = rebuilt(folder)
    for seq, each in enumerate(documents, 2):
        with engine.writing(timeout=PATIENCE):
            engine.apply([each], [], seq)
    return engine


def merged(folder: Path, *documents: IndexDocument, deleted: IndexDocument) -> WhooshEngine:
    """An engine with a segment that was merged from several, one of which had a deleted document."""
    fillers = [titled(number, "filler") for number in range(900, 910)]
    engine = rebuilt(folder, deleted, *documents)
    writes = [([], [deleted.id]), *(([each], []) for each in fillers), ([], [each.id for each in fillers])]
    for seq, (added, deletions) in enumerate(writes, 2):
        with engine.writing(timeout=PATIENCE):
            engine.apply(added, deletions, seq)
    return engine


def answer(engine: WhooshEngine, text: str, audiences: frozenset[str] | None = None) -> dict[str, Any]:
    page = engine.search(SearchQuery(root=parse(text).root, boosts=frozenset(), audiences=audiences))
    return {
        "hits": [(hit.id, hit.score) for hit in page.hits],
        "total": page.total,
        "interpreted": page.interpreted and unparse(page.interpreted),
        "correction": page.correction and unparse(page.correction),
    }


def suggested(engine: WhooshEngine, *words: str) -> list[int]:
    return [hit.id for hit in engine.suggest(words, SearchQuery(root=Group(), limit=100)).hits]


def test_a_segment_that_is_merged_in_the_same_commit_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = DurableStorage.write_file

    def noted(storage: DurableStorage, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        if Path(storage.folder).is_relative_to(tmp_path):  # not another test's merge, in its own thread
            written.append(name)
        write(storage, name, chunks)

    monkeypatch.setattr(DurableStorage, "write_file", noted)
    engine = rebuilt(tmp_path)
    for seq in range(2, 40):
        written.clear()
        with engine.writing(timeout=PATIENCE):
            engine.apply([titled(seq, f"title {seq}")], [], seq)
        assert len(written) == 2
        assert all(len([*tmp_path.glob(f"build-*/{name}")]) == 1 for name in written)
    assert answer(engine, "title")["total"] == 38


def test_a_word_of_a_deleted_document_is_not_offered_after_a_merge(tmp_path: Path) -> None:
    secret = titled(2, "testing", audiences=("team:7",))
    engine = merged(tmp_path / "merged", titled(1, "a test"), deleted=secret)
    fresh = rebuilt(tmp_path / "rebuilt", titled(1, "a test"))
    public = frozenset({"public"})
    assert answer(engine, "testnig", public)["correction"] == answer(fresh, "testnig", public)["correction"]


def test_a_word_of_a_deleted_document_splits_no_word_after_a_merge(tmp_path: Path) -> None:
    engine = merged(tmp_path / "merged", titled(1, "Red Bull"), deleted=titled(2, "bulls"))
    fresh = rebuilt(tmp_path / "rebuilt", titled(1, "Red Bull"))
    assert answer(engine, "redbulls")["total"] == answer(fresh, "redbulls")["total"]


def test_a_small_letter_of_a_deleted_document_unmakes_no_name_after_a_merge(tmp_path: Path) -> None:
    name = titled(1, "we saw Fandango there")
    engine = merged(tmp_path / "merged", name, deleted=titled(2, "a fandango"))
    assert answer(rebuilt(tmp_path / "rebuilt", name), "פנדנגו")["total"] == 1
    assert answer(engine, "פנדנגו")["total"] == 1


def test_a_capital_of_a_deleted_document_makes_no_name_after_a_merge(tmp_path: Path) -> None:
    word = titled(1, "Fandango apologizes")
    engine = merged(tmp_path / "merged", word, deleted=titled(2, "we saw Fandango there"))
    assert answer(engine, "פנדנגו")["total"] == answer(rebuilt(tmp_path / "rebuilt", word), "פנדנגו")["total"]


def test_a_name_is_one_however_the_documents_are_spread_over_segments(tmp_path: Path) -> None:
    documents = titled(1, "we saw Fandango there"), titled(2, "a fandango of errors")
    one, many = rebuilt(tmp_path / "one", *documents), written_singly(tmp_path / "many", *documents)
    assert answer(one, "פנדנגו") == answer(many, "פנדנגו")


def test_a_beginning_matches_alike_however_the_documents_are_spread_over_segments(tmp_path: Path) -> None:
    documents = [
        titled(
            number, " ".join(f"zebra{number}{letter}{more}" for letter in "abcdefgh" for more in "abcdefgh")
        )
        for number in range(10, 16)
    ]
    one, many = rebuilt(tmp_path / "one", *documents), written_singly(tmp_path / "many", *documents)
    assert answer(one, "zebra*")["total"] == answer(many, "zebra*")["total"]
    assert suggested(one, "zebra") == suggested(many, "zebra")


@pytest.mark.parametrize(
    "text", ["share your secret", '"your secret"', "secret", "#ShareYourSecret", "sharey*"]
)
def test_words_of_hashtags_survive_a_merge(tmp_path: Path, text: str) -> None:
    documents = titled(1, "see #ShareYourSecret by @BlueOrigin"), titled(3, "a secret of yours")
    engine = merged(tmp_path / "merged", *documents, deleted=titled(2, "#ShareYourTruth"))
    assert answer(engine, text) == answer(rebuilt(tmp_path / "rebuilt", *documents), text)


def test_observances_survive_a_merge(tmp_path: Path) -> None:
    documents = titled(1, "a joke", observances=("april-fools",)), titled(3, "another")
    engine = merged(tmp_path / "merged", *documents, deleted=titled(2, "x", observances=("ramadan",)))
    fresh = rebuilt(tmp_path / "rebuilt", *documents)
    assert {
        value
        for segment in engine._with_snapshot(lambda found: found).segments
        for value, _ in segment.keyword_values("observance")
    } == {
        value
        for segment in fresh._with_snapshot(lambda found: found).segments
        for value, _ in segment.keyword_values("observance")
    }


def test_a_word_that_two_languages_stem_apart_begins_as_in_both(tmp_path: Path) -> None:
    documents = titled(1, "nationalities"), titled(2, "nationalities", "fr"), titled(3, "nationalities", "de")
    engine = rebuilt(tmp_path / "index", *documents)
    assert answer(engine, "nationalit*")["total"] == 3
    assert sorted(suggested(engine, "nationalit")) == [1, 2, 3]


@pytest.mark.parametrize("sign", ["#", "@", "＃", "＠"])
def test_words_of_a_hashtag_are_indexed_after_every_sign(tmp_path: Path, sign: str) -> None:
    engine = rebuilt(tmp_path / "index", titled(1, f"see {sign}ShareYourSecret"))
    assert answer(engine, "secret")["total"] == 1


@pytest.mark.parametrize("text", ["by the Pandas' owner", "by the Pandas’ owner", "by the Pandas_ owner"])
def test_only_words_of_texts_are_offered(tmp_path: Path, text: str) -> None:
    engine = rebuilt(tmp_path / "index", titled(1, text))
    forms = engine._with_snapshot(lambda snapshot: snapshot.surface_forms("panda"))
    assert forms <= {"pandas"}


@pytest.mark.parametrize("other", ["they targeted him", "many targets", "on target"])
def test_an_organization_is_a_name_whatever_else_is_written(tmp_path: Path, other: str) -> None:
    organization = document(
        1,
        texts={"title": (("en", "a reply"),), "organization": (("en", "Target"),)},
        organization_key="target",
        stored=orjson.dumps({"title": "a reply", "organization": "Target"}),
    )
    engine = rebuilt(tmp_path / "index", organization, titled(2, other))
    assert 1 in [number for number, _ in answer(engine, "טארגט")["hits"]]


def test_a_word_that_many_segments_have_is_in_memory_once(tmp_path: Path) -> None:
    engine = written_singly(
        tmp_path / "index", titled(1, "a giraffe and zebras"), titled(2, "the giraffes and zebras")
    )
    snapshot = engine._with_snapshot(lambda found: found)
    vocabularies: list[SegmentVocabulary] = []
    for segment in snapshot.segments:
        vocabularies.append(SegmentVocabulary(segment, None, max(vocabularies, key=len, default=None)))
    spelled = [
        next(word for word in vocabulary.sorted if word == "zebras")
        for vocabulary in vocabularies
        if vocabulary.terms_of("zebras")
    ]
    assert len(spelled) == 2
    assert spelled[0] is spelled[1]
    terms = [vocabulary.terms_of("zebras")[0] for vocabulary in vocabularies]
    assert terms[0] is terms[1]
    assert [vocabulary.terms_of("giraffes") for vocabulary in vocabularies].count(("giraff",)) == 1


def test_a_vocabulary_of_unusual_terms_has_all_words_with_accents_apostrophes_or_hebrew_letters(
    tmp_path: Path,
) -> None:
    engine = rebuilt(
        tmp_path / "index",
        titled(1, "Don't ask for crème brûlée at the café, resume the résumé #caféLatte"),
        titled(2, "המסעדה והבתים בירושלים plain", "he", organization_key="mcdonald-s"),
    )
    (segment,) = engine._with_snapshot(lambda found: found).segments
    unusual = SegmentVocabulary(segment, None, None, segment.unusual_terms())
    complete = SegmentVocabulary(segment, None, None)
    assert unusual.by_plain_spelling == complete.by_plain_spelling
    assert {"cafe", "dont", "resume"} <= {*unusual.by_plain_spelling}
    assert unusual.hebrew.by_consonants == complete.hebrew.by_consonants != {}
    assert unusual.words_of_name("mcdonalds") == complete.words_of_name("mcdonalds")
    assert not unusual.terms_of("plain")
