"""Endpoints for the examples that are offered to guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from flask import Response

from kb.api.idempotent import idempotent
from kb.api.negotiation import YAML, alternative_format
from kb.api.responses import LINK_HEADER, page_response
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.check import OfferStatus
from kb.schemas.checks import DecidedOfferSchema, OfferDecisionSchema, OfferListSchema, OfferQuerySchema
from kb.services.check import offers
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "guard_offers",
    __name__,
    url_prefix=API_ROOT,
    description="Drafts in which a guard found something that is not a problem, offered to its owner.",
)


def _as_yaml(page: Mapping[str, Any]) -> Response:
    """The examples of a page, in the form in which the files of guards have them."""
    good = [item["example"] for item in page["items"]]
    text = yaml.safe_dump({"examples": {"good": good}}, allow_unicode=True, sort_keys=False, width=110)
    return Response(text, mimetype=YAML.mimetype)


@blueprint.route("/guards/<guard>/offers", methods=["GET"])
@blueprint.arguments(OfferQuerySchema, location="query")
@blueprint.response(200, OfferListSchema, headers=LINK_HEADER)
@alternative_format(YAML, _as_yaml)
def list_offers(query: Mapping[str, Any], guard: str) -> Any:
    """List the examples that were offered to a guard. Newest first, for its owner.

    A lesson's guard belongs to the team of its incident, any other guard to site administrators.
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
@idempotent(blueprint, lambda offer: (offer, 200))
def decide_offer(data: Mapping[str, Any], guard: str, offer_id: int) -> Any:
    """Accept or decline an offered example. An accepted one becomes a good example of the lesson's guard.

    A guard that still finds something in the example is refused: send it changed along with it. Guards of no
    lesson take examples from their files only: download the offers as YAML.
    """
    return offers.decide_offer(current_actor(), guard, offer_id, data)
