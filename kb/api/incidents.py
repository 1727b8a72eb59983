"""Endpoints of incidents: list, file, read, change, withdraw, translate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request
from marshmallow import ValidationError

from kb.api.csv_responses import CSV_TYPE, csv_response
from kb.api.etags import if_match_versions, incident_etag
from kb.api.idempotent import idempotent
from kb.api.negotiation import alternative_format
from kb.api.problems import PROBLEM_TYPE
from kb.api.responses import ETAG, LOCATION, WRITTEN, changed, created, page, written_headers
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.errors import FieldError, InvalidInput
from kb.schemas.fields import canonical_language
from kb.schemas.filters import LanguageQuerySchema, ListQuerySchema
from kb.schemas.headers import ConditionSchema
from kb.schemas.incident import CardListSchema, CardSchema, IncidentSchema
from kb.schemas.incident_input import IncidentInputSchema, IncidentPatchSchema, TranslationInputSchema
from kb.schemas.problems import ProblemSchema
from kb.services.incidents import read, write
from kb.services.taxonomy.query_filters import incident_filter
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("incidents", __name__, url_prefix=API_ROOT, description="Failures and near misses.")


def _export(page: Mapping[str, Any]) -> Response:
    """A page of incidents as CSV. The audit log records who exported it."""
    read.log_export(current_actor(), request.full_path, len(page["items"]))
    return csv_response(CardSchema(many=True).dump(page["items"]), list(CardSchema().fields))


@blueprint.route("/incidents", methods=["GET"])
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, CardListSchema)
@alternative_format(blueprint, "csv", CSV_TYPE, _export)
def list_incidents(query: Mapping[str, Any]) -> Any:
    """List incidents, the latest to occur first."""
    return page(
        read.list_incidents(
            current_actor(),
            incident_filter(query),
            reader_languages(query),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


@blueprint.route("/incidents", methods=["POST"])
@blueprint.arguments(IncidentInputSchema)
@blueprint.response(201, IncidentSchema, headers={**WRITTEN, **LOCATION})
@idempotent(blueprint, created)
def create_incident(data: Mapping[str, Any]) -> Any:
    """File an incident for the caller's team."""
    return write.create_incident(current_actor(), data)


@blueprint.route("/incidents/<int:incident_id>", methods=["GET"])
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, IncidentSchema, headers=ETAG)
@blueprint.alt_response(304, description="It is still as the given ETag says.", success=True)
@blueprint.alt_response(
    308,
    schema=ProblemSchema,
    content_type=PROBLEM_TYPE,
    headers=LOCATION,
    description="It is a duplicate of the one at `Location`.",
)
def get_incident(query: Mapping[str, Any], incident_id: int) -> Any:
    """Read one incident."""
    incident = read.get_incident(current_actor(), incident_id, reader_languages(query))
    return incident, {"ETag": incident_etag(incident), "Content-Language": incident["language"]}


@blueprint.route("/incidents/<int:incident_id>", methods=["PATCH"])
@blueprint.arguments(IncidentPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITTEN)
def update_incident(data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Change what is sent; a list that is sent replaces the one that is there."""
    return changed(write.update_incident(current_actor(), incident_id, if_match_versions(condition), data))


@blueprint.route("/incidents/<int:incident_id>", methods=["DELETE"])
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(204)
def withdraw_incident(condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Withdraw an incident. Its team keeps it, with its history: nothing is ever lost."""
    written = write.withdraw_incident(current_actor(), incident_id, if_match_versions(condition))
    return "", written_headers(written)


@blueprint.route("/incidents/<int:incident_id>/translations/<language>", methods=["PUT"])
@blueprint.arguments(TranslationInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=WRITTEN)
@blueprint.alt_response(201, schema=IncidentSchema, headers=WRITTEN, success=True)
def put_translation(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, language: str
) -> Any:
    """Write an incident's texts in one more language, or all of them anew."""
    try:
        tag = canonical_language(language)
    except ValidationError as error:
        raise InvalidInput([FieldError("language", str(error.messages[0]))]) from error
    written = write.translate_incident(current_actor(), incident_id, if_match_versions(condition), tag, data)
    return written.incident, 201 if written.created else 200, written_headers(written)
