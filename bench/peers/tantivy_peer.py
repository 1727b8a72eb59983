"""Flask + tantivy-py: Python bindings of Tantivy, a search engine in Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tantivy

from bench.peers import SNIPPET_FIELDS, WEIGHTS, flask_app, folder, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask import Flask

    from bench.peers import Search

_WRITER_BUFFER = 128_000_000
"""Bytes that the writer buffers before it writes a segment."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True)
    for field in WEIGHTS:
        builder.add_text_field(field, stored=True, tokenizer_name="en_stem")
    return builder.build()


def build(folder: Path, documents: Sequence[dict[str, str]]) -> None:
    """Index the documents, and wait until all segments are merged."""
    writer = tantivy.Index(_schema(), path=str(folder)).writer(_WRITER_BUFFER)
    for number, document in enumerate(documents):
        writer.add_document(tantivy.Document(id=number, **document))
    writer.commit()
    writer.wait_merging_threads()


def open_search(folder: Path) -> Search:
    """A function that searches the index in a folder."""
    schema = _schema()
    index = tantivy.Index(schema, path=str(folder))
    index.reload()
    fields = list(WEIGHTS)

    def search(text: str) -> dict[str, Any]:
        searcher = index.searcher()
        query = index.parse_query(" ".join(words(text)), fields, WEIGHTS)
        result = searcher.search(query, 10, count=True)
        generators: dict[str, tantivy.SnippetGenerator] = {}

        def snippet(document: tantivy.Document) -> str:
            for field in SNIPPET_FIELDS:
                if field not in generators:
                    generators[field] = tantivy.SnippetGenerator.create(searcher, query, schema, field)
                passage = generators[field].snippet_from_doc(document)
                if passage.highlighted():
                    return str(passage.to_html())
            return ""

        documents = [searcher.doc(address) for _, address in result.hits]
        items = [
            {"id": d.get_first("id"), "title": d.get_first("title"), "snippet": snippet(d)} for d in documents
        ]
        return {"total": result.count, "items": items}

    return search


def create_app() -> Flask:
    """Create the application; the factory that the server's workers call."""
    return flask_app(open_search(folder()))
