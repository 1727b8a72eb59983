"""Flask + Whoosh as in its tutorials: one searcher per request, with the library's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whoosh import index
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import NUMERIC, TEXT, Schema
from whoosh.qparser import MultifieldParser, OrGroup

from bench.peers import SNIPPET_FIELDS, WEIGHTS, flask_app, folder, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask import Flask

    from bench.peers import Search


def build(folder: Path, documents: Sequence[dict[str, str]]) -> None:
    """Index the documents in one commit."""
    fields = {
        field: TEXT(stored=True, analyzer=StemmingAnalyzer(), field_boost=weight)
        for field, weight in WEIGHTS.items()
    }
    writer = index.create_in(folder, Schema(id=NUMERIC(stored=True), **fields)).writer()
    for number, document in enumerate(documents):
        writer.add_document(id=number, **document)
    writer.commit()


def open_search(folder: Path) -> Search:
    """A function that searches the index in a folder."""
    whoosh_index = index.open_dir(folder)
    parser = MultifieldParser(list(WEIGHTS), whoosh_index.schema, group=OrGroup)

    def search(text: str) -> dict[str, Any]:
        with whoosh_index.searcher() as searcher:
            results = searcher.search(parser.parse(" ".join(words(text))), limit=10)
            items = [{"id": hit["id"], "title": hit["title"], "snippet": _snippet(hit)} for hit in results]
            return {"total": len(results), "items": items}

    return search


def _snippet(hit: Any) -> str:
    return next((passage for field in SNIPPET_FIELDS if (passage := hit.highlights(field))), "")


def create_app() -> Flask:
    """Create the application; the factory that the server's workers call."""
    return flask_app(open_search(folder()))
