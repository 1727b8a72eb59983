"""Endpoints for the taxonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.csv_responses import csv_response
from kb.api.negotiation import CSV, offers, requests_format
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.links import namespace_url
from kb.schemas.taxonomy import NamespaceTermsSchema, TaxonomySchema, TermsQuerySchema
from kb.services.taxonomy import listing
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "taxonomy", __name__, url_prefix=API_ROOT, description="The terms that classify incidents."
)


@blueprint.route("/taxonomy", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, TaxonomySchema)
def list_namespaces(query: Mapping[str, Any]) -> Any:
    """List the namespaces of the taxonomy. Each has the `url` of its terms."""
    namespaces = listing.list_namespaces(current_actor(), reader_languages(query))
    return {"namespaces": [{**row, "url": namespace_url(row["key"])} for row in namespaces]}


@blueprint.route("/taxonomy/<namespace>", methods=["GET"])
@blueprint.arguments(TermsQuerySchema, location="query")
@blueprint.response(200, NamespaceTermsSchema)
@offers(CSV)
def get_namespace(query: Mapping[str, Any], namespace: str) -> Any:
    """List the terms of a namespace. Each has the number of incidents under it."""
    terms = listing.get_namespace(current_actor(), namespace, reader_languages(query))
    return csv_response(terms["terms"], query) if requests_format(query, CSV) else terms
