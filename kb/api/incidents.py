"""Endpoints for incidents: list, create, read, change, withdraw, translate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response
from marshmallow import ValidationError

from kb.api.csv_responses import incidents_response
from kb.api.etags import if_match_versions, incident_etag
from kb.api.idempotent import idempotent
from kb.api.negotiation import CSV, offers, requests_format
from kb.api.problems import LANGUAGE_HEADER, PROBLEM_TYPE
from kb.api.responses import (
    INCIDENT_HEADERS,
    INDEX_HEADERS,
    LINK_HEADER,
    LOCATION_HEADER,
    WRITE_HEADERS,
    created_incident_response,
    dry_run_response,
    page_response,
    proposed_instead,
    updated_incident_response,
    write_result_headers,
)
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.sorting import LIST_ORDERS
from kb.errors import FieldError, InvalidInput
from kb.messages import message_of
from kb.schemas.dry_run import DryRunQuerySchema, DryRunSchema
from kb.schemas.filters import LanguageQuerySchema, ListQuerySchema
from kb.schemas.headers import ConditionSchema
from kb.schemas.incident import CARD_COLUMNS, CardListSchema, IncidentSchema
from kb.schemas.incident_input import IncidentInputSchema, IncidentPatchSchema, TranslationInputSchema
from kb.schemas.language_tags import canonical_language
from kb.schemas.problems import ProblemSchema
from kb.services.incidents import read, write
from kb.services.incidents.filing.dry_run import try_incident
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("incidents", __name__, url_prefix=API_ROOT, description="Failures and near misses.")

_merged_response = blueprint.alt_response(
    308,
    schema=ProblemSchema,
    content_type=PROBLEM_TYPE,
    headers={**LOCATION_HEADER, **LANGUAGE_HEADER},
    description="Merged into another incident; follow `Location`.",
)


@blueprint.route("/incidents", methods=["GET"])
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, CardListSchema, headers=LINK_HEADER)
@offers(CSV)
def list_incidents(query: Mapping[str, Any]) -> Any:
    """List incidents. By default, most recent occurrence first."""
    as_csv = requests_format(query, CSV)
    page = read.list_incidents(
        current_actor(),
        incident_filter(query),
        reader_languages(query),
        limit=query["limit"],
        cursor=query.get("cursor"),
        order=LIST_ORDERS[query["sort"]],
        as_rows=as_csv and not {*query["columns"]} <= {*CARD_COLUMNS},
    )
    body, headers = page_response(page)
    return (incidents_response(page.items, query) if as_csv else body), headers


def _created_or_tried(result: Any) -> Any:
    return result if isinstance(result, Response) else created_incident_response(result)


@blueprint.route("/incidents", methods=["POST"])
@blueprint.arguments(IncidentInputSchema)
@blueprint.arguments(DryRunQuerySchema, location="query")
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(201, IncidentSchema, headers={**WRITE_HEADERS, **LOCATION_HEADER})
@blueprint.alt_response(
    200,
    schema=DryRunSchema,
    headers=INDEX_HEADERS,
    description="With `dry_run`: what would happen. Nothing was stored.",
    success=True,
)
@idempotent(blueprint, _created_or_tried, unless=lambda _data, query: query["dry_run"])
def create_incident(data: Mapping[str, Any], query: Mapping[str, Any]) -> Any:
    """Create an incident in one of your teams. A draft needs a title, an organization and a category."""
    if query["dry_run"]:
        return dry_run_response(try_incident(current_actor(), data))
    return write.create_incident(current_actor(), data)


@blueprint.route("/incidents/<int:incident_id>", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, IncidentSchema, headers=INCIDENT_HEADERS)
@_merged_response
def get_incident(query: Mapping[str, Any], incident_id: int) -> Any:
    """Get one incident."""
    return _incident_response(read.get_incident(current_actor(), incident_id, reader_languages(query)))


@blueprint.route("/incidents/by-slug/<team>/<slug>", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, IncidentSchema, headers=INCIDENT_HEADERS)
@_merged_response
def get_incident_by_slug(query: Mapping[str, Any], team: str, slug: str) -> Any:
    """Get one incident by its slug in a team."""
    incident = read.get_incident_by_slug(current_actor(), team, slug, reader_languages(query))
    return _incident_response(incident)


def _incident_response(incident: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    return incident, {"ETag": incident_etag(incident), "Content-Language": incident["language"]}


@blueprint.route("/incidents/<int:incident_id>", methods=["PATCH"])
@blueprint.arguments(IncidentPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITE_HEADERS)
@proposed_instead(blueprint)
def update_incident(data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Change an incident.

    Only the fields that are sent change. A list replaces the current list. Null clears a field that may be
    null. A change to a published incident by somebody who may not publish without a review becomes a proposal
    (202).
    """
    return updated_incident_response(
        write.update_incident(current_actor(), incident_id, if_match_versions(condition), data)
    )


@blueprint.route("/incidents/<int:incident_id>", methods=["DELETE"])
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(204, headers=WRITE_HEADERS)
def withdraw_incident(condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Withdraw an incident. Its team can still read it with its history; nothing is deleted."""
    result = write.withdraw_incident(current_actor(), incident_id, if_match_versions(condition))
    return "", write_result_headers(result)


@blueprint.route("/incidents/<int:incident_id>/translations/<language>", methods=["PUT"])
@blueprint.arguments(TranslationInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITE_HEADERS)
@blueprint.alt_response(201, schema=IncidentSchema, headers=WRITE_HEADERS, success=True)
@proposed_instead(blueprint)
def put_translation(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, language: str
) -> Any:
    """Add or replace a translation of an incident. Texts that the body leaves out are removed."""
    try:
        tag = canonical_language(language)
    except ValidationError as error:
        raise InvalidInput([FieldError("language", message_of(error))]) from error
    result = write.translate_incident(current_actor(), incident_id, if_match_versions(condition), tag, data)
    if result.created and result.proposal is None:
        return result.incident, 201, write_result_headers(result)
    return updated_incident_response(result)
