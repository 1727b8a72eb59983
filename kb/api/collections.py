"""Endpoints for collections: list, add, update and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.responses import LOCATION_HEADER
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.collections import (
    CollectionInputSchema,
    CollectionListSchema,
    CollectionQuerySchema,
    CollectionRemovalQuerySchema,
    CollectionReportSchema,
    CollectionSchema,
    ShippedCollectionSchema,
)
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.links import collection_url
from kb.services.exchange.collections import listing
from kb.services.exchange.collections.changes import add_input, add_shipped, remove
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.exchange.collections.report import CollectionReport

blueprint = Blueprint(
    "collections",
    __name__,
    url_prefix=API_ROOT,
    description="Collections are incidents that are added, updated and taken out together.",
)


@blueprint.route("/collections", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CollectionListSchema)
def list_collections(query: Mapping[str, Any]) -> Any:
    """List the collections.

    Shipped ones, and those that were added.
    """
    return {"items": listing.list_collections(current_actor(), reader_languages(query))}


@blueprint.route("/collections", methods=["POST"])
@blueprint.arguments(ShippedCollectionSchema)
@blueprint.arguments(CollectionQuerySchema, location="query")
@blueprint.response(200, CollectionReportSchema)
@blueprint.alt_response(201, schema=CollectionReportSchema, headers=LOCATION_HEADER, success=True)
def add_collection(data: Mapping[str, Any], query: Mapping[str, Any]) -> Any:
    """Add or update a shipped collection.

    Its incidents are published. Incidents that people have edited are left unchanged.
    """
    return _answer(add_shipped(current_actor(), data["key"], dry_run=query["dry_run"]))


@blueprint.route("/collections/<collection_key>", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, CollectionSchema)
def get_collection(query: Mapping[str, Any], collection_key: str) -> Any:
    """Get one collection.

    Its description, its license, and where to ask for a correction.
    """
    return listing.get_collection(current_actor(), collection_key, reader_languages(query))


@blueprint.route("/collections/<collection_key>", methods=["PUT"])
@blueprint.arguments(CollectionInputSchema)
@blueprint.arguments(CollectionQuerySchema, location="query")
@blueprint.response(200, CollectionReportSchema)
@blueprint.alt_response(201, schema=CollectionReportSchema, headers=LOCATION_HEADER, success=True)
def put_collection(data: Mapping[str, Any], query: Mapping[str, Any], collection_key: str) -> Any:
    """Add or update a collection of your own.

    Its incidents are published, and those that it no longer has are withdrawn. Incidents that people have
    edited are left unchanged.
    """
    return _answer(add_input(current_actor(), collection_key, data, dry_run=query["dry_run"]))


@blueprint.route("/collections/<collection_key>", methods=["DELETE"])
@blueprint.arguments(CollectionRemovalQuerySchema, location="query")
@blueprint.response(200, CollectionReportSchema)
def remove_collection(query: Mapping[str, Any], collection_key: str) -> Any:
    """Remove a collection.

    Its incidents are withdrawn, and nothing is deleted. Incidents that people have edited or work with are
    kept, unless `edited` is true.
    """
    return remove(current_actor(), collection_key, edited=query["edited"], dry_run=query["dry_run"]).to_dict()


def _answer(report: CollectionReport) -> Any:
    if report.is_new and not report.dry_run:
        return report.to_dict(), 201, {"Location": collection_url(report.key)}
    return report.to_dict(), 200
