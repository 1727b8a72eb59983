"""Endpoints for suggested guards, and for examples that are offered to guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from flask import Response

from kb.api.idempotent import idempotent
from kb.api.negotiation import YAML, alternative_format
from kb.api.responses import LINK_HEADER, page_response
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.guard import OfferStatus
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.guard_offers import (
    DecidedOfferSchema,
    OfferDecisionSchema,
    OfferListSchema,
    OfferQuerySchema,
    SuggestedGuardsSchema,
)
from kb.services.check.guard_writing import offers, suggestions
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "guard_offers",
    __name__,
    url_prefix=API_ROOT,
    description="Guards that incidents suggest, and examples that are offered to guards.",
)


@blueprint.route("/incidents/<int:incident_id>/guard-suggestion", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, SuggestedGuardsSchema)
def get_guard_suggestion(query: Mapping[str, Any], incident_id: int) -> Any:
    """Suggest the guard that would have stopped an incident.

    Suggestions are based on its failure modes, its themes and its post, which is the text of the check that
    the incident names, if that was stored.
    """
    return suggestions.suggest_guards(current_actor(), incident_id, reader_languages(query))


def _as_yaml(page: Mapping[str, Any]) -> Response:
    """The examples of a page, in the format of guard files."""
    good = [item["example"] for item in page["items"]]
    text = yaml.safe_dump({"examples": {"good": good}}, allow_unicode=True, sort_keys=False, width=110)
    return Response(text, mimetype=YAML.mimetype)


@blueprint.route("/guards/<guard>/offers", methods=["GET"])
@blueprint.arguments(OfferQuerySchema, location="query")
@blueprint.response(200, OfferListSchema, headers=LINK_HEADER)
@alternative_format(YAML, _as_yaml)
def list_offers(query: Mapping[str, Any], guard: str) -> Any:
    """List the examples offered to a guard.

    The newest come first. For its owner: a lesson's guard belongs to the team of its incident, any other
    guard to site administrators.
    """
    status = query.get("status")
    return page_response(
        offers.list_offers(
            current_actor(),
            guard,
            status=None if status is None else OfferStatus(status),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route("/guards/<guard>/offers/<int:offer_id>/decision", methods=["POST"])
@blueprint.arguments(OfferDecisionSchema)
@blueprint.response(200, DecidedOfferSchema)
@idempotent(blueprint, lambda offer: (offer, 200, {}))
def decide_offer(data: Mapping[str, Any], guard: str, offer_id: int) -> Any:
    """Accept or decline an offered example. An accepted one becomes a good example of the lesson's guard.

    If the guard still finds something in the example, send a changed guard as well. Other guards get examples
    only from their files: download the offers as YAML, change the file, then set the status to `taken_over`.
    """
    return offers.decide_offer(current_actor(), guard, offer_id, data)
