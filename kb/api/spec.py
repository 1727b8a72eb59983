"""flask-smorest, wrapped once: strict input, one kind of error, an OpenAPI document that says so."""

from __future__ import annotations

import threading
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import request
from marshmallow import EXCLUDE, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from kb import __version__
from kb.api.problems import PROBLEM_TYPE, problem_response
from kb.config import API_ROOT
from kb.domain.strict_json import loads
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.schemas.pointers import field_errors
from kb.schemas.problems import ProblemSchema
from kb.schemas.query_fields import keys_parameter
from kb.web.endpoints import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask, Request
    from marshmallow import Schema
    from werkzeug.exceptions import HTTPException


_VARY = ("Accept", "Accept-Language", "Authorization")

_MAX_CACHED_REQUESTS, _MAX_CACHED_LENGTH = 1_000, 500
"""How many requests' parameters are cached, and how many characters of them a request may have."""

OPENAPI_VERSION = "3.1.0"

_DESCRIPTION = """\
Brand and social-media failures as structured postmortems: search precedents before a launch, file your own.

An incident travels flat, in one language. Errors are `application/problem+json` (RFC 9457), by field.
A change needs `If-Match` with the ETag of what was read; a POST may carry an `Idempotency-Key`.
Without a token, published incidents can be read; `Authorization: Bearer kb_...` does the rest.
"""


class Parser(FlaskParser):
    """Reads requests strictly: JSON as RFC 8259 means it, and no parameter that is not known."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "headers": EXCLUDE}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cached: dict[tuple[Schema, tuple[tuple[str, str], ...]], Mapping[str, Any]] = {}

    def load_json(self, req: Request, schema: Schema) -> Any:
        needs_none = req.method == "POST" and not any(field.required for field in schema.fields.values())
        if needs_none and not req.mimetype and not req.get_data(cache=True):
            return {}
        if req.mimetype != "application/json":
            raise UnsupportedMediaType("Send the body as application/json.")
        if req.content_encoding not in (None, "identity"):
            raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
        try:
            return loads(req.get_data(cache=True))
        except ValueError as error:
            raise MalformedInput(f"The body is not readable JSON. {error}") from error

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """A request's parameters or body, validated by its schema.

        Where the schema names the parameter that is `typed`, the others are much the same from one request to
        the next: they are parsed once and cached (figures in docs/decisions/0027). Requests share the cached
        values, so each is immutable; the mapping is each request's own.
        """
        typed = getattr(argmap, "typed", None)
        if typed is None or options.get("location") != "query":
            return super().parse(argmap, req, **options)
        given = request.args.getlist(typed)
        key = (argmap, tuple(pair for pair in request.args.items(multi=True) if pair[0] != typed))
        others = self._cached.get(key)
        if others is None or len(given) != 1:
            parsed = {
                name: _immutable(value) for name, value in super().parse(argmap, req, **options).items()
            }
            if sum(map(len, chain.from_iterable(key[1]))) <= _MAX_CACHED_LENGTH:
                if len(self._cached) >= _MAX_CACHED_REQUESTS:
                    self._cached.clear()
                self._cached[key] = {name: value for name, value in parsed.items() if name != typed}
            return parsed
        try:
            return {**others, typed: argmap.fields[typed].deserialize(given[0])}
        except ValidationError:
            return super().parse(argmap, req, **options)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002
        schema: Schema,  # noqa: ARG002
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Any,  # noqa: ARG002
    ) -> Any:
        errors: list[FieldError] = []
        for location, messages in error.messages_dict.items():
            found = field_errors(messages)
            if location != "json":
                found = [FieldError(item.pointer.split("/")[1], item.detail) for item in found]
            errors += found
        raise InvalidInput(errors) from error


def _immutable(value: Any) -> Any:
    """A parsed parameter in a form that requests can share: a list as a tuple."""
    return tuple(map(_immutable, value)) if isinstance(value, list) else value


class Blueprint(flask_smorest.Blueprint):
    """A group of endpoints; each is named in the document by its function."""

    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """Register a view behind its permission check. Raises LookupError if ENDPOINTS does not name it."""
        register = super().route

        def decorator(view: Any) -> Any:
            return register(rule, **options)(self.doc(operationId=view.__name__)(guarded(view)))

        return decorator

    def arguments(self, schema: Any, **options: Any) -> Any:
        """Parse arguments by one instance of a schema, not one for each request (docs/decisions/0027)."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)

    def register_views_in_doc(self, api: Api, *args: Any, **options: Any) -> None:
        """Postpone the document until it is requested: it takes twice as long as making the application
        (docs/decisions/0027).
        """
        api.documented_later.append(partial(super().register_views_in_doc, api, *args, **options))

    def _prepare_arguments_doc(self, doc: Any, doc_info: Any, **kwargs: Any) -> Any:
        # All errors are covered by the default response, whichever their status.
        doc_info.get("arguments", {}).pop("responses", None)
        return super()._prepare_arguments_doc(doc, doc_info, **kwargs)


class Api(flask_smorest.Api):
    """The API, with problem+json as its only kind of error."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *args: Any, **options: Any) -> None:
        self.documented_later: list[Callable[[], None]] = []
        super().__init__(*args, **options)
        write, lock = self.spec.to_dict, threading.Lock()

        def to_dict() -> Any:
            with lock:
                while self.documented_later:
                    self.documented_later.pop(0)()
                return write()

        self.spec.to_dict = to_dict

    def handle_http_exception(self, error: HTTPException) -> Any:
        return problem_response(error)

    def _register_responses(self) -> None:
        self.spec.components.response(
            "DEFAULT_ERROR",
            {"description": "What went wrong.", "content": {PROBLEM_TYPE: {"schema": ProblemSchema}}},
            lazy=True,
        )


def make_api(app: Flask) -> Api:
    """The API of an application, still without endpoints."""
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(
        API_TITLE="Brand Postmortems",
        API_VERSION=__version__,
        OPENAPI_VERSION=OPENAPI_VERSION,
    )
    plugin = MarshmallowPlugin()
    api = Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": plugin,
            "info": {"description": _DESCRIPTION},
            "servers": [{"url": "/"}],
            "security": [{}, {"bearer": []}],
        },
    )
    assert plugin.converter is not None
    plugin.converter.add_parameter_attribute_function(lambda _, field, **kw: keys_parameter(field, **kw))
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    # flask-smorest declares it whether or not its own pagination is used.
    api.spec.components.schemas.pop("PaginationMetadata", None)
    app.after_request(_finish)
    return api


def _finish(response: Any) -> Any:
    """Say how an answer of the API may be cached, and answer conditional reads."""
    if request.path.startswith(API_ROOT):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(_VARY)
    # Of the conditions of a reader, this is the one that we serve.
    asks = request.method in ("GET", "HEAD") and "If-None-Match" in request.headers
    if asks and response.status_code == 200 and "ETag" in response.headers:
        response.make_conditional(request)
    return response
