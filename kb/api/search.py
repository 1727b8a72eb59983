"""The endpoint of search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.requests import current_actor, incident_filter, wanted_languages
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.domain.permissions import Action
from kb.schemas.answers import SearchPageSchema
from kb.schemas.query import SearchQuerySchema
from kb.services import search as service

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("search", __name__, url_prefix=API_ROOT, description="Precedents, before a launch.")


@blueprint.route("/search", methods=["GET"], action=Action.READ)
@blueprint.arguments(SearchQuerySchema, location="query")
@blueprint.response(200, SearchPageSchema)
def search(query: Mapping[str, Any]) -> Any:
    """Find incidents by words, in any language that they exist in."""
    return service.search(
        current_actor(),
        query["q"],
        incident_filter(query),
        wanted_languages(query),
        facets=query["facets"],
        limit=query["limit"],
        offset=query["offset"],
    )
