"""What a worker reads before its first search."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from kb.config import Settings, seeds_dir
from kb.factory import create_app
from kb.models import db
from kb.search import word_lists
from kb.search.lexicon import LexiconFiles
from kb.search.transliteration import NameIndex
from kb.search.whoosh_engine.querying import vocabulary
from kb.search.whoosh_engine.querying.segment_vocabulary import SegmentVocabulary
from kb.services.accounts.authentication import anonymous
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.services.search.finding import SearchRequest
from kb.services.search.read_ahead import read_index_ahead
from kb.services.search.search import search


def test_the_first_search_finds_lists_and_words_in_memory(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    make_index, read_list = NameIndex.__init__, word_lists._read

    def counted(self: NameIndex, *arguments: Any) -> None:
        read.append("names")
        make_index(self, *arguments)

    monkeypatch.setattr(NameIndex, "__init__", counted)
    monkeypatch.setattr(word_lists, "_read", lambda path: (read.append(path.name), read_list(path))[1])  # type: ignore[func-returns-value]
    word_lists._word_list.cache_clear()
    monkeypatch.setattr(vocabulary, "SegmentVocabulary", SegmentVocabulary)  # not one that others have made
    with app.app_context():
        bootstrap.prepare_if_needed()
        LexiconFiles(seeds_dir(), runtime.settings().data_dir).read_ahead()
        read_index_ahead(anonymous())
        assert {"names", "large_en.msgpack.gz", "large_he.msgpack.gz"} <= {*read}
        read.clear()
        search(anonymous(), SearchRequest(text="Volkswaggen Шанель התנצלוות"))
        assert not read
        db.session.remove()


def test_an_index_that_is_not_ready_is_not_read_ahead(
    empty_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(empty_settings)
    with caplog.at_level(logging.INFO, "kb"), app.app_context():
        read_index_ahead(anonymous())
        db.session.remove()
        db.engine.dispose()
    assert "not read ahead" in caplog.text
