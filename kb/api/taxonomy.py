"""Endpoints of the taxonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.negotiation import requests_format
from kb.api.spec import Blueprint
from kb.api.tables import CSV_TYPE, csv_response
from kb.config import API_ROOT
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.taxonomy import NamespaceTermsSchema, TaxonomySchema, TermsQuerySchema
from kb.services.taxonomy import listing as service
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "taxonomy", __name__, url_prefix=API_ROOT, description="The terms that incidents are classified by."
)

_COLUMNS = ("key", "label", "description", "parent", "scheme", "retired", "replaced_by", "count")


@blueprint.route("/taxonomy", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, TaxonomySchema)
def list_namespaces(query: Mapping[str, Any]) -> Any:
    """The axes of classification."""
    return {"namespaces": service.list_namespaces(current_actor(), reader_languages(query))}


@blueprint.route("/taxonomy/<namespace>", methods=["GET"])
@blueprint.arguments(TermsQuerySchema, location="query")
@blueprint.response(200, NamespaceTermsSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=CSV_TYPE, description="OK", success=True)
def get_namespace(query: Mapping[str, Any], namespace: str) -> Any:
    """The terms of one axis, each with how many incidents carry it."""
    found = service.get_namespace(current_actor(), namespace, reader_languages(query))
    if requests_format(query, "csv", CSV_TYPE):
        return csv_response(found["terms"], _COLUMNS)
    return found
