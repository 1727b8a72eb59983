"""The query of a page's address, checked by the schemas of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request
from marshmallow import ValidationError

from kb.errors import InvalidInput
from kb.schemas.pointers import field_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marshmallow import Schema

Pairs = list[tuple[str, str]]
"""Names and values of query parameters."""


def sent_parameters() -> Pairs:
    """The parameters of the address that have a value: a form sends empty fields, too."""
    return [(name, value) for name, value in request.args.items(multi=True) if value.strip()]


def load_query(schema: Schema, **others: Any) -> Mapping[str, Any]:
    """What a schema makes of the address and some `others`; parameters that it does not know are left out.

    Several values of one name count as one list. Raises InvalidInput.
    """
    known = parameter_names(schema)
    sent: dict[str, list[str]] = {}
    for name, value in sent_parameters():
        if name in known:
            sent.setdefault(name, []).append(value)
    try:
        loaded: Mapping[str, Any] = schema.load(
            {name: ",".join(values) for name, values in sent.items()} | others
        )
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return loaded


def parameter_names(schema: Schema) -> set[str]:
    """The names of the parameters that a schema knows."""
    return {field.data_key or name for name, field in schema.fields.items()}


def page_url(parameters: Iterable[tuple[str, Any]]) -> str:
    """The address of the current page with other parameters."""
    query = urlencode([(name, value) for name, value in parameters if value not in (None, "")])
    return f"{request.script_root}{request.path}{'?' if query else ''}{query}"
