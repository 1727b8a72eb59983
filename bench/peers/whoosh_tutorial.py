"""Flask + Whoosh as its tutorials write it: a searcher for each request, and the library does the rest."""

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


def opened(folder: Path) -> Search:
    """A search over the index in a folder."""
    searched = index.open_dir(folder)
    parser = MultifieldParser(list(WEIGHTS), searched.schema, group=OrGroup)

    def search(text: str) -> dict[str, Any]:
        with searched.searcher() as searcher:
            results = searcher.search(parser.parse(" ".join(words(text))), limit=10)
            items = [{"id": hit["id"], "title": hit["title"], "snippet": _snippet(hit)} for hit in results]
            return {"total": len(results), "items": items}

    return search


def _snippet(hit: Any) -> str:
    return next((found for field in SNIPPET_FIELDS if (found := hit.highlights(field))), "")


def create_app() -> Flask:
    """The application, for a server's worker."""
    return flask_app(opened(folder()))
