"""Check an incident from a file for errors beyond the form of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import Status
from kb.errors import FieldError, InvalidInput
from kb.services.incidents.content.facts import classify, response_terms
from kb.services.review.completeness import require_published_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.taxonomy.lookup import TermLookup


def unknown_terms(data: Mapping[str, Any], terms: TermLookup) -> list[FieldError]:
    """The unknown terms of an incident of which not all fields are valid, so that some may be missing."""
    terms.errors.clear()
    classify(terms, data)
    for position, response in enumerate(data.get("responses", ())):
        if "kind" in response:
            terms.find("response", response["kind"], f"/responses/{position}/kind")
    return list(terms.errors)


def content_errors(data: Mapping[str, Any], terms: TermLookup) -> list[FieldError]:
    """The unknown terms of an incident and, if it is to be published, the required fields that it lacks."""
    terms.errors.clear()
    classify(terms, data)
    response_terms(terms, data)
    errors = list(terms.errors)
    if data["status"] == Status.PUBLISHED:
        try:
            require_published_fields(data)
        except InvalidInput as error:
            errors += error.errors
    return errors
