"""Cached query parameters equal freshly parsed ones, and cannot be poisoned."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask, request
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from kb.api.smorest import Parser
from kb.errors import InvalidInput
from kb.schemas.search import SearchQuerySchema, SuggestQuerySchema
from tests.support.api import Api

ALL_PARAMETERS = (
    "q=wrong+account&lang=en&facets=category,theme&boosts=severity&correct=false&highlight=first&explain=true"
    "&limit=5&offset=0&cursor=x&sort=title&category=offensive,tone-deaf&failure_mode=approval-miss&theme=politics&tag=a,b&collection=x"
    "&platform=twitter&industry=retail&response=deleted&organization=Acme&source=https://example.com/a&language=en&status=published"
    "&kind=incident&severity_min=1&severity_max=5&severity=1,2&from=2018&to=2019-05"
)

ADDRESSES = (
    "q=wrong+account",
    "q=",
    "",
    "limit=5",
    "q=wrong&q=account",
    "q=wrong&facets=category&facets=theme",
    "q=wrong&facets=&boosts=none",
    f"q={'long' * 3_000}",
    "q=%ED%A0%80",
    "q=wrong&limit=1000",
    "q=wrong&unknown=1",
    "q=wrong&_=1700000000000",
    "_q=right&q=wrong",
    "q=wrong&from=1526509800000",
    "q=wrong&from=2019&to=2018",
    "q=wrong&lang=zz-nothing",
    ALL_PARAMETERS,
)


def parsed(app: Flask, parser: FlaskParser, schema: Schema, address: str) -> Any:
    """The parameters that a parser reads from a query string, or its errors."""
    with app.test_request_context(f"/?{address}"):
        try:
            return parser.parse(schema, request, location="query")
        except InvalidInput as error:
            return error.errors


def as_lists(value: Any) -> Any:
    return list(value) if type(value) is tuple else value


def poison(parameters: Any) -> None:
    """Mutate whatever can be mutated, the parameters and each of their values."""
    for value in parameters.values():
        for method, arguments in (
            ("append", ("poison",)),
            ("clear", ()),
            ("update", ({"poison": "poison"},)),
            ("__setitem__", (0, "poison")),
        ):
            with suppress(AttributeError, TypeError, IndexError):
                getattr(value, method)(*arguments)
    with suppress(TypeError):
        parameters["limit"] = 0
    with suppress(AttributeError):
        parameters.clear()


@pytest.mark.parametrize(
    "schema", [SearchQuerySchema(), SuggestQuerySchema()], ids=lambda s: type(s).__name__
)
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:40])
def test_cached_parameters_equal_freshly_parsed_ones(shared_app: Flask, schema: Schema, address: str) -> None:
    class Forgetful(Parser):
        def parse(self, *arguments: Any, **options: Any) -> Any:
            return FlaskParser.parse(self, *arguments, **options)

    read = parsed(shared_app, Forgetful(), schema, address)
    parser = Parser()
    for _ in range(3):
        found = parsed(shared_app, parser, schema, address)
        if isinstance(read, Mapping):
            found = {name: as_lists(value) for name, value in found.items()}
        assert found == read


def test_parameters_are_parsed_once(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    schema, parser, loaded = SearchQuerySchema(), Parser(), []
    load = schema.load

    def counted(*arguments: Any, **options: Any) -> Any:
        loaded.append("loaded")
        return load(*arguments, **options)

    monkeypatch.setattr(schema, "load", counted)
    for word in ("one", "two", "three"):
        assert parsed(shared_app, parser, schema, f"limit=5&q={word}")["q"] == word
    assert loaded == ["loaded"]


def test_every_parameter_of_a_search_is_immutable(shared_app: Flask) -> None:
    schema = SearchQuerySchema()
    found = parsed(shared_app, Parser(), schema, ALL_PARAMETERS)
    assert found.keys() == schema.fields.keys()
    for value in found.values():
        hash(value)


def test_mutating_parameters_does_not_affect_the_next_request(shared_app: Flask) -> None:
    schema, parser = SearchQuerySchema(), Parser()
    expected = deepcopy(parsed(shared_app, parser, schema, ALL_PARAMETERS))
    for _ in range(3):
        found = parsed(shared_app, parser, schema, ALL_PARAMETERS)
        assert found == expected
        poison(found)


def test_even_the_first_request_cannot_affect_the_next(shared_app: Flask) -> None:
    schema, parser = SearchQuerySchema(), Parser()
    first = parsed(shared_app, parser, schema, ALL_PARAMETERS)
    expected = deepcopy(first)
    poison(first)
    assert parsed(shared_app, parser, schema, ALL_PARAMETERS) == expected


def test_a_search_whose_parameters_were_mutated_gets_the_same_response(
    reader: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"q": "account", "facets": "category,theme", "category": "wrong-account", "limit": 7}
    expected = {**reader.get("/search", **query).get_json(), "took_ms": 0}
    assert expected["items"]
    parse, given = Parser.parse, []

    def observed(*arguments: Any, **options: Any) -> Any:
        given.append(parse(*arguments, **options))
        return given[-1]

    monkeypatch.setattr(Parser, "parse", observed)
    for number in range(3):
        assert {**reader.get("/search", **query).get_json(), "took_ms": 0} == expected
        assert len(given) == number + 1
        poison(given[number])
