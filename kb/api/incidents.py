"""Endpoints of incidents: list, file, read, change, withdraw, translate, history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request
from marshmallow import ValidationError

from kb.api.requests import (
    based_on,
    current_actor,
    etag,
    fingerprint,
    wanted_languages,
    wants,
)
from kb.api.spec import Blueprint
from kb.api.tables import CSV_TYPE, csv_response
from kb.config import API_ROOT, incident_url
from kb.domain.permissions import Action
from kb.errors import FieldError, InvalidInput
from kb.schemas.fields import canonical_language
from kb.schemas.incident import CardListSchema, CardSchema, IncidentSchema, RevisionListSchema
from kb.schemas.incident_input import IncidentInputSchema, IncidentPatchSchema, TranslationInputSchema
from kb.schemas.query import (
    ConditionSchema,
    IdempotencySchema,
    LanguageQuerySchema,
    ListQuerySchema,
    PageQuerySchema,
)
from kb.services import idempotency, incident_read, incident_write
from kb.services.filters import incident_filter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.incident_write import Written

blueprint = Blueprint("incidents", __name__, url_prefix=API_ROOT, description="Failures and near misses.")

_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Send it back as If-Match to change this."}}
_WRITTEN = {
    **_ETAG,
    "Index-Status": {
        "schema": {"type": "string", "enum": ["current", "pending"]},
        "description": "`current`: a search finds this already. `pending`: it will shortly.",
    },
}


@blueprint.route("/incidents", methods=["GET"], action=Action.READ)
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, CardListSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=CSV_TYPE, description="OK", success=True)
def list_incidents(query: Mapping[str, Any]) -> Any:
    """List incidents, the latest to occur first."""
    page = incident_read.list_incidents(
        current_actor(),
        incident_filter(query),
        wanted_languages(query),
        limit=query["limit"],
        cursor=query.get("cursor"),
    )
    headers = _link_to_next(page.next)
    if wants(query, "csv", CSV_TYPE):
        columns = list(CardSchema().fields)
        return csv_response(CardSchema(many=True).dump(page.items), columns), headers
    return page._asdict(), headers


@blueprint.route("/incidents", methods=["POST"], action=Action.CREATE)
@blueprint.arguments(IncidentInputSchema)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(
    201,
    IncidentSchema,
    headers={**_WRITTEN, "Location": {"schema": {"type": "string"}, "description": "Where it is."}},
)
def create_incident(data: Mapping[str, Any], headers: Mapping[str, str | None]) -> Any:
    """File an incident for the caller's team."""
    actor = current_actor()
    key = headers["key"]
    if key is None or actor.token_id is None:
        return _created(incident_write.create_incident(actor, data))
    claim = idempotency.claim(actor, key, fingerprint())
    if isinstance(claim, dict):
        return _created_before(claim)
    try:
        return _created(incident_write.create_incident(actor, data, claim=claim))
    except BaseException:
        idempotency.release(claim)
        raise


@blueprint.route("/incidents/<int:incident_id>", methods=["GET"], action=Action.READ)
@blueprint.arguments(LanguageQuerySchema, location="query")
@blueprint.response(200, IncidentSchema, headers=_ETAG)
@blueprint.alt_response(304, description="It is still as the given ETag says.", success=True)
def get_incident(query: Mapping[str, Any], incident_id: int) -> Any:
    """Read one incident."""
    incident = incident_read.get_incident(current_actor(), incident_id, wanted_languages(query))
    return incident, {"ETag": etag(incident), "Content-Language": incident["language"]}


@blueprint.route("/incidents/<int:incident_id>", methods=["PATCH"], action=Action.EDIT)
@blueprint.arguments(IncidentPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=_WRITTEN)
def update_incident(data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Change what is sent; a list that is sent replaces the one that is there."""
    return _written(incident_write.update_incident(current_actor(), incident_id, based_on(condition), data))


@blueprint.route("/incidents/<int:incident_id>", methods=["DELETE"], action=Action.DISCARD)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(204)
def withdraw_incident(condition: Mapping[str, str | None], incident_id: int) -> Any:
    """Withdraw an incident. Its team keeps it, with its history: nothing is ever lost."""
    written = incident_write.withdraw_incident(current_actor(), incident_id, based_on(condition))
    return "", _written_headers(written)


@blueprint.route(
    "/incidents/<int:incident_id>/translations/<language>", methods=["PUT"], action=Action.TRANSLATE
)
@blueprint.arguments(TranslationInputSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, IncidentSchema, headers=_WRITTEN)
@blueprint.alt_response(201, schema=IncidentSchema, headers=_WRITTEN, success=True)
def put_translation(
    data: Mapping[str, Any], condition: Mapping[str, str | None], incident_id: int, language: str
) -> Any:
    """Write an incident's texts in one more language, or all of them anew."""
    try:
        tag = canonical_language(language)
    except ValidationError as error:
        raise InvalidInput([FieldError("language", str(error.messages[0]))]) from error
    written = incident_write.translate_incident(current_actor(), incident_id, based_on(condition), tag, data)
    return written.incident, 201 if written.created else 200, _written_headers(written)


@blueprint.route("/incidents/<int:incident_id>/revisions", methods=["GET"], action=Action.READ_HISTORY)
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, RevisionListSchema)
def list_revisions(query: Mapping[str, Any], incident_id: int) -> Any:
    """The history of an incident, for its team: the latest write first, each with all it left behind."""
    page = incident_read.list_revisions(
        current_actor(), incident_id, limit=query["limit"], cursor=query.get("cursor")
    )
    return page._asdict(), _link_to_next(page.next)


def _created(written: Written) -> Any:
    headers = {**_written_headers(written), **_location(written.incident)}
    return written.incident, 201, headers


def _created_before(incident: dict[str, Any]) -> Any:
    """The first answer once more; by now the index has caught up, or will with the next write."""
    headers = {
        "ETag": etag(incident),
        "Content-Language": incident["language"],
        "Idempotent-Replayed": "true",
        **_location(incident),
    }
    return incident, 201, headers


def _location(incident: Mapping[str, Any]) -> dict[str, str]:
    return {"Location": incident_url(incident["id"])}


def _written(written: Written) -> Any:
    return written.incident, _written_headers(written)


def _written_headers(written: Written) -> dict[str, str]:
    return {
        "ETag": etag(written.incident),
        "Content-Language": written.incident["language"],
        "Index-Status": "current" if written.searchable else "pending",
    }


def _link_to_next(cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
    return {"Link": f'<{request.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}
