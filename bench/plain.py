"""What makes a request faster, each with the plain way that it replaces; the answers are the same.

Every optimization is switched off at one seam, a name in a module or a class, for as long as a context lasts.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import flask_smorest
import orjson
from sqlalchemy import select
from webargs.flaskparser import FlaskParser

from kb.api import search as search_views
from kb.api import spec
from kb.domain.permissions import may_see
from kb.models import Incident, db
from kb.models.prepared import Prepared
from kb.search.analysis import index_term
from kb.search.cache import Cache
from kb.search.highlight import SEPARATOR, Wanted, highlight, highlight_all
from kb.services.core import change_feed
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.incidents import duplicates
from kb.services.search import hit_content, response_cache, visible_hits
from kb.services.search import search as service
from kb.services.search.sync import refresh_if_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from flask import Flask

    from kb.domain.permissions import Actor
    from kb.search.engine import ResultPage

FIRST, REPEATED, PASSAGE = "search, first", "search, repeated", "search, one passage"
READ, WRITE, START = "read an incident", "file an incident", "start"
SEARCHES = (FIRST, REPEATED, PASSAGE)


@dataclass(frozen=True)
class Optimization:
    """What is measured, in which mixes of requests, and how it is switched off in an application."""

    name: str
    mixes: tuple[str, ...]
    off: Callable[[Flask], AbstractContextManager[object]]
    same_bytes: bool = True


# Prepared statements: SQLAlchemy asks, as everywhere else.


def _rows(self: Prepared, numbers: Sequence[int]) -> Sequence[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        statement = self._make(numbers)  # type: ignore[arg-type]
        return [tuple(row) for row in connection.execute(statement)]


def _without_prepared(_: Flask) -> AbstractContextManager[object]:
    return patch.object(Prepared, "rows", _rows)


# Parameters: every request is read by its schema.


def _without_parameters(_: Flask) -> AbstractContextManager[object]:
    return patch.object(spec.Parser, "parse", FlaskParser.parse)


def _with_new_schemas(_: Flask) -> AbstractContextManager[object]:
    """A schema made with each request, as flask-smorest does for a class."""
    parse = spec.Parser.parse

    def parse_with_new(self: Any, argmap: Any, *arguments: Any, **options: Any) -> Any:
        type(argmap)()
        return parse(self, argmap, *arguments, **options)

    return patch.object(spec.Parser, "parse", parse_with_new)


# The page: it goes through its schema and Flask's JSON.


@contextmanager
def _without_bytes(_: Flask) -> Iterator[None]:
    pages: list[Any] = []

    def dumps(page: Any) -> bytes:
        pages.append(page)
        return b"{}"

    def response(*_: Any, **__: Any) -> Any:
        return {**pages.pop(), "took_ms": 0.0}

    with (
        patch.object(service, "orjson", SimpleNamespace(dumps=dumps)),
        patch.object(search_views, "Response", response),
    ):
        yield


# What is shown of a hit: SQL loads the incidents, with all that belongs to them.


def _find(actor: Actor, ask: Callable[[], ResultPage]) -> visible_hits.SearchOutcome:
    page = ask()
    position = change_feed.position()
    refresh_if_stale(page.position, position)
    ids = [hit.id for hit in page.hits]
    statement = select(Incident).where(Incident.id.in_(ids)).options(*DETAIL_OPTIONS)
    rows = {row.id: row for row in db.session.scalars(statement)}
    shown = [
        visible_hits.VisibleHit(hit, hit_content.to_stored(rows[hit.id]))
        for hit in page.hits
        if hit.id in rows and may_see(actor, rows[hit.id])
    ]
    return visible_hits.SearchOutcome(page, shown, page.total - (len(page.hits) - len(shown)), position)


@contextmanager
def _without_stored(_: Flask) -> Iterator[None]:
    with ExitStack() as patched:
        for module in (service, duplicates):
            patched.enter_context(patch.object(module, "find", _find))
        yield


def _without_response_cache(_: Flask) -> AbstractContextManager[object]:
    return patch.object(service, "cached_response", lambda _, make: make()[0])


_pages: dict[Any, Any] = {}


def _cached_page(key: Any, make: Callable[[], Any]) -> bytes:
    """The page as the cache would hand it out if it kept objects: written as JSON with each request."""
    body = response_cache.cached_response(key, make)
    if key not in _pages:
        _pages[key] = orjson.loads(body)
    return orjson.dumps(_pages[key])


def _cached_as_objects(_: Flask) -> AbstractContextManager[object]:
    return patch.object(service, "cached_response", _cached_page)


# Passages: one text after the other.


def _texts(self: Any, texts: dict[str, Any], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, text in zip(texts["fields"], texts["joined"].split(SEPARATOR), strict=True):
        if field not in found and (passage := highlight(text, language, self._wanted)) is not None:
            found[field] = passage
            if self._only_first:
                break
    return found


def _first_name(self: Any, names: dict[str, str]) -> str | None:
    for language, joined in names.items():
        for name in joined.split(SEPARATOR):
            if (passage := highlight(name, language, self._wanted)) is not None:
                return passage
    return None


def _without_joined(_: Flask) -> AbstractContextManager[object]:
    return patch.object(hit_content.Highlighter, "_texts", _texts)


def _without_joined_names(_: Flask) -> AbstractContextManager[object]:
    return patch.object(hit_content.Highlighter, "_first_name", _first_name)


def _first_of_all(joined: str, language: str, wanted: Any) -> dict[int, str]:
    return dict(list(highlight_all(joined, language, wanted).items())[:1])


def _without_first(_: Flask) -> AbstractContextManager[object]:
    return patch.object(hit_content, "highlight_first", _first_of_all)


def _forms_in(self: Wanted, language: str) -> list[tuple[str, str]]:
    pairs = ((form, index_term(form, language)) for form in self.forms)
    return [(form, term) for form, term in pairs if term in self.forms[form]]


def _without_forms(_: Flask) -> AbstractContextManager[object]:
    return patch.object(Wanted, "forms_in", _forms_in)


# The engine: what it made of a word's postings is made again.


def _get(self: Any, key: Any, make: Callable[[], Any], size: Any) -> Any:  # noqa: ARG001
    return make()


def _without_arrays(_: Flask) -> AbstractContextManager[object]:
    return patch.object(Cache, "get", _get)


# A start: all endpoints are documented at once.


def _documented_at_once(_: Flask) -> AbstractContextManager[object]:
    return patch.object(
        spec.Blueprint, "register_views_in_doc", flask_smorest.Blueprint.register_views_in_doc
    )


OPTIMIZATIONS = (
    Optimization("prepared statements", (FIRST, REPEATED, WRITE), _without_prepared),
    Optimization("parameters read once", (FIRST, REPEATED), _without_parameters),
    Optimization("schemas made once", (FIRST, REPEATED, READ, WRITE), _with_new_schemas),
    Optimization("the page past its schema", (FIRST,), _without_bytes, same_bytes=False),
    Optimization("hits carry what is shown", (FIRST, WRITE), _without_stored),
    Optimization("response cache", (FIRST, REPEATED), _without_response_cache),
    Optimization("answers cached as JSON", (REPEATED,), _cached_as_objects),
    Optimization("texts highlighted together", (FIRST, PASSAGE), _without_joined),
    Optimization("names of terms highlighted together", (FIRST, PASSAGE), _without_joined_names),
    Optimization("the first passage only", (PASSAGE, FIRST), _without_first),
    Optimization("forms of a language found once", (FIRST, PASSAGE), _without_forms),
    Optimization("arrays of words kept by the engine", (FIRST, WRITE), _without_arrays),
    Optimization("API documented when asked", (START,), _documented_at_once),
)
