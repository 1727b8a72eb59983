"""Read submitted drafts, which may name terms of the taxonomy in any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError
from sqlalchemy import and_, or_, select

from kb.domain.check import CheckRequest, Suppression
from kb.errors import InvalidInput
from kb.guards.definition import to_draft
from kb.models import Term
from kb.models.prepared_select import PreparedSelect
from kb.schemas.check_input import DraftCheckInputSchema
from kb.schemas.pointers import field_errors
from kb.services.taxonomy.lookup import TermLookup
from kb.services.taxonomy.named_terms import DRAFT_TERMS, with_term_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA = DraftCheckInputSchema()

_TERMS_IN_USE = PreparedSelect(
    lambda values: select(Term.namespace, Term.key).where(
        or_(
            *(
                and_(Term.namespace == namespace, Term.key == key)
                for namespace, key in zip(values[::2], values[1::2], strict=True)
            )
        ),
        ~Term.retired,
    )
)
"""Selects the terms in use among given ones, each a namespace and a key."""


def read_request(data: Any, terms: TermLookup) -> CheckRequest:
    """Read a check request from raw data. Raises InvalidInput, as `to_request` does."""
    try:
        loaded = _SCHEMA.load(data)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return to_request(loaded, terms)


def to_request(data: Mapping[str, Any], terms: TermLookup | None = None) -> CheckRequest:
    """Make a check request from loaded data. Raises InvalidInput for an unknown platform or industry, and
    names the nearest known one.

    For many drafts, pass `terms` to share them; otherwise they are read only if the draft names a term by
    anything but its key.
    """
    return CheckRequest(
        draft=to_draft(_with_keys(data, terms)),
        keep_text=data.get("keep_text", False),
        suppress=tuple(Suppression(**each) for each in data.get("suppress", ())),
        weak=data.get("weak", False),
    )


def _with_keys(data: Mapping[str, Any], terms: TermLookup | None) -> dict[str, Any]:
    if terms is None:
        if _are_keys({name: data[name] for name in DRAFT_TERMS if name in data}):
            return {**data}
        terms = TermLookup()
    terms.errors.clear()
    keyed = with_term_keys(data, terms)
    if terms.errors:
        raise InvalidInput(tuple(terms.errors))
    return keyed


def _are_keys(named: Mapping[str, str]) -> bool:
    """Whether all names, given by namespace, are keys of terms in use."""
    if not named:
        return True
    rows = _TERMS_IN_USE.rows([value for pair in named.items() for value in pair])
    return named.items() <= {*map(tuple, rows)}
