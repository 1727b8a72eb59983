"""The query of a page's URL, validated by the schemas of the API."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import g, request
from marshmallow import ValidationError
from marshmallow.fields import List

from kb.domain.spelling import closest_match
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.schemas.pointers import field_errors
from kb.web.parameters import SEND_ONCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from marshmallow import Schema

Pairs = list[tuple[str, str]]
"""Names and values of query parameters."""

_OTHERS = ("_", "utm_")
"""The prefixes of parameters that third parties add to URLs."""

TREND = "trend"
"""The parameter of a list that holds the query of the trend that linked there."""

MAX_QUERY = 16_000
"""The most bytes of a page's query: most of its links repeat it. The longest words in Hebrew take 12,000."""

MAX_PARAMETERS = 500
"""The most parameters of a page's query."""

_TOO_LONG = Message("The address is too long. Search for fewer words, or with fewer filters.")

_MAX_COMPARED = 5
"""The most unknown names that are compared with known ones."""


class Misspelling(NamedTuple):
    """An unknown parameter of the URL, the known name that it resembles, and the URL with that name."""

    name: str
    known: str
    url: str


def require_short_query() -> None:
    """Raise InvalidInput for a query that is too long to be repeated in the links of a page."""
    query = request.query_string
    if len(query) > MAX_QUERY or query.count(b"&") >= MAX_PARAMETERS:
        raise InvalidInput([FieldError("", _TOO_LONG)])


def sent_parameters() -> Pairs:
    """Return the parameters of the URL that have a value: forms send empty fields, too."""
    return [(name, value) for name, value in request.args.items(multi=True) if value.strip()]


def load_query(schema: Schema, **others: Any) -> Mapping[str, Any]:
    """Load the query of the URL and `others` with a schema, ignoring parameters that it does not know.

    Raises InvalidInput, also for a parameter that is sent twice and is not a list.
    """
    known = parameter_names(schema)
    g.misspellings = [*misspellings(), *_misspelled(known)]
    sent: dict[str, list[str]] = {}
    for name, value in sent_parameters():
        if name in known:
            sent.setdefault(name, []).append(value)
    lists = {field.data_key or name for name, field in schema.fields.items() if isinstance(field, List)}
    if repeated := [name for name, values in sent.items() if len(values) > 1 and name not in lists]:
        raise InvalidInput([FieldError(name, SEND_ONCE) for name in repeated])
    try:
        loaded: Mapping[str, Any] = schema.load(
            {name: values if name in lists else values[0] for name, values in sent.items()} | others
        )
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return loaded


def misspellings() -> Sequence[Misspelling]:
    """Return the parameters of the current URL that `load_query` has ignored though they resemble known ones:
    a misspelled filter must not look like one that matched everything."""
    found: Sequence[Misspelling] = g.get("misspellings", ())
    return found


def _misspelled(known: Collection[str]) -> Iterator[Misspelling]:
    pairs = sent_parameters()
    names = (name for name in dict(pairs) if name not in known and name not in (TREND, "lang"))
    for name in islice((name for name in names if not name.startswith(_OTHERS)), _MAX_COMPARED):
        if (near := closest_match(name, known)) is not None:
            url = page_url([(near if other == name else other, value) for other, value in pairs])
            yield Misspelling(name, near, url)


def parameter_names(schema: Schema) -> set[str]:
    """Return the names of the parameters that a schema knows."""
    return {field.data_key or name for name, field in schema.fields.items()}


def page_url(parameters: Iterable[tuple[str, Any]]) -> str:
    """Return the URL of the current page with other parameters."""
    query = urlencode([(name, value) for name, value in parameters if value not in (None, "")])
    return f"{request.script_root}{request.path}{'?' if query else ''}{query}"
