"""Drafts as somebody hands them in, with names of the taxonomy in whatever spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from kb.errors import InvalidInput
from kb.guards.definition import to_draft
from kb.schemas.guards import DraftSchema
from kb.schemas.pointers import field_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.draft import Draft
    from kb.services.taxonomy.lookup import TermLookup

_CLASSIFICATIONS = ("platform", "industry")
"""What a draft says in keys of the taxonomy, each in the namespace of the same name."""

_SCHEMA = DraftSchema()


def read_draft(data: Any, terms: TermLookup) -> Draft:
    """The draft that the body of a request describes. Raises InvalidInput, with the nearest known platform
    or industry for an unknown one."""
    try:
        loaded = _SCHEMA.load(data)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return to_draft(with_term_keys(loaded, terms))


def with_term_keys(data: Mapping[str, Any], terms: TermLookup) -> dict[str, Any]:
    """The data of a draft with the keys of the terms that it names. Raises InvalidInput for unknown ones."""
    terms.errors.clear()
    found = {name: terms.find(name, data[name], f"/{name}") for name in _CLASSIFICATIONS if name in data}
    if terms.errors:
        raise InvalidInput(tuple(terms.errors))
    return {**data, **{name: term.key for name, term in found.items() if term is not None}}
