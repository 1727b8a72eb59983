"""flask-smorest, configured for this API: strict parsing, one error format, permission checks, caching."""

from __future__ import annotations

import threading
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import flask_smorest
from flask import request
from marshmallow import EXCLUDE, ValidationError
from marshmallow.fields import List
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from kb import __version__, pauses
from kb.api.negotiation import alternative_view
from kb.api.openapi import complete
from kb.api.problems import LANGUAGE_HEADER, PROBLEM_TYPE, problem_response
from kb.config import API_ROOT
from kb.domain import strict_json
from kb.domain.spelling import closest_match
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.schemas.base import UNKNOWN_FIELD
from kb.schemas.json_schema import SchemaPlugin
from kb.schemas.pointers import field_errors
from kb.schemas.problems import ProblemSchema
from kb.web.endpoints import with_permission_check
from kb.web.parameters import SEND_ONCE, named_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask, Request
    from marshmallow import Schema
    from werkzeug.exceptions import HTTPException


_VARY = ("Accept", "Accept-Encoding", "Accept-Language", "Authorization")

_MAX_CACHED_QUERIES, _MAX_CACHED_LENGTH = 1_000, 500
"""Limits of the cache of parsed query strings: entries, and characters of one entry."""

OPENAPI_VERSION = "3.1.0"

MERGE_PATCH = "application/merge-patch+json"
"""The media type of a PATCH body (RFC 7396): fields to change, and null for those to clear."""

_LARGE_BYTES = strict_json.FEW_MEMBERS * strict_json.MEMBER_BYTES
"""The length of a body, in bytes, from which parsing takes so long that other requests are served
afterwards."""

_DESCRIPTION = """\
Brand and social-media failures as structured postmortems: search precedents before a launch, file your own.

An incident is one flat object in one language. Errors are `application/problem+json` (RFC 9457), by field,
and in English or Hebrew, as `Accept-Language` prefers.
To change a resource, send its ETag as `If-Match`; a PATCH is JSON or `application/merge-patch+json`.
A POST may carry an `Idempotency-Key`.
Published incidents can be read without a token; everything else needs `Authorization: Bearer kb_...`.
"""


class Parser(FlaskParser):
    """Reads requests strictly: JSON must follow RFC 8259; unknown and repeated parameters are errors.

    Parameters whose name begins with an underscore are ignored: dashboards add them to bypass caches.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "headers": EXCLUDE}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._parsed_queries: dict[tuple[Schema, tuple[tuple[str, str], ...]], Mapping[str, Any]] = {}
        self._defaults: dict[tuple[Schema, str], Mapping[str, Any]] = {}

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        values = MultiDict(named_parameters(req))
        names = [field.data_key or key for key, field in schema.fields.items() if not isinstance(field, List)]
        repeated = [name for name in names if len(values.getlist(name)) > 1]
        if repeated:
            raise InvalidInput([FieldError(name, SEND_ONCE) for name in repeated])
        return self._makeproxy(values, schema)

    def load_json(self, req: Request, schema: Schema) -> Any:
        body_is_optional = req.method == "POST" and not any(
            field.required for field in schema.fields.values()
        )
        if body_is_optional and not req.mimetype and not req.get_data(cache=True):
            return {}
        return read_json(req)

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """Parse the arguments of a request.

        Most requests have no query and none of the headers of a schema: the defaults are computed once.

        A schema may name its `free_text_parameter`. The others repeat from one request to the next, so their
        parsed values are cached (docs/decisions/0027). Requests share the values, so each is immutable; the
        mapping is the request's own.
        """
        location = options.get("location")
        if (location == "query" and not request.query_string) or (
            location == "headers" and not any(name in request.headers for name in _names(argmap))
        ):
            return self._defaults_of(argmap, req, **options)
        free_text = getattr(argmap, "free_text_parameter", None)
        if free_text is None or location != "query":
            return super().parse(argmap, req, **options)
        values = request.args.getlist(free_text)
        key = (argmap, tuple(pair for pair in named_parameters(request) if pair[0] != free_text))
        others = self._parsed_queries.get(key)
        if others is None or len(values) != 1:
            parsed = {
                name: _immutable(value) for name, value in super().parse(argmap, req, **options).items()
            }
            if sum(map(len, chain.from_iterable(key[1]))) <= _MAX_CACHED_LENGTH:
                if len(self._parsed_queries) >= _MAX_CACHED_QUERIES:
                    self._parsed_queries.clear()
                self._parsed_queries[key] = {
                    name: value for name, value in parsed.items() if name != free_text
                }
            return parsed
        try:
            return {**others, free_text: argmap.fields[free_text].deserialize(values[0])}
        except ValidationError:
            return super().parse(argmap, req, **options)

    def _defaults_of(self, argmap: Any, req: Request | None, **options: Any) -> Any:
        """The defaults of a schema. Requests share the values, unless these are mutable."""
        key = (argmap, options["location"])
        if key in self._defaults:
            return {**self._defaults[key]}
        parsed = super().parse(argmap, req, **options)
        if all(value is None or isinstance(value, (str, int, float, tuple)) for value in parsed.values()):
            self._defaults[key] = {**parsed}
        return parsed

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002
        schema: Schema,
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Any,  # noqa: ARG002
    ) -> Any:
        errors: list[FieldError] = []
        for location, messages in error.messages_dict.items():
            located = field_errors(messages)
            if location != "json":
                located = [_parameter_error(item, schema) for item in located]
            errors += located
        raise InvalidInput(errors) from error


def _names(schema: Schema) -> list[str]:
    """The names of a schema's fields in a request."""
    return [field.data_key or name for name, field in schema.fields.items()]


def read_json(req: Request) -> Any:
    """Read the JSON body of a request. Raises UnsupportedMediaType or MalformedInput."""
    is_merge_patch = req.method == "PATCH" and req.mimetype == MERGE_PATCH
    if req.mimetype != "application/json" and not is_merge_patch:
        raise UnsupportedMediaType(Message("Send the body as application/json."))
    if req.content_encoding not in (None, "identity"):
        raise UnsupportedMediaType(Message("Send the body without a Content-Encoding."))
    body = req.get_data(cache=True)
    is_large = len(body) > _LARGE_BYTES
    if is_large:
        _check_members(body)
    try:
        value = strict_json.loads(body)
    except ValueError as error:
        raise MalformedInput(
            Message("The body is not valid JSON. {reason}", reason=message_of(error))
        ) from error
    if is_large:
        pauses.rest()
    return value


def _check_members(body: bytes) -> None:
    """Refuse a large body with many empty members, because parsing it takes long."""
    members = strict_json.count_members(body)
    if members.are_too_many:
        raise MalformedInput(
            Message(
                "The body has some {count:,} members; one of its size has at most {most:,}.",
                count=members.number,
                most=members.most,
            )
        )


def _parameter_error(error: FieldError, schema: Schema) -> FieldError:
    """An error in a parameter or a header, by name; an unknown name gets a hint."""
    name = error.pointer.split("/")[1]
    if not error.detail.startswith(UNKNOWN_FIELD):
        return FieldError(name, error.detail)
    names = sorted(field.data_key or key for key, field in schema.fields.items())
    similar = closest_match(name, names)
    if similar:
        hint = Message("Did you mean `{name}`?", name=similar)
    else:
        hint = Message("There are: {names}.", names=", ".join(names))
    return FieldError(name, Message("Unknown parameter. {hint}", hint=hint))


def _immutable(value: Any) -> Any:
    """Return a parsed parameter in a form that requests can share: a list as a tuple."""
    return tuple(map(_immutable, value)) if isinstance(value, list) else value


class Blueprint(flask_smorest.Blueprint):
    """A group of endpoints. The name of a view function is its operationId."""

    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """Register a view behind its permission check, and again for its alternative format, if it has one.

        Raises LookupError if ENDPOINTS does not name it.
        """
        register = super().route

        def decorator(view: Any) -> Any:
            registered = register(rule, **options)(self._operation(view))
            if hasattr(view, "alternative"):
                register(rule + view.alternative.extension, **options)(
                    self._operation(alternative_view(view))
                )
            return registered

        return decorator

    def _operation(self, view: Any) -> Any:
        return self.doc(operationId=view.__name__)(with_permission_check(view))

    def arguments(self, schema: Any, **options: Any) -> Any:
        """Parse arguments with a schema that is instantiated once (docs/decisions/0027), not per request."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)

    def register_views_in_doc(self, api: Api, *args: Any, **options: Any) -> None:
        """Defer building the document until it is requested (docs/decisions/0027)."""
        api.deferred_docs.append(partial(super().register_views_in_doc, api, *args, **options))

    def _prepare_arguments_doc(self, doc: Any, doc_info: Any, **kwargs: Any) -> Any:
        # The default response covers errors of every status.
        doc_info.get("arguments", {}).pop("responses", None)
        return super()._prepare_arguments_doc(doc, doc_info, **kwargs)


class Api(flask_smorest.Api):
    """The API. Its only error format is problem+json."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *args: Any, **options: Any) -> None:
        self.deferred_docs: list[Callable[[], None]] = []
        super().__init__(*args, **options)
        write, lock = self.spec.to_dict, threading.Lock()

        def to_dict() -> Any:
            with lock:
                while self.deferred_docs:
                    self.deferred_docs.pop(0)()
                return complete(write())

        self.spec.to_dict = to_dict

    def handle_http_exception(self, error: HTTPException) -> Any:
        return problem_response(error)

    def _register_responses(self) -> None:
        self.spec.components.response(
            "DEFAULT_ERROR",
            {
                "description": "An error.",
                "headers": LANGUAGE_HEADER,
                "content": {PROBLEM_TYPE: {"schema": ProblemSchema}},
            },
            lazy=True,
        )


def make_api(app: Flask) -> Api:
    """Create the API of an application, still without endpoints."""
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(API_TITLE="Brand Postmortems", API_VERSION=__version__, OPENAPI_VERSION=OPENAPI_VERSION)
    plugin = SchemaPlugin()
    api = Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": plugin,
            "info": {
                "description": _DESCRIPTION,
                "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/", "description": "The installation that serves this document."}],
            "security": [{}, {"bearer": []}],
        },
    )
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": "A token: `kb_...`."}
    )
    # flask-smorest declares it even if its own pagination is not used.
    api.spec.components.schemas.pop("PaginationMetadata", None)
    app.after_request(_add_cache_headers)
    return api


def _add_cache_headers(response: Any) -> Any:
    """Add caching headers to a response of the API, and answer If-None-Match with 304."""
    if request.path.startswith(API_ROOT):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(_VARY)
    # The only conditional read that is supported.
    conditional = request.method in ("GET", "HEAD") and "If-None-Match" in request.headers
    if conditional and response.status_code == 200 and "ETag" in response.headers:
        # Given both headers, Werkzeug would follow If-Match, which `*` does not match.
        response.make_conditional({**request.environ, "HTTP_IF_MATCH": ""})
    return response
